"""The command ``wdp``: nothing heavy is imported before a task is known."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from wdp_lib import __version__
from wdp_lib.errors import LANGUAGES, ParameterError, Text, WdpError, user_language

DONE, NOTEBOOK_FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130
_END_OF_TIME = "9999-12-31"
_EXIT_CODES = Text(
    "退出码：0 成功；1 有笔记本运行失败；2 参数、计划或数据有误；130 被中断。",
    "Exit codes: 0 done; 1 a notebook failed; 2 parameters, plan or data are wrong; 130 interrupted.",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line and return its exit code: 0, 1, 2 or 130.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after ``wdp``; those of the process by default.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    _never_fail_to_print()
    language = _asked_language(arguments) or user_language()
    os.environ["WDP_LANGUAGE"] = language
    options = _parser(language).parse_args(arguments)
    try:
        return options.action(options)
    except WdpError as error:
        print(error.render(language), file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        print(Text("已中断。", "Interrupted.").in_language(language), file=sys.stderr)
        return INTERRUPTED


def _never_fail_to_print() -> None:
    """Show ``?`` for what the console cannot show instead of stopping."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _asked_language(arguments: Sequence[str]) -> str | None:
    """The language named among the words, needed before the help is written."""
    for number, word in enumerate(arguments):
        asked = word.removeprefix("--language=") if "=" in word else "".join(arguments[number + 1 : number + 2])
        if word.split("=")[0] == "--language" and asked in LANGUAGES:
            return asked
    return None


class _Parser(argparse.ArgumentParser):
    """Argparse with headings in the user's language."""

    def __init__(self, *arguments, words: Text | None = None, **settings):
        language = user_language()
        described = words.in_language(language) if words else None
        super().__init__(*arguments, description=described, add_help=False, allow_abbrev=False, **settings)
        self.formatter_class = _Help
        self.epilog = _EXIT_CODES.in_language(language)
        self.arguments = self.add_argument_group(Text("参数", "arguments").in_language(language))
        self.options = self.add_argument_group(Text("选项", "options").in_language(language))
        self.options.add_argument(
            "-h", "--help", action="help", help=Text("显示本说明", "show this help").in_language(language)
        )


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage, actions, groups, prefix=None):
        words = Text("用法：", "usage: ").in_language(user_language())
        super().add_usage(usage, actions, groups, words if prefix is None else prefix)


def _parser(language: str) -> argparse.ArgumentParser:
    def say(zh: str, en: str) -> str:
        return Text(zh, en).in_language(language)

    parser = _Parser(
        prog="wdp",
        words=Text(
            "妇女发展规划的监测、预测与评估：从数据到报告。",
            "Monitoring, forecasting and evaluation of women's development plans: from data to report.",
        ),
    )
    parser.options.add_argument(
        "--version", action="version", version=f"wdp {__version__}", help=say("显示版本", "show the version")
    )
    _language(parser, say)
    tasks = parser.add_subparsers(
        title=say("命令", "commands"), metavar=say("命令", "COMMAND"), required=True, dest="task"
    )
    _add(tasks, say, "plans", _plans, "列出现有计划", "list the plans")
    _add(tasks, say, "data", _data, "列出现有数据集", "list the data sets")
    for add in (_add_run, _add_check, _add_archive, _add_simulate, _add_notebooks, _add_train):
        add(tasks, say)
    return parser


def _add(tasks, say, name, action, zh, en) -> _Parser:
    task = tasks.add_parser(name, help=say(zh, en), words=Text(zh, en))
    task.set_defaults(action=action)
    _language(task, say)
    return task


def _language(parser: _Parser, say) -> None:
    parser.options.add_argument(
        "--language",
        choices=LANGUAGES,
        default=argparse.SUPPRESS,
        help=say("界面和报告的语言（默认中文）", "language of messages and report (Chinese by default)"),
    )


def _add_run(tasks, say) -> None:
    task = _add(
        tasks, say, "run", _run, "按参数文件运行笔记本，生成报告", "run notebooks by a parameter file; make a report"
    )
    task.arguments.add_argument(
        "params", nargs="+", metavar="PARAMS", help=say("参数文件，如 params/x.yaml", "file(s) such as params/x.yaml")
    )
    task.options.add_argument(
        *("-p", "--parameter"),
        action="append",
        default=[],
        type=_name_and_value,
        metavar="NAME=VALUE",
        help=say("改用此参数值，可多次使用", "use this value of a parameter; may be repeated"),
    )
    task.options.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NOTEBOOK",
        help=say(
            "只运行此笔记本（结果在 <run>.part），可多次使用",
            "run this notebook only (into <run>.part); may be repeated",
        ),
    )
    task.options.add_argument(
        "--out", metavar="FOLDER", help=say("报告所在文件夹，默认 reports", "folder of the reports (default: reports)")
    )
    task.options.add_argument("--quiet", action="store_true", help=say("不显示进度", "show no progress"))


def _add_check(tasks, say) -> None:
    words = ("检查参数文件、计划或数据集，列出全部问题", "check parameter files, a plan, a data set")
    task = _add(tasks, say, "check", _check, *words)
    task.arguments.add_argument("params", nargs="*", metavar="PARAMS", help=say("参数文件", "parameter files"))
    task.options.add_argument("--plan", metavar="NAME", help=say("计划", "a plan"))
    task.options.add_argument(
        "--data", metavar="NAME", help=say("数据集，须同时给出 --plan", "a data set; needs --plan")
    )
    task.options.add_argument(
        "--as-of",
        metavar="DATE",
        help=say(
            "只看此日（年-月-日）已知的数据，默认为数据中最晚的一天",
            "only what was known by this day (ISO); by default the last day in the data",
        ),
    )


def _add_archive(tasks, say) -> None:
    task = _add(tasks, say, "archive", _archive, "把已完成的报告归档", "put a finished report into the archive")
    task.arguments.add_argument("report", metavar="FOLDER", help=say("报告文件夹", "folder of the report"))


def _archive(options: argparse.Namespace) -> int:
    from wdp_lib.evaluation import archive_report

    name = archive_report(options.report).name
    _say(Text(f"已归档：data/archive/{name}", f"archived: data/archive/{name}"))
    return DONE


def _add_simulate(tasks, say) -> None:
    task = _add(tasks, say, "simulate", _simulate, "生成模拟数据集", "make the simulated data set")
    task.options.add_argument(
        "--folder", required=True, metavar="FOLDER", help=say("写入此文件夹", "write into this folder")
    )
    task.options.add_argument(
        "--plan", default="ruyuan-2021-2030", metavar="NAME", help=say("所依据的计划", "the plan it is for")
    )
    task.options.add_argument(
        "--corrections", metavar="FILE", help=say("另写更正表到此文件", "write the table of corrections to this file")
    )
    for name, zh, en in (
        ("--first-year", "首年", "first year"),
        ("--last-year", "末年", "last year"),
        ("--seed", "随机种子", "seed of the random numbers"),
    ):
        task.options.add_argument(name, type=int, default=argparse.SUPPRESS, metavar="N", help=say(zh, en))


def _add_notebooks(tasks, say) -> None:
    words = ("用默认参数重新运行笔记本，更新其中保存的结果", "refresh the notebooks' outputs")
    task = _add(tasks, say, "notebooks", _notebooks, *words)
    task.arguments.add_argument(
        "names", nargs="*", metavar="NOTEBOOK", help=say("笔记本名，默认全部", "names; all by default")
    )


def _add_train(tasks, say) -> None:
    task = _add(tasks, say, "train-forecaster", _train, "重新学习默认预测模型", "learn the default forecaster anew")
    task.options.add_argument(
        "--data",
        nargs=2,
        required=True,
        metavar=("NATIONAL", "SUBNATIONAL"),
        help=say("真实年度序列（Parquet）", "real annual series (Parquet)"),
    )
    task.options.add_argument("--out", required=True, metavar="FOLDER", help=say("写入此文件夹", "write here"))
    task.options.add_argument("--seed", type=int, default=2026, metavar="N", help=say("随机种子", "seed"))


def _name_and_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"NAME=VALUE: {text!r}")
    return name, value


def _say(text: Text, run: str = "") -> None:
    print(f"{run} {text.in_language(user_language())}".lstrip(), flush=True)


def _run(options: argparse.Namespace) -> int:
    """Run the files side by side, one process each, as many as there are processors."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    jobs = 1 if _same_run_twice(options.params) else min(len(options.params), os.cpu_count() or 1)
    if jobs == 1:
        return max(_run_one(options, path) for path in options.params)
    # a fresh interpreter each: papermill changes the working folder of its whole process
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return max(pool.map(partial(_run_one, options), options.params))


def _same_run_twice(paths: Sequence[str]) -> bool:
    from wdp_lib.batch import read_run

    try:
        names = [read_run(path).run for path in paths]
    except WdpError:
        return True  # told one after another, as each file is read again
    return len(set(names)) < len(names)


def _run_one(options: argparse.Namespace, path: str) -> int:
    from wdp_lib.batch import run_batch

    overrides = dict(options.parameter)
    if "language" in options:
        overrides["language"] = options.language
    name = Path(path).stem if len(options.params) > 1 else ""
    tell = None if options.quiet else partial(_say, run=name)
    try:
        result = run_batch(path, overrides=overrides, out=options.out, only=options.only, progress=tell)
    except WdpError as error:
        print(error.render(), file=sys.stderr)
        return WRONG_INPUT
    return _report_failures(path, result)


def _report_failures(path: str, result) -> int:
    if not result.failed:
        return DONE
    names = ", ".join(result.failed)
    message = Text(f"{path}：运行失败的笔记本 {names}", f"{path}: notebooks that failed: {names}")
    print(message.in_language(user_language()), file=sys.stderr)
    return NOTEBOOK_FAILED


def _check(options: argparse.Namespace) -> int:
    from wdp_lib.home import find_home
    from wdp_lib.plan import load_plan

    if options.data and not options.plan:
        raise ParameterError(Text("--data 须与 --plan 同用。", "--data needs --plan."))
    if not (options.params or options.plan):
        raise ParameterError(
            Text("请给出参数文件、--plan 或 --data。", "Give parameter files, --plan, or --data with --plan.")
        )
    home, data_code = find_home(), DONE
    if options.plan:
        plan = load_plan(options.plan, home)
        _say(Text(f"计划 {options.plan}：没有问题", f"plan {options.plan}: no problems"))
        if options.data:
            data_code = _check_data(options.data, plan, options.as_of)
    codes = [data_code, *(_check_params(path, home) for path in options.params)]
    return max(codes)


def _check_params(path: str, home: Path) -> int:
    from wdp_lib.batch import check_run, read_run
    from wdp_lib.plan import load_plan

    try:
        run = read_run(path)
        check_run(run, home)
        plan = load_plan(run.parameters["plan"], home)
        _check_data(run.parameters["dataset"], plan, run.parameters["as_of"])
    except WdpError as error:
        print(error.render(), file=sys.stderr)
        return WRONG_INPUT
    _say(Text(f"{path}：可以运行", f"{path}: ready to run"))
    return DONE


def _check_data(name: str, plan, as_of: str | None) -> int:
    """Print every problem of the returns, what was kept out first; a file or row kept out makes the exit code 2."""
    from wdp_lib.data import read_dataset

    as_of = as_of or max(read_dataset(name, plan, as_of=_END_OF_TIME).observations["as_of"], default=_END_OF_TIME)
    dataset = read_dataset(name, plan, as_of=as_of)
    heads = {"reject": Text("不采用：", "kept out:"), "warn": Text("请核对：", "to be checked:")}
    for severity, head in heads.items():
        listed = [problem.message() for problem in dataset.problems if problem.severity == severity]
        print("\n  ".join([head.in_language(user_language()), *listed] if listed else []), end="\n" if listed else "")
    used, rejected, told = len(dataset.observations), len(dataset.rejected), len(dataset.problems)
    _say(
        Text(
            f"数据集 {name}（截至 {as_of}）：可用 {used} 行，不采用 {rejected} 行，提示与问题 {told} 条",
            f"data set {name} (known by {as_of}): {used} rows good, {rejected} rejected, {told} problems and remarks",
        )
    )
    return WRONG_INPUT if any(problem.severity == "reject" for problem in dataset.problems) else DONE


def _plans(options: argparse.Namespace) -> int:
    from wdp_lib.batch.params import read_yaml
    from wdp_lib.home import find_home

    for path in sorted((find_home() / "data" / "plans").glob("*/plan.yaml")):
        print(f"{path.parent.name}\t{read_yaml(path)['title'][user_language()]}")
    return DONE


def _data(options: argparse.Namespace) -> int:
    from wdp_lib.data.metadata import read_metadata
    from wdp_lib.home import find_home

    kinds = {"simulated": Text("模拟", "simulated"), "real": Text("真实", "real")}
    for path in sorted((find_home() / "data" / "observations").glob("*/dataset.yaml")):
        metadata = read_metadata(path)
        language = user_language()
        print(
            f"{path.parent.name}\t{kinds[metadata.kind].in_language(language)}\t{metadata.title.in_language(language)}"
        )
    return DONE


def _simulate(options: argparse.Namespace) -> int:
    from wdp_lib.plan import load_plan
    from wdp_lib.simulate import simulate_county, write_simulation

    given = vars(options)
    settings = {name: given[name] for name in ("first_year", "last_year", "seed") if name in given}
    simulation = simulate_county(load_plan(options.plan), **settings)
    folder = write_simulation(simulation, options.folder, corrections=options.corrections)
    _say(Text(f"模拟数据已写入 {folder}", f"Simulated data written to {folder}"))
    return DONE


def _train(options: argparse.Namespace) -> int:
    try:
        from wdp_lib.forecasting.training.train import train
    except ImportError as error:
        raise ParameterError(
            Text(
                f"缺少训练用的程序包 {error.name}，请先安装：pip install -e .[train]",
                f"The training library {error.name} is missing; install it: pip install -e .[train]",
            )
        ) from error
    train(*map(Path, options.data), Path(options.out), seed=options.seed)
    return DONE


def _notebooks(options: argparse.Namespace) -> int:
    from wdp_lib.batch import refresh_notebooks
    from wdp_lib.home import find_home

    outcomes = refresh_notebooks(find_home(), only=options.names, progress=_say)
    return NOTEBOOK_FAILED if any(outcome.failed for outcome in outcomes) else DONE


if __name__ == "__main__":
    sys.exit(main())

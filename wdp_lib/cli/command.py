"""The command ``wdp``: nothing heavy is imported before a task is known."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from wdp_lib import __version__
from wdp_lib.cli import actions, running
from wdp_lib.cli.chinese import in_chinese
from wdp_lib.cli.exits import INTERRUPTED, WRONG_INPUT
from wdp_lib.core.errors import LANGUAGES, Text, WdpError, user_language

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
        asked = (
            word.removeprefix("--language=")
            if "=" in word
            else "".join(arguments[number + 1 : number + 2])
        )
        if word.split("=")[0] == "--language" and asked in LANGUAGES:
            return asked
    return None


_REPEATED = {"action": "append", "default": []}


class _Parser(argparse.ArgumentParser):
    """Argparse with headings in the user's language."""

    def __init__(self, *arguments, words: Text | None = None, **settings):
        language = user_language()
        described = words.in_language(language) if words else None
        super().__init__(
            *arguments, description=described, add_help=False, allow_abbrev=False, **settings
        )
        self.formatter_class = _Help
        self.epilog = _EXIT_CODES.in_language(language)
        self.arguments = self.add_argument_group(Text("参数", "arguments").in_language(language))
        self.options = self.add_argument_group(Text("选项", "options").in_language(language))
        self.options.add_argument(
            "-h",
            "--help",
            action="help",
            help=Text("显示本说明", "show this help").in_language(language),
        )

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, and end with 2."""
        self.print_usage(sys.stderr)
        language = user_language()
        told = Text(f"错误：{in_chinese(message)}", f"error: {message}").in_language(language)
        self.exit(WRONG_INPUT, f"{self.prog}: {told}\n")


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
        "--version",
        action="version",
        version=f"wdp {__version__}",
        help=say("显示版本", "show the version"),
    )
    _language(parser, say)
    tasks = parser.add_subparsers(
        title=say("命令", "commands"), metavar=say("命令", "COMMAND"), required=True, dest="task"
    )
    _add(tasks, say, "plans", actions.plans, "列出现有计划", "list the plans")
    _add(tasks, say, "data", actions.data, "列出现有数据集", "list the data sets")
    for add in (
        _add_run,
        _add_parameters,
        _add_verify,
        _add_check,
        _add_archive,
        _add_simulate,
        _add_notebooks,
    ):
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
        help=say(
            "界面和报告的语言（默认中文）", "language of messages and report (Chinese by default)"
        ),
    )


def _add_run(tasks, say) -> None:
    words = ("按参数文件运行笔记本，生成报告", "run notebooks by a parameter file; make a report")
    task = _add(tasks, say, "run", running.run, *words)
    task.arguments.add_argument(
        "params",
        nargs="+",
        metavar="PARAMS",
        help=say("参数文件，如 params/x.yaml", "file(s) such as params/x.yaml"),
    )
    _add_choice(task, say)
    options: list[tuple[tuple[str, ...], dict, tuple[str, str]]] = [
        (
            ("--only",),
            {**_REPEATED, "metavar": "NOTEBOOK"},
            (
                "只运行此笔记本（结果在 <run>.part），可多次使用",
                "run this notebook only (into <run>.part); may be repeated",
            ),
        ),
        (
            ("--out",),
            {"metavar": "FOLDER"},
            ("报告所在文件夹，默认 reports", "folder of the reports (default: reports)"),
        ),
        (
            ("--jobs",),
            {"type": _positive, "metavar": "N"},
            (
                "同时运行几个笔记本，默认每个处理器一个",
                "notebooks at a time (default: one for each processor)",
            ),
        ),
        (
            ("--resume",),
            {"action": "store_true"},
            (
                "只运行有变化或未完成的笔记本",
                "run only notebooks that changed or were not finished",
            ),
        ),
        (
            ("--timeout",),
            {"type": _positive, "metavar": "SECONDS"},
            ("单元格最长运行秒数", "seconds a single cell may take"),
        ),
        (
            ("--scheduler",),
            {"default": "", "metavar": "ADDRESS"},
            ("交给此 Dask 调度器的各机器运行", "run on the workers of this Dask scheduler"),
        ),
        (
            ("--dry-run",),
            {"action": "store_true"},
            ("只列出将要运行的内容", "only list what would be run"),
        ),
        (("--quiet",), {"action": "store_true"}, ("不显示进度", "show no progress")),
    ]
    for names, settings, (zh, en) in options:
        task.options.add_argument(*names, **settings, help=say(zh, en))


def _add_choice(task: _Parser, say) -> None:
    """What narrows or changes the runs of a parameter file."""
    options: list[tuple[tuple[str, ...], dict, tuple[str, str]]] = [
        (
            ("-p", "--parameter"),
            {**_REPEATED, "type": _name_and_value, "metavar": "NAME=VALUE"},
            ("改用此参数值，可多次使用", "use this value of a parameter; may be repeated"),
        ),
        (
            ("--area",),
            {**_REPEATED, "metavar": "AREA"},
            (
                "只运行参数文件 matrix 中的此地区，可多次使用",
                "only this area of the file's matrix; may be repeated",
            ),
        ),
        (
            ("--select",),
            {**_REPEATED, "type": _name_and_value, "metavar": "AXIS=VALUE"},
            (
                "只运行 matrix 中的此值，可多次使用",
                "only this value of an axis of the matrix; may be repeated",
            ),
        ),
    ]
    for names, settings, (zh, en) in options:
        task.options.add_argument(*names, **settings, help=say(zh, en))


def _add_parameters(tasks, say) -> None:
    words = (
        "列出一个笔记本的参数，供 papermill -f 使用",
        "print the parameters of one notebook for papermill -f",
    )
    task = _add(tasks, say, "parameters", running.parameters, *words)
    task.arguments.add_argument(
        "params", nargs=1, metavar="PARAMS", help=say("参数文件", "parameter file")
    )
    task.arguments.add_argument(
        "notebook", metavar="NOTEBOOK", help=say("笔记本名", "the notebook")
    )
    _add_choice(task, say)


def _add_verify(tasks, say) -> None:
    words = ("重新计算一份报告，逐个数字核对", "compute a report anew and compare number by number")
    task = _add(tasks, say, "verify", running.verify, *words)
    task.arguments.add_argument(
        "report", metavar="FOLDER", help=say("报告文件夹", "folder of the report")
    )
    task.options.add_argument(
        "--quiet", action="store_true", help=say("不显示进度", "show no progress")
    )


def _add_check(tasks, say) -> None:
    words = (
        "检查参数文件、计划或数据集，列出全部问题",
        "check parameter files, a plan, a data set",
    )
    task = _add(tasks, say, "check", actions.check, *words)
    task.arguments.add_argument(
        "params", nargs="*", metavar="PARAMS", help=say("参数文件", "parameter files")
    )
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
    task = _add(
        tasks,
        say,
        "archive",
        actions.archive,
        "把已完成的报告归档",
        "put a finished report into the archive",
    )
    task.arguments.add_argument(
        "report", metavar="FOLDER", help=say("报告文件夹", "folder of the report")
    )


def _add_simulate(tasks, say) -> None:
    task = _add(
        tasks, say, "simulate", actions.simulate, "生成模拟数据集", "make the simulated data set"
    )
    task.options.add_argument(
        "--folder",
        required=True,
        metavar="FOLDER",
        help=say("写入此文件夹", "write into this folder"),
    )
    task.options.add_argument(
        "--plan",
        default="ruyuan-2021-2030",
        metavar="NAME",
        help=say("所依据的计划", "the plan it is for"),
    )
    task.options.add_argument(
        "--corrections",
        metavar="FILE",
        help=say("另写更正表到此文件", "write the table of corrections to this file"),
    )
    for name, zh, en in (
        ("--first-year", "首年", "first year"),
        ("--last-year", "末年", "last year"),
        ("--seed", "随机种子", "seed of the random numbers"),
    ):
        task.options.add_argument(
            name, type=int, default=argparse.SUPPRESS, metavar="N", help=say(zh, en)
        )


def _add_notebooks(tasks, say) -> None:
    words = ("用默认参数重新运行笔记本，更新其中保存的结果", "refresh the notebooks' outputs")
    task = _add(tasks, say, "notebooks", actions.notebooks, *words)
    task.arguments.add_argument(
        "names",
        nargs="*",
        metavar="NOTEBOOK",
        help=say("笔记本名，默认全部", "names; all by default"),
    )


def _name_and_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        told = Text(f"应为 名称=值，现为 {text!r}", f"NAME=VALUE is expected, not {text!r}")
        raise argparse.ArgumentTypeError(told.in_language(user_language()))
    return name, value


def _positive(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        told = Text(
            f"应为正整数，现为 {text!r}", f"a whole number from 1 is expected, not {text!r}"
        )
        raise argparse.ArgumentTypeError(told.in_language(user_language()))
    return int(text)

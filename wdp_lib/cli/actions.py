"""What the short commands do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from wdp_lib.core.console import explained, say
from wdp_lib.core.dates import END_OF_TIME
from wdp_lib.core.errors import ParameterError, Problem, Text, user_language
from wdp_lib.core.home import find_home

DONE, NOTEBOOK_FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130
_RETURNS = (".csv", ".ods", ".xls", ".xlsx")
_HEADS = {
    "reject": Text("不采用：", "kept out:"),
    "ask": Text("请答复（答复前不采用）：", "to be answered, kept out until then:"),
    "warn": Text("请核对：", "to be checked:"),
}
_SHOWN = {"reject": 50, "ask": 50, "warn": 3}
_KINDS = {"simulated": Text("模拟", "simulated"), "real": Text("真实", "real")}


def archive(options: argparse.Namespace) -> int:
    """Carry out ``wdp archive``."""
    from wdp_lib.evaluation.archive import archive_report

    name = archive_report(options.report).name
    say(Text(f"已归档：data/archive/{name}", f"archived: data/archive/{name}"))
    return DONE


def check(options: argparse.Namespace) -> int:
    """Carry out ``wdp check``."""
    from wdp_lib.plan import read_plan

    returns = [path for path in options.params if Path(path).suffix.lower() in _RETURNS]
    if returns and not options.dataset:
        zh, en = "检查报表请用 --dataset 给出数据集。", "To check a return give --dataset."
        raise ParameterError.of(zh, en)
    if not (options.params or options.plan or options.dataset):
        en = "Give parameter files, --plan, or --dataset."
        raise ParameterError.of("请给出参数文件、--plan 或 --dataset。", en)
    home, codes = find_home(), [DONE]
    if options.plan or options.dataset:
        plan, hints = read_plan(options.plan or plan_of(options.dataset), home)
        if hints and not returns:
            head = Text("可以补充，使计划更完整：", "what would make the plan better:")
            told = [head.in_language(user_language()), *(hint.message() for hint in hints)]
            say("\n  ".join(told))
        if not returns:
            say(Text(f"计划 {plan.id}：没有问题", f"plan {plan.id}: no problems"))
        for path in returns:
            codes.append(_check_return(path, options.dataset, plan, options.as_of, options.all))
        if options.dataset and not returns:
            codes.append(_check_data(options.dataset, plan, options.as_of, options.all))
    params = [path for path in options.params if path not in returns]
    return max(codes + [_check_params(path, home, options.all) for path in params])


def plan_of(dataset: str) -> str:
    """Return the plan that a data set names.

    Raises `ParameterError` when it names none.
    """
    from wdp_lib.data.read.metadata import find_dataset, read_metadata

    named = read_metadata(find_dataset(dataset, None)[0] / "dataset.yaml").plan
    if not named:
        zh = "请用 --plan 给出计划，或在 dataset.yaml 中写 plan: 计划名。"
        raise ParameterError.of(zh, "Give --plan, or write plan: NAME in dataset.yaml.")
    return named


def _check_params(path: str, home: Path, whole: bool) -> int:
    from wdp_lib.batch import check_run, plan_runs
    from wdp_lib.plan import load_plan

    try:
        runs = plan_runs([path])
        for run in runs:
            check_run(run, home)
        used = [tuple(run.parameters[one] for one in ("dataset", "plan", "as_of")) for run in runs]
        for dataset, plan, as_of in dict.fromkeys(used):
            _check_data(dataset, load_plan(plan, home), as_of, whole)
    except Exception as error:
        say(explained(error).render(), sys.stderr)
        return WRONG_INPUT
    say(Text(f"{path}：可以运行", f"{path}: ready to run"))
    return DONE


def _check_data(name: str, plan, as_of: str | None, whole: bool) -> int:
    from wdp_lib.data import read_dataset

    dataset = read_dataset(name, plan, as_of=as_of or "")
    as_of = as_of or dataset.newest or END_OF_TIME
    return _tell(dataset, Text("数据集", "data set"), as_of, whole)


def _check_return(path: str, name: str, plan, as_of: str | None, whole: bool) -> int:
    """Check a return as the county will; a day left empty is the day on which it comes in."""
    from wdp_lib.data.dataset import check_return

    received = as_of or date.today().isoformat()
    found = check_return(path, name, plan, as_of=received, received=received)
    found = replace(found, name=Path(path).name)
    return _tell(found, Text("报表", "return"), received, whole)


def _tell(dataset, kind: Text, as_of: str, whole: bool) -> int:
    name, language = dataset.name, user_language()
    for severity, head in _HEADS.items():
        if found := [one for one in dataset.problems if one.severity == severity]:
            lines = _by_kind(found, len(found) if whole else _SHOWN[severity], language)
            say("\n".join([head.in_language(language), *lines]))
    if as_of > date.today().isoformat() and not dataset.metadata.simulated:
        zh = f"注意：数据中最晚的可知日期 {as_of} 晚于今天，请核对。"
        en = f"Mind: the latest day in the data, {as_of}, is still to come; check it."
        say(Text(zh, en))
    counts, told = dataset.counts, len(dataset.problems)
    used, rejected, asked = (
        counts["used"] + counts["unused"],
        counts["rejected"],
        counts["questioned"],
    )
    zh = f"可用 {used} 行，不采用 {rejected} 行，待答复 {asked} 行，缺数 {counts['missing']} 行，"
    zh += f"其后才可知 {counts['later']} 行，提示与问题 {told} 条"
    en = f"{used} rows good, {rejected} rejected, {asked} to be answered, "
    en += f"{counts['missing']} without figure, {counts['later']} known only later, "
    en += f"{told} problems and"
    say(
        Text(
            f"{kind.zh} {name}（截至 {as_of}）：{zh}",
            f"{kind.en} {name} (known by {as_of}): {en} remarks",
        )
    )
    refused = any(problem.keeps_out for problem in dataset.problems)
    return WRONG_INPUT if refused else DONE


def _by_kind(problems: Sequence[Problem], shown: int, language: str) -> Iterator[str]:
    """Lines of problems, kind by kind: many of one kind must not hide the only one of another."""
    from wdp_lib.core.words import code_name

    kinds: dict[str, list[Problem]] = {}
    for one in problems:
        kinds.setdefault(one.rule, []).append(one)
    for rule, found in kinds.items():
        name, n, left = code_name("rule", rule), len(found), len(found) - shown
        yield Text(f"  {name.zh}（{n} 处）", f"  {name.en} ({n})").in_language(language)
        yield from (f"    {one.message(language)}" for one in found[:shown])
        if left > 0:
            more = Text(f"    ……另有 {left} 处，用 --all 全部列出", f"    … {left} more: --all")
            yield more.in_language(language)


def plans(options: argparse.Namespace) -> int:
    """Carry out ``wdp plans``."""
    from wdp_lib.core.settings import read_yaml

    for path in sorted((find_home() / "data" / "plans").glob("*/plan.yaml")):
        title = read_yaml(path).content.get("title", {})
        say(f"{path.parent.name}\t{title.get(user_language(), '—')}")
    return DONE


def data(options: argparse.Namespace) -> int:
    """Carry out ``wdp data``."""
    from wdp_lib.data.read.metadata import read_metadata

    language = user_language()
    for path in sorted((find_home() / "data" / "observations").glob("*/dataset.yaml")):
        metadata = read_metadata(path)
        told = (_KINDS[metadata.kind], metadata.title)
        say("\t".join([path.parent.name, *(text.in_language(language) for text in told)]))
    return DONE


def simulate(options: argparse.Namespace) -> int:
    """Carry out ``wdp simulate``."""
    from wdp_lib.plan import load_plan
    from wdp_lib.simulate.county import simulate_county
    from wdp_lib.simulate.returns import write_simulation

    given = vars(options)
    settings = {name: given[name] for name in ("first_year", "last_year", "seed") if name in given}
    simulation = simulate_county(load_plan(options.plan), **settings)
    folder = write_simulation(simulation, options.folder, corrections=options.corrections)
    say(Text(f"模拟数据已写入 {folder}", f"Simulated data written to {folder}"))
    return DONE


def notebooks(options: argparse.Namespace) -> int:
    """Carry out ``wdp notebooks``."""
    from wdp_lib.batch import refresh_catalogues, refresh_notebooks

    if options.catalogue:
        for name, cells in refresh_catalogues(find_home(), only=options.names).items():
            listed = ", ".join(cells)
            left = Text(f"{name}：待翻译 {listed}", f"{name}: to be translated: {listed}")
            say(left if cells else Text(f"{name}：已全部翻译", f"{name}: translated"))
        return DONE
    outcomes = refresh_notebooks(find_home(), only=options.names, progress=say)
    return NOTEBOOK_FAILED if any(outcome.failed for outcome in outcomes) else DONE

"""What the short commands do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from wdp_lib.core.console import explained, say
from wdp_lib.core.errors import ParameterError, Problem, Text, user_language
from wdp_lib.core.home import find_home

DONE, NOTEBOOK_FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130
_END_OF_TIME = "9999-12-31"
_HEADS = {
    "reject": Text("不采用：", "kept out:"),
    "ask": Text("请答复（答复前不采用）：", "to be answered, kept out until then:"),
    "warn": Text("请核对：", "to be checked:"),
}
_SHOWN = {"reject": 50, "ask": 50, "warn": 3}
_KINDS = {"simulated": Text("模拟", "simulated"), "real": Text("真实", "real")}


def archive(options: argparse.Namespace) -> int:
    """Carry out ``wdp archive``."""
    from wdp_lib.evaluation import archive_report

    name = archive_report(options.report).name
    say(Text(f"已归档：data/archive/{name}", f"archived: data/archive/{name}"))
    return DONE


def check(options: argparse.Namespace) -> int:
    """Carry out ``wdp check``."""
    from wdp_lib.plan import read_plan

    if options.data and not options.plan:
        raise ParameterError(Text("--data 须与 --plan 同用。", "--data needs --plan."))
    if not (options.params or options.plan):
        en = "Give parameter files, --plan, or --data with --plan."
        raise ParameterError(Text("请给出参数文件、--plan 或 --data。", en))
    home, codes = find_home(), [DONE]
    if options.plan:
        plan, hints = read_plan(options.plan, home)
        if hints:
            head = Text("可以补充，使计划更完整：", "what would make the plan better:")
            told = [head.in_language(user_language()), *(hint.message() for hint in hints)]
            say("\n  ".join(told))
        say(Text(f"计划 {options.plan}：没有问题", f"plan {options.plan}: no problems"))
        if options.data:
            codes.append(_check_data(options.data, plan, options.as_of, options.all))
    return max(codes + [_check_params(path, home, options.all) for path in options.params])


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

    as_of = as_of or read_dataset(name, plan, as_of=_END_OF_TIME).newest or _END_OF_TIME
    dataset, language = read_dataset(name, plan, as_of=as_of), user_language()
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
            f"数据集 {name}（截至 {as_of}）：{zh}",
            f"data set {name} (known by {as_of}): {en} remarks",
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

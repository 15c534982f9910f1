"""``wdp ingest`` and ``wdp store``: documents of the units into the store, and what it holds."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from wdp_lib.cli.actions import DONE, WRONG_INPUT
from wdp_lib.cli.importing import names_of
from wdp_lib.core.console import say
from wdp_lib.core.errors import ParameterError, Text, user_language
from wdp_lib.core.names import fold


def ingest(options: argparse.Namespace) -> int:
    """Carry out ``wdp ingest``."""
    from wdp_lib.store import ingest as keep

    store, plan = _opened(options)
    names, open_rows = names_of(options.names), 0
    for name in options.files:
        receipt = keep(
            store,
            name,
            unit=options.unit or _unit_of(name, plan),
            received=options.received or date.today().isoformat(),
            status=options.status,
            as_of=options.as_of,
            source=options.source,
            names=names,
            say=say,
        )
        say(receipt.summary())
        open_rows += receipt.counts["refused"] + receipt.counts["questioned"]
        folder = Path(options.out) if options.out else Path(name).parent
        for path in receipt.write(folder):
            say(Text(f"  回执：{path}", f"  receipt: {path}"))
    return WRONG_INPUT if open_rows else DONE


def _opened(options: argparse.Namespace) -> tuple[Any, Any]:
    from wdp_lib.data.read.metadata import find_dataset, read_metadata
    from wdp_lib.plan import load_plan
    from wdp_lib.store import open_store

    folder, _ = find_dataset(options.dataset, None)
    plan = options.plan or read_metadata(folder / "dataset.yaml").plan
    if not plan:
        zh = "请用 --plan 给出规划，或在 dataset.yaml 中写 plan。"
        raise ParameterError.of(zh, "Name the plan with --plan, or as plan in dataset.yaml.")
    plan = load_plan(plan)
    return open_store(options.dataset, plan), plan


def _unit_of(file: str, plan: Any) -> str:
    """The one responsible unit whose identifier or name stands in the name of a file."""
    stem = fold(Path(file).stem)
    found = {
        unit.id
        for unit in plan.units
        if any(word and fold(word) in stem for word in (unit.id, unit.name.zh, unit.name.en))
    }
    if len(found) != 1:
        listed = "、".join(unit.name.zh for unit in plan.units)
        english = ", ".join(unit.id for unit in plan.units)
        raise ParameterError.of(
            f"{file}：请用 --unit 给出报送单位。规划的责任单位有：{listed}",
            f"{file}: say with --unit who sent it. Units of the plan: {english}",
        )
    return found.pop()


def store(options: argparse.Namespace) -> int:
    """Carry out ``wdp store``: ``export``, ``load`` or ``history``."""
    from wdp_lib.store import export_store, load_store

    opened, _ = _opened(options)
    if options.verb == "history":
        return _history(opened, options)
    if not options.folder:
        raise ParameterError.of("请给出文件夹。", "Name the folder.")
    if options.verb == "export":
        head = export_store(opened, options.folder)
        told = Text(f"已导出到 {options.folder}", f"exported to {options.folder}")
    else:
        head = load_store(opened, options.folder)
        told = Text(f"已载入 {options.folder}", f"loaded {options.folder}")
    say(Text(f"{told.zh}，指纹 {head}", f"{told.en}, fingerprint {head}"))
    return DONE


def _history(opened: Any, options: argparse.Namespace) -> int:
    from wdp_lib.core.words import code_name
    from wdp_lib.store import statements, submissions

    if options.indicator:
        table = statements(opened, options.indicator, options.area)
    else:
        table = submissions(opened)
    if table.empty:
        say(Text("没有记录", "nothing is recorded"))
        return DONE
    language = user_language()

    def word(code: str) -> str:
        return code_name("submission", code).in_language(language)

    say("\t".join(map(word, table.columns)))
    if "state" in table:
        table["state"] = table["state"].map(word)
    for cells in table.astype(object).where(table.notna(), "").itertuples(index=False):
        say("\t".join(map(str, cells)))
    return DONE

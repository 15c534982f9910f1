"""``wdp forms``: what the units are asked for."""

from __future__ import annotations

import argparse
from pathlib import Path

from wdp_lib.cli.actions import DONE, plan_of
from wdp_lib.core.console import say
from wdp_lib.core.errors import ParameterError, Text, user_language

_END_OF_TIME = "9999-12-31"


def forms(options: argparse.Namespace) -> int:
    """Carry out ``wdp forms``."""
    from wdp_lib.data import read_dataset
    from wdp_lib.data.check.senders import SOURCES
    from wdp_lib.data.read.metadata import find_dataset, read_table
    from wdp_lib.documents.forms import write_forms
    from wdp_lib.plan import load_plan
    from wdp_lib.supervision.calendar import asked_of_units

    folder, _ = find_dataset(options.dataset, None)
    plan = load_plan(options.plan or plan_of(options.dataset))
    dataset = read_dataset(options.dataset, plan, as_of=_END_OF_TIME)
    asked = asked_of_units(dataset.observations, dataset.areas, plan, year=options.year)
    written = write_forms(
        asked,
        plan,
        dataset.areas,
        Path(options.out),
        sources=read_table(folder / "sources.csv", SOURCES, ("source", "unit")),
        due=dataset.metadata.due,
        mark=dataset.metadata.mark,
        language=user_language(),
    )
    for path, (_, rows) in zip(written, asked.groupby("unit", sort=False), strict=True):
        zh, en = f"{path}：{len(rows)} 行", f"{path}: {len(rows)} rows"
        say(Text(zh, en))
    if not written:
        en = "The plan names no responsible unit: give lead_units in indicators.csv."
        raise ParameterError(
            Text("计划没有写责任单位：请在 indicators.csv 中填写 lead_units。", en)
        )
    return DONE

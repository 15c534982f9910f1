"""``wdp forms``: what the units are asked for."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from wdp_lib.cli.actions import DONE, plan_of
from wdp_lib.core.console import say
from wdp_lib.core.dates import END_OF_TIME
from wdp_lib.core.errors import ParameterError, Text, user_language


def forms(options: argparse.Namespace) -> int:
    """Carry out ``wdp forms``."""
    from wdp_lib.data.check.senders import SOURCES
    from wdp_lib.data.read.metadata import find_dataset, read_areas, read_metadata, read_table
    from wdp_lib.documents.forms import write_forms
    from wdp_lib.plan import load_plan
    from wdp_lib.supervision.calendar import asked_of_units

    folder, _ = find_dataset(options.dataset, None)
    metadata, plan = read_metadata(folder / "dataset.yaml"), options.plan
    plan = load_plan(plan or plan_of(options.dataset))
    areas, _ = read_areas(folder / "areas.csv")
    asked = asked_of_units(_known(folder, metadata, plan), areas, plan, year=options.year)
    written = write_forms(
        asked,
        plan,
        areas,
        Path(options.out),
        sources=read_table(folder / "sources.csv", SOURCES, ("source", "unit")),
        due=metadata.due,
        mark=metadata.mark,
        language=user_language(),
    )
    for path, (_, rows) in zip(written, asked.groupby("unit", sort=False), strict=True):
        zh, en = f"{path}：{len(rows)} 行", f"{path}: {len(rows)} rows"
        say(Text(zh, en))
    if not written:
        en = "The plan names no responsible unit: give lead_units in indicators.csv."
        raise ParameterError.of("计划没有写责任单位：请在 indicators.csv 中填写 lead_units。", en)
    return DONE


def _known(folder: Path, metadata: Any, plan: Any) -> Any:
    """What came in before; nothing yet in a data set whose store is still empty."""
    import pandas as pd

    from wdp_lib.core.columns import OBSERVATIONS
    from wdp_lib.data import read_dataset
    from wdp_lib.data.read.stored import holds_something

    if metadata.files or holds_something(metadata.address(folder)):
        return read_dataset(folder, plan, as_of=END_OF_TIME).observations
    return pd.DataFrame(columns=OBSERVATIONS.names)

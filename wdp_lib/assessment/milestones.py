"""Milestones (阶段性目标): values that a plan names for years before its last, judged as such."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.assessment.risks import assess
from wdp_lib.core.columns import RISKS, conform
from wdp_lib.core.errors import DataError, Problem, Text, suggestion
from wdp_lib.core.home import find_home
from wdp_lib.plan import Plan

FILE = "milestones.csv"
_NUMBER = Text("有数值目标的指标", "an indicator whose target is a number")
_YEAR = Text("早于该指标目标年的年份", "a year of the plan before that of the target")
_VALUE = Text("数字", "a number")


def load_milestones(plan: Plan, home: Path | str | None = None) -> pd.DataFrame:
    """Return ``indicator, year, value`` of ``data/plans/<plan>/milestones.csv`` and of the targets.

    Raises
    ------
    DataError
        When a row names no numeric target, no earlier year of the plan, or no number.
    """
    path = (Path(home) if home else find_home()) / "data" / "plans" / plan.id / FILE
    columns = {"indicator": "str", "year": "str", "value": "str"}
    table = pd.DataFrame(columns=list(columns)).astype(columns)
    if path.is_file():
        table = pd.read_csv(path, dtype=columns, usecols=list(columns), encoding="utf-8-sig")
    targets = {i.id: i.target for i in plan.indicators if i.target.is_number}
    years, values = (pd.to_numeric(table[name], errors="coerce") for name in ("year", "value"))
    due = table["indicator"].map({name: target.year for name, target in targets.items()})
    wrong = {
        "indicator": (~table["indicator"].isin(list(targets)), _NUMBER),
        "year": (due.notna() & ~((years >= plan.first_year) & (years < due)), _YEAR),
        "value": (values.isna(), _VALUE),
    }
    problems = [
        Problem(
            "milestone",
            FILE,
            int(line) + 2,
            name,
            str(table.loc[line, name]),
            expected,
            suggestion(str(table.loc[line, name]), list(targets) if name == "indicator" else []),
        )
        for name, (bad, expected) in wrong.items()
        for line in table.index[bad]
    ]
    if problems:
        raise DataError(Text("阶段性目标表有误", "The table of milestones is not valid"), problems)
    stated = [
        (name, year, value)
        for name, target in targets.items()
        for year, value in target.milestones
        if target.year is None or year < target.year
    ]
    types = {"indicator": "str", "year": "int64", "value": "float64"}
    own = pd.DataFrame(stated, columns=list(types)).astype(types)
    listed = table.assign(year=years.astype("int64"), value=values.astype("float64"))
    return pd.concat([listed, own], ignore_index=True).drop_duplicates(["indicator", "year"])


def assess_milestones(
    milestones: pd.DataFrame,
    forecasts: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    **settings: Any,
) -> pd.DataFrame:
    """Judge every milestone like a target of its own year: over, by that year's value alone.

    Returns
    -------
    pandas.DataFrame
        One row a milestone (contract ``RISKS``; ``target_year`` is its year), by year.
    """
    rows = [pd.DataFrame(columns=RISKS.names)]
    for year, named in milestones.groupby("year"):
        lines = dict(zip(named["indicator"], named["value"], strict=True))
        changed = tuple(
            replace(i, target=replace(i.target, value=lines[i.id], year=int(year)))
            if i.id in lines
            else i
            for i in plan.indicators
        )
        found = assess(forecasts, observations, replace(plan, indicators=changed), **settings)
        rows.append(found[found["indicator"].isin(lines)])
    return conform(pd.concat(rows[1:] or rows), RISKS)

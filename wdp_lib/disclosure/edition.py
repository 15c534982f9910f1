"""An edition: a data set without the figures that its readers must not see.

Whatever is made from it (tables, sentences, charts, documents, packages) cannot hold what it has
not. Of a table with holes nothing is computed: what is left of it is a selection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.data import Dataset
from wdp_lib.disclosure.pattern import hidden_figures
from wdp_lib.disclosure.rule import Rule
from wdp_lib.plan import Plan

INTERNAL, PUBLIC = "internal", "public"
SUPPRESSED = "suppressed"
NOT_SHOWN = Text("（本版本不列）", "(not in this edition)")
_FIGURES = ["value", "numerator", "denominator"]
_STRATUM = ("sex", "age_group", "residence")


@dataclass(frozen=True)
class Edition:
    """A data set as an edition has it.

    ``closed`` are the indicators of whose target figures some are hidden; ``touched`` those with
    any figure hidden.
    """

    data: Dataset
    closed: frozenset[str]
    touched: frozenset[str]


def reader(plan: Plan, edition: str) -> str:
    """Return the responsible unit an edition is for; ``""`` for everybody.

    Raises `ParameterError` when the edition is neither public nor a unit of the plan.
    """
    return "" if edition == PUBLIC else plan.unit(edition).id


def masked(data: Dataset, plan: Plan, rule: Rule, unit: str = "") -> pd.DataFrame:
    """Return `hidden_figures` of a data set, for a unit that has those of what it leads."""
    settings = {"threshold": rule.threshold, "width": rule.width, "own": led_by(unit, plan)}
    return hidden_figures(data.observations, plan, data.areas, **settings)


def led_by(unit: str, plan: Plan) -> frozenset[str]:
    """Return the indicators that a unit leads; none of no unit."""
    return frozenset(i.id for i in plan.indicators if unit and unit in i.lead_units)


def edited(data: Dataset, plan: Plan, hidden: pd.DataFrame, unit: str = "") -> Edition:
    """Return a data set without hidden figures; a unit sees what it leads in full.

    Replaced rows are left out. Rows of a table with holes (an indicator at one level of areas, in
    the group of the target or another) keep what may be shown, and are used for nothing: their
    ``unused_reason`` is ``suppressed``. What a check found in a row is told by rule and place.
    """
    own, rows = led_by(unit, plan), data.observations
    hidden = hidden.set_axis(rows.index)
    hidden = hidden & ~rows["indicator"].isin(own).to_numpy()[:, None]
    rows, hidden = rows[rows["used"]].copy(), hidden[rows["used"]]
    for name in _FIGURES:
        rows[name] = rows[name].mask(hidden[name])
    tables = _tables(rows, plan, data.areas)
    holed = tables.isin(set(tables[hidden.any(axis=1)]))
    target = tables.map(lambda table: table[2])
    touched = frozenset(rows.loc[holed, "indicator"])
    closed = frozenset(rows.loc[holed & target, "indicator"])
    holed |= rows["indicator"].isin(closed)
    rows["used"] = ~holed
    rows["unused_reason"] = rows["unused_reason"].mask(holed, SUPPRESSED)
    rows["note"] = rows["note"].mask(rows["indicator"].isin(touched), "")
    said = {"found": NOT_SHOWN, "expected": NOT_SHOWN, "advice": NOT_SHOWN}
    problems = tuple(replace(p, **said) if p.row is not None else p for p in data.problems)
    return Edition(
        replace(
            data,
            observations=rows.reset_index(drop=True),
            problems=problems,
            rejected=_told(data.rejected),
            choices=data.choices[~data.choices["indicator"].isin(touched)].reset_index(drop=True),
            missing=data.missing.assign(written=""),
        ),
        closed,
        touched,
    )


def _tables(rows: pd.DataFrame, plan: Plan, areas: pd.DataFrame) -> pd.Series:
    """Of each row the table it stands in: indicator, level, whether of the target, which group."""
    levels: Mapping[str, str] = dict(zip(areas["area"], areas["level"], strict=True))
    own = {i.id: tuple(i.stratum[name] for name in _STRATUM) for i in plan.indicators}
    groups = [tuple(g) for g in rows[list(_STRATUM)].to_numpy()]
    return pd.Series(
        [
            (
                indicator,
                "" if area == plan.area else levels.get(area, area),
                area == plan.area and group == own.get(indicator),
                tuple(np.not_equal(group, own.get(indicator, group)).tolist()),
            )
            for indicator, area, group in zip(rows["indicator"], rows["area"], groups, strict=True)
        ],
        index=rows.index,
    )


def _told(rejected: pd.DataFrame) -> pd.DataFrame:
    words = [f"{name}_{one}" for name in ("found", "expected", "advice") for one in ("zh", "en")]
    blank = {name: getattr(NOT_SHOWN, name[-2:]) for name in words}
    return rejected.assign(**blank, cells="[]")

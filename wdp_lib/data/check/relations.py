"""What figures of two indicators must satisfy together (`relations.csv`): cascades, joins.

``left`` and ``right`` name an indicator, or one of its counts as ``indicator.numerator`` and
``indicator.denominator``; ``relation`` is ``<=`` or ``=``. Both are taken in the stratum of the
plan, in the same area and year.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.errors import DataError, Problem, Text
from wdp_lib.data.read.table import Table
from wdp_lib.data.tell import problem, told
from wdp_lib.plan.model import Plan

RELATIONS = ("left", "relation", "right")
_MEASURES = ("value", "numerator", "denominator")
_WORDS = {"<=": Text("不大于", "at most"), "=": Text("等于", "equal to")}


def plan_relations(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the relations between indicators of the plan.

    Raises `DataError` when a relation or measure is none; an indicator of another plan is left
    aside.
    """
    names = table[["left", "right"]].apply(lambda c: c.str.partition(".")[2].replace("", "value"))
    wrong = ~names.isin(_MEASURES).all(axis=1) | ~table["relation"].isin(list(_WORDS))
    if wrong.any():
        faults = [
            problem(
                "relations",
                "relations.csv",
                row.row,
                found=f"{row.left} {row.relation} {row.right}",
            )
            for row in table[wrong].itertuples()
        ]
        raise DataError.of("relations.csv 有误", "relations.csv is wrong", faults)
    known = {i.id for i in plan.indicators}
    ours = table[["left", "right"]].apply(lambda c: c.str.partition(".")[0].isin(known))
    return table[ours.all(axis=1)]


def related(table: Table, relations: pd.DataFrame) -> list[Problem]:
    """``related``: figures of two indicators that cannot both be true."""
    if relations.empty:
        return []
    named = {_parts(text)[0] for text in (*relations["left"], *relations["right"])}
    own = table.words("indicator").isin(*named)
    for column in ("sex", "residence", "age_group"):
        which, pairs = table.together(column, f"own_{column}")
        own &= np.array([given == wanted for given, wanted in pairs], dtype=bool)[which]
    table = table.take(own)
    place = table.numbered("area", "year")
    problems = []
    for row in relations.itertuples():
        (left, measure), (right, other) = _parts(row.left), _parts(row.right)
        beside = np.flatnonzero(table.words("indicator").isin(right))
        if not len(beside):
            continue
        there = np.full(place.max() + 1, -1)
        there[place[beside]] = beside
        at = there[place]
        limit = np.where(at >= 0, table[other][at], np.nan)
        excess = table[measure] - limit
        off = (excess if row.relation == "<=" else np.abs(excess)) > 0.5
        names = {name: table[name][at] for name in ("name_zh", "name_en")}
        problems += told(
            "related",
            table,
            off & table.words("indicator").isin(left),
            measure,
            {"limit": limit, "other_zh": names["name_zh"], "other_en": names["name_en"]},
            found=measure,
            limit="limit",
            relation=lambda r, word=_WORDS[row.relation]: word,
            other=lambda r: Text(r.other_zh, r.other_en),
        )
    return problems


def _parts(text: str) -> tuple[str, str]:
    indicator, _, measure = text.partition(".")
    return indicator, measure or "value"

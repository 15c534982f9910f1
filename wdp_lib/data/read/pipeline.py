"""From the rows of all returns to the good ones: known, of the plan, understood, possible."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem
from wdp_lib.core.names import fold
from wdp_lib.data.check.rows import convert_ten_thousands, within_rows
from wdp_lib.data.read.cells import Reading, read_column, read_date, read_number
from wdp_lib.data.read.corrections import apply_corrections
from wdp_lib.data.read.keys import (
    complete_strata,
    indicator_attributes,
    map_indicators,
    name_indicators,
    read_keys,
)
from wdp_lib.plan.model import Plan

NUMBERS = ("value", "numerator", "denominator")
_ONLY_WITH_VALUE = ("status", "source", "as_of")  # a row without value needs none of these
_COMPUTED_DECIMALS = 12  # a value computed from its counts is exact


@dataclass(frozen=True)
class Sorted:
    """The rows of a data set, sorted by what becomes of them.

    Parameters
    ----------
    good : pandas.DataFrame
        Rows with a value, one for each indicator a row feeds, with the attributes of the indicator.
    newest : str
        Latest day that can be read in any row.
    missing, later, not_of_plan : set of int
        Lines (``line``) without value, known only after the day, and of no indicator of the plan.
    """

    good: pd.DataFrame
    problems: list[Problem]
    newest: str
    missing: set[int]
    later: set[int]
    not_of_plan: set[int]


def sort_rows(
    table: pd.DataFrame,
    plan: Plan,
    as_of: str,
    areas: pd.DataFrame,
    mapping: pd.DataFrame | None,
    corrections: Path | None,
) -> Sorted:
    """Sort the rows of all returns.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows as text with ``file, row`` and ``line``, a number of their own.
    mapping : pandas.DataFrame or None
        Usable rows of the map of keys; ``None`` where the rows name the plan's indicators.

    Raises
    ------
    DataError
        When a correction does not fit.
    """
    known, problems, later, newest = _known(table, as_of)
    keyed, problems = _keyed(known, problems, plan, areas, mapping)
    not_of_plan = set(known["line"]) - set(keyed["line"])
    not_yet = table[table["line"].isin(later)]
    corrected, notes = apply_corrections(keyed, corrections, not_yet)
    empty = (corrected[list(NUMBERS)] == "").all(axis=1)
    problems = [*_needed(problems, corrected[empty]), *notes]
    counted, found = _numbers(corrected)
    problems += found
    counted = _noted(counted, problems)
    counted, empty = reject(counted, problems), empty.loc[reject(corrected, problems).index]
    empty |= counted["value"].isna() & (counted["denominator"] == 0)
    good, converted = convert_ten_thousands(counted[~empty])
    found = within_rows(good)
    good = _computed(reject(good, found))
    told, missing = [*problems, *converted, *found], set(counted.loc[empty, "line"])
    return Sorted(good, told, newest, missing, later, not_of_plan)


def reject(table: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    """Return the rows without those that a problem of severity ``"reject"`` names."""
    bad = {(p.file, p.row) for p in problems if p.severity == "reject"}
    suspect = table["row"].isin({row for _, row in bad})
    if not suspect.any():
        return table
    places = zip(table["file"], table["row"], strict=True)
    return table[[place not in bad for place in places]]


def _known(table: pd.DataFrame, as_of: str) -> tuple[pd.DataFrame, list[Problem], set[int], str]:
    days, problems = read_column(table, "as_of", read_date)
    newest = max(filter(None, days), default="")
    later = np.array([day is not None and day > as_of for day in days], dtype=bool)
    known = table.assign(day=days.where(days.notna(), ""))
    if not later.any():
        return known, problems, set(), newest
    left_out = set(zip(table["file"][later], table["row"][later], strict=True))
    problems = [p for p in problems if (p.file, p.row) not in left_out]
    return known[~later], problems, set(table["line"][later]), newest


def _keyed(
    table: pd.DataFrame,
    problems: list[Problem],
    plan: Plan,
    areas: pd.DataFrame,
    mapping: pd.DataFrame | None,
) -> tuple[pd.DataFrame, list[Problem]]:
    if mapping is not None:
        table = table[table["indicator"].map(fold).isin(set(mapping["folded"]))]
    table, found = read_keys(
        table.assign(area_text=table["area"], as_of=table["day"]).drop(columns="day"), plan, areas
    )
    problems = [*problems, *found]
    table = table.assign(given_sex=table["sex"], year=table["year"].astype("Int64"))
    if mapping is None:
        table, found = name_indicators(table, plan)
        problems += found
    else:
        table = map_indicators(table, mapping)
        kept = set(zip(table["file"], table["row"], strict=True))
        problems = [p for p in problems if (p.file, p.row) in kept]
    return complete_strata(table, indicator_attributes(plan)).reset_index(drop=True), problems


def _needed(problems: list[Problem], empty: pd.DataFrame) -> list[Problem]:
    places = set(zip(empty["file"], empty["row"], strict=True))
    return [
        p for p in problems if p.column not in _ONLY_WITH_VALUE or (p.file, p.row) not in places
    ]


def _numbers(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    read, problems, columns = {}, [], {"value_text": table["value"]}
    for column in NUMBERS:
        reader = read_number if column == "value" else _read_count
        read[column], found = read_column(table, column, reader)
        problems += found
        columns[column] = [np.nan if n is None else n.value for n in read[column]]
    columns["decimals"] = [0 if n is None else n.decimals for n in read["value"]]
    columns["sign"] = pd.Series(
        ["" if n is None else n.sign for n in read["value"]], table.index, dtype=object
    )
    return table.assign(**columns), problems


def _read_count(text: str) -> Reading:
    reading = read_number(text)
    rate = reading.value is not None and reading.value.sign
    return Reading(None, "text_in_number.rate") if rate else reading


def _noted(table: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    marked = {(p.file, p.row): p.found for p in problems if p.rule == "footnote_mark"}
    if not marked:
        return table
    places = zip(table["file"], table["row"], strict=True)
    written = [f"原写 {marked[place]}" if place in marked else "" for place in places]
    return table.assign(note=(table["note"] + "；" + written).str.strip("；"))


def _computed(table: pd.DataFrame) -> pd.DataFrame:
    lacking = table["value"].isna()
    if not lacking.any():
        return table
    value = table["numerator"] / table["denominator"] * table["multiplier"]
    return table.assign(
        value=table["value"].where(~lacking, value),
        origin=table["origin"].where(~lacking, "derived"),
        decimals=table["decimals"].where(~lacking, _COMPUTED_DECIMALS),
    )

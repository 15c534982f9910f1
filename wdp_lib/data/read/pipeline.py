"""From the rows of all returns to the good ones: known, of the plan, understood, possible."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem
from wdp_lib.core.names import fold
from wdp_lib.data.check.rows import convert_units, within_rows
from wdp_lib.data.read.cells import (
    Missing,
    Number,
    Reader,
    read_column,
    read_count,
    read_date,
    read_number,
)
from wdp_lib.data.read.corrections import apply_corrections
from wdp_lib.data.read.keys import (
    complete_strata,
    indicator_attributes,
    map_indicators,
    name_indicators,
    read_keys,
)
from wdp_lib.data.tell import problem
from wdp_lib.plan.model import Plan

NUMBERS = ("value", "numerator", "denominator")
UNKNOWN_DAY = ("unknown", "未知", "不详")
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
    missing : pandas.DataFrame
        Rows without value, with ``kind``: which mark stands there, ``empty`` or ``nobody`` (a rate
        of nobody).
    later, not_of_plan : set of int
        Lines (``line``) known only after the day, and of no indicator of the plan.
    """

    good: pd.DataFrame
    problems: list[Problem]
    newest: str
    missing: pd.DataFrame
    later: set[int]
    not_of_plan: set[int]


def sort_rows(
    table: pd.DataFrame,
    plan: Plan,
    as_of: str,
    areas: pd.DataFrame,
    mapping: pd.DataFrame | None,
    corrections: Path | None,
    read_year: Reader,
) -> Sorted:
    """Sort the rows of all returns.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows as text with ``file, row`` and ``line``, a number of their own.
    mapping : pandas.DataFrame or None
        Usable rows of the map of keys; ``None`` where the rows name the plan's indicators.
    read_year : callable
        What the text of a year means.

    Raises
    ------
    DataError
        When a correction does not fit.
    """
    known, problems, later, newest = _known(table, as_of, read_year)
    keyed, problems = _keyed(known, problems, plan, areas, mapping, read_year)
    not_of_plan = set(known["line"]) - set(keyed["line"])
    not_yet = table[table["line"].isin(later)]
    corrected, notes = apply_corrections(keyed, corrections, not_yet)
    counted, found = _numbers(corrected)
    readable = reject(counted, found)
    empty = readable[readable[list(NUMBERS)].isna().all(axis=1)]
    problems = [*_needed(problems, empty), *notes, *found]
    counted = reject(_noted(counted, problems), problems)
    nobody = counted["value"].isna() & (counted["denominator"] == 0)
    counted = counted.assign(kind=counted["kind"].mask(nobody, "nobody"))
    missing = counted[nobody | counted.index.isin(empty.index)]
    good, converted = convert_units(counted.drop(missing.index))
    found = within_rows(good)
    good = _computed(reject(good, [*converted, *found]))
    return Sorted(good, [*problems, *converted, *found], newest, missing, later, not_of_plan)


def reject(table: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    """Return the rows without those that a problem keeps out."""
    bad = {(p.file, p.row) for p in problems if p.keeps_out}
    suspect = table["row"].isin({row for _, row in bad})
    if not suspect.any():
        return table
    places = zip(table["file"], table["row"], strict=True)
    return table[[place not in bad for place in places]]


def _known(
    table: pd.DataFrame, as_of: str, read_year: Reader
) -> tuple[pd.DataFrame, list[Problem], set[int], str]:
    days, problems = read_column(table, "as_of", read_date)
    unknown = table["as_of"].map(fold).isin(UNKNOWN_DAY)
    if unknown.any():
        places = set(zip(table["file"][unknown], table["row"][unknown], strict=True))
        problems = [p for p in problems if (p.file, p.row) not in places]
        years = table.loc[unknown, "year"].map(lambda text: read_year(text).value)
        days[unknown] = [f"{year}-12-31" if year else "" for year in years]
        note = (table["note"] + "；可知日期不详").str.strip("；")
        table = table.assign(note=table["note"].mask(unknown, note))
        for file, n in table.loc[unknown, "file"].value_counts(sort=False).items():
            problems.append(problem("unknown_day", str(file), n=n))
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
    read_year: Reader,
) -> tuple[pd.DataFrame, list[Problem]]:
    if mapping is not None:
        table = table[table["indicator"].map(fold).isin(set(mapping["folded"]))]
    table, found = read_keys(
        table.assign(area_text=table["area"], as_of=table["day"]).drop(columns="day"),
        plan,
        areas,
        read_year,
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
        reader = read_number if column == "value" else read_count
        read[column], found = read_column(table, column, reader)
        problems += found
        numbers = [n if isinstance(n, Number) else _NONE for n in read[column]]
        columns[column] = [n.value for n in numbers]
        if column == "value":
            columns["decimals"] = [n.decimals for n in numbers]
            columns["sign"] = pd.Series([n.unit for n in numbers], table.index, dtype=object)
            state = pd.Series([n.status for n in numbers], table.index, dtype=object)
    kinds = [n.kind if isinstance(n, Missing) else "empty" for n in read["value"]]
    table, found = _states(table.assign(**columns, kind=kinds), state)
    return table, [*problems, *found]


_NONE = Number(np.nan, 0)


def _states(table: pd.DataFrame, state: pd.Series) -> tuple[pd.DataFrame, list[Problem]]:
    """A state written behind the number holds unless the column says another than final."""
    given, said = table["status"], state != ""
    if not said.any():
        return table, []
    against = table[said & (given != state) & ~given.isin(["", "final"])]
    places = zip(against["file"], against["row"], against["value_text"], strict=True)
    asked = [
        problem("status_against", file, row, "status", found=text) for file, row, text in places
    ]
    return table.assign(status=given.mask(said, state)), asked


_KEPT = ("footnote_mark", "status_in_number")  # how it was written stands in the note


def _noted(table: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    marked = {(p.file, p.row): p.found for p in problems if p.rule in _KEPT}
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

"""From the rows of all returns to the good ones: known, of the plan, understood, possible."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem
from wdp_lib.core.names import fold
from wdp_lib.data.check.rows import convert_units, within_rows
from wdp_lib.data.read.cells import Reader, read_count, read_date, read_number
from wdp_lib.data.read.columns import read_numbers, read_words
from wdp_lib.data.read.corrections import apply_corrections
from wdp_lib.data.read.keys import complete_strata, map_indicators, name_indicators, read_keys
from wdp_lib.data.read.table import Table, Words
from wdp_lib.data.tell import problem
from wdp_lib.plan.model import Plan

NUMBERS = ("value", "numerator", "denominator")
UNKNOWN_DAY = ("unknown", "未知", "不详")
_ONLY_WITH_VALUE = ("status", "source", "as_of")  # a row without value needs none of these
_COMPUTED_DECIMALS = 12  # a value computed from its counts is exact


@dataclass(frozen=True)
class Sorted:
    """The rows of a data set, sorted by what becomes of them."""

    # rows with a value, one for each indicator a row feeds, with the attributes of the indicator
    good: Table
    problems: list[Problem]
    newest: str  # latest day that can be read in any row
    # rows without value, with ``kind``: which mark stands there, ``empty`` or ``nobody`` (a rate of
    # nobody)
    missing: Table
    # later, not_of_plan: lines (``line``) known only after the day, and of no indicator of the plan
    later: np.ndarray
    not_of_plan: np.ndarray


def sort_rows(
    table: Table,
    plan: Plan,
    as_of: str,
    areas: pd.DataFrame,
    mapping: pd.DataFrame | None,
    corrections: Path | None,
    read_year: Reader,
) -> Sorted:
    """Sort the rows of all returns.

    ``table``: rows as text with ``file, row`` and ``line``, a number of their own. ``mapping``:
    usable rows of the map of keys; ``None`` where the rows name the plan's indicators.
    ``read_year``: what the text of a year means. Raises `DataError` when a correction does not fit.
    """
    known, problems, later, newest = _known(table, as_of, read_year)
    keyed, problems = _keyed(known, problems, plan, areas, mapping, read_year)
    not_of_plan = np.setdiff1d(known["line"], keyed["line"])
    corrected, notes = apply_corrections(keyed, corrections, table.take(later))
    counted, found = _numbers(corrected)
    later = table["line"][later]
    empty = np.all([np.isnan(counted[name]) for name in NUMBERS], axis=0)
    empty &= ~counted.at(_kept_out(found))
    problems = [*_needed(problems, counted.take(empty)), *notes, *found]
    counted = _noted(counted, problems).with_(empty=empty)
    counted = reject(counted, problems)
    nobody = np.isnan(counted["value"]) & (counted["denominator"] == 0)
    kind = counted.words("kind").where(~nobody, Words.all_of("nobody", len(counted)))
    counted = counted.with_(kind=kind)
    lacking = nobody | counted["empty"]
    missing = counted.take(lacking)
    kept = counted.take(~lacking)
    year = kept.words("year").values(lambda year: year or 0, "int64")  # of what is kept, each known
    good, converted = convert_units(kept.with_(year=year))
    found = within_rows(good)
    good = _computed(reject(good, [*converted, *found]))
    return Sorted(good, [*problems, *converted, *found], newest, missing, later, not_of_plan)


def reject(table: Table, problems: list[Problem]) -> Table:
    """Return the rows without those that a problem keeps out."""
    bad = _kept_out(problems)
    return table.take(~table.at(bad)) if bad else table


def _kept_out(problems: list[Problem]) -> set[tuple[str, int | None]]:
    return {(p.file, p.row) for p in problems if p.keeps_out}


def _places(table: Table) -> set[tuple[str, int | None]]:
    return set(zip(table["file"], table["row"].tolist(), strict=True))


def _known(
    table: Table, as_of: str, read_year: Reader
) -> tuple[Table, list[Problem], np.ndarray, str]:
    """The rows with their ``day``, problems, and for each row of the table whether it is later."""
    days, problems = read_words(table, "as_of", read_date)
    unknown = table.words("as_of").test(lambda text: fold(text) in UNKNOWN_DAY)
    if unknown.any():
        lacking = table.take(unknown)
        places = _places(lacking)
        problems = [p for p in problems if (p.file, p.row) not in places]
        years = table.words("year").map(lambda text: read_year(text).value)
        days = days.where(~unknown, years.map(lambda year: f"{year}-12-31" if year else ""))
        note = table.words("note")
        noted = note.map(lambda text: f"{text}；可知日期不详".strip("；"))
        table = table.with_(note=note.where(~unknown, noted))
        for file, n in Counter(lacking["file"]).items():
            problems.append(problem("unknown_day", file, n=n))
    said = days.words[np.unique(days.codes)]
    newest = max(filter(None, said), default="")
    later = days.test(lambda day: day is not None and day > as_of)
    known = table.with_(day=days.map(lambda day: day or ""))
    if later.any():
        left_out = _places(table.take(later))
        problems = [p for p in problems if (p.file, p.row) not in left_out]
    return known.take(~later), problems, later, newest


def _keyed(
    table: Table,
    problems: list[Problem],
    plan: Plan,
    areas: pd.DataFrame,
    mapping: pd.DataFrame | None,
    read_year: Reader,
) -> tuple[Table, list[Problem]]:
    if mapping is not None:
        folded = set(mapping["folded"])
        table = table.take(table.words("indicator").test(lambda key: fold(key) in folded))
    table = table.with_(area_text=table.words("area"), as_of=table.words("day"))
    table, found = read_keys(table, plan, areas, read_year)
    problems = [*problems, *found]
    table = table.with_(given_sex=table.words("sex"))
    if mapping is None:
        table, found = name_indicators(table, plan)
        problems += found
    else:
        table = map_indicators(table, mapping)
        kept = _places(table) if problems else set()
        problems = [p for p in problems if (p.file, p.row) in kept]
    return complete_strata(table, plan), problems


def _needed(problems: list[Problem], empty: Table) -> list[Problem]:
    places = _places(empty)
    return [
        p for p in problems if p.column not in _ONLY_WITH_VALUE or (p.file, p.row) not in places
    ]


def _numbers(table: Table) -> tuple[Table, list[Problem]]:
    problems, columns = [], {"value_text": table.words("value")}
    for column in NUMBERS:
        reader = read_number if column == "value" else read_count
        read, found = read_numbers(table, column, reader)
        problems += found
        columns[column] = read.value
        if column == "value":
            state = read.status
            columns |= {"decimals": read.decimals, "sign": read.unit, "kind": read.kind}
    table, found = _states(table.with_(**columns), state)
    return table, [*problems, *found]


def _states(table: Table, state: Words) -> tuple[Table, list[Problem]]:
    """A state written behind the number holds unless the column says another than final."""
    said = ~state.isin("")
    if not said.any():
        return table, []
    given = table.words("status")
    against = said & (given.texts() != state.texts()) & ~given.isin("", "final")
    asked = [
        problem("status_against", row.file, row.row, "status", found=row.value_text)
        for row in table.rows(against)
    ]
    return table.with_(status=given.where(~said, state)), asked


_KEPT = ("footnote_mark", "status_in_number")  # how it was written stands in the note


def _noted(table: Table, problems: list[Problem]) -> Table:
    marked = {(p.file, p.row): p.found for p in problems if p.rule in _KEPT}
    if not marked:
        return table
    note = table["note"]
    for row in table.rows(table.at(set(marked))):
        note[row.place] = f"{row.note}；原写 {marked[row.file, row.row]}".strip("；")
    return table.with_(note=Words.of(note))


def _computed(table: Table) -> Table:
    lacking = np.isnan(table["value"])
    if not lacking.any():
        return table
    with np.errstate(divide="ignore", invalid="ignore"):
        value = table["numerator"] / table["denominator"] * table["multiplier"]
    return table.with_(
        value=np.where(lacking, value, table["value"]),
        origin=table.words("origin").where(~lacking, Words.all_of("derived", len(table))),
        decimals=np.where(lacking, _COMPUTED_DECIMALS, table["decimals"]),
    )

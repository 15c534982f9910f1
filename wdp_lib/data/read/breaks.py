"""Breaks of definition: from the table of breaks to the first value under the new definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from wdp_lib.core.columns import KEY, numbered
from wdp_lib.core.errors import DataError, Problem, Text
from wdp_lib.core.names import fold
from wdp_lib.data.read.cells import FIRST_YEAR, LAST_YEAR, read_area, read_plain_number, read_year
from wdp_lib.data.read.metadata import BREAKS
from wdp_lib.data.read.table import Table, Words
from wdp_lib.data.tell import problem

_EXPECTED = {
    "year": Text(
        f"四位年份（{FIRST_YEAR}—{LAST_YEAR}）", f"a year of four digits ({FIRST_YEAR}-{LAST_YEAR})"
    ),
    "use_value": Text("数字", "a number"),
    "link_factor": Text("大于 0、不大于 1000 的数字", "a number above 0, at most 1000"),
    "area": Text("地区表（areas.csv）所列的地区，或留空", "an area of areas.csv, or an empty cell"),
}
_LARGEST_FACTOR = 1000.0


def plan_breaks(
    breaks: pd.DataFrame, known: dict[str, list[str]], areas: pd.DataFrame
) -> pd.DataFrame:
    """Return the breaks by indicator of the plan; those of other indicators are left out.

    ``breaks``: rows of `breaks.csv`, as text. ``known``: indicators of the plan by folded id or
    key. Raises `DataError` when a year is none, a link factor is no number above 0, or an area is
    not of ``areas``.
    """
    area = _entries(breaks, "area", True, areas=areas)
    year = _entries(breaks, "year", False)
    factor = _entries(breaks, "link_factor", True)
    table = breaks.assign(
        area=[one or "" for one in area],
        indicator=breaks["indicator"].map(lambda key: known.get(fold(key), [])),
        year=pd.Series(year, breaks.index, dtype="Int64"),
        link_factor=pd.Series(factor, breaks.index, dtype="float64"),
    ).explode("indicator")
    return table[table["indicator"].notna()][list(BREAKS)].reset_index(drop=True)


def plan_choices(choices: pd.DataFrame) -> pd.DataFrame:
    """Return the choices with ``use_value`` as a number and ``year`` as a whole one, 0 for any."""
    return choices.assign(
        year=[year or 0 for year in _entries(choices, "year", True, "choices")],
        use_value=_entries(choices, "use_value", False, "choices"),
    )


def mark_breaks(table: Table, breaks: pd.DataFrame) -> Table:
    """Return the rows with ``series_break`` and ``link_factor`` where a definition begins.

    Where the first year of the new definition has no value, the next year that has one carries the
    mark.
    """
    text, factor = np.full(len(table), "", dtype=object), np.full(len(table), np.nan)
    nothing = Words.all_of("", len(table))
    if breaks.empty or not len(table):
        return table.with_(series_break=nothing, link_factor=factor)
    year, series = table["year"], table["series"]
    indicator, area = table.words("indicator"), table.words("area")
    for row in breaks.itertuples():
        after = indicator.isin(row.indicator) & (year >= row.year)
        if row.area:
            after &= area.isin(row.area)
        first = np.full(series.max() + 1, np.iinfo("int64").max)
        np.minimum.at(first, series[after], year[after])
        hit = after & (year == first[series])
        text[hit] = row.description_zh or row.description_en or row.kind
        factor[hit] = row.link_factor
    return table.with_(series_break=Words.of(text), link_factor=factor)


def on_latest_definition(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of each series that its last one can be compared with, restated.

    Values before a break with a link factor are multiplied by it (old figure x factor = new figure)
    and lose their counts; rows before a break without one are left out. ``rows``: used rows under
    the contract ``OBSERVATIONS``, of any number of series. Returns the same columns, in the order
    given.
    """
    broken = (rows["series_break"] != "").to_numpy(bool)
    if not broken.any():
        return rows
    latest = np.argsort(-rows["year"].to_numpy("int64"), kind="stable")
    series, broken, link = numbered(rows, KEY)[latest], broken[latest], rows["link_factor"]
    linked = link.notna().to_numpy()[latest]
    factor = pd.Series(np.where(broken & linked, link.to_numpy()[latest], 1.0))
    unlinked = pd.Series(broken & ~linked).astype(int)
    # of the rows later in time, not of the row itself: the first year of a definition already
    # has it
    later, parted = np.empty(len(rows)), np.empty(len(rows))
    later[latest] = factor.groupby(series).cumprod() / factor
    parted[latest] = unlinked.groupby(series).cumsum() - unlinked
    counts = {name: rows[name].where(later == 1.0) for name in ("numerator", "denominator")}
    return rows.assign(value=rows["value"] * later, **counts)[parted == 0]


def _entries(
    table: pd.DataFrame,
    column: str,
    optional: bool,
    name: str = "breaks",
    areas: pd.DataFrame | None = None,
) -> list[Any]:
    values: list[Any] = []
    faults: list[Problem] = []
    read = read_year if column == "year" else read_plain_number
    if areas is not None:
        read = read_area(areas)
    for row in table.itertuples():
        text = getattr(row, column)
        reading = read(text)
        value, expected = reading.value, _EXPECTED[column]
        if column == "link_factor" and value is not None and not 0 < value <= _LARGEST_FACTOR:
            value = None
        if value is None and not (optional and not text):
            file = f"{name}.csv"
            faults.append(problem(name, file, row.row, column, found=text, expected=expected))
        values.append(value)
    if faults:
        raise DataError.of(f"{name}.csv 有误", f"{name}.csv is wrong", faults)
    return values

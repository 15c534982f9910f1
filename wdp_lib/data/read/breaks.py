"""Breaks of definition: from the table of breaks to the first value under the new definition."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import KEY
from wdp_lib.core.errors import DataError, Problem, Text
from wdp_lib.data.read.metadata import BREAKS
from wdp_lib.data.read.words import fold


def plan_breaks(breaks: pd.DataFrame, known: dict[str, list[str]]) -> pd.DataFrame:
    """Return the breaks by indicator of the plan; those of other indicators are left out.

    Parameters
    ----------
    breaks : pandas.DataFrame
        Rows of `breaks.csv`, as text.
    known : dict of str to list of str
        Indicators of the plan by folded id or key.

    Returns
    -------
    pandas.DataFrame
        Columns of `breaks.csv`: ``year`` is an integer, ``link_factor`` a number (missing where there is none).

    Raises
    ------
    DataError
        When a year or a link factor is no number.
    """
    table = breaks.assign(indicator=breaks["indicator"].map(lambda key: known.get(fold(key), [])))
    year, factor = (
        pd.to_numeric(table["year"], "coerce"),
        pd.to_numeric(table["link_factor"], "coerce"),
    )
    faults = [_fault(row, "year") for row in breaks[year.isna()].itertuples()]
    faults += [
        _fault(row, "link_factor")
        for row in breaks[factor.isna() & (breaks["link_factor"] != "")].itertuples()
    ]
    if faults:
        raise DataError(Text("breaks.csv 有误", "breaks.csv is wrong"), faults)
    table = table.assign(year=year.astype("Int64"), link_factor=factor.astype("float64")).explode(
        "indicator"
    )
    return table[table["indicator"].notna()][list(BREAKS)].reset_index(drop=True)


def mark_breaks(table: pd.DataFrame, breaks: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with ``series_break`` and ``link_factor``, on the first observed year of the new definition.

    Where the first year of the new definition has no value, the next year that has one carries the mark.
    """
    marked = table.assign(series_break="", link_factor=float("nan"))
    for row in breaks.itertuples():
        of_series = (marked["indicator"] == row.indicator) & (
            (row.area == "") | (marked["area"] == row.area)
        )
        after = marked[of_series & (marked["year"] >= row.year)]
        first = after.groupby(["area", "sex", "age_group", "residence"])["year"].transform("min")
        text = row.description_zh or row.description_en or row.kind
        marked.loc[after.index[after["year"] == first], "series_break"] = text
        marked.loc[after.index[after["year"] == first], "link_factor"] = row.link_factor
    return marked


def on_latest_definition(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of each series that can be compared with its last one, restated in its definition.

    Values before a break with a link factor are multiplied by it (old figure x factor = new figure) and lose their counts;
    rows before a break without one are left out.

    Parameters
    ----------
    rows : pandas.DataFrame
        Used rows under the contract ``OBSERVATIONS``, of any number of series.

    Returns
    -------
    pandas.DataFrame
        The same columns, in the order given.
    """
    if rows.empty or not (rows["series_break"] != "").any():
        return rows
    ordered = rows.sort_values("year", ascending=False)
    broken = ordered["series_break"] != ""
    series = [ordered[name] for name in KEY]
    factor = ordered["link_factor"].where(broken & ordered["link_factor"].notna(), 1.0)
    unlinked = (broken & ordered["link_factor"].isna()).astype(int)
    # of the rows later in time, not of the row itself: the first year of a definition already has it
    later = factor.groupby(series).cumprod() / factor
    parted = unlinked.groupby(series).cumsum() - unlinked
    restated = ordered.assign(value=ordered["value"] * later)
    restated.loc[later != 1.0, ["numerator", "denominator"]] = float("nan")
    return restated[parted == 0].sort_index()


def _fault(row, column: str) -> Problem:
    expected = Text("数字", "a number")
    return Problem(
        "breaks",
        "breaks.csv",
        row.row,
        column,
        getattr(row, column),
        expected,
        Text("请改正。", "Correct it."),
    )

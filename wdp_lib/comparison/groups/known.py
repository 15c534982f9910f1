"""Which observations were known on a day, as comparisons of groups and areas need them."""

from __future__ import annotations

import datetime

import pandas as pd

from wdp_lib.core.columns import KEY, OBSERVATIONS, conform
from wdp_lib.core.errors import ParameterError, Text

_CELL = [*KEY, "year"]


def as_known(observations: pd.DataFrame, as_of: str | None) -> pd.DataFrame:
    """Return the rows that counted for their cells on a day.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    as_of : str or None
        Day ``YYYY-MM-DD``; without one the rows with ``used``.

    Returns
    -------
    pandas.DataFrame
        One row a cell with a value, sorted by cell. A value revised after the day counts as it stood before.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    rows = conform(observations, OBSERVATIONS)
    rows = rows[rows["value"].notna()]
    if as_of is None:
        return rows[rows["used"]].sort_values(_CELL).reset_index(drop=True)
    day = _day(as_of)
    was_used = rows["used"] | (rows["unused_reason"] == "revision")
    rows = rows[was_used & (rows["as_of"] <= day)]
    rows = rows.sort_values([*_CELL, "as_of"], kind="stable").drop_duplicates(_CELL, keep="last")
    return rows.reset_index(drop=True)


def _day(as_of: str) -> str:
    try:
        return datetime.date.fromisoformat(as_of).isoformat()
    except (TypeError, ValueError):
        raise ParameterError(
            Text(
                f"截止日期 as_of 为 {as_of!r}，应写成年-月-日，例如 2026-06-30。",
                f"as_of is {as_of!r}; write a date as year-month-day, e.g. 2026-06-30.",
            )
        ) from None

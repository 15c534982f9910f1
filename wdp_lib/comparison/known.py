"""The rows that counted on a day, as comparisons of groups and areas need them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.series import Rows, columns_of, grouped, pick
from wdp_lib.core.columns import KEY, OBSERVATIONS, conform
from wdp_lib.data import current
from wdp_lib.plan import Indicator

CELL = [*KEY, "year"]
STRATUM = ("indicator", "sex", "age_group", "residence")
COUNTED = ("proportion", "rare_rate")  # kinds of indicators whose counts have a sampling error
_NAMES = (
    *("area", "sex", "age_group", "residence", "year", "value", "numerator", "denominator"),
    *("status", "series_break", "simulated", "origin"),
)
_WORST = {"higher_better": -1, "lower_better": 1}


def as_known(observations: pd.DataFrame, as_of: str | None) -> pd.DataFrame:
    """Return the rows that counted on a day ``YYYY-MM-DD``, or those with ``used``.

    One row a cell with a value, sorted by cell. A value revised after the day counts as it stood
    before.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    rows = conform(observations, OBSERVATIONS)
    rows = current(rows[rows["value"].notna()], as_of=as_of)
    return rows.sort_values(CELL, ignore_index=True)


class Known:
    """The rows that counted on a day, by indicator, as arrays by area, group and year."""

    def __init__(self, observations: pd.DataFrame, as_of: str | None):
        self.table = as_known(observations, as_of)
        self._rows = grouped(self.table, ["indicator"], _NAMES)
        self._nothing = columns_of(self.table.iloc[:0], _NAMES)

    def stratum(self, indicator: Indicator, *, but: str = "") -> Rows:
        """Return the rows of the stratum of an indicator's target, one item perhaps left open."""
        rows = self._rows.get((indicator.id,), self._nothing)
        inside = np.ones(len(rows["year"]), dtype=bool)
        for name, word in indicator.stratum.items():
            if name != but:
                inside &= rows[name] == word
        return rows if inside.all() else pick(rows, inside)


def is_proportion(indicator: Indicator) -> bool:
    """Whether the numerator cannot exceed the denominator."""
    return indicator.data_kind == "proportion" or indicator.unit == "percent"


def worst_side(indicator: Indicator) -> int:
    """Return which value of an indicator is the worst: +1 the highest, -1 the lowest, 0 neither."""
    return -indicator.target.improving or _WORST.get(indicator.direction, 0)


def side_of(difference: float, worst: int) -> str:
    """Return the code of a difference: better, worse, equal; low or high without a better side."""
    if difference == 0:
        return "equal"
    if worst == 0:
        return "low" if difference < 0 else "high"
    return "worse" if difference * worst > 0 else "better"

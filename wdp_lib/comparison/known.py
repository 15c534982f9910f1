"""The rows that counted on a day, as comparisons of groups and areas need them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.series import Rows, columns_of, grouped, pick
from wdp_lib.core.columns import KEY, OBSERVATIONS, Contract, conform
from wdp_lib.data import current
from wdp_lib.data.read.metadata import areas_below, parent_areas
from wdp_lib.plan import Indicator, Plan

STRATUM = ("indicator", "sex", "age_group", "residence")
COUNTED = ("proportion", "rare_rate")  # kinds of indicators whose counts have a sampling error
_NAMES = (
    *("area", "sex", "age_group", "residence", "year", "value", "numerator", "denominator"),
    *("status", "series_break", "simulated", "origin"),
)
_BETTER = {"higher_better": 1, "lower_better": -1}


class Known:
    """The rows that counted on a day, by indicator, as arrays by area, group and year.

    Every comparison takes it in place of the observations, so that it is prepared once for all.

    ``as_of``: day ``YYYY-MM-DD``: a value revised later counts as it stood; rows marked ``used``
    unless given. ``areas``: ``area, parent`` of the data set: areas whose parents lead to the
    plan's area are below it, all others without this table. Raises `ParameterError` when ``as_of``
    is no date.
    """

    def __init__(
        self,
        observations: pd.DataFrame,
        plan: Plan,
        as_of: str | None = None,
        areas: pd.DataFrame | None = None,
    ):
        rows = conform(observations, OBSERVATIONS)
        rows = current(rows[rows["value"].notna()], as_of=as_of)
        self.table = rows.sort_values([*KEY, "year"], ignore_index=True)
        self.area, self.smaller = plan.area, areas_below(areas, plan.area)
        # the areas that each of them is part of, below the plan's own
        self.within = {
            area: set(parent_areas(areas, area)) & set(self.smaller) for area in self.smaller or []
        }
        self._rows = grouped(self.table, ["indicator"], _NAMES)
        self._nothing = columns_of(self.table.iloc[:0], _NAMES)

    @classmethod
    def of(
        cls,
        observations: pd.DataFrame | Known,
        plan: Plan,
        as_of: str | None,
        areas: pd.DataFrame | None = None,
    ) -> Known:
        """Return what is known, which may have been prepared before."""
        known = isinstance(observations, cls)
        return observations if known else cls(observations, plan, as_of, areas)

    def stratum(self, indicator: Indicator, *, but: str = "") -> Rows:
        """Return the rows of the stratum of an indicator's target, one item perhaps left open."""
        rows = self._rows.get((indicator.id,), self._nothing)
        inside = np.ones(len(rows["year"]), dtype=bool)
        for name, word in indicator.stratum.items():
            if name != but:
                inside &= rows[name] == word
        return rows if inside.all() else pick(rows, inside)

    def own(self, indicator: Indicator, *, but: str = "") -> Rows:
        """Return those of the plan's own area."""
        rows = self.stratum(indicator, but=but)
        return pick(rows, rows["area"] == self.area)

    def below(self, indicator: Indicator, year: int | None = None) -> Rows:
        """Return those of the areas below, perhaps of one year."""
        rows = self.stratum(indicator)
        wanted = self.is_below(rows["area"])
        return pick(rows, wanted if year is None else wanted & (rows["year"] == year))

    def is_below(self, areas: np.ndarray | pd.Series) -> np.ndarray:
        """Return which of the areas are below the plan's own."""
        if self.smaller is None:
            return np.asarray(areas, dtype=object) != self.area
        return pd.Index(areas).isin(self.smaller)


def stacked(parts: list[Rows], contract: Contract) -> pd.DataFrame:
    """Return parts of the same columns as one table; ``block`` numbers them.

    A single value holds for every row of its part. Without any part the contract's columns.
    """
    if not parts:
        return pd.DataFrame(columns=[*contract.names, "block"])
    sizes = [len(part["year"]) for part in parts]
    columns = {
        name: np.concatenate(
            [np.broadcast_to(part[name], n) for part, n in zip(parts, sizes, strict=True)]
        )
        for name in parts[0]
    }
    return pd.DataFrame({**columns, "block": np.repeat(np.arange(len(parts)), sizes)})


def is_proportion(indicator: Indicator) -> bool:
    """Whether the numerator cannot exceed the denominator."""
    return indicator.data_kind == "proportion" or indicator.unit == "percent"


def better_side(indicator: Indicator) -> int:
    """Return 1 where higher values are better, -1 where lower ones are, 0 for neither."""
    return _BETTER.get(indicator.direction, 0)


def worst_side(indicator: Indicator) -> int:
    """Return which value is the worst, first by the target: +1 the highest, -1 the lowest, 0."""
    return -(indicator.target.improving or better_side(indicator))

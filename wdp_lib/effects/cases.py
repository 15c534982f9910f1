"""Cases: one measure, one start, one indicator, with the series of the areas that have it and of those that do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from wdp_lib.core.columns import OBSERVATIONS, conform
from wdp_lib.effects.estimate import Guards
from wdp_lib.forecasting.observations import usable_series
from wdp_lib.plan import Indicator, Plan

NEAR = 1  # years within which two events of an annual series cannot be told apart
_SIDES = {"higher_better": 1, "lower_better": -1}


@dataclass(frozen=True)
class Case:
    """One start of a measure, seen in one indicator.

    Parameters
    ----------
    measure : str
        Identifier of the measure.
    indicator : Indicator
        The indicator that the plan links to it.
    areas : tuple of str
        Areas in which it started that year.
    start : int
        Year in which it started; `first` is the year from which an effect is expected.
    first : int
        ``start`` and the lag.
    series : pandas.DataFrame
        One series of the areas together: columns for `wdp_lib.forecast_frame`; empty where there are no values.
    grid : pandas.DataFrame
        Values by area (index) and year (columns), the areas with the measure first; NaN where missing.
    doses : pandas.Series
        Dose by area.
    concurrent, concurrent_here : tuple of str
        Other measures on the same indicator that began within one year: in these areas or wherever they touch them; in
        these areas only.
    broken, simulated : bool
        Whether the definition changed near the start; whether values are simulated.
    """

    measure: str
    indicator: Indicator
    areas: tuple[str, ...]
    start: int
    first: int
    series: pd.DataFrame
    grid: pd.DataFrame
    doses: pd.Series
    concurrent: tuple[str, ...] = ()
    concurrent_here: tuple[str, ...] = ()
    broken: bool = False
    simulated: bool = False

    @property
    def treated(self) -> np.ndarray:
        """Which rows of the grid have the measure."""
        return self.grid.index.isin(self.areas)

    @property
    def better(self) -> int:
        """Side on which values are better; 0 where the plan prefers neither."""
        return better_side(self.indicator)


@dataclass(frozen=True)
class Material:
    """All that cases are cut from: the plan, used observations known on the day, usable points, starts, levels of areas."""

    plan: Plan
    observations: pd.DataFrame
    points: pd.DataFrame
    starts: pd.DataFrame
    levels: dict[str, str] = field(default_factory=dict)

    def level(self, area: str) -> str:
        """Level of an area; without a table of areas all but the plan's own are of one level."""
        return self.levels.get(area, "whole" if area == self.plan.area else "part")


def better_side(indicator: Indicator) -> int:
    """Return 1 where higher values are better, -1 where lower ones are, 0 where the plan prefers neither side."""
    return _SIDES.get(indicator.direction, 0)


def material(
    observations: pd.DataFrame,
    plan: Plan,
    starts: pd.DataFrame,
    indicators: list[str],
    as_of: str,
    areas: pd.DataFrame | None,
) -> Material:
    """Return what cases are cut from; observations known only after ``as_of`` are left out."""
    rows = conform(observations, OBSERVATIONS)
    rows = rows[
        rows["used"]
        & rows["value"].notna()
        & (rows["as_of"] <= as_of)
        & rows["indicator"].isin(indicators)
    ]
    strata = rows[["indicator", "area"]].drop_duplicates().reset_index(drop=True)
    wanted, points = usable_series(rows, plan, strata, through=int(as_of[:4]) + 1)
    points = points.drop(columns=["indicator", "area"], errors="ignore")
    points = points.join(wanted[["indicator", "area"]], on="series_id")
    levels = {} if areas is None else dict(zip(areas["area"], areas["level"], strict=True))
    return Material(plan, rows, points, starts, levels)


def cases(of: Material, guards: Guards) -> Iterator[Case]:
    """Yield one case a measure, start year, kind of area and linked indicator, in the order of the plan."""
    starts = of.starts.assign(level=[of.level(area) for area in of.starts["area"]])
    for measure in of.plan.measures:
        own = starts[starts["measure"] == measure.id]
        for (year, _), rows in own.groupby(["start_year", "level"], sort=True):
            for indicator in measure.indicators:
                yield _case(of, of.plan.indicator(indicator), rows, int(year), guards)


def _case(
    of: Material, indicator: Indicator, rows: pd.DataFrame, start: int, guards: Guards
) -> Case:
    areas, measure = tuple(sorted(rows["area"])), rows["measure"].iloc[0]
    points = of.points[of.points["indicator"] == indicator.id]
    points = (
        points[points["year"] <= int(rows["end_year"].min())]
        if rows["end_year"].notna().any()
        else points
    )
    touching, here = _concurrent(of, measure, indicator.id, areas, start)
    return Case(
        measure,
        indicator,
        areas,
        start,
        start + guards.lag_years,
        _together(points[points["area"].isin(areas)], areas),
        _grid(points, areas, _untreated(of, measure, indicator.id, areas)),
        _doses(rows),
        touching,
        here,
        _broken(of, indicator, areas, start),
        bool(points["simulated"].any()),
    )


def _doses(rows: pd.DataFrame) -> pd.Series:
    """Return the dose by area; missing for all where their units differ."""
    doses = rows.set_index("area")["dose"]
    return doses if rows["dose_unit"].nunique() == 1 else doses * np.nan


def _together(points: pd.DataFrame, areas: tuple[str, ...]) -> pd.DataFrame:
    """Return the series of one area, or the unweighted mean of several over the years that all have."""
    if len(areas) == 1 or points.empty:
        return points
    years = points.groupby("year")
    mean = (
        years["value"].mean()[years["area"].nunique() == len(areas)].rename("value").reset_index()
    )
    first = points.iloc[0]
    return mean.assign(kind=first["kind"], lower=first["lower"], upper=first["upper"])


def _grid(points: pd.DataFrame, areas: tuple[str, ...], untreated: list[str]) -> pd.DataFrame:
    if points.empty:
        return pd.DataFrame()
    grid = points.pivot_table(index="area", columns="year", values="value", aggfunc="last")
    return grid.loc[[area for area in (*areas, *untreated) if area in grid.index]]


def _linked(of: Material, indicator: str) -> set[str]:
    return {measure.id for measure in of.plan.measures if indicator in measure.indicators}


def _untreated(of: Material, measure: str, indicator: str, areas: tuple[str, ...]) -> list[str]:
    """Areas of the same level in which no measure on the indicator ever started: only they show what would have been."""
    started = set(of.starts.loc[of.starts["measure"].isin(_linked(of, indicator)), "area"])
    present = sorted(set(of.points.loc[of.points["indicator"] == indicator, "area"]))
    return [
        area for area in present if area not in started and of.level(area) == of.level(areas[0])
    ]


def _concurrent(
    of: Material, measure: str, indicator: str, areas: tuple[str, ...], start: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    near = (of.starts["start_year"].astype("int64") - start).abs() <= NEAR
    others = of.starts[near & of.starts["measure"].isin(_linked(of, indicator) - {measure})]
    here = others["area"].isin(areas)
    touching = here | (others["area"] == of.plan.area) | (of.plan.area in areas)
    return tuple(sorted(set(others.loc[touching, "measure"]))), tuple(
        sorted(set(others.loc[here, "measure"]))
    )


def _broken(of: Material, indicator: Indicator, areas: tuple[str, ...], start: int) -> bool:
    rows = of.observations
    rows = rows[
        (rows["indicator"] == indicator.id)
        & rows["area"].isin(areas)
        & (rows["series_break"] != "")
    ]
    return bool((rows["year"].astype("int64") - start).abs().le(NEAR).any())

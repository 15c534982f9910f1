"""Cases: one measure, one start, one indicator, in areas that have it and areas that do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wdp_lib.core.columns import OBSERVATIONS, conform
from wdp_lib.data import current
from wdp_lib.data.record_contracts import record_contract
from wdp_lib.forecasting.observations import usable_series
from wdp_lib.plan import Indicator, Plan

STARTS = record_contract("measure_starts.csv")
NEAR = 1  # years within which two events of an annual series cannot be told apart
_POINT = ["indicator", "area", "year", "value", "numerator", "denominator"]
_POINT += ["kind", "lower", "upper", "multiplier", "simulated"]


@dataclass(frozen=True)
class Case:
    """One start of a measure, seen in one indicator."""

    measure: str
    indicator: Indicator
    areas: list[str]
    start: int
    first: int  # year from which an effect is expected: the start and the lag
    # one series of the areas together, by year, with columns for `wdp_lib.forecast_frame`; may be
    # empty
    series: pd.DataFrame
    # values by area (index) and year (columns), the areas with the measure first; NaN where missing
    grid: pd.DataFrame
    doses: pd.Series  # dose by area; missing for all where their units differ
    # concurrent, concurrent_here: other measures on the same indicator that began within one year:
    # wherever they touch these areas; in these areas
    concurrent: list[str]
    concurrent_here: list[str]
    broken: bool  # whether the definition changed near the start
    simulated: bool

    @property
    def treated(self) -> np.ndarray:
        """Which rows of the grid have the measure."""
        return self.grid.index.isin(self.areas)


def level_of(plan: Plan, areas: pd.DataFrame | None) -> Callable[[str], str]:
    """Return what gives the level of an area; without a table all but the plan's are of one."""
    levels = {} if areas is None else dict(zip(areas["area"], areas["level"], strict=True))
    return lambda area: levels.get(area, "whole" if area == plan.area else "part")


def usable_points(
    observations: pd.DataFrame, plan: Plan, as_of: str, indicators: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return points that a forecast could use, and breaks, both as known on a day.

    Points by indicator, area and year; a value revised later counts as it stood.
    """
    known = observations[observations["indicator"].isin(indicators)]
    known = current(conform(known, OBSERVATIONS), as_of=as_of)
    known = known[known["value"].notna()].assign(used=True)
    strata = known[["indicator", "area"]].drop_duplicates().reset_index(drop=True)
    points = usable_series(known, plan, strata, through=int(as_of[:4]) + 1)[1]
    points = points.astype({"year": "int64"}).sort_values(["series_id", "year"], kind="stable")
    return points[_POINT], known[known["series_break"] != ""]


def cases(
    observations: pd.DataFrame,
    plan: Plan,
    starts: pd.DataFrame,
    areas: pd.DataFrame | None,
    lag: int,
    *,
    as_of: str,
) -> Iterator[Case]:
    """Yield one case a measure, start year, level of area and linked indicator."""
    linked = {m.id: m.indicators for m in plan.measures if m.id in set(starts["measure"])}
    wanted = sorted({name for names in linked.values() for name in names})
    points, breaks = usable_points(observations, plan, as_of, wanted)
    level = level_of(plan, areas)
    order = [starts["measure"].map(list(linked).index), "start_year", starts["area"].map(level)]
    for _, rows in starts.groupby(order, sort=True):
        for name in linked[rows["measure"].iloc[0]]:
            on_it = {m.id for m in plan.measures if name in m.indicators}
            yield _case(
                plan.indicator(name),
                rows,
                points[points["indicator"] == name],
                starts[starts["measure"].isin(on_it)],
                breaks[breaks["indicator"] == name],
                plan.area,
                level,
                lag,
            )


def _case(
    indicator: Indicator,
    rows: pd.DataFrame,
    points: pd.DataFrame,
    begun: pd.DataFrame,
    breaks: pd.DataFrame,
    whole: str,
    level: Callable[[str], str],
    lag: int,
) -> Case:
    areas, first = sorted(rows["area"]), rows.iloc[0]
    start, simulated = int(first["start_year"]), bool(points["simulated"].any())
    if rows["end_year"].notna().any():
        points = points[points["year"] <= int(rows["end_year"].min())]
    grid = points.pivot(index="area", columns="year", values="value")
    near = begun["start_year"].between(start - NEAR, start + NEAR)
    others = begun[near & (begun["measure"] != first["measure"])]
    here = others["area"].isin(areas)
    touching = here | (others["area"] == whole) | (whole in areas)
    untreated = [
        a for a in grid.index if a not in set(begun["area"]) and level(a) == level(areas[0])
    ]
    doses = rows.set_index("area")["dose"]
    broken = breaks["area"].isin(areas) & breaks["year"].between(start - NEAR, start + NEAR)
    return Case(
        first["measure"],
        indicator,
        areas,
        start,
        start + lag,
        _together(points[points["area"].isin(areas)], areas),
        grid.loc[[area for area in (*areas, *untreated) if area in grid.index]],
        doses if rows["dose_unit"].nunique() == 1 else doses * np.nan,
        sorted(set(others["measure"][touching])),
        sorted(set(others["measure"][here])),
        bool(broken.any()),
        simulated,
    )


def _together(points: pd.DataFrame, areas: list[str]) -> pd.DataFrame:
    """Return the series of one area, or the mean of several in the years that all have."""
    if len(areas) == 1 or points.empty:
        return points
    years = points.groupby("year")
    mean = years["value"].mean()[years["area"].nunique() == len(areas)].reset_index()
    return mean.assign(**points.iloc[0][["kind", "lower", "upper"]])

"""What is known of one indicator when it is judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import Scheme
from wdp_lib.data import on_latest_definition
from wdp_lib.forecasting.terms import TERM, term_in_force
from wdp_lib.plan import Indicator, Plan, Range

LASTS = {
    "term": 5,
    "survey": 5,
    "census": 10,
}  # years for which a value of an indicator that is not yearly stands
ESTIMATED = "estimated"


@dataclass(frozen=True)
class Case:
    """One indicator of a plan with everything needed to judge it.

    Parameters
    ----------
    indicator : Indicator
        The indicator and its promise.
    series : pandas.DataFrame
        Used observations of its own stratum in the plan's area that have the definition of the last one or are linked to it, one
        row a year, rising.
    forecast, paths : pandas.DataFrame
        Its rows of the forecast table and of the table of joint paths (empty where none were drawn).
    areas : pandas.DataFrame
        Used observations of the smaller areas, same stratum.
    reference : float or None
        Last value of the reference indicator, not later than the series' own last year.
    first_year, baseline_year : int
        First year of the plan; year against which a direction is judged.
    data_year : int
        Last year whose value can be expected at the cut-off.
    scheme : Scheme
        Thresholds.
    """

    indicator: Indicator
    series: pd.DataFrame
    forecast: pd.DataFrame
    paths: pd.DataFrame
    areas: pd.DataFrame
    reference: float | None
    first_year: int
    baseline_year: int
    data_year: int
    scheme: Scheme

    @cached_property
    def judged(self) -> pd.DataFrame:
        """Points a verdict may stand on: estimates are shown, never judged by."""
        return self.series[self.series["status"] != ESTIMATED]

    @cached_property
    def last(self) -> pd.Series | None:
        """Row of the last year that is no estimate (with estimates alone: of the last year), or ``None`` without data."""
        rows = self.series if self.judged.empty else self.judged
        return None if rows.empty else rows.iloc[-1]

    @property
    def stale(self) -> bool:
        """Whether the last value is too old for this round."""
        if self.last is None:
            return False
        age = self.data_year - int(self.last["year"])
        return age >= max(self.scheme.stale_after_years, LASTS.get(self.indicator.frequency, 0))

    @property
    def lacks_target_year(self) -> bool:
        """Whether the target year has passed without a value for it; of an elected body, without a term in force in it."""
        due = self.indicator.target.year
        if self.last is None or due is None or self.data_year < due:
            return False
        in_force = LASTS[TERM] if self.indicator.frequency == TERM else 1
        return int(self.last["year"]) + in_force <= due

    @cached_property
    def baseline(self) -> pd.Series | None:
        """Row of the baseline year, or of the nearest year within reach (the earlier of two), before the last value.

        Of a body elected for a term it is the term in force in the baseline year.
        """
        if len(self.judged) < 2:
            return None
        earlier = self.judged.iloc[:-1]
        if self.indicator.frequency == TERM:
            return term_in_force(earlier, self.baseline_year)
        distance = (earlier["year"] - self.baseline_year).abs()
        if distance.min() > self.scheme.baseline_reach:
            return None
        return earlier.loc[distance.idxmin()]

    @cached_property
    def quantiles(self) -> pd.DataFrame:
        """Forecast quantiles for the target year, rising; empty where there is no forecast."""
        rows = self.forecast[
            (self.forecast["year"] == self.indicator.target.year) & self.forecast["value"].notna()
        ]
        return rows.sort_values("quantile")

    @property
    def points_since_baseline(self) -> pd.DataFrame:
        """Points from the baseline on, without estimates."""
        return self.judged[self.judged["year"] >= self.baseline_year]

    @cached_property
    def baseline_statistic(self) -> float | None:
        """Value of the promise's statistic at the baseline: level, magnitude, or mean yearly change before it."""
        statistic = self.indicator.target.statistic
        if statistic == "slope":
            return mean_change(self.judged[self.judged["year"] <= self.baseline_year])
        if self.baseline is None:
            return None
        return float(self.indicator.target.measure(float(self.baseline["value"])))

    @cached_property
    def statistic(self) -> float | None:
        """Value of the promise's statistic now."""
        name = self.indicator.target.statistic
        if self.last is None:
            return None
        if name == "slope":
            return mean_change(self.judged[self.judged["year"] >= self.baseline_year])
        if name == "lowest_area":
            same_year = self.areas[
                (self.areas["year"] == self.last["year"]) & (self.areas["status"] != ESTIMATED)
            ]
            return None if same_year.empty else float(same_year["value"].min())
        return float(self.indicator.target.measure(float(self.last["value"])))

    @cached_property
    def promise(self) -> Range | None:
        """Range of values that keep the promise, or ``None`` where it cannot be said.

        A rise from a baseline that already stands at the natural limit is kept by staying there; so is a fall.
        """
        promise = self.indicator.target.range(
            baseline=self.baseline_statistic, reference=self.reference
        )
        if promise is None:
            return None
        at_limit = promise.lower_open and promise.lower >= self.indicator.upper_bound
        at_floor = promise.upper_open and promise.upper <= self.indicator.lower_bound
        return (
            replace(promise, lower_open=False, upper_open=False)
            if at_limit or at_floor
            else promise
        )


def mean_change(series: pd.DataFrame) -> float | None:
    """Return the mean yearly change over a series of at least three points, else ``None``."""
    if len(series) < 3:
        return None
    return float(np.polyfit(series["year"].to_numpy(float), series["value"].to_numpy(float), 1)[0])


def collect(
    forecasts: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    data_year: int,
    scheme: Scheme,
    paths: pd.DataFrame | None = None,
) -> list[Case]:
    """Return one case for each indicator of the plan, in the plan's order.

    ``observations`` are the used rows of the whole data set; ``forecasts`` those of the plan's area.
    """
    by_indicator = dict(list(observations.groupby("indicator", sort=False)))
    by_forecast = dict(
        list(forecasts[forecasts["area"] == plan.area].groupby("indicator", sort=False))
    )
    nothing, no_forecast = observations.iloc[:0], forecasts.iloc[:0]
    no_paths = pd.DataFrame({"draw": [], "year": [], "value": []})
    by_paths = (
        {}
        if paths is None
        else dict(list(paths[paths["area"] == plan.area].groupby("indicator", sort=False)))
    )
    cases = []
    for indicator in plan.indicators:
        rows = _stratum(by_indicator.get(indicator.id, nothing), indicator)
        own = on_latest_definition(rows[rows["area"] == plan.area].sort_values("year"))
        cases.append(
            Case(
                indicator=indicator,
                series=own.reset_index(drop=True),
                forecast=by_forecast.get(indicator.id, no_forecast),
                paths=by_paths.get(indicator.id, no_paths),
                areas=rows[rows["area"] != plan.area],
                reference=_reference(by_indicator, plan, indicator, own),
                first_year=plan.first_year,
                baseline_year=plan.baseline_year,
                data_year=data_year,
                scheme=scheme,
            )
        )
    return cases


def _stratum(rows: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    same = (
        (rows["sex"] == indicator.sex)
        & (rows["residence"] == indicator.residence)
        & (rows["age_group"] == indicator.age_group)
    )
    return rows[same]


def _reference(
    by_indicator: dict, plan: Plan, indicator: Indicator, own: pd.DataFrame
) -> float | None:
    name = indicator.target.reference
    if not name or name not in by_indicator or own.empty:
        return None
    rows = _stratum(by_indicator[name], plan.indicator(name))
    inside = (
        (rows["area"] == plan.area)
        & (rows["year"] <= own["year"].max())
        & (rows["status"] != ESTIMATED)
    )
    rows = rows[inside].sort_values("year")
    return None if rows.empty else float(rows["value"].iloc[-1])

"""What is known of one indicator when it is judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import Scheme
from wdp_lib.assessment.series import Rows, columns_of, grouped, pick, point
from wdp_lib.core.columns import KEY
from wdp_lib.data import on_latest_definition
from wdp_lib.forecasting.counts.rates import ENOUGH_EVENTS
from wdp_lib.forecasting.counts.series import FEW_TRIALS
from wdp_lib.forecasting.terms import TERM
from wdp_lib.plan import Indicator, Plan, Range

# years for which a value of an indicator that is not yearly stands
LASTS = {"term": 5, "survey": 5, "census": 10}
ESTIMATED = "estimated"
COUNTED = ("proportion", "rare_rate")  # kinds whose counts are draws, not a full count
_STRATUM = ("indicator", "sex", "age_group", "residence")
_OBSERVED = (
    *("area", "year", "value", "numerator", "denominator", "status", "simulated"),
    *("definition_match", "source", "source_address"),
)
_NEEDED = dict.fromkeys((*KEY, *_OBSERVED, "series_break", "link_factor"))
_FORECAST = ("year", "quantile", "value", "quantity", "model", "n", "grade", "reason", "simulated")
_PATHS = ("draw", "year", "value")


@dataclass(frozen=True)
class Case:
    """One indicator of a plan with everything needed to judge it."""

    indicator: Indicator
    # used observations of its own stratum in the plan's area that have the definition of the last
    # one or are linked to it, one entry a year, rising
    series: Rows
    # forecast, paths: its rows of the table of forecasts and of the table of joint paths; empty
    # where there are none
    forecast: Rows
    paths: Rows
    areas: Rows  # used observations of the smaller areas, same stratum
    later: dict | None  # last point after the target year: shown, never judged by
    # last value of the reference indicator, not later than the series' own last year
    reference: float | None
    first_year: int
    baseline_year: int  # year against which a direction is judged
    data_year: int  # last year whose value can be expected at the cut-off
    scheme: Scheme

    @cached_property
    def judged(self) -> Rows:
        """Points a verdict may stand on: estimates are shown, never judged by."""
        return pick(self.series, self.series["status"] != ESTIMATED)

    @cached_property
    def last(self) -> dict | None:
        """Point of the last year that is no estimate (with estimates alone: of the last year)."""
        rows = self.judged if len(self.judged["year"]) else self.series
        return point(rows, -1) if len(rows["year"]) else None

    @property
    def stale(self) -> bool:
        """Whether the last value is too old for this round."""
        if self.last is None:
            return False
        age = self.data_year - int(self.last["year"])
        return age >= max(self.scheme.stale_after_years, LASTS.get(self.indicator.frequency, 0))

    @property
    def lacks_target_year(self) -> bool:
        """Whether the target year is over without a value, or a term in force, in it."""
        due = self.indicator.target.year
        if self.last is None or due is None or self.data_year < due:
            return False
        in_force = LASTS[TERM] if self.indicator.frequency == TERM else 1
        return int(self.last["year"]) + in_force <= due

    @cached_property
    def baseline(self) -> dict | None:
        """Point of the baseline year, or of the nearest year within reach (the earlier of two).

        Of a body elected for a term it is the term in force in the baseline year.
        """
        years = self.judged["year"][:-1]
        if not len(years):
            return None
        if self.indicator.frequency == TERM:
            elected = np.flatnonzero(years <= self.baseline_year)
            return point(self.judged, elected[-1]) if len(elected) else None
        distance = np.abs(years - self.baseline_year)
        nearest = distance.argmin()
        return (
            point(self.judged, nearest) if distance[nearest] <= self.scheme.baseline_reach else None
        )

    @cached_property
    def ahead(self) -> tuple[np.ndarray, np.ndarray]:
        """Levels, rising, and values of the forecast for the target year."""
        return self.forecast_of(self.indicator.target.year)

    def forecast_of(self, year: int | None) -> tuple[np.ndarray, np.ndarray]:
        """Return levels, rising, and values of the forecast for a year."""
        known = np.flatnonzero((self.forecast["year"] == year) & ~np.isnan(self.forecast["value"]))
        known = known[np.argsort(self.forecast["quantile"][known], kind="stable")]
        return self.forecast["quantile"][known], self.forecast["value"][known]

    @cached_property
    def baseline_statistic(self) -> float | None:
        """The target's statistic at the baseline: level, magnitude, or mean yearly change."""
        if self.indicator.target.statistic == "slope":
            return _mean_change(pick(self.judged, self.judged["year"] <= self.baseline_year))
        if self.baseline is None:
            return None
        value = self.baseline["value"]
        if self.baseline_counts is not None:
            events, exposure = self.baseline_counts
            value = events / exposure * (self.indicator.multiplier or 1.0)
        return float(self.indicator.target.measure(float(value)))

    @cached_property
    def baseline_counts(self) -> tuple[float, float] | None:
        """Events and exposure of a baseline of few events, with as many years before as after it.

        Years whose rates differ beyond chance are not pooled: then its own counts alone. ``None``
        where the plan gives the line itself, without counts, and from
        ``baseline_events`` events on: then the value of the baseline year stands as it is.
        """
        point_, indicator = self.baseline, self.indicator
        counted = indicator.data_kind in COUNTED and indicator.target.statistic == "level"
        if indicator.target.line_from != "baseline" or not counted or indicator.frequency == TERM:
            return None
        events, exposure = point_["numerator"], point_["denominator"]
        few = events if indicator.data_kind == "rare_rate" else min(events, exposure - events)
        if not exposure > 0 or not few < self.scheme.baseline_events:
            return None
        rows = pick(self.judged, (self.judged["denominator"] > 0) & (self.judged["numerator"] >= 0))
        away, reach = rows["year"] - int(point_["year"]), self.scheme.baseline_reach
        near = pick(rows, (np.abs(away) <= reach) & np.isin(-away, away))
        if not _one_rate(near["numerator"], near["denominator"]):
            return float(events), float(exposure)
        return float(near["numerator"].sum()), float(near["denominator"].sum())

    @cached_property
    def baseline_lines(self) -> np.ndarray | None:
        """Equally likely baselines, as far as its few events leave it open (Jeffreys posterior)."""
        return None if self.baseline_counts is None else self.likely_rates(*self.baseline_counts)

    @cached_property
    def pooled(self) -> tuple[float, float, int] | None:
        """Events, exposure and first year of the last ``rare_years`` years with counts."""
        rows = self.judged
        counted = (rows["denominator"] > 0) & (rows["numerator"] >= 0)
        if not counted.any():
            return None
        rows = pick(rows, counted & (rows["year"] > rows["year"][-1] - self.scheme.rare_years))
        if not len(rows["year"]):
            return None
        return float(rows["numerator"].sum()), float(rows["denominator"].sum()), rows["year"][0]

    @property
    def counts_pooled(self) -> bool:
        """Whether the pooled counts say more than the last year's value."""
        return self.case_by_case or self.indicator.data_kind == "rare_rate"

    @cached_property
    def case_by_case(self) -> bool:
        """Whether there are so few events, all years pooled, that each is reviewed by itself.

        Every rare rate with counts, and a proportion of so few cases that only its underlying rate
        can be forecast; there the cases that fall short are counted.
        """
        if self.pooled is None or self.indicator.frequency == TERM:
            return False
        events, exposure, _ = self.pooled
        target = self.indicator.target
        if self.indicator.data_kind != "rare_rate":
            if not (target.is_number and self.of_few_cases):
                return False
            events = exposure - events if target.improving > 0 else events
        return bool(events < self.scheme.rare_events)

    @cached_property
    def of_few_cases(self) -> bool:
        """Whether one year shows too little of a rate or proportion: its underlying rate counts.

        As it is forecast; where nothing is, as when the target year is over, by the events or cases
        there were a year.
        """
        quantity, own = self.forecast["quantity"], self.indicator
        if (quantity != "").any():
            return bool((quantity == "underlying_rate").any())
        rows = pick(self.judged, self.judged["denominator"] > 0)
        if not len(rows["year"]):
            return False
        if own.data_kind == "rare_rate":
            return bool(rows["numerator"].mean() < ENOUGH_EVENTS)
        small = own.data_kind == "proportion" and own.small_numbers == "yes"
        return bool(small and rows["denominator"].mean() < FEW_TRIALS)

    def likely_rates(self, events: float, exposure: float, n: int = 20) -> np.ndarray:
        """Equally likely values of the rate behind counts (Jeffreys posterior), rising."""
        from scipy.special import betaincinv, gammaincinv

        levels = (np.arange(n) + 0.5) / n
        if self.indicator.data_kind == "rare_rate" and self.indicator.unit != "percent":
            shares = gammaincinv(events + 0.5, levels) / exposure
        else:
            shares = betaincinv(events + 0.5, exposure - events + 0.5, levels)
        return shares * (self.indicator.multiplier or 1.0)

    @cached_property
    def statistic(self) -> float | None:
        """Value of the target's statistic now."""
        name = self.indicator.target.statistic
        if self.last is None:
            return None
        if name == "slope":
            return _mean_change(pick(self.judged, self.judged["year"] >= self.baseline_year))
        if name == "lowest_area":
            values = self.areas_now["value"]
            return float(np.nanmin(values)) if len(values) else None
        return float(self.indicator.target.measure(float(self.last["value"])))

    @cached_property
    def areas_now(self) -> Rows:
        """Points of the smaller areas in the year of the last value, without estimates."""
        same_year = self.areas["year"] == self.last["year"]
        return pick(self.areas, same_year & (self.areas["status"] != ESTIMATED))

    @cached_property
    def target_range(self) -> Range | None:
        """Range of values that meet the target, or ``None`` where it cannot be said."""
        return self.indicator.target.range(
            baseline=self.baseline_statistic, reference=self.reference
        )


def _one_rate(events: np.ndarray, exposure: np.ndarray) -> bool:
    """Whether counts of several years are those of one rate, by the chi-square test at 5 %."""
    from scipy.special import chdtrc

    rate = events.sum() / exposure.sum()
    if len(events) < 2 or not 0 < rate < 1:
        return True
    excess = ((events - rate * exposure) ** 2 / (exposure * rate * (1 - rate))).sum()
    return bool(chdtrc(len(events) - 1, excess) >= 0.05)


def _mean_change(series: Rows) -> float | None:
    """Mean yearly change over a series of at least three points, else ``None``."""
    if len(series["year"]) < 3:
        return None
    return float(np.polyfit(series["year"].astype(float), series["value"], 1)[0])


class Collected:
    """Tables grouped once, from which the cases of any area are taken.

    ``observations``: the rows that count, of the whole data set. ``forecasts, paths``: tables of
    forecasts and of joint paths, of any areas; without them nothing is forecast. ``areas``: areas
    whose cases will be taken; any unless given. ``until``: indicators wanted, each with the last
    year looked at; every indicator and year unless given.
    """

    def __init__(
        self,
        observations: pd.DataFrame,
        plan: Plan,
        forecasts: pd.DataFrame | None = None,
        paths: pd.DataFrame | None = None,
        areas: Sequence[str] | None = None,
        until: Mapping[str, int] | None = None,
    ):
        own = observations = observations[[*_NEEDED]]
        self._nothing = columns_of(observations.iloc[:0], _OBSERVED)
        if areas is not None:
            own = own[own["area"].isin(areas)]
        if until is not None:
            last = own["indicator"].map(until)
            own = own[(own["year"] <= last.fillna(0)).to_numpy(bool)]
        self._series = grouped(own, KEY, _OBSERVED, rising="year")
        broken = own["indicator"][own["series_break"] != ""]
        self._broken = set(broken)
        restated = on_latest_definition(own[own["indicator"].isin(broken)])
        self._series |= grouped(restated, KEY, _OBSERVED, rising="year")
        compared = {i.target.reference for i in plan.indicators}
        compared |= {
            i.id
            for i in plan.indicators
            if i.target.statistic == "lowest_area" or i.target.line_from == "baseline"
        }
        others = observations[observations["indicator"].isin(compared)]
        self._raw = grouped(others, _STRATUM, _OBSERVED, rising="year")
        self._forecasts = {} if forecasts is None else grouped(forecasts, KEY[:2], _FORECAST)
        self._paths = {} if paths is None else grouped(paths, KEY[:2], _PATHS)
        self._no_forecast = {name: np.array([]) for name in _FORECAST}

    def cases(
        self, plan: Plan, data_year: int, scheme: Scheme, below: Iterable[str] | None = None
    ) -> list[Case]:
        """Return one case for each indicator of the plan, in the plan's order.

        ``below`` names the smaller areas; all but the plan's own unless given.
        """
        return [self.case(i, plan, data_year, scheme, below) for i in plan.indicators]

    def case(
        self,
        indicator: Indicator,
        plan: Plan,
        data_year: int,
        scheme: Scheme,
        below: Iterable[str] | None = None,
    ) -> Case:
        """Return the case of one indicator; parameters as for `cases`."""
        key = (indicator.id, plan.area, indicator.sex, indicator.age_group, indicator.residence)
        series = self._series.get(key, self._nothing)
        due, later = indicator.target.year, None
        if due is not None and len(series["year"]) and series["year"][-1] > due:
            # what came after the target year decides nothing about a target of that year
            later, series = point(series, -1), pick(series, series["year"] <= due)
        return Case(
            indicator=indicator,
            series=series,
            later=later,
            forecast=self._forecasts.get(key[:2], self._no_forecast),
            paths=self._paths.get(key[:2], {}),
            areas=self._areas(indicator, plan, below),
            reference=self._reference(indicator, plan, series["year"]),
            first_year=plan.first_year,
            baseline_year=plan.baseline_year,
            data_year=data_year,
            scheme=scheme,
        )

    def _stratum(self, indicator: Indicator) -> Rows:
        key = (indicator.id, indicator.sex, indicator.age_group, indicator.residence)
        return self._raw.get(key, self._nothing)

    def _areas(self, indicator: Indicator, plan: Plan, below: Iterable[str] | None) -> Rows:
        every_area = indicator.target.statistic == "lowest_area"
        direction = indicator.target.line_from == "baseline" and indicator.id not in self._broken
        if not every_area and not (direction and below is not None):
            return self._nothing
        rows = self._stratum(indicator)
        if below is None:
            return pick(rows, rows["area"] != plan.area)
        return pick(rows, np.isin(rows["area"], list(below)))

    def _reference(self, indicator: Indicator, plan: Plan, years: np.ndarray) -> float | None:
        name = indicator.target.reference
        if not name or not len(years):
            return None
        rows = self._stratum(plan.indicator(name))
        known = (
            (rows["area"] == plan.area)
            & (rows["year"] <= years[-1])
            & (rows["status"] != ESTIMATED)
        )
        values = rows["value"][known]
        return float(values[-1]) if len(values) else None

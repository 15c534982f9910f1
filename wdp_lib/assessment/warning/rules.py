"""The rules of early warning: each looks at one indicator and says whether it fires, by how much, and what would clear it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from wdp_lib.assessment.risk.case import Case
from wdp_lib.assessment.risk.volatility import MATERIAL, Fluctuation, fluctuation, residuals
from wdp_lib.assessment.scheme import GRADES, Scheme
from wdp_lib.assessment.warning.limits import xmr_limits

MET = ("attained", "nearly")


@dataclass(frozen=True)
class Triggered:
    """A rule that fired; ``level`` is empty where the scheme's own colour of the rule holds."""

    axis: str
    rule: str
    figure: float
    threshold: float
    clears_when: str
    clears_at: float
    level: str = ""


@dataclass(frozen=True)
class Facts:
    """What the rules look at.

    Parameters
    ----------
    case : Case
        The indicator with its series.
    risk : pandas.Series
        Its row of the risk table.
    history : tuple of str
        Its states in the runs looked at, the oldest first, this run last.
    newest : int
        Newest year of which the data set has any value.
    """

    case: Case
    risk: pd.Series
    history: tuple[str, ...]
    newest: int

    @property
    def scheme(self) -> Scheme:
        """Thresholds of the run."""
        return self.case.scheme

    @cached_property
    def fluctuation(self) -> Fluctuation:
        """How strongly the series fluctuates."""
        indicator = self.case.indicator
        counted, points = indicator.data_kind == "count", self.scheme.volatility_points
        return fluctuation(
            self.case.series, multiplier=indicator.multiplier or 1.0, points=points, counted=counted
        )

    @property
    def noisy_only(self) -> bool:
        """Whether the spread is not judged, or is what small numbers give by themselves."""
        return self.fluctuation.reason in ("too_few_points", "small_numbers")

    @property
    def line(self) -> float:
        """Edge of the promise that is nearest to being crossed, or was crossed."""
        lower, upper, value = (
            self.risk["target_lower"],
            self.risk["target_upper"],
            self.risk["last_value"],
        )
        if np.isnan(lower) or np.isnan(upper):
            return lower if np.isnan(upper) else upper
        return lower if abs(value - lower) <= abs(value - upper) else upper

    @property
    def years_left(self) -> int:
        """Years from the last value to the target year; 0 where there is no value."""
        last, target = self.risk["last_year"], self.risk["target_year"]
        return 0 if pd.isna(last) or pd.isna(target) else max(int(target) - int(last), 0)

    @property
    def needed_change(self) -> float:
        """Change a year needed to come to the line by the target year; missing where there is none to make."""
        level = (
            self.case.indicator.target.statistic == "level"
            and self.risk["quantity"] != "underlying_rate"
        )
        if not level or not self.risk["margin"] < 0 or not self.years_left:
            return np.nan
        return float((self.line - self.risk["last_value"]) / self.years_left)


def hard_to_reach(facts: Facts) -> list[Triggered]:
    """Return the warnings that a promise will be, or is, missed."""
    fired = []
    if facts.risk["risk"] in GRADES:
        level = facts.risk["risk"]
        missing, edge = round(1 - facts.risk["p_meet"], 9), getattr(facts.scheme, level)
        clear = facts.scheme.blue
        fired.append(
            Triggered(
                "hard_to_reach",
                "probability_of_missing",
                missing,
                edge,
                "probability_below",
                clear,
                level,
            )
        )
    return fired + _held(facts) + _areas(facts)


def _held(facts: Facts) -> list[Triggered]:
    if not facts.risk["dips"]:
        return []
    years = [int(year) for year in facts.risk["dips"].split(";")]
    values = facts.case.judged.set_index("year")["value"]
    if years[-1] == facts.risk["last_year"]:
        lost = float(values[years[-1]])
        return [
            Triggered(
                "hard_to_reach",
                "below_held_line",
                lost,
                facts.line,
                "value_reaches_line",
                facts.line,
            )
        ]
    worst = min(years, key=lambda year: facts.case.promise.margin(float(values[year])))
    # a year that was lost stays lost: the row stands until the plan ends
    return [
        Triggered(
            "hard_to_reach",
            "dipped_before",
            float(values[worst]),
            facts.line,
            "stays_on_record",
            np.nan,
        )
    ]


def _areas(facts: Facts) -> list[Triggered]:
    if facts.case.indicator.target.statistic != "lowest_area" or not facts.risk["margin"] < 0:
        return []
    line = facts.risk["target_lower"]
    return [
        Triggered(
            "hard_to_reach",
            "area_below_line",
            line + facts.risk["margin"],
            line,
            "every_area_reaches_line",
            line,
        )
    ]


def volatile(facts: Facts) -> list[Triggered]:
    """Return the warnings that a series fluctuates beyond what small numbers explain, or that its verdict does."""
    found, fired = facts.fluctuation, []
    if found.kind == "volatile":
        fired.append(
            Triggered(
                "volatile",
                found.reason,
                found.figure,
                found.threshold,
                "figure_below",
                found.threshold,
            )
        )
    return fired + _spread(facts) + _chance(facts) + _flips(facts)


def _spread(facts: Facts) -> list[Triggered]:
    """Spread around the trend at least as large as the change needed each year, with every second change reversed."""
    found, needed = facts.fluctuation, abs(facts.needed_change)
    if facts.noisy_only or not facts.case.indicator.target.is_number or np.isnan(needed):
        return []
    material = MATERIAL * abs(facts.risk["last_value"])
    if found.spread < max(needed, material) or found.reversals < 0.5:
        return []
    return [Triggered("volatile", "residual_spread", found.spread, needed, "figure_below", needed)]


def _chance(facts: Facts) -> list[Triggered]:
    """Probability near one half, with the line inside the limits of the series: each year hits or misses it."""
    p, scheme = facts.risk["p_meet"], facts.scheme
    if facts.noisy_only or not scheme.hit_or_miss_low <= p <= scheme.hit_or_miss_high:
        return []
    recent = facts.case.series.tail(10)
    limits = xmr_limits(residuals(recent["year"].to_numpy(float), recent["value"].to_numpy(float)))
    reach, distance = limits.upper - limits.mean, abs(facts.risk["margin"])
    if not distance <= reach:
        return []
    return [Triggered("volatile", "hit_or_miss", distance, reach, "distance_above", reach)]


def _flips(facts: Facts) -> list[Triggered]:
    judged = [state in MET for state in facts.history if state != "not_assessable"][
        -facts.scheme.status_vintages :
    ]
    flips, most = (
        sum(a != b for a, b in zip(judged, judged[1:], strict=False)),
        facts.scheme.status_flips,
    )
    return (
        [Triggered("volatile", "status_flips", flips, most, "fewer_flips", most - 1)]
        if flips >= most
        else []
    )


def data(facts: Facts) -> list[Triggered]:
    """Return the warnings that a promise cannot be judged, or only for the time being, for want of data."""
    if facts.risk["target_kind"] == "monitor_only":
        return []
    if facts.case.last is None:
        return [Triggered("data", "no_data", np.nan, facts.newest, "value_reported", facts.newest)]
    last, status = int(facts.case.last["year"]), facts.case.last["status"]
    fired = []
    if facts.risk["stale"]:
        fired.append(Triggered("data", "stale", last, facts.newest, "value_reported", facts.newest))
    if facts.case.judged.empty:
        fired.append(
            Triggered(
                "data", "estimates_only", last, facts.newest, "value_no_estimate", facts.newest
            )
        )
    elif status == "provisional":
        fired.append(Triggered("data", "provisional", last, last, "value_final", last))
    return fired


AXES = (hard_to_reach, volatile, data)

"""The rules of early warning: what triggers each, by how much, and what clears it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from wdp_lib.assessment.progress.formulas import required_change
from wdp_lib.assessment.risk.case import Case
from wdp_lib.assessment.risk.volatility import MATERIAL, Volatility, residuals, volatility
from wdp_lib.assessment.scheme import GRADES, Scheme
from wdp_lib.assessment.warning.limits import xmr_limits

HARD, VOLATILE, DATA = "hard_to_reach", "volatile", "data"
RULES = {  # axis of each rule, and what clears it
    "probability_of_missing": (HARD, "probability_below"),
    "below_held_line": (HARD, "value_reaches_line"),
    "dipped_before": (HARD, "stays_on_record"),
    "area_below_line": (HARD, "every_area_reaches_line"),
    "outside_limits": (VOLATILE, "figure_below"),
    "swings": (VOLATILE, "figure_below"),
    "residual_spread": (VOLATILE, "figure_below"),
    "hit_or_miss": (VOLATILE, "distance_above"),
    "status_flips": (VOLATILE, "fewer_flips"),
    "no_data": (DATA, "value_reported"),
    "stale": (DATA, "value_reported"),
    "estimates_only": (DATA, "value_no_estimate"),
    "provisional": (DATA, "value_final"),
}
MET = ("attained", "nearly")


@dataclass(frozen=True)
class Triggered:
    """A rule that was triggered."""

    rule: str
    figure: float
    threshold: float
    clears_at: float


@dataclass(frozen=True)
class Facts:
    """What the rules look at.

    Parameters
    ----------
    risk : dict
        Row of the risk table.
    history : tuple of str
        Its states in the rounds looked at, the oldest first, this round last.
    newest : int
        Newest year of which the data set has any value.
    """

    case: Case
    risk: dict
    history: tuple[str, ...]
    newest: int

    @property
    def scheme(self) -> Scheme:
        """Thresholds of the round."""
        return self.case.scheme

    @cached_property
    def volatility(self) -> Volatility:
        """How strongly the series fluctuates."""
        return volatility(
            self.case.series,
            multiplier=self.case.indicator.multiplier or 1.0,
            points=self.scheme.volatility_points,
            counted=self.case.indicator.data_kind == "count",
        )

    @property
    def noisy_only(self) -> bool:
        """Whether the spread is not judged, or is what small numbers give by themselves."""
        return self.volatility.reason in ("too_few_points", "small_numbers")

    @property
    def line(self) -> float:
        """Edge of the target that is nearest to being crossed, or was crossed."""
        lower, upper = self.risk["target_lower"], self.risk["target_upper"]
        if np.isnan(lower) or np.isnan(upper):
            return lower if np.isnan(upper) else upper
        value = self.risk["last_value"]
        return lower if abs(value - lower) <= abs(value - upper) else upper

    @property
    def needed_change(self) -> float:
        """Change a year needed to come to the line by the target year, or missing."""
        last, due = self.risk["last_year"], self.risk["target_year"]
        of_level = (
            self.case.indicator.target.statistic == "level"
            and self.risk["quantity"] != "underlying_rate"
        )
        if not of_level or not self.risk["margin"] < 0 or pd.isna(last) or due <= last:
            return np.nan
        return required_change(self.risk["last_value"], self.line, int(due) - int(last))


def triggered(facts: Facts) -> Iterator[Triggered]:
    """Yield every rule that is triggered: hard to reach, strongly fluctuating, weak data."""
    yield from _hard_to_reach(facts)
    yield from _volatile(facts)
    if facts.risk["target_kind"] != "monitor_only":
        yield from _weak_data(facts)


def _hard_to_reach(facts: Facts) -> Iterator[Triggered]:
    risk, scheme = facts.risk, facts.scheme
    if risk["risk"] in GRADES:
        missing, edge = round(1 - risk["p_meet"], 9), getattr(scheme, risk["risk"])
        yield Triggered("probability_of_missing", missing, edge, scheme.blue)
    if risk["dips"]:
        yield _dipped(facts)
    if facts.case.indicator.target.statistic == "lowest_area" and risk["margin"] < 0:
        line = risk["target_lower"]
        yield Triggered("area_below_line", line + risk["margin"], line, line)


def _dipped(facts: Facts) -> Triggered:
    judged = facts.case.judged
    values = dict(zip(judged["year"].tolist(), judged["value"].tolist(), strict=True))
    years = [int(year) for year in facts.risk["dips"].split(";")]
    if years[-1] == facts.risk["last_year"]:
        return Triggered("below_held_line", values[years[-1]], facts.line, facts.line)
    worst = min(years, key=lambda year: facts.case.target_range.margin(values[year]))
    # a year that was lost stays lost: the row stands until the plan ends
    return Triggered("dipped_before", values[worst], facts.line, np.nan)


def _volatile(facts: Facts) -> Iterator[Triggered]:
    found, needed, scheme = facts.volatility, abs(facts.needed_change), facts.scheme
    if found.kind == "volatile":
        yield Triggered(found.reason, found.figure, found.threshold, found.threshold)
    # as large as the change needed each year, every second change reversed
    large = found.spread >= max(needed, MATERIAL * abs(facts.risk["last_value"]))
    of_number = facts.case.indicator.target.is_number and not np.isnan(needed)
    if not facts.noisy_only and of_number and large and found.reversals >= 0.5:
        yield Triggered("residual_spread", found.spread, needed, needed)
    # near one half, the line inside the limits of the series: each year hits or misses it
    if not facts.noisy_only and (
        scheme.hit_or_miss_low <= facts.risk["p_meet"] <= scheme.hit_or_miss_high
    ):
        years, values = (facts.case.series[name][-10:] for name in ("year", "value"))
        limits = xmr_limits(residuals(years.astype(float), values))
        reach, distance = limits.upper - limits.mean, abs(facts.risk["margin"])
        if distance <= reach:
            yield Triggered("hit_or_miss", distance, reach, reach)
    judged = [state in MET for state in facts.history if state != "not_assessable"]
    judged = judged[-scheme.status_vintages :]
    flips = sum(a != b for a, b in zip(judged, judged[1:], strict=False))
    if flips >= scheme.status_flips:
        yield Triggered("status_flips", flips, scheme.status_flips, scheme.status_flips - 1)


def _weak_data(facts: Facts) -> Iterator[Triggered]:
    """Yield why a target cannot be judged, or only for the time being, for want of data."""
    newest = facts.newest
    if facts.case.last is None:
        yield Triggered("no_data", np.nan, newest, newest)
        return
    last = int(facts.case.last["year"])
    if facts.risk["stale"]:
        yield Triggered("stale", last, newest, newest)
    if not len(facts.case.judged["year"]):
        yield Triggered("estimates_only", last, newest, newest)
    elif facts.case.last["status"] == "provisional":
        yield Triggered("provisional", last, last, last)

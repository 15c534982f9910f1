"""Whether a target that only names a direction is on its way, by all the evidence there is.

One series is tested by Kendall's test. Counts and the parts of an area add power: counts say how
much of the noise is chance, parts repeat the same years.
"""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np

from wdp_lib.assessment.case import COUNTED, ESTIMATED, Case
from wdp_lib.assessment.series import Rows, pick
from wdp_lib.forecasting.trends.trend import trend_probability

FEWEST_OF_COUNTS = 3  # points of counts whose trend can be tested
FEWEST_OF_A_PART = 3
ORDERS = 5000  # orders of the years drawn where there are too many to list
EXACT_UP_TO = 7
CENSUS = "census"


def judge_direction(case: Case) -> tuple[str, str]:
    """Return state and reason of a target that something rises, falls or narrows.

    Shown (attained, or against the target) from ``direction_confidence`` on; else not assessable,
    and the reason says on which side of the baseline the last value lies. A census counts
    everybody: two censuses are compared as they are.
    """
    since = pick(case.judged, case.judged["year"] >= case.baseline_year)
    side = _side(case)
    if case.indicator.frequency == CENSUS:
        return {1: ("attained", "exact_points"), -1: ("not_attained", "exact_points")}.get(
            side, ("not_assessable", "no_change_shown")
        )
    improving, by = _improving(case, since)
    confidence = case.scheme.direction_confidence
    if improving >= confidence:
        return "attained", by
    if improving <= 1 - confidence:
        return "not_attained", "wrong_direction"
    said = {1: "improved_not_shown", 0: "no_change_shown", -1: "worse_not_shown"}
    return "not_assessable", said[side]


def _side(case: Case) -> int:
    """Side of the baseline on which the last value lies, +1 the better one.

    None (0) where the baseline as it is printed and the one pooled over the years around it say
    different things (100 % after 100 % is no improvement), or one case more or less would.
    """
    printed = case.indicator.target.measure(float(case.baseline["value"]))
    lines = np.array([case.baseline_statistic, printed])
    sides = np.unique(np.sign(np.subtract.outer(_levels_now(case), lines)))
    return int(sides[0]) * case.indicator.target.improving if len(sides) == 1 else 0


def _levels_now(case: Case) -> np.ndarray:
    """The level now, and what one case less or more would have made of it.

    Of few cases a year it is that of all years since the baseline.
    """
    rows = pick(case.judged, case.judged["year"] > case.baseline["year"])
    rows = rows if case.of_few_cases else pick(rows, slice(-1, None))
    events, exposure = rows["numerator"].sum(), rows["denominator"].sum()
    level = case.indicator.target.statistic == "level"
    if not level or case.indicator.data_kind not in COUNTED or not exposure > 0 or np.isnan(events):
        return np.array([case.statistic])
    counts = np.array([events - 1, events, events + 1]).clip(0)
    if case.indicator.unit == "percent":
        counts = counts.clip(max=exposure)
    return counts / exposure * (case.indicator.multiplier or 1.0)


def _improving(case: Case, since: Rows) -> tuple[float, str]:
    """Probability that the series moves as wanted, by the strongest test there are data for."""
    direction, measure = case.indicator.target.improving, case.indicator.target.measure
    years, n = since["year"], len(since["year"])
    parts = _parts(case, years)
    if len(parts) and n >= case.scheme.direction_points:
        series = [np.asarray(measure(since["value"]), float), *parts]
        return pooled_trend(np.array(series), direction=direction), "pooled_trend"
    counted = case.indicator.data_kind in COUNTED and n >= FEWEST_OF_COUNTS
    if counted and (since["denominator"] > 0).all() and (since["numerator"] >= 0).all():
        poisson = case.indicator.data_kind == "rare_rate" and case.indicator.unit != "percent"
        rising = count_trend(years, since["numerator"], since["denominator"], poisson=poisson)
        return (rising if direction > 0 else 1 - rising), "pooled_trend"
    if n < case.scheme.direction_points:
        return 0.5, ""
    return trend_probability(years, measure(since["value"]), direction=direction), ""


def _parts(case: Case, years: np.ndarray) -> list[np.ndarray]:
    """Values of each smaller area in these years, where it has enough of them."""
    rows, found = pick(case.areas, case.areas["status"] != ESTIMATED), []
    for area in dict.fromkeys(rows["area"]):
        own = pick(rows, rows["area"] == area)
        values = dict(zip(own["year"], own["value"], strict=True))
        known = np.array([values.get(year, np.nan) for year in years])
        if np.isfinite(known).sum() >= FEWEST_OF_A_PART:
            found.append(np.asarray(case.indicator.target.measure(known), float))
    return found


def pooled_trend(series: np.ndarray, *, direction: int) -> float:
    """Return the probability that several series of the same years move as wanted.

    Kendall's S of each series is summed; its law comes from permuting the years of all series
    together, so that what makes a year good or bad everywhere is not counted many times. ``series``
    (shape (series, years)): years rising; missing values compare with nothing.
    """
    with np.errstate(invalid="ignore"):
        signs = np.nan_to_num(np.sign(series[:, None, :] - series[:, :, None])).sum(axis=0)
    first, second = np.triu_indices(series.shape[1], 1)
    score = direction * signs[first, second].sum()
    orders = _orders(series.shape[1])
    scores = signs[orders[:, first], orders[:, second]].sum(axis=1)
    if score == 0:
        return 0.5
    return float(1 - (scores >= score).mean() if score > 0 else (scores <= score).mean())


@cache
def _orders(n: int) -> np.ndarray:
    if n <= EXACT_UP_TO:
        return np.array(list(itertools.permutations(range(n))))
    rng = np.random.default_rng(0)
    return np.array([rng.permutation(n) for _ in range(ORDERS)])


def count_trend(
    years: np.ndarray, events: np.ndarray, exposure: np.ndarray, *, poisson: bool
) -> float:
    """Return the probability that a rate or proportion rises: a weighted line through its counts.

    Noise beyond chance is estimated from the line (quasi-likelihood), and the law is then Student's
    with as many degrees as are left; noise below chance is taken as chance.
    """
    from scipy.special import ndtr, stdtr

    mean = events.sum() / exposure.sum()
    spread = mean if poisson else mean * (1 - mean)
    if spread <= 0:
        return 0.5
    weights, rates = exposure / spread, events / exposure
    away = years - np.average(years, weights=weights)
    slope = (weights * away * rates).sum() / (weights * away**2).sum()
    left = rates - np.average(rates, weights=weights) - slope * away
    excess = (weights * left**2).sum() / (len(years) - 2)
    z = slope * math.sqrt((weights * away**2).sum() / max(excess, 1.0))
    return float(ndtr(z) if excess <= 1 else stdtr(len(years) - 2, z))

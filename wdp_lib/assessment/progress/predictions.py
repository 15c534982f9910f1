"""Predictions that others make without a model of errors: ESCAP's weighted lines, JMP's line, growth that goes on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from wdp_lib.assessment.progress.formulas import growth_rate

GOOD, NONE = (
    9.0,
    0.0,
)  # ESCAP indices, 0 to 10: above the first on the way, at or below the second backwards
JMP_SPAN, JMP_AHEAD, JMP_FLAT = (
    5,
    2,
    4,
)  # JMP: years a line needs, years it is drawn on, years then held
JMP_HELD = (0.5, 99.5)  # JMP: a level at or beyond these is held for good


def recency_weights(years: ArrayLike, target_year: int) -> np.ndarray:
    """Return ESCAP's weights, heavier for recent years: ``(T - first) / (T - t)``, shape as ``years``; all must lie before ``target_year``."""
    t = np.asarray(years, dtype="float64")
    return (target_year - t.min()) / (target_year - t)


def weighted_line(years: ArrayLike, values: ArrayLike, target_year: int) -> float:
    """Return what the straight line fitted with `recency_weights` says for the target year; it passes through the unweighted centre."""
    t, y = np.asarray(years, dtype="float64"), np.asarray(values, dtype="float64")
    # numpy weighs residuals before they are squared
    slope, level = np.polyfit(t - target_year, y, 1, w=np.sqrt(recency_weights(t, target_year)))
    return float(level)


def weighted_growth(years: ArrayLike, values: ArrayLike, target_year: int) -> float:
    """Return ESCAP's prediction for positive values: the weighted line through their logarithms."""
    return float(
        np.exp(weighted_line(years, np.log(np.asarray(values, dtype="float64")), target_year))
    )


def weighted_logit(years: ArrayLike, values: ArrayLike, target_year: int) -> float:
    """Return ESCAP's prediction for percentages strictly between 0 and 100: the weighted line through their logits."""
    return _percent(weighted_line(years, _logit(values), target_year))


def mean_logit_slope(years: ArrayLike, values: ArrayLike) -> float:
    """Return the mean over the intervals of the change of the logit of a percentage a year (UNICEF's regional office for MENA)."""
    return float(np.mean(np.diff(_logit(values)) / np.diff(np.asarray(years, dtype="float64"))))


def go_on_by_logit(years: ArrayLike, values: ArrayLike, target_year: int) -> float:
    """Return the percentage of the target year if the logit goes on from the last value by `mean_logit_slope`."""
    ahead = target_year - float(np.asarray(years)[-1])
    return _percent(float(_logit(values)[-1]) + ahead * mean_logit_slope(years, values))


def _logit(values: ArrayLike) -> np.ndarray:
    share = np.asarray(values, dtype="float64") / 100
    return np.log(share / (1 - share))


def _percent(logit: float) -> float:
    return float(100 / (1 + np.exp(-logit)))


def escap_index(first: float, value: float, target: float, *, improving: int) -> float:
    """Return ESCAP's index of a value: 10 x the share of the way from ``first`` to ``target``, 10 once the target is reached, below 0 backwards.

    With the last value it is the current status index, with the predicted one the anticipated progress index. NaN where there is no way to go.

    Notes
    -----
    UN ESCAP, Asia and the Pacific SDG Progress Report, technical notes, as carried out by UNICEF's regional office for the Middle East.
    """
    if improving * (value - target) >= 0:
        return 10.0
    return improving * 10 * (value - first) / abs(target - first) if target != first else np.nan


def jmp_estimate(years: ArrayLike, values: ArrayLike, year: int) -> float:
    """Return the estimate of the WHO/UNICEF Joint Monitoring Programme for a year, none where its line may not be drawn on.

    Parameters
    ----------
    years, values : array_like, shape (n,)
        Rising years, percentages.
    year : int
        Year wanted, not before the last point.

    Returns
    -------
    float
        With points at least five years apart the least-squares line, at most two years beyond the last, then held four years and then none
        (NaN); else the mean. A level at or below 0.5 or at or above 99.5 is held for good; a single point is not drawn on. Kept in 0-100.
    """
    t, y = np.asarray(years, dtype="float64"), np.asarray(values, dtype="float64")
    ahead = year - t[-1]
    line = (
        np.polyfit(t - t[-1], y, 1)
        if len(t) > 1 and t[-1] - t[0] >= JMP_SPAN
        else np.array([0.0, y.mean()])
    )
    level = float(np.clip(np.polyval(line, min(ahead, JMP_AHEAD)), 0, 100))
    held = level <= JMP_HELD[0] or level >= JMP_HELD[1]
    reach = 0 if len(t) == 1 else JMP_AHEAD + JMP_FLAT
    return level if ahead <= reach or (held and len(t) > 1) else np.nan


def go_on(before: float, last: float, years: float) -> float:
    """Return the value after ``years`` if the growth from the year before goes on (WHO Triple Billion, scenario of the latest rate of change)."""
    return last * (1 + growth_rate(before, last, 1)) ** years

"""Whether a series is strongly fluctuating (波动较大), beyond what small numbers explain."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wdp_lib.assessment.series import Rows, pick
from wdp_lib.forecasting.trends.trend import middle, pairs
from wdp_lib.plan import Indicator

RECENT = 10  # points looked at
# Limits for 7 to 10 points: the 95 % quantile, over 20,000 simulated straight lines with normal
# noise, of the largest departure of a point from its neighbours in units of the mean departure of
# the points that are not its neighbours.
LIMITS = {7: 7.83, 8: 6.93, 9: 6.30, 10: 5.86}
NOISE_RATIO = 1.5  # a spread up to this multiple of the sampling spread is small-number noise
MATERIAL = 0.02  # a departure below this share of the level is not worth a warning
XMR = 2.66  # 3 / d2, d2 = 1.128 for ranges of two neighbours (Shewhart; Wheeler)
SWING_SHARE = 0.10  # a spread of this share of the level is a swing


class Volatility(NamedTuple):
    """How strongly one series fluctuates.

    ``kind``: ``stable, volatile, not_assessed``; ``reason``: ``too_few_points, small_numbers,
    outside_limits, swings, within_limits``. ``figure, threshold``: what was compared, in the unit
    of the series: the largest departure and its limit (``outside_limits``), else the spread around
    the trend and the spread above which it counts. ``spread``: standard deviation around the
    Theil-Sen line. ``reversals``: share of the changes that reverse the one before, 0-1.
    """

    kind: str
    reason: str
    figure: float = np.nan
    threshold: float = np.nan
    spread: float = np.nan
    reversals: float = np.nan


def volatility(series: Rows, indicator: Indicator, points: int) -> Volatility:
    """Return how strongly one annual series fluctuates.

    Of the last ten points without a missing year each is compared with its neighbours (for the
    first and the last: with the line through the next two), so that neither a slope nor a bend in
    the trend passes for volatility. Where binomial or Poisson sampling explains the spread around
    the Theil-Sen line, it is small numbers and not volatility. Else a point far off its neighbours
    is a special cause, with limits at which one straight noisy series in twenty alarms; and a
    spread of a tenth of the level, at least every second change reversing the one before, is a
    swing.

    ``series``: ``year, value, numerator, denominator``, one entry a year, rising, without a break
    in definition. Fewer than ``points``, and never fewer than seven, are not judged.
    """
    gaps = np.flatnonzero(np.diff(series["year"]) != 1)
    # across a gap a point has no neighbour to be compared with
    recent = pick(
        series, slice(max(gaps[-1] + 1 if gaps.size else 0, len(series["year"]) - RECENT), None)
    )
    values = recent["value"]
    if len(values) < max(points, min(LIMITS)):
        return Volatility("not_assessed", "too_few_points")
    spread = float(residuals(recent["year"].astype(float), values).std(ddof=2))
    changes = np.diff(values)
    shape = {"spread": spread, "reversals": float(np.mean(changes[1:] * changes[:-1] < 0))}
    sampling = _sampling_sd(recent, indicator)
    if sampling is not None and spread <= NOISE_RATIO * sampling:
        return Volatility("stable", "small_numbers", spread, float(NOISE_RATIO * sampling), **shape)
    departure, limit = _farthest(values)
    if departure > limit:
        return Volatility("volatile", "outside_limits", departure, limit, **shape)
    level = SWING_SHARE * abs(float(values.mean()))
    swings = shape["reversals"] >= 0.5 and level > 0 and spread >= level
    kind, reason = ("volatile", "swings") if swings else ("stable", "within_limits")
    return Volatility(kind, reason, spread, level, **shape)


def residuals(years: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return what is left of a series of two points or more after its Theil-Sen line."""
    first, second = pairs(len(years))
    slope = middle((values[second] - values[first]) / (years[second] - years[first]))
    left = values - slope * years
    return left - middle(left)


def _farthest(values: np.ndarray) -> tuple[float, float]:
    """Return the departure from the neighbours that is farthest beyond its limit, and that limit.

    Departures are in units in which noise is alike for all points. Each point is judged by the
    departures in which it takes no part, so that a jump does not hide itself.
    """
    inner = values[1:-1] - (values[:-2] + values[2:]) / 2
    first, last = values[0] - 2 * values[1] + values[2], values[-1] - 2 * values[-2] + values[-3]
    departures = np.abs([first / np.sqrt(6), *inner / np.sqrt(1.5), last / np.sqrt(6)])
    factor, material = LIMITS[len(values)], MATERIAL * float(np.abs(values).mean())
    others = [
        np.concatenate([departures[: max(place - 1, 0)], departures[place + 2 :]]).mean()
        for place in range(len(values))
    ]
    limits = np.maximum(factor * np.array(others), material)
    farthest = np.argmax(departures - limits)
    return float(departures[farthest]), float(limits[farthest])


def _sampling_sd(series: Rows, indicator: Indicator) -> float | None:
    if indicator.data_kind == "count":  # the value itself is a number of events
        return np.sqrt(np.abs(series["value"]).mean())
    events, exposure = series["numerator"], series["denominator"]
    if np.isnan(events).any() or not (exposure > 0).all():
        return None
    share = events.sum() / exposure.sum()
    spread = share * (1 - share) if share < 1 else share
    return float((indicator.multiplier or 1.0) * np.sqrt(np.mean(spread / exposure)))


class Limits(NamedTuple):
    """Mean and mean -/+ 2.66 mean absolute changes, in the unit of the values."""

    mean: float
    lower: float
    upper: float


def xmr_limits(values: ArrayLike) -> Limits:
    """Return the limits of an individuals chart of a series of two values or more, without a gap.

    Source: Wheeler, *Understanding Variation*; the factor 2.66 is 3 / 1.128.
    """
    points = np.asarray(values, dtype="float64")
    mean, moving = float(points.mean()), float(np.abs(np.diff(points)).mean())
    return Limits(mean, mean - XMR * moving, mean + XMR * moving)

"""How much of a forecast lies inside a target: where quantiles become a probability."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

FLOOR, CAP = 0.02, 0.98
NEAR_LIMIT = 10.0  # percentage points between a line and the limit it strives to: no room


def bounded(probability: ArrayLike) -> np.ndarray:
    """Return probabilities kept between 0.02 and 0.98: six years ahead nothing is certain."""
    return np.clip(probability, FLOOR, CAP)


def beta_calibrated(probability: np.ndarray, factors: tuple[float, ...]) -> np.ndarray:
    """Return rising probabilities, 0 and 1 kept (Kull, Silva Filho & Flach 2017)."""
    power, other, shift = factors
    with np.errstate(divide="ignore"):
        odds = power * np.log(probability) - other * np.log1p(-np.asarray(probability)) + shift
    return 1 / (1 + np.exp(-odds))


def recalibrated(
    probability: ArrayLike,
    factors: dict[str, list[float]],
    *,
    percent: ArrayLike,
    lower: ArrayLike = -np.inf,
    upper: ArrayLike = np.inf,
) -> np.ndarray:
    """Return what is said of targets whose forecast says ``probability``.

    The forecast does not know which side is better; what somebody means to improve improves more
    often than it says. Only where real series that were not learned from showed it is a probability
    moved: not with two edges, and of percentages not where the line is near the limit beyond it.
    ``factors``: of ``percent`` and of ``other`` indicators, for `beta_calibrated`.
    """
    low, high, said = (np.asarray(part, float) for part in (lower, upper, probability))
    room = np.where(np.isfinite(low), 100 - low, high)
    moved = (np.isfinite(low) != np.isfinite(high)) & (~np.asarray(percent) | (room > NEAR_LIMIT))
    sorts = (beta_calibrated(said, tuple(factors[name])) for name in ("percent", "other"))
    return np.where(moved, np.where(percent, *sorts), said)


def probability_inside(
    levels: np.ndarray,
    values: np.ndarray,
    *,
    lower: ArrayLike = -np.inf,
    upper: ArrayLike = np.inf,
    lower_open: ArrayLike = False,
    upper_open: ArrayLike = False,
) -> np.ndarray:
    """Return the probability that forecasts, given by their quantiles, fall between two edges.

    The distribution function is the straight line between the quantiles; equal neighbouring
    quantiles (a forecast clipped at a natural limit) are a point mass. Outside the outermost
    quantiles nothing is known beyond their level: the probability there is taken as half of what is
    left, so that a floor and a cap must follow. A point mass is read as a natural limit: nothing
    lies beyond it. The level at which the forecast meets the limit lies between two quantiles; it
    is found by going on along the last stretch before the limit, so that it does not depend on
    which quantiles were kept. ``values`` (shape (quantiles,) or (cases, quantiles)): edges may be
    one for all cases, or one each.
    """
    cases = np.atleast_2d(values)
    low, high = (np.broadcast_to(edge, len(cases)).astype("float64") for edge in (lower, upper))
    before = _chosen(lower_open, _up_to, below, (levels, cases, low))
    until = _chosen(upper_open, below, _up_to, (levels, cases, high))
    share = np.where(np.isposinf(high), 1.0, until) - np.where(np.isneginf(low), 0.0, before)
    # beyond twelve decimals stands only the noise of binary fractions, which must not order two
    # targets
    inside = np.clip(share, 0.0, 1.0).round(12)
    return inside if np.ndim(values) > 1 else inside[0]


def _chosen(first: ArrayLike, one: Callable, other: Callable, given: tuple) -> np.ndarray:
    """What one way of computing says where ``first``, the other elsewhere; neither in vain."""
    first = np.asarray(first, bool)
    if first.all() or not first.any():
        return (one if first.all() else other)(*given)
    return np.where(first, one(*given), other(*given))


def _up_to(levels: np.ndarray, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    return 1 - below(1 - levels[::-1], -values[:, ::-1], -x)


def below(levels: np.ndarray, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return P(Y < x) of forecasts (cases, quantiles), one ``x`` each."""
    if not len(values):
        return np.empty(0)
    count, rows, grid = len(levels), np.arange(len(values)), _grid(levels, values)
    place = (values < x[:, None]).sum(axis=1)
    upper = np.clip(place, 1, count - 1)
    low, high = values[rows, upper - 1], values[rows, upper]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(high > low, (x - low) / (high - low), 0.0)
        inner = grid[rows, upper - 1] + part * (grid[rows, upper] - grid[rows, upper - 1])
    mass_first, mass_last = values[:, 0] == values[:, 1], values[:, -1] == values[:, -2]
    before = np.where(mass_first, 0.0, np.where(x == values[:, 0], levels[0], levels[0] / 2))
    after = np.where(mass_last, 1.0, 1 - (1 - levels[-1]) / 2)
    return np.select([place == 0, place == count], [before, after], inner)


def _grid(levels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Level of each quantile; where a forecast is clipped, that at which it meets its limit."""
    grid = np.tile(levels, (len(values), 1))
    rows = np.flatnonzero(values[:, -1] == values[:, -2])
    first = (values[rows] == values[rows, -1:]).argmax(axis=1)
    grid[rows, first] = _level_at_limit(levels, values[rows])
    rows = np.flatnonzero(values[:, 0] == values[:, 1])
    last = (values[rows] == values[rows, :1]).sum(axis=1) - 1
    grid[rows, last] = 1 - _level_at_limit(1 - levels[::-1], -values[rows, ::-1])
    return grid


def _level_at_limit(levels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Level at which forecasts clipped from above meet their limit, the last of their values."""
    first = (values == values[:, -1:]).argmax(axis=1)
    rows, one, two = np.arange(len(values)), np.maximum(first - 1, 0), np.maximum(first - 2, 0)
    limit, before, earlier = values[:, -1], values[rows, one], values[rows, two]
    apart = (first > 1) & (before != earlier)
    stretch = (limit - before) / np.where(apart, before - earlier, 1.0)
    reached = np.minimum(levels[one] + stretch * (levels[one] - levels[two]), levels[first])
    return np.where(first == 0, 0.0, np.where(apart, reached, (levels[one] + levels[first]) / 2))

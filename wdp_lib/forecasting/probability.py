"""How much of a forecast lies inside a target.

The one place where quantiles become a probability.
"""

from __future__ import annotations

import numpy as np

FLOOR, CAP = 0.02, 0.98


def bounded(probability: float) -> float:
    """Return the probability kept between 0.02 and 0.98: six years ahead nothing is certain."""
    return float(np.clip(probability, FLOOR, CAP))


def probability_inside(
    levels: np.ndarray,
    values: np.ndarray,
    *,
    lower: float = -np.inf,
    upper: float = np.inf,
    lower_open: bool = False,
    upper_open: bool = False,
) -> float:
    """Return the probability that a forecast, given by its quantiles, falls between two edges.

    The distribution function is the straight line between the quantiles; equal neighbouring
    quantiles (a forecast clipped at a natural limit) are a point mass. Outside the outermost
    quantiles nothing is known beyond their level: the probability there is taken as half of what is
    left, so that a floor and a cap must follow. A point mass is read as a natural limit: nothing
    lies beyond it. The level at which the forecast meets the limit lies between two quantiles; it
    is found by going on along the last stretch before the limit, so that it does not depend on
    which quantiles were kept.
    """
    below_lower = (
        0.0 if np.isneginf(lower) else _cdf(levels, values, lower, strictly=not lower_open)
    )
    below_upper = 1.0 if np.isposinf(upper) else _cdf(levels, values, upper, strictly=upper_open)
    # beyond twelve decimals stands only the noise of binary fractions, which must not order two
    # targets
    return round(float(np.clip(below_upper - below_lower, 0.0, 1.0)), 12)


def _cdf(levels: np.ndarray, values: np.ndarray, x: float, *, strictly: bool) -> float:
    """P(Y < x) when ``strictly``, else P(Y <= x)."""
    mass_below, mass_above = values[0] == values[1], values[-1] == values[-2]
    if x < values[0] or (x == values[0] and mass_below and strictly):
        return 0.0 if mass_below else float(levels[0]) / 2
    if x > values[-1] or (x == values[-1] and mass_above and not strictly):
        return 1.0 if mass_above else 1 - (1 - float(levels[-1])) / 2
    equal = np.flatnonzero(values == x)
    if equal.size == 0:
        grid = levels.astype(float)
        if mass_above:
            grid[np.flatnonzero(values == values[-1])[0]] = _meets(levels, values)
        if mass_below:
            grid[np.flatnonzero(values == values[0])[-1]] = 1 - _meets(
                1 - levels[::-1], -values[::-1]
            )
        return float(np.interp(x, values, grid))
    if strictly and equal[-1] == len(values) - 1 and mass_above:
        return _meets(levels, values)
    if not strictly and equal[0] == 0 and mass_below:
        return 1 - _meets(1 - levels[::-1], -values[::-1])
    return float(levels[equal[0] if strictly else equal[-1]])


def _meets(levels: np.ndarray, values: np.ndarray) -> float:
    return float(level_at_limit(levels, values[None])[0])


def level_at_limit(levels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the level at which forecasts (cases, k) clipped from above meet their limit.

    The last of their values.
    """
    first = (values == values[:, -1:]).argmax(axis=1)
    rows, one, two = np.arange(len(values)), np.maximum(first - 1, 0), np.maximum(first - 2, 0)
    limit, before, earlier = values[:, -1], values[rows, one], values[rows, two]
    apart = (first > 1) & (before != earlier)
    stretch = (limit - before) / np.where(apart, before - earlier, 1.0)
    reached = np.minimum(levels[one] + stretch * (levels[one] - levels[two]), levels[first])
    return np.where(first == 0, 0.0, np.where(apart, reached, (levels[one] + levels[first]) / 2))

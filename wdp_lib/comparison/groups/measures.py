"""How far apart groups are: difference, ratio and parity of two, spread between many."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from wdp_lib.forecasting.counts.rates import binomial_wilson, rate_interval


def group_interval(
    events: ArrayLike, exposure: ArrayLike, *, trials: ArrayLike, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of one group that differences and ratios are built from.

    Wilson's where ``trials`` (each of the exposure counts at most once), else the exact one or
    Byar's; NaN without counts.
    """
    wilson = binomial_wilson(events, exposure, level)
    rate = rate_interval(events, exposure, level=level)[:2]
    lower, upper = (np.where(trials, one, other) for one, other in zip(wilson, rate, strict=True))
    return lower, upper


def difference_interval(
    first: ArrayLike, second: ArrayLike, one: tuple, other: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of ``first - second`` by squaring and adding the arms of both.

    With Wilson's intervals this is Newcombe's method 10 (Newcombe 1998); with those of rates its
    counterpart (Zou & Donner 2008). It holds with small counts and with none. ``one`` and ``other``
    are the ends of the interval of each group, in the unit of the values.
    """
    first, second = np.asarray(first, dtype="float64"), np.asarray(second, dtype="float64")
    difference = first - second
    lower = difference - np.hypot(first - one[0], other[1] - second)
    return lower, difference + np.hypot(one[1] - first, second - other[0])


def ratio_interval(
    first: ArrayLike, second: ArrayLike, one: tuple, other: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of ``first / second`` from the two intervals (Donner & Zou 2012).

    Parameters as for `difference_interval`. The upper end is infinite where the second group may be
    zero, and both ends are NaN where both groups are zero: of nothing against nothing no ratio can
    be said.
    """
    first, second = np.asarray(first, dtype="float64"), np.asarray(second, dtype="float64")
    low, high = one
    product = first * second

    def root(end: np.ndarray, far: np.ndarray) -> np.ndarray:
        inside = product**2 - end * far * (2 * first - end) * (2 * second - far)
        return product + np.sqrt(np.maximum(inside, 0))

    with np.errstate(divide="ignore", invalid="ignore"):
        # the usual formula, widened by its own root: it stands where the second group is small
        lower = np.where(
            (low > 0) & (first > 0), low * (2 * first - low) / root(low, other[1]), 0.0
        )
        upper = np.where(
            (other[0] > 0) & (second > 0),
            root(high, other[0]) / (other[0] * (2 * second - other[0])),
            np.inf,
        )
    unknown = ~(np.isfinite(low) & np.isfinite(other[0])) | ((first == 0) & (second == 0))
    return np.where(unknown, np.nan, lower), np.where(unknown, np.nan, upper)


def parity_index(ratio: ArrayLike) -> np.ndarray:
    """Return the adjusted parity index: the ratio, above 1 two less its inverse (UNESCO)."""
    ratio = np.asarray(ratio, dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(ratio > 1, 2 - 1 / ratio, ratio)


def probability_narrower(
    now: ArrayLike, now_sd: ArrayLike, before: ArrayLike, before_sd: ArrayLike
) -> np.ndarray:
    """Return the probability that a gap is smaller in size, whatever its sign, than it was.

    Both differences are independent and about normal. ``|now| < |before|``: the sum and the
    difference of the two must have the same sign, which of two correlated normal variables is read
    from Owen's function.
    """
    from scipy.special import owens_t

    now, now_sd, before, before_sd = np.broadcast_arrays(
        *(np.asarray(x, dtype="float64") for x in (now, now_sd, before, before_sd))
    )
    total, apart = now_sd**2 + before_sd**2, before_sd**2 - now_sd**2
    certain = np.where(np.abs(now) == np.abs(before), 0.5, np.abs(now) < np.abs(before))
    with np.errstate(divide="ignore", invalid="ignore"):
        rho, size = apart / total, np.sqrt(total)
        one, other, rest = (before - now) / size, (before + now) / size, np.sqrt(1 - rho**2)

        def tail(h: np.ndarray, k: np.ndarray) -> np.ndarray:
            slope = (k - rho * h) / (h * rest)
            return np.where(h == 0, 0.25, owens_t(h, np.where(np.isnan(slope), 0.0, slope)))

        share = 1 - 2 * (tail(one, other) + tail(other, one)) - (one * other < 0)
        share = np.where((one == 0) & (other == 0), 0.5 + np.arcsin(rho) / np.pi, share)
    return np.where(total == 0, certain, np.clip(share, 0.0, 1.0))


def spread(
    values: ArrayLike, weights: ArrayLike, *, higher_is_better: bool = True
) -> dict[str, float]:
    """Return measures of the spread between groups without an order (WHO equity toolkit).

    Values and populations are those of at least two groups, all known, populations above zero.

    Returns
    -------
    dict of str to float
        ``mean`` (weighted), ``difference`` and ``ratio`` of highest and lowest,
        ``between_group_variance`` and ``between_group_sd`` (weighted), ``coefficient_of_variation``
        (%), ``mean_difference_from_best`` and ``mean_difference_from_mean`` (weighted, absolute),
        ``index_of_disparity`` (unweighted, % of the mean), ``attributable_risk`` (best less mean)
        and ``attributable_fraction`` (% of the mean). NaN where divided by zero.
    """
    values, weights = np.asarray(values, dtype="float64"), np.asarray(weights, dtype="float64")
    share = weights / weights.sum()
    mean = float(share @ values)
    best = float(values.max() if higher_is_better else values.min())
    variance = float(share @ (values - mean) ** 2)
    part = 100 / mean if mean else math.nan
    return {
        "mean": mean,
        "difference": float(values.max() - values.min()),
        "ratio": float(values.max() / values.min()) if values.min() else math.nan,
        "between_group_variance": variance,
        "between_group_sd": math.sqrt(variance),
        "coefficient_of_variation": math.sqrt(variance) * part,
        "mean_difference_from_best": float(share @ np.abs(values - best)),
        "mean_difference_from_mean": float(share @ np.abs(values - mean)),
        "index_of_disparity": float(np.abs(values - mean).mean()) * part,
        "attributable_risk": best - mean,
        "attributable_fraction": (best - mean) * part,
    }


def concentration(values: ArrayLike, weights: ArrayLike) -> dict[str, float]:
    """Return the absolute and relative concentration index of groups in order, worst off first.

    The absolute one is the sum of share x (2 x midpoint rank - 1) x value, the relative one the
    same over the mean.
    """
    values, _, rank, share = _ranked(values, weights)
    absolute, mean = float(share @ ((2 * rank - 1) * values)), float(share @ values)
    return {
        "absolute_concentration_index": absolute,
        "relative_concentration_index": absolute / mean if mean else math.nan,
    }


def slope_index(events: ArrayLike, trials: ArrayLike) -> dict[str, float]:
    """Return slope and relative index of inequality of groups in order, worst off first.

    A logistic regression of the counts on the midpoint rank, each person counting once; the fitted
    proportions at the two ends of the ranking are compared. NaN where the counts do not fix a
    slope: none or all of the trials count.
    """
    events, trials, rank = _ranked(events, trials)[:3]
    low, high = _logistic_ends(events, trials, rank)
    return {"slope_index": high - low, "relative_index": high / low}


def _ranked(
    values: ArrayLike, weights: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Values, weights, midpoint ranks and shares."""
    values, weights = np.asarray(values, dtype="float64"), np.asarray(weights, dtype="float64")
    share = weights / weights.sum()
    return values, weights, np.cumsum(share) - share / 2, share


def _logistic_ends(events: np.ndarray, trials: np.ndarray, rank: np.ndarray) -> tuple[float, float]:
    """Fitted proportions at rank 0 and 1, by Newton's method; NaN for separated groups."""
    pooled = events.sum() / trials.sum()
    if not 0 < pooled < 1:
        return math.nan, math.nan
    design = np.column_stack([np.ones_like(rank), rank])
    beta = np.array([math.log(pooled / (1 - pooled)), 0.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ beta))
        information = design.T @ (design * (trials * chance * (1 - chance))[:, None])
        if not np.linalg.cond(information) < 1e12:
            break
        step = np.linalg.solve(information, design.T @ (events - trials * chance))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            low, high = 1 / (1 + np.exp(-np.array([beta[0], beta.sum()])))
            return float(low), float(high)
    return math.nan, math.nan

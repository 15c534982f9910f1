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

    Parameters
    ----------
    events, exposure : array_like
        Counts; NaN where not known.
    trials : array_like of bool
        Whether each of the exposure counts at most once (Wilson's interval), or events are rare
        (exact or Byar's).
    """
    wilson, rate = (
        binomial_wilson(events, exposure, level),
        rate_interval(events, exposure, level=level),
    )
    lower, upper = (
        np.where(trials, one, other) for one, other in zip(wilson, rate[:2], strict=True)
    )
    return lower, upper


def difference_interval(
    first: ArrayLike, second: ArrayLike, one: tuple, other: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of ``first - second`` by squaring and adding the arms of both.

    With Wilson's intervals this is Newcombe's method 10 (Newcombe 1998); with those of rates its
    counterpart (Zou & Donner 2008). It holds with small counts and with none.

    Parameters
    ----------
    first, second : array_like
        Values of the groups.
    one, other : tuple of array_like
        Lower and upper end of the interval of each, in the unit of the values.
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
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(
            np.maximum(product**2 - low * other[1] * (2 * first - low) * (2 * second - other[1]), 0)
        )
        # the usual formula, widened by its own root: it stands where the second group is small
        lower = np.where((low > 0) & (first > 0), low * (2 * first - low) / (product + root), 0.0)
        root = np.sqrt(
            np.maximum(
                product**2 - high * other[0] * (2 * first - high) * (2 * second - other[0]), 0
            )
        )
        upper = np.where(
            (other[0] > 0) & (second > 0),
            (product + root) / (other[0] * (2 * second - other[0])),
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

    Parameters
    ----------
    now, before : array_like
        Differences, independent and about normal.
    now_sd, before_sd : array_like
        Their standard deviations; NaN gives NaN.

    Returns
    -------
    numpy.ndarray
        ``P(|now| < |before|)``, 0-1: the sum and the difference of the two must have the same sign.
        Of two correlated normal variables that is read from Owen's function.
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

    Parameters
    ----------
    values, weights : array_like, shape (k,)
        Value and population of each of at least two groups, all known, weights above zero.
    higher_is_better : bool
        Which end is the best.

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

    Returns
    -------
    dict of str to float
        ``absolute_concentration_index`` (sum of share x (2 x midpoint rank - 1) x value) and
        ``relative_concentration_index`` (the same over the mean; NaN for a mean of 0).
    """
    values, share, rank = _ranked(values, weights)
    absolute, mean = float(share @ ((2 * rank - 1) * values)), float(share @ values)
    return {
        "absolute_concentration_index": absolute,
        "relative_concentration_index": absolute / mean if mean else math.nan,
    }


def slope_index(events: ArrayLike, trials: ArrayLike) -> dict[str, float]:
    """Return slope and relative index of inequality of groups in order, worst off first.

    A logistic regression of the counts on the midpoint rank, each person counting once; the fitted
    proportions at the two ends of the ranking are compared.

    Parameters
    ----------
    events, trials : array_like, shape (k,)
        Counts of each group.

    Returns
    -------
    dict of str to float
        ``slope_index`` (0-1) and ``relative_index``; NaN where the counts do not fix a slope: none
        or all of the trials count.
    """
    events, trials = np.asarray(events, dtype="float64"), np.asarray(trials, dtype="float64")
    _, _, rank = _ranked(events, trials)
    nothing = {"slope_index": math.nan, "relative_index": math.nan}
    if events.sum() in (0.0, float(trials.sum())):
        return nothing
    ends = _logistic_ends(events, trials, rank)
    return (
        nothing
        if ends is None
        else {"slope_index": ends[1] - ends[0], "relative_index": ends[1] / ends[0]}
    )


def _ranked(values: ArrayLike, weights: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values, weights = np.asarray(values, dtype="float64"), np.asarray(weights, dtype="float64")
    share = weights / weights.sum()
    return values, share, np.cumsum(share) - share / 2


def _logistic_ends(
    events: np.ndarray, trials: np.ndarray, rank: np.ndarray
) -> tuple[float, float] | None:
    """Fitted proportions at rank 0 and 1, by Newton's method; ``None`` for separated groups."""
    design = np.column_stack([np.ones_like(rank), rank])
    pooled = events.sum() / trials.sum()
    beta = np.array([math.log(pooled / (1 - pooled)), 0.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ beta))
        information = design.T @ (design * (trials * chance * (1 - chance))[:, None])
        if not np.linalg.cond(information) < 1e12:
            return None
        step = np.linalg.solve(information, design.T @ (events - trials * chance))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            low, high = 1 / (1 + np.exp(-np.array([beta[0], beta.sum()])))
            return float(low), float(high)
    return None

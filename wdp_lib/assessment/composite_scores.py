"""Scores of single indicators and their means: the formulas of composite indices."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

PASS = 60.0  # 功效系数法: score of the value that is just not allowed


def distance_to_target(
    x: ArrayLike, *, worst: ArrayLike, target: ArrayLike, cap: bool = True
) -> np.ndarray:
    """Return the share of the way from the worst value to the target, 0 to 1; without ``cap`` beyond these too.

    Parameters
    ----------
    x, worst, target : array_like
        Values, and the two posts between which they are placed, in one unit; either post may be the larger.

    Notes
    -----
    Distance to target and goalposts of the OECD/JRC handbook on composite indicators, as carried out by ``COINr``.
    """
    x, worst, target = (np.asarray(one, dtype="float64") for one in (x, worst, target))
    share = (x - worst) / (target - worst)
    return np.clip(share, 0.0, 1.0) if cap else share


def efficacy(x: ArrayLike, *, not_allowed: ArrayLike, satisfactory: ArrayLike) -> np.ndarray:
    """Return the exponential efficacy score (指数型功效函数): 60 for the value not allowed, 100 for the satisfactory one.

    ``60 exp(-ln(0.6) (x - not_allowed) / (satisfactory - not_allowed))``.
    """
    share = distance_to_target(x, worst=not_allowed, target=satisfactory, cap=False)
    return PASS * np.exp(-np.log(PASS / 100) * share)


def weighted_mean(
    scores: ArrayLike, weights: ArrayLike, *, geometric: ArrayLike = False
) -> np.ndarray:
    """Return weighted means over the last axis.

    Parameters
    ----------
    scores : array_like, shape (..., k)
        Scores 0-100.
    weights : array_like, shape (..., k)
        Not negative; they need not add up to 1.
    geometric : bool or array_like, shape (...)
        Geometric instead of arithmetic; scores below 1 count as 1 there, so that one zero does not wipe out all others.
    """
    scores, weights = np.asarray(scores, dtype="float64"), np.asarray(weights, dtype="float64")
    weights = weights / weights.sum(axis=-1, keepdims=True)
    arithmetic = (weights * scores).sum(axis=-1)
    product = np.exp((weights * np.log(np.maximum(scores, 1.0))).sum(axis=-1))
    return np.where(geometric, product, arithmetic)


def split_normal(
    z: ArrayLike, lower: ArrayLike, centre: ArrayLike, upper: ArrayLike, edge: float
) -> np.ndarray:
    """Return draws from a normal distribution whose two halves have spreads of their own.

    Parameters
    ----------
    z : array_like, shape (draws, k)
        Standard normal draws.
    lower, centre, upper : array_like, shape (k,)
        Ends of a central interval and its middle; where an end is missing the centre is taken as certain.
    edge : float
        Standard normal quantile of the upper end, e.g. 1.96 of a 95 % interval.
    """
    z, lower, centre, upper = (
        np.asarray(one, dtype="float64") for one in (z, lower, centre, upper)
    )
    spread = np.where(z < 0, centre - lower, upper - centre) / edge
    return centre + z * np.nan_to_num(spread)

"""Scores of forecasts: functions of what was observed and what was predicted; smaller is better."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from wdp_lib.core.errors import ParameterError, Text


def pinball_loss(observed: ArrayLike, predicted: ArrayLike, quantiles: ArrayLike) -> np.ndarray:
    """Return the pinball (quantile) loss."""
    error = np.asarray(observed, dtype="float64")[..., None] - np.asarray(
        predicted, dtype="float64"
    )
    levels = np.asarray(quantiles, dtype="float64")
    return np.maximum(levels * error, (levels - 1) * error)


def interval_score(
    observed: ArrayLike, lower: ArrayLike, upper: ArrayLike, level: float
) -> np.ndarray:
    """Return the interval score of central intervals.

    Width, plus ``2 / alpha`` times what lies outside.

    Notes
    -----
    Gneiting & Raftery (2007). Times ``alpha / 2`` it is the part that `weighted_interval_score`
    adds up.
    """
    y, low, high = (np.asarray(x, dtype="float64") for x in (observed, lower, upper))
    alpha = 1 - level
    return high - low + 2 / alpha * (np.maximum(low - y, 0) + np.maximum(y - high, 0))


def weighted_interval_score(
    observed: ArrayLike, predicted: ArrayLike, quantiles: ArrayLike, *, median_twice: bool = False
) -> np.ndarray:
    """Return the weighted interval score of symmetric quantiles around a median.

    Notes
    -----
    Bracher et al. (2021): ``(|y - m| / 2 + sum alpha_k / 2 * IS_k) / (K + 1/2)``.
    """
    levels, predicted = (
        np.asarray(quantiles, dtype="float64"),
        np.asarray(predicted, dtype="float64"),
    )
    if (
        len(levels) % 2 == 0
        or not np.allclose(levels + levels[::-1], 1)
        or (np.diff(levels) <= 0).any()
    ):
        raise ParameterError(
            Text(
                f"分位点须围绕 0.5 对称且递增，现为 {levels.tolist()}。",
                f"Quantile levels must rise and be symmetric around 0.5, not {levels.tolist()}.",
            )
        )
    pairs = len(levels) // 2
    share = 1.0 if median_twice else 0.5
    total = share * np.abs(np.asarray(observed, dtype="float64") - predicted[..., pairs])
    for k in range(pairs):
        alpha = 2 * levels[k]
        total = total + alpha / 2 * interval_score(
            observed, predicted[..., k], predicted[..., -1 - k], 1 - alpha
        )
    return total / (pairs + share)


def brier_score(happened: ArrayLike, probability: ArrayLike) -> np.ndarray:
    """Return the squared difference between a probability and what happened (0 or 1)."""
    return (np.asarray(probability, dtype="float64") - np.asarray(happened, dtype="float64")) ** 2


def coverage(observed: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> float:
    """Return the share of values inside their interval (edges included).

    Missing values do not count.
    """
    y, low, high = np.broadcast_arrays(
        *(np.asarray(x, dtype="float64") for x in (observed, lower, upper))
    )
    known = np.isfinite(y) & np.isfinite(low) & np.isfinite(high)
    return float(((low <= y) & (y <= high))[known].mean()) if known.any() else float("nan")

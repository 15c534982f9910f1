"""Scores of forecasts: functions of what was observed and what was predicted; smaller is better."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def pinball_loss(observed: ArrayLike, predicted: ArrayLike, quantiles: ArrayLike) -> np.ndarray:
    """Return the pinball (quantile) loss; twice its mean is the weighted interval score."""
    observed, predicted, levels = (
        np.asarray(part, dtype="float64") for part in (observed, predicted, quantiles)
    )
    error = observed[..., None] - predicted
    return np.maximum(levels * error, (levels - 1) * error)

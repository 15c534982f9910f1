"""Whether a growth has slowed.

The slope before a year against the slope after it, with its uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

FEWEST_EACH_SIDE = 3


@dataclass(frozen=True)
class GrowthChange:
    """Slopes before and after a year.

    Parameters
    ----------
    before, after : float
        Yearly change up to the year and from it on, in the unit of the values; NaN where they
        cannot be said.
    p_slower : float
        Probability, 0-1, that the growth after is smaller than before.
    n_before, n_after : int
        Points; the year itself counts on both sides.
    reason : str
        ``""`` or ``too_few_points``.
    """

    before: float
    after: float
    p_slower: float
    n_before: int
    n_after: int
    reason: str


def growth_change(years: ArrayLike, values: ArrayLike, pivot: int) -> GrowthChange:
    """Compare the growth of a series before and after a year.

    Notes
    -----
    Least squares of two lines that meet in the pivot year, and a t-test of the bend with n - 3
    degrees of freedom. The residual variance is never below that of rounding (step² / 12): points
    exactly on two lines are not certainty.
    """
    years, values = np.asarray(years, dtype="float64"), np.asarray(values, dtype="float64")
    known = np.isfinite(values)
    years, values = years[known], values[known]
    n_before, n_after = int((years <= pivot).sum()), int((years >= pivot).sum())
    if min(n_before, n_after) < FEWEST_EACH_SIDE or len(years) < 2 * FEWEST_EACH_SIDE - 1:
        return GrowthChange(np.nan, np.nan, np.nan, n_before, n_after, "too_few_points")
    from scipy.stats import t

    age = years - pivot
    design = np.column_stack([np.ones_like(age), age, np.maximum(age, 0.0)])
    inverse = np.linalg.inv(design.T @ design)
    fitted = inverse @ design.T @ values
    freedom = len(values) - 3
    variance = max(((values - design @ fitted) ** 2).sum() / freedom, _step(values) ** 2 / 12)
    bend = fitted[2] / np.sqrt(variance * inverse[2, 2])
    return GrowthChange(
        fitted[1], fitted[1] + fitted[2], float(t.cdf(-bend, freedom)), n_before, n_after, ""
    )


def _step(values: np.ndarray) -> float:
    """Smallest decimal step that the values use, 1 to 0.000001."""
    for decimals in range(6):
        if np.abs(values - np.round(values, decimals)).max() < 1e-7:
            return 10.0**-decimals
    return 1e-6

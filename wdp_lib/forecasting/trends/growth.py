"""Whether a growth has slowed: the slope before a year against the slope after it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wdp_lib.forecasting.panel import reporting_unit

FEWEST_EACH_SIDE = 3


class GrowthChange(NamedTuple):
    """Slopes before and after a year (NaN where there are too few points)."""

    before: float
    after: float
    p_slower: float  # probability, 0-1, that the growth after is smaller than before
    reason: str  # "" or too_few_points


def growth_change(years: ArrayLike, values: ArrayLike, pivot: int) -> GrowthChange:
    """Compare the growth of a series before and after a year.

    Least squares of two lines that meet in the pivot year, and a t-test of the bend with n - 3
    degrees of freedom. The residual variance is never below that of rounding (step² / 12): points
    exactly on two lines are not certainty.
    """
    years, values = np.asarray(years, dtype="float64"), np.asarray(values, dtype="float64")
    known = np.isfinite(values)
    years, values = years[known], values[known]
    fewest = min((years <= pivot).sum(), (years >= pivot).sum())  # the year itself counts twice
    if fewest < FEWEST_EACH_SIDE or len(years) < 2 * FEWEST_EACH_SIDE - 1:
        return GrowthChange(np.nan, np.nan, np.nan, "too_few_points")
    from scipy.stats import t

    age = years - pivot
    design = np.column_stack([np.ones_like(age), age, np.maximum(age, 0.0)])
    inverse = np.linalg.inv(design.T @ design)
    fitted = inverse @ design.T @ values
    freedom = len(values) - 3
    step = reporting_unit(values[None])[0]
    variance = max(((values - design @ fitted) ** 2).sum() / freedom, step**2 / 12)
    bend = fitted[2] / np.sqrt(variance * inverse[2, 2])
    slower = float(t.cdf(-bend, freedom))
    return GrowthChange(fitted[1], fitted[1] + fitted[2], slower, "")

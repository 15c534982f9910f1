"""Individuals chart (XmR): limits of what a steady process gives."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

XMR = 2.66  # 3 / d2, d2 = 1.128 for ranges of two neighbours (Shewhart; Wheeler)


class Limits(NamedTuple):
    """Mean, mean of the absolute changes, mean -/+ 2.66 mean changes, in the unit of the values."""

    mean: float
    moving_range: float
    lower: float
    upper: float


def xmr_limits(values: ArrayLike) -> Limits:
    """Return the limits of an individuals chart of a series of two values or more, without a gap.

    Source: Wheeler, *Understanding Variation*; the factor 2.66 is 3 / 1.128.
    """
    points = np.asarray(values, dtype="float64")
    mean, moving = float(points.mean()), float(np.abs(np.diff(points)).mean())
    return Limits(mean, moving, mean - XMR * moving, mean + XMR * moving)

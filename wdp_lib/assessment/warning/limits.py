"""Individuals chart (XmR): limits of what a steady process gives, and whether a target lies inside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

XMR = 2.66  # 3 / d2, d2 = 1.128 for ranges of two neighbours (Shewhart; Wheeler, Understanding Variation)


@dataclass(frozen=True)
class Limits:
    """Limits of an individuals chart.

    Parameters
    ----------
    mean, moving_range, lower, upper : float
        Mean of the values, mean of the absolute changes, mean -/+ 2.66 mean changes; all in the unit of the values.
    """

    mean: float
    moving_range: float
    lower: float
    upper: float

    def assurance(self, target: float, *, improving: int) -> str:
        """Return whether a steady process keeps a target: ``pass`` always, ``fail`` never, ``inconsistent`` as chance has it.

        Parameters
        ----------
        target : float
            The line.
        improving : {1, -1}
            Whether more (1) or less (-1) is better.
        """
        best, worst = (self.upper, self.lower) if improving > 0 else (-self.lower, -self.upper)
        line = target if improving > 0 else -target
        if worst >= line:
            return "pass"
        return "fail" if best < line else "inconsistent"


def xmr_limits(values: ArrayLike) -> Limits:
    """Return the limits of an individuals chart of a series of at least two values, without any gap, in order of time.

    Source: Wheeler, *Understanding Variation*; the factor 2.66 is 3 / 1.128.
    """
    points = np.asarray(values, dtype="float64")
    mean, moving = float(points.mean()), float(np.abs(np.diff(points)).mean())
    return Limits(mean, moving, mean - XMR * moving, mean + XMR * moving)

"""The grey model GM(1,1) of Deng (1982): ``x(k) = b - a z(k)``, z the mean of cumulated sums."""

from __future__ import annotations

import numpy as np

from wdp_lib.forecasting.models.classic import student_quantiles
from wdp_lib.forecasting.panel import Panel

FEWEST_FOR_GREY = 4
STEP = 1e-6


def _restored(a: float, b: float, first: float, steps: np.ndarray) -> np.ndarray:
    """Values ``steps`` years after the first (0 gives the first itself)."""
    # expm1 keeps (1 - e^a) / a exact for a series that hardly develops
    grown = -np.expm1(a) * first + b * (np.expm1(a) / a if a else 1.0)
    return np.where(steps == 0, first, grown * np.exp(-a * steps))


def grey_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return GM(1,1): positive values on one exponential curve, with independent errors around it.

    Variance: that of the residuals from the second value on, plus that of the curve (delta method
    on the covariance of a and b); t quantiles with n - 3 degrees of freedom. GM(1,1) itself has no
    intervals, and its errors were not measured on other series; so these know nothing of a bend in
    the curve.
    """
    centre, spread = np.full((2, len(panel), horizon), np.nan)
    for row in range(len(panel)):
        x = panel.history(row)[1]
        steps = np.arange(len(x), len(x) + horizon)
        (a, b), inverse = _least_squares(x)
        centre[row] = _restored(a, b, x[0], steps)
        variance = ((x - _restored(a, b, x[0], np.arange(len(x)))) ** 2).sum() / (len(x) - 3)
        slopes = np.array(
            [_slope(a, b, x[0], steps, *move) for move in ((STEP, 0.0), (0.0, STEP * b))]
        )
        spread[row] = np.sqrt(variance * (1 + np.einsum("ih,ij,jh->h", slopes, inverse, slopes)))
    return student_quantiles(panel, centre, spread, quantiles, panel.n - 3)


def _least_squares(x: np.ndarray) -> tuple[tuple[float, float], np.ndarray]:
    """Return a, b and the inverse of the normal matrix of (a, b)."""
    total = np.cumsum(x)
    design = np.column_stack([-(total[1:] + total[:-1]) / 2, np.ones(len(x) - 1)])
    inverse = np.linalg.inv(design.T @ design)
    a, b = np.linalg.lstsq(design, x[1:], rcond=None)[0]
    return (float(a), float(b)), inverse


def _slope(a: float, b: float, first: float, steps: np.ndarray, da: float, db: float) -> np.ndarray:
    ahead, behind = _restored(a + da, b + db, first, steps), _restored(a - da, b - db, first, steps)
    return (ahead - behind) / (2 * (da + db))

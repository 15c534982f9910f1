"""Whether a series is strongly fluctuating (波动较大), beyond what small numbers explain."""

from __future__ import annotations

import numpy as np
import pandas as pd

RECENT = 10  # points looked at: over a longer time a bend in the trend would pass for a swing
# Limits in mean moving ranges for 6 to 10 points: the 95 % quantile, over 20,000 simulated straight lines with normal noise,
# of the largest residual in units of the mean moving range of the others. The factor 2.66 of the textbook chart, meant for
# 20 points and more and a flat line, would alarm in 23-32 % of such series.
LIMITS = {6: 6.37, 7: 5.12, 8: 4.48, 9: 4.14, 10: 3.94}
NOISE_RATIO = 1.5  # a residual spread up to this multiple of the sampling spread is small-number noise
SWING_SHARE = 0.10  # a residual spread of this share of the level is a swing


def volatility(series: pd.DataFrame, *, multiplier: float, points: int) -> tuple[str, str]:
    """Return class and reason of the volatility of one annual series.

    The last ten points are compared with their Theil-Sen line. Where counts are given and binomial or Poisson sampling explains
    the spread, it is small numbers and not volatility. Else a point far outside the limits is a special cause (individuals
    chart with limits set so that one straight noisy series in twenty alarms), and a spread of a tenth of the level with at
    least every second change reversing the one before is a swing.

    Parameters
    ----------
    series : pandas.DataFrame
        Columns ``year, value, numerator, denominator``, one row a year, rising, without a break in definition.
    multiplier : float
        Value = numerator / denominator x multiplier.
    points : int
        Fewer points than this, and never fewer than six, are not judged.

    Returns
    -------
    tuple of str
        Class (``stable, volatile, not_assessed``) and reason code.
    """
    recent = series.tail(RECENT)
    if len(recent) < max(points, min(LIMITS)):
        return "not_assessed", "too_few_points"
    values = recent["value"].to_numpy(float)
    residuals = _residuals(recent["year"].to_numpy(float), values)
    sampling = _sampling_sd(recent, multiplier)
    if sampling is not None and np.sqrt(np.mean(residuals**2)) <= NOISE_RATIO * sampling:
        return "stable", "small_numbers"
    if _outside_limits(values, residuals):
        return "volatile", "outside_limits"
    if _swings(values, residuals):
        return "volatile", "swings"
    return "stable", "within_limits"


def _residuals(years: np.ndarray, values: np.ndarray) -> np.ndarray:
    first, second = np.triu_indices(len(years), 1)
    slope = np.median((values[second] - values[first]) / (years[second] - years[first]))
    line = slope * years
    return values - line - np.median(values - line)


def _outside_limits(values: np.ndarray, residuals: np.ndarray) -> bool:
    """Judge each residual by the moving ranges in which it takes no part, so that a jump does not hide itself.

    It must also exceed two usual yearly changes: the bend of a smooth curve is no jump.
    """
    ranges, usual = np.abs(np.diff(residuals)), np.median(np.abs(np.diff(values)))
    for index, residual in enumerate(residuals):
        others = np.delete(ranges, [i for i in (index - 1, index) if 0 <= i < len(ranges)])
        if abs(residual) > max(LIMITS[len(residuals)] * others.mean(), 2 * usual, 1e-9):
            return True
    return False


def _swings(values: np.ndarray, residuals: np.ndarray) -> bool:
    changes = np.diff(values)
    reversals = np.mean(changes[1:] * changes[:-1] < 0)
    level = abs(values.mean())
    return bool(reversals >= 0.5 and level > 0 and residuals.std(ddof=2) >= SWING_SHARE * level)


def _sampling_sd(series: pd.DataFrame, multiplier: float) -> float | None:
    counts = series[["numerator", "denominator"]].to_numpy(float)
    if np.isnan(counts).any() or (counts[:, 1] <= 0).any():
        return None
    share = counts[:, 0].sum() / counts[:, 1].sum()
    spread = share * (1 - share) if share < 1 else share
    return float(multiplier * np.sqrt(np.mean(spread / counts[:, 1])))

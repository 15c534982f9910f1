"""Direction of a short series without a model: Theil-Sen slope, Kendall's test, five classes."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wdp_lib.core.errors import ParameterError, Text

FEWEST_POINTS = 5
EXACT_UP_TO = 10
CLASSES = {
    "improving": Text("明显改善", "clearly improving"),
    "perhaps_improving": Text("可能改善", "perhaps improving"),
    "steady": Text("基本持平", "about steady"),
    "perhaps_worsening": Text("可能恶化", "perhaps worsening"),
    "worsening": Text("明显恶化", "clearly worsening"),
    "too_few_points": Text("数据不足", "too few points"),
}


class Trend(NamedTuple):
    """Slope and test of one series."""

    slope: float  # Theil-Sen: median of all pairwise slopes, unit of the values a year
    score: int  # Kendall's S: rising pairs less falling pairs
    p_value: float  # two-sided
    p_rising: float  # probability, by the same test, that the series rises (0.5: no direction)


def trend(years: ArrayLike, values: ArrayLike) -> Trend:
    """Return the trend of a series; missing years are only missing pairs."""
    years, values = np.asarray(years, dtype="float64"), np.asarray(values, dtype="float64")
    known = np.isfinite(values)
    years, values = years[known], values[known]
    if len(years) < 2 or len(set(years.tolist())) < len(years):
        raise ParameterError.of(
            "趋势需要至少两个年份不重复的数据点。",
            "A trend needs two points or more, each year once.",
        )
    first, second = pairs(len(years))
    rise = (values[second] - values[first]) / (years[second] - years[first])
    score = int(np.sign(rise).sum())
    p_value = mann_kendall_p(score, values)
    p_rising = 0.5 if score == 0 else 1 - p_value / 2 if score > 0 else p_value / 2
    return Trend(float(middle(rise)), score, p_value, p_rising)


@cache
def pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the earlier and of the later of every two points."""
    return np.triu_indices(n, 1)


def middle(values: np.ndarray) -> float:
    """Return the median of some finite values, for a few far faster than NumPy's own."""
    ordered, n = np.sort(values), len(values)
    return (ordered[(n - 1) // 2] + ordered[n // 2]) / 2


def trend_probability(years: ArrayLike, values: ArrayLike, *, direction: int) -> float:
    """Return the probability that a series moves as wanted; 0.5 with fewer than two points."""
    if np.isfinite(np.asarray(values, dtype="float64")).sum() < 2:
        return 0.5
    rising = trend(years, values).p_rising
    return rising if direction > 0 else 1 - rising


def mann_kendall_p(score: int, values: np.ndarray, *, exact: bool | None = None) -> float:
    """Return the two-sided p-value of Kendall's S.

    Exact up to 10 points without ties, else the normal approximation with correction for ties.
    """
    n = len(values)
    ties = np.unique(values, return_counts=True)[1]
    if exact is None:
        exact = n <= EXACT_UP_TO and len(ties) == n
    if exact:
        counts = _orders(n)
        all_pairs = n * (n - 1) // 2
        extreme = np.abs(all_pairs - 2 * np.arange(all_pairs + 1)) >= abs(score)
        return float(counts[extreme].sum() / counts.sum())
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    if score == 0 or variance == 0:
        return 1.0
    return math.erfc((abs(score) - 1) / math.sqrt(2 * variance))


def trend_class(p_rising: float, n: int, *, higher_is_better: bool) -> str:
    """Return the class of a direction, a key of `CLASSES`.

    Clearly from a probability of 0.95 on, perhaps from 0.80, about steady between 0.20 and 0.80,
    and the mirror image downwards; fewer than 5 points are too few.
    """
    if n < FEWEST_POINTS:
        return "too_few_points"
    sure = max(p_rising, 1 - p_rising)
    if sure < 0.8:
        return "steady"
    side = "improving" if (p_rising > 0.5) == higher_is_better else "worsening"
    return side if sure >= 0.95 else f"perhaps_{side}"


@cache
def _orders(n: int) -> np.ndarray:
    """Number of orders of n different values with 0, 1, … falling pairs (Kendall 1938)."""
    counts = np.ones(1)
    for size in range(2, n + 1):
        counts = np.convolve(counts, np.ones(size))
    return counts

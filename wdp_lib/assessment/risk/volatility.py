"""Whether a series is strongly fluctuating (波动较大), beyond what small numbers explain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

RECENT = 10  # points looked at
# Limits for 7 to 10 points: the 95 % quantile, over 20,000 simulated straight lines with normal noise, of the largest departure of
# a point from its neighbours in units of the mean departure of the points that are not its neighbours.
LIMITS = {7: 7.83, 8: 6.93, 9: 6.30, 10: 5.86}
NOISE_RATIO = 1.5  # a spread up to this multiple of the sampling spread is small-number noise
MATERIAL = 0.02  # a departure below this share of the level is not worth a warning
SWING_SHARE = 0.10  # a spread of this share of the level is a swing


@dataclass(frozen=True)
class Fluctuation:
    """How strongly one series fluctuates.

    Parameters
    ----------
    kind : {"stable", "volatile", "not_assessed"}
        The class.
    reason : str
        Reason code: ``too_few_points, small_numbers, outside_limits, swings, within_limits``.
    figure, threshold : float
        What was compared, in the unit of the series: the largest departure and its limit (``outside_limits``), else the spread around
        the trend and the spread above which it counts; missing where nothing was judged.
    spread : float
        Standard deviation around the Theil-Sen line.
    reversals : float
        Share of the changes that reverse the one before, 0-1.
    """

    kind: str
    reason: str
    figure: float = np.nan
    threshold: float = np.nan
    spread: float = np.nan
    reversals: float = np.nan


def volatility(
    series: pd.DataFrame, *, multiplier: float, points: int, counted: bool = False
) -> tuple[str, str]:
    """Return class and reason of the volatility of one annual series.

    Of the last ten points without a missing year each is compared with its neighbours (for the first and the last: with the line through the next two),
    so that neither a slope nor a bend in the trend passes for volatility. Where binomial or Poisson sampling explains the
    spread around the Theil-Sen line, it is small numbers and not volatility. Else a point far off its neighbours is a special cause,
    with limits at which one straight noisy series in twenty alarms; and a spread of a tenth of the level, at least every
    second change reversing the one before, is a swing.

    Parameters
    ----------
    series : pandas.DataFrame
        Columns ``year, value, numerator, denominator``, one row a year, rising, without a break in definition.
    multiplier : float
        Value = numerator / denominator x multiplier.
    points : int
        Fewer points than this, and never fewer than seven, are not judged.
    counted : bool
        Whether the value itself is a count of events (cases, institutions).

    Returns
    -------
    tuple of str
        Class (``stable, volatile, not_assessed``) and reason code.
    """
    found = fluctuation(series, multiplier=multiplier, points=points, counted=counted)
    return found.kind, found.reason


def fluctuation(
    series: pd.DataFrame, *, multiplier: float, points: int, counted: bool = False
) -> Fluctuation:
    """Return the class of `volatility` with the figures it stands on; parameters as there."""
    recent = _unbroken(series).tail(RECENT)
    if len(recent) < max(points, min(LIMITS)):
        return Fluctuation("not_assessed", "too_few_points")
    values = recent["value"].to_numpy(float)
    spread = float(residuals(recent["year"].to_numpy(float), values).std(ddof=2))
    changes = np.diff(values)
    shape = {"spread": spread, "reversals": float(np.mean(changes[1:] * changes[:-1] < 0))}
    sampling = np.sqrt(np.abs(values).mean()) if counted else _sampling_sd(recent, multiplier)
    if sampling is not None and spread <= NOISE_RATIO * sampling:
        return Fluctuation(
            "stable", "small_numbers", spread, float(NOISE_RATIO * sampling), **shape
        )
    departure, limit = _farthest(values)
    if departure > limit:
        return Fluctuation("volatile", "outside_limits", departure, limit, **shape)
    level = SWING_SHARE * abs(float(values.mean()))
    if shape["reversals"] >= 0.5 and level > 0 and spread >= level:
        return Fluctuation("volatile", "swings", spread, level, **shape)
    return Fluctuation("stable", "within_limits", spread, level, **shape)


def _unbroken(series: pd.DataFrame) -> pd.DataFrame:
    """Return the latest run of years without a gap: across a gap a point has no neighbour to be compared with."""
    years = series["year"].to_numpy(int)
    gaps = np.flatnonzero(np.diff(years) != 1)
    return series.iloc[gaps[-1] + 1 :] if gaps.size else series


def residuals(years: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return what is left of a series after its Theil-Sen line; both arrays of shape (n,), n at least 2."""
    first, second = np.triu_indices(len(years), 1)
    slope = np.median((values[second] - values[first]) / (years[second] - years[first]))
    line = slope * years
    return values - line - np.median(values - line)


def _departures(values: np.ndarray) -> np.ndarray:
    """Distance of each point from what its neighbours say, in units in which noise is alike for all points."""
    inner = values[1:-1] - (values[:-2] + values[2:]) / 2
    first, last = values[0] - 2 * values[1] + values[2], values[-1] - 2 * values[-2] + values[-3]
    return np.abs(np.concatenate([[first / np.sqrt(6)], inner / np.sqrt(1.5), [last / np.sqrt(6)]]))


def _farthest(values: np.ndarray) -> tuple[float, float]:
    """Return the departure that is farthest beyond its limit, and that limit.

    Each point is judged by the departures in which it takes no part, so that a jump does not hide itself.
    """
    departures = _departures(values)
    factor, material = LIMITS[len(values)], MATERIAL * float(np.abs(values).mean())
    pairs = []
    for index, departure in enumerate(departures):
        others = np.delete(
            departures, [i for i in (index - 1, index, index + 1) if 0 <= i < len(values)]
        )
        pairs.append((float(departure), float(max(factor * others.mean(), material))))
    return max(pairs, key=lambda pair: pair[0] - pair[1])


def _sampling_sd(series: pd.DataFrame, multiplier: float) -> float | None:
    counts = series[["numerator", "denominator"]].to_numpy(float)
    if np.isnan(counts).any() or (counts[:, 1] <= 0).any():
        return None
    share = counts[:, 0].sum() / counts[:, 1].sum()
    spread = share * (1 - share) if share < 1 else share
    return float(multiplier * np.sqrt(np.mean(spread / counts[:, 1])))

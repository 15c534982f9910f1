"""Textbook models by name, as lines to compare with; their intervals are known to be narrow.

Standard deviations are half a reporting unit at least: no series is known better than it is
printed. Every model returns quantiles of shape (series, horizon, quantiles).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from wdp_lib.forecasting.models.pooled import first_values, measured_widths
from wdp_lib.forecasting.models.smoothing import combined_path, smooth
from wdp_lib.forecasting.panel import Panel, reporting_unit, yearly_changes

SAME = 1e-12  # of its size: a series that differs less from its first value is constant
THETA_RATES = np.concatenate([np.arange(1, 100) / 100, [0.9999]])


def drift_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the random walk with drift: independent yearly changes with one mean.

    Centre: last value plus h mean yearly changes. Variance: ``s² h (1 + h / T)``, T the years
    observed over, t quantiles with one degree of freedom less than there are changes. Changes over
    k years have variance ``k s²``.
    """
    return student_quantiles(panel, *_drift(panel, horizon), quantiles, panel.n - 2)


def cagr_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the official extrapolation by the compound annual growth rate.

    Assumes positive values that go on growing at the rate from the first point to the last.

    Open SDG and the UN progress chart: ``last * (last / first) ** (h / T)``. They have no interval;
    the random walk with drift of the logarithms has this median, and gives the interval. Half a
    reporting unit of the last value is its smallest standard deviation.
    """
    centre, spread = _drift(replace(panel, values=np.log(panel.values)), horizon)
    smallest = reporting_unit(panel.values) / 2 / panel.values[:, -1]
    widths = np.maximum(spread, smallest[:, None])[:, :, None]
    return np.exp(centre[:, :, None] + widths * _student(quantiles, panel.n - 2)[:, None, :])


def half_drift_quantiles(
    panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0
) -> np.ndarray:
    """Return last value plus half the mean yearly change: half of a trend goes on.

    Widths are the errors of this rule on other series (see `multiples`).
    """
    last, first = panel.values[:, -1:], first_values(panel)[:, None]
    years = (panel.last_year - panel.first_year)[:, None]
    path = last + (last - first) / years / 2 * np.arange(1, horizon + 1)
    return path[:, :, None] + measured_widths(panel, horizon, quantiles, "half_drift")


def comb_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the mean of simple, Holt's and damped smoothing.

    Widths are the errors of this mean on other series (see `multiples`).
    """
    path = combined_path(panel, horizon)
    return path[:, :, None] + measured_widths(panel, horizon, quantiles, "comb_SHD")


def no_change_quantiles(
    panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0
) -> np.ndarray:
    """Return the random walk: last value, variance ``s² h``, t quantiles."""
    changes, spans = yearly_changes(panel)
    count = np.isfinite(changes).sum(axis=1)
    variance = np.nansum(changes**2 / spans, axis=1) / count
    spread = np.sqrt(variance[:, None] * np.arange(1, horizon + 1))
    return student_quantiles(panel, panel.values[:, -1:], spread, quantiles, count)


def theta_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the Theta model with normal quantiles.

    Closed form of Hyndman & Billah (2003): simple smoothing plus half the slope of the straight
    line, ``level + b / 2 (h - 1 + (1 - (1 - alpha)^n) / alpha)``; variance ``s² (1 + (h - 1)
    alpha²)``.
    """
    from scipy.special import ndtri

    level, alpha, variance = _simple_smoothing(panel)
    steps = np.arange(1, horizon + 1)
    slope = np.array([np.polyfit(*panel.history(row), 1)[0] for row in range(len(panel))])
    years = panel.last_year - panel.first_year + 1
    run = (1 - (1 - alpha) ** years) / alpha
    centre = level[:, None] + slope[:, None] / 2 * (steps - 1 + run[:, None])
    spread = np.sqrt(variance[:, None] * (1 + (steps - 1) * alpha[:, None] ** 2))
    return centre[:, :, None] + _at_least(spread, panel)[:, :, None] * ndtri(quantiles)


def from_fits(panel: Panel, horizon: int, quantiles: np.ndarray, fit: Callable) -> np.ndarray:
    """Return the forecasts of a model that is fitted series by series, each on a range of 1."""
    centre, spread = np.full((2, len(panel), horizon), np.nan)
    freedom = np.full(len(panel), np.inf)
    for row in range(len(panel)):
        values = panel.values[row, np.isfinite(panel.values[row]).argmax() :]
        origin, scale = values[0], np.nanmax(values) - np.nanmin(values)
        if scale <= SAME * np.abs(origin):
            centre[row], spread[row] = origin, 0.0
            continue
        ahead, deviation, freedom[row] = fit((values - origin) / scale, horizon)
        centre[row], spread[row] = origin + scale * ahead, scale * deviation
    return student_quantiles(panel, centre, spread, quantiles, freedom)


def student_quantiles(panel: Panel, centre, spread, quantiles: np.ndarray, freedom) -> np.ndarray:
    """Return t quantiles around a centre, no narrower than half a reporting unit."""
    widths = _at_least(spread, panel)[:, :, None] * _student(quantiles, freedom)[:, None, :]
    return centre[:, :, None] + widths


def _drift(panel: Panel, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    steps = np.arange(1, horizon + 1)
    changes, spans = yearly_changes(panel)
    years = np.nansum(spans, axis=1)
    slope = np.nansum(changes, axis=1) / years
    variance = np.nansum((changes - slope[:, None] * spans) ** 2 / spans, axis=1) / (panel.n - 2)
    spread = np.sqrt(variance[:, None] * steps * (1 + steps / years[:, None]))
    return panel.values[:, -1:] + slope[:, None] * steps, spread


def _simple_smoothing(panel: Panel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows, origin = np.arange(len(panel)), first_values(panel)
    flat, none = np.ones_like(THETA_RATES), np.zeros((len(panel), len(THETA_RATES)))
    level, _, squares = smooth(
        panel.values, THETA_RATES, 0 * flat, flat, none + origin[:, None], none
    )
    best = squares.argmin(axis=1)
    return level[rows, best], THETA_RATES[best], squares[rows, best] / (panel.n - 1)


def _at_least(spread: np.ndarray, panel: Panel) -> np.ndarray:
    return np.maximum(spread, reporting_unit(panel.values)[:, None] / 2)


def _student(quantiles: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    from scipy.special import stdtrit

    return stdtrit(np.asarray(freedom, dtype="float64")[:, None], np.asarray(quantiles)[None, :])

"""Textbook models by name, for researchers and as lines to compare with.

Their intervals are known to be narrow.

Their standard deviations are taken as half a reporting unit at least: no series is known better
than it is printed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from wdp_lib.forecasting.models.pooled import multiples, usual_change
from wdp_lib.forecasting.models.smoothing import smooth, smoothed_path
from wdp_lib.forecasting.panel import Panel, reporting_unit, yearly_changes

SAME = 1e-12  # of its size: a series that differs less from its first value is constant
THETA_RATES = np.concatenate([np.arange(1, 100) / 100, [0.9999]])


def drift_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the random walk with drift, shape (series, horizon, quantiles).

    Assumes independent yearly changes with one mean.

    Notes
    -----
    Centre: last value plus h mean yearly changes. Variance: ``s² h (1 + h / T)``, T the years
    observed over, t quantiles with one degree of freedom less than there are changes. Changes over
    k years have variance ``k s²``.
    """
    return student_quantiles(panel, *_drift(panel, horizon), quantiles, panel.n - 2)


def cagr_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the official extrapolation by the compound annual growth rate, shape (series.

    Horizon, quantiles).

    Assumes positive values that go on growing at the rate from the first point to the last.

    Notes
    -----
    Open SDG and the UN progress chart: ``last * (last / first) ** (h / T)``. They have no interval;
    the random walk with drift of the logarithms has this median, and gives the interval. Half a
    reporting unit of the last value is its smallest standard deviation.
    """
    centre, spread = _drift(replace(panel, values=np.log(panel.values)), horizon)
    smallest = reporting_unit(panel) / 2 / panel.values[:, -1]
    widths = (
        np.maximum(spread, smallest[:, None])[:, :, None]
        * _student(quantiles, panel.n - 2)[:, None, :]
    )
    return np.exp(centre[:, :, None] + widths)


def half_drift_quantiles(
    panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0
) -> np.ndarray:
    """Return last value plus half the mean yearly change, shape (series, horizon, quantiles).

    Assumes that half of a trend goes on; widths are the errors of this rule on other series (see
    `multiples`).
    """
    last = panel.values[:, -1:]
    first = panel.values[np.arange(len(panel)), np.isfinite(panel.values).argmax(axis=1)][:, None]
    years = (panel.last_year - panel.first_year)[:, None]
    centre = last + (last - first) / years / 2 * np.arange(1, horizon + 1)
    return centre[:, :, None] + _measured(panel, horizon, quantiles, "half_drift")


def comb_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the mean of simple, Holt's and damped smoothing, shape (series, horizon, quantiles).

    Assumes nothing beyond its three parts; widths are the errors of this mean on other series (see
    `multiples`).
    """
    centre = np.mean(
        [smoothed_path(panel, horizon, name) for name in ("ses", "holt", "damped")], axis=0
    )
    return centre[:, :, None] + _measured(panel, horizon, quantiles, "comb_SHD")


def no_change_quantiles(
    panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0
) -> np.ndarray:
    """Return the random walk, shape (series, horizon, quantiles).

    Last value, variance ``s² h``, t quantiles.
    """
    changes, spans = yearly_changes(panel)
    count = np.isfinite(changes).sum(axis=1)
    variance = np.nansum(changes**2 / spans, axis=1) / count
    spread = np.sqrt(variance[:, None] * np.arange(1, horizon + 1))
    widths = _at_least(spread, panel)[:, :, None] * _student(quantiles, count)[:, None, :]
    return panel.values[:, -1][:, None, None] + widths


def theta_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the Theta model, shape (series, horizon, quantiles), normal quantiles.

    Notes
    -----
    Closed form of Hyndman & Billah (2003): simple smoothing plus half the slope of the straight
    line, ``level + b / 2 (h - 1 + (1 - (1 - alpha)^n) / alpha)``; variance ``s² (1 + (h - 1)
    alpha²)``.
    """
    level, alpha, variance = _simple_smoothing(panel)
    steps = np.arange(1, horizon + 1)
    slope = np.array([np.polyfit(*panel.history(row), 1)[0] for row in range(len(panel))])
    years = panel.last_year - panel.first_year + 1
    run = (1 - (1 - alpha) ** years) / alpha
    centre = level[:, None] + slope[:, None] / 2 * (steps - 1 + run[:, None])
    spread = np.sqrt(variance[:, None] * (1 + (steps - 1) * alpha[:, None] ** 2))
    return centre[:, :, None] + _at_least(spread, panel)[:, :, None] * _normal(quantiles)


def from_fits(panel: Panel, horizon: int, quantiles: np.ndarray, fit: Callable) -> np.ndarray:
    """Return the forecasts of a model that is fitted series by series, shape (series.

    Horizon, quantiles).
    """
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
    """Return t quantiles around a centre, no narrower than half a reporting unit.

    Shape (series, horizon, quantiles).
    """
    return (
        centre[:, :, None]
        + _at_least(spread, panel)[:, :, None] * _student(quantiles, freedom)[:, None, :]
    )


def _drift(panel: Panel, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    steps = np.arange(1, horizon + 1)
    changes, spans = yearly_changes(panel)
    years = np.nansum(spans, axis=1)
    slope = np.nansum(changes, axis=1) / years
    variance = np.nansum((changes - slope[:, None] * spans) ** 2 / spans, axis=1) / (panel.n - 2)
    spread = np.sqrt(variance[:, None] * steps * (1 + steps / years[:, None]))
    return panel.values[:, -1:] + slope[:, None] * steps, spread


def _measured(panel: Panel, horizon: int, quantiles: np.ndarray, centre: str) -> np.ndarray:
    return multiples(panel.n, horizon, quantiles, centre) * usual_change(panel)[:, None, None]


def _simple_smoothing(panel: Panel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = np.arange(len(panel))
    origin = panel.values[rows, np.isfinite(panel.values).argmax(axis=1)]
    flat, none = np.ones_like(THETA_RATES), np.zeros((len(panel), len(THETA_RATES)))
    level, _, squares = smooth(
        panel.values, THETA_RATES, 0 * flat, flat, none + origin[:, None], none
    )
    best = squares.argmin(axis=1)
    return level[rows, best], THETA_RATES[best], squares[rows, best] / (panel.n - 1)


def _at_least(spread: np.ndarray, panel: Panel) -> np.ndarray:
    return np.maximum(spread, reporting_unit(panel)[:, None] / 2)


def _normal(quantiles: np.ndarray) -> np.ndarray:
    from scipy.special import ndtri

    return ndtri(np.asarray(quantiles))


def _student(quantiles: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    from scipy.special import stdtrit

    return stdtrit(np.asarray(freedom, dtype="float64")[:, None], np.asarray(quantiles)[None, :])

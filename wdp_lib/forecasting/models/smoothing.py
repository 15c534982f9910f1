"""Exponential smoothing of many short series at once, over a grid of smoothing parameters."""

from __future__ import annotations

from functools import cache

import numpy as np

from wdp_lib.forecasting.panel import Panel

LEVEL_RATES = np.array([0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0])
SLOPE_RATES = np.array([0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7])
DAMPING = np.array([0.8, 0.9, 0.98])


def smooth(values, alpha, beta, phi, level, slope):
    """Run damped additive smoothing with every combination of parameters given.

    Parameters
    ----------
    values : numpy.ndarray, shape (series, years)
        NaN where a year was not observed: the state then moves on without being corrected. Years
        before the first observed one do nothing.
    alpha, beta, phi : numpy.ndarray, shape (cells,)
        Smoothing of the level, smoothing of the slope, damping of the slope (1 = none).
    level, slope : numpy.ndarray, shape (series, cells)
        State of the year before the first observed one.

    Returns
    -------
    level, slope, squares : numpy.ndarray, shape (series, cells)
        State after the last year, and the sum of the squared one-step errors.

    Notes
    -----
    Holt (1957), Gardner & McKenzie (1985); ``beta`` weighs the change of the level against the
    former slope.
    """
    level, slope = np.array(level, dtype="float64"), np.array(slope, dtype="float64")
    squares = np.zeros(level.shape)
    started = np.zeros(len(values), dtype=bool)
    for column in range(values.shape[1]):
        now = values[:, column]
        seen = np.isfinite(now)
        started |= seen
        expected = level + phi * slope
        error = np.where(seen, np.nan_to_num(now), 0.0)[:, None] - expected
        error[~seen] = 0.0
        level = np.where(started[:, None], expected + alpha * error, level)
        slope = np.where(started[:, None], phi * slope + alpha * beta * error, slope)
        squares += error**2
    return level, slope, squares


def damped_steps(phi, horizon: int) -> np.ndarray:
    """Return ``phi + phi**2 + … + phi**h`` for h = 1 … horizon, shape (…, horizon)."""
    steps = np.arange(1, horizon + 1)
    return np.cumsum(np.asarray(phi, dtype="float64")[..., None] ** steps, axis=-1)


@cache
def _grid(method: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    slopes = {"ses": np.array([0.0]), "holt": SLOPE_RATES, "damped": SLOPE_RATES}[method]
    phis = {"ses": np.array([1.0]), "holt": np.array([1.0]), "damped": DAMPING}[method]
    return tuple(cells.ravel() for cells in np.meshgrid(LEVEL_RATES, slopes, phis, indexing="ij"))


def start(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Return the first observed value and the mean yearly change over the first four.

    Shape (series,) each.
    """
    seen = np.isfinite(panel.values)
    order = np.cumsum(seen, axis=1)
    rows = np.arange(len(panel))
    first = seen.argmax(axis=1)
    fourth = (seen & (order == np.minimum(4, panel.n)[:, None])).argmax(axis=1)
    origin = panel.values[rows, first]
    return origin, (panel.values[rows, fourth] - origin) / np.maximum(fourth - first, 1)


def smoothed_path(panel: Panel, horizon: int, method: str) -> np.ndarray:
    """Return the point forecasts of one smoother with the parameters that fit each series best."""
    alpha, beta, phi = _grid(method)
    origin, trend = start(panel)
    slope = (
        np.zeros((len(panel), len(alpha)))
        if method == "ses"
        else np.repeat(trend[:, None], len(alpha), axis=1)
    )
    level, slope, squares = smooth(
        panel.values, alpha, beta, phi, origin[:, None] - phi * slope, slope
    )
    rows, best = np.arange(len(panel)), squares.argmin(axis=1)
    steps = damped_steps(phi, horizon)[best]
    return level[rows, best][:, None] + slope[rows, best][:, None] * steps

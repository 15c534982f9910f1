"""Exponential smoothing of many short series at once, over a grid of smoothing parameters."""

from __future__ import annotations

import numpy as np

from wdp_lib.forecasting.panel import Panel

LEVEL_RATES = np.array([0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0])
SLOPE_RATES = np.array([0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7])
DAMPING = np.array([0.8, 0.9, 0.98])
NONE, ALL = np.array([0.0]), np.array([1.0])
GRIDS = {"ses": (NONE, ALL), "holt": (SLOPE_RATES, ALL), "damped": (SLOPE_RATES, DAMPING)}


def smooth(values, alpha, beta, phi, level, slope):
    """Run damped additive smoothing with every combination of parameters given.

    ``values`` (shape (series, years)): NaN where a year was not observed: the state then moves on
    without being corrected. Years before the first observed one do nothing. ``alpha, beta, phi``
    (shape (cells,)): smoothing of the level, smoothing of the slope, damping of the slope (1 =
    none). ``level, slope`` (shape (series, cells)): state of the year before the first observed
    one. ``level, slope, squares``: state after the last year, and the sum of the squared one-step
    errors.

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


def combined_path(panel: Panel, horizon: int) -> np.ndarray:
    """Return the mean of simple, Holt's and damped smoothing, shape (series, horizon)."""
    return np.mean([_smoothed(panel, horizon, method) for method in GRIDS], axis=0)


def _smoothed(panel: Panel, horizon: int, method: str) -> np.ndarray:
    """Point forecasts of one smoother with the parameters that fit each series best."""
    cells = np.meshgrid(LEVEL_RATES, *GRIDS[method], indexing="ij")
    alpha, beta, phi = (each.ravel() for each in cells)
    origin, trend = _start(panel)
    slope = np.repeat(trend[:, None] * (method != "ses"), len(alpha), axis=1)
    level, slope, squares = smooth(
        panel.values, alpha, beta, phi, origin[:, None] - phi * slope, slope
    )
    rows, best = np.arange(len(panel)), squares.argmin(axis=1)
    steps = damped_steps(phi, horizon)[best]
    return level[rows, best][:, None] + slope[rows, best][:, None] * steps


def _start(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """First observed value and mean yearly change over the first four, one each series."""
    seen = np.isfinite(panel.values)
    order, rows, first = np.cumsum(seen, axis=1), np.arange(len(panel)), seen.argmax(axis=1)
    fourth = (seen & (order == np.minimum(4, panel.n)[:, None])).argmax(axis=1)
    origin = panel.values[rows, first]
    return origin, (panel.values[rows, fourth] - origin) / np.maximum(fourth - first, 1)

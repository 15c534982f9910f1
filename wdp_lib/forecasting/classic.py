"""Textbook models by name, for researchers and as lines to compare with; their intervals are known to be narrow.

Their standard deviations are taken as half a reporting unit at least: no series is known better than it is printed.
"""

from __future__ import annotations

import numpy as np

from wdp_lib.forecasting.panel import Panel, reporting_unit, yearly_changes
from wdp_lib.forecasting.smoothing import smooth

THETA_RATES = np.concatenate([np.arange(1, 100) / 100, [0.9999]])
FEWEST_FOR_ETS = 6


def drift_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the random walk with drift, shape (series, horizon, quantiles).

    Notes
    -----
    Centre: last value plus h mean yearly changes. Variance: ``s² h (1 + h / T)``, T the years observed over, t
    quantiles with one degree of freedom less than there are changes. Changes over k years have variance ``k s²``.
    """
    steps = np.arange(1, horizon + 1)
    changes, spans = yearly_changes(panel)
    years, count = np.nansum(spans, axis=1), np.isfinite(changes).sum(axis=1)
    slope = np.nansum(changes, axis=1) / years
    variance = np.nansum((changes - slope[:, None] * spans) ** 2 / spans, axis=1) / (count - 1)
    spread = np.sqrt(variance[:, None] * steps * (1 + steps / years[:, None]))
    centre = panel.values[:, -1:] + slope[:, None] * steps
    return centre[:, :, None] + _at_least(spread, panel)[:, :, None] * _student(quantiles, count - 1)[:, None, :]


def no_change_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the random walk, shape (series, horizon, quantiles): last value, variance ``s² h``, t quantiles."""
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
    Closed form of Hyndman & Billah (2003): simple smoothing plus half the slope of the straight line,
    ``level + b / 2 (h - 1 + (1 - (1 - alpha)^n) / alpha)``; variance ``s² (1 + (h - 1) alpha²)``.
    """
    level, alpha, variance = _simple_smoothing(panel)
    steps = np.arange(1, horizon + 1)
    slope = np.array([np.polyfit(*panel.history(row), 1)[0] for row in range(len(panel))])
    run = (1 - (1 - alpha) ** panel.values.shape[1]) / alpha
    centre = level[:, None] + slope[:, None] / 2 * (steps - 1 + run[:, None])
    spread = np.sqrt(variance[:, None] * (1 + (steps - 1) * alpha[:, None] ** 2))
    return centre[:, :, None] + _at_least(spread, panel)[:, :, None] * _normal(quantiles)


def ets_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return statsmodels' ETS(A,Ad,N), damped trend, shape (series, horizon, quantiles).

    It knows no missing years and needs 6 unbroken ones up to the last; a series with fewer comes back as NaN.
    """
    result, unit = np.full((len(panel), horizon, len(quantiles)), np.nan), reporting_unit(panel)
    for row in range(len(panel)):
        values = _unbroken(panel.values[row])
        if len(values) >= FEWEST_FOR_ETS:
            centre, spread = _damped_trend(values, horizon)
            spread = np.maximum(spread, unit[row] / 2)
            result[row] = centre[:, None] + spread[:, None] * _normal(quantiles)
    return result


def _damped_trend(values: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    import warnings

    import pandas as pd
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    if np.ptp(values) == 0:
        return np.full(horizon, values[-1]), np.zeros(horizon)
    with warnings.catch_warnings():
        # A flat likelihood is the rule with so few points; the best parameters found are used.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fit = ETSModel(pd.Series(values), error="add", trend="add", damped_trend=True).fit(disp=False)
        ahead = fit.get_prediction(start=len(values), end=len(values) + horizon - 1)
    return np.asarray(ahead.predicted_mean), np.sqrt(np.asarray(ahead.forecast_variance))


def _unbroken(values: np.ndarray) -> np.ndarray:
    gaps = np.flatnonzero(~np.isfinite(values))
    return values[gaps[-1] + 1 :] if len(gaps) else values


def _simple_smoothing(panel: Panel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = np.arange(len(panel))
    origin = panel.values[rows, np.isfinite(panel.values).argmax(axis=1)]
    flat, none = np.ones_like(THETA_RATES), np.zeros((len(panel), len(THETA_RATES)))
    level, _, squares = smooth(panel.values, THETA_RATES, 0 * flat, flat, none + origin[:, None], none)
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

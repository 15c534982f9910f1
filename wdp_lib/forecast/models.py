"""The forecasting models by name: each turns a panel into quantiles, and all return the same table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wdp_lib.errors import ParameterError, Text, suggestion
from wdp_lib.forecast.classic import drift_quantiles, ets_quantiles, no_change_quantiles, theta_quantiles
from wdp_lib.forecast.panel import Panel
from wdp_lib.forecast.pooled import pooled_quantiles
from wdp_lib.forecast.rare import is_rare, rate_quantiles, total_events

DEFAULT = "pooled"
RARE = "gamma_poisson"


@dataclass(frozen=True)
class Model:
    """One forecasting model.

    Parameters
    ----------
    name : str
        What a researcher types.
    title : Text
        What a report prints.
    quantiles : callable
        ``quantiles(panel, horizon, levels, seed)`` → array of shape (series, horizon, levels), NaN for a series that
        the model cannot take; before natural limits.
    """

    name: str
    title: Text
    quantiles: Callable[[Panel, int, np.ndarray, int], np.ndarray]


MODELS = {
    model.name: model
    for model in (
        Model("pooled", Text("合并误差法", "pooled errors"), pooled_quantiles),
        Model("ets", Text("阻尼趋势指数平滑", "damped-trend exponential smoothing"), ets_quantiles),
        Model("theta", Text("Theta 法", "Theta"), theta_quantiles),
        Model("drift", Text("漂移随机游走", "random walk with drift"), drift_quantiles),
        Model("no_change", Text("保持不变", "no change"), no_change_quantiles),
    )
}


@dataclass(frozen=True)
class Fan:
    """What a model says of every series of a panel.

    Parameters
    ----------
    values : numpy.ndarray, shape (series, horizon, quantiles)
        Inside the natural limits; NaN for a series that the model cannot take.
    model, quantity, grade : numpy.ndarray of str, shape (series,)
        Model used, what is forecast (``observed_value`` or ``underlying_rate``), evidence grade.
    """

    values: np.ndarray
    model: np.ndarray
    quantity: np.ndarray
    grade: np.ndarray


def find_model(name: str) -> Model:
    """Return the model, or raise `ParameterError` naming the closest one."""
    if name in MODELS:
        return MODELS[name]
    advice = suggestion(str(name), list(MODELS))
    raise ParameterError(
        Text(f"没有名为“{name}”的预测模型。{advice.zh}", f"There is no forecasting model '{name}'. {advice.en}")
    )


def fan(panel: Panel, model: str, horizon: int, quantiles: np.ndarray, seed: int) -> Fan:
    """Return the forecast of every series; the default model takes rare rates with counts by `rate_quantiles`."""
    chosen = find_model(model)
    rare = is_rare(panel) if model == DEFAULT else np.zeros(len(panel), dtype=bool)
    values = np.full((len(panel), horizon, len(quantiles)), np.nan)
    for rows, make in ((~rare, chosen.quantiles), (rare, lambda p, h, q, _: rate_quantiles(p, h, q))):
        if rows.any():
            values[rows] = make(panel.take(rows), horizon, quantiles, seed)
    values = np.clip(values, panel.lower[:, None, None], panel.upper[:, None, None])
    grade = np.where(rare & (total_events(panel) < 10), "D", evidence_grade(panel.n))
    return Fan(
        values,
        np.where(rare, RARE, chosen.name),
        np.where(rare, "underlying_rate", "observed_value"),
        grade,
    )


def evidence_grade(n: np.ndarray) -> np.ndarray:
    """Return the grade of a number of points: A from 10, B from 7, C from 5, D from 3, else none."""
    n = np.asarray(n)
    return np.select([n >= 10, n >= 7, n >= 5, n >= 3], ["A", "B", "C", "D"], "none").astype(object)

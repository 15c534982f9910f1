"""The forecasting models by name: each turns a panel into quantiles, and all return the same table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wdp_lib.errors import ParameterError, Text, suggestion
from wdp_lib.forecasting.classic import drift_quantiles, ets_quantiles, no_change_quantiles, theta_quantiles
from wdp_lib.forecasting.counts import ENOUGH_EVENTS
from wdp_lib.forecasting.default import learned_quantiles, prior_only_quantiles
from wdp_lib.forecasting.panel import Panel
from wdp_lib.forecasting.pooled import pooled_quantiles
from wdp_lib.forecasting.rare import is_rare, rate_quantiles, total_events

DEFAULT = "learned"
FEWEST_POINTS = 3
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
    memory : int, optional
        How many of the latest years it is shown (the 3 latest points if these are older); all unless given.
    """

    name: str
    title: Text
    quantiles: Callable[[Panel, int, np.ndarray, int], np.ndarray]
    memory: int | None = None


MODELS = {
    model.name: model
    for model in (
        Model("learned", Text("合并学习法", "pooled prior with learned correction"), learned_quantiles, memory=20),
        Model(
            "prior", Text("合并先验法（不加校正）", "pooled prior without correction"), prior_only_quantiles, memory=20
        ),
        Model("pooled", Text("合并误差法", "pooled errors"), pooled_quantiles, memory=15),
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
    n, first_year : numpy.ndarray of int, shape (series,)
        Points the model was shown, and the year of the first of them.
    model, quantity, grade : numpy.ndarray of str, shape (series,)
        Model used, what is forecast (``observed_value`` or ``underlying_rate``), evidence grade.
    """

    values: np.ndarray
    n: np.ndarray
    first_year: np.ndarray
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
    shown = panel.recent(chosen.memory, FEWEST_POINTS) if chosen.memory else panel
    values = np.full((len(panel), horizon, len(quantiles)), np.nan)
    if not rare.all():
        values[~rare] = chosen.quantiles(shown.take(~rare), horizon, quantiles, seed)
    if rare.any():
        values[rare] = rate_quantiles(panel.take(rare), horizon, quantiles)
    n = np.where(rare, panel.n, shown.n)
    return Fan(
        values=np.clip(values, panel.lower[:, None, None], panel.upper[:, None, None]),
        n=n,
        first_year=np.where(rare, panel.first_year, shown.first_year),
        model=np.where(rare, RARE, chosen.name),
        quantity=np.where(rare, "underlying_rate", "observed_value"),
        grade=np.where(rare & (total_events(panel) < ENOUGH_EVENTS), "D", evidence_grade(n)),
    )


def evidence_grade(n: np.ndarray) -> np.ndarray:
    """Return the grade of a number of points: A from 10, B from 7, C from 5, D from 3, else none."""
    n = np.asarray(n)
    return np.select([n >= 10, n >= 7, n >= 5, n >= 3], ["A", "B", "C", "D"], "none").astype(object)

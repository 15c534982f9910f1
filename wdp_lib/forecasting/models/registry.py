"""The forecasting models by name: each turns a panel into quantiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.core.names import find_name
from wdp_lib.core.words import add_word, rows_beside
from wdp_lib.forecasting.counts.series import UNDERLYING, count_quantiles, is_thin, law_of
from wdp_lib.forecasting.learned.prior import reporting_unit
from wdp_lib.forecasting.models.classic import (
    cagr_quantiles,
    comb_quantiles,
    drift_quantiles,
    half_drift_quantiles,
    no_change_quantiles,
    theta_quantiles,
)
from wdp_lib.forecasting.models.default import learned_quantiles
from wdp_lib.forecasting.models.estimators import as_function
from wdp_lib.forecasting.models.glm import FEWEST_FOR_GLM, glm_quantiles
from wdp_lib.forecasting.models.grey import FEWEST_FOR_GREY, grey_quantiles
from wdp_lib.forecasting.models.likelihood import (
    FEWEST_FOR_LIKELIHOOD,
    arima_quantiles,
    ets_quantiles,
    local_linear_quantiles,
)
from wdp_lib.forecasting.models.pooled import pooled_quantiles
from wdp_lib.forecasting.panel import Panel

DEFAULT = "learned"
_NOUN, _LIBRARY = Text("预测模型", "forecasting model"), Text("本库", "The library")
FEWEST_POINTS = 3


@dataclass(frozen=True)
class Model:
    """One forecasting model.

    ``quantiles(panel, horizon, levels, seed)`` returns an array of shape (series, horizon, levels),
    NaN for a series that the model cannot take; before natural limits.
    """

    name: str  # what a researcher types
    title: Text
    quantiles: Callable[[Panel, int, np.ndarray, int], np.ndarray]
    memory: int | None = None  # latest years it is shown (3 latest points if older); None: all
    least: int = FEWEST_POINTS  # fewest points it takes
    unbroken: bool = False  # shown only the years after the last missing one
    positive: bool = False  # takes only values above 0
    fitted: bool = False  # fitted series by series and may fail: its NaN then means no_fit
    # to a thousandth of each series' reporting unit: what comes from a search or a matrix product
    # differs in its last bits between processors, what is published must not
    rounded: bool = False

    def shown(self, panel: Panel) -> Panel:
        """Return what the model is shown of the history."""
        panel = panel.recent(self.memory, FEWEST_POINTS) if self.memory else panel
        return panel.unbroken() if self.unbroken else panel

    def refusal(self, panel: Panel) -> np.ndarray:
        """Return for each series shown why it cannot be taken, ``""`` where it can."""
        zero = np.nanmin(panel.values, axis=1, initial=np.inf) <= 0
        tests = [panel.n < self.least, self.positive & zero]
        return np.select(tests, ["too_few_points", "not_positive"], "").astype(object)


_LEARNED = {"memory": 20, "rounded": True}
_SEARCHED = {"least": FEWEST_FOR_LIKELIHOOD, "fitted": True, "rounded": True}
_GREY = {"least": FEWEST_FOR_GREY, "unbroken": True, "positive": True, "rounded": True}
_WORKS = {
    "learned": (learned_quantiles, _LEARNED),
    "prior": (partial(learned_quantiles, correct=False), _LEARNED),
    "pooled": (pooled_quantiles, {"memory": 15}),
    "half_drift": (half_drift_quantiles, {"memory": 15}),
    "comb": (comb_quantiles, {"memory": 15, "least": 5}),
    "ets": (ets_quantiles, _SEARCHED | {"unbroken": True}),
    "theta": (theta_quantiles, {}),
    "local_linear": (local_linear_quantiles, _SEARCHED),
    "arima": (arima_quantiles, _SEARCHED),
    "glm": (glm_quantiles, {"least": FEWEST_FOR_GLM, "fitted": True}),
    "grey": (grey_quantiles, _GREY),
    "cagr": (cagr_quantiles, {"positive": True}),
    "drift": (drift_quantiles, {}),
    "no_change": (no_change_quantiles, {}),
}
_TITLES = {
    row["model"]: Text(row["title_zh"], row["title_en"])
    for row in rows_beside(__file__, "titles.csv")
}
MODELS = {
    name: Model(name, _TITLES[name], quantiles, **settings)
    for name, (quantiles, settings) in _WORKS.items()
}


def register_model(
    name: str,
    function: Any,
    *,
    title: Text | None = None,
    least: int = FEWEST_POINTS,
) -> None:
    """Add a model of your own for this session: forecasts and back-tests then take its name.

    Parameters
    ----------
    name : str
        What it is called; a model of your own may be replaced, one of the library's may not.
    function : callable
        ``function(history, horizon, quantiles)``: the known values by year, the number of years
        after the last one, and rising levels; returns an array of shape (years, quantiles), rising
        along the quantiles, or ``None`` where it has no answer. Or a class of statsmodels
        (``partial(ARIMA, order=(0, 1, 1), trend="t")``), or an estimator as of sktime, with ``fit``
        and ``predict_quantiles``: both are given every year, a missing value where none is known.
    title : Text, optional
        What charts and tables call it; the name unless given.
    least : int
        Fewest points it takes.

    Raises
    ------
    ParameterError
        When the library has a model of that name; in forecasts, when an answer has another shape,
        is not finite or does not rise.
    """
    if name in _WORKS:
        raise ParameterError.of(
            f"模型名“{name}”已被本库使用，请换一个。", f"The library has a model '{name}'."
        )
    title = title or Text(name, name)
    own = partial(_own, name, as_function(function))
    MODELS[name] = Model(name, title, own, least=least, fitted=True)
    add_word("model", name, title)


def _own(name: str, function: Callable, panel: Panel, horizon: int, levels: np.ndarray, seed: int):
    values = np.full((len(panel), horizon, len(levels)), np.nan)
    for row in range(len(panel)):
        years, known = panel.history(row)
        history = pd.Series(known, index=pd.Index(years, name="year"), name=panel.names[row])
        answer = function(history, horizon, levels.copy())
        if answer is None:
            continue
        answer = np.asarray(answer, dtype="float64")
        shaped = answer.shape == values.shape[1:] and np.isfinite(answer).all()
        if not shaped or (np.diff(answer, axis=1) < 0).any():
            zh, en = f"({horizon}, {len(levels)})", f"{horizon} × {len(levels)}"
            raise ParameterError.of(
                f"模型“{name}”须返回形状 {zh} 的有限数，沿分位数不减，现为 {answer.shape}。",
                f"The model '{name}' must return {en} finite numbers, rising along the "
                f"quantiles; it returned the shape {answer.shape}.",
            )
        values[row] = answer
    return values


@dataclass(frozen=True)
class QuantileForecast:
    """What a model says of every series of a panel; arrays of shape (series,) but `values`."""

    values: np.ndarray  # (series, horizon, quantiles) inside the natural limits, or NaN
    n: np.ndarray  # points the model was shown, and the year of the first of them
    first_year: np.ndarray
    model: np.ndarray
    quantity: np.ndarray  # observed_value or underlying_rate
    grade: np.ndarray
    reason: np.ndarray  # why there are no values (too_few_points, not_positive, no_fit), or ""


def find_model(name: str) -> Model:
    """Return the model of an identifier or title, or raise `ParameterError` naming the closest."""
    titles = {one: (model.title.zh, model.title.en) for one, model in MODELS.items()}
    return MODELS[find_name(name, titles, _NOUN, _LIBRARY)]


def quantile_forecast(
    panel: Panel, model: str, horizon: int, quantiles: np.ndarray, seed: int
) -> QuantileForecast:
    """Return the forecast of every series; the default takes small counts by their own law."""
    chosen = find_model(model)
    laws = law_of(panel) if model == DEFAULT else np.full(len(panel), "", dtype=object)
    few = laws != ""
    shown = chosen.shown(panel)
    reason = np.where(few, "", chosen.refusal(shown)).astype(object)
    able = ~few & (reason == "")
    values = np.full((len(panel), horizon, len(quantiles)), np.nan)
    if able.any():
        part = shown.take(able)
        values[able] = chosen.quantiles(part, horizon, quantiles, seed)
        if chosen.rounded:
            step = reporting_unit(part.values)[:, None, None] / 1000
            values[able] = np.round(values[able] / step) * step
    if few.any():
        values[few] = count_quantiles(panel.take(few), laws[few], horizon, quantiles)
    failed = (reason == "") & ~np.isfinite(values).all(axis=(1, 2))
    reason[failed] = "no_fit" if chosen.fitted else "too_few_points"
    underlying = np.isin(laws, UNDERLYING)
    n = np.where(few, panel.n, shown.n)
    return QuantileForecast(
        values=np.clip(values, panel.lower[:, None, None], panel.upper[:, None, None]),
        n=n,
        first_year=np.where(few, panel.first_year, shown.first_year),
        model=np.where(few, laws, chosen.name),
        quantity=np.where(underlying, "underlying_rate", "observed_value"),
        grade=np.where(underlying & is_thin(panel), "D", evidence_grade(n)),
        reason=reason,
    )


def evidence_grade(n: np.ndarray) -> np.ndarray:
    """Return the grade of numbers of points: A from 10, B from 7, C from 5, D from 3, else none."""
    n = np.asarray(n)
    return np.select([n >= 10, n >= 7, n >= 5, n >= 3], ["A", "B", "C", "D"], "none").astype(object)

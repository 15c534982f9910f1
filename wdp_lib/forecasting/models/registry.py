"""The forecasting models by name.

Each turns a panel into quantiles, and all return the same table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wdp_lib.core.errors import ParameterError, Text, suggestion
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
from wdp_lib.forecasting.models.default import learned_quantiles, prior_only_quantiles
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
FEWEST_POINTS = 3


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
        ``quantiles(panel, horizon, levels, seed)`` → array of shape (series, horizon, levels), NaN
        for a series that the model cannot take; before natural limits.
    memory : int, optional
        How many of the latest years it is shown (the 3 latest points if these are older); all
        unless given.
    least : int
        Fewest points it takes.
    unbroken : bool
        Whether it is shown only the years after the last missing one.
    positive : bool
        Whether it takes only values above 0.
    fitted : bool
        Whether it is fitted series by series and may fail: its NaN then means no_fit, else
        too_few_points.
    rounded : bool
        Whether its quantiles are rounded to a thousandth of each series' reporting unit: what comes
        from a search or a matrix product differs in its last bits between processors, what is
        published must not.
    """

    name: str
    title: Text
    quantiles: Callable[[Panel, int, np.ndarray, int], np.ndarray]
    memory: int | None = None
    least: int = FEWEST_POINTS
    unbroken: bool = False
    positive: bool = False
    fitted: bool = False
    rounded: bool = False

    def shown(self, panel: Panel) -> Panel:
        """Return what it is shown of the history."""
        panel = panel.recent(self.memory, FEWEST_POINTS) if self.memory else panel
        return panel.unbroken() if self.unbroken else panel

    def refusal(self, panel: Panel) -> np.ndarray:
        """Return for each series shown the reason why it cannot be taken.

        ``""`` where it can; shape (series,).
        """
        zero = np.nanmin(panel.values, axis=1, initial=np.inf) <= 0
        tests = [panel.n < self.least, self.positive & zero]
        return np.select(tests, ["too_few_points", "not_positive"], "").astype(object)


_SEARCHED = {"least": FEWEST_FOR_LIKELIHOOD, "fitted": True, "rounded": True}
_GREY = {"least": FEWEST_FOR_GREY, "unbroken": True, "positive": True, "rounded": True}
_TABLE = (
    (
        *("learned", "合并学习法", "pooled prior with learned correction"),
        *(learned_quantiles, {"memory": 20, "rounded": True}),
    ),
    (
        *("prior", "合并先验法（不加校正）", "pooled prior without correction"),
        *(prior_only_quantiles, {"memory": 20, "rounded": True}),
    ),
    ("pooled", "合并误差法", "pooled errors", pooled_quantiles, {"memory": 15}),
    ("half_drift", "半漂移", "half drift", half_drift_quantiles, {"memory": 15}),
    (
        *("comb", "三种平滑法平均", "mean of three smoothers"),
        *(comb_quantiles, {"memory": 15, "least": 5}),
    ),
    (
        *("ets", "阻尼趋势指数平滑", "damped-trend exponential smoothing"),
        *(ets_quantiles, _SEARCHED | {"unbroken": True}),
    ),
    ("theta", "Theta 法", "Theta", theta_quantiles, {}),
    ("local_linear", "局部线性趋势", "local linear trend", local_linear_quantiles, _SEARCHED),
    ("arima", "ARIMA", "ARIMA", arima_quantiles, _SEARCHED),
    (
        *("glm", "广义线性模型", "generalised linear model"),
        *(glm_quantiles, {"least": FEWEST_FOR_GLM, "fitted": True}),
    ),
    ("grey", "灰色模型 GM(1,1)", "grey model GM(1,1)", grey_quantiles, _GREY),
    (
        *("cagr", "年均增长率外推", "compound annual growth rate"),
        *(cagr_quantiles, {"positive": True}),
    ),
    ("drift", "漂移随机游走", "random walk with drift", drift_quantiles, {}),
    ("no_change", "保持不变", "no change", no_change_quantiles, {}),
)
MODELS = {
    name: Model(name, Text(zh, en), quantiles, **settings)
    for name, zh, en, quantiles, settings in _TABLE
}


@dataclass(frozen=True)
class QuantileForecast:
    """What a model says of every series of a panel.

    Parameters
    ----------
    values : numpy.ndarray, shape (series, horizon, quantiles)
        Inside the natural limits; NaN for a series that the model cannot take.
    n, first_year : numpy.ndarray of int, shape (series,)
        Points the model was shown, and the year of the first of them.
    model, quantity, grade : numpy.ndarray of str, shape (series,)
        Model used, what is forecast (``observed_value`` or ``underlying_rate``), evidence grade.
    reason : numpy.ndarray of str, shape (series,)
        Why there are no values (too_few_points, not_positive, no_fit), empty where there are.
    """

    values: np.ndarray
    n: np.ndarray
    first_year: np.ndarray
    model: np.ndarray
    quantity: np.ndarray
    grade: np.ndarray
    reason: np.ndarray


def find_model(name: str) -> Model:
    """Return the model, or raise `ParameterError` naming the closest one."""
    if name in MODELS:
        return MODELS[name]
    advice = suggestion(str(name), list(MODELS))
    raise ParameterError(
        Text(
            f"没有名为“{name}”的预测模型。{advice.zh}",
            f"There is no forecasting model '{name}'. {advice.en}",
        )
    )


def quantile_forecast(
    panel: Panel, model: str, horizon: int, quantiles: np.ndarray, seed: int
) -> QuantileForecast:
    """Return the forecast of every series.

    The default model takes series of small counts by `count_quantiles`.
    """
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
    """Return the grade of a number of points.

    A from 10, B from 7, C from 5, D from 3, else none.
    """
    n = np.asarray(n)
    return np.select([n >= 10, n >= 7, n >= 5, n >= 3], ["A", "B", "C", "D"], "none").astype(object)

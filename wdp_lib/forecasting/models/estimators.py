"""A model of one's own that is no function: a class of statsmodels, an estimator as of sktime."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

Answer = Callable[[pd.Series, int, np.ndarray], np.ndarray]


def as_function(model: Any) -> Answer:
    """Return a function of history, horizon and quantiles; one that is given stays as it is."""
    of = model.func if isinstance(model, partial) else model
    if inspect.isclass(of) and hasattr(of, "fit"):
        return partial(_statsmodels, model)
    if hasattr(model, "fit") and hasattr(model, "predict_quantiles"):
        return partial(_sktime, model)
    return model


def _yearly(history: pd.Series) -> pd.Series:
    """Every year from the first to the last, by period; a year without a value is missing."""
    years = pd.period_range(str(history.index[0]), str(history.index[-1]), freq="Y", name="year")
    return pd.Series(history.to_numpy(float), history.index).reindex(years.year).set_axis(years)


def _statsmodels(model: Callable, history: pd.Series, horizon: int, quantiles: np.ndarray):
    from scipy.stats import norm

    known = _yearly(history)
    fitted = model(known).fit()
    if hasattr(fitted, "get_forecast"):
        made = fitted.get_forecast(horizon)
        mean, error = made.predicted_mean, made.se_mean
    else:  # exponential smoothing of states says it otherwise
        made = fitted.get_prediction(start=len(known), end=len(known) + horizon - 1)
        mean, error = made.predicted_mean, np.sqrt(made.forecast_variance)
    return np.asarray(mean)[:, None] + np.asarray(error)[:, None] * norm.ppf(quantiles)


def _sktime(model: Any, history: pd.Series, horizon: int, quantiles: np.ndarray):
    steps = list(range(1, horizon + 1))
    fitted = deepcopy(model).fit(_yearly(history), fh=steps)
    return fitted.predict_quantiles(fh=steps, alpha=list(quantiles)).to_numpy()

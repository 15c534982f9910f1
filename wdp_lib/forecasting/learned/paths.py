"""Joint futures of series, values read from quantiles, and why a forecast is what it is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.forecasting.learned.forecaster import (
    FARTHEST,
    Forecaster,
    farther,
    posterior_of,
    prior_quantiles,
    to_width,
    within_limits,
)
from wdp_lib.forecasting.learned.prior import _NORMAL, _NORMAL_Z, QUANTILES, Posterior, normal_cdf

_Z = np.interp(QUANTILES, _NORMAL, _NORMAL_Z)


def value_at(quantiles: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return values at `probability` (k,) of quantiles (..., 7): lines on the normal scale."""
    z = np.interp(probability, _NORMAL, _NORMAL_Z)
    left = np.clip(np.searchsorted(_Z, z) - 1, 0, len(_Z) - 2)
    share = (z - _Z[left]) / (_Z[left + 1] - _Z[left])
    return quantiles[..., left] * (1 - share) + quantiles[..., left + 1] * share


def sample_paths(
    posterior: Posterior,
    horizon: int,
    draws: int,
    rng: np.random.Generator,
    correlation: np.ndarray | None = None,
) -> np.ndarray:
    """Return paths (series, draws, horizon) of the prior: a component, its state, its years.

    `correlation` (series, series) couples the shocks of the series, and their components by rank.
    """
    components = posterior.components
    shape = (len(posterior.weight), draws)
    root = None if correlation is None else np.linalg.cholesky(correlation)

    def shocks():
        drawn = rng.standard_normal(shape)
        return drawn if root is None else root @ drawn

    steps = np.cumsum(posterior.weight, axis=1)
    drawn = zip(steps, normal_cdf(shocks()), strict=True)
    component = np.stack([np.searchsorted(s, u * s[-1], side="right") for s, u in drawn])
    component = component.clip(max=steps.shape[1] - 1)
    series = np.arange(shape[0])[:, None]

    def pick(values):
        return np.broadcast_to(values, posterior.level.shape)[series, component]

    begin = (np.maximum(pick(posterior.level_var), 0), pick(posterior.cross_var))
    begin += (np.maximum(pick(posterior.drift_var), 0),)
    level, drift = _pair(pick(posterior.level), pick(posterior.drift), *begin, shocks)
    names = ("pull", "keep", "level_var", "cross_var", "drift_var", "noise_var")
    pull, keep, *yearly, noise = (getattr(components, name)[component] for name in names)
    out = np.empty((*shape, horizon))
    for h in range(horizon):
        level, drift = _pair(level + pull * drift, keep * drift, *yearly, shocks)
        out[..., h] = level + np.sqrt(noise) * shocks()
    return out


def _pair(level, drift, v11, v12, v22, shocks):
    """Level and drift with correlated normal noise of the given variances."""
    e, z = shocks(), shocks()
    slope = v12 / np.maximum(v11, 1e-12)
    rest = np.maximum(v22 - slope * v12, 0)
    return level + np.sqrt(v11) * e, drift + slope * np.sqrt(v11) * e + np.sqrt(rest) * z


def with_marginals(paths: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Return paths that keep their ranks and take the values of the quantiles (Schaake shuffle)."""
    draws = paths.shape[1]
    rank = paths.argsort(axis=1).argsort(axis=1)
    sheet = value_at(quantiles, (np.arange(draws) + 0.5) / draws)  # (series, horizon, draws)
    return np.take_along_axis(sheet.transpose(0, 2, 1), rank, axis=1)


def joint_futures(
    model: Forecaster,
    history,
    kind,
    horizon: int,
    *,
    draws: int = 1000,
    seed: int | list = 0,
    lower=None,
    upper=None,
    correlation=None,
) -> np.ndarray:
    """Return paths (series, draws, horizon) whose yearly quantiles are those of `model.forecast`.

    For one plan's series at a time, of three values or more. Limits as in `Forecaster.forecast`;
    `correlation` as in `sample_paths`, or a list of such: neighbouring series coupled in groups,
    each under the same seed.
    """
    history = to_width(np.asarray(history, float))
    posterior, _ = posterior_of(history, model.components)
    quantiles = model.forecast(history, kind, horizon, lower=lower, upper=upper)
    if isinstance(seed, list):
        groups = [(row, own, None) for row, own in enumerate(seed)]
    elif isinstance(correlation, list):
        ends = np.cumsum([len(matrix) for matrix in correlation])
        rows = np.split(np.arange(len(history)), ends[:-1])
        groups = [(own, seed, matrix) for own, matrix in zip(rows, correlation, strict=True)]
    else:
        groups = [(np.arange(len(history)), seed, correlation)]
    drawn = np.concatenate(
        [
            sample_paths(posterior.take(rows), horizon, draws, np.random.default_rng(own), matrix)
            for rows, own, matrix in groups
        ]
    )
    paths = with_marginals(drawn, quantiles).transpose(0, 2, 1)
    return within_limits(paths, history, np.asarray(kind), lower, upper).transpose(0, 2, 1)


def explain(model: Forecaster, history, kind, horizon: int, **limits) -> pd.DataFrame:
    """Return what the posterior says of each series, and what the correction changed in the end.

    Columns as in :func:`wdp_lib.explain`; limits as in `Forecaster.forecast`.
    """
    history = to_width(np.asarray(history, float))
    posterior, scale = posterior_of(history, model.components)
    table, weight = posterior.components.table, posterior.weight
    trend, reversion, neither = (
        (table["family"] == name).to_numpy(float) for name in ("trend", "reversion", "none")
    )
    prior = farther(prior_quantiles(posterior, min(horizon, FARTHEST)), horizon)
    prior = prior * scale[:, None, None] + history[:, -1, None, None]
    prior = within_limits(prior, history, np.asarray(kind), **limits)[:, -1]
    final = model.forecast(history, kind, horizon, **limits)[:, -1]
    columns = {
        "trend": weight @ trend,
        "reversion": weight @ reversion,
        "neither": weight @ neither,
        "noise": weight @ table["noise"].to_numpy(),
        "step": weight @ table["step"].to_numpy() * scale,
        "drift": (weight * posterior.drift * trend).sum(1) * scale,
        "prior_median": prior[:, 3],
        "median": final[:, 3],
        "prior_width": prior[:, 5] - prior[:, 1],
        "width": final[:, 5] - final[:, 1],
    }
    return pd.DataFrame(columns)

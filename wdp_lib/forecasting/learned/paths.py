"""Joint futures of a series, probabilities read from quantiles.

And why a forecast is what it is.
"""

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
    """Values at `probability` (k,) for quantiles (..., 7): straight lines on the normal scale.

    Beyond the outer quantiles the last line goes on.
    """
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
    """Paths (series, draws, horizon) of the prior.

    First a component, then its state, then its years.

    `correlation` (series, series) couples the shocks of the series, and their components by rank;
    independent unless given.
    """
    components = posterior.components
    shape = (len(posterior.weight), draws)
    root = None if correlation is None else np.linalg.cholesky(correlation)

    def shocks():
        drawn = rng.standard_normal(shape)
        return drawn if root is None else root @ drawn

    steps = np.cumsum(posterior.weight, axis=1)
    component = np.stack(
        [
            np.searchsorted(s, u * s[-1], side="right")
            for s, u in zip(steps, normal_cdf(shocks()), strict=True)
        ]
    ).clip(max=steps.shape[1] - 1)
    series = np.arange(shape[0])[:, None]

    def pick(values):
        return np.broadcast_to(values, posterior.level.shape)[series, component]

    p11, p12, p22 = (
        np.maximum(pick(v), 0) if k != 1 else pick(v)
        for k, v in enumerate((posterior.level_var, posterior.cross_var, posterior.drift_var))
    )
    level, drift = _pair(pick(posterior.level), pick(posterior.drift), p11, p12, p22, shocks)
    out = np.empty((*shape, horizon))
    for h in range(horizon):
        level, drift = (
            level + components.pull[component] * drift,
            components.keep[component] * drift,
        )
        level, drift = _pair(
            level,
            drift,
            components.level_var[component],
            components.cross_var[component],
            components.drift_var[component],
            shocks,
        )
        out[..., h] = level + np.sqrt(components.noise_var[component]) * shocks()
    return out


def _pair(level, drift, v11, v12, v22, shocks):
    """Add correlated normal noise with the given variances."""
    e, z = shocks(), shocks()
    slope = v12 / np.maximum(v11, 1e-12)
    rest = np.maximum(v22 - slope * v12, 0)
    return level + np.sqrt(v11) * e, drift + slope * np.sqrt(v11) * e + np.sqrt(rest) * z


def with_marginals(paths: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Schaake shuffle: the paths keep their ranks and take the values of the quantiles.

    `paths` (series, draws, horizon), `quantiles` (series, horizon, 7), any units.
    """
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
    sampling_var=None,
    lower=None,
    upper=None,
    correlation=None,
) -> np.ndarray:
    """Paths (series, draws, horizon) whose quantiles in every year are those of `model.forecast`.

    For one plan's series at a time; histories are at most 40 years wide and hold at least three
    values. Limits as in `Forecaster.forecast`; `correlation` as in `sample_paths`.
    """
    history = to_width(np.asarray(history, float))
    posterior, _ = posterior_of(history, model.components, sampling_var)
    quantiles = model.forecast(
        history, kind, horizon, sampling_var=sampling_var, lower=lower, upper=upper
    )
    if isinstance(seed, list):
        drawn = [
            sample_paths(posterior.take(row), horizon, draws, np.random.default_rng(own))
            for row, own in enumerate(seed)
        ]
        drawn = np.concatenate(drawn)
    else:
        rng = np.random.default_rng(seed)
        drawn = sample_paths(posterior, horizon, draws, rng, correlation)
    paths = with_marginals(drawn, quantiles).transpose(0, 2, 1)
    return within_limits(paths, history, np.asarray(kind), lower, upper).transpose(0, 2, 1)


def explain(
    model: Forecaster, history, kind, horizon: int, *, sampling_var=None, lower=None, upper=None
) -> pd.DataFrame:
    """What the posterior says of each series, and what the correction changed in the last year.

    Columns: trend, reversion, neither (posterior shares); noise (share of a yearly change that is
    gone a year later); step (typical yearly change, own units); drift (expected change per year
    now); prior_median, median (year `horizon`); prior_width, width (of the 80 % interval). Limits
    as in `Forecaster.forecast`.
    """
    history = to_width(np.asarray(history, float))
    posterior, scale = posterior_of(history, model.components, sampling_var)
    table, weight = posterior.components.table, posterior.weight
    family = {
        name: weight @ (table["family"] == name).to_numpy(float)
        for name in ("trend", "reversion", "none")
    }
    prior = (
        farther(prior_quantiles(posterior, min(horizon, FARTHEST)), horizon) * scale[:, None, None]
    )
    prior = within_limits(
        prior + history[:, -1, None, None], history, np.asarray(kind), lower, upper
    )[:, -1]
    final = model.forecast(
        history, kind, horizon, sampling_var=sampling_var, lower=lower, upper=upper
    )[:, -1]
    columns = {
        "trend": family["trend"],
        "reversion": family["reversion"],
        "neither": family["none"],
        "noise": weight @ table["noise"].to_numpy(),
        "step": weight @ table["step"].to_numpy() * scale,
        "drift": (weight * posterior.drift * (table["family"] == "trend").to_numpy()).sum(1)
        * scale,
        "prior_median": prior[:, 3],
        "median": final[:, 3],
        "prior_width": prior[:, 5] - prior[:, 1],
        "width": final[:, 5] - final[:, 1],
    }
    return pd.DataFrame(columns)

"""Joint futures of series: paths whose yearly quantiles are those of the default forecast."""

from __future__ import annotations

import numpy as np

from wdp_lib.forecasting.learned.forecaster import Forecaster
from wdp_lib.forecasting.learned.limits import natural_limits, value_at
from wdp_lib.forecasting.learned.mixture import normal_cdf
from wdp_lib.forecasting.learned.prior import Posterior


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

    For one plan's series at a time, of three values or more. ``seed`` may be a list, one a series;
    limits as in `Forecaster.forecast`; ``correlation`` (series, series) couples the shocks of the
    series, and their components by rank; or a list of such: neighbouring series coupled in groups,
    each under the same seed.
    """
    history, limits = np.asarray(history, float), {"lower": lower, "upper": upper}
    if isinstance(seed, list):
        groups = [(np.eye(1), own) for own in seed]
    elif isinstance(correlation, list):
        groups = [(matrix, seed) for matrix in correlation]
    else:
        groups = [(np.eye(len(history)) if correlation is None else correlation, seed)]
    parts, last = [], None
    for matrix, own in groups:
        if (len(matrix), own) != last:  # the same seed draws the same
            shape, last = (3 + 3 * horizon, len(matrix), draws), (len(matrix), own)
            drawn = np.random.default_rng(own).standard_normal(shape)
        parts.append(np.linalg.cholesky(matrix) @ drawn)
    shocks, posteriors = np.concatenate(parts, axis=1), model.each(history, kind, **limits)
    paths = np.stack([sample_paths(one, shocks[:, k]) for k, one in enumerate(posteriors)])
    paths = with_marginals(paths, model.forecast(history, kind, horizon, **limits))
    low, high = natural_limits(history, np.asarray(kind), **limits)
    return np.clip(paths, low[:, None, None], high[:, None, None])


def sample_paths(posterior: Posterior, shocks: np.ndarray) -> np.ndarray:
    """Return paths (draws, horizon) of the prior of one series, in plain units.

    Each is a component, its state, its years; ``shocks`` (3 + 3 * horizon, draws) are normal.
    """
    components, draws = posterior.components, iter(shocks)
    steps = np.cumsum(posterior.weight[0])
    drawn = np.searchsorted(steps, normal_cdf(next(draws)) * steps[-1], side="right")
    drawn = drawn.clip(max=len(steps) - 1)
    names = ("level", "drift", "level_var", "cross_var", "drift_var")
    level, drift, v11, v12, v22 = (getattr(posterior, name)[0, drawn] for name in names)
    begin = np.maximum(v11, 0), v12, np.maximum(v22, 0)
    level, drift = _pair(level, drift, *begin, next(draws), next(draws))
    names = ("pull", "keep", "level_var", "cross_var", "drift_var", "noise_var")
    pull, keep, *yearly, noise = (getattr(components, name)[drawn] for name in names)
    out = []
    for _ in range(len(shocks) // 3 - 1):
        level, drift = level + pull * drift, keep * drift
        level, drift = _pair(level, drift, *yearly, next(draws), next(draws))
        out.append(level + np.sqrt(noise) * next(draws))
    made, bent = np.stack(out, axis=-1), drawn >= components.plain
    if bent.any():
        made[bent] = posterior.measure.straight(made[None, bent])[0]
    return made


def _pair(level, drift, v11, v12, v22, e, z):
    """Level and drift with correlated normal noise of the given variances."""
    slope = v12 / np.maximum(v11, 1e-12)
    rest = np.maximum(v22 - slope * v12, 0)
    return level + np.sqrt(v11) * e, drift + slope * np.sqrt(v11) * e + np.sqrt(rest) * z


def with_marginals(paths: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Return paths that keep their ranks and take the values of the quantiles (Schaake shuffle)."""
    draws = paths.shape[1]
    order = paths.transpose(0, 2, 1).argsort(axis=2)
    sheet = value_at(quantiles, (np.arange(draws) + 0.5) / draws)  # (series, horizon, draws)
    made = np.empty_like(sheet)
    np.put_along_axis(made, order, sheet, axis=2)
    return np.ascontiguousarray(made.transpose(0, 2, 1))

"""Pooled prior over damped local trends: what real annual series teach about the next one.

Every component of the prior is one way in which a series may move: how large a yearly step is,
how much of it is noise that is gone a year later, whether a trend persists, fades or wanders,
or whether the series returns to its own mean. The history reweights the components; the forecast is
the mixture of their normal distributions. Nothing is tuned for a single series.

State space of a component, in units of the mean absolute yearly change of the series:

    level_t = level_{t-1} + pull * drift_{t-1} + e_t
    drift_t = keep * drift_{t-1} + z_t              (trend: pull = keep = phi;
    y_t     = level_t + noise_t                      reversion: pull = keep - 1, z = e)
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

QUANTILES = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
LONGEST = 40  # years of history that are used
_STEP = 1 / 1024
_NORMAL_Z = np.arange(-8, 8 + _STEP / 2, _STEP)
# Shape of the points at which a mixture's distribution is read: dense in the middle, wide outside.
_KNOTS = 0.17 * np.sinh(np.linspace(-4.0, 4.0, 17))


def _normal_table() -> np.ndarray:
    density = np.exp(-0.5 * _NORMAL_Z**2) / np.sqrt(2 * np.pi)
    area = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2) * _STEP])
    return (area / area[-1]).astype(np.float64)


_NORMAL = _normal_table()
_MIDDLE = (8 + _STEP / 2) / _STEP  # place of 0 in it


def normal_cdf(z: np.ndarray) -> np.ndarray:
    """Standard normal distribution function, from a table; absolute error below 0.0002."""
    return _NORMAL.take((z * (1 / _STEP) + _MIDDLE).astype(np.int32), mode="clip")


@dataclass(frozen=True)
class Components:
    """The components of the prior, one entry each; sizes in units of the mean absolute change."""

    table: pd.DataFrame
    weight: np.ndarray
    pull: np.ndarray
    keep: np.ndarray
    level_var: np.ndarray
    cross_var: np.ndarray
    drift_var: np.ndarray
    noise_var: np.ndarray
    first_var: np.ndarray
    power: float

    @classmethod
    def from_table(cls, table: pd.DataFrame, power: float = 1.0) -> Components:
        """Components from the columns family, weight, step, noise, wander, persist, first."""
        step_var = table["step"].to_numpy() ** 2
        noise = table["noise"].to_numpy()
        persist = table["persist"].to_numpy()
        reverts = (table["family"] == "reversion").to_numpy()
        level_var = step_var * (1 - noise)
        drift_var = np.where(reverts, level_var, step_var * table["wander"].to_numpy() ** 2)
        settled = level_var / np.maximum(1 - persist**2, 1e-6)
        return cls(
            table=table.reset_index(drop=True),
            weight=table["weight"].to_numpy(),
            pull=np.where(reverts, persist - 1, persist),
            keep=persist,
            level_var=level_var,
            cross_var=np.where(reverts, level_var, 0.0),
            drift_var=drift_var,
            noise_var=step_var * noise / 2,  # a difference of two noises has twice the variance
            first_var=np.where(reverts, settled, step_var * table["first"].to_numpy() ** 2),
            power=power,
        )

    @classmethod
    def read(cls, path: Path) -> Components:
        """Components from a CSV file whose first line holds the power of the likelihood."""
        with path.open(encoding="utf-8") as lines:
            power = float(lines.readline().split("=")[1])
            return cls.from_table(pd.read_csv(lines), power)


@dataclass(frozen=True)
class Posterior:
    """What each component holds after the history: (series, components); variances or (1, …)."""

    components: Components
    weight: np.ndarray
    level: np.ndarray
    drift: np.ndarray
    level_var: np.ndarray
    cross_var: np.ndarray
    drift_var: np.ndarray
    loglik: np.ndarray

    def take(self, row: int | np.ndarray) -> Posterior:
        """Return the posterior of one series, or of some."""
        rows = np.atleast_1d(row)
        arrays = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "components"}
        return Posterior(self.components, **{k: a[rows % len(a)] for k, a in arrays.items()})


def reporting_unit(values: np.ndarray) -> np.ndarray:
    """Return the smallest of 1, 0.1, ..., 1e-6 of which all values of a row are multiples.

    Unlike that of a panel, it takes large values for whole: the prior was learned with it.
    """
    unit = np.full(len(values), 1e-6)
    for digits in range(5, -1, -1):
        scaled = values * 10.0**digits
        whole = np.abs(scaled - np.round(scaled)) < 1e-6 * np.maximum(1, np.abs(scaled))
        unit[np.all(whole | np.isnan(values), axis=1)] = 10.0**-digits
    return unit


def series_scale(values: np.ndarray) -> np.ndarray:
    """Return the mean absolute yearly change of each row, over g years as 1 / sqrt(g) of it.

    Never smaller than half the reporting unit, so that a series without change has a scale.
    """
    total, count = np.zeros(len(values)), np.zeros(len(values))
    last, gap = values[:, 0].copy(), np.ones(len(values))
    for column in values.T[1:]:
        seen = ~np.isnan(column)
        both = seen & ~np.isnan(last)
        total[both] += np.abs(column - last)[both] / np.sqrt(gap[both])
        count += both
        last = np.where(seen, column, last)
        gap = np.where(seen, 1, gap + 1)
    return np.maximum(total / np.maximum(count, 1), reporting_unit(values) / 2)


def update(values: np.ndarray, components: Components) -> Posterior:
    """Return the Kalman filter of all components over all series.

    The variances of a linear filter do not depend on the values: where all series miss the same
    years they are computed once for all of them.
    """
    seen = ~np.isnan(values)
    if (seen == seen[0]).all():
        seen = seen[:1]
    wide, every = (len(seen), len(components.weight)), (len(values), len(components.weight))
    level, drift, loglik = np.full(every, np.nan), np.zeros(every), np.zeros(every)
    p11, p12, p22 = np.zeros(wide), np.zeros(wide), np.tile(components.first_var, (wide[0], 1))
    started, noise = np.zeros(wide[0], bool), components.noise_var
    for t in range(values.shape[1]):
        if started.any():
            level, drift, p11, p12, p22 = _predict(components, level, drift, p11, p12, p22)
        y, now = values[:, t, None], seen[:, t]
        first = (now & ~started)[:, None]
        if first.any():
            level = np.where(first, y, level)
            p11 = np.where(first, noise, p11)
            p12 = np.where(first, 0.0, p12)
            p22 = np.where(first, components.first_var, p22)
        again = (now & started)[:, None]
        if again.any():
            f = p11 + noise + 1e-9
            k1, k2 = np.where(again, p11 / f, 0.0), np.where(again, p12 / f, 0.0)
            miss = np.where(again, y - level, 0.0)
            loglik -= 0.5 * (miss * miss / f + np.where(again, np.log(f), 0.0))
            level, drift = level + k1 * miss, drift + k2 * miss
            p11, p12, p22 = p11 - k1 * p11, p12 - k1 * p12, p22 - k2 * p12
        started = started | now
    with np.errstate(divide="ignore"):
        weight = np.log(components.weight) + components.power * loglik
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    return Posterior(components, weight, level, drift, p11, p12, p22, loglik)


def _predict(components, level, drift, p11, p12, p22):
    a, b = components.pull, components.keep
    level, drift = level + a * drift, b * drift
    p11 = p11 + a * (2 * p12 + a * p22) + components.level_var
    p12 = b * (p12 + a * p22) + components.cross_var
    p22 = b * b * p22 + components.drift_var
    return level, drift, p11, p12, p22


def project(posterior: Posterior, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of y, (series, horizon, components)."""
    components, p = posterior.components, posterior
    state = (p.level, p.drift, p.level_var, p.cross_var, p.drift_var)
    means, deviations = [], []
    for _ in range(horizon):
        state = _predict(components, *state)
        means.append(state[0])
        deviations.append(np.sqrt(state[2] + components.noise_var))
    return np.stack(means, axis=1), np.stack(deviations, axis=1)


def mixture_quantiles(weight, mean, sd, probabilities=QUANTILES) -> np.ndarray:
    """Return quantiles (series, horizon, probability) of mixtures of normals, to about 0.3 %.

    The distribution function is read at points spread by the mixture's own mean and deviation and
    inverted on the normal scale, where it is close to a straight line; each quantile is then read
    once more and corrected between its two neighbours.
    """
    weight, mean, sd = (np.asarray(a, np.float64) for a in (weight, mean, sd))
    # a view with a new axis would be multiplied element by element, three times slower
    column = weight[:, :, None].copy()
    centre = (mean @ column)[..., 0]
    spread = np.sqrt((((mean - centre[..., None]) ** 2 + sd**2) @ column)[..., 0])
    # in steps of the table of the normal distribution, so that each point costs one product, one
    # difference, one look-up
    rate = spread[..., None] / sd * (1 / _STEP)
    low = (mean - centre[..., None]) / sd * (1 / _STEP) - _MIDDLE

    # the same arrays for every point: giving large ones back and asking for them again costs more
    # than the arithmetic
    place, step, density = np.empty_like(rate), np.empty(rate.shape, np.int32), np.empty_like(rate)

    def reached(point, out):  # the mixture's distribution function
        np.subtract(np.multiply(point, rate, out=place), low, out=place)
        np.copyto(step, place, casting="unsafe")
        out[...] = (np.take(_NORMAL, step, mode="clip", out=density) @ column)[..., 0]

    area = np.empty((*centre.shape, len(_KNOTS)))
    for k, knot in enumerate(_KNOTS):
        reached(knot, area[..., k])
    z = _on_normal_scale(area)
    wanted = np.interp(probabilities, _NORMAL, _NORMAL_Z)
    j = np.stack([(z < target).sum(axis=-1) for target in wanted], axis=-1)
    j = np.clip(j, 1, len(_KNOTS) - 1)
    z0, z1 = np.take_along_axis(z, j - 1, -1), np.take_along_axis(z, j, -1)
    x0, x1 = _KNOTS[j - 1], _KNOTS[j]
    guess = _between(wanted, z0, z1, x0, x1)
    area = np.empty(guess.shape)
    for k in range(len(wanted)):
        reached(guess[..., k, None], area[..., k])
    found = _on_normal_scale(area)
    above = found < wanted
    out = _between(wanted, *np.where(above, (found, z1, guess, x1), (z0, found, x0, guess)))
    return centre[..., None] + spread[..., None] * out


def _on_normal_scale(area: np.ndarray) -> np.ndarray:
    return _probit(np.clip(area, 1e-6, 1 - 1e-6))


def _between(target, z0, z1, x0, x1):
    return x0 + (x1 - x0) * np.clip((target - z0) / np.maximum(z1 - z0, 1e-6), 0, 1)


def _probit(p: np.ndarray) -> np.ndarray:
    """Inverse of the normal distribution function (Odeh and Evans 1974; error below 2e-4)."""
    tail = np.minimum(p, 1 - p)
    y = np.sqrt(-2 * np.log(tail))
    top = (
        (((y * -0.453642210148e-4 - 0.204231210245e-1) * y - 0.342242088547) * y - 1) * y
    ) - 0.322232431088
    low = (
        (((y * 0.38560700634e-2 + 0.103537752850) * y + 0.531103462366) * y + 0.588581570495) * y
    ) + 0.993484626060e-1
    z = y + top / low
    return np.where(p < 0.5, -z, z)

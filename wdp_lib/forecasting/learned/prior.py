"""The prior: a mixture of damped local trends on several scales, learned from real annual series.

Every component is one way in which a series may move: on which scale its changes are alike (the
values themselves, or their distance from a natural limit, so that a constant *share* of change is
described), how large a yearly step is, how much of it is noise that is gone a year later, whether a
trend persists, fades or wanders, or whether the series returns to its own mean. The history
reweights the components; the forecast is their mixture. Nothing is tuned for a single series.

State space of a component, in units of the mean absolute yearly change on its scale:

    level_t = level_{t-1} + pull * drift_{t-1} + e_t
    drift_t = keep * drift_{t-1} + z_t              (trend: pull = keep = phi;
    y_t     = level_t + noise_t                      reversion: pull = keep - 1, z = e)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.forecasting.learned.mixture import mixture_quantiles

LONGEST = 40  # years of history that are used
# the scale beside the plain one on which a series may change: falling towards its lower limit, the
# logarithm of the distance from it; rising towards its upper limit, the mirror image
SIDES = {"plain": 0, "log": 1, "mirrored": -1}
STEEPEST = 1.2  # usual yearly change of a logarithm, beyond which it describes nothing
_DIGITS = 7  # decimals beyond the leading one that a reporting unit may have


@dataclass(frozen=True)
class Components:
    """The components of the prior, one entry each; sizes in units of the mean absolute change."""

    table: pd.DataFrame  # scale (of `SIDES`), family, step, noise, wander, persist, first
    weight: np.ndarray
    power: float  # of the likelihood

    @classmethod
    def read(cls, path: Path) -> Components:
        """Components from a CSV file whose first line holds the power of the likelihood."""
        with path.open(encoding="utf-8") as lines:
            power = float(lines.readline().split("=")[1])
            table = pd.read_csv(lines, keep_default_na=False)
        return cls(table, table["weight"].to_numpy(), power)

    @cached_property
    def by_scale(self) -> dict[str, Components]:
        """The components on each scale."""
        made = {}
        for name in SIDES:
            rows = (self.table["scale"] == name).to_numpy()
            table = self.table[rows].reset_index(drop=True)
            made[name] = Components(table, self.weight[rows], self.power)
        return made

    @cached_property
    def beside(self) -> dict[str, Components]:
        """Those for series of each second scale: the ones on the plain scale, then its own."""
        plain, made = self.by_scale["plain"], {}
        for name, own in self.by_scale.items():
            parts = [plain] if name == "plain" else [plain, own]
            table = pd.concat([part.table for part in parts], ignore_index=True)
            weight = np.concatenate([part.weight for part in parts])
            made[name] = Components(table, weight, self.power)
        return made

    @cached_property
    def plain(self) -> int:
        """How many of the components are on the plain scale; they come first."""
        return int((~self.bent).sum())

    @cached_property
    def bent(self) -> np.ndarray:
        """True for components on another than the plain scale."""
        return (self.table["scale"] != "plain").to_numpy()

    @cached_property
    def reverts(self) -> np.ndarray:
        """True for components that return to the mean of the series."""
        return (self.table["family"] == "reversion").to_numpy()

    @cached_property
    def trend(self) -> np.ndarray:
        """True for components with a trend."""
        return (self.table["family"] == "trend").to_numpy()

    @cached_property
    def keep(self) -> np.ndarray:
        """What is left of the drift a year later."""
        return self.table["persist"].to_numpy(float)

    @cached_property
    def pull(self) -> np.ndarray:
        """What the drift adds to the level."""
        return np.where(self.reverts, self.keep - 1, self.keep)

    @cached_property
    def level_var(self) -> np.ndarray:
        """Variance of a yearly step of the level."""
        return self.table["step"].to_numpy() ** 2 * (1 - self.table["noise"].to_numpy())

    @cached_property
    def cross_var(self) -> np.ndarray:
        """Covariance of the steps of level and drift."""
        return np.where(self.reverts, self.level_var, 0.0)

    @cached_property
    def drift_var(self) -> np.ndarray:
        """Variance of a yearly step of the drift."""
        wander = (self.table["step"] * self.table["wander"]).to_numpy() ** 2
        return np.where(self.reverts, self.level_var, wander)

    @cached_property
    def noise_var(self) -> np.ndarray:
        """Variance of what is gone a year later (a difference of two has twice as much)."""
        return self.table["step"].to_numpy() ** 2 * self.table["noise"].to_numpy() / 2

    @cached_property
    def first_var(self) -> np.ndarray:
        """Variance of the first drift."""
        settled = self.level_var / np.maximum(1 - self.keep**2, 1e-6)
        first = (self.table["step"] * self.table["first"]).to_numpy() ** 2
        return np.where(self.reverts, settled, first)


@dataclass(frozen=True)
class Measure:
    """In what series are measured; the plain unit is the usual change, from the last value on.

    The second scale of all series is the same: ``sign`` 1 of a log, -1 of a mirrored log, 0 none.
    """

    last: np.ndarray
    scale: np.ndarray  # mean absolute yearly change
    unit: np.ndarray  # in which values are reported
    low: np.ndarray  # natural limits, infinite where there is none
    high: np.ndarray
    sign: int
    ratio: np.ndarray  # usual change as a share of the last distance from the limit
    stretch: np.ndarray  # mean absolute yearly change of the log distance

    def plain(self, values: np.ndarray) -> np.ndarray:
        """Return values (series, ...) in usual changes from the last one."""
        shape = (-1,) + (1,) * (values.ndim - 1)
        return (values - self.last.reshape(shape)) / self.scale.reshape(shape)

    def values(self, plain: np.ndarray) -> np.ndarray:
        """Return the inverse of `plain`."""
        shape = (-1,) + (1,) * (plain.ndim - 1)
        return plain * self.scale.reshape(shape) + self.last.reshape(shape)

    def bent(self, plain: np.ndarray) -> np.ndarray:
        """Return the second scale of plain values (series, ...)."""
        shape = (-1,) + (1,) * (plain.ndim - 1)
        part = self.sign * self.ratio.reshape(shape) * plain
        return self.sign * np.log1p(np.maximum(part, -1 + 1e-12)) / self.stretch.reshape(shape)

    def straight(self, bent: np.ndarray) -> np.ndarray:
        """Return the inverse of `bent`."""
        shape = (-1,) + (1,) * (bent.ndim - 1)
        power = np.clip(self.sign * self.stretch.reshape(shape) * bent, -30, 12)
        return self.sign * np.expm1(power) / self.ratio.reshape(shape)

    def slope(self, plain: np.ndarray) -> np.ndarray:
        """Return the change on the second scale for one on the plain one, at plain values."""
        shape = (-1,) + (1,) * (plain.ndim - 1)
        ratio = self.ratio.reshape(shape)
        left = np.maximum(1 + self.sign * ratio * plain, 1e-12)
        return ratio / left / self.stretch.reshape(shape)


def reporting_unit(values: np.ndarray) -> np.ndarray:
    """Return the largest power of ten of which all values of a row are multiples.

    A row that never changes says nothing of it: about a hundredth of its value is taken.
    """
    filled = np.nan_to_num(values)
    largest = np.abs(filled).max(axis=1)
    place = np.floor(np.log10(np.where(largest > 0, largest, 1.0)))
    leading = filled / 10.0 ** place[:, None]
    digits = np.full(len(values), float(_DIGITS))
    for count in range(_DIGITS - 1, -1, -1):
        shifted = leading * 10.0**count
        digits[(np.abs(shifted - np.round(shifted)) < 1e-6).all(axis=1)] = count
    steady = np.fmax.reduce(values, axis=1) - np.fmin.reduce(values, axis=1) <= 1e-9 * largest
    hundredth = np.floor(np.log10(np.where(largest > 0, largest, 50.0) * 0.02) + 1e-9)
    place = np.where(steady, hundredth, place - digits)
    return 10.0**place


def mean_change(values: np.ndarray) -> np.ndarray:
    """Return the mean absolute yearly change of each row, over g years as 1 / sqrt(g) of it."""
    total, count = np.zeros(len(values)), np.zeros(len(values))
    last, gap = values[:, 0].copy(), np.ones(len(values))
    for column in values.T[1:]:
        seen = ~np.isnan(column)
        both = seen & ~np.isnan(last)
        total[both] += np.abs(column - last)[both] / np.sqrt(gap[both])
        count += both
        last = np.where(seen, column, last)
        gap = np.where(seen, 1, gap + 1)
    return total / np.maximum(count, 1)


def second_scale(history: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the name of the second scale of each series: log, mirrored or none.

    A series that falls may fall by a constant share of its distance from the lower limit (0 where
    it has none and never was below); one that rises, of its distance from the upper limit. The
    other way round a log explodes: from a low base 1, 2, 4 would become 100. So it does where the
    usual change is more than threefold, as of rates that are nothing every other year.
    """
    seen = ~np.isnan(history)
    time = np.where(seen, np.arange(history.shape[1], dtype=float), 0)
    count = seen.sum(axis=1)
    centre = time.sum(1) / count
    slope = (np.where(seen, time - centre[:, None], 0) * np.nan_to_num(history)).sum(1)
    least, noise = np.nanmin(history, axis=1), 1e-9 * np.nanmax(np.abs(history), axis=1)
    falls = (slope < -noise) & (np.isfinite(lower) | (least > 0))
    rises = (slope > noise) & np.isfinite(upper)
    second = np.select([falls, rises], ["log", "mirrored"], "plain")
    for name, sign in SIDES.items():
        rows = np.flatnonzero(second == name) if sign else []
        if len(rows):
            away = distance(history[rows], lower[rows], upper[rows], sign)
            second[rows[mean_change(np.log(away)) > STEEPEST]] = "plain"
    return second


def distance(history, lower, upper, sign: int) -> np.ndarray:
    """Return how far values are from the limit of a second scale, with a finite log.

    A value at the limit is half a unit away, or half of the least distance where values are finer
    than what they count.
    """
    unit = reporting_unit(history)
    limit = np.where(np.isfinite(lower), lower, 0.0) if sign > 0 else upper
    away = sign * (history - limit[:, None])
    least = np.nanmin(np.where(away > 0, away, np.nan), axis=1, initial=np.inf)
    at_limit = (away <= 0).any(axis=1) & np.isfinite(least)
    return away + np.where(at_limit, np.maximum(unit, least), unit)[:, None] / 2


def measure(history: np.ndarray, lower: np.ndarray, upper: np.ndarray, second: str) -> Measure:
    """Return in what series are measured that share a second scale."""
    unit, last, sign = reporting_unit(history), history[:, -1], SIDES[second]
    scale = np.maximum(mean_change(history), unit / 2)
    ratio = stretch = np.ones(len(history))
    if sign:
        away = distance(history, lower, upper, sign)
        stretch = np.maximum(mean_change(np.log(away)), unit / 2 * np.nanmean(1 / away, axis=1))
        ratio = scale / away[:, -1]
    return Measure(last, scale, unit, lower, upper, sign, ratio, stretch)


@dataclass(frozen=True)
class Posterior:
    """What each component holds after the history: (series, components); variances or (1, …)."""

    components: Components
    measure: Measure
    weight: np.ndarray
    level: np.ndarray
    drift: np.ndarray
    level_var: np.ndarray
    cross_var: np.ndarray
    drift_var: np.ndarray
    loglik: np.ndarray

    def plain_state(self) -> tuple[np.ndarray, np.ndarray]:
        """Return level and drift of every component in plain units."""
        if not self.measure.sign:
            return self.level, self.drift
        split = self.components.plain
        level = self.measure.straight(self.level[:, split:])
        drift = self.drift[:, split:] / self.measure.slope(level)
        return (
            np.concatenate([self.level[:, :split], level], axis=1),
            np.concatenate([self.drift[:, :split], drift], axis=1),
        )


def posterior_of(history: np.ndarray, components: Components, measured: Measure) -> Posterior:
    """Return what the history says of the components, those of the second scale included."""
    plain = measured.plain(history)
    name = next(name for name, sign in SIDES.items() if sign == measured.sign)
    every, bent = components.beside[name], components.by_scale[name]
    parts = [filtered(plain, components.by_scale["plain"])]
    if measured.sign:
        made = filtered(measured.bent(plain), bent)
        seen = ~np.isnan(plain)
        later = seen & (np.cumsum(seen, axis=1) > 1)
        # the likelihood of the values themselves: densities change with the scale
        made[-1] += np.where(later, np.log(measured.slope(np.nan_to_num(plain))), 0).sum(1)[:, None]
        parts.append(made)
    level, drift, *variances, loglik = (np.concatenate(p, axis=1) for p in zip(*parts, strict=True))
    weight = np.log(every.weight) + every.power * loglik
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    return Posterior(every, measured, weight, level, drift, *variances, loglik)


def filtered(values: np.ndarray, components: Components) -> list[np.ndarray]:
    """Return the Kalman filter of all components over all series: state, variances, likelihood.

    The variances of a linear filter do not depend on the values: where all series miss the same
    years they are computed once for all of them.
    """
    seen = ~np.isnan(values)
    if (seen == seen[0]).all():
        seen = seen[:1]
    wide, every = (len(seen), len(components.weight)), (len(values), len(components.weight))
    level, drift, loglik = np.full(every, np.nan), np.zeros(every), np.zeros(every)
    p11, p12, p22 = np.zeros(wide), np.zeros(wide), np.tile(components.first_var, (wide[0], 1))
    begun, noise = np.zeros_like(seen), components.noise_var
    begun[:, 1:] = np.logical_or.accumulate(seen, axis=1)[:, :-1]
    starts, goes_on = seen & ~begun, seen & begun
    predicts, begins, corrects = (x.any(axis=0).tolist() for x in (begun, starts, goes_on))
    for t in range(values.shape[1]):
        if predicts[t]:
            level, drift, p11, p12, p22 = _predict(components, level, drift, p11, p12, p22)
        y = values[:, t, None]
        if begins[t]:
            first = starts[:, t, None]
            level = np.where(first, y, level)
            p11 = np.where(first, noise, p11)
            p12 = np.where(first, 0.0, p12)
            p22 = np.where(first, components.first_var, p22)
        if corrects[t]:
            again = goes_on[:, t, None]
            f = p11 + noise + 1e-9
            k1, k2 = np.where(again, p11 / f, 0.0), np.where(again, p12 / f, 0.0)
            miss = np.where(again, y - level, 0.0)
            loglik -= 0.5 * (miss * miss / f + np.where(again, np.log(f), 0.0))
            level, drift = level + k1 * miss, drift + k2 * miss
            p11, p12, p22 = p11 - k1 * p11, p12 - k1 * p12, p22 - k2 * p12
    return [level, drift, p11, p12, p22, loglik]


def _predict(components, level, drift, p11, p12, p22):
    a, b = components.pull, components.keep
    level, drift = level + a * drift, b * drift
    p11 = p11 + a * (2 * p12 + a * p22) + components.level_var
    p12 = b * (p12 + a * p22) + components.cross_var
    p22 = b * b * p22 + components.drift_var
    return level, drift, p11, p12, p22


def project(posterior: Posterior, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and deviation (series, horizon, components), each on its component's scale.

    Trends stop at a natural limit: beyond it there is nothing to go to.
    """
    components, p, measured = posterior.components, posterior, posterior.measure
    state = (p.level, p.drift, p.level_var, p.cross_var, p.drift_var)
    means, deviations = [], []
    for _ in range(horizon):
        state = _predict(components, *state)
        means.append(state[0])
        deviations.append(np.sqrt(state[2] + components.noise_var))
    mean, deviation = np.stack(means, axis=1), np.stack(deviations, axis=1)
    low, high = (measured.plain(side)[:, None, None] for side in (measured.low, measured.high))
    plain = mean[..., : components.plain]
    np.clip(plain, low, high, out=plain)
    return mean, np.broadcast_to(deviation, mean.shape)


def prior_quantiles(posterior: Posterior, horizon: int) -> np.ndarray:
    """Return quantiles (series, horizon, 7) of the mixture, in plain units, limits not applied."""
    mean, sd = project(posterior, horizon)
    return mixture_quantiles(
        posterior.weight, mean, sd, posterior.measure, posterior.components.plain
    )

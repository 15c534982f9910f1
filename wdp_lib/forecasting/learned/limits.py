"""Natural limits: who stays at one, and intervals that do not shrink on the way to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wdp_lib.forecasting.learned.correction import FACILITY, KINDS
from wdp_lib.forecasting.learned.mixture import QUANTILES, normal_cdf, normal_quantile
from wdp_lib.forecasting.learned.prior import Measure

_FAR = 15  # years ahead from which it does not matter how long a series has stood at its limit
_PERCENTAGES = (KINDS.index("percent"), FACILITY)
_Z = normal_quantile(QUANTILES)
_PAIRS = ((2, 4), (1, 5), (0, 6))
_GROWTH = 1.002  # of an interval's width a year, at least
_STEEPEST = 2.0  # of the outermost step between quantiles, beside the next one inwards


def natural_limits(history, kind, lower=None, upper=None) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of series: 0, and 100 for percentages, unless given.

    A limit that the history itself crosses is none.
    """
    low = np.zeros(len(history)) if lower is None else np.asarray(lower, float)
    most = np.where(np.isin(kind, _PERCENTAGES), 100.0, np.inf)
    top = most if upper is None else np.asarray(upper, float)
    low = np.where(np.fmin.reduce(history, axis=1) < low, -np.inf, low)
    return low, np.where(np.fmax.reduce(history, axis=1) > top, np.inf, top)


@dataclass(frozen=True)
class Staying:
    """How probable it is that a series that stands at its natural limit stands there later.

    A logistic regression, for each side and kind, on the years it has stood there without a break,
    the share of its earlier years there, and the years ahead; more years there never lower it, more
    years ahead never raise it. Institutions and facilities stay; shares of people wander.
    """

    # upper_percent, upper_facility, lower_percent, lower_other
    learned: dict[str, list[float]]

    def apply(self, values, expected, history, measured: Measure, kind) -> np.ndarray:
        """Return quantiles (series, horizon, 7) inside the limits, with the learned mass at them.

        A series that only comes near its limit has at most the mass of one that has just reached
        it, and does not turn back from it where the median ``expected`` (series, horizon) does not.
        """
        for limit, side, sign in ((measured.high, "upper", 1), (measured.low, "lower", -1)):
            beyond = (sign * values[..., ::sign][..., -1] >= sign * limit[:, None]).any(axis=1)
            there = history[:, -1] == limit
            rows = np.flatnonzero(there | beyond)
            if len(rows):
                p = self.probability(history[rows], limit[rows], kind[rows], side, values.shape[1])
                parts = values[rows][..., ::sign], expected[rows], limit[rows]
                made = _with_mass(
                    *(sign * part for part in parts), p, there[rows], measured.unit[rows]
                )
                values[rows] = sign * made[..., ::sign]
        return np.clip(values, measured.low[:, None, None], measured.high[:, None, None])

    def probability(self, history, limit, kind, side: str, horizon: int) -> np.ndarray:
        """Return the probability (series, horizon) of standing at the limit."""
        percent = np.array(self.learned[f"{side}_percent"])
        other = np.array(self.learned["lower_other"]) if side == "lower" else percent
        factors = np.where(np.isin(kind, _PERCENTAGES)[:, None], percent, other)
        if side == "upper":
            facility = np.array(self.learned["upper_facility"])
            factors = np.where((kind == FACILITY)[:, None], facility, factors)
        features = staying_features(history, limit, horizon)
        return 1 / (1 + np.exp(-(features * factors[:, None, :]).sum(axis=-1)))


def staying_features(history, limit, horizon: int) -> np.ndarray:
    """Return (series, horizon, 5): one, years at the limit, share before them, years ahead."""
    seen = ~np.isnan(history)
    there = history == limit[:, None]
    unbroken = np.cumsum((seen & ~there)[:, ::-1], axis=1)[:, ::-1] == 0
    years, earlier = np.maximum((there & unbroken).sum(axis=1), 1), seen & ~unbroken
    share = np.where(
        earlier.any(axis=1), (there & earlier).sum(1) / np.maximum(earlier.sum(1), 1), 1.0
    )
    run, ahead = np.log(years)[:, None], np.log(np.arange(1, horizon + 1))[None]
    soon = np.maximum(1 - ahead / np.log(_FAR), 0)
    columns = np.broadcast_arrays(1.0, run * soon, run, share[:, None], -ahead)
    return np.stack(columns, axis=-1)


def _with_mass(values, expected, limit, p, there, unit):
    """Quantiles (series, horizon, 7) below an upper limit with mass ``p`` at it, or at most ``p``.

    Exactly ``p`` of series that are ``there``; these only get farther from it. What a mixture has
    beyond its limit and may not stand at it is folded back into the range just below.
    """
    limit, there, p = limit[:, None, None], there[:, None, None], p[..., None]
    hoped = np.minimum(np.maximum(values[..., 3], expected), limit[..., 0])
    values = values - np.maximum(values[..., 3:4] - limit, 0)
    below = normal_cdf(_place_of(values, limit))  # level at which the mixture meets the limit
    left = np.where(there, 1 - p, np.maximum(1 - p, below))
    kept = np.clip(2 * below - left, 0, below)
    level = kept + (QUANTILES - kept) * (below - kept) / np.maximum(left - kept, 1e-9)
    level = np.where(kept > QUANTILES, QUANTILES, np.clip(level, 1e-6, 1 - 1e-6))
    out = np.minimum(value_at(values, level), limit)
    out[..., :1] = np.where(
        there, np.minimum(out[..., :1], limit - unit[:, None, None] / 2), out[..., :1]
    )
    risen = np.minimum(np.maximum.accumulate(out[..., 3], axis=1), hoped)
    out[..., 3:] = np.where(there, out[..., 3:], np.maximum(out[..., 3:], risen[..., None]))
    # a straight line to the limit, so that who reads the quantiles finds it at its level; where the
    # outermost alone reaches it there is no mass to be read, and the next one stays where it is
    first = np.clip((left > QUANTILES).sum(axis=-1, keepdims=True), 2, len(QUANTILES) - 1)
    before, edge = np.take_along_axis(out, first - 2, -1), QUANTILES[first - 2]
    line = limit - (limit - before) * (left - QUANTILES) / np.maximum(left - edge, 1e-9)
    read = (first < len(QUANTILES) - 1) & (left < QUANTILES[first])
    last = (np.arange(len(QUANTILES)) == first - 1) & read
    out = np.where(left <= QUANTILES, limit, np.where(last, line, out))
    return np.where(there, np.minimum.accumulate(out, axis=1), out)


def _place_of(values, x):
    """Where ``x`` (..., 1) lies on the normal scale of quantiles (..., 7)."""
    upper = np.clip((values < x).sum(axis=-1, keepdims=True), 1, len(_Z) - 1)
    v0, v1 = (np.take_along_axis(values, k, -1) for k in (upper - 1, upper))
    share = (x - v0) / np.maximum(v1 - v0, 1e-12)
    return np.clip(_Z[upper - 1] + share * (_Z[upper] - _Z[upper - 1]), -6, 6)


def value_at(quantiles: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return values at `probability` (..., k) of quantiles (..., 7): lines on the normal scale."""
    return _value_at(quantiles, normal_quantile(np.asarray(probability)))


def _value_at(values, z):
    left = np.clip(np.searchsorted(_Z, z) - 1, 0, len(_Z) - 2)
    left = np.broadcast_to(left, np.broadcast_shapes(left.shape, (*values.shape[:-1], z.shape[-1])))
    share = (z - _Z[left]) / (_Z[left + 1] - _Z[left])
    v0, v1 = (np.take_along_axis(values, k, -1) for k in (left, left + 1))
    return v0 * (1 - share) + v1 * share


def without_outliers(values: np.ndarray) -> np.ndarray:
    """Return quantiles (..., 7) whose outermost lie no farther out than the next ones lead to.

    On the normal scale the outermost step is at most `_STEEPEST` times as steep as the next one
    inwards: a share that was never below 92 % does not fall to nought.
    """
    steps = np.diff(values, axis=-1) / np.diff(_Z)
    outer = np.diff(_Z)[0] * _STEEPEST
    low = values[..., 1] - outer * steps[..., 1]
    high = values[..., 5] + outer * steps[..., 4]
    first, last = np.maximum(values[..., 0], low), np.minimum(values[..., 6], high)
    return np.concatenate([first[..., None], values[..., 1:6], last[..., None]], axis=-1)


def never_narrower(values: np.ndarray, measured: Measure) -> np.ndarray:
    """Return quantiles whose intervals are never narrower than in the year before.

    Nor does a bound move inwards unless the median does or a limit holds that side; where it does,
    the other side of the interval takes the rest.
    """
    low, high = measured.low[:, None], measured.high[:, None]
    for h in range(1, values.shape[1]):
        now, past = values[:, h], values[:, h - 1]
        moved = (now - past)[:, 3:4]
        inner = np.minimum(now[:, :3], past[:, :3] + np.maximum(moved, 0))
        outer = np.maximum(now[:, 4:], past[:, 4:] + np.minimum(moved, 0))
        now[:, :3] = np.where(past[:, :1] > low, inner, now[:, :3])
        now[:, 4:] = np.where(past[:, -1:] < high, outer, now[:, 4:])
        for one, two in _PAIRS:
            lack = np.maximum(
                _GROWTH * (past[:, two] - past[:, one]) - (now[:, two] - now[:, one]), 0
            )
            # room beside a limit is left to those who stand at it, unless there is no other
            clear = (now[:, two] + lack < high[:, 0]) | (past[:, one] <= low[:, 0])
            top = np.where(clear, high[:, 0] - now[:, two], 0)
            clear = (now[:, one] - lack > low[:, 0]) | (past[:, two] >= high[:, 0])
            bottom = np.where(clear, now[:, one] - low[:, 0], 0)
            up = np.minimum(lack / 2, top)
            down = np.minimum(lack - up, bottom)
            now[:, one] -= down
            now[:, two] += np.minimum(lack - down, top)
        for k in (1, 0):  # a little beyond the next inner one, as quantiles do not meet
            now[:, k] = np.minimum(now[:, k], now[:, k + 1] - 0.03 * (now[:, 3] - now[:, k + 1]))
            now[:, 6 - k] = np.maximum(
                now[:, 6 - k], now[:, 5 - k] + 0.03 * (now[:, 5 - k] - now[:, 3])
            )
        np.clip(now, low, high, out=now)
    return values

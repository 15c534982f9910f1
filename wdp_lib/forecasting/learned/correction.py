"""A small learned correction of the prior's quantiles, and their recalibration.

A network reads the history (any length, years may be missing), the kind of indicator and what the
posterior says, and answers for every horizon with seven numbers: a shift of the median and a
factor for each of the six distances between neighbouring quantiles. Quantiles can therefore never
cross, and a network of zeros leaves the prior as it is. Last, the distances from the median are
multiplied by factors that made the intervals hold on series the networks had not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wdp_lib.forecasting.learned.prior import Measure, Posterior

KINDS = ["percent", "rate", "ratio", "count", "years", "hours", "unknown"]
# a percentage of institutions, places or facilities: like others, but it stays at its limit
FACILITY = len(KINDS)
RECENT = 14  # years before the last one that the network reads one by one
_NARROWEST = 1e-3  # of the scale: the smallest distance between two quantiles


def symlog(x: np.ndarray) -> np.ndarray:
    """Sign-preserving logarithm: large values are pulled in, small ones kept."""
    return np.sign(x) * np.log1p(np.abs(x))


def history_features(history, kind, posterior: Posterior) -> np.ndarray:
    """Return what the networks know about series, one row each; no unit of measurement survives.

    `history` (series, years), 15 years at least, ends with the last observed one.
    """
    moved = posterior.measure.plain(history)
    recent = moved[:, -1 - RECENT : -1]
    features = (
        symlog(np.nan_to_num(recent)),
        ~np.isnan(recent),
        _summary(moved),
        _position(history, posterior.measure),
        _posterior_features(posterior),
        np.eye(len(KINDS))[np.where(kind == FACILITY, KINDS.index("percent"), kind)],
    )
    return np.concatenate(features, axis=1).astype(np.float64)


def _summary(moved: np.ndarray) -> np.ndarray:
    seen = ~np.isnan(moved)
    years = moved.shape[1]
    count, span = seen.sum(axis=1), years - seen.argmax(axis=1)
    time = np.where(seen, np.arange(years) - (years - 1.0), 0)
    value = np.nan_to_num(moved)
    middle, centre = value.sum(1) / count, time.sum(1) / count
    away = np.where(seen, time - centre[:, None], 0)
    slope = (away * (value - middle[:, None])).sum(1) / np.maximum((away**2).sum(1), 1)
    rest = np.where(seen, value - middle[:, None] - slope[:, None] * away, 0)
    change = np.diff(moved, axis=1)
    known = ~np.isnan(change)
    change, steps = np.nan_to_num(change), np.maximum(known.sum(1), 1)
    pairs = np.maximum((known[:, 1:] & known[:, :-1]).sum(1), 1)
    size = np.sqrt((change**2).sum(1) / steps)
    late = (change[:, -4:] ** 2).sum(1) / np.maximum(known[:, -4:].sum(1), 1)
    echo = (change[:, 1:] * change[:, :-1]).sum(1) / pairs / (size**2 + 1e-9)
    columns = [
        *(np.log(count), np.log(span), symlog(middle), symlog(slope)),
        *(symlog(np.fmin.reduce(moved, 1)), symlog(np.fmax.reduce(moved, 1))),
        *(symlog(np.sqrt((rest**2).sum(1) / count)), symlog(change.sum(1) / steps)),
        *(np.log(size + 0.1), echo, np.log(np.sqrt(late) + 0.1)),
        *((known & (np.abs(change) < 1e-9)).sum(1) / steps, symlog(change[:, -1])),
    ]
    return np.stack(columns, axis=1)


def _position(history, measured: Measure) -> np.ndarray:
    last, middle, scale = history[:, -1], np.nanmean(history, axis=1), measured.scale
    bounded = np.isfinite(measured.low) & np.isfinite(measured.high)
    top, floor = (
        np.where(bounded, measured.high, last + 1),
        np.where(bounded, measured.low, last - 1),
    )
    room = np.where(bounded, np.log1p(np.maximum(top - last, 0) / scale), 6.0)
    relative = np.log((scale + 1e-9) / (np.abs(middle) + scale + 1e-9))
    unit = np.log(np.clip(measured.unit / scale, 0.02, 2))
    level = np.where(bounded, (last - floor) / (top - floor), 0.5)
    return np.stack([symlog(last / scale) / 2, room / 2, relative, unit, level], axis=1)


def _posterior_features(posterior: Posterior) -> np.ndarray:
    components, weight, measured = posterior.components, posterior.weight, posterior.measure
    table, trend = components.table, components.trend.astype(float)
    known = np.stack(
        [
            np.log(table["step"]),
            table["noise"],
            trend,
            components.reverts,
            trend * table["persist"],
        ],
        axis=1,
    )
    bent = weight[:, components.plain :].sum(1) * measured.sign
    level, drift = posterior.plain_state()
    level, drift = (weight * level).sum(1), (weight * drift * trend).sum(1)
    return np.column_stack([weight @ known, symlog(level), symlog(drift), bent])


def horizon_features(quantiles: np.ndarray) -> np.ndarray:
    """The prior's quantiles (series, horizon, 7), in units of scale from the last value."""
    horizon = np.arange(1, quantiles.shape[1] + 1)
    clock = np.broadcast_to(
        np.stack([np.log(horizon), horizon / 10], axis=1), (*quantiles.shape[:2], 2)
    )
    gaps = np.log(np.maximum(np.diff(quantiles, axis=2), _NARROWEST))
    return np.concatenate([symlog(quantiles), gaps, clock], axis=2).astype(np.float64)


def corrected(quantiles: np.ndarray, answer: np.ndarray) -> np.ndarray:
    """Quantiles after the network's answer (..., 7): shift of the median, six log factors."""
    gaps = np.maximum(np.diff(quantiles, axis=-1), _NARROWEST)
    centre = quantiles[..., 3] + answer[..., 0] * (gaps[..., 2] + gaps[..., 3])
    gaps = gaps * np.exp(np.clip(answer[..., 1:], -3, 3))
    return from_gaps(centre, gaps)


def from_gaps(centre: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Seven quantiles from the median and the six distances between neighbours."""
    below = centre[..., None] - np.cumsum(gaps[..., 2::-1], axis=-1)[..., ::-1]
    above = centre[..., None] + np.cumsum(gaps[..., 3:], axis=-1)
    return np.concatenate([below, centre[..., None], above], axis=-1)


@dataclass(frozen=True)
class Networks:
    """Several networks of one shape; each array has the network as its first axis."""

    arrays: dict[str, np.ndarray]

    @classmethod
    def read(cls, path: Path) -> Networks:
        """Networks from an ``.npz`` file."""
        with np.load(path) as stored:
            return cls({name: stored[name].astype(np.float64) for name in stored.files})

    def answers(self, series: np.ndarray, horizons: np.ndarray) -> np.ndarray:
        """Return answers (network, series, horizon, 7) of every network."""
        many, ahead, _ = horizons.shape
        rows = horizons.reshape(many * ahead, -1)  # one product for all of them instead of one each
        made = []
        for k in range(len(self.arrays["w1"])):
            network = {name: array[k] for name, array in self.arrays.items()}
            made.append(_answer(network, series, rows, ahead).reshape(many, ahead, -1))
        return np.stack(made)


def _answer(
    a: dict[str, np.ndarray], series: np.ndarray, horizons: np.ndarray, ahead: int
) -> np.ndarray:
    x = np.clip((series - a["series_mean"]) / a["series_sd"], -5, 5)
    x = _relu(x @ a["w1"] + a["b1"])
    x = _relu(x @ a["w2"] + a["b2"])
    h = np.clip((horizons - a["horizon_mean"][0]) / a["horizon_sd"][0], -5, 5) @ a["w3h"]
    h += np.repeat(x @ a["w3x"] + a["b3"], ahead, axis=0)
    return _relu(h) @ a["w4"] + a["b4"]


def _relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0, out=x)


@dataclass(frozen=True)
class Calibration:
    """How far the networks are followed, and factors of the distance from the median."""

    strength: np.ndarray  # share of the networks' quantiles by length of history
    horizon: np.ndarray  # (3 intervals, horizons)
    length: np.ndarray  # (3, len(LENGTHS) - 1)

    LENGTHS = (0, 5, 8, 11, 16, 99)  # histories of 3-5, 6-8, 9-11, 12-16, 17 and more points

    @classmethod
    def read(cls, stored: dict) -> Calibration:
        """Factors from the content of ``calibration.json``."""
        return cls(*(np.asarray(stored[name], float) for name in ("strength", "horizon", "length")))

    def mixed(self, prior: np.ndarray, made: np.ndarray, count: np.ndarray) -> np.ndarray:
        """Return quantiles between the prior's and the networks', as far as these have earned."""
        share = self.strength[self.group(count)][:, None, None]
        return prior + share * (made - prior)

    def group(self, count: np.ndarray) -> np.ndarray:
        """Return the group of lengths of histories of so many points."""
        return np.searchsorted(self.LENGTHS, count, side="left") - 1

    def apply(self, quantiles: np.ndarray, count: np.ndarray) -> np.ndarray:
        """Return quantiles (series, horizon, 7) whose 50, 80 and 95 % intervals hold, in order."""
        by_series = self.length[:, self.group(count)].T
        factor = by_series[:, None, :] * self.horizon[:, : quantiles.shape[1]].T[None]
        away = quantiles - quantiles[..., 3:4]
        away[..., [2, 1, 0]] *= factor
        away[..., [4, 5, 6]] *= factor
        away[..., 4:] = np.maximum.accumulate(away[..., 4:], axis=-1)
        away[..., 2::-1] = np.minimum.accumulate(away[..., 2::-1], axis=-1)
        return quantiles[..., 3:4] + away

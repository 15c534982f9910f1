"""The default forecast of many short series at once: prior, correction, recalibration, limits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from wdp_lib.forecasting.learned.correction import (
    KINDS,
    RECENT,
    UPPER,
    Calibration,
    Networks,
    corrected,
    history_features,
    horizon_features,
)
from wdp_lib.forecasting.learned.prior import (
    LONGEST,
    QUANTILES,
    Components,
    Posterior,
    mixture_quantiles,
    project,
    series_scale,
    update,
)
from wdp_lib.forecasting.models.pooled import multiples

FARTHEST = 15  # years ahead that were trained; farther, distances grow as years ** 0.67
# share of the plain rule by number of points
SHRINK_POINTS, SHRINK_SHARES = (6, 10, 16), (0.0, 0.15, 0.25)
# series at a time: more would leave the processor's cache, fewer keep threads waiting for Python
_CHUNK = 512


@dataclass(frozen=True)
class Forecaster:
    """Everything that was learned; `forecast` is a function of it and the histories alone."""

    components: Components
    networks: Networks | None
    calibration: Calibration | None

    @classmethod
    def read(cls, folder: Path, *, correct: bool = True) -> Forecaster:
        """Return what `folder` holds; refuses files that provenance.json does not know."""
        provenance = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
        for name, checksum in provenance["sha256"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != checksum:
                raise ValueError(
                    f"{folder / name} is not the file described in provenance.json. "
                    "Restore it or train again."
                )
        components = Components.read(folder / "prior.csv")
        if not correct:
            return cls(components, None, None)
        stored = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
        return cls(components, Networks.read(folder / "correction.npz"), Calibration.read(stored))

    def forecast(
        self, history, kind, horizon: int, *, lower=None, upper=None, workers: int = 1
    ) -> np.ndarray:
        """Return quantiles (series, horizon, 7), in the units of the histories.

        Parameters
        ----------
        history : (series, years)
            The last column is each series' last observed year, NaN where a year is missing; years
            older than 40 are not used. Rows with fewer than three values are NaN in the result.
        kind : (series,)
            Indices into KINDS (the last, "unknown", where nothing is known).
        lower, upper : (series,)
            Natural limits; default 0, and 100 for percentages. A limit that the history itself
            crosses is moved there.
        """
        history, kind = to_width(np.asarray(history, float)), np.asarray(kind)
        out = np.full((len(history), horizon, 7), np.nan)
        usable = np.flatnonzero((~np.isnan(history)).sum(1) >= 3)

        def one(rows):
            out[rows] = self._chunk(history[rows], kind[rows], horizon)

        parts = (usable[part] for part in same_years(history[usable]))
        # a matrix product is too small to be shared out: its own threads would only wait for one
        # another
        with _threads().limit(limits=1, user_api="blas"):
            if workers > 1:
                with ThreadPoolExecutor(workers) as pool:
                    list(pool.map(one, parts))
            else:
                list(map(one, parts))
        return within_limits(out, history, kind, lower, upper)

    def _chunk(self, history, kind, horizon):
        near = min(horizon, FARTHEST)
        history = observed_years(history, RECENT + 1)
        posterior, scale = posterior_of(history, self.components)
        quantiles = prior_quantiles(posterior, near)
        if self.networks is not None:
            features = history_features(history, scale, kind, posterior)
            answers = self.networks.answers(features, horizon_features(quantiles))
            quantiles = shrunk(corrected(quantiles, answers).mean(axis=0), history, scale)
        if self.calibration is not None:
            quantiles = self.calibration.apply(quantiles, kind, (~np.isnan(history)).sum(1))
        return farther(quantiles, horizon) * scale[:, None, None] + history[:, -1, None, None]


@cache
def _threads():
    """The loaded numerical libraries; finding them takes longer than a short forecast."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def posterior_of(history, components: Components) -> tuple[Posterior, np.ndarray]:
    """Return the posterior in units of scale from the last value, and the scale of each series."""
    history = observed_years(history)
    scale = series_scale(history)
    return update((history - history[:, -1:]) / scale[:, None], components), scale


def observed_years(history: np.ndarray, least: int = 1) -> np.ndarray:
    """Return the years from the first that any series was observed in, `least` at least."""
    begun = (~np.isnan(history)).any(axis=0).argmax()
    return history[:, min(begun, history.shape[1] - least) :]


def prior_quantiles(posterior: Posterior, horizon: int) -> np.ndarray:
    """Return quantiles of the prior's mixture, same units as the posterior."""
    mean, sd = project(posterior, horizon)
    return mixture_quantiles(posterior.weight, mean, np.broadcast_to(sd, mean.shape))


def shrunk(quantiles: np.ndarray, history: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return quantiles (in units of scale) drawn a little towards half drift with measured errors.

    The share of that plain rule grows with the number of points (decision 036).
    """
    seen = ~np.isnan(history)
    count, first = seen.sum(axis=1), seen.argmax(axis=1)
    span = history.shape[1] - 1 - first
    drift = (history[:, -1] - history[np.arange(len(history)), first]) / span / scale
    centre = 0.5 * drift[:, None] * np.arange(1, quantiles.shape[1] + 1)
    plain = centre[:, :, None] + multiples(count, quantiles.shape[1], QUANTILES, "half_drift")
    share = np.interp(count, SHRINK_POINTS, SHRINK_SHARES)[:, None, None]
    return (1 - share) * quantiles + share * plain


def same_years(history: np.ndarray) -> Iterator[np.ndarray]:
    """Yield rows in chunks; rows that miss the same years share a chunk, and its variances."""
    # one number for the years that are there
    pattern = ~np.isnan(history) @ (1 << np.arange(history.shape[1]))
    _, group, size = np.unique(pattern, return_inverse=True, return_counts=True)
    rare = np.flatnonzero(size[group] < 24)
    blocks = [np.flatnonzero(group == g) for g in np.flatnonzero(size >= 24)]
    for rows in [*blocks, rare[np.argsort(np.isnan(history[rare]).sum(1), kind="stable")]]:
        yield from (rows[i : i + _CHUNK] for i in range(0, len(rows), _CHUNK))


def within_limits(quantiles, history, kind, lower=None, upper=None) -> np.ndarray:
    """Return quantiles clipped to natural limits."""
    top = np.array([UPPER.get(name, np.inf) for name in KINDS])[kind] if upper is None else upper
    filled = np.where(np.isnan(history).all(1, keepdims=True), 0, history)
    low = np.minimum(0.0 if lower is None else lower, np.nanmin(filled, axis=1))
    high = np.maximum(top, np.nanmax(filled, axis=1))
    return np.clip(quantiles, low[:, None, None], high[:, None, None])


def farther(quantiles: np.ndarray, horizon: int) -> np.ndarray:
    """Return quantiles also of years beyond the trained ones: distances widen as years ** 0.67."""
    known = quantiles.shape[1]
    if horizon <= known:
        return quantiles
    growth = (np.arange(known + 1, horizon + 1) / known) ** 0.67
    centre = quantiles[:, -1:, 3:4]
    beyond = centre + (quantiles[:, -1:] - centre) * growth[None, :, None]
    return np.concatenate([quantiles, beyond], axis=1)


def to_width(values: np.ndarray) -> np.ndarray:
    """Return the latest 40 years; where there are fewer columns, missing years in front."""
    if values.shape[1] >= LONGEST:
        return values[:, -LONGEST:]
    return np.pad(values, ((0, 0), (LONGEST - values.shape[1], 0)), constant_values=np.nan)

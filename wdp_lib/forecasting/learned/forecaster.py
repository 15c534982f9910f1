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
    RECENT,
    Calibration,
    Networks,
    corrected,
    history_features,
    horizon_features,
)
from wdp_lib.forecasting.learned.limits import (
    Staying,
    natural_limits,
    never_narrower,
    without_outliers,
)
from wdp_lib.forecasting.learned.mixture import QUANTILES, normal_quantile
from wdp_lib.forecasting.learned.prior import (
    LONGEST,
    SIDES,
    Components,
    Posterior,
    measure,
    posterior_of,
    prior_quantiles,
    second_scale,
)

FARTHEST = 15  # years ahead that were trained; farther, distances grow as years ** 0.67
# series at a time: more would leave the processor's cache, fewer keep threads waiting for Python
_CHUNK = 512
_Z = normal_quantile(QUANTILES)
_RUN = 4  # so many changes to the same side are not turned into the other one


@dataclass(frozen=True)
class Forecaster:
    """Everything that was learned; `forecast` is a function of it and the histories alone."""

    components: Components
    staying: Staying
    networks: Networks | None
    calibration: Calibration | None
    reliability: dict[str, list[float]]  # factors of `probability.recalibrated`

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
        stored = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
        staying, reliability = Staying(stored["staying"]), stored["reliability"]
        if not correct:
            return cls(components, staying, None, None, reliability)
        networks = Networks.read(folder / "correction.npz")
        return cls(components, staying, networks, Calibration.read(stored), reliability)

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
            Indices into KINDS (the last, "unknown", where nothing is known), or FACILITY.
        lower, upper : (series,)
            Natural limits; default 0, and 100 for percentages. A limit that the history itself
            crosses is none.
        """
        history, kind = to_width(np.asarray(history, float)), np.asarray(kind)
        out = np.full((len(history), horizon, 7), np.nan)
        usable = np.flatnonzero((~np.isnan(history)).sum(1) >= 3)
        if not len(usable):
            return out
        low, high = (side[usable] for side in natural_limits(history, kind, lower, upper))
        history, kind = history[usable], kind[usable]
        second = second_scale(history, low, high)

        def one(rows):
            values = history[rows], kind[rows], low[rows], high[rows], second[rows[0]]
            out[usable[rows]] = self._chunk(*values, horizon)

        parts = alike(history, second)
        # a matrix product is too small to be shared out: its own threads would only wait for one
        # another
        with _threads().limit(limits=1, user_api="blas"):
            if workers > 1:
                with ThreadPoolExecutor(workers) as pool:
                    list(pool.map(one, parts))
            else:
                list(map(one, parts))
        return out

    def _chunk(self, history, kind, low, high, second, horizon):
        history = observed_years(history, RECENT + 1)
        posterior = known(history, self.components, low, high, second)
        measured, prior = posterior.measure, prior_quantiles(posterior, min(horizon, FARTHEST))
        made, count = prior, (~np.isnan(history)).sum(1)
        if self.networks is not None:
            features = history_features(history, kind, posterior)
            answers = self.networks.answers(features, horizon_features(prior))
            made = corrected(prior, answers).mean(axis=0)
        if self.calibration is not None:
            made = self.calibration.apply(self.calibration.mixed(prior, made, count), count)
        made = farther(not_turned(made, prior, measured.plain(history)), horizon)
        # what is reported in whole units is not known better than that
        least = made[..., 3:4] + _Z * (measured.unit / measured.scale / np.ptp(_Z))[:, None, None]
        made = np.where(_Z > 0, np.maximum(made, least), np.minimum(made, least))
        expected = measured.values(farther(prior, horizon)[..., 3])
        values = without_outliers(measured.values(made))
        made = self.staying.apply(values, expected, history, measured, kind)
        return never_narrower(made, measured)

    def each(self, history, kind, lower=None, upper=None) -> Iterator[Posterior]:
        """Yield the posterior of each series, limits as in `forecast`."""
        history = to_width(np.asarray(history, float))
        low, high = natural_limits(history, np.asarray(kind), lower, upper)
        second = second_scale(history, low, high)
        for row in range(len(history)):
            one = slice(row, row + 1)
            yield known(history[one], self.components, low[one], high[one], second[row])


@cache
def _threads():
    """The loaded numerical libraries; finding them takes longer than a short forecast."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def known(history, components: Components, low, high, second: str) -> Posterior:
    """Return the posterior of series that share a second scale."""
    history = observed_years(history)
    return posterior_of(history, components, measure(history, low, high, second))


def observed_years(history: np.ndarray, least: int = 1) -> np.ndarray:
    """Return the years from the first that any series was observed in, `least` at least."""
    begun = (~np.isnan(history)).any(axis=0).argmax()
    return history[:, min(begun, history.shape[1] - least) :]


def not_turned(made: np.ndarray, prior: np.ndarray, history: np.ndarray) -> np.ndarray:
    """Return quantiles (plain units) whose median does not cross the last value without a reason.

    Neither where the last change and the prior's median lie on one side and the corrected one on
    the other, nor where each of the last four changes went to one side.
    """
    place = np.where(np.isnan(history), -1, np.arange(history.shape[1]))
    late = np.take_along_axis(history, np.argsort(place, axis=1)[:, -1 - _RUN :], axis=1)
    side = np.sign(np.diff(late, axis=1))
    last, kept = side[:, -1:], (side == side[:, -1:]).sum(axis=1, keepdims=True) == _RUN
    median = made[..., 3]
    turned = (median * last < 0) & (kept | (prior[..., 3] * last > 0))
    return made - np.where(turned, median, 0)[..., None]


def alike(history: np.ndarray, second: np.ndarray) -> Iterator[np.ndarray]:
    """Yield rows in chunks of one second scale; those that miss the same years share variances."""
    # one number for the years that are there
    pattern = ~np.isnan(history) @ (1 << np.arange(history.shape[1]))
    for name in SIDES:
        own = np.flatnonzero(second == name)
        _, group, size = np.unique(pattern[own], return_inverse=True, return_counts=True)
        rare = own[size[group] < 24]
        blocks = [own[group == g] for g in np.flatnonzero(size >= 24)]
        for rows in [*blocks, rare[np.argsort(np.isnan(history[rare]).sum(1), kind="stable")]]:
            yield from (rows[i : i + _CHUNK] for i in range(0, len(rows), _CHUNK))


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

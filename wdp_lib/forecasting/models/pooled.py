"""Pooled errors: a cautious centre, intervals as wide as the errors of other series."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.forecasting.models.smoothing import combined_path
from wdp_lib.forecasting.panel import Panel, reporting_unit, yearly_changes

FEW, SMOOTHED_FROM = 4, 9
MEASURED_HORIZON, WIDENING = 6, 0.67
CHUNK = 1000


def pooled_quantiles(
    panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0
) -> np.ndarray:
    """Return the pooled rule: a centre, and measured multiples of the usual yearly change.

    Centre: no change up to 4 points, half the mean yearly change up to 8, from 9 the mean of three
    smoothers.
    """
    result = np.empty((len(panel), horizon, len(quantiles)))
    for begin in range(0, len(panel), CHUNK):
        part = panel.take(np.arange(begin, min(begin + CHUNK, len(panel))))
        widths = measured_widths(part, horizon, quantiles)
        result[begin : begin + CHUNK] = _centre(part, horizon)[:, :, None] + widths
    return result


def _centre(panel: Panel, horizon: int) -> np.ndarray:
    last = panel.values[:, -1]
    drift = (last - first_values(panel)) / np.maximum(panel.last_year - panel.first_year, 1)
    pull = np.where(panel.n <= FEW, 0.0, 0.5) * drift
    path = last[:, None] + pull[:, None] * np.arange(1, horizon + 1)
    long = np.flatnonzero(panel.n >= SMOOTHED_FROM)
    if len(long):
        path[long] = combined_path(panel.take(long), horizon)
    return path


def first_values(panel: Panel) -> np.ndarray:
    """Return the first observed value of each series."""
    return panel.values[np.arange(len(panel)), np.isfinite(panel.values).argmax(axis=1)]


def measured_widths(
    panel: Panel, horizon: int, quantiles: np.ndarray, centre: str = ""
) -> np.ndarray:
    """Return signed distances from the centre: `multiples` of the usual yearly change."""
    return multiples(panel.n, horizon, quantiles, centre) * usual_change(panel)[:, None, None]


def usual_change(panel: Panel) -> np.ndarray:
    """Return the scale of each series: its mean absolute yearly change, with a floor.

    A change over k years counts as ``|change| / sqrt(k)``. The floor is half a reporting unit (the
    last decimal that any value of the series uses), so that a constant series has a width.
    """
    changes, spans = yearly_changes(panel)
    with np.errstate(invalid="ignore"):
        steps = np.abs(changes) / np.sqrt(spans)
    found = np.isfinite(steps)
    mean = np.where(found, steps, 0.0).sum(axis=1) / np.maximum(found.sum(axis=1), 1)
    return np.maximum(mean, reporting_unit(panel.values) / 2)


def multiples(n: np.ndarray, horizon: int, quantiles: np.ndarray, centre: str = "") -> np.ndarray:
    """Return how many usual yearly changes each quantile lies from the centre, signed.

    ``multipliers.csv`` holds the 50, 80, 90 and 95 % quantiles of ``|error| / mean |yearly
    change|``, 1–6 years ahead, of annual indicators of four countries, for 7, 10 and 14 points.
    Between these numbers of points the multiples are interpolated, outside the nearest is taken;
    between levels they are interpolated on ``-log(1 - level)``, and beyond 95 % go on along it. A
    longer horizon is never given a smaller multiple.
    """
    unique, place = np.unique(np.asarray(n), return_inverse=True)
    if not len(unique):
        return np.empty((0, horizon, len(quantiles)))
    table = np.stack(
        [_multiples_for(int(points), horizon, tuple(quantiles), centre) for points in unique]
    )
    return table[place]


@cache
def _multiples_for(n: int, horizon: int, quantiles: tuple[float, ...], centre: str) -> np.ndarray:
    name = centre or ("naive" if n <= FEW else "half_drift" if n < SMOOTHED_FROM else "comb_SHD")
    points, levels, table = measured_multiples()[name]
    upper = min(max(int(np.searchsorted(points, n)), 1), len(points) - 1)
    weight = np.clip((n - points[upper - 1]) / (points[upper] - points[upper - 1]), 0, 1)
    by_level = (1 - weight) * table[upper - 1] + weight * table[upper]
    steps = np.arange(1, horizon + 1)
    beyond = np.maximum(steps / MEASURED_HORIZON, 1.0) ** WIDENING
    by_level = by_level[:, np.minimum(steps, MEASURED_HORIZON) - 1] * beyond
    wanted = np.array(quantiles)
    place, asked = -np.log1p(-levels), -np.log1p(-np.abs(2 * wanted - 1))
    upper = np.clip(np.searchsorted(place, asked), 1, len(place) - 1)
    weight = (asked - place[upper - 1]) / (place[upper] - place[upper - 1])
    found = (1 - weight)[:, None] * by_level[upper - 1] + weight[:, None] * by_level[upper]
    return found.T * np.sign(wanted - 0.5)


@cache
def measured_multiples() -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return points (P,), levels (L,), multiples (P, L, 6) by centre; level 0 is first."""
    table = pd.read_csv(Path(__file__).with_name("multipliers.csv"))
    result = {}
    for name, rows in table.groupby("centre"):
        points, levels = np.sort(rows["train_n"].unique()), np.sort(rows["level"].unique()) / 100
        cells = rows.sort_values(["train_n", "level"]).filter(regex=r"^h\d$").to_numpy("float64")
        cells = np.maximum.accumulate(cells.reshape(len(points), len(levels), -1), axis=2)
        cells = np.concatenate([np.zeros_like(cells[:, :1]), cells], axis=1)
        result[name] = (points, np.concatenate([[0.0], levels]), cells)
    return result

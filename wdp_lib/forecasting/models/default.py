"""The default model behind the interface of all models: a panel in, quantiles out."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np

from wdp_lib.forecasting.learned.correction import FACILITY, KINDS
from wdp_lib.forecasting.learned.forecaster import Forecaster
from wdp_lib.forecasting.learned.limits import value_at
from wdp_lib.forecasting.panel import Panel

LEARNED = Path(__file__).parents[1] / "learned"
WORTH_SHARING = 2048  # series from which threads pay; they change no figure


@cache
def forecaster(folder: Path = LEARNED, correct: bool = True) -> Forecaster:
    """Return what was learned, read once; its correction may be left out."""
    return Forecaster.read(folder, correct=correct)


def learned_quantiles(
    panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0, *, correct: bool = True
) -> np.ndarray:
    """Return quantiles of the pooled prior with its learned correction (unless switched off)."""
    if not len(panel):
        return np.empty((0, horizon, len(quantiles)))
    seven = forecaster(correct=correct).forecast(
        panel.values,
        kind_index(panel.kind),
        horizon,
        lower=panel.lower,
        upper=panel.upper,
        workers=(os.cpu_count() or 1) if len(panel) >= WORTH_SHARING else 1,
    )
    return value_at(seven, np.asarray(quantiles, float))


def kind_index(kind: np.ndarray) -> np.ndarray:
    """Return the learned kind of each series.

    Hours and years are unknown, as one indicator of the first and none of the second was there to
    learn from.
    """
    known = {"rare_rate": "rate", "rare_percent": "percent"}
    known |= dict.fromkeys(("hours", "years", ""), "unknown")
    place = {name: k for k, name in enumerate(KINDS)} | {"facility": FACILITY}
    return np.array([place[known.get(name, name)] for name in kind], dtype=int)

"""Counterfactual forecast: what the years before the start alone would have led one to expect."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.effects.estimate import GUARDS, Estimate, Guards, refusal
from wdp_lib.forecasting.counts.series import law_of
from wdp_lib.forecasting.frame import panel_of
from wdp_lib.forecasting.models.registry import DEFAULT, MODELS
from wdp_lib.forecasting.paths import joint_paths

DRAWS = 2000


def counterfactual_forecast(
    series: pd.DataFrame, start: int, *, guards: Guards = GUARDS, draws: int = DRAWS, seed: int = 0
) -> Estimate:
    """Compare the years since the start with the default model's forecast from the years before.

    Parameters
    ----------
    series : pandas.DataFrame
        One series: ``year, value`` and, where known, the further columns of `wdp_lib.forecast_frame` (``kind``, limits,
        counts).
    start : int
        First year under the measure.
    guards : Guards
        Fewest years; see `Guards`.
    draws, seed : int
        Joint paths drawn, and their seed.

    Returns
    -------
    Estimate
        Mean of the observed values since the start less the median of the same mean over the paths; the interval takes
        the central 95 % of the paths, the p-value the smaller tail twice. Refused with ``too_few_before``,
        ``too_few_after``, or ``too_few_events`` where counts are so small that there are no paths.
    """
    rows = series[series["value"].notna()].sort_values("year")
    after = (rows["year"] >= start).to_numpy(bool)
    counts = {"n_before": int((~after).sum()), "n_after": int(after.sum())}
    reason = refusal(after, guards.forecast_before, guards.forecast_after)
    if reason:
        return Estimate(reason=reason, **counts)
    panel = panel_of(rows[~after].assign(series_id="untreated"))
    if law_of(panel)[0]:
        return Estimate(reason="too_few_events", **counts)
    panel = panel.recent(MODELS[DEFAULT].memory, 3)
    steps = rows["year"].to_numpy(int)[after] - int(panel.last_year[0]) - 1
    paths = joint_paths(panel, int(steps.max()) + 1, draws=draws, seed=seed)[0]
    expected = paths[:, steps].mean(axis=1)
    return _compared(float(rows["value"].to_numpy(float)[after].mean()), expected, counts)


def _compared(observed: float, expected: np.ndarray, counts: dict[str, int]) -> Estimate:
    tails = ((expected >= observed).sum(), (expected <= observed).sum())
    p_value = min(1.0, 2 * (1 + min(tails)) / (1 + len(expected)))
    low, middle, high = np.quantile(expected, [0.025, 0.5, 0.975])
    return Estimate(
        observed - middle, observed - high, observed - low, float(p_value), "forecast", **counts
    )

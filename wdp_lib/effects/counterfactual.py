"""Counterfactual forecast: what the years before the start alone would have led one to expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from wdp_lib.effects.estimate import GUARDS, Estimate, Guards, refused
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
        ``year, value`` and, where known, the further columns of `wdp_lib.forecast_frame`.
    draws : int
        Joint paths drawn.

    Returns
    -------
    Estimate
        Mean of the observed values since the start less the median of the same mean over the paths;
        the interval takes the central 95 % of the paths, the p-value the smaller tail twice.
        Refused with ``too_few_before``, ``too_few_after``, or ``too_few_events`` where counts are
        so small that there are no paths.
    """
    rows = series[series["value"].notna()].sort_values("year")
    return counterfactual_forecasts([(rows, start)], guards=guards, draws=draws, seed=seed)[0]


def counterfactual_forecasts(
    asked: Sequence[tuple[pd.DataFrame, int]],
    *,
    guards: Guards = GUARDS,
    draws: int = DRAWS,
    seed: int = 0,
) -> list[Estimate]:
    """Return the answers to many pairs of series (values known, by year) and start."""
    answers, after, before = [], [], []
    for place, (rows, start) in enumerate(asked):
        years = rows["year"].to_numpy(int)
        since = years >= start
        answers.append(refused(since, guards.forecast_before, guards.forecast_after))
        after.append((years[since], rows["value"].to_numpy(float)[since]))
        if not answers[-1].reason:
            before.append(rows.iloc[: (~since).sum()].assign(series_id=place))
    if not before:
        return answers
    panel = panel_of(pd.concat(before, ignore_index=True))
    counted = law_of(panel) != ""
    for place in np.array(panel.names)[counted]:
        answers[place] = replace(answers[place], reason="too_few_events")
    panel = panel.take(~counted).recent(MODELS[DEFAULT].memory, 3)
    steps = [
        after[place][0] - last - 1 for place, last in zip(panel.names, panel.last_year, strict=True)
    ]
    ahead = np.array([int(own.max()) + 1 for own in steps], int)
    for horizon in np.unique(ahead):
        rows = np.flatnonzero(ahead == horizon)
        paths = joint_paths(panel.take(rows), int(horizon), draws=draws, seed=[seed] * len(rows))
        for row, own in zip(rows, paths, strict=True):
            place = panel.names[row]
            values = after[place][1]
            answers[place] = _compared(
                answers[place], values.mean(), own[:, steps[row]].mean(axis=1)
            )
    return answers


def _compared(made: Estimate, observed: float, expected: np.ndarray) -> Estimate:
    tails = ((expected >= observed).sum(), (expected <= observed).sum())
    p_value = min(1.0, 2 * (1 + min(tails)) / (1 + len(expected)))
    low, middle, high = observed - np.quantile(expected, [0.975, 0.5, 0.025])
    return replace(
        made, estimate=middle, lower=low, upper=high, p_value=float(p_value), p_method="forecast"
    )

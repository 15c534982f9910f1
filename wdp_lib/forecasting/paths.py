"""Joint sample paths: futures of a series, for statements about several years at once."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

import numpy as np
import pandas as pd

from wdp_lib.core.columns import KEY
from wdp_lib.forecasting.counts.series import law_of
from wdp_lib.forecasting.frame import panel_of
from wdp_lib.forecasting.learned.paths import joint_futures
from wdp_lib.forecasting.models.default import forecaster, kind_index
from wdp_lib.forecasting.models.registry import DEFAULT, FEWEST_POINTS, MODELS
from wdp_lib.forecasting.observations import usable_series
from wdp_lib.forecasting.panel import Panel
from wdp_lib.plan import Plan


def forecast_paths(
    observations: pd.DataFrame,
    plan: Plan,
    indicators: Iterable[str],
    *,
    through: int,
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Draw joint futures of some indicators of a plan with the default model.

    The paths of an indicator remember the past and themselves (a year above its median is followed
    by one above); those of two indicators are independent (:func:`gap_paths` couples two groups).
    In every year their quantiles are those of :func:`forecast`. So "in every year until 2030",
    "first year attained" are counted on paths.

    Returns
    -------
    pandas.DataFrame
        The key columns, ``draw`` (0, 1, ...), ``year``, ``value``, for the plan's area and each
        indicator's own stratum. An indicator that cannot be forecast has no row; its reason stands
        in the table of :func:`forecast`.
    """
    wanted, panel = shown_series(observations, plan, indicators, through)
    if not len(panel):
        return pd.DataFrame(columns=[*KEY, "draw", "year", "value"])
    keys = wanted.loc[panel.names, list(KEY)]
    # a seed of its own: the shocks of two indicators must not be the same by accident
    names = keys.astype(str).agg("|".join, axis=1)
    seeds = [[seed, crc32(name.encode())] for name in names]
    paths = joint_paths(panel, int((through - panel.last_year).max()), draws=draws, seed=seeds)
    years = panel.last_year[:, None] + np.arange(1, paths.shape[2] + 1)
    row, draw, step = np.nonzero(np.broadcast_to((years <= through)[:, None], paths.shape))
    table = keys.take(row).reset_index(drop=True)
    return table.assign(draw=draw, year=years[row, step], value=paths[row, draw, step])


def shown_series(
    observations: pd.DataFrame, plan: Plan, indicators: Iterable[str], through: int
) -> tuple[pd.DataFrame, Panel]:
    """Return what the plan says of indicators, and what the default model is shown of them.

    Those forecast from their counts are not in the panel.
    """
    strata = pd.DataFrame({"indicator": [plan.indicator(name).id for name in indicators]})
    wanted, rows = usable_series(observations, plan, strata, through)
    panel = panel_of(rows)
    return wanted, panel.take(law_of(panel) == "").recent(MODELS[DEFAULT].memory, FEWEST_POINTS)


def joint_paths(
    panel: Panel,
    horizon: int,
    *,
    draws: int,
    seed: int | list[list[int]],
    correlation: np.ndarray | list[np.ndarray] | None = None,
) -> np.ndarray:
    """Return joint futures of a panel, shape (series, draws, horizon).

    ``seed`` may be a list, one a series; ``correlation`` (series, series) couples the shocks of
    series under one seed, a list of such those of neighbouring groups.
    """
    return joint_futures(
        forecaster(),
        panel.values,
        kind_index(panel.kind),
        horizon,
        draws=draws,
        seed=seed,
        lower=panel.lower,
        upper=panel.upper,
        correlation=correlation,
    )

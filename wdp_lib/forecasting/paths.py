"""Joint sample paths: futures of a series year by year, for statements about several years at once."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import pandas as pd

from wdp_lib.core.columns import KEY
from wdp_lib.forecasting.counts.series import law_of
from wdp_lib.forecasting.frame import panel_of
from wdp_lib.forecasting.models.default import forecaster, kind_index
from wdp_lib.forecasting.models.registry import DEFAULT, MODELS
from wdp_lib.forecasting.observations import usable_series
from wdp_lib.forecasting.panel import Panel
from wdp_lib.plan import Plan


def forecast_paths(
    observations: pd.DataFrame,
    plan: Plan,
    indicators: list[str],
    *,
    through: int,
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Draw joint futures of some indicators of a plan with the default model.

    The paths of an indicator remember the past and themselves (a year above its median is followed by one above); those of two
    indicators are independent (:func:`gap_paths` couples two groups). In every year their
    quantiles are those of :func:`forecast`. So "in every year until 2030", "first year attained" are counted on paths.

    Parameters
    ----------
    indicators : list of str
        Indicators wanted, in the plan's area and their own stratum.

    Returns
    -------
    pandas.DataFrame
        The key columns, ``draw`` (0, 1, ...), ``year``, ``value``. An indicator that cannot be forecast has no row; its reason
        stands in the table of :func:`forecast`.
    """
    wanted, rows = usable_series(
        observations, plan, pd.DataFrame({"indicator": list(indicators)}), through
    )
    columns = [*KEY, "draw", "year", "value"]
    if rows.empty:
        return pd.DataFrame(columns=columns)
    panel = panel_of(rows)
    panel = panel.take(law_of(panel) == "").recent(MODELS[DEFAULT].memory, 3)
    parts = [
        _paths(panel.take(np.array([row])), wanted, through, draws, seed)
        for row in range(len(panel))
    ]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _paths(panel: Panel, wanted: pd.DataFrame, through: int, draws: int, seed: int) -> pd.DataFrame:
    last = int(panel.last_year[0])
    # a seed of its own: the shocks of two indicators must not be the same by accident
    own = crc32("|".join(wanted.loc[panel.names[0], list(KEY)].astype(str)).encode())
    paths = joint_paths(panel, through - last, draws=draws, seed=[seed, own])[0]
    table = pd.DataFrame({"value": paths.ravel()})
    table["draw"] = np.repeat(np.arange(draws), paths.shape[1])
    table["year"] = np.tile(np.arange(last + 1, through + 1), draws)
    return table.assign(**{name: wanted.loc[panel.names[0], name] for name in KEY})


def joint_paths(
    panel: Panel,
    horizon: int,
    *,
    draws: int,
    seed: int | list[int],
    correlation: np.ndarray | None = None,
) -> np.ndarray:
    """Return joint futures of a panel, shape (series, draws, horizon); `correlation` (series, series) couples their shocks."""
    from wdp_lib.forecasting.learned import joint_futures

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

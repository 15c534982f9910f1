"""How far apart two groups may be in a later year, on joint paths of both."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.comparison.tables import GAP_OUTLOOK, GROUP_GAPS
from wdp_lib.core.columns import conform
from wdp_lib.data.read.derived_gaps import GROUPS
from wdp_lib.forecasting.counts.series import law_of
from wdp_lib.forecasting.frame import panel_of
from wdp_lib.forecasting.gap_paths import shared_shocks
from wdp_lib.forecasting.models.registry import DEFAULT, MODELS
from wdp_lib.forecasting.observations import usable_series
from wdp_lib.forecasting.panel import Panel
from wdp_lib.forecasting.paths import joint_paths
from wdp_lib.plan import Plan

LEVELS = (0.1, 0.5, 0.9)


def latest_gaps(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the last row with both groups of each indicator and dimension.

    Indicators that never had both groups in one year have no row.
    """
    gaps = conform(gaps, GROUP_GAPS)
    known = gaps[gaps["difference"].notna()]
    last = known.groupby(["indicator", "dimension"])["year"].transform("max")
    return known[known["year"] == last].reset_index(drop=True)


def gap_outlook(
    observations: pd.DataFrame,
    gaps: pd.DataFrame,
    plan: Plan,
    *,
    through: int,
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Say how far apart two groups may be in a year, and how likely that is less than now.

    Parameters
    ----------
    gaps : pandas.DataFrame
        From `wdp_lib.group_gaps`, of the same observations.
    through : int
        The year looked ahead to.

    Returns
    -------
    pandas.DataFrame
        Contract ``GAP_OUTLOOK``: one row an indicator and dimension (sex, residence) whose two
        series can both be forecast jointly; the size of the gap counts, whatever its sign. No row
        where they cannot, for plain numbers of persons or cases, and for shares of a body, whose
        second group is only the rest of the first.

    Raises
    ------
    WdpError
        When a table does not obey its contract.
    """
    now = latest_gaps(gaps)
    kinds = now["indicator"].map({i.id: i.data_kind for i in plan.indicators})
    now = now[now["dimension"].isin(list(GROUPS)) & ~kinds.isin(["share", "count"])]
    now = now[now["year"] < through]
    strata = [
        {**plan.indicator(row.indicator).stratum, "indicator": row.indicator, row.dimension: group}
        for row in now.itertuples()
        for group in (row.first, row.second)
    ]
    panels = _panels(observations, plan, pd.DataFrame(strata), through) if strata else []
    rows = [
        _ahead(row, panel, through, draws, seed)
        for row, panel in zip(now.itertuples(), panels, strict=True)
        if panel is not None
    ]
    return conform(pd.DataFrame(rows, columns=GAP_OUTLOOK.names), GAP_OUTLOOK)


def _panels(
    observations: pd.DataFrame, plan: Plan, strata: pd.DataFrame, through: int
) -> list[Panel | None]:
    """Return both series of each pair of strata, or ``None`` without a joint forecast."""
    wanted, rows = usable_series(observations, plan, strata, through)
    if not len(rows):
        return [None] * (len(strata) // 2)
    panel = panel_of(rows)
    free = np.flatnonzero(law_of(panel) == "")
    place = dict(zip(np.array(panel.names)[free], free, strict=True))
    keys = ["indicator", "sex", "age_group", "residence"]
    ids = strata[keys].merge(wanted.rename_axis("series").reset_index(), on=keys, how="left")
    places = [place.get(name) for name in ids["series"]]
    return [
        None if one is None or other is None else panel.take(np.array([one, other]))
        for one, other in zip(places[::2], places[1::2], strict=True)
    ]


def _ahead(now, panel: Panel, through: int, draws: int, seed: int) -> dict:
    panel = panel.recent(MODELS[DEFAULT].memory, 3)
    rho = shared_shocks(panel) if panel.last_year[0] == panel.last_year[1] else 0.0
    horizon = through - int(panel.last_year.min())
    shocks = np.array([[1.0, rho], [rho, 1.0]])
    paths = joint_paths(panel, horizon, draws=draws, seed=seed, correlation=shocks)
    one, other = (
        path[:, through - year - 1] for path, year in zip(paths, panel.last_year, strict=True)
    )
    gap = one - other
    return {
        "indicator": now.indicator,
        "dimension": now.dimension,
        "year": through,
        "last_year": now.year,
        "difference": now.difference,
        **dict(zip(("lower", "median", "upper"), np.quantile(gap, LEVELS), strict=True)),
        "p_smaller": float((np.abs(gap) < abs(now.difference)).mean()),
        "correlation": rho,
        "simulated": now.simulated,
    }

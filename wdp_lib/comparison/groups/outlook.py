"""How far apart two groups may be in a later year, on joint paths of both."""

from __future__ import annotations

import pandas as pd

from wdp_lib.comparison.groups.tables import GAP_OUTLOOK, GROUP_GAPS
from wdp_lib.core.columns import conform
from wdp_lib.data.read.derived_gaps import GROUPS
from wdp_lib.forecasting.gap_paths import gap_paths
from wdp_lib.plan import Plan

LEVELS = (0.1, 0.5, 0.9)


def latest_gaps(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the last row with both groups of each indicator and dimension, in the order of the table.

    Parameters
    ----------
    gaps : pandas.DataFrame
        From `wdp_lib.group_gaps`.

    Returns
    -------
    pandas.DataFrame
        Contract ``GROUP_GAPS``; indicators that never had both groups in one year have no row.

    Raises
    ------
    WdpError
        When the table does not obey its contract.
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
    """Say how far apart women and men, country and town may be in a year, and how likely that is less than now.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    gaps : pandas.DataFrame
        From `wdp_lib.group_gaps`, of the same observations.
    plan : Plan
        The plan.
    through : int
        The year looked ahead to.
    draws, seed : int
        Number and seed of the paths.

    Returns
    -------
    pandas.DataFrame
        Contract ``GAP_OUTLOOK``: one row an indicator and dimension (sex, residence) whose two series can both be forecast jointly;
        the size of the gap counts, whatever its sign. No row where they cannot, for plain numbers of persons or cases, and
        for shares of a body, whose second group is only the rest of the first.

    Raises
    ------
    WdpError
        When a table does not obey its contract.
    """
    now = latest_gaps(gaps)
    kinds = {i.id: i.data_kind for i in plan.indicators}
    now = now[
        now["dimension"].isin(list(GROUPS)) & ~now["indicator"].map(kinds).isin(["share", "count"])
    ]
    # only the indicator's own rows: the others need not be read again each time
    own = dict(list(observations.groupby("indicator", sort=False)))
    rows = [_ahead(own[row.indicator], row, plan, through, draws, seed) for row in now.itertuples()]
    return conform(
        pd.DataFrame([row for row in rows if row], columns=GAP_OUTLOOK.names), GAP_OUTLOOK
    )


def _ahead(
    observations: pd.DataFrame, now, plan: Plan, through: int, draws: int, seed: int
) -> dict:
    groups = ({now.dimension: group} for group in (now.first, now.second))
    first, second = groups
    settings = {"first": first, "second": second, "through": through, "draws": draws, "seed": seed}
    paths = gap_paths(observations, plan, now.indicator, **settings)
    gap = paths.loc[paths["year"] == through, "gap"]
    if gap.empty or now.year >= through:
        return {}
    return {
        "indicator": now.indicator,
        "dimension": now.dimension,
        "year": through,
        "last_year": now.year,
        "difference": now.difference,
        **dict(zip(("lower", "median", "upper"), gap.quantile(list(LEVELS)), strict=True)),
        "p_smaller": float((gap.abs() < abs(now.difference)).mean()),
        "correlation": paths["correlation"].iloc[0],
        "simulated": now.simulated,
    }

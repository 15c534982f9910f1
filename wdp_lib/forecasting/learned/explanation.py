"""Why the default forecast of a series is what it is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from wdp_lib.core.columns import KEY
from wdp_lib.forecasting.learned.paths import explain as explain_series
from wdp_lib.forecasting.models.default import forecaster, kind_index
from wdp_lib.forecasting.paths import shown_series
from wdp_lib.plan import Plan

POSTERIOR = ("trend", "reversion", "neither", "noise", "step", "drift")
CHANGES = ("prior_median", "median", "prior_width", "width")
COLUMNS = (*KEY, "n", "first_year", "last_year", "last_value", "year", *POSTERIOR, *CHANGES)


def explain(
    observations: pd.DataFrame, plan: Plan, indicators: Iterable[str] | None = None, *, through: int
) -> pd.DataFrame:
    """Say how much trend, noise and return to its mean the posterior of each series sees.

    And what the correction changed in the forecast of the year ``through``; of all indicators
    unless given, in the plan's area and their own stratum.

    Returns
    -------
    pandas.DataFrame
        One row a series that the default model forecasts: the key columns; ``n, first_year,
        last_year`` of the points it is shown, ``last_value``; ``year`` explained; ``trend,
        reversion, neither`` (posterior shares, together 1: it keeps a trend, it returns to its own
        mean, it just moves on from where it is); ``noise`` (share of a usual yearly change that is
        gone a year later); ``step`` (usual yearly change) and ``drift`` (change a year expected to
        go on), in the unit of the indicator; ``prior_median, median`` and ``prior_width, width``
        (of the 80 % interval) without and with the learned correction. Series forecast from their
        counts, or not at all, have no row.
    """
    names = [entry.id for entry in plan.indicators] if indicators is None else indicators
    wanted, panel = shown_series(observations, plan, names, through)
    if not len(panel):
        return pd.DataFrame(columns=COLUMNS)
    made = []
    for ahead in np.unique(through - panel.last_year):
        part = panel.take(through - panel.last_year == ahead)
        limits = {"lower": part.lower, "upper": part.upper}
        known = explain_series(
            forecaster(), part.values, kind_index(part.kind), int(ahead), **limits
        )
        facts = {"n": part.n, "first_year": part.first_year, "last_year": part.last_year}
        made.append(known.assign(**facts, last_value=part.values[:, -1], series=part.names))
    table = pd.concat(made).assign(year=through).sort_values("series", kind="stable")
    table = table.merge(wanted[list(KEY)], left_on="series", right_index=True)
    return table.reset_index(drop=True)[list(COLUMNS)]

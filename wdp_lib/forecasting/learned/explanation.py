"""Why the default forecast of a series is what it is: what is believed of it, and what the correction changed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from wdp_lib.core.columns import KEY
from wdp_lib.forecasting.counts.series import law_of
from wdp_lib.forecasting.frame import panel_of
from wdp_lib.forecasting.models.default import forecaster, kind_index
from wdp_lib.forecasting.models.registry import DEFAULT, MODELS
from wdp_lib.forecasting.observations import usable_series
from wdp_lib.plan import Plan

POSTERIOR = ("trend", "reversion", "neither", "noise", "step", "drift")
CHANGES = ("prior_median", "median", "prior_width", "width")
COLUMNS = (*KEY, "n", "first_year", "last_year", "last_value", "year", *POSTERIOR, *CHANGES)


def explain(
    observations: pd.DataFrame, plan: Plan, indicators: Iterable[str] | None = None, *, through: int
) -> pd.DataFrame:
    """Say for each series how much trend, noise and return to its mean is believed, and what the correction changed.

    Parameters
    ----------
    indicators : iterable of str, optional
        Indicators wanted, in the plan's area and their own stratum; all unless given.
    through : int
        The year whose forecast is explained.

    Returns
    -------
    pandas.DataFrame
        One row a series that the default model forecasts: the key columns; ``n, first_year, last_year`` of the points it is shown,
        ``last_value``; ``year`` explained; ``trend, reversion, neither`` (posterior shares, together 1: it keeps a trend, it
        returns to its own mean, it just moves on from where it is); ``noise`` (share of a usual yearly change that is gone a year
        later); ``step`` (usual yearly change) and ``drift`` (change a year believed to go on), in the unit of the indicator;
        ``prior_median, median`` and ``prior_width, width`` (of the 80 % interval) without and with the learned correction.
        Series forecast from their counts, or not at all, have no row.
    """
    names = [entry.id for entry in plan.indicators] if indicators is None else list(indicators)
    wanted, rows = usable_series(observations, plan, pd.DataFrame({"indicator": names}), through)
    panel = panel_of(rows) if len(rows) else None
    if panel is None or not (law_of(panel) == "").any():
        return pd.DataFrame(columns=COLUMNS)
    panel = panel.take(law_of(panel) == "").recent(MODELS[DEFAULT].memory, 3)
    from wdp_lib.forecasting.learned import explain as explain_series

    made = []
    for ahead in np.unique(through - panel.last_year):
        part = panel.take(through - panel.last_year == ahead)
        known = explain_series(
            forecaster(),
            part.values,
            kind_index(part.kind),
            int(ahead),
            lower=part.lower,
            upper=part.upper,
        )
        facts = {
            "n": part.n,
            "first_year": part.first_year,
            "last_year": part.last_year,
            "last_value": part.values[:, -1],
        }
        made.append(known.assign(**facts, year=through, series=part.names))
    table = pd.concat(made).sort_values("series", kind="stable")
    return table.merge(wanted[list(KEY)], left_on="series", right_index=True).reset_index(
        drop=True
    )[list(COLUMNS)]

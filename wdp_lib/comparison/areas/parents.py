"""The plan's area beside the areas above it: context, never part of a verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.series import Rows, parent_areas, pick
from wdp_lib.comparison.areas.compare import side_of
from wdp_lib.comparison.known import Known, worst_side
from wdp_lib.comparison.tables import PARENT_COMPARISON
from wdp_lib.core.columns import conform
from wdp_lib.plan import Indicator, Plan


def compare_parents(
    observations: pd.DataFrame, plan: Plan, areas: pd.DataFrame, *, as_of: str | None = None
) -> pd.DataFrame:
    """Set the plan's area beside the areas above it, in the last year that both have.

    Parameters
    ----------
    areas : pandas.DataFrame
        ``area, level, parent`` of the data set.

    Returns
    -------
    pandas.DataFrame
        Contract ``PARENT_COMPARISON``, in the plan's order: one row an indicator and parent area
        for which the data set has any value, with a ``reason`` where the two have no year in
        common; none for plain numbers of persons or cases. No verdict, risk or warning reads this
        table.
    """
    known, above, rows = Known(observations, plan, as_of), parent_areas(areas, plan.area), []
    levels = dict(zip(areas["area"], areas["level"].fillna(""), strict=True))
    compared = [i for i in plan.indicators if above and i.data_kind != "count"]
    for indicator in compared:
        values, own = known.stratum(indicator), known.own(indicator)
        for name in above:
            theirs = pick(values, values["area"] == name)
            if len(theirs["year"]):
                named = {"area": plan.area, "parent_area": name, "level": levels.get(name, "")}
                rows.append(named | _beside(indicator, own, theirs))
    return conform(pd.DataFrame(rows, columns=PARENT_COMPARISON.names), PARENT_COMPARISON)


def _beside(indicator: Indicator, own: Rows, theirs: Rows) -> dict:
    row = {"indicator": indicator.id, **indicator.stratum, "use": "context"}
    years, ours, others = np.intersect1d(own["year"], theirs["year"], return_indices=True)
    if not len(years):
        return {**row, "side": "", "reason": "no_common_year", "simulated": False}
    value, parent = own["value"][ours[-1]], theirs["value"][others[-1]]
    difference = round(float(value - parent), 9)
    return {
        **row,
        "year": years[-1],
        "value": value,
        "parent_value": parent,
        "difference": difference,
        "side": str(side_of(np.array(difference), worst_side(indicator))),
        "reason": "",
        "simulated": own["simulated"][ours[-1]] or theirs["simulated"][others[-1]],
    }

"""The plan's area beside the areas above it: context, never part of a verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.series import Rows, pick
from wdp_lib.comparison.areas.tables import PARENT_COMPARISON
from wdp_lib.comparison.known import Known, side_of, worst_side
from wdp_lib.core.columns import conform
from wdp_lib.plan import Indicator, Plan


def parent_areas(areas: pd.DataFrame, area: str) -> list[tuple[str, str]]:
    """Return the areas above an area with their levels, the nearest first.

    Parameters
    ----------
    areas : pandas.DataFrame
        ``area, level, parent`` of a data set.
    area : str
        Where to start; an area without a parent has none above it.
    """
    parents = dict(zip(areas["area"], areas["parent"].fillna(""), strict=True))
    levels = dict(zip(areas["area"], areas["level"].fillna(""), strict=True))
    above: list[str] = []
    parent = parents.get(area, "")
    while parent and parent not in (*above, area):
        above.append(parent)
        parent = parents.get(parent, "")
    return [(name, levels.get(name, "")) for name in above]


def compare_parents(
    observations: pd.DataFrame, plan: Plan, areas: pd.DataFrame, *, as_of: str | None = None
) -> pd.DataFrame:
    """Set the plan's area beside the areas above it, in the last year that both have.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    plan : Plan
        Its indicators, each in the stratum of its target; plain numbers of persons or cases are not
        compared.
    areas : pandas.DataFrame
        ``area, level, parent`` of the data set.
    as_of : str, optional
        Cut-off date, as for :func:`wdp_lib.group_gaps`.

    Returns
    -------
    pandas.DataFrame
        Contract ``PARENT_COMPARISON``, in the plan's order: one row an indicator and parent area
        for which the data set has any value, with a ``reason`` where the two have no year in
        common. No verdict, risk or warning reads this table.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    known, above, rows = Known(observations, as_of), parent_areas(areas, plan.area), []
    for indicator in plan.indicators if above else ():
        values = known.stratum(indicator)
        own = pick(values, values["area"] == plan.area)
        for name, level in above:
            theirs = pick(values, values["area"] == name)
            if len(theirs["year"]) and indicator.data_kind != "count":
                found = _compared(indicator, own, theirs)
                rows.append({"area": plan.area, "parent_area": name, "level": level, **found})
    return conform(pd.DataFrame(rows, columns=PARENT_COMPARISON.names), PARENT_COMPARISON)


def _compared(indicator: Indicator, own: Rows, theirs: Rows) -> dict:
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
        "side": side_of(difference, worst_side(indicator)),
        "reason": "",
        "simulated": own["simulated"][ours[-1]] or theirs["simulated"][others[-1]],
    }

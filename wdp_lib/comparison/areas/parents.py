"""The plan's area beside the city, the province and the nation: context, never part of a verdict."""

from __future__ import annotations

import pandas as pd

from wdp_lib.comparison.areas.cases import own_stratum, worst_side
from wdp_lib.comparison.areas.tables import UPPER_COMPARISON
from wdp_lib.comparison.groups.known import as_known
from wdp_lib.core.columns import conform
from wdp_lib.plan import Indicator, Plan


def upper_areas(areas: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return the areas above an area, the nearest first.

    Parameters
    ----------
    areas : pandas.DataFrame
        ``area, level, parent`` of a data set.
    area : str
        Where to start; an area without a parent has none above it.

    Returns
    -------
    pandas.DataFrame
        ``area, level``.
    """
    parents, levels = (
        dict(zip(areas["area"], areas[name].fillna(""), strict=True))
        for name in ("parent", "level")
    )
    above: list[str] = []
    above_this = parents.get(area, "")
    while above_this and above_this not in (*above, area):
        above.append(above_this)
        above_this = parents.get(above_this, "")
    return pd.DataFrame(
        {"area": above, "level": [levels.get(name, "") for name in above]}, dtype="str"
    )


def compare_upper(
    observations: pd.DataFrame, plan: Plan, areas: pd.DataFrame, *, as_of: str | None = None
) -> pd.DataFrame:
    """Set the values of the plan's area beside those of the areas above it, in the last year that both have.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    plan : Plan
        Its indicators, each in the stratum of its promise; plain numbers of persons or cases are not compared.
    areas : pandas.DataFrame
        ``area, level, parent`` of the data set.
    as_of : str, optional
        Cut-off date, as for :func:`wdp_lib.group_gaps`.

    Returns
    -------
    pandas.DataFrame
        Contract ``UPPER_COMPARISON``, in the plan's order: one row an indicator and upper area for which the data set has any value, with a
        ``reason`` where the two have no year in common. Empty when it has none. No verdict, risk or warning reads this table.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    known = as_known(observations, as_of)
    above = upper_areas(areas, plan.area)
    rows = []
    for indicator in plan.indicators:
        values = own_stratum(known, indicator)
        own = values[values["area"] == plan.area]
        for upper in above.itertuples():
            theirs = values[values["area"] == upper.area]
            if len(theirs) and indicator.data_kind != "count":
                rows.append(
                    _row(indicator, own, theirs, plan)
                    | {"upper_area": upper.area, "level": upper.level}
                )
    return conform(pd.DataFrame(rows, columns=UPPER_COMPARISON.names), UPPER_COMPARISON)


def _row(indicator: Indicator, own: pd.DataFrame, theirs: pd.DataFrame, plan: Plan) -> dict:
    row = {
        "indicator": indicator.id,
        "area": plan.area,
        **indicator.stratum,
        "use": "context",
        "simulated": False,
    }
    common = own.merge(theirs, on="year", suffixes=("", "_upper")).sort_values("year")
    if common.empty:
        return {**row, "side": "", "reason": "no_common_year"}
    last = common.iloc[-1]
    difference = round(float(last["value"] - last["value_upper"]), 9)
    return {
        **row,
        "year": int(last["year"]),
        "value": last["value"],
        "upper_value": last["value_upper"],
        "difference": difference,
        "side": _side(difference, worst_side(indicator)),
        "reason": "",
        "simulated": bool(last["simulated"] or last["simulated_upper"]),
    }


def _side(difference: float, worst: int) -> str:
    if difference == 0:
        return "equal"
    if worst == 0:
        return "low" if difference < 0 else "high"
    return "worse" if difference * worst > 0 else "better"

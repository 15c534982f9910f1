"""Are values by sex and by age delivered as the plan wants them, and by which units."""

from __future__ import annotations

import pandas as pd

from wdp_lib.comparison.areas.cases import own_stratum
from wdp_lib.comparison.groups.completeness_tables import (
    GROUP_COMPLETENESS,
    UNIT_COMPLETENESS,
    WANTED_BY,
)
from wdp_lib.comparison.groups.known import as_known
from wdp_lib.core.columns import conform
from wdp_lib.plan import Indicator, Plan

FEWEST_GROUPS = 2
_NEVER = {"sex": "not_by_sex", "age_group": "not_by_age"}


def group_completeness(
    observations: pd.DataFrame, plan: Plan, *, year: int, as_of: str | None = None
) -> pd.DataFrame:
    """Count, for each indicator wanted by sex or by age, the years that have values by group.

    Wanted are the years of the plan up to ``year`` for a yearly indicator; for one of terms, surveys or censuses the years with a value since
    the baseline, at least one. A year is given when two groups or more are reported for the plan's area: one sex alone is not.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``; only reported values count.
    plan : Plan
        Which indicators are wanted by sex (``sex_scope`` both_by_sex) and by age (``disaggregations``), and of which unit.
    year : int
        Last year for which values are due.
    as_of : str, optional
        Cut-off date, as for :func:`wdp_lib.group_gaps`.

    Returns
    -------
    pandas.DataFrame
        Contract ``GROUP_COMPLETENESS``, in the plan's order; indicators that no survey or register of the county can estimate have no row.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    known = as_known(observations, as_of)
    known = known[
        (known["area"] == plan.area) & (known["origin"] == "reported") & (known["year"] <= year)
    ]
    by_indicator = dict(list(known.groupby("indicator")))
    rows = [
        _row(i, by_indicator.get(i.id, known.iloc[:0]), by, plan, year)
        for i in plan.indicators
        for by in _wanted(i)
    ]
    return conform(pd.DataFrame(rows, columns=GROUP_COMPLETENESS.names), GROUP_COMPLETENESS)


def _wanted(indicator: Indicator) -> list[str]:
    if indicator.availability == "not_estimable":
        return []
    wanted = {
        "sex": indicator.sex_scope == "both_by_sex",
        "age_group": "age_group" in indicator.disaggregations,
    }
    return [by for by in WANTED_BY if wanted[by]]


def _row(indicator: Indicator, rows: pd.DataFrame, by: str, plan: Plan, year: int) -> dict:
    groups = own_stratum(rows, indicator, but=by)
    groups = groups[groups[by] != "all"].groupby("year")[by].nunique()
    split = set(groups[groups >= FEWEST_GROUPS].index)
    due = set(range(plan.first_year, year + 1))
    if indicator.frequency != "annual":
        due = {y for y in set(rows["year"]) if y >= plan.baseline_year}
    given = due & split
    wanted = max(len(due), 1)
    return {
        "indicator": indicator.id,
        "unit": indicator.lead_units[0] if indicator.lead_units else "",
        "dimension": by,
        "wanted": wanted,
        "given": len(given),
        "share": len(given) / wanted,
        "last_year": max(split) if split else pd.NA,
        "reason": "" if split else "no_data" if rows.empty else _NEVER[by],
    }


def unit_completeness(completeness: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Add up by responsible unit: of all years wanted by sex and by age, which share was delivered.

    Each indicator counts for the first of its suggested units, so that the units add up to the whole.

    Parameters
    ----------
    completeness : pandas.DataFrame
        From `wdp_lib.group_completeness`.
    plan : Plan
        The units, in their order.

    Returns
    -------
    pandas.DataFrame
        Contract ``UNIT_COMPLETENESS``: by sex, then by age, one row a unit of which anything is wanted; last, without a unit, indicators that
        have none.

    Raises
    ------
    WdpError
        When the table does not obey its contract.
    """
    table = conform(completeness, GROUP_COMPLETENESS)
    order = [*(unit.id for unit in plan.units), ""]
    rows = [
        _unit_row(unit, by, table[(table["unit"] == unit) & (table["dimension"] == by)])
        for by in WANTED_BY
        for unit in order
    ]
    return conform(
        pd.DataFrame([r for r in rows if r["indicators"]], columns=UNIT_COMPLETENESS.names),
        UNIT_COMPLETENESS,
    )


def _unit_row(unit: str, by: str, part: pd.DataFrame) -> dict:
    wanted, given = int(part["wanted"].sum()), int(part["given"].sum())
    counts = {"indicators": len(part), "indicators_given": int((part["given"] > 0).sum())}
    return {
        "unit": unit,
        "dimension": by,
        **counts,
        "wanted": wanted,
        "given": given,
        "share": given / max(wanted, 1),
    }

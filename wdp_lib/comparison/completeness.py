"""Are values by sex and by age delivered as the plan wants them, and by which units."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.comparison.known import Known
from wdp_lib.comparison.tables import GROUP_COMPLETENESS, UNIT_COMPLETENESS, WANTED_BY
from wdp_lib.core.columns import conform
from wdp_lib.plan import Indicator, Plan

FEWEST_GROUPS = 2
_NEVER = {"sex": "not_by_sex", "age_group": "not_by_age"}


def group_completeness(
    observations: pd.DataFrame | Known, plan: Plan, *, year: int, as_of: str | None = None
) -> pd.DataFrame:
    """Count, for each indicator wanted by sex or by age, the years that have values by group.

    Wanted are the years of the plan up to ``year`` for a yearly indicator; for one of terms,
    surveys or censuses the years with a value since the baseline, at least one. A year is given
    when two groups or more are reported for the plan's area: one sex alone is not. Derived values
    do not count.

    Returns
    -------
    pandas.DataFrame
        Contract ``GROUP_COMPLETENESS``, in the plan's order; indicators that no survey or register
        of the county can estimate have no row.
    """
    known = Known.of(observations, plan, as_of)
    table = known.table[(known.table["area"] == plan.area) & (known.table["year"] <= year)]
    years = table[table["origin"] == "reported"].groupby("indicator")["year"].unique().map(list)
    rows = [
        _row(i, known, by, plan, year, years.get(i.id, []))
        for i in plan.indicators
        if i.availability != "not_estimable"
        for by in WANTED_BY
        if {"sex": i.sex_scope == "both_by_sex"}.get(by, by in i.disaggregations)
    ]
    return conform(pd.DataFrame(rows, columns=GROUP_COMPLETENESS.names), GROUP_COMPLETENESS)


def _row(
    indicator: Indicator, known: Known, by: str, plan: Plan, year: int, years: list[int]
) -> dict:
    rows = known.own(indicator, but=by)
    reported = (rows["origin"] == "reported") & (rows["year"] <= year) & (rows[by] != "all")
    found, groups = np.unique(rows["year"][reported], return_counts=True)
    split = set(found[groups >= FEWEST_GROUPS].tolist())
    due = set(range(plan.first_year, year + 1))
    if indicator.frequency != "annual":
        due = {y for y in years if y >= plan.baseline_year}
    given, wanted = len(due & split), max(len(due), 1)
    return {
        "indicator": indicator.id,
        "unit": indicator.lead_units[0] if indicator.lead_units else "",
        "dimension": by,
        "wanted": wanted,
        "given": given,
        "share": given / wanted,
        "last_year": max(split, default=None),
        "reason": "" if split else _NEVER[by] if years else "no_data",
    }


def unit_completeness(completeness: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Add up by responsible unit: of all years wanted by sex and by age, which share was delivered.

    Each indicator counts for the first of its suggested units, so that the units add up to the
    whole. Contract ``UNIT_COMPLETENESS``: by sex, then by age, one row a unit of which anything is
    wanted; last, without a unit, indicators that have none.
    """
    table = conform(completeness, GROUP_COMPLETENESS)
    units = table.assign(some=table["given"] > 0).groupby(["dimension", "unit"], as_index=False)
    sums = units.agg(
        indicators=("indicator", "size"),
        indicators_given=("some", "sum"),
        wanted=("wanted", "sum"),
        given=("given", "sum"),
    )
    order = {unit.id: place for place, unit in enumerate(plan.units)} | {"": len(plan.units)}
    sums = sums.assign(
        share=sums["given"] / sums["wanted"].clip(lower=1),
        by=sums["dimension"].map(WANTED_BY.index),
        place=sums["unit"].map(order),
    )
    return conform(sums.sort_values(["by", "place"]), UNIT_COMPLETENESS)

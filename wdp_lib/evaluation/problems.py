"""Which promises need attention first."""

from __future__ import annotations

import pandas as pd

from wdp_lib.plan import Plan
from wdp_lib.tables import RISKS, conform

WARNED = ("red", "orange", "yellow")


def rank_problems(risks: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """List the promises that are warned, not attained, fluctuating, or without usable data, the most pressing first.

    Order: graded warnings by falling probability of missing; then promises not attained without a grade; then strongly
    fluctuating ones; then numeric promises without usable data, for a gap in the data is a problem of its own.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``).
    plan : Plan
        For the linked measures and the responsible units.

    Returns
    -------
    pandas.DataFrame
        The rows of the risk table concerned, with ``problem`` (``hard_to_reach, not_attained, fluctuating, no_usable_data``),
        ``units`` and ``measures`` (ids joined by ``;``) in front; empty when there is no problem.
    """
    table = conform(risks, RISKS)
    numbered = {i.id for i in plan.indicators if i.target.is_number}
    table.insert(0, "problem", [_kind(row, row.indicator in numbered) for row in table.itertuples()])
    table = table[table["problem"] != ""]
    order = {"hard_to_reach": 0, "not_attained": 1, "fluctuating": 2, "no_usable_data": 3}
    position = {i.id: n for n, i in enumerate(plan.indicators)}
    table = table.assign(_order=table["problem"].map(order), _place=table["indicator"].map(position))
    table = table.sort_values(["_order", "p_meet", "_place"], kind="stable").drop(columns=["_order", "_place"])
    table.insert(1, "units", [";".join(plan.indicator(i).lead_units) for i in table["indicator"]])
    table.insert(2, "measures", [";".join(_measures(plan, i)) for i in table["indicator"]])
    return table.reset_index(drop=True)


def _kind(row, numbered: bool) -> str:
    if row.target_kind == "monitor_only":
        return ""
    if row.risk in WARNED:
        return "hard_to_reach"
    if row.state == "not_attained":
        return "not_attained"
    if row.volatility == "volatile":
        return "fluctuating"
    return "no_usable_data" if numbered and row.reason in ("no_data", "stale", "too_few_points") else ""


def _measures(plan: Plan, indicator: str) -> list[str]:
    """Return measures that name the indicator, or else those linked to its goals."""
    named = [m.id for m in plan.measures if indicator in m.indicators]
    goals = set(plan.indicator(indicator).goals)
    return named or [m.id for m in plan.measures if goals & set(m.goals)]

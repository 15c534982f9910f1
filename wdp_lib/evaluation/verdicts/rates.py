"""The attainment rate (达标率), always with its numerator and its three denominators."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import Contract, conform
from wdp_lib.plan import Plan

RATES = Contract(
    "rates",
    """
    domain attained nearly not_attained not_assessable judged quantified attained_quantified
    assessable of_judged of_quantified of_assessable to_confirm
    """,
)
_STATES = ["attained", "nearly", "not_attained", "not_assessable"]


def attainment_rates(risks: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Count attained targets by domain and for the whole plan.

    Published rates do not add up because the denominator is not said; here the numerator and three
    denominators (all with a target, all with a number, all assessable) stand side by side. Targets
    whose text is not yet confirmed are counted apart and enter none of the others. An indicator
    that serves several goals is counted once, under its first.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``).
    plan : Plan
        The plan, for domains and targets.

    Returns
    -------
    pandas.DataFrame
        One row a domain and a last one, with an empty domain, for the whole plan. A rate with
        denominator zero is missing.
    """
    first_goal = {i.id: plan.goal(i.goals[0]).domain for i in plan.indicators}
    numbered = [i.id for i in plan.indicators if i.target.is_number]
    judged = risks[risks["target_kind"] != "monitor_only"]
    sure, number = judged["evidence"] == "confirmed", judged["indicator"].isin(numbered)
    counted = pd.DataFrame({state: sure & (judged["state"] == state) for state in _STATES})
    counted = counted.assign(
        judged=sure,
        quantified=sure & number,
        attained_quantified=counted["attained"] & number,
        assessable=sure & ~counted["not_assessable"],
        to_confirm=~sure,
    ).astype(int)
    table = counted.groupby(judged["indicator"].map(first_goal)).sum()
    table = table.reindex([domain.id for domain in plan.domains], fill_value=0)
    table.loc[""] = counted.sum()
    for name, part in (("judged", ""), ("quantified", "_quantified"), ("assessable", "")):
        whole = table[name].where(table[name] > 0)
        table[f"of_{name}"] = table[f"attained{part}"] / whole
    return conform(table.rename_axis("domain").reset_index(), RATES)

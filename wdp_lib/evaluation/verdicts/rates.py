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


def attainment_rates(risks: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Count attained promises by domain and for the whole plan.

    Published rates do not add up because the denominator is not said; here the numerator and three denominators (all with
    a promise, all with a number, all assessable) stand side by side. Promises whose text is not yet confirmed are counted
    apart and enter none of the others. An indicator that serves several goals is counted once, under its first.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``).
    plan : Plan
        The plan, for domains and promises.

    Returns
    -------
    pandas.DataFrame
        One row a domain and a last one, with an empty domain, for the whole plan. A rate with denominator zero is missing.
    """
    first_goal = {i.id: plan.goal(i.goals[0]).domain for i in plan.indicators}
    numbered = {i.id for i in plan.indicators if i.target.is_number}
    judged = risks[risks["target_kind"] != "monitor_only"].assign(
        domain=lambda t: t["indicator"].map(first_goal),
        quantified=lambda t: t["indicator"].isin(numbered),
    )
    rows = [_count(judged[judged["domain"] == domain.id], domain.id) for domain in plan.domains]
    return conform(pd.DataFrame([*rows, _count(judged, "")]), RATES)


def _count(judged: pd.DataFrame, domain: str) -> dict:
    confirmed = judged[judged["evidence"] == "confirmed"]
    states = confirmed["state"].value_counts()
    counts = {
        name: int(states.get(name, 0))
        for name in ("attained", "nearly", "not_attained", "not_assessable")
    }
    quantified = confirmed[confirmed["quantified"]]
    attained_quantified = int((quantified["state"] == "attained").sum())
    assessable = len(confirmed) - counts["not_assessable"]
    return {
        "domain": domain,
        **counts,
        "judged": len(confirmed),
        "quantified": len(quantified),
        "attained_quantified": attained_quantified,
        "assessable": assessable,
        "of_judged": _share(counts["attained"], len(confirmed)),
        "of_quantified": _share(attained_quantified, len(quantified)),
        "of_assessable": _share(counts["attained"], assessable),
        "to_confirm": len(judged) - len(confirmed),
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")

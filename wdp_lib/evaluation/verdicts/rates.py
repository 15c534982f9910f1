"""The attainment rate (达标率), always with its numerator and its three denominators."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import Column, Contract, conform
from wdp_lib.core.errors import Text
from wdp_lib.plan import Plan

RATES = Contract(
    "rates",
    (
        Column("domain", "text", Text("领域；空为全部", "domain; empty = the whole plan")),
        Column("attained", "integer", Text("已达标指标数", "indicators attained")),
        Column("nearly", "integer", Text("基本达标指标数", "indicators nearly attained")),
        Column("not_attained", "integer", Text("未达标指标数", "indicators not attained")),
        Column("not_assessable", "integer", Text("无法判定指标数", "indicators not assessable")),
        Column("judged", "integer", Text("有目标要求的指标数", "indicators with a promise")),
        Column(
            "quantified",
            "integer",
            Text("有数值目标的指标数", "indicators with a number as target"),
        ),
        Column("attained_quantified", "integer", Text("其中已达标", "of these attained")),
        Column("assessable", "integer", Text("可判定指标数", "indicators assessable")),
        Column(
            "of_judged",
            "number",
            Text("达标率（占有目标要求的指标，0–1）", "rate of those with a promise, 0-1"),
        ),
        Column(
            "of_quantified",
            "number",
            Text("达标率（占有数值目标的指标，0–1）", "rate of those with a number, 0-1"),
        ),
        Column(
            "of_assessable",
            "number",
            Text("达标率（占可判定指标，0–1）", "rate of those assessable, 0-1"),
        ),
        Column(
            "to_confirm",
            "integer",
            Text("目标待核实、未计入的指标数", "left out: target not yet confirmed"),
        ),
    ),
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

"""Where the plan stands by domain, in counts and rates; and which indicators are the key ones."""

from __future__ import annotations

import pandas as pd

from wdp_lib.assessment.scheme import CLASSES
from wdp_lib.core.columns import RISKS, VERDICTS, conform
from wdp_lib.evaluation.verdicts.tables import DOMAINS, KEY_INDICATORS, RATES
from wdp_lib.plan import Indicator, Plan

VERDICT_KINDS = ("attained", "nearly", "not_attained", "not_assessable")
GOAL_KINDS = ("quantified", "directional", "qualitative")


def domain_summary(verdicts: pd.DataFrame, risks: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Count goals by verdict and indicators by class, domain by domain.

    Nothing is averaged, and each goal and indicator that is not attained is named, so that no
    domain hides a failed one. An indicator that serves several goals is counted once, under its
    first.

    Returns
    -------
    pandas.DataFrame
        One row a domain and a last one, with an empty domain, for the whole plan (`DOMAINS`).
    """
    goals, indicators = conform(verdicts, VERDICTS), conform(risks, RISKS)
    first = {i.id: plan.goal(i.goals[0]).domain for i in plan.indicators}
    of_domain = indicators["indicator"].map(first)
    rows = [
        _row(d.id, goals[goals["domain"] == d.id], indicators[of_domain == d.id])
        for d in plan.domains
    ]
    return conform(pd.DataFrame([*rows, _row("", goals, indicators)]), DOMAINS)


def _row(domain: str, goals: pd.DataFrame, indicators: pd.DataFrame) -> dict:
    judged = indicators[indicators["target_kind"] != "monitor_only"]
    counted = (
        (goals["verdict"], VERDICT_KINDS),
        (goals["kind"], GOAL_KINDS),
        (judged["risk"], CLASSES),
        (judged["volatility"], ("volatile",)),
    )
    failed = judged.loc[judged["state"] == "not_attained", "indicator"]
    return {
        **{"domain": domain, "goals": len(goals), "indicators": len(indicators)},
        **{name: int((column == name).sum()) for column, names in counted for name in names},
        "monitor_only": len(indicators) - len(judged),
        "failed_goals": ";".join(goals.loc[goals["verdict"] == "not_attained", "goal"]),
        "failed_indicators": ";".join(failed),
    }


def attainment_rates(risks: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Count attained targets by domain and for the whole plan.

    Published rates do not add up because the denominator is not said; here the numerator and three
    denominators (all with a target, all with a number, all assessable) stand side by side. Targets
    whose text is not yet confirmed are counted apart and enter none of the others. An indicator
    that serves several goals is counted once, under its first.

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
    counted = pd.DataFrame({state: sure & (judged["state"] == state) for state in VERDICT_KINDS})
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


def key_indicators(plan: Plan) -> pd.DataFrame:
    """List the indicators of key-indicator monitoring (重点指标监测) in the plan's order.

    These are targets of a number, of full coverage, or relative to another indicator (contract
    ``KEY_INDICATORS``).
    """
    rows = [
        {
            **{"indicator": indicator.id, "goals": ";".join(indicator.goals), "why": why},
            "target_kind": indicator.target.kind,
            "target_value": indicator.target.value,
            "units": ";".join(indicator.lead_units),
            "frequency": indicator.frequency,
        }
        for indicator in plan.indicators
        if (why := _why(indicator))
    ]
    return conform(pd.DataFrame(rows, columns=KEY_INDICATORS.names), KEY_INDICATORS)


def _why(indicator: Indicator) -> str:
    target = indicator.target
    if target.line_from == "reference":
        return "relative"
    if not target.is_number:
        return ""
    return "coverage" if target.kind in ("full_coverage", "every_area") else "number"

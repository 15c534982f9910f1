"""Which indicators a page shows, and what must hold before it may be used."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.errors import Text, WdpError
from wdp_lib.evaluation.verdicts.goals import RISK_ORDER
from wdp_lib.plan import Plan


def promised(plan: Plan, forecasts: pd.DataFrame, domains: list[str]) -> list[str]:
    """Return the indicators of some domains that have a number as target and a forecast."""
    made = set(
        forecasts.loc[forecasts["value"].notna() & (forecasts["area"] == plan.area), "indicator"]
    )
    return [
        i.id
        for i in plan.indicators
        if i.target.is_number and i.id in made and plan.goal(i.goals[0]).domain in domains
    ]


def held_every_year(plan: Plan) -> list[str]:
    """Return the indicators whose promise is meant for every year, not only the last."""
    return [i.id for i in plan.indicators if i.target.every_year]


def hardest(risks: pd.DataFrame, most: int) -> list[str]:
    """Return the graded indicators in the order of their class, then of their probability."""
    graded = risks[(risks["risk"] != "not_graded") & (risks["evidence"] == "confirmed")]
    order = graded["risk"].map({name: place for place, name in enumerate(RISK_ORDER)})
    graded = graded.assign(_order=order).sort_values(["_order", "p_meet"], kind="stable")
    return list(graded["indicator"].head(most))


def is_numbered(risks: pd.DataFrame, plan: Plan) -> pd.Series:
    """Return, for each row of the risk table, whether the plan itself gives a number."""
    return risks["indicator"].map({i.id: i.target.is_number for i in plan.indicators}).astype(bool)


def is_direction(risks: pd.DataFrame, plan: Plan) -> pd.Series:
    """Return for each risk whether the plan promises a direction or a relation without a number."""
    other = {i.id: bool(i.target.line_from) and not i.target.is_number for i in plan.indicators}
    return risks["indicator"].map(other).astype(bool)


def rare_with_target(rows: pd.DataFrame, plan: Plan) -> list[str]:
    """Return the rare events that are promised to stay below a number and have counts.

    Parameters
    ----------
    rows : pandas.DataFrame
        Observations of the headline strata.
    """
    counted = rows[
        rows["numerator"].notna() & (rows["denominator"] > 0) & (rows["status"] != "estimated")
    ]
    known = set(counted["indicator"])
    return [
        i.id
        for i in plan.indicators
        if i.data_kind == "rare_rate"
        and i.target.improving < 0
        and i.target.value
        and i.multiplier
        and i.id in known
    ]


def require(holds: object, what: str, what_zh: str) -> None:
    """Stop a notebook whose result is not fit for use.

    Raises
    ------
    WdpError
        When the condition does not hold.
    """
    if not bool(holds):
        raise WdpError(Text(f"结果不可用：{what_zh}。", f"The result is not fit for use: {what}."))

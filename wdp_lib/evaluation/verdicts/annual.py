"""The table of yearly monitoring: each goal every year, also those without data."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import KEY, OBSERVATIONS, RISKS, conform
from wdp_lib.data import current, on_latest_definition
from wdp_lib.evaluation.rounds.tables import ANNUAL
from wdp_lib.plan import Plan

_OF_RISK = ["state", "state_reason", "risk", "simulated", "last_year", "margin"]


def annual_table(
    observations: pd.DataFrame, risks: pd.DataFrame, plan: Plan, *, year: int
) -> pd.DataFrame:
    """Return what is known of each indicator for one year of the plan.

    Returns
    -------
    pandas.DataFrame
        One row a goal and indicator, in the plan's order (contract ``ANNUAL``); a goal without
        indicators has one row. Without a value for the year, ``data_status`` says ``missing``, or
        ``not_due`` for what is not returned yearly. The distance to the target is given where the
        value of the year is the last one; no change is given across a break in the definition.
    """
    used = current(conform(observations, OBSERVATIONS))
    wanted = pd.DataFrame(
        [{"indicator": i.id, "area": plan.area, **i.stratum} for i in plan.indicators]
    )
    own = on_latest_definition(used[used["year"] <= year].merge(wanted, on=list(KEY)))
    own = own.sort_values("year", kind="stable")
    now, before = (
        rows.drop_duplicates("indicator", keep=keep).set_index("indicator")
        for rows, keep in ((own[own["year"] == year], "first"), (own[own["year"] < year], "last"))
    )
    rows = [
        (goal.domain, goal.id, name)
        for goal in plan.goals
        for name in [i.id for i in plan.indicators_of(goal.id)] or [""]
    ]
    table = pd.DataFrame(rows, columns=["domain", "goal", "indicator"]).assign(year=year)
    table = table.join(conform(risks, RISKS).set_index("indicator")[_OF_RISK], on="indicator")
    table = table.join(now[["value", "status", "as_of"]], on="indicator")
    table = table.join(before[["year", "value"]].add_prefix("previous_"), on="indicator")
    yearly = table["indicator"].map({i.id: i.frequency == "annual" for i in plan.indicators})
    absent = yearly.map({True: "missing", False: "not_due"})
    is_last = table["status"].notna() & (table["last_year"] == year)
    return conform(
        table.assign(
            change=table["value"] - table["previous_value"],
            distance=table["margin"].where(is_last),
            data_status=table["status"].fillna(absent),
            simulated=table["simulated"].eq(True),
        ),
        ANNUAL,
    )

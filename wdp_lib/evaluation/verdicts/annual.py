"""The table of yearly monitoring: each goal every year, also those without data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import KEY, OBSERVATIONS, RISKS, conform
from wdp_lib.data import current, on_latest_definition
from wdp_lib.evaluation.rounds.tables import ANNUAL
from wdp_lib.plan import Goal, Indicator, Plan


def annual_table(
    observations: pd.DataFrame, risks: pd.DataFrame, plan: Plan, year: int
) -> pd.DataFrame:
    """Return what is known of each indicator for one year of the plan.

    Parameters
    ----------
    observations : pandas.DataFrame
        Observations known at the cut-off (contract ``OBSERVATIONS``).
    risks : pandas.DataFrame
        Risk table at the same cut-off (contract ``RISKS``), for state, class and distance.
    plan : Plan
        Goals and indicators.
    year : int
        The year monitored.

    Returns
    -------
    pandas.DataFrame
        One row a goal and indicator, in the plan's order (contract ``ANNUAL``); a goal without indicators has one row. Without a value
        for the year, ``data_status`` says ``missing``, or ``not_due`` for what is not returned yearly. The distance to the target is given where
        the value of the year is the last one; no change is given across a break in the definition.
    """
    used = current(conform(observations, OBSERVATIONS))
    table = conform(risks, RISKS).set_index("indicator")
    wanted = pd.DataFrame(
        [{"indicator": i.id, "area": plan.area, **i.stratum} for i in plan.indicators]
    )
    own = on_latest_definition(
        used[used["year"] <= year].merge(wanted, on=list(KEY)).sort_values("year")
    )
    by_indicator = dict(list(own.groupby("indicator", sort=False)))
    rows = []
    for goal in plan.goals:
        indicators = plan.indicators_of(goal.id)
        rows += [
            _row(goal, i, by_indicator.get(i.id, used.iloc[:0]), table.loc[i.id], year)
            for i in indicators
        ]
        rows += [] if indicators else [_empty(goal, year)]
    return conform(pd.DataFrame(rows, columns=ANNUAL.names), ANNUAL)


def _row(goal: Goal, indicator: Indicator, own: pd.DataFrame, risk: pd.Series, year: int) -> dict:
    now, before = own[own["year"] == year], own[own["year"] < year].tail(1)
    value, previous = (
        float(part["value"].iloc[0]) if len(part) else np.nan for part in (now, before)
    )
    is_last = len(now) and risk["last_year"] == year
    return {
        "domain": goal.domain,
        "goal": goal.id,
        "indicator": indicator.id,
        "year": year,
        "value": value,
        "previous_year": before["year"].iloc[0] if len(before) else None,
        "previous_value": previous,
        "change": value - previous,
        "distance": risk["margin"] if is_last else np.nan,
        **{name: risk[name] for name in ("state", "state_reason", "risk", "simulated")},
        "data_status": now["status"].iloc[0] if len(now) else _absent(indicator),
        "as_of": now["as_of"].iloc[0] if len(now) else "",
    }


def _absent(indicator: Indicator) -> str:
    return "missing" if indicator.frequency == "annual" else "not_due"


def _empty(goal: Goal, year: int) -> dict:
    nothing = dict.fromkeys(
        ("indicator", "state", "state_reason", "risk", "data_status", "as_of"), ""
    )
    numbers = dict.fromkeys(("value", "previous_value", "change", "distance"), np.nan)
    named = {
        "domain": goal.domain,
        "goal": goal.id,
        "year": year,
        "previous_year": None,
        "simulated": False,
    }
    return {**nothing, **numbers, **named}

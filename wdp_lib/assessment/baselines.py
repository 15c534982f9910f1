"""The values at the baseline, apart from the catalogue, and what is odd about them."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import RISKS, Contract, conform
from wdp_lib.data import headline
from wdp_lib.plan import Plan

BASELINES = Contract("baselines", "indicator year value source origin notice")
NOTICES = ("below_line", "missing", "")


def baselines(risks: pd.DataFrame, observations: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the value at the baseline of each indicator with a target, and its source.

    Notices: ``below_line``: the target is to be held or met in every year, and the baseline does
    not meet it; ``missing``: there is no value. Returns one row an indicator (contract
    ``BASELINES``), those with a notice first, in the plan's order.
    """
    known = conform(risks, RISKS).set_index("indicator")
    rows = headline(observations, plan)
    sources = rows.set_index(["indicator", "year"])["source"].to_dict()
    made = []
    for indicator in plan.indicators:
        target = indicator.target
        if target.kind == "monitor_only" or indicator.id not in known.index:
            continue
        value = known.at[indicator.id, "baseline_value"]
        year = known.at[indicator.id, "baseline_year"]
        year = plan.baseline_year if pd.isna(year) else int(year)
        held = target.kind == "hold" or target.every_year
        line = None if pd.isna(value) else target.range(baseline=float(value))
        below = held and line is not None and not line.contains(float(value))
        made.append({
            "indicator": indicator.id,
            "year": year,
            "value": value,
            "source": sources.get((indicator.id, year), "") if pd.notna(value) else "",
            "origin": plan.baseline_origin,
            "notice": "missing" if pd.isna(value) else "below_line" if below else "",
        })  # fmt: skip
    table = pd.DataFrame(made, columns=BASELINES.names)
    places = table["notice"].map(NOTICES.index).astype(int).sort_values(kind="stable").index
    return conform(table.loc[places], BASELINES)

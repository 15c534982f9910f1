"""Risk tables for the tests of the evaluation."""

from kit import forecasts, observations

import wdp_lib as wdp

HOLE = """
    indicator       | year | quantile | value | reason
    life_expectancy |      |          |       | no_data
"""


def risks(plan, text):
    observed = observations(text).assign(area=plan.area)
    empty = forecasts(HOLE).assign(indicator=plan.indicators[0].id, area=plan.area)
    table = wdp.assess(empty, observed, plan, as_of="2026-06-30")
    return table, observed


def with_states(plan, states, usual="attained"):
    """Return a risk table of a plan in which every promise has the usual state but for some."""
    table, _ = risks(plan, f"indicator | year | value\n{plan.indicators[0].id} | 2025 | 1")
    promised = table["target_kind"] != "monitor_only"
    table["state"] = [
        states.get(i, usual if p else "not_assessable")
        for i, p in zip(table["indicator"], promised, strict=True)
    ]
    return table.assign(standing=table["state"].where(promised, ""))

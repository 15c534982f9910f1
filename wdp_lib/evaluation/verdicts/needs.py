"""What it would take, in persons, households, seats or cases, to keep a promise that is in danger; and the proposals made for it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from wdp_lib.core.columns import OBSERVATIONS, RISKS, conform
from wdp_lib.data import current
from wdp_lib.evaluation.verdicts.problems import problem_kind, related_measures
from wdp_lib.evaluation.verdicts.records import PROPOSALS
from wdp_lib.evaluation.verdicts.tables import NEEDS
from wdp_lib.plan import Indicator, Plan, Range
from wdp_lib.plan.target import KINDS

WANTING = ("hard_to_reach", "not_attained")


def needs(risks: pd.DataFrame, observations: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Say for each goal in danger which measures the plan has, who is responsible, and how many it would take.

    The number needed is the least numerator, at the denominator of the last value, that keeps the promise; a change is that less
    the last numerator, spread evenly over the years left and rounded away from zero. That the denominator stays as it is, is an assumption, and
    stands in the row.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``).
    observations : pandas.DataFrame
        Observations (contract ``OBSERVATIONS``), for the counts of the township with the lowest value.
    plan : Plan
        Goals, measures, units.

    Returns
    -------
    pandas.DataFrame
        One row a goal and promise in danger (warned red, orange or yellow, or not attained), goals in the plan's order
        (contract ``NEEDS``). Without counts, and where the last value keeps the promise, there is no number and a ``reason``. No goal without a promise in danger.

    Raises
    ------
    WdpError
        When a table does not obey its contract.
    """
    table = conform(risks, RISKS)
    used = current(conform(observations, OBSERVATIONS))
    numbered = {i.id for i in plan.indicators if i.target.is_number}
    kinds = {
        row.indicator: problem_kind(row, row.indicator in numbered) for row in table.itertuples()
    }
    table = table.set_index("indicator", drop=False)
    rows = []
    for goal in plan.goals:
        for indicator in plan.indicators_of(goal.id):
            kind = kinds.get(indicator.id, "")
            if kind in WANTING:
                rows.append(
                    {
                        "goal": goal.id,
                        "problem": kind,
                        **_need(table.loc[indicator.id], indicator, plan, used),
                    }
                )
    return conform(pd.DataFrame(rows, columns=NEEDS.names), NEEDS)


def _need(risk: pd.Series, indicator: Indicator, plan: Plan, used: pd.DataFrame) -> dict:
    row = {
        **{
            name: risk[name]
            for name in ("indicator", "risk", "last_year", "last_value", "numerator", "denominator")
        },
        "units": ";".join(indicator.lead_units),
        "measures": ";".join(related_measures(plan, indicator.id)),
        "line": risk["target_lower"]
        if not np.isnan(risk["target_lower"])
        else risk["target_upper"],
        **dict.fromkeys(("needed", "change", "change_per_year"), np.nan),
        "years": _years(risk),
        "assumption": "",
        "reason": "",
        "simulated": risk["simulated"],
    }
    if indicator.target.statistic == "lowest_area":
        row.update(_lowest(used, indicator, plan, risk["last_year"]))
    if indicator.data_kind == "count" and np.isnan(row["denominator"]):
        row.update(numerator=risk["last_value"], assumption="none_needed")
    reason = _no_number(row, indicator)
    if reason:
        return {**row, "reason": reason, "assumption": ""}
    numbers = _numbers(row, risk, indicator)
    if numbers["change"] == 0:  # in danger of being lost, not short of it
        return {**row, "reason": "kept_now", "assumption": ""}
    return {**row, **numbers}


def _years(risk: pd.Series) -> int | None:
    if pd.isna(risk["last_year"]) or pd.isna(risk["target_year"]):
        return None
    return max(int(risk["target_year"]) - int(risk["last_year"]), 0)


def _lowest(used: pd.DataFrame, indicator: Indicator, plan: Plan, year: int) -> dict:
    """Counts of the area with the lowest value: there the promise is decided."""
    rows = used[
        (used["indicator"] == indicator.id) & (used["year"] == year) & (used["area"] != plan.area)
    ]
    if rows.empty:
        return {}
    lowest = rows.loc[rows["value"].idxmin()]
    return {
        "numerator": lowest["numerator"],
        "denominator": lowest["denominator"],
        "last_value": lowest["value"],
    }


def _no_number(row: dict, indicator: Indicator) -> str:
    if indicator.target.statistic not in ("level", "lowest_area"):
        return "no_single_count"
    if np.isnan(row["line"]):
        return "no_baseline"
    counted = indicator.data_kind == "count" or (row["denominator"] > 0 and indicator.multiplier)
    return "" if counted and not np.isnan(row["numerator"]) else "no_counts"


def _numbers(row: dict, risk: pd.Series, indicator: Indicator) -> dict:
    scale = 1.0 if row["assumption"] == "none_needed" else indicator.multiplier / row["denominator"]
    promise = _promise(risk, indicator)
    needed = nearest_count(row["numerator"], scale, promise)
    if needed == row["numerator"] and not promise.contains(row["last_value"]):
        # a published value is rounded: 9 of 31 is 29.0, which is no rise over a baseline of 29.0
        needed += 1 if row["last_value"] <= promise.lower else -1
    change = needed - row["numerator"]
    years = row["years"] or 1
    per_year = math.copysign(math.ceil(abs(change) / years), change) if change else 0.0
    assumption = row["assumption"] or "denominator_constant"
    return {
        "needed": needed,
        "change": change,
        "change_per_year": per_year,
        "assumption": assumption,
    }


def _promise(risk: pd.Series, indicator: Indicator) -> Range:
    lower, upper = risk["target_lower"], risk["target_upper"]
    strict = KINDS[indicator.target.kind].strict
    return Range(
        lower=-math.inf if np.isnan(lower) else lower,
        upper=math.inf if np.isnan(upper) else upper,
        # as in the verdict: at its natural limit a value cannot go farther
        lower_open=strict and not np.isnan(lower) and lower < indicator.upper_bound,
        upper_open=strict and not np.isnan(upper) and upper > indicator.lower_bound,
    )


def nearest_count(count: float, scale: float, promise: Range) -> float:
    """Return the whole number nearest to ``count`` that, times ``scale``, lies in the promise; ``count`` itself if it does.

    Parameters
    ----------
    count : float
        Numerator now.
    scale : float
        Multiplier / denominator.
    promise : Range
        Values that keep the promise.

    Returns
    -------
    float
        Not a number where no whole number lies in the promise (too few places for its tolerance).
    """
    value = count * scale
    if promise.contains(value):
        return float(count)
    up = value <= promise.lower
    start = math.floor(promise.lower / scale) - 1 if up else math.ceil(promise.upper / scale) + 1
    for step in range(4):
        candidate = start + step if up else start - step
        # a binary fraction a hair short of the line, as in 0.1 x 3, must not cost one person more
        if candidate >= 0 and promise.contains(round(candidate * scale, 9)):
            return float(candidate)
    return math.nan


def carry_proposals(proposals: pd.DataFrame, needed: pd.DataFrame) -> pd.DataFrame:
    """Return every proposal ever made, and whether its goal is still in danger; none is lost between rounds.

    Parameters
    ----------
    proposals : pandas.DataFrame
        Record of proposals (contract ``PROPOSALS``).
    needed : pandas.DataFrame
        What `needs` returned (contract ``NEEDS``).

    Returns
    -------
    pandas.DataFrame
        The proposals in their order with the column ``standing``: ``in_danger`` or ``no_longer``.

    Raises
    ------
    WdpError
        When a table does not obey its contract.
    """
    table = conform(proposals, PROPOSALS.table)
    goals = set(conform(needed, NEEDS)["goal"])
    return table.assign(
        standing=["in_danger" if goal in goals else "no_longer" for goal in table["goal"]]
    )

"""What it would take, in persons, seats or cases, to attain a target that is in danger."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from wdp_lib.assessment.areas import areas_below
from wdp_lib.assessment.progress.formulas import required_change
from wdp_lib.core.columns import OBSERVATIONS, RISKS, conform
from wdp_lib.data import current
from wdp_lib.evaluation.verdicts.problems import WANTING, problem_kinds, related_measures
from wdp_lib.evaluation.verdicts.tables import NEEDS, PROPOSALS
from wdp_lib.plan import Indicator, Plan, Range
from wdp_lib.plan.target import KINDS

_OF_RISK = ("indicator", "risk", "last_year", "last_value", "numerator", "denominator", "simulated")


def needs(
    risks: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    *,
    areas: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say for each goal in danger which measures there are, who is responsible, how many it takes.

    The number needed is the least numerator, at the denominator of the last value, that attains the
    target; a change is that less the last numerator, spread evenly over the years left and rounded
    away from zero. That the denominator stays as it is, is an assumption, and stands in the row.

    Parameters
    ----------
    areas : pandas.DataFrame, optional
        ``area, parent`` of the data set; without it all areas but the plan's own are below it.

    Returns
    -------
    pandas.DataFrame
        One row a goal and target in danger (warned red, orange or yellow, or not attained), goals
        in the plan's order (contract ``NEEDS``). Without counts, and where the last value attains
        the target, there is no number and a ``reason``.
    """
    table, used = conform(risks, RISKS), current(conform(observations, OBSERVATIONS))
    below = areas_below(areas, plan.area)
    used = used[used["area"] != plan.area if below is None else used["area"].isin(below)]
    table = table.assign(problem=problem_kinds(table, plan)).set_index("indicator", drop=False)
    wanting = table[table["problem"].isin(WANTING)].to_dict("index")
    rows = [
        {"goal": goal.id} | _need(wanting[indicator.id], indicator, plan, used)
        for goal in plan.goals
        for indicator in plan.indicators_of(goal.id)
        if indicator.id in wanting
    ]
    return conform(pd.DataFrame(rows, columns=NEEDS.names), NEEDS)


def _need(risk: dict, indicator: Indicator, plan: Plan, used: pd.DataFrame) -> dict:
    lower, upper, last = risk["target_lower"], risk["target_upper"], risk["last_year"]
    known = pd.notna(last) and pd.notna(risk["target_year"])
    row = {
        **{name: risk[name] for name in ("problem", *_OF_RISK)},
        "units": ";".join(indicator.lead_units),
        "measures": ";".join(related_measures(plan, indicator.id)),
        "line": upper if np.isnan(lower) else lower,
        "years": max(int(risk["target_year"]) - int(last), 0) if known else None,
        **{"assumption": "denominator_constant", "reason": ""},
    }
    if indicator.target.statistic == "lowest_area":
        row |= _lowest(used, indicator, last)
    if indicator.data_kind == "count" and np.isnan(row["denominator"]):
        row |= {"numerator": risk["last_value"], "assumption": "none_needed"}
    reason, numbers = _no_number(row, indicator), {}
    if not reason:
        numbers = _numbers(row, _range(lower, upper, indicator), indicator)
        # without a change it is in danger of being lost, not short of it
        reason = "kept_now" if numbers["change"] == 0 else ""
    return row | ({"reason": reason, "assumption": ""} if reason else numbers)


def _lowest(below: pd.DataFrame, indicator: Indicator, year: int) -> dict:
    """Counts of the area with the lowest value: there the target is decided."""
    rows = below[(below["indicator"] == indicator.id) & (below["year"] == year)]
    if rows.empty:
        return {}
    lowest = rows.loc[rows["value"].idxmin(), ["numerator", "denominator", "value"]]
    return lowest.rename({"value": "last_value"}).to_dict()


def _no_number(row: dict, indicator: Indicator) -> str:
    if indicator.target.statistic not in ("level", "lowest_area"):
        return "no_single_count"
    if np.isnan(row["line"]):
        return "no_baseline"
    counted = indicator.data_kind == "count" or (row["denominator"] > 0 and indicator.multiplier)
    return "" if counted and not np.isnan(row["numerator"]) else "no_counts"


def _numbers(row: dict, target: Range, indicator: Indicator) -> dict:
    scale = 1.0 if row["assumption"] == "none_needed" else indicator.multiplier / row["denominator"]
    needed = nearest_count(row["numerator"], scale, target)
    if needed == row["numerator"] and not target.contains(row["last_value"]):
        # a published value is rounded: 9 of 31 is 29.0, which is no rise over a baseline of 29.0
        needed += 1 if row["last_value"] <= target.lower else -1
    change = required_change(row["numerator"], needed, row["years"] or 1)
    return {
        "needed": needed,
        "change": needed - row["numerator"],
        "change_per_year": float(np.copysign(np.ceil(abs(change)), change)),
    }


def _range(lower: float, upper: float, indicator: Indicator) -> Range:
    strict = KINDS[indicator.target.kind].strict
    return Range(
        lower=-math.inf if np.isnan(lower) else lower,
        upper=math.inf if np.isnan(upper) else upper,
        # as in the verdict: at its natural limit a value cannot go farther
        lower_open=strict and not np.isnan(lower) and lower < indicator.upper_bound,
        upper_open=strict and not np.isnan(upper) and upper > indicator.lower_bound,
    )


def nearest_count(count: float, scale: float, target: Range) -> float:
    """Return the whole number nearest to ``count`` that, times ``scale``, attains the target.

    Parameters
    ----------
    count : float
        Numerator now.
    scale : float
        Multiplier / denominator.
    target : Range
        Values that attain the target.

    Returns
    -------
    float
        Not a number where no whole number lies in the range (too few places for its tolerance).
    """
    value = count * scale
    if target.contains(value):
        return float(count)
    up = value <= target.lower
    start = math.floor(target.lower / scale) - 1 if up else math.ceil(target.upper / scale) + 1
    for step in range(4):
        candidate = start + step if up else start - step
        # a binary fraction a hair short of the line, as in 0.1 x 3, must not cost one person more
        if candidate >= 0 and target.contains(round(candidate * scale, 9)):
            return float(candidate)
    return math.nan


def carry_proposals(proposals: pd.DataFrame, needed: pd.DataFrame) -> pd.DataFrame:
    """Return every proposal ever made, and whether its goal is still in danger; none is lost.

    Returns
    -------
    pandas.DataFrame
        The proposals in their order with the column ``standing``: ``in_danger`` or ``no_longer``.
    """
    table = conform(proposals, PROPOSALS.table)
    in_danger = table["goal"].isin(conform(needed, NEEDS)["goal"])
    return table.assign(standing=np.where(in_danger, "in_danger", "no_longer"))

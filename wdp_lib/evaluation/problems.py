"""Which targets need attention first, and what it would take to attain them."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd

from wdp_lib.assessment.formulas import required_change
from wdp_lib.assessment.risks import class_probability
from wdp_lib.assessment.scheme import WARNED
from wdp_lib.core.columns import KEY, OBSERVATIONS, RISKS, Contract, conform
from wdp_lib.data import current
from wdp_lib.data.read.metadata import areas_below
from wdp_lib.data.record_contracts import record_contract
from wdp_lib.forecasting.terms import TERM
from wdp_lib.plan import Indicator, Plan, Range
from wdp_lib.plan.target import KINDS

PROPOSALS = record_contract("proposals.csv")

NEEDS = Contract(
    "needs",
    """
    goal indicator problem risk units measures last_year last_value line numerator denominator
    needed change years change_per_year assumption reason simulated
    """,
)


# whose counts are those of a sample or a survey, by the definition of the denominator
SAMPLED = re.compile("抽查|抽检|抽样|被调查|被测")
WANTING = ("hard_to_reach", "not_yet", "not_attained")
NO_USABLE_DATA = ("no_data", "stale", "too_few_points", "estimates_only")
AT_THE_END = "no_target_year_value"
ORDER = {"hard_to_reach": 0, "not_yet": 1, "not_attained": 1, "fluctuating": 2, "no_usable_data": 3}


def rank_problems(
    risks: pd.DataFrame, plan: Plan, observations: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List the targets that are warned, missed, fluctuating, or without usable data, worst first.

    Order: graded warnings by falling probability of missing; then targets not attained, before
    their year not yet, without a grade, but for those expected to be attained in time; then
    strongly fluctuating ones; then numeric targets without usable data, for a gap in
    the data is a problem of its own. Among equals the larger shortfall comes first, then the one
    that concerns more people, then the one with the larger gap between women and men or town and
    country, then the plan's order.

    Parameters
    ----------
    observations : pandas.DataFrame, optional
        Observations (contract ``OBSERVATIONS``), for the gaps.

    Returns
    -------
    pandas.DataFrame
        The rows of the risk table concerned, with ``problem`` (``hard_to_reach, not_yet,
        not_attained, fluctuating, no_usable_data``), ``units`` and ``measures`` (ids joined by
        ``;``) in front
        and, behind, ``shortfall`` (distance from the line as a share of it, 0 inside), ``people``
        (of the denominator, those on the wrong side), ``sex_gap`` (women less men) and
        ``residence_gap`` (rural less urban, both in the unit of the indicator, in its last year).
    """
    table = conform(risks, RISKS)
    table.insert(0, "problem", problem_kinds(table, plan))
    table = table[table["problem"] != ""].reset_index(drop=True)
    indicators = [plan.indicator(name) for name in table["indicator"]]
    table.insert(1, "units", [";".join(i.lead_units) for i in indicators])
    table.insert(2, "measures", [";".join(related_measures(plan, i.id)) for i in indicators])
    line = table["target_lower"].fillna(table["target_upper"]).abs()
    table["shortfall"] = table["margin"].clip(upper=0).abs() / line.where(line > 0)
    # persons or cases on the wrong side: not reached where more is better, affected where less is
    more = np.array([i.target.improving >= 0 for i in indicators], bool)
    rate = np.array([i.data_kind in ("proportion", "rare_rate") for i in indicators], bool)
    affected = table["numerator"].where(~more, table["denominator"] - table["numerator"])
    table["people"] = affected.clip(lower=0.0).where(rate)
    used = None if observations is None else current(conform(observations, OBSERVATIONS))
    table["sex_gap"] = _gaps(table, used, "sex", "female", "male")
    table["residence_gap"] = _gaps(table, used, "residence", "rural", "urban")
    place = {indicator.id: n for n, indicator in enumerate(plan.indicators)}
    keys = {
        "kind": table["problem"].map(ORDER),
        "p": class_probability(table),
        "shortfall": -table["shortfall"],
        "people": -table["people"],
        "gap": -table[["sex_gap", "residence_gap"]].abs().max(axis=1),
        "place": table["indicator"].map(place),
    }
    order = pd.DataFrame(keys).sort_values(list(keys), kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _gaps(
    table: pd.DataFrame, used: pd.DataFrame | None, column: str, first: str, second: str
) -> np.ndarray | float:
    """Value of the first stratum less that of the second, all else as in the row."""
    if used is None:
        return np.nan
    keys = [*KEY, "year"]
    values = used.drop_duplicates(keys, keep="last").set_index(keys)["value"]
    cells = table[list(KEY)].assign(year=table["last_year"])
    one, other = (
        values.reindex(pd.MultiIndex.from_frame(cells.assign(**{column: side}))).to_numpy(float)
        for side in (first, second)
    )
    return one - other


def problem_kinds(risks: pd.DataFrame, plan: Plan) -> pd.Series:
    """Return the kind of problem of each row of the risk table, ``""`` where there is none.

    What is attained has usable data; attained at the end, its fluctuations are over.
    """
    numbered = risks["indicator"].isin([i.id for i in plan.indicators if i.target.is_number])
    cases = {
        "": risks["target_kind"] == "monitor_only",
        "hard_to_reach": risks["risk"].isin(WARNED),
        "not_attained": risks["standing"] == "not_attained",
        "not_yet": (risks["state"] == "not_attained") & (risks["standing"] != "on_schedule"),
        "fluctuating": (risks["volatility"] == "volatile") & (risks["standing"] != "attained"),
        "no_usable_data": numbered
        & (risks["reason"].isin(NO_USABLE_DATA) | (risks["state_reason"] == AT_THE_END))
        & (risks["state"] == "not_assessable")
        & (risks["standing"] != "case_by_case"),
    }
    return pd.Series(np.select(list(cases.values()), list(cases), ""), risks.index, dtype="str")


def related_measures(plan: Plan, indicator: str) -> list[str]:
    """Return measures that name the indicator, or else those linked to its goals."""
    named = [m.id for m in plan.measures if indicator in m.indicators]
    goals = set(plan.indicator(indicator).goals)
    return named or [m.id for m in plan.measures if goals & set(m.goals)]


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
    away from zero, unless that is fewer than one a year; for a body elected for a term it is due at
    an election, not year by year. That the denominator stays as it is, is an assumption, and stands
    in the row.

    Parameters
    ----------
    areas : pandas.DataFrame, optional
        ``area, parent`` of the data set; without it all areas but the plan's own are below it.

    Returns
    -------
    pandas.DataFrame
        One row a goal and target in danger (warned red, orange or yellow, or not attained), goals
        in the plan's order (contract ``NEEDS``). There is no number but a ``reason`` without
        counts, where the last value attains the target, and where the counts are those of a sample:
        three more of 641 people asked is no need.
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
        if risk["state_reason"] == "no_change_shown" and abs(numbers["change"]) == 1:
            reason = "no_change_shown"  # one case less or more a year is no need
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
    if indicator.frequency == "survey" or SAMPLED.search(indicator.denominator.zh):
        return "of_sample"
    counted = indicator.data_kind == "count" or (row["denominator"] > 0 and indicator.multiplier)
    if counted and not np.isnan(row["numerator"]):
        return ""
    return "no_counts" if indicator.frequency == TERM else "counts_missing"


def _numbers(row: dict, target: Range, indicator: Indicator) -> dict:
    scale = 1.0 if row["assumption"] == "none_needed" else indicator.multiplier / row["denominator"]
    needed = nearest_count(row["numerator"], scale, target)
    if needed == row["numerator"] and not target.contains(row["last_value"]):
        # a published value is rounded: 9 of 31 is 29.0, which is no rise over a baseline of 29.0
        needed += 1 if row["last_value"] <= target.lower else -1
    found = {"needed": needed, "change": needed - row["numerator"]}
    if indicator.frequency == TERM:
        return found | {"assumption": "at_an_election"}
    change = required_change(row["numerator"], needed, row["years"] or 1)
    if abs(change) < 1:  # one more in five years is not one more a year
        return found
    return found | {"change_per_year": float(np.copysign(np.ceil(abs(change)), change))}


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

    ``count``: numerator now. ``scale``: multiplier / denominator. ``target``: values that attain
    the target. Not a number where no whole number lies in the range (too few places for its
    tolerance).
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

    Returns the proposals in their order with the column ``standing``: ``in_danger`` or
    ``no_longer``.
    """
    table = conform(proposals, PROPOSALS.table)
    in_danger = table["goal"].isin(conform(needed, NEEDS)["goal"])
    return table.assign(standing=np.where(in_danger, "in_danger", "no_longer"))

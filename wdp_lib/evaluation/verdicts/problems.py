"""Which promises need attention first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import OBSERVATIONS, RISKS, conform
from wdp_lib.data import current
from wdp_lib.plan import Plan

WARNED = ("red", "orange", "yellow")
NO_USABLE_DATA = ("no_data", "stale", "too_few_points", "estimates_only")
ORDER = {"hard_to_reach": 0, "not_attained": 1, "fluctuating": 2, "no_usable_data": 3}


def rank_problems(
    risks: pd.DataFrame, plan: Plan, observations: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List the promises that are warned, not attained, fluctuating, or without usable data, the most pressing first.

    Order: graded warnings by falling probability of missing; then promises not attained without a grade; then strongly
    fluctuating ones; then numeric promises without usable data, for a gap in the data is a problem of its own. Among equals the
    larger shortfall comes first, then the one that concerns more people, then the one with the larger gap between women and men or town and
    country, then the plan's order.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``).
    plan : Plan
        For the linked measures and the responsible units.
    observations : pandas.DataFrame, optional
        Observations (contract ``OBSERVATIONS``), for the gaps between women and men and between town and country.

    Returns
    -------
    pandas.DataFrame
        The rows of the risk table concerned, with ``problem`` (``hard_to_reach, not_attained, fluctuating, no_usable_data``),
        ``units`` and ``measures`` (ids joined by ``;``) in front and, behind, ``shortfall`` (distance from the line as a share of
        it, 0 inside), ``people`` (of the denominator, those on the wrong side), ``sex_gap`` (women less men) and ``residence_gap``
        (rural less urban, both in the unit of the indicator, in its last year); empty when there is no problem.
    """
    table = conform(risks, RISKS)
    numbered = {i.id for i in plan.indicators if i.target.is_number}
    table.insert(
        0, "problem", [problem_kind(row, row.indicator in numbered) for row in table.itertuples()]
    )
    table = table[table["problem"] != ""].reset_index(drop=True)
    table.insert(1, "units", [";".join(plan.indicator(i).lead_units) for i in table["indicator"]])
    table.insert(2, "measures", [";".join(related_measures(plan, i)) for i in table["indicator"]])
    table["shortfall"] = _shortfall(table)
    table["people"] = _people(table, plan)
    used = None if observations is None else current(conform(observations, OBSERVATIONS))
    table["sex_gap"] = _gaps(table, used, "sex", "female", "male")
    table["residence_gap"] = _gaps(table, used, "residence", "rural", "urban")
    return _ordered(table, plan)


def _ordered(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    position = {i.id: n for n, i in enumerate(plan.indicators)}
    keys = pd.DataFrame(
        {
            "kind": table["problem"].map(ORDER),
            "p": table["p_meet"],
            "shortfall": -table["shortfall"],
            "people": -table["people"],
            "gap": -table[["sex_gap", "residence_gap"]].abs().max(axis=1),
            "place": table["indicator"].map(position),
        }
    )
    return table.loc[keys.sort_values(list(keys), kind="stable").index].reset_index(drop=True)


def _shortfall(table: pd.DataFrame) -> pd.Series:
    line = table["target_lower"].fillna(table["target_upper"]).abs()
    return table["margin"].clip(upper=0).abs() / line.where(line > 0)


def _people(table: pd.DataFrame, plan: Plan) -> list[float]:
    """Persons (or cases) on the wrong side: those not reached where more is better, those affected where less is."""
    found = []
    for row in table.itertuples():
        indicator = plan.indicator(row.indicator)
        rate = indicator.data_kind in ("proportion", "rare_rate")
        rest = row.denominator - row.numerator if indicator.target.improving >= 0 else row.numerator
        found.append(max(float(rest), 0.0) if rate else np.nan)
    return found


def _gaps(
    table: pd.DataFrame, used: pd.DataFrame | None, column: str, first: str, second: str
) -> list[float]:
    """Value of the first stratum less that of the second, all else as in the row; missing where either is not known."""
    if used is None:
        return [np.nan] * len(table)
    keys = ["indicator", "area", "sex", "age_group", "residence", "year"]
    values = used.drop_duplicates(keys, keep="last").set_index(keys)["value"].to_dict()
    result = []
    for row in table.to_dict("records"):
        cell = {**{key: row[key] for key in keys[:-1]}, "year": row["last_year"]}
        one, other = (
            values.get(tuple({**cell, column: side}.values()), np.nan) for side in (first, second)
        )
        result.append(one - other)
    return result


def problem_kind(row, numbered: bool) -> str:
    """Return the kind of problem of a row of the risk table, ``""`` where there is none; ``numbered``: the plan gives a number."""
    if row.target_kind == "monitor_only":
        return ""
    if row.risk in WARNED:
        return "hard_to_reach"
    if row.state == "not_attained":
        return "not_attained"
    if row.volatility == "volatile":
        return "fluctuating"
    return "no_usable_data" if numbered and row.reason in NO_USABLE_DATA else ""


def related_measures(plan: Plan, indicator: str) -> list[str]:
    """Return measures that name the indicator, or else those linked to its goals."""
    named = [m.id for m in plan.measures if indicator in m.indicators]
    goals = set(plan.indicator(indicator).goals)
    return named or [m.id for m in plan.measures if goals & set(m.goals)]

"""Which targets need attention first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import WARNED
from wdp_lib.core.columns import KEY, OBSERVATIONS, RISKS, conform
from wdp_lib.data import current
from wdp_lib.plan import Plan

WANTING = ("hard_to_reach", "not_attained")
NO_USABLE_DATA = ("no_data", "stale", "too_few_points", "estimates_only")
ORDER = {"hard_to_reach": 0, "not_attained": 1, "fluctuating": 2, "no_usable_data": 3}


def rank_problems(
    risks: pd.DataFrame, plan: Plan, observations: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List the targets that are warned, missed, fluctuating, or without usable data, worst first.

    Order: graded warnings by falling probability of missing; then targets not attained without a
    grade; then strongly fluctuating ones; then numeric targets without usable data, for a gap in
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
        The rows of the risk table concerned, with ``problem`` (``hard_to_reach, not_attained,
        fluctuating, no_usable_data``), ``units`` and ``measures`` (ids joined by ``;``) in front
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
        "p": table["p_meet"],
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
    """Return the kind of problem of each row of the risk table, ``""`` where there is none."""
    numbered = risks["indicator"].isin([i.id for i in plan.indicators if i.target.is_number])
    cases = {
        "": risks["target_kind"] == "monitor_only",
        "hard_to_reach": risks["risk"].isin(WARNED),
        "not_attained": risks["state"] == "not_attained",
        "fluctuating": risks["volatility"] == "volatile",
        "no_usable_data": numbered & risks["reason"].isin(NO_USABLE_DATA),
    }
    return pd.Series(np.select(list(cases.values()), list(cases), ""), risks.index, dtype="str")


def related_measures(plan: Plan, indicator: str) -> list[str]:
    """Return measures that name the indicator, or else those linked to its goals."""
    named = [m.id for m in plan.measures if indicator in m.indicators]
    goals = set(plan.indicator(indicator).goals)
    return named or [m.id for m in plan.measures if goals & set(m.goals)]

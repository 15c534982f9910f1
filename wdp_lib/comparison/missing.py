"""What data are missing, year by year and group by group, and how much the goals need them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.comparison.known import Known
from wdp_lib.comparison.tables import DATA_GAPS
from wdp_lib.core.columns import conform
from wdp_lib.plan import Indicator, Plan

NEEDS = ("not_judged", "estimates", "no_forecast", "latest", "groups", "between")
MARKS = {"given": "●", "part": "◐", "missing": "○"}
FEWEST_POINTS = 3  # of a forecast
_WORDS = {"sex": ("female", "male"), "residence": ("urban", "rural"), "age_group": ()}


def data_gaps(
    observations: pd.DataFrame | Known,
    plan: Plan,
    *,
    year: int,
    surveys: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what is missing of each indicator and of each breakdown the plan wants of it.

    Wanted are the years from the plan's first to ``year``; of an indicator of terms, surveys or
    censuses one of them. By sex and residence both groups must be there, by age two, by area all
    below the plan's. What the goals need most comes first: a target that cannot be judged, one
    judged by estimates alone, fewer points than a forecast takes, the latest year, groups, years
    between; of equals those with a number, then those of more goals. Returns one row an indicator
    and dimension with a gap (contract ``DATA_GAPS``). ``years`` shows each wanted year: ● there, ◐
    estimated or for some groups only, ○ missing.
    """
    known, asked = Known.of(observations, plan, None), _asked(surveys, plan)
    found = [
        gap
        for place, indicator in enumerate(plan.indicators)
        for gap in _gaps(indicator, known, asked.get(indicator.id, {}), plan, year, place)
    ]
    gaps = pd.DataFrame(found, columns=[*DATA_GAPS.names, "goals_n", "place"])
    gaps["rank"] = gaps["need"].map(NEEDS.index).astype(float)
    order = ["judged", "rank", "numbered", "goals_n", "place"]
    gaps = gaps.sort_values(order, ascending=[False, True, False, False, True], kind="stable")
    return conform(gaps.assign(rank=np.arange(1, len(gaps) + 1)), DATA_GAPS)


def data_needs(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return how many indicators of the goals lack data, by the first thing that prevents.

    Returns one row a need: ``need, indicators, numbered, surveys`` (with a number as target; that
    need a survey). An indicator counts once; those without a target do not count.
    """
    table = conform(gaps, DATA_GAPS)
    first = table[table["judged"]].drop_duplicates("indicator")
    first = first.assign(surveys=first["availability"] == "survey_needed", indicators=1)
    sums = first.groupby("need")[["indicators", "numbered", "surveys"]].sum()
    return sums.reindex(list(NEEDS)).dropna().astype(int).rename_axis("need").reset_index()


def _asked(surveys: pd.DataFrame | None, plan: Plan) -> dict[str, dict[int, str]]:
    """The years in which a survey estimated an indicator as a whole."""
    found: dict[str, dict[int, str]] = {}
    rows = () if surveys is None else surveys.to_dict("records")
    for row in rows:
        stratum = plan.indicator(row["indicator"]).stratum
        if row["area"] == plan.area and all(row[name] == word for name, word in stratum.items()):
            found.setdefault(row["indicator"], {})[int(row["year"])] = "part"
    return found


def _gaps(
    indicator: Indicator, known: Known, asked: dict, plan: Plan, year: int, place: int
) -> list[dict]:
    wanted = list(range(plan.first_year, year + 1))
    result = []
    for dimension in ["own", *_wanted_by(indicator, known)]:
        there = (asked if dimension == "own" else {}) | _there(indicator, known, dimension)
        there = {y: state for y, state in there.items() if y <= year}
        states = [there.get(one, "missing") for one in wanted]
        need = _need(indicator, dimension, there, states)
        if need:
            result.append({
                "rank": 0,
                "indicator": indicator.id,
                "dimension": dimension,
                "need": need,
                "years": "".join(MARKS[state] for state in states),
                "first_year": plan.first_year,
                "given": states.count("given"),
                "wanted": 1 if indicator.frequency != "annual" else len(wanted),
                "last_year": max((y for y, s in there.items() if s != "missing"), default=None),
                "judged": indicator.target.kind != "monitor_only",
                "numbered": indicator.target.is_number,
                "goals": ";".join(indicator.goals),
                "availability": indicator.availability,
                "frequency": indicator.frequency,
                "unit": indicator.lead_units[0] if indicator.lead_units else "",
                "goals_n": len(indicator.goals),
                "place": place,
            })  # fmt: skip
    return result


def _wanted_by(indicator: Indicator, known: Known) -> list[str]:
    by = [name for name in _WORDS if name in indicator.disaggregations and name != "sex"]
    by = ["sex", *by] if indicator.sex_scope == "both_by_sex" else by
    return [*by, "area"] if known.smaller and "township" in indicator.disaggregations else by


def _there(indicator: Indicator, known: Known, dimension: str) -> dict[int, str]:
    """What there is of each year: all, a part; nothing where the year is not named."""
    if dimension == "own":
        rows = known.own(indicator)
        sure = set(rows["year"][rows["status"] != "estimated"].tolist())
        return {year: "given" if year in sure else "part" for year in rows["year"].tolist()}
    rows = known.below(indicator) if dimension == "area" else known.own(indicator, but=dimension)
    words, enough = _WORDS.get(dimension), len(known.smaller or ()) if dimension == "area" else 2
    found: dict[int, set[str]] = {}
    for year, group in zip(rows["year"].tolist(), rows[dimension], strict=True):
        if group in words if words else group != "all":
            found.setdefault(year, set()).add(group)
    return {year: "given" if len(groups) >= enough else "part" for year, groups in found.items()}


def _need(indicator: Indicator, dimension: str, there: dict[int, str], states: list[str]) -> str:
    """Why it is needed; ``""`` when nothing is missing."""
    annual = indicator.frequency == "annual"
    seen = [state for state in states if state != "missing"]
    if dimension != "own":
        complete = all(s == "given" for s in states) if annual else "given" in seen
        return "" if complete else "groups"
    if not seen:
        return "not_judged"
    if "given" not in seen:
        return "estimates"
    if annual and len(there) < FEWEST_POINTS:
        return "no_forecast"
    if annual and states[-1] != "given":
        return "latest"
    return "between" if annual and "missing" in states else ""

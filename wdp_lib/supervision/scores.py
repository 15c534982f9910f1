"""Three marks a unit (attainment, timeliness, data quality), kept apart, and the view a unit has of its own work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wdp_lib.comparison.groups.completeness import group_completeness
from wdp_lib.core.columns import OBSERVATIONS, RISKS, conform
from wdp_lib.data import Dataset
from wdp_lib.plan import Indicator, Plan
from wdp_lib.supervision.register import open_items
from wdp_lib.supervision.tables import DEADLINES, REGISTER, UNIT_SCORES

DUE_DAY = "-06-30"  # of the following year, as for the rule of late returns
_OF_TIME = ("late", "missing_latest", "missing_year", "revision", "corrected")


def led_by(plan: Plan, unit: str) -> tuple[Indicator, ...]:
    """Return the indicators a unit leads: those whose first-named responsible unit it is, so that each counts once."""
    return tuple(i for i in plan.indicators if i.lead_units[:1] == (plan.unit(unit).id,))


def unit_scores(
    risks: pd.DataFrame, dataset: Dataset, register: pd.DataFrame, plan: Plan, *, as_of: str
) -> pd.DataFrame:
    """Return the yearly marks of every unit; there is no sum of the three.

    *Attainment*: attained / (attained + nearly + not attained) over the indicators it leads. A rare event (``data_kind`` rare_rate) that
    misses its line counts neither for nor against the unit while the 95 % interval of the value reaches the line.
    *Timeliness*: yearly routine indicators, each year of the plan that is due by the day of the run: known by 30 June of the following
    year / due. *Quality*: rows of the unit's return without a problem / rows; the return of a unit is the file named after it.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``).
    dataset : Dataset
        The data set as read, with its problems.
    register : pandas.DataFrame
        The warning register (contract ``REGISTER``).
    plan : Plan
        Units and indicators.
    as_of : str
        Day of the run (``YYYY-MM-DD``).

    Returns
    -------
    pandas.DataFrame
        One row a unit of the plan, in its order (contract ``UNIT_SCORES``); a mark with nothing to count is missing, not zero.

    Raises
    ------
    WdpError
        When a table does not obey its contract.
    """
    table, items = conform(risks, RISKS), conform(register, REGISTER)
    rows = []
    for unit in plan.units:
        own = led_by(plan, unit.id)
        open_now = open_items(items, unit.id)
        rows.append(
            {
                "unit": unit.id,
                **_attainment(table, own),
                **_timeliness(dataset.observations, own, plan, as_of),
                **_quality(dataset, unit.id),
                "warnings_open": len(open_now),
                "warnings_overdue": int((open_now["state"] == "overdue").sum()),
            }
        )
    return conform(pd.DataFrame(rows, columns=UNIT_SCORES.names), UNIT_SCORES)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else np.nan


def _attainment(risks: pd.DataFrame, own: tuple[Indicator, ...]) -> dict:
    rare = [i.id for i in own if i.data_kind == "rare_rate"]
    table = risks[
        risks["indicator"].isin([i.id for i in own]) & (risks["target_kind"] != "monitor_only")
    ]
    reaches = (table["last_lower"] <= table["target_upper"].fillna(np.inf)) & (
        table["last_upper"] >= table["target_lower"].fillna(-np.inf)
    )
    missed = table["state"].isin(["not_attained", "nearly"])
    noise = table["indicator"].isin(rare) & missed & reaches
    counted = table.loc[~noise, "state"]
    counts = {
        state: int((counted == state).sum())
        for state in ("attained", "nearly", "not_attained", "not_assessable")
    }
    judged = counts["attained"] + counts["nearly"] + counts["not_attained"]
    return {
        "indicators": len(own),
        "judged": judged,
        **counts,
        "within_noise": int(noise.sum()),
        "attainment": _share(counts["attained"], judged),
    }


def returns_owed(
    observations: pd.DataFrame, own: tuple[Indicator, ...], plan: Plan, as_of: str
) -> pd.DataFrame:
    """Return the yearly values due by a day: ``indicator, year, due``, and the day it was first known (``""``: missing).

    Due are yearly indicators that the county has as a matter of routine; gaps follow from other values and are not returned.
    """
    yearly = [
        i
        for i in own
        if (i.frequency, i.availability) == ("annual", "routine") and i.data_kind != "gap"
    ]
    last = min(int(as_of[:4]) - (1 if as_of[4:] >= DUE_DAY else 2), plan.last_year)
    due = [
        (i.id, year, f"{year + 1}{DUE_DAY}")
        for i in yearly
        for year in range(plan.first_year, last + 1)
    ]
    table = pd.DataFrame(due, columns=["indicator", "year", "due"]).astype({"year": "Int64"})
    strata = pd.DataFrame([{"indicator": i.id, "area": plan.area, **i.stratum} for i in yearly])
    rows = conform(observations, OBSERVATIONS)
    if strata.empty:
        return table.assign(known="")
    known = (
        rows.merge(strata, how="inner")
        .groupby(["indicator", "year"])["as_of"]
        .min()
        .rename("known")
    )
    return table.join(known, on=["indicator", "year"]).fillna({"known": ""})


def _timeliness(
    observations: pd.DataFrame, own: tuple[Indicator, ...], plan: Plan, as_of: str
) -> dict:
    owed = returns_owed(observations, own, plan, as_of)
    missing = owed["known"] == ""
    late = ~missing & (owed["known"] > owed["due"])
    on_time = len(owed) - int(missing.sum()) - int(late.sum())
    counts = {"values_due": len(owed), "values_on_time": on_time, "values_late": int(late.sum())}
    return {
        **counts,
        "values_missing": int(missing.sum()),
        "timeliness": _share(on_time, len(owed)),
    }


def _quality(dataset: Dataset, unit: str) -> dict:
    file = f"{unit}.csv"
    places = [
        table.loc[table["file"] == file, "row"].dropna()
        for table in (dataset.observations, dataset.rejected)
    ]
    returned = set(pd.concat(places).astype(int)) if any(len(place) for place in places) else set()
    faulty = {
        p.row
        for p in dataset.problems
        if p.file == file and p.row is not None and p.rule not in _OF_TIME
    }
    n, bad = len(returned), len(faulty & returned)
    return {"rows_returned": n, "rows_faulty": bad, "quality": _share(n - bad, n)}


@dataclass(frozen=True)
class UnitView:
    """What one unit sees: only its own rows.

    Parameters
    ----------
    unit : str
        Identifier.
    risks, warnings : pandas.DataFrame
        Rows of the risk table and of the register (contracts ``RISKS``, ``REGISTER``) that name it.
    completeness : pandas.DataFrame
        How often its values come by sex and by age (contract ``GROUP_COMPLETENESS``).
    deadlines : pandas.DataFrame
        What it owes (contract ``DEADLINES``): values not returned, answers not given.
    """

    unit: str
    risks: pd.DataFrame
    warnings: pd.DataFrame
    completeness: pd.DataFrame
    deadlines: pd.DataFrame


def unit_view(
    unit: str,
    risks: pd.DataFrame,
    observations: pd.DataFrame,
    register: pd.DataFrame,
    plan: Plan,
    *,
    as_of: str,
) -> UnitView:
    """Return what concerns one unit; indicators it shares with others are among its own.

    Parameters
    ----------
    unit : str
        Identifier of the unit.
    risks, observations, register : pandas.DataFrame
        Tables under the contracts ``RISKS``, ``OBSERVATIONS`` and ``REGISTER``.
    plan : Plan
        Units and indicators.
    as_of : str
        Day of the run (``YYYY-MM-DD``).

    Raises
    ------
    ParameterError
        When the plan has no such unit.
    WdpError
        When a table does not obey its contract.
    """
    name = plan.unit(unit).id
    own = tuple(i for i in plan.indicators if name in i.lead_units)
    table = conform(risks, RISKS)
    items = conform(register, REGISTER)
    complete = group_completeness(observations, plan, year=int(as_of[:4]) - 1, as_of=as_of)
    mine = items[
        items["units"].str.split(";").map(lambda units: name in units).astype(bool)
    ].reset_index(drop=True)
    return UnitView(
        name,
        table[table["indicator"].isin([i.id for i in own])].reset_index(drop=True),
        mine,
        complete[complete["indicator"].isin([i.id for i in own])].reset_index(drop=True),
        _deadlines(returns_owed(observations, led_by(plan, name), plan, as_of), mine, as_of),
    )


def _deadlines(owed: pd.DataFrame, items: pd.DataFrame, as_of: str) -> pd.DataFrame:
    missing = (
        owed[owed["known"] == ""].rename(columns={"indicator": "subject"}).assign(what="return")
    )
    answers = items[items["state"].isin(["open", "overdue"])].rename(columns={"warning": "subject"})
    answers = answers.assign(what="answer", year=pd.NA)[["what", "subject", "year", "due"]].astype(
        {"year": "Int64"}
    )
    rows = pd.concat([missing[["what", "subject", "year", "due"]], answers], ignore_index=True)
    rows["overdue"] = rows["due"] < as_of
    return conform(rows.sort_values(["due", "what", "subject"], kind="stable"), DEADLINES)

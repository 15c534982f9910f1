"""Three marks a unit (attainment, timeliness, data quality), kept apart, and its own view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wdp_lib.comparison.completeness import group_completeness
from wdp_lib.core.columns import OBSERVATIONS, RISKS, conform
from wdp_lib.core.dates import DUE
from wdp_lib.data import Dataset
from wdp_lib.plan import Plan
from wdp_lib.supervision.calendar import returns_owed
from wdp_lib.supervision.tables import DEADLINES, REGISTER, UNIT_SCORES

_OF_TIME = ("late", "missing_latest", "missing_year", "revision", "corrected")
_STATES = ["attained", "nearly", "not_attained", "not_assessable"]


def unit_scores(
    risks: pd.DataFrame, dataset: Dataset, register: pd.DataFrame, plan: Plan, *, as_of: str
) -> pd.DataFrame:
    """Return the yearly marks of every unit; there is no sum of the three.

    An indicator counts for its first-named unit. *Attainment*: attained / (attained + nearly + not
    attained) over the indicators it leads. A rare event (``data_kind`` rare_rate) that misses its
    line counts neither for nor against the unit while the 95 % interval of the value reaches the
    line. *Timeliness*: yearly routine indicators, each year of the plan that is due by the day of
    the run: known by the day it was due / due. *Quality*: rows of the unit's return
    without a problem / rows; the return of a unit is the file named after it.

    Returns
    -------
    pandas.DataFrame
        One row a unit of the plan, in its order (contract ``UNIT_SCORES``); a mark with nothing to
        count is missing, not zero.
    """
    leads = pd.Series({i.id: i.lead_units[0] for i in plan.indicators if i.lead_units}, dtype=str)
    units = pd.Index([unit.id for unit in plan.units], name="unit")
    observations, due = dataset.observations, dataset.metadata.due
    owed = returns_owed(observations, plan.indicators, plan, as_of, due=due)
    table = pd.concat(
        [
            leads.groupby(leads).size().rename("indicators"),
            _attainment(conform(risks, RISKS), leads, plan),
            _timeliness(owed, leads),
            _quality(dataset),
            _warnings(conform(register, REGISTER)),
        ],
        axis=1,
    )
    table = table.reindex(units).fillna(0)
    marks = {
        "attainment": ("attained", "judged"),
        "timeliness": ("values_on_time", "values_due"),
        "quality": ("rows_good", "rows_returned"),
    }
    for mark, (part, whole) in marks.items():
        table[mark] = table[part] / table[whole].where(table[whole] > 0)
    return conform(table.reset_index(), UNIT_SCORES)


def _attainment(risks: pd.DataFrame, leads: pd.Series, plan: Plan) -> pd.DataFrame:
    risks = risks[risks["target_kind"] != "monitor_only"]
    rare = risks["indicator"].isin([i.id for i in plan.indicators if i.data_kind == "rare_rate"])
    reaches = (risks["last_lower"] <= risks["target_upper"].fillna(np.inf)) & (
        risks["last_upper"] >= risks["target_lower"].fillna(-np.inf)
    )
    noise = rare & risks["state"].isin(["not_attained", "nearly"]) & reaches
    state = risks["state"].mask(noise, "within_noise")
    counts = pd.crosstab(risks["indicator"].map(leads), state)
    counts = counts.reindex(columns=[*_STATES, "within_noise"], fill_value=0)
    return counts.assign(judged=counts[_STATES[:3]].sum(axis=1))


def _timeliness(owed: pd.DataFrame, leads: pd.Series) -> pd.DataFrame:
    missing = owed["known"] == ""
    late = ~missing & (owed["known"] > owed["due"])
    columns = {"due": missing | True, "on_time": ~missing & ~late, "late": late, "missing": missing}
    return pd.DataFrame(columns).groupby(owed["indicator"].map(leads)).sum().add_prefix("values_")


def _quality(dataset: Dataset) -> pd.DataFrame:
    """Count rows by file; the return of a unit is the file named after it."""
    places = pd.concat([dataset.observations[["file", "row"]], dataset.rejected[["file", "row"]]])
    places = places.dropna().drop_duplicates()
    problems = {(p.file, p.row) for p in dataset.problems if p.rule not in _OF_TIME}
    faulty = np.array(
        [place in problems for place in zip(places["file"], places["row"], strict=True)]
    )
    counts = pd.DataFrame(
        {"rows_returned": 1, "rows_faulty": faulty, "rows_good": ~faulty.astype(bool)}
    )
    unit = places["file"].str.removesuffix(".csv").to_numpy()
    return counts.astype(int).groupby(unit).sum()


def _warnings(items: pd.DataFrame) -> pd.DataFrame:
    items = items[items["state"] != "closed"]
    units = items["units"].str.split(";").explode()
    overdue = (items["state"] == "overdue").reindex(units.index)
    counts = pd.DataFrame(
        {"warnings_open": 1, "warnings_overdue": overdue.astype(int)}, units.index
    )
    return counts.groupby(units).sum()


@dataclass(frozen=True)
class UnitView:
    """What one unit sees: only its own rows."""

    unit: str
    # risks, warnings: rows of the risk table and of the register (contracts ``RISKS``,
    # ``REGISTER``) that name it
    risks: pd.DataFrame
    warnings: pd.DataFrame
    # how often its values come by sex and by age (contract ``GROUP_COMPLETENESS``)
    completeness: pd.DataFrame
    # what it owes (contract ``DEADLINES``): values not returned, answers not given
    deadlines: pd.DataFrame


def unit_view(
    risks: pd.DataFrame,
    observations: pd.DataFrame,
    register: pd.DataFrame,
    plan: Plan,
    *,
    unit: str,
    as_of: str,
    due: str = DUE,
) -> UnitView:
    """Return what concerns one unit; indicators it shares with others are among its own.

    ``due`` is the day of the following year (``MM-DD``) on which its values are due.

    Raises `ParameterError` when the plan has no such unit.
    """
    name = plan.unit(unit).id
    own = [i.id for i in plan.indicators if name in i.lead_units]
    led = [i for i in plan.indicators if i.lead_units[:1] == (name,)]
    table, items = conform(risks, RISKS), conform(register, REGISTER)
    observations = conform(observations, OBSERVATIONS)
    named = np.array([name in units.split(";") for units in items["units"]], bool)
    mine = items[named].reset_index(drop=True)
    complete = group_completeness(observations, plan, year=int(as_of[:4]) - 1, as_of=as_of)
    return UnitView(
        name,
        table[table["indicator"].isin(own)].reset_index(drop=True),
        mine,
        complete[complete["indicator"].isin(own)].reset_index(drop=True),
        _deadlines(returns_owed(observations, led, plan, as_of, due=due), mine, as_of),
    )


def _deadlines(owed: pd.DataFrame, items: pd.DataFrame, as_of: str) -> pd.DataFrame:
    missing = owed[owed["known"] == ""].rename(columns={"indicator": "subject"})
    wanted = items[items["state"].isin(["open", "overdue"])].rename(columns={"warning": "subject"})
    parts = [missing.assign(what="return"), wanted.assign(what="answer", year=pd.NA)]
    parts = [part[["what", "subject", "year", "due"]].astype({"year": "Int64"}) for part in parts]
    rows = pd.concat(parts, ignore_index=True)
    rows["overdue"] = rows["due"] < as_of
    return conform(rows.sort_values(["due", "what", "subject"], kind="stable"), DEADLINES)

"""Who does what: bodies, states of reports they give, shared-out goals, filings, comments."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.core.dates import END_OF_TIME
from wdp_lib.core.errors import Problem
from wdp_lib.core.files import table_text
from wdp_lib.core.problems import templates
from wdp_lib.evaluation.verdicts import file_lines
from wdp_lib.plan import Plan
from wdp_lib.supervision.tables import (
    APPROVALS,
    COMMENT_RECORD,
    COMMENTS,
    DISPATCH_RECORD,
    DISPATCHES,
    FILINGS,
    GROUP_RECORD,
    GROUPS,
    RESPONSIBILITIES,
    RESPONSIBILITY_RECORD,
    SCHEMES,
    UNIT_REPORTS,
)

BODIES = {
    "draft": (
        "monitoring_group",
        "evaluation_group",
        "committee_office",
        "member_unit",
        "leading_group",
    ),
    "reviewed": ("monitoring_group", "evaluation_group"),
    "approved": ("leading_group",),
}
GROUP_ORDER = (
    "leading_group",
    "monitoring_group",
    "evaluation_group",
    "committee_office",
    "member_unit",
    "experts",
)
_problem = templates(__file__)
_ANSWER = ["answer", "answered_on", "answered_by"]


@dataclass(frozen=True)
class Approval:
    """The state of a report."""

    state: str  # {"draft", "reviewed", "approved"}: its state
    # body, date: body that gave the state and when; ``""`` for a draft that nobody submitted
    body: str
    date: str
    reason: str  # why it is a draft: ``never_submitted``, ``numbers_changed`` or empty
    tables_hash: str  # hash of the tables the state holds for


def tables_hash(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return the SHA-256 of the tables of a report as written: any other figure changes it."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        digest.update(f"{name}\n{table_text(tables[name])}\0".encode())
    return digest.hexdigest()


def approval_state(
    approvals: pd.DataFrame, report: str, tables: Mapping[str, pd.DataFrame], *, as_of: str
) -> tuple[Approval, list[Problem]]:
    """Return the state of a report and every entry that is refused.

    Refused are an approval of figures that nobody reviewed before, and a state given by a body that
    may not give it (``BODIES``). An entry for other figures than those of ``tables`` does not
    count: the report is a draft again. Entries after ``as_of`` (``YYYY-MM-DD``) are left out.
    """
    table = conform(approvals, APPROVALS.table).assign(line=file_lines(approvals))
    own = table[(table["report"] == report) & (table["date"] <= as_of)]
    last, problems = None, []
    for row in own.sort_values("date", kind="stable").to_dict("records"):
        if fault := _fault(row, last):
            problems.append(fault)
        else:
            last = row
    now = tables_hash(tables)
    if last is None or last["tables_hash"] != now:
        reason = "never_submitted" if last is None else "numbers_changed"
        return Approval("draft", "", "", reason, now), problems
    return Approval(last["state"], last["body"], last["date"], "", now), problems


def _fault(row: dict, last: dict | None) -> Problem | None:
    place = APPROVALS.file, row["line"]
    if row["body"] not in BODIES[row["state"]]:
        names = ", ".join(BODIES[row["state"]])
        return _problem("wrong_approval_body", *place, "body", found=row["body"], names=names)
    same = last is not None and last["tables_hash"] == row["tables_hash"]
    if row["state"] != "approved" or same and last["state"] in ("reviewed", "approved"):
        return None
    return _problem("approved_before_reviewed", *place, "state")


def group_roles(groups: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return who leads and who belongs to each body, and which states of a report it may give.

    Returns at least one row a body, in the order of ``GROUP_ORDER``, leaders first (contract
    ``GROUPS``). A body nobody was recorded for has one row with ``origin`` = ``vacant``.
    """
    table = conform(groups, GROUP_RECORD.table).assign(origin="recorded")
    tasks = {unit for indicator in plan.indicators for unit in indicator.lead_units}
    parts = []
    for body in GROUP_ORDER:
        own = table[table["body"] == body]
        if body == "member_unit" and own.empty:
            units = [unit.id for unit in plan.units if unit.id in tasks]
            own = pd.DataFrame({"unit": units, "role": "member", "origin": "plan"})
        elif own.empty:
            own = pd.DataFrame({"unit": [""], "role": "", "origin": "vacant"})
        states = ";".join(state for state, bodies in BODIES.items() if body in bodies)
        # lead comes before member
        parts.append(own.sort_values("role", kind="stable").assign(body=body, may_give=states))
    table = pd.concat(parts, ignore_index=True).reindex(columns=GROUPS.names)
    return conform(table, GROUPS)


def dispatched(dispatches: pd.DataFrame, *, as_of: str, report: str = "") -> pd.DataFrame:
    """Return the distribution list of reports: who was sent which edition when, and who not yet.

    What was sent after ``as_of`` is still to be sent. One row a report and receiver, in the order
    recorded (contract ``DISPATCHES``).
    """
    table = conform(dispatches, DISPATCH_RECORD.table)
    table = table[(table["report"] == report) | (report == "")]
    sent = (table["date"] != "") & (table["date"] <= as_of)
    return conform(table.assign(sending=sent.map({True: "sent", False: "pending"})), DISPATCHES)


def comment_file(comments: pd.DataFrame, *, as_of: str, unit: str = "") -> pd.DataFrame:
    """Return the comments of units on reports; each has an answer or stays open.

    Comments after ``as_of`` are left out, later answers are not there yet. One row a comment, in
    the order recorded (contract ``COMMENTS``); an answer counts with its text, its date and who
    gave it.
    """
    table = conform(comments, COMMENT_RECORD.table)
    table = table[(table["date"] <= as_of) & ((table["unit"] == unit) | (unit == ""))]
    answered = (table[_ANSWER] != "").all(axis=1) & (table["answered_on"] <= as_of)
    state = answered.map({True: "answered", False: "open"})
    return conform(table.assign(**table[_ANSWER].where(answered, ""), state=state), COMMENTS)


def responsibility_matrix(confirmed: pd.DataFrame | None, plan: Plan) -> pd.DataFrame:
    """Return who leads and who supports each goal.

    A confirmed division of a goal replaces the suggested one. Suggested as leading unit is the one
    that stands first most often among the units of the goal's indicators (the plan's order decides
    between equals); a goal without any has an open lead. ``confirmed``: the record
    `responsibilities.csv`; rows without ``confirmed_by`` are suggestions. Returns one row a goal
    and unit (contract ``RESPONSIBILITIES``), in the plan's order, the one lead of each goal first;
    further leads on record (`second_leads`) stand as support.
    """
    if confirmed is None:
        confirmed = pd.DataFrame(columns=RESPONSIBILITY_RECORD.table.names)
    record = conform(confirmed, RESPONSIBILITY_RECORD.table)
    record.loc[_second(record), "role"] = "support"
    sure = record["confirmed_by"].str.strip() != ""
    record["origin"] = sure.map({True: "confirmed", False: "suggested"})
    record["confirmed_on"] = record["date"].where(sure, "")
    by_goal = {goal: rows.to_dict("records") for goal, rows in record.groupby("goal")}
    rows = [row for goal in plan.goals for row in _rows(goal.id, by_goal.get(goal.id, []), plan)]
    return conform(pd.DataFrame(rows, columns=RESPONSIBILITIES.names), RESPONSIBILITIES)


def second_leads(confirmed: pd.DataFrame) -> list[Problem]:
    """Return a problem for each further leading unit of one goal in the record."""
    record = conform(confirmed, RESPONSIBILITY_RECORD.table).assign(line=file_lines(confirmed))
    return [
        _problem("two_leads", RESPONSIBILITY_RECORD.file, line, "unit", found=unit)
        for line, unit in record.loc[_second(record), ["line", "unit"]].itertuples(index=False)
    ]


def _second(record: pd.DataFrame) -> pd.Series:
    return (record["role"] == "lead") & record[["goal", "role"]].duplicated()


def _rows(goal: str, recorded: list[dict], plan: Plan) -> list[dict]:
    indicators = plan.indicators_of(goal)
    first = Counter(i.lead_units[0] for i in indicators if i.lead_units)
    involved = {unit for i in indicators for unit in i.lead_units}
    ordered = [unit.id for unit in plan.units if unit.id in involved]
    lead = max(ordered, key=lambda unit: first[unit], default="")
    led, named = any(r["role"] == "lead" for r in recorded), {r["unit"] for r in recorded}
    suggested = [
        {"unit": unit, "role": "lead" if unit == lead and not led else "support"}
        for unit in ordered
        if unit not in named
    ]
    rows = recorded + [{"goal": goal, "origin": "suggested", **row} for row in suggested]
    if not any(row["role"] == "lead" for row in rows):
        rows.append({"goal": goal, "unit": "", "role": "lead", "origin": "open"})
    return sorted(rows, key=lambda row: row["role"] != "lead")


def filed_schemes(schemes: pd.DataFrame, plan: Plan, *, as_of: str) -> pd.DataFrame:
    """Return for every unit with tasks whether its scheme of implementation (实施方案) is filed.

    Units that no indicator names have no tasks. One row a unit (contract ``FILINGS``) with its
    latest version; ``missing`` where none is. Filings after ``as_of`` are left out.
    """
    return _filings(conform(schemes, SCHEMES.table).assign(work_plan=""), plan, as_of, END_OF_TIME)


def filed_reports(
    reports: pd.DataFrame, plan: Plan, *, year: int, due: str, as_of: str
) -> pd.DataFrame:
    """Return for every unit with tasks whether its yearly report is there; see `filed_schemes`.

    A report after the day ``due`` is late, one after ``as_of`` not there yet.
    """
    table = conform(reports, UNIT_REPORTS.table)
    return _filings(table[table["year"] == year].assign(version=""), plan, as_of, due)


def _filings(filed: pd.DataFrame, plan: Plan, as_of: str, due: str) -> pd.DataFrame:
    filed = filed[filed["date"] <= as_of].sort_values("date", kind="stable")
    busy = {unit for indicator in plan.indicators for unit in indicator.lead_units}
    units = pd.DataFrame({"unit": [unit.id for unit in plan.units if unit.id in busy]}, dtype=str)
    latest = filed.drop_duplicates("unit", keep="last").rename(columns={"date": "filed_on"})
    table = units.merge(latest, how="left", on="unit")
    first = table["unit"].map(filed.drop_duplicates("unit").set_index("unit")["date"])
    states = [first.isna(), first.astype(object).where(first.notna(), "") > due]
    return conform(table.assign(filing=np.select(states, ["missing", "late"], "received")), FILINGS)

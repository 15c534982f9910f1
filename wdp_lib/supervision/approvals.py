"""The state of a report, bound to its figures by a hash of its tables."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.files import table_text
from wdp_lib.evaluation.verdicts import file_lines
from wdp_lib.supervision.tables import APPROVALS

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


@dataclass(frozen=True)
class Approval:
    """The state of a report.

    Parameters
    ----------
    state : {"draft", "reviewed", "approved"}
        Its state.
    body, date : str
        Body that gave the state and when; ``""`` for a draft that nobody submitted.
    reason : str
        Why it is a draft: ``never_submitted``, ``numbers_changed`` or empty.
    tables_hash : str
        Hash of the tables the state holds for.
    """

    state: str
    body: str
    date: str
    reason: str
    tables_hash: str


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
    count: the report is a draft again.

    Parameters
    ----------
    as_of : str
        Day (``YYYY-MM-DD``); later entries are left out.
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
    place = APPROVALS.file, int(row["line"])
    if row["body"] not in BODIES[row["state"]]:
        names = ", ".join(BODIES[row["state"]])
        expected = Text(f"{names} 之一", f"one of {names}")
        advice = Text("请由有权限的主体办理。", "Have it given by a body that may.")
        return Problem("wrong_approval_body", *place, "body", row["body"], expected, advice)
    same = last is not None and last["tables_hash"] == row["tables_hash"]
    if row["state"] != "approved" or same and last["state"] in ("reviewed", "approved"):
        return None
    return Problem(
        "approved_before_reviewed",
        *place,
        "state",
        Text("未经审核的批准", "an approval without a review"),
        Text("同一数据先经审核", "a review of the same figures before"),
        Text(
            "请先由监测组或评估组审核。",
            "Have the monitoring or the evaluation group review them first.",
        ),
    )

"""The state of a report: draft, reviewed, approved; bound to its figures by a hash of its tables."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.files import table_text
from wdp_lib.supervision.record_contracts import APPROVALS

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
    """Return the SHA-256 of the tables of a report, as they are written: any figure that is shown differently changes it."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        digest.update(f"{name}\n{table_text(tables[name])}\0".encode())
    return digest.hexdigest()


def approval_state(
    approvals: pd.DataFrame, report: str, tables: Mapping[str, pd.DataFrame], *, as_of: str
) -> tuple[Approval, list[Problem]]:
    """Return the state of a report and every entry that is refused.

    Refused are an approval of figures that nobody reviewed before, and a state given by a body that may not give it (``BODIES``). An
    entry for other figures than those of ``tables`` does not count: the report is a draft again.

    Parameters
    ----------
    approvals : pandas.DataFrame
        The record `approvals.csv`, in the order it was written.
    report : str
        Name of the report.
    tables : mapping of str to pandas.DataFrame
        The tables of the report as it stands.
    as_of : str
        Day (``YYYY-MM-DD``); later entries are left out.

    Raises
    ------
    WdpError
        When the table does not obey its contract.
    """
    table = conform(approvals, APPROVALS.table)
    lines = approvals["row"].tolist() if "row" in approvals else list(range(2, len(table) + 2))
    own = table.assign(line=lines)[(table["report"] == report) & (table["date"] <= as_of)]
    own = own.sort_values("date", kind="stable")
    good, problems = [], []
    for row in own.to_dict("records"):
        fault = _fault(row, good)
        problems.append(fault) if fault else good.append(row)
    return _state(good, tables_hash(tables)), problems


def _state(good: list[dict], now: str) -> Approval:
    if not good:
        return Approval("draft", "", "", "never_submitted", now)
    last = good[-1]
    if last["tables_hash"] != now:
        return Approval("draft", "", "", "numbers_changed", now)
    return Approval(last["state"], last["body"], last["date"], "", now)


def _fault(row: dict, before: list[dict]) -> Problem | None:
    if row["body"] not in BODIES[row["state"]]:
        names = ", ".join(BODIES[row["state"]])
        expected = Text(f"{names} 之一", f"one of {names}")
        advice = Text("请由有权限的主体办理。", "Have it given by a body that may.")
        return Problem(
            "wrong_approval_body",
            APPROVALS.file,
            int(row["line"]),
            "body",
            row["body"],
            expected,
            advice,
        )
    last = before[-1] if before else {"state": "draft", "tables_hash": ""}
    reviewed = (
        last["state"] in ("reviewed", "approved") and last["tables_hash"] == row["tables_hash"]
    )
    if row["state"] != "approved" or reviewed:
        return None
    expected = Text("同一数据先经审核", "a review of the same figures before")
    advice = Text(
        "请先由监测组或评估组审核。",
        "Have the monitoring or the evaluation group review them first.",
    )
    found = Text("未经审核的批准", "an approval without a review")
    return Problem(
        "approved_before_reviewed",
        APPROVALS.file,
        int(row["line"]),
        "state",
        found,
        expected,
        advice,
    )

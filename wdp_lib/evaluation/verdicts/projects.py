"""Projects of the plan (重点工程): every commitment with its number, its milestones and its evidence."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import RISKS, conform
from wdp_lib.core.errors import DataError, Problem, Text, suggestion
from wdp_lib.evaluation.verdicts.records import COMMITMENT_RECORD
from wdp_lib.evaluation.verdicts.rubrics import file_lines
from wdp_lib.evaluation.verdicts.tables import COMMITMENTS, PROJECTS
from wdp_lib.plan import Commitment, Plan

FIGURES = ("number", "coverage_word", "direction")  # kinds of commitment that the indicators judge
STATUSES = ("done", "under_way", "not_started", "missed", "not_assessable")


def project_status(
    plan: Plan, commitments_record: pd.DataFrame | None, risks: pd.DataFrame
) -> pd.DataFrame:
    """Say of every commitment of every project how it stands.

    A number, a full coverage or a direction stands as its indicators stand; one missed indicator means that it is missed. An
    activity is done when every recorded milestone is done with evidence; a commitment to so many systems or platforms when so
    many milestones are.

    Parameters
    ----------
    plan : Plan
        Projects and commitments.
    commitments_record : pandas.DataFrame or None
        What was recorded of milestones (contract ``COMMITMENT_RECORD``); the latest date of a milestone counts.
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``).

    Returns
    -------
    pandas.DataFrame
        One row a commitment, in the plan's order (contract ``COMMITMENTS``); none is left out.

    Raises
    ------
    DataError
        When the record names a commitment that the plan does not have; every such row is listed.
    WdpError
        When a table does not obey its contract.
    """
    given = (
        pd.DataFrame(columns=COMMITMENT_RECORD.table.names)
        if commitments_record is None
        else commitments_record
    )
    record = conform(given, COMMITMENT_RECORD.table)
    _check(record, file_lines(given), plan)
    record = record.sort_values("date", kind="stable").drop_duplicates(
        ["commitment", "milestone"], keep="last"
    )
    states = conform(risks, RISKS).set_index("indicator")["state"]
    rows = [
        _row(c, record[record["commitment"] == c.id].sort_index(), states, plan)
        for c in plan.commitments
    ]
    return conform(pd.DataFrame(rows, columns=COMMITMENTS.names), COMMITMENTS)


def _check(record: pd.DataFrame, lines: list[int], plan: Plan) -> None:
    known = [c.id for c in plan.commitments]
    expected = Text("规划中的承诺编号", "a commitment of the plan")
    problems = [
        Problem(
            "unknown_commitment",
            "commitments.csv",
            line,
            "commitment",
            name,
            expected,
            suggestion(name, known),
        )
        for line, name in zip(lines, record["commitment"], strict=True)
        if name not in known
    ]
    if problems:
        raise DataError(
            Text("承诺进展记录有误", "The record of commitments is not valid"), problems
        )


def _row(commitment: Commitment, record: pd.DataFrame, states: pd.Series, plan: Plan) -> dict:
    proven = record[(record["status"] == "done") & (record["evidence"].str.strip() != "")]
    status, reason = _status(commitment, record, len(proven), states)
    goal_value = _goal_value(commitment, plan)
    return {
        "commitment": commitment.id,
        "project": commitment.project,
        "kind": commitment.kind,
        "indicators": ";".join(commitment.indicators),
        "goals": ";".join(commitment.goals),
        "value": commitment.value,
        "goal_value": goal_value,
        "same_number": goal_value is None or goal_value == commitment.value,
        "milestones": len(record),
        "milestones_done": len(proven),
        "evidence": ";".join(dict.fromkeys(text for text in record["evidence"] if text.strip())),
        "status": status,
        "status_reason": reason,
    }


def _goal_value(commitment: Commitment, plan: Plan) -> float | None:
    """Return the number of the promise that a commitment restates: that of its first indicator with a number."""
    if commitment.kind not in FIGURES or commitment.value is None:
        return None
    values = [
        plan.indicator(i).target.value
        for i in commitment.indicators
        if plan.indicator(i).target.is_number
    ]
    return values[0] if values else None


def _status(
    commitment: Commitment, record: pd.DataFrame, proven: int, states: pd.Series
) -> tuple[str, str]:
    if commitment.kind in FIGURES and commitment.indicators:
        return _by_figures(states.loc[list(commitment.indicators)])
    if record.empty:
        return "not_assessable", "nothing_recorded"
    wanted = (
        int(commitment.value)
        if commitment.kind == "number_word" and commitment.value
        else len(record)
    )
    if proven >= wanted:
        return "done", ""
    if (record["status"] == "not_started").all():
        return "not_started", ""
    unproven = ((record["status"] == "done") & (record["evidence"].str.strip() == "")).any()
    return "under_way", "milestone_without_evidence" if unproven else ""


def _by_figures(states: pd.Series) -> tuple[str, str]:
    if (states == "not_attained").any():
        return "missed", "one_failed"
    if (states == "not_assessable").any():
        return "not_assessable", "incomplete_evidence" if (
            states == "not_assessable"
        ).all() else "met_so_far"
    return ("under_way", "one_nearly") if (states == "nearly").any() else ("done", "")


def project_summary(status: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Count the commitments of each project; a project is complete when every one of them is done.

    Parameters
    ----------
    status : pandas.DataFrame
        What `project_status` returned (contract ``COMMITMENTS``).
    plan : Plan
        The projects.

    Returns
    -------
    pandas.DataFrame
        One row a project, in the plan's order (contract ``PROJECTS``).

    Raises
    ------
    WdpError
        When the table does not obey its contract.
    """
    table = conform(status, COMMITMENTS)
    rows = []
    for project in plan.projects:
        own = table[table["project"] == project.id]
        counts = {name: int((own["status"] == name).sum()) for name in STATUSES}
        missed = ";".join(own.loc[own["status"] == "missed", "commitment"])
        complete = len(own) > 0 and counts["done"] == len(own)
        rows.append(
            {
                "project": project.id,
                "commitments": len(own),
                **counts,
                "complete": complete,
                "missed_commitments": missed,
            }
        )
    return conform(pd.DataFrame(rows, columns=PROJECTS.names), PROJECTS)

"""Projects of the plan (重点工程): every commitment with its number, milestones and evidence."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import RISKS, conform
from wdp_lib.core.errors import DataError, Problem, Text, suggestion
from wdp_lib.evaluation.verdicts.rubrics import file_lines
from wdp_lib.evaluation.verdicts.tables import COMMITMENT_RECORD, COMMITMENTS, PROJECTS
from wdp_lib.plan import Commitment, Plan

FIGURES = ("number", "coverage_word", "direction")  # kinds of commitment the indicators judge
STATUSES = ("done", "under_way", "not_started", "missed", "not_assessable")


def project_status(
    commitments_record: pd.DataFrame | None, risks: pd.DataFrame, plan: Plan
) -> pd.DataFrame:
    """Say of every commitment of every project how it stands.

    A number, a full coverage or a direction stands as its indicators stand; one missed indicator
    means that it is missed. An activity is done when every recorded milestone is done with
    evidence; a commitment to so many systems or platforms when so many milestones are.

    Parameters
    ----------
    commitments_record : pandas.DataFrame or None
        What was recorded of milestones (`COMMITMENT_RECORD`); the latest date of each counts.

    Returns
    -------
    pandas.DataFrame
        One row a commitment, in the plan's order (contract ``COMMITMENTS``); none is left out.

    Raises
    ------
    DataError
        When the record names a commitment that the plan does not have; every such row is listed.
    """
    given = commitments_record
    if given is None:
        given = pd.DataFrame(columns=COMMITMENT_RECORD.table.names)
    record = conform(given, COMMITMENT_RECORD.table).sort_values("date", kind="stable")
    _check(record.assign(line=file_lines(given)).sort_index(), plan)
    record = record.drop_duplicates(["commitment", "milestone"], keep="last").sort_index()
    record["proven"] = (record["status"] == "done") & (record["evidence"].str.strip() != "")
    states = conform(risks, RISKS).set_index("indicator")["state"]
    rows = [_row(c, record[record["commitment"] == c.id], states, plan) for c in plan.commitments]
    return conform(pd.DataFrame(rows, columns=COMMITMENTS.names), COMMITMENTS)


def _check(record: pd.DataFrame, plan: Plan) -> None:
    known = [c.id for c in plan.commitments]
    expected = Text("规划中的承诺编号", "a commitment of the plan")
    unknown = record[~record["commitment"].isin(known)]
    problems = [
        Problem(
            "unknown_commitment",
            COMMITMENT_RECORD.file,
            int(row.line),
            "commitment",
            row.commitment,
            expected,
            suggestion(row.commitment, known),
        )
        for row in unknown.itertuples()
    ]
    if problems:
        raise DataError(
            Text("承诺进展记录有误", "The record of commitments is not valid"), problems
        )


def _row(commitment: Commitment, record: pd.DataFrame, states: pd.Series, plan: Plan) -> dict:
    by_figures = commitment.kind in FIGURES
    targets = [plan.indicator(name).target for name in commitment.indicators]
    values = [target.value for target in targets if target.is_number]
    # the number of the target that the commitment restates: that of its first indicator with one
    restated = values[0] if by_figures and commitment.value is not None and values else None
    if by_figures and commitment.indicators:
        status, reason = _by_figures(states.loc[list(commitment.indicators)])
    else:
        status, reason = _by_milestones(commitment, record)
    return {
        **{"commitment": commitment.id, "project": commitment.project, "kind": commitment.kind},
        "indicators": ";".join(commitment.indicators),
        "goals": ";".join(commitment.goals),
        "value": commitment.value,
        "goal_value": restated,
        "same_number": restated is None or restated == commitment.value,
        "milestones": len(record),
        "milestones_done": int(record["proven"].sum()),
        "evidence": ";".join(dict.fromkeys(text for text in record["evidence"] if text.strip())),
        **{"status": status, "status_reason": reason},
    }


def _by_milestones(commitment: Commitment, record: pd.DataFrame) -> tuple[str, str]:
    if record.empty:
        return "not_assessable", "nothing_recorded"
    counted = commitment.kind == "number_word" and commitment.value
    if record["proven"].sum() >= (int(commitment.value) if counted else len(record)):
        return "done", ""
    if (record["status"] == "not_started").all():
        return "not_started", ""
    unproven = ((record["status"] == "done") & ~record["proven"]).any()
    return "under_way", "milestone_without_evidence" if unproven else ""


def _by_figures(states: pd.Series) -> tuple[str, str]:
    unknown = states == "not_assessable"
    if (states == "not_attained").any():
        return "missed", "one_failed"
    if unknown.any():
        return "not_assessable", "incomplete_evidence" if unknown.all() else "met_so_far"
    return ("under_way", "one_nearly") if (states == "nearly").any() else ("done", "")


def project_summary(status: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Count the commitments of each project; it is complete when every one of them is done.

    Returns
    -------
    pandas.DataFrame
        One row a project, in the plan's order (contract ``PROJECTS``).
    """
    table = conform(status, COMMITMENTS)
    projects = [project.id for project in plan.projects]
    counts = pd.crosstab(table["project"], table["status"])
    counts = counts.reindex(index=projects, columns=list(STATUSES), fill_value=0)
    missed = table[table["status"] == "missed"].groupby("project")["commitment"].agg(";".join)
    counts["commitments"] = counts.sum(axis=1)
    counts = counts.assign(
        complete=(counts["commitments"] > 0) & (counts["done"] == counts["commitments"]),
        missed_commitments=missed.reindex(projects),
    )
    return conform(counts.rename_axis("project").reset_index(), PROJECTS)

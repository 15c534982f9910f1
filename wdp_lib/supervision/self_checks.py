"""What units do before the county does it: check their return (自查), and evaluate themselves (自评)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from wdp_lib.core.columns import VERDICTS, conform
from wdp_lib.core.errors import Problem, Text
from wdp_lib.data.dataset import check_return
from wdp_lib.plan import Plan
from wdp_lib.supervision.record_contracts import SELF_EVALUATION
from wdp_lib.supervision.tables import DISAGREEMENTS, FINDINGS

_ORDER = ("not_attained", "nearly", "attained")


def self_check(
    path: Path | str, plan: Plan, *, dataset: str | Path, as_of: str, home: Path | str | None = None
) -> pd.DataFrame:
    """Check one return before it is sent, by the very rules that the county applies to it.

    Corrections, which only the county keeps, are not applied; conflicts with returns of other units show only when the county reads
    all of them.

    Parameters
    ----------
    path : path
        The return.
    plan : Plan
        The indicators.
    dataset : str or path
        The data set it will belong to: its areas, breaks and settings.
    as_of : str
        Day of the check (``YYYY-MM-DD``).
    home : path, optional
        Folder of the project.

    Returns
    -------
    pandas.DataFrame
        One row a finding (contract ``FINDINGS``), by row; empty when there is nothing to put right.

    Raises
    ------
    DataError
        When there is no such data set, or the file cannot be read at all.
    """
    return findings_of(
        check_return(path, dataset, plan, as_of=as_of, home=home).problems, Path(path).name
    )


def findings_of(problems: Iterable[Problem], file: str) -> pd.DataFrame:
    """Return the problems of one file (contract ``FINDINGS``), in the order they were found."""
    rows = [
        {
            **{name: getattr(p, name) for name in ("file", "row", "column", "rule", "severity")},
            "message_zh": p.message("zh"),
            "message_en": p.message("en"),
        }
        for p in problems
        if p.file == file
    ]
    return conform(pd.DataFrame(rows, columns=FINDINGS.names), FINDINGS)


def self_evaluation_gaps(
    claims: pd.DataFrame, verdicts: pd.DataFrame
) -> tuple[pd.DataFrame, list[Problem]]:
    """List where a unit's own verdict differs from the computed one.

    Parameters
    ----------
    claims : pandas.DataFrame
        The record `self_evaluation.csv`.
    verdicts : pandas.DataFrame
        Verdicts of the goals (contract ``VERDICTS``).

    Returns
    -------
    tuple of (pandas.DataFrame, list of Problem)
        One row a disagreement (contract ``DISAGREEMENTS``), over-claims first; a claim about a measure, or about a goal that cannot be
        assessed, is not comparable. And a problem for each claim of attainment without evidence.

    Raises
    ------
    WdpError
        When a table does not obey its contract.
    """
    table = conform(claims, SELF_EVALUATION.table)
    lines = claims["row"].tolist() if "row" in claims else list(range(2, len(table) + 2))
    computed = conform(verdicts, VERDICTS).set_index("goal")["verdict"].to_dict()
    rows = [_compared(row, computed) for row in table.to_dict("records")]
    rows = sorted(
        (row for row in rows if row["difference"]),
        key=lambda row: DIFFERENCES.index(row["difference"]),
    )
    bare = (table["claimed"].isin(["attained", "nearly"])) & (table["evidence"].str.strip() == "")
    problems = [_bare(lines[place], table.loc[place, "goal"]) for place in table.index[bare]]
    return conform(pd.DataFrame(rows, columns=DISAGREEMENTS.names), DISAGREEMENTS), problems


DIFFERENCES = ("over_claim", "under_claim", "not_comparable")


def _compared(row: dict, computed: dict[str, str]) -> dict:
    verdict = "" if row["measure"] else computed.get(row["goal"], "")
    return {**row, "computed": verdict, "difference": _difference(row["claimed"], verdict)}


def _difference(claimed: str, verdict: str) -> str:
    if claimed == verdict:
        return ""
    if claimed not in _ORDER or verdict not in _ORDER:
        return "not_comparable"
    return "over_claim" if _ORDER.index(claimed) > _ORDER.index(verdict) else "under_claim"


def _bare(line: int, goal: str) -> Problem:
    nothing, expected = (
        Text("空白", "nothing"),
        Text("佐证材料的名称或文号", "the title or number of a document"),
    )
    advice = Text(
        f"目标 {goal} 的自评请补充佐证材料。", f"Name the evidence of the claim about goal {goal}."
    )
    return Problem(
        "self_evaluation_without_evidence",
        SELF_EVALUATION.file,
        int(line),
        "evidence",
        nothing,
        expected,
        advice,
    )

"""What units do before their return is checked: check it (自查), and evaluate themselves (自评)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.core.columns import VERDICTS, conform
from wdp_lib.core.errors import Problem, Text
from wdp_lib.data.dataset import check_return
from wdp_lib.evaluation.verdicts.rubrics import file_lines
from wdp_lib.plan import Plan
from wdp_lib.supervision.record_contracts import SELF_EVALUATION
from wdp_lib.supervision.tables import DISAGREEMENTS, FINDINGS

_RANK = {"not_attained": 0, "nearly": 1, "attained": 2}
_DIFFERENCES = ("over_claim", "under_claim", "not_comparable")


def self_check(
    path: Path | str, plan: Plan, *, dataset: str | Path, as_of: str, home: Path | str | None = None
) -> pd.DataFrame:
    """Check one return before it is sent, by the very rules that are applied to it on receipt.

    Corrections are not applied; conflicts with returns of other units show only when all are read.

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
        One row a finding (contract ``FINDINGS``), by row; empty when nothing is to be put right.

    Raises
    ------
    DataError
        When there is no such data set, or the file cannot be read at all.
    """
    problems = check_return(path, dataset, plan, as_of=as_of, home=home).problems
    return findings_of(problems, Path(path).name)


def findings_of(problems: Iterable[Problem], file: str) -> pd.DataFrame:
    """Return the problems of one file (contract ``FINDINGS``), in the order they were found."""
    rows = [
        vars(p) | {"message_zh": p.message("zh"), "message_en": p.message("en")}
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
        One row a disagreement (contract ``DISAGREEMENTS``), over-claims first; a claim about a
        measure, or about a goal that cannot be assessed, is not comparable. And a problem for each
        claim of attainment without evidence.
    """
    table = conform(claims, SELF_EVALUATION.table).assign(line=file_lines(claims))
    computed = conform(verdicts, VERDICTS).set_index("goal")["verdict"]
    table["computed"] = table["goal"].map(computed).where(table["measure"] == "").fillna("")
    claimed, known = table["claimed"].map(_RANK), table["computed"].map(_RANK)
    comparable = claimed.notna() & known.notna()
    cases = [table["claimed"] == table["computed"], ~comparable, claimed > known]
    table["difference"] = np.select(cases, ["", "not_comparable", "over_claim"], "under_claim")
    gaps = table[table["difference"] != ""].sort_values(
        "difference", key=lambda column: column.map(_DIFFERENCES.index), kind="stable"
    )
    bare = table["claimed"].isin(["attained", "nearly"]) & (table["evidence"].str.strip() == "")
    return conform(gaps, DISAGREEMENTS), [_bare(row) for row in table[bare].itertuples()]


def _bare(row) -> Problem:
    return Problem(
        "self_evaluation_without_evidence",
        SELF_EVALUATION.file,
        int(row.line),
        "evidence",
        Text("空白", "nothing"),
        Text("佐证材料的名称或文号", "the title or number of a document"),
        Text(
            f"目标 {row.goal} 的自评请补充佐证材料。",
            f"Name the evidence of the claim about goal {row.goal}.",
        ),
    )

"""What units do before their return is checked: check it (自查), and evaluate themselves (自评)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.core.columns import VERDICTS, conform
from wdp_lib.core.errors import Problem, Text
from wdp_lib.data.dataset import check_return
from wdp_lib.evaluation.verdicts import file_lines
from wdp_lib.plan import Plan
from wdp_lib.supervision.tables import DISAGREEMENTS, FINDINGS, SELF_EVALUATION

_RANK = {"not_attained": 0, "nearly": 1, "attained": 2}
_DIFFERENCES = ("over_claim", "under_claim", "not_comparable")


def self_check(
    path: Path | str, plan: Plan, *, dataset: str | Path, as_of: str, home: Path | str | None = None
) -> pd.DataFrame:
    """Check one return before it is sent, by the very rules that are applied to it on receipt.

    Corrections are not applied; conflicts with returns of other units show only when all are read.
    ``dataset`` is the one it will belong to: its areas, breaks and settings.

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


def self_evaluation_gaps(claims: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """List where a unit's own verdict, `self_evaluation.csv`, differs from the computed one.

    Returns
    -------
    pandas.DataFrame
        One row a disagreement (contract ``DISAGREEMENTS``), over-claims first; a claim about a
        measure, or about a goal that cannot be assessed, is not comparable.
    """
    table = conform(claims, SELF_EVALUATION.table)
    computed = conform(verdicts, VERDICTS).set_index("goal")["verdict"]
    table["computed"] = table["goal"].map(computed).where(table["measure"] == "").fillna("")
    claimed, known = table["claimed"].map(_RANK), table["computed"].map(_RANK)
    comparable = claimed.notna() & known.notna()
    cases = [table["claimed"] == table["computed"], ~comparable, claimed > known]
    table["difference"] = np.select(cases, ["", "not_comparable", "over_claim"], "under_claim")
    gaps = table[table["difference"] != ""].sort_values(
        "difference", key=lambda column: column.map(_DIFFERENCES.index), kind="stable"
    )
    return conform(gaps, DISAGREEMENTS)


def claims_without_evidence(claims: pd.DataFrame) -> list[Problem]:
    """Return a problem for each claim of attainment in the record that names no evidence."""
    table = conform(claims, SELF_EVALUATION.table).assign(line=file_lines(claims))
    bare = table["claimed"].isin(["attained", "nearly"]) & (table["evidence"].str.strip() == "")
    expected = Text("佐证材料的名称或文号", "the title or number of a document")
    return [
        Problem(
            "self_evaluation_without_evidence",
            SELF_EVALUATION.file,
            row.line,
            "evidence",
            Text("空白", "nothing"),
            expected,
            Text(
                f"目标 {row.goal} 的自评请补充佐证材料。",
                f"Name the evidence of the claim about goal {row.goal}.",
            ),
        )
        for row in table[bare].itertuples()
    ]

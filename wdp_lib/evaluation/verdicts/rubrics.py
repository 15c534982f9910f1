"""Goals that no figure can judge (定性目标): items rated by a named role on evidence (佐证材料)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Problem, Text, suggestion
from wdp_lib.evaluation.verdicts.records import RUBRICS
from wdp_lib.plan import Plan

FILE = "rubrics.csv"


def check_rubrics(rubrics: pd.DataFrame, plan: Plan) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the items that may be judged by, and a problem for each that is refused.

    Refused are items without evidence, without the role of the assessor, with a goal that the plan does not have, or with a
    goal that is not qualitative: figures are not overruled by a rating.

    Parameters
    ----------
    rubrics : pandas.DataFrame
        Record of ratings (contract ``RUBRICS``), in the order of the file.
    plan : Plan
        The goals.

    Returns
    -------
    tuple of (pandas.DataFrame, list of Problem)
        The good items, of each goal and item the one of the latest date; and the problems, all of them.

    Raises
    ------
    WdpError
        When the table does not obey its contract.
    """
    table = conform(rubrics, RUBRICS.table)
    kinds = {goal.id: goal.kind for goal in plan.goals}
    lines = file_lines(rubrics)
    found = [
        _problems(line, row, kinds)
        for line, row in zip(lines, table.to_dict("records"), strict=True)
    ]
    good = table[np.array([not problems for problems in found], dtype=bool)]
    latest = (
        good.sort_values("date", kind="stable")
        .drop_duplicates(["goal", "item"], keep="last")
        .sort_index()
    )
    return latest.reset_index(drop=True), [problem for problems in found for problem in problems]


def file_lines(record: pd.DataFrame) -> list[int]:
    """Return the line of each row in its file, the header being line 1: as read, else by the order of the rows."""
    return [int(line) for line in (record["row"] if "row" in record else range(2, len(record) + 2))]


def _problems(line: int, row: dict, kinds: dict[str, str]) -> list[Problem]:
    found = []
    nothing = Text("空白", "nothing")
    if row["goal"] not in kinds:
        expected = Text("规划中的目标编号", "a goal of the plan")
        found.append(
            Problem(
                "unknown_goal",
                FILE,
                line,
                "goal",
                row["goal"],
                expected,
                suggestion(row["goal"], list(kinds)),
            )
        )
    elif kinds[row["goal"]] != "qualitative":
        expected = Text("定性目标", "a qualitative goal")
        advice = Text(
            "该目标按指标判定，请删去此行。",
            "This goal is judged by its indicators; delete the row.",
        )
        found.append(Problem("goal_has_figures", FILE, line, "goal", row["goal"], expected, advice))
    if not row["evidence"].strip():
        expected = Text("文件名称、文号或材料编号", "the title or number of a document")
        advice = Text(
            "请补充佐证材料，否则该目标无法判定。",
            "Name the evidence; without it the goal cannot be assessed.",
        )
        found.append(
            Problem("rubric_without_evidence", FILE, line, "evidence", nothing, expected, advice)
        )
    if not row["assessor_role"].strip():
        expected = Text("评定人的单位和职务", "unit and post of the assessor")
        advice = Text("请写明由谁评定。", "Say who rated the item.")
        found.append(
            Problem("rubric_without_role", FILE, line, "assessor_role", nothing, expected, advice)
        )
    return found


def rubric_verdicts(rubrics: pd.DataFrame, plan: Plan) -> dict[str, tuple[str, str, int, int]]:
    """Return verdict, reason, items with evidence and items in all of each goal that has a rating.

    All items must be done: one not done fails the goal, one done in part makes it nearly attained; a refused item leaves the goal
    not assessable.
    """
    good, problems = check_rubrics(rubrics, plan)
    table = conform(rubrics, RUBRICS.table)
    goals = dict(zip(file_lines(rubrics), table["goal"], strict=True))
    refused = {goals[problem.row] for problem in problems}
    result = {}
    for goal, items in table.groupby("goal", sort=False):
        levels = set(good.loc[good["goal"] == goal, "level"])
        counts = (int((good["goal"] == goal).sum()), int(items["item"].nunique()))
        result[str(goal)] = (*_verdict(levels, goal in refused), *counts)
    return result


def _verdict(levels: set[str], refused: bool) -> tuple[str, str]:
    if refused:
        return "not_assessable", "rubric_refused"
    if "not_done" in levels:
        return "not_attained", "rubric_not_done"
    return ("nearly", "rubric_partly") if "partly" in levels else ("attained", "rubric_done")

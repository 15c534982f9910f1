"""Goals that no figure can judge (定性目标): items rated by a named role on evidence (佐证材料)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Problem, Text, suggestion
from wdp_lib.evaluation.verdicts.tables import RUBRICS
from wdp_lib.plan import Plan

# what is refused: the column found wrong, what was expected, what to do
_REFUSALS = {
    "unknown_goal": ("goal", Text("规划中的目标编号", "a goal of the plan"), None),
    "goal_has_figures": (
        "goal",
        Text("定性目标", "a qualitative goal"),
        Text(
            "该目标按指标判定，请删去此行。",
            "This goal is judged by its indicators; delete the row.",
        ),
    ),
    "rubric_without_evidence": (
        "evidence",
        Text("文件名称、文号或材料编号", "the title or number of a document"),
        Text(
            "请补充佐证材料，否则该目标无法判定。",
            "Name the evidence; without it the goal cannot be assessed.",
        ),
    ),
    "rubric_without_role": (
        "assessor_role",
        Text("评定人的单位和职务", "unit and post of the assessor"),
        Text("请写明由谁评定。", "Say who rated the item."),
    ),
}


def check_rubrics(rubrics: pd.DataFrame, plan: Plan) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the items that may be judged by, and a problem for each that is refused.

    Refused are items without evidence, without the role of the assessor, with a goal that the plan
    does not have, or with a goal that is not qualitative: figures are not overruled by a rating.

    Returns
    -------
    tuple of (pandas.DataFrame, list of Problem)
        The good items, of each goal and item the one of the latest date; and all problems.
    """
    table, kinds = conform(rubrics, RUBRICS.table), {goal.id: goal.kind for goal in plan.goals}
    kind = table["goal"].map(kinds)
    tests = {
        "unknown_goal": kind.isna(),
        "goal_has_figures": kind.notna() & (kind != "qualitative"),
        "rubric_without_evidence": table["evidence"].str.strip() == "",
        "rubric_without_role": table["assessor_role"].str.strip() == "",
    }
    wrong = pd.DataFrame(tests)
    good = table[~wrong.any(axis=1)].sort_values("date", kind="stable")
    latest = good.drop_duplicates(["goal", "item"], keep="last").sort_index()
    problems, lines = [], file_lines(rubrics)
    for row, column in np.argwhere(wrong.to_numpy()):
        code = list(tests)[column]
        name, expected, advice = _REFUSALS[code]
        found = table[name].iloc[row]
        advice = advice or suggestion(found, list(kinds))
        found = found if name == "goal" else Text("空白", "nothing")
        problems.append(Problem(code, RUBRICS.file, lines[row], name, found, expected, advice))
    return latest.reset_index(drop=True), problems


def file_lines(record: pd.DataFrame) -> list[int]:
    """Return the line of each row in its file, the header being line 1: as read, else in order."""
    return [int(line) for line in (record["row"] if "row" in record else range(2, len(record) + 2))]


def rubric_verdicts(rubrics: pd.DataFrame, plan: Plan) -> dict[str, tuple[str, str, int, int]]:
    """Return verdict, reason, items with evidence and items in all of each goal with a rating.

    All items must be done: one not done fails the goal, one done in part makes it nearly attained;
    a refused item leaves the goal not assessable.
    """
    good, problems = check_rubrics(rubrics, plan)
    table = conform(rubrics, RUBRICS.table)
    goals = dict(zip(file_lines(rubrics), table["goal"], strict=True))
    refused = {goals[problem.row] for problem in problems}
    result = {}
    for goal, items in table.groupby("goal", sort=False):
        own = good[good["goal"] == goal]
        cases = {
            ("not_assessable", "rubric_refused"): goal in refused,
            ("not_attained", "rubric_not_done"): (own["level"] == "not_done").any(),
            ("nearly", "rubric_partly"): (own["level"] == "partly").any(),
            ("attained", "rubric_done"): True,
        }
        verdict = next(said for said, holds in cases.items() if holds)
        result[str(goal)] = (*verdict, len(own), int(items["item"].nunique()))
    return result

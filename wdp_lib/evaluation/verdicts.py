"""Verdicts on goals: all targets attained; where no figure can judge, rated items (定性目标)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.risks import class_probability
from wdp_lib.assessment.scheme import MET, STANDINGS
from wdp_lib.core.columns import RISKS, VERDICTS, conform
from wdp_lib.core.errors import ParameterError, Problem, suggestion
from wdp_lib.core.problems import templates
from wdp_lib.data.record_contracts import record_contract
from wdp_lib.plan import Plan

RUBRICS = record_contract("rubrics.csv")


STAGES = ("annual", "midterm", "final", "hindcast")
NOT_SEEN = (
    *("no_data", "no_target_year_value", "before_plan", "estimates_only", "no_baseline"),
    *("no_reference", "no_area_values"),
)  # reasons that say: the value is not there
_KNOWN = ["attained", "nearly", "not_attained"]
_UNRATED = ("not_assessable", "qualitative_goal", 0, 0)
# what the rating of a goal that no figure can judge is called before the plan is over
_UNDER_WAY = {"attained": "implemented", "nearly": "under_way", "not_attained": "not_started"}


def evaluate(
    risks: pd.DataFrame,
    plan: Plan,
    *,
    stage: str,
    rubrics: pd.DataFrame | None = None,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Give a verdict on each goal of a plan.

    A goal is judged by the targets that the goal itself sets (indicators whose ``origin`` is
    ``goal``); what strategies and projects add is set beside it (``all_verdict``). A goal stands
    where its worst target stands (`STANDINGS`), so that a hole in the data is never taken for
    success. No weight enters. A qualitative goal is judged by its rated items, all of which must be
    done, with evidence and the role of the assessor.

    Parameters
    ----------
    stage : {"annual", "midterm", "final", "hindcast"}
        The round. At ``final`` the outlook is empty, since the target year has come.
    rubrics : pandas.DataFrame, optional
        Ratings of the qualitative goals (`RUBRICS`); `check_rubrics` says which are refused.
    as_of : str, optional
        Cut-off ``YYYY-MM-DD``: ratings of a later date are left out.

    Returns
    -------
    pandas.DataFrame
        One row for each goal, in the plan's order (contract ``VERDICTS``); also goals without any
        indicator.

    Raises
    ------
    ParameterError
        When the stage is not known.
    """
    if stage not in STAGES:
        advice = suggestion(stage, list(STAGES))
        raise ParameterError.of(
            f"没有名为 {stage!r} 的评估阶段。{advice.zh}",
            f"There is no stage {stage!r}. {advice.en}",
        )
    pairs = pd.DataFrame(
        [(g.id, i.id, i.origin) for g in plan.goals for i in plan.indicators_of(g.id)],
        columns=["goal", "indicator", "origin"],
    )
    every = pairs.merge(conform(risks, RISKS), on="indicator", how="left", validate="m:1")
    goals = pd.DataFrame([(g.id, g.domain, g.kind) for g in plan.goals])
    goals = goals.set_axis(["goal", "domain", "kind"], axis=1).set_index("goal")
    table = _counted(goals, every[every["origin"] == "goal"])
    both = _standing(goals, every)
    table = table.assign(
        all_verdict=both["verdict"], all_hardest=both["hardest"], p_all_hardest=both["p"]
    )
    rated = {} if rubrics is None else rubric_verdicts(_until(rubrics, as_of), plan)
    for goal in table.index[table["kind"] == "qualitative"]:
        table.loc[goal, ["verdict", "verdict_reason", "n_evidence", "asked"]] = rated.get(
            goal, _UNRATED
        )
    if stage != "final":
        rated_now = table["kind"] == "qualitative"
        table["verdict"] = table["verdict"].mask(
            rated_now, table["verdict"].map(lambda said: _UNDER_WAY.get(said, said))
        )
    if stage == "final":
        nothing = {"outlook": "not_graded", "hardest_indicator": "", "all_hardest": ""}
        table = table.assign(**nothing, p_hardest=np.nan, p_all_hardest=np.nan)
    asked = table["asked"].astype(float)
    table["coverage"] = table["n_evidence"].astype(float) / asked.where(asked > 0)
    return conform(table.reset_index(), VERDICTS)


def _until(rubrics: pd.DataFrame, as_of: str | None) -> pd.DataFrame:
    table = conform(rubrics, RUBRICS.table).assign(row=file_lines(rubrics))
    return table if as_of is None else table[table["date"] <= as_of].reset_index(drop=True)


def _counted(goals: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Add the verdict, counts of targets by what is met now, and the hardest of those graded."""
    judged = targets[targets["target_kind"] != "monitor_only"]
    counts = pd.crosstab(judged["goal"], judged["state"])
    counts = counts.reindex(index=goals.index, columns=_KNOWN, fill_value=0).add_prefix("n_")
    found = _standing(goals, targets)
    doubtful = judged.loc[judged["evidence"] == "to_confirm", "goal"]
    return goals.join(counts).assign(
        n_indicators=targets.groupby("goal").size().reindex(goals.index, fill_value=0),
        n_judged=found["n"],
        n_not_assessable=found["n"] - counts.sum(axis=1),
        verdict=found["verdict"],
        verdict_reason=found["reason"],
        outlook=found["risk"].fillna("not_graded"),
        hardest_indicator=found["hardest"],
        p_hardest=found["p"],
        evidence=np.where(goals.index.isin(doubtful), "to_confirm", "confirmed"),
        simulated=goals.index.isin(targets.loc[targets["simulated"], "goal"]),
        n_evidence=counts.sum(axis=1),
        asked=found["n"],
    )


def _standing(goals: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Return where the worst target of each goal stands and why, and the least likely one."""
    judged = targets[targets["target_kind"] != "monitor_only"]
    place = judged["standing"].map(STANDINGS.index)
    of_goal = place.groupby(judged["goal"])
    worst, unknown = of_goal.min().reindex(goals.index), STANDINGS.index("not_assessable")
    verdict = worst.map(dict(enumerate(STANDINGS))).fillna("not_assessable")
    judged = judged.assign(p_class=class_probability(judged))
    graded = judged[judged["risk"] != "not_graded"].sort_values("p_class", kind="stable")
    hardest = graded.drop_duplicates("goal").set_index("goal").reindex(goals.index)
    unseen = judged["state_reason"].isin(NOT_SEEN).groupby(judged["goal"]).all()
    alike = of_goal.max().reindex(goals.index) == worst
    cases = {
        "no_indicator": worst.isna(),
        "no_data": (worst == unknown) & alike & unseen.reindex(goals.index).eq(True),
        "incomplete_evidence": (worst == unknown) & alike,
        "met_so_far": worst == unknown,
        "all_met": verdict.isin(MET),
        "one_nearly": verdict == "nearly",
        "one_failed": verdict == "not_attained",
    }
    return pd.DataFrame(
        {
            "n": of_goal.size().reindex(goals.index, fill_value=0),
            "verdict": verdict,
            "reason": np.select(list(cases.values()), list(cases), "worst_target"),
            "risk": hardest["risk"],
            "hardest": hardest["indicator"].fillna(""),
            "p": hardest["p_class"],
        }
    )


# what is refused: the column found wrong, what was expected, what to do
_problem = templates(__file__)
_REFUSED = {
    "unknown_goal": "goal",
    "goal_has_figures": "goal",
    "rubric_without_evidence": "evidence",
    "rubric_without_role": "assessor_role",
}


def check_rubrics(rubrics: pd.DataFrame, plan: Plan) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the items that may be judged by, and a problem for each that is refused.

    Refused are items without evidence, without the role of the assessor, with a goal that the plan
    does not have, or with a goal that is not qualitative: figures are not overruled by a rating.
    Returns the good items, of each goal and item the one of the latest date; and all problems.
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
        goal = table["goal"].iloc[row]
        fill = {"found": goal, "advice": suggestion(goal, list(kinds))}
        problems.append(_problem(code, RUBRICS.file, lines[row], _REFUSED[code], **fill))
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

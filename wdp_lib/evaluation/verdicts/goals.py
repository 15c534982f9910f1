"""The verdict on each goal: all of its promises must be kept."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import RISKS, VERDICTS, conform
from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.evaluation.verdicts.records import RUBRICS
from wdp_lib.evaluation.verdicts.rubrics import file_lines, rubric_verdicts
from wdp_lib.plan import Goal, Plan

STAGES = ("annual", "midterm", "final", "hindcast")
RISK_ORDER = ("red", "orange", "yellow", "blue", "clear", "not_graded")


def evaluate(
    risks: pd.DataFrame,
    plan: Plan,
    *,
    stage: str,
    rubrics: pd.DataFrame | None = None,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Give a verdict on each goal of a plan.

    A goal is judged by the promises that the goal itself makes (indicators whose ``origin`` is ``goal``); promises made only
    in a strategy or project are judged on their own in the risk table. One promise broken fails the goal. A goal is
    attained only when every one of its promises is, so that a hole in the data is never taken for success. No weight enters. A qualitative goal is
    judged by its rated items, all of which must be done, with evidence and the role of the assessor.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``).
    plan : Plan
        The goals.
    stage : {"annual", "midterm", "final", "hindcast"}
        The round. At ``final`` the outlook is empty, since the target year has come.
    rubrics : pandas.DataFrame, optional
        Ratings of the qualitative goals (contract ``RUBRICS``); `check_rubrics` says which are refused and why.
    as_of : str, optional
        Cut-off ``YYYY-MM-DD``: ratings of a later date are left out.

    Returns
    -------
    pandas.DataFrame
        One row for each goal, in the plan's order (contract ``VERDICTS``); also goals without any indicator.

    Raises
    ------
    ParameterError
        When the stage is not known.
    """
    if stage not in STAGES:
        advice = suggestion(stage, list(STAGES))
        raise ParameterError(
            Text(
                f"没有名为 {stage!r} 的评估阶段。{advice.zh}",
                f"There is no stage {stage!r}. {advice.en}",
            )
        )
    table = conform(risks, RISKS).set_index("indicator")
    rated = {} if rubrics is None else rubric_verdicts(_known(rubrics, as_of), plan)
    rows = [
        _verdict(goal, _promises(goal, plan, table), stage, rated.get(goal.id))
        for goal in plan.goals
    ]
    return conform(pd.DataFrame(rows, columns=VERDICTS.names), VERDICTS)


def _known(rubrics: pd.DataFrame, as_of: str | None) -> pd.DataFrame:
    table = conform(rubrics, RUBRICS.table).assign(row=file_lines(rubrics))
    return table if as_of is None else table[table["date"] <= as_of].reset_index(drop=True)


def _promises(goal: Goal, plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    own = [i.id for i in plan.indicators_of(goal.id) if i.origin == "goal"]
    return table.loc[own]


def _verdict(
    goal: Goal, promises: pd.DataFrame, stage: str, rated: tuple[str, str, int, int] | None
) -> dict:
    judged = promises[promises["target_kind"] != "monitor_only"]
    count = {
        state: int((judged["state"] == state).sum())
        for state in ("attained", "nearly", "not_attained")
    }
    verdict, reason, proven, asked = _rule(goal, len(judged), count, rated)
    hardest = _hardest(judged) if stage != "final" else None
    return {
        "goal": goal.id,
        "domain": goal.domain,
        "kind": goal.kind,
        "n_indicators": len(promises),
        "n_judged": len(judged),
        "n_attained": count["attained"],
        "n_nearly": count["nearly"],
        "n_not_attained": count["not_attained"],
        "n_not_assessable": len(judged) - sum(count.values()),
        "verdict": verdict,
        "verdict_reason": reason,
        "outlook": "not_graded" if hardest is None else hardest["risk"],
        "hardest_indicator": "" if hardest is None else hardest.name,
        "p_hardest": np.nan if hardest is None else hardest["p_meet"],
        "evidence": "to_confirm" if (judged["evidence"] == "to_confirm").any() else "confirmed",
        "simulated": bool(promises["simulated"].any()),
        "n_evidence": proven,
        "coverage": proven / asked if asked else np.nan,
    }


def _rule(
    goal: Goal, judged: int, count: dict[str, int], rated: tuple[str, str, int, int] | None
) -> tuple[str, str, int, int]:
    """Return verdict, reason, promises or items with evidence, and how many ask for it."""
    if goal.kind == "qualitative":
        return rated or ("not_assessable", "qualitative_goal", 0, 0)
    return (*_by_promises(judged, count), sum(count.values()), judged)


def _by_promises(judged: int, count: dict[str, int]) -> tuple[str, str]:
    if judged == 0:
        return "not_assessable", "no_indicator"
    if count["not_attained"]:
        return "not_attained", "one_failed"
    if sum(count.values()) < judged:
        return "not_assessable", "met_so_far" if sum(count.values()) else "incomplete_evidence"
    return ("nearly", "one_nearly") if count["nearly"] else ("attained", "all_met")


def _hardest(judged: pd.DataFrame) -> pd.Series | None:
    """Return the graded promise with the lowest probability, ties broken by the plan's order."""
    graded = judged[judged["risk"] != "not_graded"]
    return None if graded.empty else graded.loc[graded["p_meet"].idxmin()]

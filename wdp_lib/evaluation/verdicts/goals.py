"""The verdict on each goal: all of its targets must be attained."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import RISKS, VERDICTS, conform
from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.evaluation.verdicts.rubrics import file_lines, rubric_verdicts
from wdp_lib.evaluation.verdicts.tables import RUBRICS
from wdp_lib.plan import Plan

STAGES = ("annual", "midterm", "final", "hindcast")
_KNOWN = ["attained", "nearly", "not_attained"]
_UNRATED = ("not_assessable", "qualitative_goal", 0, 0)


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
    ``goal``); targets set only in a strategy or project are judged on their own in the risk table.
    One target missed fails the goal. A goal is attained only when every one of its targets is, so
    that a hole in the data is never taken for success. No weight enters. A qualitative goal is
    judged by its rated items, all of which must be done, with evidence and the role of the
    assessor.

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
        raise ParameterError(
            Text(
                f"没有名为 {stage!r} 的评估阶段。{advice.zh}",
                f"There is no stage {stage!r}. {advice.en}",
            )
        )
    pairs = [(g.id, i.id) for g in plan.goals for i in plan.indicators_of(g.id)]
    own = pd.DataFrame(
        [(g, i) for g, i in pairs if plan.indicator(i).origin == "goal"],
        columns=["goal", "indicator"],
    )
    targets = conform(risks, RISKS).set_index("indicator").loc[own["indicator"]].reset_index()
    targets.insert(0, "goal", own["goal"])
    rows = pd.DataFrame([(g.id, g.domain, g.kind) for g in plan.goals])
    table = _counted(rows.set_axis(["goal", "domain", "kind"], axis=1).set_index("goal"), targets)
    table[["verdict", "verdict_reason"]] = _by_targets(table)
    rated = {} if rubrics is None else rubric_verdicts(_until(rubrics, as_of), plan)
    for goal in table.index[table["kind"] == "qualitative"]:
        table.loc[goal, ["verdict", "verdict_reason", "n_evidence", "asked"]] = rated.get(
            goal, _UNRATED
        )
    if stage == "final":
        table = table.assign(outlook="not_graded", hardest_indicator="", p_hardest=np.nan)
    asked = table["asked"].astype(float)
    table["coverage"] = table["n_evidence"].astype(float) / asked.where(asked > 0)
    return conform(table.reset_index(), VERDICTS)


def _until(rubrics: pd.DataFrame, as_of: str | None) -> pd.DataFrame:
    table = conform(rubrics, RUBRICS.table).assign(row=file_lines(rubrics))
    return table if as_of is None else table[table["date"] <= as_of].reset_index(drop=True)


def _counted(goals: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Add counts of targets by state, and the graded target with the lowest probability."""
    judged = targets[targets["target_kind"] != "monitor_only"]
    counts = pd.crosstab(judged["goal"], judged["state"])
    counts = counts.reindex(index=goals.index, columns=_KNOWN, fill_value=0).add_prefix("n_")
    n = judged.groupby("goal").size().reindex(goals.index, fill_value=0)
    graded = judged[judged["risk"] != "not_graded"].sort_values("p_meet", kind="stable")
    hardest = graded.drop_duplicates("goal").set_index("goal").reindex(goals.index)
    doubtful = judged.loc[judged["evidence"] == "to_confirm", "goal"]
    return goals.join(counts).assign(
        n_indicators=targets.groupby("goal").size().reindex(goals.index, fill_value=0),
        n_judged=n,
        n_not_assessable=n - counts.sum(axis=1),
        outlook=hardest["risk"].fillna("not_graded"),
        hardest_indicator=hardest["indicator"].fillna(""),
        p_hardest=hardest["p_meet"],
        evidence=np.where(goals.index.isin(doubtful), "to_confirm", "confirmed"),
        simulated=goals.index.isin(targets.loc[targets["simulated"], "goal"]),
        n_evidence=counts.sum(axis=1),
        asked=n,
    )


def _by_targets(table: pd.DataFrame) -> np.ndarray:
    cases = {
        ("not_assessable", "no_indicator"): table["n_judged"] == 0,
        ("not_attained", "one_failed"): table["n_not_attained"] > 0,
        ("not_assessable", "incomplete_evidence"): table["n_evidence"] == 0,
        ("not_assessable", "met_so_far"): table["n_not_assessable"] > 0,
        ("nearly", "one_nearly"): table["n_nearly"] > 0,
    }
    said = [*cases, ("attained", "all_met")]
    chosen = np.select(list(cases.values()), range(len(cases)), len(cases))
    return np.array(said, dtype=object)[chosen]

"""What the reports of the rounds show: the year, the end, the look back, the next stage, and what a round was bound to."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.evaluation.rounds.next_stage import NextStage
from wdp_lib.evaluation.rounds.rounds import FrozenScheme
from wdp_lib.evaluation.rounds.tables import (
    ANNUAL,
    BRIEF,
    CHANGES,
    DRAFT,
    FINALS,
    HISTORY,
    INTERVALS,
    LOOK_BACK,
    NEEDED,
    WARNED,
)
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import probability
from wdp_lib.publish.views.contract_table import contract_table
from wdp_lib.publish.views.show import Table, Tables

SHORT = {
    "indicator": Text("指标", "indicator"),
    "goal": Text("目标", "goal"),
    "goals": Text("目标", "goals"),
    "state": Text("判定", "verdict"),
    "state_reason": Text("说明", "why"),
    "reason": Text("说明", "why"),
    "risk": Text("预警", "warning"),
    "units": Text("责任单位（建议）", "responsible units (suggested)"),
    "official": Text("官方结论", "published verdict"),
    "difference": Text("不一致的原因", "why it differs"),
    "outcome_reason": Text("说明", "why"),
    "p_meet": Text("达标概率", "probability"),
    "problem": Text("问题", "problem"),
    "within_80": Text("落入 80% 区间", "inside the 80 % interval"),
}


def _table(
    frame: pd.DataFrame, contract, plan: Plan, cells: dict[str, str], caption: Text, language: str
) -> Table:
    return contract_table(
        frame, contract, plan, cells, caption=caption, language=language, headings=SHORT
    )


def annual_chapters(table: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Tables:
    """Show the year, one table a domain: value, change, distance, state, warning and state of the data of every indicator.

    Parameters
    ----------
    table : pandas.DataFrame
        From `wdp_lib.annual_table`.
    """
    cells = {
        "goal": "goal",
        "indicator": "indicator",
        "value": "quantity",
        "previous_year": "text",
        "change": "value",
        "distance": "value",
        "state": "word:state",
        "state_reason": "word:reason",
        "risk": "word:risk_short",
        "data_status": "word:data_status",
    }
    return Tables(
        tuple(
            _table(table[table["domain"] == d.id], ANNUAL, plan, cells, d.name, language)
            for d in plan.domains
        )
    )


def final_table(
    finals: pd.DataFrame, plan: Plan, *, language: str = "zh", published: bool = True
) -> Table:
    """Show the final verdict on each promise and, where there is one, the published verdict beside it.

    Parameters
    ----------
    finals : pandas.DataFrame
        From `wdp_lib.final_verdicts`.
    published : bool
        Whether the columns of the published verdicts are shown.
    """
    cells = {
        "indicator": "indicator",
        "baseline_value": "value",
        "last_year": "text",
        "last_value": "value",
        "target_lower": "value",
        "target_upper": "value",
        "state": "word:state",
        "state_reason": "word:reason",
        "direction": "word:direction_verdict",
        "direction_by": "word:direction_by",
    }
    pooled = [plan.indicator(name).data_kind == "rare_rate" for name in finals["indicator"]]
    judged = (
        pd.Series(pooled, finals.index)
        & (finals["state_reason"] == "")
        & (finals["state"] != "not_assessable")
    )
    finals = finals.assign(state_reason=finals["state_reason"].mask(judged, "pooled_years"))
    beside = {
        "outcome_year": "text",
        "outcome_value": "value",
        "official": "word:official",
        "agreement": "word:agreement",
        "difference": "word:difference",
    }
    return _table(
        finals,
        FINALS,
        plan,
        cells | (beside if published else {}),
        Text("逐项终期判定", "Final verdicts"),
        language,
    )


def look_back_table(table: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show what an earlier round said of each promise and what came.

    Parameters
    ----------
    table : pandas.DataFrame
        From `wdp_lib.look_back`.
    """
    cells = {
        "indicator": "indicator",
        "risk": "word:risk_short",
        "p_meet": "probability",
        "forecast_lower": "value",
        "forecast_median": "value",
        "forecast_upper": "value",
        "observed": "value",
        "outcome": "word:result",
        "outcome_reason": "word:reason",
    }
    caption = Text("当时的预测和预警与后来的结果", "What was forecast and warned of, and what came")
    return _table(table, LOOK_BACK, plan, cells, caption, language)


def warned_table(table: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show how many of the promises of each class were kept in the end.

    Parameters
    ----------
    table : pandas.DataFrame
        From `wdp_lib.warned_and_met`.
    """
    whole = dict.fromkeys(("met", "not_met", "unknown"), "whole")
    cells = {"risk": "word:risk_short", "warned": "yes_no", **whole, "brier": "number"}
    return _table(
        table,
        WARNED,
        plan,
        cells,
        Text("当时的等级与结果（项）", "Classes then, and outcomes"),
        language,
    )


def interval_table(table: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show how many values of each number of years ahead fell inside their intervals."""
    cells = {"years_ahead": "whole", "n": "whole", "within_80": "whole", "within_95": "whole"}
    return _table(
        table,
        INTERVALS,
        plan,
        cells,
        Text("预测区间的检验（个）", "Intervals tested (values)"),
        language,
    )


def history_table(history: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show every former verdict on each promise, from the archive."""
    cells = {
        "indicator": "indicator",
        "round": "text",
        "as_of": "text",
        "state": "word:state",
        "risk": "word:risk_short",
        "p_meet": "probability",
    }
    return _table(
        history, HISTORY, plan, cells, Text("历次判定", "Verdicts of former rounds"), language
    )


def next_stage_tables(stage: NextStage, plan: Plan, *, language: str = "zh") -> Tables:
    """Show the change needed each year from now on, and the draft of indicators for the next plan.

    Parameters
    ----------
    stage : NextStage
        From `wdp_lib.next_stage`.
    """
    needed = {
        "indicator": "indicator",
        "goals": "goals",
        "problem": "word:problem",
        "last_year": "text",
        "last_value": "value",
        "line": "value",
        "years": "whole",
        "needed_per_year": "number",
        "change_per_year": "number",
        "units": "units",
        "reason": "word:reason",
    }
    draft = {
        "indicator": "indicator",
        "goals": "goals",
        "last_value": "value",
        "state": "word:state",
        "proposal": "word:draft_proposal",
    }
    return Tables(
        (
            _table(
                stage.needed,
                NEEDED,
                plan,
                needed,
                Text("今后每年须变化", "Change needed each year"),
                language,
            ),
            _table(
                stage.draft,
                DRAFT,
                plan,
                draft,
                Text("下一规划指标初步建议", "Draft for the next plan"),
                language,
            ),
        )
    )


def brief_table(table: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the brief of a meeting: new warnings, overdue data, open problems."""
    cells = {
        "kind": "word:brief",
        "indicator": "indicator",
        "before": "word:risk_short",
        "now": "word:risk_short",
        "last_year": "text",
        "due": "text",
        "units": "units",
    }
    return _table(table, BRIEF, plan, cells, Text("会议简报", "Brief for the meeting"), language)


def scheme_change_table(changes: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the settings that are not what they were when the scheme was frozen."""
    cells = {"setting": "text", "frozen": "text", "now": "text"}
    caption = Text("评估方案冻结以来的改动", "Changes since the scheme was frozen")
    return _table(changes, CHANGES, plan, cells, caption, language)


def frozen_facts(frozen: FrozenScheme) -> dict[str, object]:
    """Return the fingerprint a report prints, so that a later change of a threshold shows."""
    return {"scheme_fingerprint": frozen.sha256[:16], "n_settings": len(frozen.settings)}


def look_back_facts(table: pd.DataFrame, language: str) -> dict[str, object]:
    """Return how the earlier round did: promises with an outcome, warned and missed, not warned and met, mean squared error."""
    known = table[table["outcome"] != "unknown"]
    missed = known["outcome"] == "not_met"
    scored = table["brier"].dropna()
    inside = table["within_80"].dropna()
    return {
        "n_known": len(known),
        "n_unknown": int((table["outcome"] == "unknown").sum()),
        "n_missed": int(missed.sum()),
        "n_missed_warned": int((missed & known["warned"]).sum()),
        "n_warned": int(known["warned"].sum()),
        "n_met_warned": int((~missed & known["warned"]).sum()),
        "n_scored": len(scored),
        "brier": "—" if scored.empty else f"{scored.mean():.3f}",
        "inside": "—" if inside.empty else f"{int(inside.sum())}/{len(inside)}",
        "mean_p": probability(float(table.loc[scored.index, "p_meet"].mean()), language)
        if len(scored)
        else "—",
    }


COMPARED = Text(
    "与官方公布结论可以比较的 {n_compared} 项，一致 {n_agree} 项，不一致 {n_differ} 项，原因逐项列出。",
    "{n_compared} verdicts can be set beside a published one: {n_agree} agree, {n_differ} differ; each difference is explained.",
)


def final_facts(finals: pd.DataFrame, language: str) -> dict[str, object]:
    """Return the counts of final verdicts, and the sentence on the published ones where there are any."""
    counts = {
        f"n_{s}": int((finals["state"] == s).sum())
        for s in ("attained", "nearly", "not_attained", "not_assessable")
    }
    compared = finals[finals["agreement"] != "not_compared"]
    agree = int((compared["agreement"] == "agrees").sum())
    said = COMPARED.in_language(language).format(
        n_compared=len(compared), n_agree=agree, n_differ=len(compared) - agree
    )
    return {
        **counts,
        "n_promises": len(finals),
        "n_no_target_year": int((finals["state_reason"] == "no_target_year_value").sum()),
        "published_line": said if len(compared) else "",
    }


def annual_facts(table: pd.DataFrame, plan: Plan, language: str) -> dict[str, object]:
    """Return what the year brought: indicators with a value, due and missing, better and worse than the value before."""
    rows = table[table["indicator"] != ""].drop_duplicates("indicator")
    better = {i.id: i.target.improving for i in plan.indicators}
    moved = rows["change"] * rows["indicator"].map(better).fillna(0)
    return {
        "n_year": int(rows["value"].notna().sum()),
        "n_missing_year": int((rows["data_status"] == "missing").sum()),
        "n_not_due": int((rows["data_status"] == "not_due").sum()),
        "n_better": int((moved > 0).sum()),
        "n_worse": int((moved < 0).sum()),
        "n_goals_without": int(table.loc[table["indicator"] == "", "goal"].nunique()),
    }


def project_facts(projects: pd.DataFrame, status: pd.DataFrame) -> dict[str, object]:
    """Return how many commitments of the projects stand where, and how many projects are complete."""
    counts = {
        f"n_{name}": int((status["status"] == name).sum())
        for name in ("done", "under_way", "not_started", "missed", "not_assessable")
    }
    return {
        **counts,
        "n_commitments": len(status),
        "n_projects": len(projects),
        "n_complete": int(projects["complete"].sum()),
        "n_other_number": int((~status["same_number"]).sum()),
    }


def scope_text(
    scope: Plan, language: str, *, domain: str, project: str, goals: str, area: str
) -> str:
    """Return in words what special supervision looks at."""
    parts = []
    if domain:
        parts.append(scope.domain(domain).name.in_language(language))
    if project:
        parts.append(scope.project(project).name.in_language(language))
    if goals:
        parts.append(goals.replace(";", "、" if language == "zh" else ", "))
    if area:
        parts.append(scope.area_name.in_language(language))
    counted = Text(
        f"{len(scope.goals)} 项目标、{len(scope.indicators)} 项指标",
        f"{len(scope.goals)} goals, {len(scope.indicators)} indicators",
    )
    joined = {"zh": "，"}.get(language, ", ").join(parts)
    return f"{joined}（{counted.zh}）" if language == "zh" else f"{joined} ({counted.en})"

"""What a report shows of the evaluation beside the verdicts: domains, projects, needs in numbers, key indicators, proposals."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.evaluation.verdicts.tables import COMMITMENTS, DOMAINS, KEY_INDICATORS, NEEDS, PROJECTS
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import number, quantity
from wdp_lib.publish.views.contract_table import contract_table
from wdp_lib.publish.views.report_tables import heading, name_of
from wdp_lib.publish.views.show import Table

NEED = {
    "caption": Text("补齐差距需要做多少", "What closing the gap would take"),
    "measures": Text("规划中的策略措施", "measures of the plan"),
    "change": Text("分子须增减", "numerator: more or fewer"),
    "yearly": Text("平均每年", "a year"),
    "of": Text("分母（最新）", "denominator (latest)"),
    "line": Text("目标线", "line"),
    "what": Text("所数对象", "what is counted"),
}
PROPOSAL = {
    "caption": Text("对策建议（各单位提出）", "Countermeasures proposed"),
    "text": Text("建议", "proposal"),
    "by": Text("提出单位", "proposed by"),
    "round": Text("轮次", "round"),
    "standing": Text("现况", "standing"),
}


def domain_table(summary: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the goals and indicators of each domain by verdict and colour; every failed goal is named."""
    whole = (
        "goals",
        "attained",
        "nearly",
        "not_attained",
        "not_assessable",
        "red",
        "orange",
        "yellow",
        "volatile",
    )
    cells = {"domain": "domain", **dict.fromkeys(whole, "whole"), "failed_goals": "goals"}
    caption = Text("各领域目标判定与预警（项）", "Goals and warnings by domain (number)")
    return contract_table(
        conform(summary, DOMAINS), DOMAINS, plan, cells, caption=caption, language=language
    )


def key_indicator_table(keys: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the key indicators, why each is one, and who is responsible."""
    cells = {
        "indicator": "indicator",
        "goals": "goals",
        "why": "word:key_reason",
        "units": "units",
        "frequency": "word:frequency",
    }
    caption = Text("重点监测指标", "Key indicators")
    return contract_table(
        conform(keys, KEY_INDICATORS),
        KEY_INDICATORS,
        plan,
        cells,
        caption=caption,
        language=language,
    )


def commitment_table(status: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show every commitment of every project in its own words, how it stands, and with which evidence."""
    status = conform(status, COMMITMENTS)
    wording = {c.id: c.wording.in_language(language) for c in plan.commitments}
    rows = status.assign(commitment=[f"{name} {wording[name]}" for name in status["commitment"]])
    cells = {
        "project": "project",
        "commitment": "text",
        "kind": "word:commitment_kind",
        "indicators": "indicators",
        "status": "word:commitment_status",
        "status_reason": "word:reason",
        "evidence": "text",
    }
    headings = {"project": Text("工程", "project"), "commitment": Text("承诺", "commitment")}
    caption = Text("重点工程承诺逐项", "Commitments of the projects")
    return contract_table(
        rows, COMMITMENTS, plan, cells, caption=caption, language=language, headings=headings
    )


def project_table(summary: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show how many commitments of each project stand where; complete only when every one is done."""
    whole = ("commitments", "done", "under_way", "not_started", "missed", "not_assessable")
    cells = {
        "project": "project",
        **dict.fromkeys(whole, "whole"),
        "complete": "yes_no",
        "missed_commitments": "goals",
    }
    headings = {"project": Text("工程", "project")}
    caption = Text("重点工程完成情况（项）", "Projects (number of commitments)")
    return contract_table(
        conform(summary, PROJECTS),
        PROJECTS,
        plan,
        cells,
        caption=caption,
        language=language,
        headings=headings,
    )


def need_table(needed: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show for each goal in danger the measures of the plan, who is responsible, and the number that would close the gap."""
    needed = conform(needed, NEEDS)
    rows = [_need_row(row, plan, language) for row in needed.itertuples()]
    return Table(pd.DataFrame(rows), NEED["caption"].in_language(language))


def _need_row(row, plan: Plan, language: str) -> dict[str, str]:
    entry = plan.indicator(row.indicator)
    join = {"zh": "、"}.get(language, ", ").join
    known = pd.notna(row.change)
    return {
        heading("goal", language): f"{row.goal} {plan.goal(row.goal).title.in_language(language)}",
        heading("indicator", language): name_of(row.indicator, plan, language),
        heading("last", language): "—"
        if pd.isna(row.last_value)
        else f"{quantity(row.last_value, entry.unit, language)}（{row.last_year}）",
        NEED["line"].in_language(language): "—"
        if pd.isna(row.line)
        else number(row.line, entry.unit),
        NEED["change"].in_language(language): f"{row.change:+,.0f}"
        if known
        else word("reason", row.reason, language) or "—",
        NEED["yearly"].in_language(language): f"{row.change_per_year:+,.0f}" if known else "—",
        NEED["of"].in_language(language): "—"
        if pd.isna(row.denominator)
        else f"{row.denominator:,.0f}",
        NEED["what"].in_language(language): entry.numerator.in_language(language) or "—",
        NEED["measures"].in_language(language): join(
            f"{name} {plan.measure(name).title.in_language(language)}"
            for name in row.measures.split(";")
            if name
        ),
        heading("units", language): join(
            plan.unit(u).name.in_language(language) for u in row.units.split(";") if u
        ),
    }


def proposal_table(proposals: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the proposals made so far, also those whose goal is no longer in danger.

    Parameters
    ----------
    proposals : pandas.DataFrame
        From `wdp_lib.carry_proposals`.
    """
    rows = [
        {
            heading(
                "goal", language
            ): f"{row.goal} {plan.goal(row.goal).title.in_language(language)}",
            PROPOSAL["text"].in_language(language): row.proposal,
            PROPOSAL["by"].in_language(language): row.proposed_by,
            PROPOSAL["round"].in_language(language): row.round,
            PROPOSAL["standing"].in_language(language): word("standing", row.standing, language),
        }
        for row in proposals.itertuples()
    ]
    return Table(pd.DataFrame(rows), PROPOSAL["caption"].in_language(language))

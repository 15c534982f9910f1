"""What a report shows of supervision: the register, letters to units, marks, spot checks, claims, filings."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from wdp_lib.comparison.groups.completeness_tables import GROUP_COMPLETENESS
from wdp_lib.core.errors import Problem, Text
from wdp_lib.plan import Plan
from wdp_lib.publish.views.contract_table import contract_table
from wdp_lib.publish.views.show import Prose, Table
from wdp_lib.supervision.letters import Letter
from wdp_lib.supervision.tables import (
    DEADLINES,
    DISAGREEMENTS,
    ERROR_RATE,
    FILINGS,
    REGISTER,
    RESPONSIBILITIES,
    SPOT_CHECKS,
    UNIT_SCORES,
)

SCHEMES_CAPTION = Text("实施方案备案情况", "Implementation schemes filed")
REPORTS_CAPTION = Text("年度报告报送情况", "Yearly reports filed")
SHORT = {
    "indicator": Text("指标", "indicator"),
    "goals": Text("目标", "goals"),
    "goal": Text("目标", "goal"),
    "units": Text("责任单位（建议）", "responsible units (suggested)"),
    "level": Text("立项颜色", "colour when opened"),
    "level_now": Text("现颜色", "colour now"),
    "state": Text("办理状态", "state"),
    "measure": Text("策略措施", "measure"),
}


def _table(
    frame: pd.DataFrame, contract, plan: Plan, cells: dict[str, str], caption: Text, language: str
) -> Table:
    return contract_table(
        frame, contract, plan, cells, caption=caption, language=language, headings=SHORT
    )


def register_table(register: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the warning register: each item with its unit, what is wanted by when, answer, re-check and state.

    Parameters
    ----------
    register : pandas.DataFrame
        From `wdp_lib.update_register`.
    """
    cells = {
        "indicator": "indicator",
        "units": "units",
        "rule": "word:warning_rule",
        "level": "word:warning_level",
        "level_now": "word:warning_level",
        "opened_on": "text",
        "due": "text",
        "answered_on": "text",
        "recheck": "word:recheck",
        "closed_on": "text",
        "evidence": "text",
        "state": "word:register_state",
    }
    return _table(
        register, REGISTER, plan, cells, Text("预警督办台账", "Warning register"), language
    )


def register_facts(register: pd.DataFrame) -> dict[str, object]:
    """Return how many items stand where."""
    states = {
        f"n_{state}": int((register["state"] == state).sum())
        for state in ("open", "overdue", "answered", "cleared", "closed")
    }
    return {
        "n_items": len(register),
        **states,
        "n_not_closed": int((register["state"] != "closed").sum()),
    }


def letter_prose(letter: Letter, *, language: str = "zh") -> Prose:
    """Return a letter as text: what was found, in figures, what is wanted by when, and the fields to fill in and sign."""
    items = []
    for number, row in enumerate(letter.items.to_dict("records"), 1):
        said = [row[f"{part}_{language}"] for part in ("name", "finding", "figures", "wanted")]
        items.append(
            f"{number}. **{said[0]}**（{row['warning']}）：{said[1]}；{said[2]}。{said[3]}（{row['due']}）"
        )
    head = [
        f"### {letter.title.in_language(language)}",
        letter.addressee.in_language(language),
        letter.opening.in_language(language),
    ]
    fields = "\n".join(f"- {field.in_language(language)}：＿＿＿＿＿＿" for field in letter.fields)
    return Prose(
        "\n\n".join(
            [
                *head,
                "\n".join(items),
                letter.demand.in_language(language),
                fields,
                letter.sender.in_language(language),
            ]
        )
    )


def unit_score_table(scores: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the three marks of each unit side by side; they are never added up."""
    whole = ("judged", "attained", "nearly", "not_attained", "within_noise", "not_assessable")
    cells = {
        "unit": "units",
        **dict.fromkeys(whole, "whole"),
        "attainment": "share",
        "values_due": "whole",
        "values_on_time": "whole",
        "timeliness": "share",
        "rows_returned": "whole",
        "rows_faulty": "whole",
        "quality": "share",
        "warnings_open": "whole",
        "warnings_overdue": "whole",
    }
    return _table(
        scores,
        UNIT_SCORES,
        plan,
        cells,
        Text("责任单位三项记分（不相加）", "Units: three marks, never added"),
        language,
    )


def responsibility_table(matrix: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show who leads and who supports each goal, and whether that was confirmed."""
    cells = {
        "goal": "goal",
        "unit": "units",
        "role": "word:responsibility",
        "origin": "word:responsibility_origin",
        "confirmed_by": "text",
    }
    return _table(
        matrix, RESPONSIBILITIES, plan, cells, Text("责任分工表", "Who leads what"), language
    )


def spot_check_table(
    sample: pd.DataFrame,
    plan: Plan,
    names: Mapping[str, str] | None = None,
    *,
    language: str = "zh",
) -> Table:
    """Show the values drawn for a spot check with the probability of each to be drawn; ``names`` are those of the areas."""
    sample = sample.assign(area=sample["area"].map(lambda area: (names or {}).get(area, area)))
    cells = {
        "check": "text",
        "unit": "units",
        "indicator": "indicator",
        "area": "text",
        "year": "text",
        "reported": "value",
        "risk": "word:risk_short",
        "probability": "share",
    }
    return _table(sample, SPOT_CHECKS, plan, cells, Text("抽查样本", "Spot checks drawn"), language)


def error_rate_table(rate: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the error rate that the spot checks found, with its interval."""
    cells = {
        **dict.fromkeys(("drawn", "checked", "wrong"), "whole"),
        "rate": "share",
        "lower": "share",
        "upper": "share",
    }
    return _table(rate, ERROR_RATE, plan, cells, Text("抽查差错率", "Error rate found"), language)


def disagreement_of_claims(gaps: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show where a unit claims another verdict than the computed one."""
    cells = {
        "goal": "goal",
        "measure": "measures",
        "unit": "units",
        "claimed": "word:state",
        "computed": "word:state",
        "difference": "word:difference",
        "evidence": "text",
    }
    return _table(
        gaps,
        DISAGREEMENTS,
        plan,
        cells,
        Text("自评与监测判定不一致", "Claims and computed verdicts"),
        language,
    )


def filing_table(filed: pd.DataFrame, plan: Plan, *, caption: Text, language: str = "zh") -> Table:
    """Show which units have filed and which have not."""
    cells = {
        "unit": "units",
        "filing": "word:filing",
        "filed_on": "text",
        "version": "text",
        "title": "text",
        "work_plan": "word:yes_no",
    }
    return _table(filed, FILINGS, plan, cells, caption, language)


def completeness_table(table: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show how complete the data by sex and age are."""
    cells = {
        "indicator": "indicator",
        "dimension": "word:dimension",
        "wanted": "whole",
        "given": "whole",
        "share": "share",
    }
    return _table(
        table,
        GROUP_COMPLETENESS,
        plan,
        cells,
        Text("分性别、分年龄数据完整情况", "Data by sex and age"),
        language,
    )


def deadline_table(table: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show what a unit owes and by when."""
    cells = {"what": "text", "subject": "text", "year": "text", "due": "text", "overdue": "yes_no"}
    return _table(table, DEADLINES, plan, cells, Text("应办事项", "What is due"), language)


def record_problems(
    problems: list[Problem] | tuple[Problem, ...], *, language: str = "zh"
) -> Prose:
    """Return every row of the records that could not be used, or a sentence that there is none."""
    none = Text("记录文件均可读取，没有被退回的行。", "Every row of the records could be read.")
    return Prose(
        "\n".join(f"- {problem.message(language)}" for problem in problems)
        or none.in_language(language)
    )

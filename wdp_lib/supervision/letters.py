"""The letter to a unit (预警督办单): what was found, what is wanted, by when, where to sign."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Text
from wdp_lib.core.words import code_name
from wdp_lib.plan import Plan
from wdp_lib.supervision.register import open_items
from wdp_lib.supervision.tables import LETTER_ITEMS

FIELDS = (
    Text("回复内容（原因分析、整改措施、完成时限）", "Answer (reasons, measures, dates)"),
    Text("佐证材料清单", "List of evidence"),
    Text("单位负责人签字", "Signature of the head of the unit"),
    Text("单位盖章", "Seal of the unit"),
    Text("回复日期", "Date of the answer"),
)


@dataclass(frozen=True)
class Letter:
    """One letter to one unit.

    Parameters
    ----------
    opening, demand, sender : Text
        What the letter rests on, what is wanted and by when, who sends it.
    items : pandas.DataFrame
        One row an open warning (contract ``LETTER_ITEMS``).
    due : str
        Earliest day by which an answer is due.
    fields : tuple of Text
        Fields that the unit fills in and signs.
    """

    unit: str
    title: Text
    addressee: Text
    opening: Text
    items: pd.DataFrame
    demand: Text
    due: str
    sender: Text
    fields: tuple[Text, ...] = FIELDS


def supervision_letters(register: pd.DataFrame, plan: Plan, unit: str = "") -> tuple[Letter, ...]:
    """Write the letters about the warnings that are not closed.

    Returns
    -------
    tuple of Letter
        One a unit that has an open warning, in the plan's order; a warning with several units
        stands in the letter of each.

    Raises
    ------
    ParameterError
        When the plan has no such unit.
    """
    units = (plan.unit(unit),) if unit else plan.units
    items = open_items(register)
    told = pd.DataFrame([_row(item, plan) for item in items.to_dict("records")])
    told = conform(told.reindex(columns=LETTER_ITEMS.names), LETTER_ITEMS)
    theirs = items["units"].str.split(";").explode()
    found = [(one, theirs.index[theirs == one.id]) for one in units]
    return tuple(
        _letter(one, told.loc[rows].reset_index(drop=True), items.loc[rows, "round"].unique(), plan)
        for one, rows in found
        if len(rows)
    )


def _letter(unit, items: pd.DataFrame, rounds: list[str], plan: Plan) -> Letter:
    n, due, office = len(items), min(items["due"]), committee_office(plan)
    return Letter(
        unit.id,
        Text(
            f"《{plan.title.zh}》监测预警督办单",
            f"Letter of supervision on warned items of the {plan.title.en}",
        ),
        unit.name,
        Text(
            f"根据监测结果（立项轮次：{'、'.join(rounds)}），你单位承担的下列 {n} 项工作触发预警"
            "或经检查发现问题，尚未销号。",
            f"Monitoring (rounds: {', '.join(rounds)}) warned of the following {n} items of your "
            "unit; they are not closed.",
        ),
        items,
        Text(
            f"请逐项按办理要求落实，按各项回复期限（最早一项为 {due}）书面回复{office.zh}，"
            "并附佐证材料。办理情况由下一轮监测复核，凭佐证材料销号；"
            "未销号的事项转入下一轮继续督办。",
            f"Act on each item and answer in writing with evidence, the first by {due}. The next "
            "round checks again and closes items on evidence; items not closed are carried over.",
        ),
        due,
        office,
    )


def committee_office(plan: Plan) -> Text:
    """Return who sends letters: the office of the plan's committee, or of its area."""
    committee = plan.committee
    if committee is None:
        return Text(f"{plan.area_name.zh}规划实施工作机构", f"Plan office, {plan.area_name.en}")
    return Text(f"{committee.zh}办公室", f"Office of the {committee.en}")


def _row(item: dict, plan: Plan) -> dict:
    if item["indicator"]:
        name = plan.indicator(item["indicator"]).name
    else:
        titles = [plan.goal(goal).title for goal in item["goals"].split(";")]
        name = Text("；".join(t.zh for t in titles), "; ".join(t.en for t in titles))
    rule, level = code_name("warning_rule", item["rule"]), code_name("warning_level", item["level"])
    texts = {
        "name": name,
        "finding": Text(f"{level.zh}：{rule.zh}", f"{level.en}: {rule.en}")
        if item["level"]
        else rule,
        "figures": _figures(item),
        "wanted": code_name("wanted_action", item["wanted"]),
    }
    return item | {
        f"{key}_{language}": text.in_language(language)
        for key, text in texts.items()
        for language in ("zh", "en")
    }


def _figures(item: dict) -> Text:
    clears = code_name("clears_when", item["clears_when"])
    if pd.isna(item["figure"]):
        return Text(item["note"] or clears.zh, item["note"] or clears.en)
    figure, line, at = (
        _shown(item[name], item["rule"]) for name in ("figure", "threshold", "clears_at")
    )
    return Text(
        f"实际数 {figure}，界线 {line}；解除条件：{clears.zh}{at and f'（{at}）'}",
        f"figure {figure}, line {line}; clears when: {clears.en}{at and f' ({at})'}",
    )


def _shown(figure: float, rule: str) -> str:
    if pd.isna(figure):
        return ""
    if rule == "probability_of_missing":
        return f"{figure:.0%}"
    return f"{figure:.4g}" if abs(figure) < 1000 else f"{figure:.0f}"

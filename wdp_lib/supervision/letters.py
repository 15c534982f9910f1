"""The letter to a unit (预警督办单): matter, state, target, what is missing, request, by when."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wdp_lib.core.columns import RISKS, conform
from wdp_lib.core.errors import Text
from wdp_lib.core.words import code_name
from wdp_lib.plan import Indicator, Plan
from wdp_lib.supervision.register import ANSWER_DAYS, is_success, open_items
from wdp_lib.supervision.tables import LETTER_ITEMS

REMINDER_DAYS = 15  # to answer what should have been answered before the day of the letter
FIELDS = (
    Text("进展情况", "Progress"),
    Text("未达进度的原因", "Why it is behind"),
    Text("整改措施和完成时限", "Measures and when they will be done"),
    Text("责任领导、责任人", "Leader and person responsible"),
    Text("需协调的事项", "What others must help with"),
    Text("佐证材料清单", "List of evidence"),
    Text("单位负责人签字、单位盖章", "Signature of the head and seal of the unit"),
    Text("回复日期", "Date of the answer"),
)

_HOLD = Text(
    "目前在目标线以内但有滑落风险，说明风险原因和巩固措施",
    "now within the line but in danger of losing it: say why and how it will be held",
)
_NONE, _BOTH = Text("", ""), ("zh", "en")


@dataclass(frozen=True)
class Letter:
    """One letter to one unit."""

    unit: str
    title: Text
    addressee: Text
    # opening, demand, sender, contact: what the letter rests on, what is wanted and by when, who
    # sends it, whom to ask
    opening: Text
    # one row an indicator with all that is open about it (contract ``LETTER_ITEMS``)
    items: pd.DataFrame
    demand: Text
    # date, due: day of the letter, and earliest day by which an answer is due, never before it
    date: str
    due: str
    sender: Text
    contact: Text
    fields: tuple[Text, ...] = FIELDS  # fields that the unit fills in and signs


def supervision_letters(
    register: pd.DataFrame,
    plan: Plan,
    unit: str = "",
    *,
    risks: pd.DataFrame,
    as_of: str,
    needs: pd.DataFrame | None = None,
    contact: str = "",
) -> tuple[Letter, ...]:
    """Write the letters in force on a day, about what is open and still warned then.

    Left out is what the day no longer asks for: items closed or no longer warned, answers that wait
    for the next check, and a series that swings although its target is attained or safely within
    reach (`is_success`). An answered item that is warned again, and one that is overdue, gets a new
    day.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table of the day (contract ``RISKS``): state and target.
    needs : pandas.DataFrame, optional
        From `wdp_lib.needs`: how many are still missing.
    contact : str
        Whom to ask; a blank to fill in unless given.

    Returns
    -------
    tuple of Letter
        One a unit concerned, in the plan's order; a warning with several units stands in the letter
        of each.

    Raises
    ------
    ParameterError
        When the plan has no such unit.
    """
    units = (plan.unit(unit),) if unit else plan.units
    items = open_items(register)
    items = items[_in_force(items, conform(risks, RISKS))].reset_index(drop=True)
    risk = conform(risks, RISKS).set_index("indicator").to_dict("index")
    missing = {} if needs is None else needs.drop_duplicates("indicator").set_index("indicator")
    missing = missing["change"].dropna().to_dict() if len(missing) else {}
    letters = []
    for one in units:
        own = open_items(items, one.id)
        matters = [
            _matter(same.to_dict("records"), plan, risk, missing, as_of)
            for _, same in own.groupby(["indicator", "goals"], sort=False)
        ]
        letters += [_letter(one, matters, plan, as_of, contact)] if matters else []
    return tuple(letters)


def _in_force(items: pd.DataFrame, risks: pd.DataFrame) -> pd.Series:
    again = items["recheck"] == "still_warned"
    wanted = items["state"].isin(["open", "overdue"]) | ((items["state"] == "answered") & again)
    swings = items["wanted"] == "explain_swings"
    return wanted & ~(swings & is_success(items["indicator"], risks))


def _letter(unit, matters: list[dict], plan: Plan, as_of: str, contact: str) -> Letter:
    items = conform(pd.DataFrame(matters), LETTER_ITEMS)
    n, due, office = len(items), min(items["due"]), committee_office(plan)
    blank = Text(
        "联系人：＿＿＿＿＿＿　电话：＿＿＿＿＿＿", "Contact: ＿＿＿＿＿＿ Telephone: ＿＿＿＿＿＿"
    )
    return Letter(
        unit.id,
        Text(
            f"《{plan.title.zh}》监测预警督办单",
            f"Letter of supervision on warned items of the {plan.title.en}",
        ),
        unit.name,
        Text(
            f"截至 {as_of}，你单位承担的下列 {n} 项工作触发预警或经检查发现问题，尚未销号。",
            f"On {as_of} the following items of your unit ({n}) are warned or were found wrong; "
            "they are not closed.",
        ),
        items,
        Text(
            f"请逐项按办理要求落实，按各项反馈时限（最早一项为 {due}）书面回复{office.zh}，"
            "一事一报，加盖单位公章，并附佐证材料；不能按期办结的，请在到期前说明理由和预计完成时间。"
            "办理情况由下一轮监测复核，凭佐证材料销号。",
            f"Act on each item and answer in writing with seal and evidence, the first by {due}; "
            "if it cannot be done in time, say why and by when before that day. The next round "
            "checks again and closes items on evidence.",
        ),
        as_of,
        due,
        office,
        Text(f"联系人：{contact}", f"Contact: {contact}") if contact else blank,
    )


def committee_office(plan: Plan) -> Text:
    """Return who sends letters: the office of the plan's committee, or of its area."""
    committee = plan.committee
    if committee is None:
        zh = f"{plan.area_name.zh}{plan.called}实施工作机构"
        return Text(zh, f"Plan office, {plan.area_name.en}")
    return Text(f"{committee.zh}办公室", f"Office of the {committee.en}")


def _matter(items: list[dict], plan: Plan, risks: dict, missing: dict, as_of: str) -> dict:
    """One matter: everything open about one indicator, told once."""
    first = items[0]
    asked = {item["wanted"]: code_name("wanted_action", item["wanted"]) for item in items}
    texts = dict.fromkeys(("target", "missing"), _NONE)
    if first["indicator"]:
        indicator, risk = plan.indicator(first["indicator"]), risks.get(first["indicator"], {})
        texts |= {
            "name": indicator.name,
            "figures": _state(risk, indicator),
            "target": _target(risk, indicator),
            "missing": _missing(missing.get(first["indicator"]), indicator),
        }
        if risk and risk["margin"] >= 0:
            asked |= {"catch_up": _HOLD}
    else:
        titles = [plan.goal(goal).title for goal in first["goals"].split(";")]
        texts["name"] = _joined(titles)
        texts["figures"] = _joined([Text(item["note"], item["note"]) for item in items])
    requests = [_request(item, asked[item["wanted"]], as_of) for item in items]
    texts |= {"finding": _joined(map(_finding, items)), "wanted": _joined(r[0] for r in requests)}
    told = {f"{key}_{lang}": t.in_language(lang) for key, t in texts.items() for lang in _BOTH}
    names = ";".join(item["warning"] for item in items)
    due = min(day for _, day in requests)
    return told | {"warning": names, "indicator": first["indicator"], "due": due}


def _joined(texts: Iterable[Text]) -> Text:
    texts = list(dict.fromkeys(texts))
    return Text("；".join(t.zh for t in texts), "; ".join(t.en for t in texts))


def _request(item: dict, asked: Text, as_of: str) -> tuple[Text, str]:
    """What is asked for on the day, and until when: never a day that is over."""
    today = datetime.date.fromisoformat(as_of)
    if item["state"] == "answered":
        due = today + datetime.timedelta(ANSWER_DAYS)
        since = item["answered_on"]
        return Text(
            f"已于 {since} 答复，本轮复核仍触发预警：请报送整改进展和佐证材料",
            f"answered on {since} and warned again: send progress and evidence",
        ), due.isoformat()
    if item["due"] >= as_of:
        return asked, item["due"]
    late = Text(f"原定 {item['due']} 前答复，逾期未复：", f"the answer was due by {item['due']}: ")
    due = today + datetime.timedelta(REMINDER_DAYS)
    return Text(late.zh + asked.zh, late.en + asked.en), due.isoformat()


def _finding(item: dict) -> Text:
    """The rule with this round's colour and figure; of an item not checked again its own."""
    rule = code_name("warning_rule", item["rule"])
    first = item["recheck"] == ""
    level = item["level_now"] or (item["level"] if first else "")
    figure = item["figure"] if first else item["figure_now"]
    if level:
        word = code_name("warning_level", level)
        rule = Text(f"{word.zh}：{rule.zh}", f"{word.en}: {rule.en}")
    if item["rule"] == "probability_of_missing" and not pd.isna(figure):
        return Text(f"{rule.zh}（现为 {figure:.0%}）", f"{rule.en} (now {figure:.0%})")
    return rule


def _state(risk: dict, indicator: Indicator) -> Text:
    if not risk or pd.isna(risk["last_value"]):
        return Text("尚无数据", "no data yet")
    value = _value(risk["last_value"], indicator)
    return Text(f"{value.zh}（{risk['last_year']}年）", f"{value.en} ({risk['last_year']})")


def _target(risk: dict, indicator: Indicator) -> Text:
    """The words of the plan and the line they make; no line where there is none."""
    low, high = (risk.get(f"target_{end}", np.nan) for end in ("lower", "upper"))
    said, year = indicator.target.wording, indicator.target.year
    lines = [_value(end, indicator) for end in (low, high) if not pd.isna(end)]
    if not lines:
        return said
    by = Text(f"{year}年", f"by {year} ") if year else _NONE
    if len(lines) == 2:
        least, most = lines
        line = Text(f"在 {least.zh} 至 {most.zh} 之间", f"between {least.en} and {most.en}")
    else:
        side = Text("不高于", "at most") if pd.isna(low) else Text("不低于", "at least")
        line = Text(f"{side.zh} {lines[0].zh}", f"{side.en} {lines[0].en}")
    line = Text(by.zh + line.zh, by.en + line.en)
    return Text(f"{said.zh}（{line.zh}）", f"{said.en} ({line.en})") if said.zh else line


def _missing(change: float | None, indicator: Indicator) -> Text:
    """How many more, or fewer, of what is counted."""
    if not change:
        return _NONE
    counted = indicator.numerator if indicator.numerator.zh else indicator.name
    more = Text("尚须增加", "more") if change > 0 else Text("尚须减少", "fewer")
    return Text(
        f"{counted.zh}{more.zh} {abs(change):.0f}", f"{counted.en}: {abs(change):.0f} {more.en}"
    )


def _value(value: float, indicator: Indicator) -> Text:
    figure = f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"
    unit = code_name("unit", indicator.unit)
    if indicator.unit == "percent":
        return Text(f"{figure}%", f"{figure} %")
    if indicator.unit == "ratio":
        return Text(figure, figure)
    said = "" if unit.zh.startswith("每") else unit.zh.partition("（")[0]  # the name says the rest
    return Text(f"{figure}{said}", f"{figure} {unit.en}")

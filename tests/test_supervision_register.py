"""The warning register: opened by a round, open until a later round closes it on evidence."""

from dataclasses import replace

import pandas as pd
import pytest
from conftest import drawn

import wdp_lib as wdp
from wdp_lib.assessment.warning import WARNINGS
from wdp_lib.core.columns import RISKS
from wdp_lib.core.errors import Text
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.paragraphs import letter_prose
from wdp_lib.supervision.register import open_items, refused_answers
from wdp_lib.supervision.tables import ANSWERS, OPENED

NOTHING = pd.DataFrame(columns=OPENED.table.names)
ITEM = "screening_coverage-2024-probability_of_missing"
FIRED = {
    **{
        "area": "county",
        "axis": "hard_to_reach",
        "level": "red",
        "level_zh": "红色",
        "level_en": "red",
        "figure": 0.9,
    },
    **{
        "threshold": 0.8,
        "clears_when": "probability_below",
        "clears_at": 0.2,
        "needed_next": 66.0,
        "last_year": 2024,
    },
    **{
        "last_value": 60.0,
        "grade": "B",
        "units": "health_bureau",
        "source": "报表",
        "simulated": False,
    },
}


def fired(*rules, indicator="screening_coverage", **columns):
    rows = [{"indicator": indicator, **FIRED, "rule": rule, **columns} for rule in rules]
    return pd.DataFrame(rows, columns=WARNINGS.names)


def said(text):
    frame = pd.DataFrame(drawn(text))
    return frame.reindex(columns=ANSWERS.table.names, fill_value="").assign(
        row=range(2, len(frame) + 2)
    )


def first_round(plan, warned=None):
    warned = fired("probability_of_missing") if warned is None else warned
    return wdp.update_register(NOTHING, warned, plan, round="2024", as_of="2025-07-01")


def second_round(plan, warned, answers=None, register=None, as_of="2026-07-01"):
    register = first_round(plan) if register is None else register
    answers = pd.DataFrame(columns=ANSWERS.table.names) if answers is None else answers
    items = wdp.update_register(register, warned, plan, round="2025", as_of=as_of, answers=answers)
    problems = refused_answers(answers, items, round="2025", as_of=as_of)
    return items.set_index("warning"), [(p.row, p.column, p.rule) for p in problems]


CLOSING = """
    warning | kind  | date       | round | role   | evidence
    {item}  | close | {date}     | {round} | 办公室 | {evidence}
"""


def closing(evidence="验收报告", date="2026-06-20", round="2025", item=ITEM):
    return said(CLOSING.format(item=item, date=date, round=round, evidence=evidence))


@pytest.mark.requirement("D5")
def test_a_warning_is_opened_with_its_figures_its_unit_and_a_day_for_the_answer(tiny_plan):
    item = first_round(tiny_plan).iloc[0]
    assert item["warning"] == ITEM
    assert (item["goals"], item["units"], item["level"]) == ("H02;H01", "health_bureau", "red")
    assert (item["figure"], item["threshold"], item["clears_at"]) == (0.9, 0.8, 0.2)
    assert (item["opened_on"], item["due"]) == ("2025-07-01", "2025-07-31")
    assert (item["wanted"], item["state"]) == ("catch_up", "open")


@pytest.mark.requirement("D5")
def test_colours_below_the_line_open_nothing(tiny_plan):
    assert first_round(tiny_plan, fired("probability_of_missing", level="blue")).empty


@pytest.mark.requirement("D5")
def test_a_warning_stays_open_until_a_later_round_closes_it_with_evidence(tiny_plan):
    still, _ = second_round(tiny_plan, fired("probability_of_missing", level="orange", figure=0.7))
    assert (still.loc[ITEM, "state"], still.loc[ITEM, "recheck"]) == ("overdue", "still_warned")
    assert (
        still.loc[ITEM, "level"],
        still.loc[ITEM, "level_now"],
        still.loc[ITEM, "figure_now"],
    ) == (
        "red",
        "orange",
        0.7,
    )
    gone, _ = second_round(tiny_plan, fired())
    assert (gone.loc[ITEM, "state"], gone.loc[ITEM, "recheck"]) == ("cleared", "no_longer_warned")
    closed, problems = second_round(tiny_plan, fired(), closing())
    assert (closed.loc[ITEM, "state"], closed.loc[ITEM, "evidence"]) == ("closed", "验收报告")
    assert closed.loc[ITEM, "closed_on"] == "2026-06-20" and not problems


@pytest.mark.parametrize(
    ("answers", "warned", "problem"),
    [
        (closing(evidence=""), fired(), (2, "evidence", "closing_without_evidence")),
        (closing(round="2024"), fired(), (2, "round", "closing_in_same_round")),
        (closing(date="2025-07-01"), fired(), (2, "round", "closing_in_same_round")),
        (closing(), fired("probability_of_missing"), (2, "kind", "closing_while_warned")),
        (
            closing(),
            fired("no_data", axis="data", level="grey"),
            (2, "kind", "closing_while_warned"),
        ),
    ],
)
@pytest.mark.requirement("D5")
def test_a_closing_is_refused_without_evidence_in_the_same_round_and_while_still_warned(
    tiny_plan, answers, warned, problem
):
    items, problems = second_round(tiny_plan, warned, answers)
    assert items.loc[ITEM, "state"] != "closed" and problems == [problem]


@pytest.mark.requirement("D5")
def test_a_warning_that_loses_its_data_is_not_taken_for_cleared(tiny_plan):
    items, _ = second_round(tiny_plan, fired("stale", axis="data", level="grey"))
    assert (items.loc[ITEM, "recheck"], items.loc[ITEM, "state"]) == ("not_assessable", "overdue")


@pytest.mark.requirement("D5")
def test_an_answer_to_an_item_that_does_not_exist_is_named(tiny_plan):
    _, problems = second_round(tiny_plan, fired(), closing(item="nothing-2024-at_all"))
    assert problems == [(2, "warning", "unknown_warning")]


@pytest.mark.requirement("D5")
def test_a_rule_that_fires_again_after_closing_opens_a_new_item(tiny_plan):
    warned = fired("probability_of_missing")
    items = wdp.update_register(
        first_round(tiny_plan),
        warned,
        tiny_plan,
        round="2026",
        as_of="2027-07-01",
        answers=closing(),
    )
    assert list(items["state"]) == ["closed", "open"]
    assert list(items["warning"]) == [ITEM, "screening_coverage-2026-probability_of_missing"]


@pytest.mark.requirement("D5")
def test_what_is_written_after_the_day_of_the_round_is_not_known_in_it(tiny_plan):
    items, problems = second_round(tiny_plan, fired(), closing(date="2026-07-02"))
    assert items.loc[ITEM, "state"] == "cleared" and not problems


@pytest.mark.requirement("D5")
def test_running_a_round_twice_opens_nothing_twice(tiny_plan):
    once = first_round(tiny_plan)
    again = wdp.update_register(
        once[once["round"] == "2024"][OPENED.table.names],
        fired("probability_of_missing"),
        tiny_plan,
        round="2024",
        as_of="2025-07-01",
    )
    pd.testing.assert_frame_equal(once, again)


@pytest.mark.requirement("H4")
def test_every_open_item_of_a_round_appears_in_the_next_one_with_its_class(tiny_plan):
    warned = fired("probability_of_missing", "swings")
    register = first_round(tiny_plan, warned)
    items, _ = second_round(tiny_plan, fired("swings", level="yellow"), register=register)
    assert set(open_items(register)["warning"]) <= set(open_items(items.reset_index())["warning"])
    assert list(items["level_now"]) == ["", "yellow"]


@pytest.mark.requirement("H3")
def test_an_answer_stands_beside_the_finding_and_is_checked_again(tiny_plan):
    answers = said(f"""
        warning | kind   | date       | round | role   | text
        {ITEM}  | answer | 2025-07-20 | 2024  | 卫健局 | 已增加筛查车班次
    """)
    items, _ = second_round(tiny_plan, fired("probability_of_missing"), answers)
    assert (items.loc[ITEM, "answer"], items.loc[ITEM, "state"]) == ("已增加筛查车班次", "answered")


@pytest.mark.requirement("J21")
def test_a_finding_of_a_special_inspection_is_followed_up_until_there_is_evidence(tiny_plan):
    finding = {
        **{
            "warning": "H02-2024-inspection",
            "goals": "H02",
            "units": "health_bureau",
            "rule": "inspection",
        },
        **{"clears_when": "evidence_of_rectification", "round": "2024", "opened_on": "2025-07-01"},
        **{"wanted": "put_right", "due": "2025-08-01"},
    }
    register = pd.DataFrame([finding]).reindex(columns=OPENED.table.names)
    items, _ = second_round(tiny_plan, fired(), register=register)
    assert items.iloc[0]["state"] == "overdue"
    items, problems = second_round(
        tiny_plan, fired(), closing(item="H02-2024-inspection"), register=register
    )
    assert items.iloc[0]["state"] == "closed" and not problems


def at_risk(**columns):
    """The risk table as a letter reads it: 60 of 100 screened, 70 % wanted."""
    row = {"indicator": "screening_coverage", "area": "county", "sex": "female", "last_year": 2025}
    row |= {"last_value": 60.0, "target_lower": 70.0, "margin": -10.0, "risk": "red"}
    row |= {"residence": "all", "evidence": "confirmed", "volatility": "stable", "grade": "B"}
    row |= {"state": "not_attained", "stale": False, "simulated": False} | columns
    return pd.DataFrame([row]).reindex(columns=RISKS.names)


def letters(register, plan, as_of="2025-07-01", risks=None, **settings):
    risks = at_risk() if risks is None else risks
    register = register.reset_index() if register.index.name else register
    return wdp.supervision_letters(register, plan, risks=risks, as_of=as_of, **settings)


@pytest.mark.requirement("D5")
def test_a_letter_says_matter_state_target_people_missing_request_deadline_and_contact(tiny_plan):
    percent = replace(
        tiny_plan,
        indicators=tuple(
            replace(i, unit="percent", numerator=Text("受检妇女数", "women screened"))
            for i in tiny_plan.indicators
        ),
    )
    missing = pd.DataFrame({"indicator": ["screening_coverage"], "change": [1000.0]})
    (letter,) = letters(first_round(percent), percent, needs=missing, contact="王某")
    assert letter.title.zh == "《小规划》监测预警督办单" and letter.addressee.zh == "卫健局"
    item = letter.items.iloc[0]
    assert item["name_zh"] == percent.indicator("screening_coverage").name.zh
    assert (item["figures_zh"], item["target_zh"]) == ("60%（2025年）", "原文（2030年不低于 70%）")
    assert item["missing_zh"] == "受检妇女数尚须增加 1000"
    assert item["finding_zh"] == "红色预警：未达标概率超过界线（现为 90%）"
    assert item["wanted_zh"].startswith("分析未达进度原因") and item["due"] == "2025-07-31"
    assert letter.contact.zh == "联系人：王某" and letter.date == "2025-07-01"
    assert "单位负责人签字、单位盖章" in [field.zh for field in letter.fields]
    context = Context(percent)
    said_to_people = letter_prose(letter, context).text + repr(letter_prose(letter, context))
    assert "probability_of_missing" not in said_to_people
    assert "screening_coverage" not in said_to_people


def test_all_that_is_open_about_an_indicator_is_one_matter_of_the_letter(tiny_plan):
    both = pd.concat(
        [fired("probability_of_missing"), fired("outside_limits", axis="volatile", level="yellow")]
    )
    (letter,) = letters(first_round(tiny_plan, both), tiny_plan)
    item = letter.items.iloc[0]
    assert len(letter.items) == 1 and "下列 1 项工作" in letter.opening.zh
    assert (
        item["finding_zh"]
        == "红色预警：未达标概率超过界线（现为 90%）；黄色预警：有数据点超出控制限"
    )
    assert item["wanted_zh"].count("；") == 1


def test_the_target_of_a_letter_is_in_the_words_of_the_plan_and_its_line(tiny_plan):
    said = tuple(
        replace(i, target=replace(i.target, wording=Text("逐步提高", "rises step by step")))
        for i in tiny_plan.indicators
    )
    plan = replace(tiny_plan, indicators=said)
    (letter,) = letters(first_round(plan), plan)
    assert letter.items["target_zh"].iloc[0].startswith("逐步提高（2030年不低于 70")


@pytest.mark.requirement("D5")
def test_no_letter_is_written_about_what_is_closed_or_no_longer_warned(tiny_plan):
    for answers in (closing(), None):
        items, _ = second_round(tiny_plan, fired(), answers)
        assert letters(items, tiny_plan, as_of="2026-07-01") == ()


ANSWERED = """
    warning | kind   | date       | round | role   | text
    {item}  | answer | 2025-07-20 | 2024  | 卫健局  | 已整改
"""


def test_a_deadline_that_was_answered_or_missed_is_never_set_again_and_the_colour_is_this_years(
    tiny_plan,
):
    again = fired("probability_of_missing", level="orange", figure=0.7)
    late, _ = second_round(tiny_plan, again)
    answered, _ = second_round(tiny_plan, again, said(ANSWERED.format(item=ITEM)))
    for items, wanted, due in (
        (late, "原定 2025-07-31 前答复，逾期未复", "2026-07-16"),
        (answered, "已于 2025-07-20 答复，本轮复核仍触发预警", "2026-07-31"),
    ):
        (letter,) = letters(items, tiny_plan, as_of="2026-07-01")
        item = letter.items.iloc[0]
        assert item["wanted_zh"].startswith(wanted)
        assert item["due"] == letter.due == due > "2026-07-01"
        assert item["finding_zh"] == "橙色预警：未达标概率超过界线（现为 70%）"


def test_an_answer_that_waits_for_the_next_check_is_not_asked_for_again(tiny_plan):
    items = wdp.update_register(
        first_round(tiny_plan),
        fired("probability_of_missing"),
        tiny_plan,
        round="2024",
        as_of="2025-07-25",
        answers=said(ANSWERED.format(item=ITEM)),
    )
    assert list(items["state"]) == ["answered"]
    assert letters(items, tiny_plan, as_of="2025-07-25") == ()


@pytest.mark.parametrize(("risk", "supervised"), [("clear", False), ("red", True)])
def test_a_success_is_never_supervised_for_swinging(tiny_plan, risk, supervised):
    # 5.7 -> 68.2, far over its line: a point outside the limits, and what was wanted
    swings = fired("outside_limits", axis="volatile", level="yellow", figure=25.0)
    risks = at_risk(last_value=74.6, target_lower=18.2, margin=56.4, state="attained", risk=risk)
    already = first_round(tiny_plan, swings)
    assert bool(letters(already, tiny_plan, risks=risks)) == supervised
    opened = wdp.update_register(
        NOTHING, swings, tiny_plan, round="2024", as_of="2025-07-01", risks=risks
    )
    assert len(opened) == supervised


def test_what_is_within_its_line_is_asked_how_it_will_be_held(tiny_plan):
    inside = at_risk(last_value=72.0, margin=2.0, state="attained", risk="yellow")
    (letter,) = letters(first_round(tiny_plan), tiny_plan, risks=inside)
    assert letter.items["wanted_zh"].iloc[0].startswith("目前在目标线以内但有滑落风险")


def test_a_letter_is_sent_by_the_committee_the_plan_names_or_else_by_its_area(tiny_plan):
    named = replace(tiny_plan, committee=Text("小县儿童委员会", "Committee for Children"))
    unnamed = replace(tiny_plan, committee=None)
    (by_committee,), (by_area,) = (
        letters(first_round(tiny_plan), plan) for plan in (named, unnamed)
    )
    assert by_committee.sender.zh == "小县儿童委员会办公室"
    assert "书面回复小县儿童委员会办公室" in by_committee.demand.zh
    assert by_area.sender.zh == f"{tiny_plan.area_name.zh}规划实施工作机构"
    outline = replace(unnamed, title=Text("妇女发展纲要（2021—2030年）", "Outline"))
    (of_outline,) = letters(first_round(tiny_plan), outline)
    assert of_outline.sender.zh == f"{tiny_plan.area_name.zh}纲要实施工作机构"

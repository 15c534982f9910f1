"""The warning register: opened by a round, open until a later round closes it on evidence."""

from dataclasses import replace

import pandas as pd
import pytest
from conftest import drawn

import wdp_lib as wdp
from wdp_lib.assessment.warning import WARNINGS
from wdp_lib.core.errors import Text
from wdp_lib.supervision.register import new_warnings, open_items, refused_answers
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
        new_warnings(once, "2024"),
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


@pytest.mark.requirement("D5")
def test_the_letter_to_a_unit_holds_finding_figures_wanted_action_day_and_fields_to_sign(
    tiny_plan,
):
    (letter,) = wdp.supervision_letters(first_round(tiny_plan), tiny_plan)
    assert letter.title.zh == "《小规划》监测预警督办单" and letter.addressee.zh == "卫健局"
    item = letter.items.iloc[0]
    assert item["finding_zh"] == "红色预警：未达标概率超过界线"
    assert item["figures_zh"] == "实际数 90%，界线 80%；解除条件：未达标概率低于此数（20%）"
    assert item["wanted_zh"].startswith("分析未达进度原因") and item["due"] == "2025-07-31"
    assert "单位负责人签字" in [field.zh for field in letter.fields]


@pytest.mark.requirement("D5")
def test_no_letter_is_written_about_what_is_closed(tiny_plan):
    items, _ = second_round(tiny_plan, fired(), closing())
    assert wdp.supervision_letters(items.reset_index(), tiny_plan) == ()


def test_a_letter_is_sent_by_the_committee_the_plan_names_or_else_by_its_area(tiny_plan):
    named = replace(tiny_plan, committee=Text("小县儿童委员会", "Committee for Children"))
    unnamed = replace(tiny_plan, committee=None)
    (by_committee,), (by_area,) = (
        wdp.supervision_letters(first_round(tiny_plan), plan) for plan in (named, unnamed)
    )
    assert by_committee.sender.zh == "小县儿童委员会办公室"
    assert "书面回复小县儿童委员会办公室" in by_committee.demand.zh
    assert by_area.sender.zh == f"{tiny_plan.area_name.zh}规划实施工作机构"

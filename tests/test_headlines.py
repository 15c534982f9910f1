"""Headlines add up: the parts that a sentence names are all there are, in every example run."""

import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import yaml
from disclosure_kit import study as small_study
from documents_kit import opened

import wdp_lib as wdp
from wdp_lib.assessment.scheme import COUNTED as COUNTED_GROUPS
from wdp_lib.core.errors import Text
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.facts import tally, verdict_facts
from wdp_lib.publish.text.say import fill, sentences
from wdp_lib.study.shown import FACTS

# a special supervision is an annual round on another day: its headlines are counted in that one
PARAMS = (Path(__file__).parents[1] / "params").glob("*.yaml")
RUNS = sorted(path.stem for path in PARAMS if "supervision" not in path.stem)
TOTALS = {
    "standing_parts": "n_targets",
    "graded_parts": "n_graded",
    "not_graded_parts": "n_not_graded",
    "goals_parts": "n_goals",
    "goals_kinds": "n_goals",
    "rest_parts": "n_rest",
    "milestones_parts": "n_milestones",
    "targets_rest_parts": "targets_n_rest",
    "year_parts": "n_year",
    "commitments_parts": "n_commitments",
    "finals_parts": "n_finals",
    "items_parts": "n_items",
    "hard_to_reach_parts": "n_hard_to_reach",
}
SUMS = {
    "n_targets": ("n_graded", "n_not_graded"),
    "n_gaps": ("n_narrowing", "n_widening", "n_unclear", "n_untested"),
    "n_outlook": ("n_smaller", "n_larger", "n_open"),
    "n_indicators": ("n_with_data", "n_without_data"),
}
WORDS_OF_GROUPS = (
    *("已达标", "基本达标", "预期可达标", "进度滞后", "达标困难或变差", "变化未证实"),
    *("未达标", "个案管理", "无法判断"),
)
COUNTED = (
    "risks",
    "verdicts",
    "annual",
    "projects",
    "finals",
    "register",
    "warnings",
    "gaps",
    "data",
)


SMALL = "a small county as all may see it"  # what is hidden is counted as hidden


@cache
def study(run):
    if run == SMALL:
        return small_study()
    if run == "ruyuan-midterm-2025":
        return opened("county")
    text = (Path(__file__).parents[1] / "params" / f"{run}.yaml").read_text(encoding="utf-8")
    asked = yaml.safe_load(text)["parameters"]
    known = ("as_of", "through", "stage", "seed")
    return wdp.open_study(
        asked["plan"],
        asked["dataset"],
        **{name: asked[name] for name in known if name in asked},
    )


def numbers(parts):
    """The counts of a list of parts; a number inside a word is none."""
    return [int(found) for found in re.findall(r" (\d+)(?: 项)?(?=[、；,;]|$)", parts)]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("run", [*RUNS, SMALL])
def test_the_parts_of_every_headline_add_up_to_its_total(run, language):
    one = study(run).in_language(language)
    for family in COUNTED:
        facts = FACTS[family][1](one)
        for parts, total in TOTALS.items():
            if parts in facts:
                assert sum(numbers(facts[parts])) == facts[total], (family, facts[parts])
        for total, names in SUMS.items():
            if set(names) <= set(facts):
                assert sum(facts[name] for name in names) == facts[total], (family, total)


def test_every_list_of_parts_in_a_sentence_is_one_whose_sum_is_tested():
    used = {
        name
        for one in sentences().values()
        for text in (one.text.zh, one.text.en)
        for name in re.findall(r"\{(\w+_(?:parts|kinds))\}", text)
    }
    assert used <= set(TOTALS)


def test_what_does_not_occur_is_not_counted_and_what_occurs_is_never_left_out(tiny_plan):
    values = pd.Series(["red", "clear", "red", "not_graded"])
    assert tally(values, "risk_short", Context(tiny_plan), ["orange", "red"]) == (
        "红 2 项、无预警 1 项、未评级 1 项"
    )
    assert tally(values[:0], "risk_short", Context(tiny_plan)) == ""


def test_goals_with_a_target_to_be_confirmed_are_counted_and_named(tiny_plan):
    verdicts = pd.DataFrame(
        {
            "goal": ["H01", "H02"],
            "kind": "quantified",
            "verdict": ["ahead", "hard"],
            "all_verdict": ["ahead", "hard"],
            "evidence": ["to_confirm", "confirmed"],
            "verdict_reason": "",
        }
    )
    facts = verdict_facts(verdicts, Context(tiny_plan))
    assert (facts["n_goals"], facts["goals_to_confirm"], facts["goals_unsure"]) == (
        2,
        1,
        tiny_plan.goal("H01").title.zh,
    )
    assert sum(numbers(facts["goals_parts"])) == 2


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"n": 2, "names": "甲、乙"}, "共 2 项。最难的是：甲、乙。"),
        ({"n": 0, "names": ""}, "。"),
        ({"n": 1, "names": "—"}, "共 1 项。"),
    ],
)
def test_a_clause_about_nothing_vanishes(tiny_plan, facts, said):
    text = "[[共 {n} 项]]。[[最难的是：{names}。]]"
    assert fill(Text(text, text), Context(tiny_plan), facts).plain == said


@pytest.mark.parametrize("run", ["ruyuan-midterm-2025", "china-final-2020"])
def test_no_sentence_of_a_report_is_about_nothing(run):
    for key, one in sentences().items():
        if one.facts and not set(one.facts) & {"hindcast", "look_back", "scope"}:
            said = repr(study(run).say(key))
            assert not re.search(r"[：:]\s*(?:—|无|none)?[。.](?:\s|$)|（）|\[\[|\]\]", said), said


@pytest.mark.parametrize(
    ("plan", "word"), [("china-2011-2020", "纲要"), ("ruyuan-2021-2030", "规划")]
)
def test_a_plan_is_called_what_its_title_calls_it(plan, word):
    assert Context(wdp.load_plan(plan)).facts["plan_word"] == word


@pytest.mark.parametrize("run", RUNS)
def test_every_group_of_a_summary_of_indicators_and_of_goals_adds_up(run):
    one = study(run)
    rates, goals = one.attainment_rates, one.domain_summary
    for table, total in ((rates, "judged"), (goals, "goals")):
        assert (table[list(COUNTED_GROUPS)].sum(axis=1) == table[total]).all()
    shown = one.show("attainment_rates").frame
    added = [w for w in shown if w in WORDS_OF_GROUPS]
    assert (shown[added].sum(axis=1) == shown["有目标要求"]).all()


def test_targets_to_be_confirmed_are_never_left_out_of_a_rate_in_silence():
    for key, one in sentences().items():
        for text in (one.text.zh, one.text.en):
            if "{rate_judged}" in text:
                assert "{n_left_out}" in text, key


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("qualitative_goal", "待凭佐证材料评定"),
        ("no_indicator", "没有可判定的指标"),
        ("no_data", "缺少可用数据"),
        ("no_target_year_value", "缺少可用数据"),
        ("incomplete_evidence", "现有数据不足以检验"),
    ],
)
def test_what_cannot_be_assessed_says_whether_it_waits_for_people_for_data_or_for_a_test(
    tiny_plan, reason, words
):
    verdicts = pd.DataFrame(
        {
            "goal": ["H01", "H02"],
            "kind": "quantified",
            "verdict": ["not_assessable", "ahead"],
            "all_verdict": ["not_assessable", "ahead"],
            "evidence": "confirmed",
            "verdict_reason": [reason, "all_met"],
        }
    )
    facts = verdict_facts(verdicts, Context(tiny_plan))
    assert (facts["n_rest"], facts["rest_parts"]) == (1, f"{words} 1 项")


def test_a_goal_that_is_attained_beside_a_strategy_indicator_in_danger_is_named_in_the_headline():
    plan = wdp.load_plan("ruyuan-2021-2030")
    verdicts = pd.DataFrame(
        {
            "goal": ["H05", "H12", "H13"],
            "kind": "quantified",
            "verdict": ["ahead", "hard", "not_assessable"],
            "all_verdict": ["hard", "hard", "behind"],
            "evidence": "confirmed",
            "verdict_reason": ["all_met", "worst_target", "no_indicator"],
        }
    )
    facts = verdict_facts(verdicts, Context(plan))
    assert facts["goals_beside"] == 2
    assert facts["goals_beside_names"] == "婚检与孕前检查（达标困难）、妇幼服务体系（进度滞后）"


def test_a_headline_about_some_goals_of_an_outline_says_how_many_there_are_in_all():
    said = repr(study("china-midterm-2025").say("80.finding"))
    assert "纲要目标 14 项（全部为 75 项）" in said
    assert "全部为" not in repr(study("ruyuan-midterm-2025").say("80.finding"))

"""Headlines add up: the parts that a sentence names are all there are, in every example run."""

import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import yaml

import wdp_lib as wdp
from wdp_lib.core.errors import Text
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.facts import tally, verdict_facts
from wdp_lib.publish.text.say import fill, sentences
from wdp_lib.study.shown import FACTS

RUNS = sorted(path.stem for path in (Path(__file__).parents[1] / "params").glob("*.yaml"))
TOTALS = {
    "standing_parts": "n_targets",
    "graded_parts": "n_graded",
    "not_graded_parts": "n_not_graded",
    "goals_parts": "n_goals",
    "goals_kinds": "n_goals",
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


@cache
def study(run):
    text = (Path(__file__).parents[1] / "params" / f"{run}.yaml").read_text(encoding="utf-8")
    asked = yaml.safe_load(text)["parameters"]
    known = ("as_of", "through", "stage", "seed")
    return wdp.open_study(
        asked["plan"], asked["dataset"], **{name: asked[name] for name in known if name in asked}
    )


def numbers(parts):
    """The counts of a list of parts; a number inside a word is none."""
    return [int(found) for found in re.findall(r" (\d+)(?: 项)?(?=[、；,;]|$)", parts)]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("run", RUNS)
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
            "evidence": ["to_confirm", "confirmed"],
            "verdict_reason": "",
        }
    )
    facts = verdict_facts(verdicts, Context(tiny_plan))
    assert (facts["n_goals"], facts["goals_to_confirm"], facts["goals_unsure"]) == (2, 1, "H01")
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

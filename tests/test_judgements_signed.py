"""What an official would not sign and a reviewer not pass, found on the pages of the runs."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kit import forecasts, observations
from scipy.stats import norm

import wdp_lib as wdp
from wdp_lib.assessment.risks import class_probability
from wdp_lib.core.errors import Text
from wdp_lib.evaluation.next_stage import draft_indicators
from wdp_lib.evaluation.outcomes import final_verdicts
from wdp_lib.evaluation.problems import needs, rank_problems
from wdp_lib.forecasting.learned.limits import without_outliers
from wdp_lib.publish import views
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.evidence import effect_facts
from wdp_lib.publish.text.words import rate_text
from wdp_lib.publish.views.choose import hardest
from wdp_lib.publish.views.why import why_text

SERIES = "screening_coverage"
NOTHING = f"""
    indicator | year | quantile | value | reason
    {SERIES}  |      |          |       | no_data
"""


def fan(low, middle, high, year=2030):
    rows = [f"{SERIES} | {year} | {q} | {v}"
            for q, v in ((0.1, low), (0.5, middle), (0.9, high))]  # fmt: skip
    return forecasts("indicator | year | quantile | value\n" + "\n".join(rows))


def counted(events, exposure, first, scale=100.0):
    exposure = exposure if isinstance(exposure, list) else [exposure] * len(events)
    rows = [f"{SERIES} | {first + n} | {scale * x / d} | {x} | {d}"
            for n, (x, d) in enumerate(zip(events, exposure, strict=True))]  # fmt: skip
    return observations("indicator | year | value | numerator | denominator\n" + "\n".join(rows))


def plain(values, first):
    rows = [f"{SERIES} | {first + n} | {value}" for n, value in enumerate(values)]
    return observations("indicator | year | value\n" + "\n".join(rows))


def plan_with(plan, kind="at_least", value=None, **changes):
    of_target = ("tolerance", "reference", "upper_limit", "lower_limit")
    given = {name: changes.pop(name) for name in of_target if name in changes}
    target = wdp.Target(kind, value=value, year=2030, **given)
    changed = [
        replace(i, target=target, **changes) if i.id == SERIES else i for i in plan.indicators
    ]
    return replace(plan, indicators=tuple(changed))


def judged(plan, table, ahead=None, as_of="2026-06-30"):
    ahead = forecasts(NOTHING) if ahead is None else ahead
    return wdp.assess(ahead, table, plan, as_of=as_of)


def row(table):
    return table.set_index("indicator").loc[SERIES]


# --- red says hard to reach, and nothing else ---


@pytest.mark.parametrize(
    ("kind", "values", "ahead", "standing", "colour"),
    [
        ("rise", [70, 66, 69, 65, 68, 66], (60, 64, 68), "worse_not_shown", "orange"),
        ("fall", [30, 33, 31, 34, 30, 33], (33, 36, 39), "worse_not_shown", "orange"),
        ("rise", [70, 68, 66, 64, 62, 60], (50, 55, 60), "worsened", "red"),
        ("at_least", [60, 60, 61, 61, 62, 62], (60, 62, 64), "hard", "red"),
    ],
)
def test_red_is_said_only_of_what_is_hard_to_reach_or_shown_to_worsen(
    tiny_plan, kind, values, ahead, standing, colour
):
    plan = plan_with(tiny_plan, kind, 90.0 if kind == "at_least" else None, data_kind="index")
    found = row(judged(plan, plain(values, 2020), fan(*ahead)))
    assert (found["standing"], found["risk"]) == (standing, colour)


# --- one case turns nothing ---


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (4, "no_change_shown"),  # 4 or 5 of 120 against 4 a year before: one child
        (5, "no_change_shown"),
        (9, "worse_not_shown"),
    ],
)
def test_the_side_of_a_direction_is_not_said_where_one_case_would_turn_it(tiny_plan, last, said):
    plan = plan_with(tiny_plan, "fall", data_kind="proportion", multiplier=100.0)
    events = [4, 6, 3, 5, 4, 5, 3, 6, 3, last]
    found = row(judged(plan, counted(events, 120, 2016)))
    assert found["standing"] == said


@pytest.mark.parametrize("last", [1, 3])
def test_of_few_cases_a_year_all_years_since_the_baseline_say_the_side_and_no_distance_is_given(
    tiny_plan, last
):
    plan = plan_with(tiny_plan, "fall", data_kind="rare_rate", multiplier=100000.0, unit="per_100k")
    events = [2, 1, 2, 1, 2, 1, 2, 1, 2, last]  # by its last year alone better, or worse
    ahead = fan(60, 110, 180).assign(quantity="underlying_rate")
    found = row(judged(plan, counted(events, 1400, 2016, scale=100000.0), ahead))
    assert found["standing"] == "no_change_shown"
    assert np.isnan(found["margin"])


def test_a_larger_population_is_judged_by_its_year_as_before(tiny_plan):
    plan = plan_with(tiny_plan, "rise", data_kind="proportion", multiplier=100.0)
    events = [4500, 4550, 4480, 4530, 4600]
    found = row(judged(plan, counted(events, 10000, 2021)))
    assert found["standing"] == "improved_not_shown"
    assert found["margin"] > 0


# --- the probability printed is the one the class rests on ---


@pytest.mark.parametrize("value", [40.0, 1.5])
def test_a_target_with_two_edges_is_ranked_drawn_and_warned_of_by_falling_short(tiny_plan, value):
    plan = plan_with(tiny_plan, "around", value, tolerance=value / 20)
    ahead = fan(value, value * 1.09, value * 1.2)
    table = plain([value * 0.99, value, value, value * 1.02], 2022)
    risks = judged(plan, table, ahead)
    found = row(risks)
    assert found["p_meet"] < 0.3 < 0.9 < found["p_not_short"]
    assert (found["risk"], found["standing"]) == ("clear", "ahead")
    goal = wdp.evaluate(risks, plan, stage="midterm").set_index("goal")
    told = goal.loc[plan.indicator(SERIES).goals[0]]
    assert told["p_hardest"] == pytest.approx(found["p_not_short"])
    assert hardest(risks, 5) == []
    short = judged(plan, table, fan(value * 0.9, value * 0.95, value * 1.2))
    warned = wdp.warnings(short, table, plan).set_index("rule")
    rests_on = class_probability(short)[short["indicator"] == SERIES].iloc[0]
    assert warned.loc["probability_of_missing", "figure"] == pytest.approx(1 - rests_on)


def test_a_figure_of_a_warning_and_its_line_are_never_printed_alike():
    warned = pd.DataFrame(
        {"rule": ["swings", "swings"], "figure": [0.3312, 22.0], "threshold": [0.2934, 15.0]}
    )
    plan = wdp.load_plan("ruyuan-2021-2030")
    context = Context(plan)
    unit = next(i for i in plan.indicators if i.data_kind == "gap" and i.unit != "count")
    told = [
        views.cells.warned_figures(r._replace(), context, r.figure, r.threshold)
        for r in warned.assign(indicator=unit.id).itertuples()
    ]
    assert told[0] == "0.331 / 0.293"
    assert told[1].startswith("22")


# --- everybody is reached, year after year ---


@pytest.mark.parametrize(
    ("kind", "years", "people", "probability"),
    [
        ("full_coverage", 4, 5600, 0.894),  # the fourth root of nothing: (4 / 5) ** 0.5
        ("full_coverage", 10, 300, 0.953),
        ("at_least", 5, 40, 0.913),
    ],
)
def test_who_reached_everybody_for_years_will_probably_go_on_by_the_counts(
    tiny_plan, kind, years, people, probability
):
    plan = plan_with(
        tiny_plan, kind, 100.0, data_kind="proportion", multiplier=100.0, upper_bound=100.0
    )
    events = [people - 9, people - 1, *[people] * years]
    found = row(judged(plan, counted(events, people, 2024 - years), fan(93, 98, 99.8)))
    assert found["p_meet"] == pytest.approx(probability, abs=0.001)
    assert (found["standing"], found["risk"]) == ("ahead", "clear")


@pytest.mark.parametrize("short", [[0, 0], [1, 0, 0, 0, 1]])
def test_two_years_or_one_person_missing_in_the_last_year_are_no_such_proof(tiny_plan, short):
    plan = plan_with(tiny_plan, "full_coverage", 100.0, data_kind="proportion", multiplier=100.0)
    events = [500 - n for n in [5, 3, *short]]
    table = counted(events, 500, 2026 - len(events))
    found = row(judged(plan, table, fan(93, 98, 99.8)))
    assert found["p_meet"] <= 0.1


def test_nobody_affected_for_years_is_the_mirror_image(tiny_plan):
    of = {"data_kind": "proportion", "multiplier": 1000.0, "unit": "per_1000"}
    plan = plan_with(tiny_plan, "at_most", 0.0, **of)
    table = counted([20, 12, 0, 0, 0, 0], 900, 2020, scale=1000.0)
    found = row(judged(plan, table, fan(0, 1, 3)))
    assert found["p_meet"] == pytest.approx(0.894, abs=0.001)


def test_a_share_of_a_hundred_and_seventeen_villages_comes_in_steps_too(tiny_plan):
    plan = plan_with(
        tiny_plan, "full_coverage", 100.0, data_kind="proportion", multiplier=100.0,
        denominator=Text("村（社区）数", "villages"), upper_bound=100.0,
    )  # fmt: skip
    found = row(judged(plan, counted([108, 110, 112], 117, 2023), fan(95, 99, 100)))
    # half a village is missing at 99.57 %: more than half of the way from the median to the top
    assert found["p_meet"] == pytest.approx(0.5 - 0.4 * (99.5726 - 99), abs=0.01)


# --- before its year is over nothing is missed, and what is on its way is no problem ---


@pytest.mark.parametrize(
    ("ahead", "as_of", "last", "problem", "commitment"),
    [
        ((74, 78, 82), "2026-06-30", 65, "", "under_way"),
        ((60, 66, 74), "2026-06-30", 65, "hard_to_reach", "behind"),
        (None, "2031-06-30", 65, "not_attained", "missed"),
        (None, "2031-06-30", 71, "", "done"),
    ],
)
def test_a_target_expected_in_time_is_no_problem_and_a_commitment_is_missed_at_its_end_only(
    tiny_plan, ahead, as_of, last, problem, commitment
):
    first = int(as_of[:4]) - 8
    table = plain([*np.linspace(50, last, 8).round(2)], first)
    plan = plan_with(tiny_plan, "at_least", 70.0)
    risks = judged(plan, table, None if ahead is None else fan(*ahead), as_of)
    found = rank_problems(risks, plan).query(f"indicator == '{SERIES}'")["problem"]
    assert list(found) == ([problem] if problem else [])
    asked = needs(risks, table, plan)
    assert (SERIES in set(asked["indicator"])) == bool(problem)
    made = replace(plan.commitments[0], indicators=(SERIES,))
    status = wdp.project_status(None, risks, replace(plan, commitments=(made,)))
    assert list(status["status"]) == [commitment]


def test_at_the_end_nothing_is_expected_any_more_of_a_target_without_its_value(tiny_plan):
    plan = plan_with(tiny_plan, "at_least", 70.0)
    table = plain([60, 61, 62, 63, 64, 65, 66, 67], 2020)  # until 2027
    found = row(judged(plan, table, fan(66, 70, 74), "2031-06-30"))
    assert np.isnan(found["p_meet"]) and found["risk"] == "not_graded"
    assert found["state_reason"] == "no_target_year_value"
    assert list(rank_problems(judged(plan, table, fan(66, 70, 74), "2031-06-30"), plan)
                .query(f"indicator == '{SERIES}'")["problem"]) == ["no_usable_data"]  # fmt: skip


# --- the end of a plan ---


@pytest.mark.parametrize(
    ("seats", "direction"), [((2, 2), "unchanged"), ((2, 1), "reversed"), ((2, 3), "kept")]
)
def test_at_the_end_as_many_seats_as_before_are_no_change_for_the_worse(
    tiny_plan, seats, direction
):
    plan = plan_with(tiny_plan, "rise", frequency="term", multiplier=100.0, data_kind="share")
    rows = [f"{SERIES} | {year} | {100 * n / 8} | {n} | 8"
            for year, n in zip((2016, 2026), seats, strict=True)]  # fmt: skip
    table = observations("indicator | year | value | numerator | denominator\n" + "\n".join(rows))
    found = final_verdicts(judged(plan, table, as_of="2031-06-30"), plan)
    assert row(found)["direction"] == direction


def test_a_draft_of_the_next_plan_says_the_class_and_raises_no_number_of_institutions(tiny_plan):
    counts = {"unit": "count", "data_kind": "count"}
    plan = plan_with(tiny_plan, "at_least", 1.0, **counts)
    draft = row(draft_indicators(judged(plan, plain([1] * 10, 2021), as_of="2031-06-30"), plan))
    assert (draft["standing"], draft["proposal"]) == ("attained", "consolidate")


# --- what stands on the page ---


def test_the_year_of_few_cases_is_shown_with_its_counts(tiny_plan):
    plan = plan_with(
        tiny_plan, "at_most", 15.0, data_kind="rare_rate", multiplier=100000.0, unit="per_100k"
    )
    table = counted([1, 0, 0, 2, 0, 0, 0, 0, 0, 0], 1900, 2016, scale=100000.0)
    risks = judged(plan, table)
    annual = wdp.annual_table(table, risks, plan, year=2025)
    said = repr(views.show(annual, "annual", Context(plan)))
    assert "0.0/10万（2025，0/1900" in said and "2016—2025 年合计 3/19000" in said


def test_a_rate_that_may_exceed_a_hundred_per_cent_says_so(tiny_plan):
    table = plain([86, 88, 90, 91, 92], 2021)
    above = judged(plan_with(tiny_plan, "at_least", 92.0), table, fan(90, 96, 104))
    below = judged(plan_with(tiny_plan, "at_least", 92.0), table, fan(90, 94, 99))
    said = [repr(views.show(r, "risks", Context(tiny_plan))) for r in (above, below)]
    assert "按定义可超过 100%" in said[0] and "按定义可超过 100%" not in said[1]


def test_a_target_beside_another_indicator_names_it_and_its_figure(tiny_plan):
    plan = plan_with(tiny_plan, "relative", reference="share_female_employed")
    table = observations(f"""
        indicator             | year | value
        {SERIES}              | 2025 | 30
        share_female_employed | 2025 | 27.7 """)
    risks = judged(plan, table)
    name = plan.indicator("share_female_employed").name.zh
    shown = views.show(risks[risks["indicator"] == SERIES], "risks", Context(plan)).texts
    assert shown["目标值"].iloc[0].startswith(f"不低于{name}，即 ≥ 27.7")


@pytest.mark.parametrize(("value", "shown"), [(0.9999, "1.00"), (0.071, "0.07"), (0.001, "<0.01")])
def test_a_p_value_is_no_probability_of_success(value, shown):
    assert views.cells.NUMBERS["p_value"](value, None, None) == shown


def test_that_no_measure_shows_an_effect_is_said_in_words_and_nothing_is_counted(tiny_plan):
    effects = pd.DataFrame(
        {"measure": ["M-H01"], "indicator": [SERIES], "reason": [""], "words": ["not_shown"],
         "level": ["L3"], "cautions": [""]}
    )  # fmt: skip
    better = pd.DataFrame({"area": ["east"], "listed": [False]})
    facts = effect_facts(effects, better, Context(tiny_plan))
    assert facts["shown_line"] == "没有一项显示变化超出以往趋势或对照"


# --- forecasts that nobody would believe ---


@pytest.mark.parametrize("whole", [1.0, 1000.0])
def test_a_share_never_below_nine_tenths_of_its_limit_has_no_bound_at_nought(whole):
    values = np.array([100, 100, 96, 97.22, 96.3, 100, 91.67, 100, 97.37, 100, 100])
    frame = pd.DataFrame(
        {"series_id": "rescued", "year": range(2015, 2026), "value": values * whole / 100,
         "lower": 0.0, "upper": whole}
    )  # fmt: skip
    made = wdp.forecast_frame(frame, horizon=5)
    lowest = made[made["quantile"] == 0.025]["value"]
    assert (lowest > 0.6 * whole).all()
    assert lowest.is_monotonic_decreasing


def test_the_outermost_quantile_is_led_out_by_the_next_ones():
    made = without_outliers(np.array([[-5.0, 86, 95, 99, 100, 101, 130]]))[0]
    z = norm.ppf([0.025, 0.1, 0.25])
    assert made[0] == pytest.approx(86 - 2 * 9 * (z[1] - z[0]) / (z[2] - z[1]))
    assert made[6] == pytest.approx(101 + 2 * (z[1] - z[0]) / (z[2] - z[1]))
    usual = np.array([[80.0, 86, 91, 95, 98, 101, 104]])
    assert (without_outliers(usual) == usual).all()


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(1, 1, "1/1"), (0, 1, "0/1"), (3, 4, "3/4"), (0, 0, "0/0"), (3, 5, "3/5 = 60.0%")],
)
def test_one_of_one_is_not_a_hundred_per_cent(part, whole, shown):
    assert rate_text(part, whole) == shown


def test_one_case_a_year_is_no_need_of_a_direction(tiny_plan):
    plan = plan_with(tiny_plan, "fall", data_kind="proportion", multiplier=100.0)
    table = counted([4, 6, 3, 5, 4, 5, 3, 6, 3, 5], 120, 2016)
    risks = judged(plan, table, fan(3, 4, 6))
    asked = needs(risks, table, plan).set_index("indicator").loc[[SERIES]]
    assert set(asked["reason"]) == {"no_change_shown"} and asked["change"].isna().all()


def test_every_test_that_the_list_of_judgements_names_is_there():
    home = Path(__file__).parents[1]
    named = re.findall(r"`(test_\w+)`", (home / "docs" / "judgements.md").read_text("utf-8"))
    known = "\n".join(p.read_text("utf-8") for p in (home / "tests").glob("test_*.py"))
    assert len(named) > 50
    assert not [name for name in named if f"def {name}(" not in known]


@pytest.mark.parametrize(("stage", "said"), [("midterm", "尚未达标"), ("final", "未达标")])
def test_not_attained_is_said_at_the_end_and_not_yet_before(tiny_plan, stage, said):
    context = Context(tiny_plan, stage=stage)
    assert (context.word("state", "not_attained"), context.facts["missed_word"]) == (said, said)
    assert context.word("problem", "not_yet") == "尚未达标"


# --- what stands side by side must not contradict itself ---


def test_who_is_in_time_and_yet_unlikely_to_arrive_is_told_why(tiny_plan):
    # 69 % of the way in half of the time; each year brings less, and everybody is a lot
    values = [65.5, 70.4, 76.2, 81.7, 84.9, 87.9, 89.7, 92.1, 94.0, 95.4, 96.3]
    plan = plan_with(tiny_plan, "full_coverage", 100.0, data_kind="proportion")
    found = judged(plan, plain(values, 2015), fan(96.9, 98.5, 99.2))
    assert (row(found)["standing"], row(found)["risk"]) == ("hard", "red")
    one = next(found[found["indicator"] == SERIES].itertuples())
    said = why_text(one, Context(plan, "en"))
    assert "19 points ahead of schedule" in said and "2030 brings 98.5% (96.9–99.2)" in said
    assert "比时间进度多 19 个百分点" in why_text(one, Context(plan, "zh"))
    late = judged(plan, plain([80, *[80.5] * 9, 81], 2015), fan(78, 81, 84))
    assert "schedule" not in why_text(
        next(late[late["indicator"] == SERIES].itertuples()), Context(plan, "en")
    )


def test_a_gross_rate_is_forecast_as_the_real_gross_rates_it_was_learned_from(tiny_plan):
    # 43.8 twenty years ago, 91.8 now; as an open percentage 71.6 to 119.0 in seven years (80 %)
    years = [2005, 2009, *range(2012, 2024)]
    values = [52.7, 79.2, 85, 86, 86.5, 87, 87.5, 88.3, 88.8, 89.5, 91.2, 91.4, 91.6, 91.8]
    rows = [f"{SERIES} | {year} | {value}" for year, value in zip(years, values, strict=True)]
    table = observations("indicator | year | value\n" + "\n".join(rows))
    plan = plan_with(tiny_plan, "at_least", 92.0, data_kind="proportion", upper_bound=np.inf)
    made = wdp.forecast(table, plan, through=2030)
    ends = made[(made["indicator"] == SERIES) & (made["year"] == 2030)].set_index("quantile")
    ratio = wdp.forecast_frame(
        pd.DataFrame({"series_id": "a", "year": years, "value": values, "kind": "ratio"}), horizon=7
    )
    same = ratio[ratio["year"] == 2030].set_index("quantile")["value"]
    assert ends["value"].to_dict() == pytest.approx(same.to_dict(), abs=1e-3)
    assert ends["value"][0.1] > 80 and ends["value"][0.9] < 111


def test_who_is_short_in_a_town_is_counted_and_not_read_off_a_rounded_percentage(tiny_plan):
    plan = plan_with(tiny_plan, "full_coverage", 100.0, data_kind="proportion", multiplier=100.0)
    table = observations(f"""
        indicator | area | year | value | numerator | denominator
        {SERIES} | county | 2025 | 96.3 | 7746 | 8127
        {SERIES} | dabu | 2025 | 95.3 | 2695 | 2827
        {SERIES} | luoyang | 2025 | 95.3 | 5051 | 5300
    """)
    parts = wdp.drill_down(table, plan, indicator=SERIES, year=2025).set_index("part")
    assert parts.loc["dabu", "contribution"] == pytest.approx(132)


@pytest.mark.parametrize(("more", "a_year"), [(3, np.nan), (6, 2)])
def test_three_more_in_five_years_are_not_one_more_a_year(tiny_plan, more, a_year):
    plan = plan_with(tiny_plan, "at_least", 90.0, data_kind="proportion", multiplier=100.0)
    table = counted([90 - more] * 6, 100, 2020)
    found = needs(judged(plan, table, fan(80, 85, 88)), table, plan).set_index("goal").loc["H02"]
    assert found["change"] == more
    assert found["change_per_year"] == pytest.approx(a_year, nan_ok=True)

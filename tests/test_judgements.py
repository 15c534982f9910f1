"""Judgements that an official can sign: each case here was once judged or said wrongly."""

import numpy as np
import pandas as pd
import pytest
from judgements_kit import NOTHING, cell, jumped, row, series, with_target
from kit import forecasts, observations

import wdp_lib as wdp
from wdp_lib.assessment.doubt import doubts, suspected
from wdp_lib.core.errors import Text
from wdp_lib.evaluation.problems import rank_problems
from wdp_lib.publish import views
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import distance, probability
from wdp_lib.publish.views.choose import hardest

# --- a value that the data page suspects ---

STEADY = [74, 75, 76, 77, 78, 79, 57, 81, 82, 83]  # 75 with its digits swapped, in 2022


def doubted(plan, table, problems):
    suspects = suspected(table, problems, plan)
    made = wdp.forecast(table, plan, through=2030)
    known = {"as_of": "2026-06-30"}
    risks = wdp.assess(made, table, plan, suspects=suspects, **known)
    told = doubts(risks, suspects, table, plan, forecasts=made, paths=None, through=2030, **known)
    return risks, told


def test_a_verdict_carries_the_doubt_of_a_suspected_value_and_is_shown_without_it(tiny_plan):
    table = series(STEADY)
    risks, told = doubted(tiny_plan, table, [jumped(table)])
    assert row(risks)["doubt"] == "2022"
    shown = row(told)
    with_it = shown["forecast_upper"] - shown["forecast_lower"]
    without = shown["forecast_upper_without"] - shown["forecast_lower_without"]
    assert without < with_it
    assert shown["standing_without"] == "ahead"
    text = repr(views.show(told, "doubts", Context(tiny_plan)))
    assert "57.0%（2022）" in text and "报送单位确认前，两种结果并列" in text
    assert "2022 年数值存疑，待核实" in repr(views.show(risks, "risks", Context(tiny_plan)))


def test_a_value_that_the_table_of_corrections_settles_is_doubted_no_more(tiny_plan):
    table = series(STEADY)
    risks, told = doubted(tiny_plan, table, [jumped(table), jumped(table, "corrected")])
    assert row(risks)["doubt"] == "" and told.empty


def test_a_jump_of_another_group_or_area_throws_no_doubt_on_the_verdict(tiny_plan):
    table = series(STEADY, residence="rural")
    assert suspected(table, [jumped(table)], tiny_plan).empty


# --- numbers that contradict what stands beside them ---


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.37, "37%"),
        (0.30, "30%"),
        (0.7, "70%"),
        (0.704, "70.4%"),  # blue, not the yellow of 70 %
        (0.6996, "略低于70%"),  # yellow
        (0.4951, "49.5%"),
        (0.49999, "略低于50%"),
        (0.01, "≤2%"),
        (0.99, "≥98%"),
    ],
)
def test_a_probability_is_never_rounded_onto_the_edge_of_another_class(value, shown):
    assert probability(value, "zh") == shown
    edges = [0.3, 0.5, 0.7, 0.8]
    if shown.startswith("略低于"):
        assert value < float(shown[3:-1]) / 100
    elif not shown.startswith(("≤", "≥")):
        printed = float(shown.rstrip("%")) / 100
        assert [printed <= e for e in edges] == [value <= e for e in edges]


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (56.409, "percent", "+56.41"),
        (-0.08, "percent", "-0.08"),
        (-0.004, "percent", "-0.004"),
        (2.302, "percent", "+2.3"),
        (0.0, "percent", "0.0"),
        (346.4, "persons", "+346.4"),
    ],
)
def test_a_distance_has_no_more_digits_than_it_needs_and_is_never_rounded_to_nought(
    value, unit, shown
):
    assert distance(value, unit) == shown


def test_a_target_with_two_edges_says_the_probability_its_class_rests_on(tiny_plan):
    plan = with_target(tiny_plan, target=wdp.Target("around", 50, tolerance=3.0, year=2030))
    fan = forecasts("""
        indicator          | year | quantile | value
        screening_coverage | 2030 | 0.1      | 44
        screening_coverage | 2030 | 0.5      | 50
        screening_coverage | 2030 | 0.9      | 60 """)
    risks = wdp.assess(fan, series([46, 46, 47, 48], first=2022), plan, as_of="2026-06-30")
    found = row(risks)
    assert found["p_not_short"] > found["p_meet"]
    assert found["risk"] == wdp.load_scheme().risk_class(found["p_not_short"])
    assert "不低于下限" in cell(risks, plan, "达标概率")


def test_the_distance_of_the_lowest_part_of_an_area_says_whose_it_is(tiny_plan):
    plan = with_target(tiny_plan, target=wdp.Target("every_area", 90, year=2030))
    table = observations("""
        indicator          | area   | year | value
        screening_coverage | county | 2025 | 98.9
        screening_coverage | east   | 2025 | 97.46
        screening_coverage | west   | 2025 | 99.2 """)
    risks = wdp.assess(forecasts(NOTHING), table, plan, as_of="2026-06-30")
    assert cell(risks, plan, "距目标") == "+7.46（最低地区 97.46%）"


def test_a_pooled_baseline_says_what_the_last_value_is_compared_with(tiny_plan):
    target = wdp.Target("rise", year=2030)
    plan = with_target(tiny_plan, target=target, data_kind="proportion", multiplier=100.0)
    table = observations("""
        indicator          | year | value | numerator | denominator
        screening_coverage | 2018 | 80    | 8         | 10
        screening_coverage | 2019 | 60    | 6         | 10
        screening_coverage | 2020 | 90    | 9         | 10
        screening_coverage | 2021 | 70    | 7         | 10
        screening_coverage | 2022 | 80    | 8         | 10
        screening_coverage | 2025 | 80    | 8         | 10 """)
    risks = wdp.assess(forecasts(NOTHING), table, plan, as_of="2026-06-30")
    assert "与前后年份合并为 76.0%" in cell(risks, plan, "目标值")
    assert cell(risks, plan, "距目标") == "+4.0"


def test_a_baseline_is_not_pooled_with_years_of_another_level(tiny_plan):
    target = wdp.Target("rise", year=2030)
    plan = with_target(tiny_plan, target=target, data_kind="proportion", multiplier=100.0)
    table = observations("""
        indicator          | year | value | numerator | denominator
        screening_coverage | 2019 | 1     | 10        | 1000
        screening_coverage | 2020 | 4.5   | 45        | 1000
        screening_coverage | 2021 | 40    | 400       | 1000
        screening_coverage | 2025 | 75    | 750       | 1000 """)
    found = row(wdp.assess(forecasts(NOTHING), table, plan, as_of="2026-06-30"))
    assert found["target_lower"] == pytest.approx(4.5)


def test_a_hundred_per_cent_after_a_hundred_per_cent_is_no_improvement(tiny_plan):
    target = wdp.Target("rise", year=2030)
    plan = with_target(tiny_plan, target=target, data_kind="proportion", multiplier=100.0)
    table = observations("""
        indicator          | year | value | numerator | denominator
        screening_coverage | 2019 | 90    | 9         | 10
        screening_coverage | 2020 | 100   | 10        | 10
        screening_coverage | 2021 | 100   | 10        | 10
        screening_coverage | 2025 | 100   | 10        | 10 """)
    # pooled with the years around it the baseline is 96.7 %
    found = row(wdp.assess(forecasts(NOTHING), table, plan, as_of="2026-06-30"))
    assert found["standing"] == "no_change_shown"


def test_of_sixteen_places_all_have_it_when_less_than_half_a_place_is_missing(tiny_plan):
    target = wdp.Target("full_coverage", value=100.0, year=2030)
    of = {"data_kind": "proportion", "multiplier": 100.0, "upper_bound": 100.0, "target": target}
    table = series([87.5] * 3, first=2023, numerator=[14] * 3, denominator=[16] * 3)
    ahead = """
        indicator          | year | quantile | value
        screening_coverage | 2030 | 0.1      | 85
        screening_coverage | 2030 | 0.5      | 95
        screening_coverage | 2030 | 0.9      | 99 """
    found = {
        counted: row(
            wdp.assess(
                forecasts(ahead),
                table,
                with_target(tiny_plan, denominator=Text(counted, ""), **of),
                as_of="2026-06-30",
            )
        )["p_meet"]
        for counted in ("应建场所数", "应查妇女数")
    }
    # fifteen and a half of sixteen are 96.875 %, nearly half of the way from 95 to 99
    assert found["应建场所数"] == pytest.approx(0.5 - 0.4 * 1.875 / 4)
    assert found["应查妇女数"] < 0.1


def test_one_institution_is_there_or_not_and_its_probability_is_read_half_way(tiny_plan):
    target = wdp.Target("at_least", value=1.0, year=2030)
    plan = with_target(tiny_plan, unit="count", data_kind="count", upper_bound=None, target=target)
    ahead = """
        indicator          | year | quantile | value
        screening_coverage | 2030 | 0.1      | 0.5
        screening_coverage | 2030 | 0.5      | 1
        screening_coverage | 2030 | 0.9      | 1.5 """
    opened = series([0, 0, 1, 1], first=2022)
    found = row(wdp.assess(forecasts(ahead), opened, plan, as_of="2026-06-30"))
    # the median is exactly one: read at one it would be a half
    assert found["p_meet"] == pytest.approx(0.9)


# --- few events ---


def treated(tiny_plan, missed, cases=8, last_missed=0, as_of="2031-06-30"):
    """A proportion of few cases at the end of its plan: ten years, the last one given."""
    target = wdp.Target("at_least", value=95.0, year=2030)
    small = {"data_kind": "proportion", "small_numbers": "yes", "multiplier": 100.0}
    plan = with_target(tiny_plan, target=target, **small)
    short = np.array([missed // 9 + (k < missed % 9) for k in range(9)] + [last_missed])
    counts = {"numerator": cases - short, "denominator": np.full(10, cases)}
    table = series(list(100 * (cases - short) / cases), first=2021, **counts)
    return row(wdp.assess(forecasts(NOTHING), table, plan, as_of=as_of))


def test_at_the_end_too_one_good_year_of_eight_cases_attains_nothing(tiny_plan):
    # 4 of 80 not treated in ten years, none in the last: each is reviewed by itself
    assert treated(tiny_plan, 4)["standing"] == "case_by_case"
    # 20 of 80: 75 % against 95 %, whatever the last year says
    assert treated(tiny_plan, 20)["standing"] == "not_attained"


def test_at_the_end_too_one_bad_case_misses_nothing(tiny_plan):
    assert treated(tiny_plan, 0, last_missed=1)["standing"] == "case_by_case"


def test_one_case_is_neither_a_distance_nor_a_need_and_its_pooled_count_is_printed(tiny_plan):
    rows = [f"maternal_mortality_ratio | {2016 + n} | {100000 * x / 2000} | {x} | 2000"
            for n, x in enumerate([0, 1, 0, 0, 0, 1, 0, 0, 0, 1])]  # fmt: skip
    table = observations(
        "indicator | year | value | numerator | denominator\n" + "\n".join(rows)
    ).assign(sex="all")
    plan = with_target(
        tiny_plan, "maternal_mortality_ratio", data_kind="rare_rate", multiplier=100000.0, sex="all"
    )
    risks = wdp.assess(forecasts(NOTHING), table, plan, as_of="2026-06-30")
    found = row(risks, "maternal_mortality_ratio")
    assert (found["standing"], found["risk"]) == ("case_by_case", "not_graded")
    assert np.isnan(found["margin"])
    assert (found["pooled_events"], found["pooled_exposure"]) == (3, 20000)
    shown = cell(risks, plan, "最新值（年份）", "maternal_mortality_ratio")
    assert "2016—2025 年合计 3/20000" in shown
    assert rank_problems(risks, plan).query("indicator == 'maternal_mortality_ratio'").empty


# --- what leads a list ---


def problem_rows(plan, **columns):
    table = wdp.assess(forecasts(NOTHING), series([72, 73, 74]), plan, as_of="2026-06-30")
    for name, value in columns.items():
        table.loc[table["indicator"] == "screening_coverage", name] = value
    return table


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"state": "attained", "standing": "attained", "volatility": "volatile"}, ""),
        ({"state": "attained", "standing": "ahead", "reason": "too_few_points"}, ""),
        ({"state": "not_assessable", "standing": "not_assessable", "reason": "stale"},
         "no_usable_data"),
        ({"state": "not_attained", "standing": "not_attained"}, "not_attained"),
    ],
)  # fmt: skip
def test_what_is_attained_is_no_problem_for_want_of_data_and_long_met_leads_no_list(
    tiny_plan, columns, problem
):
    found = rank_problems(problem_rows(tiny_plan, **columns), tiny_plan)
    own = found[found["indicator"] == "screening_coverage"]["problem"]
    assert list(own) == ([problem] if problem else [])


def test_the_hardest_chart_shows_nothing_that_has_no_warning():
    risks = pd.DataFrame(
        {
            "indicator": ["met in 2013", "in danger", "watched"],
            "risk": ["clear", "red", "blue"],
            "p_meet": [0.98, 0.1, 0.75],
            "evidence": "confirmed",
        }
    )
    assert hardest(risks, 6) == ["in danger", "watched"]


def test_as_many_seats_as_before_are_no_change_and_not_a_change_for_the_worse(tiny_plan):
    plan = with_target(tiny_plan, target=wdp.Target("rise", year=2030), frequency="term")
    table = observations("""
        indicator          | year | value | numerator | denominator
        screening_coverage | 2016 | 29    | 9         | 31
        screening_coverage | 2021 | 29    | 9         | 31 """)
    risks = wdp.assess(forecasts(NOTHING), table, plan, as_of="2026-06-30")
    assert row(risks)["standing"] == "no_change_shown"


def test_both_scopes_of_a_goal_stand_side_by_side_on_the_page():
    plan = wdp.load_plan("ruyuan-2021-2030")
    risks = wdp.assess(
        forecasts(NOTHING), observations("indicator | year | value\nnone | 2025 | 1")[:0], plan,
        as_of="2026-06-30",
    )  # fmt: skip
    verdicts = wdp.evaluate(risks, plan, stage="midterm")
    goal = verdicts["goal"] == "H05"
    verdicts.loc[goal, ["verdict", "all_verdict"]] = ["ahead", "hard"]
    page = repr(views.show(verdicts, "goals", Context(plan)))
    line = next(line for line in page.splitlines() if "H05" in line)
    assert "提前达标" in line and "达标困难" in line

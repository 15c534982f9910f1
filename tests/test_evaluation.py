"""Verdicts of goals, attainment rates, ranked problems, hindcasts."""

import pandas as pd
import pytest
from kit import forecasts, observations

import wdp_lib as wdp
from wdp_lib.core.errors import DataError, ParameterError
from wdp_lib.evaluation.outcomes import reliability

HOLE = """
    indicator       | year | quantile | value | reason
    life_expectancy |      |          |       | no_data
"""
FAN = """
    indicator                | year | quantile | value
    maternal_mortality_ratio | 2030 | 0.1      | 6
    maternal_mortality_ratio | 2030 | 0.5      | 9
    maternal_mortality_ratio | 2030 | 0.9      | 12
    screening_coverage       | 2030 | 0.1      | 74
    screening_coverage       | 2030 | 0.5      | 78
    screening_coverage       | 2030 | 0.9      | 82
"""


def risks(plan, observed, forecast=HOLE):
    return wdp.assess(forecasts(forecast), observations(observed), plan, as_of="2026-06-30")


def verdict(plan, observed, goal, forecast=HOLE, stage="midterm"):
    table = wdp.evaluate(risks(plan, observed, forecast), plan, stage=stage).set_index("goal")
    return table.loc[goal]


BOTH = """
    indicator                | year | value
    maternal_mortality_ratio | 2025 | {mmr}
    screening_coverage       | 2025 | {screening}
"""


@pytest.mark.parametrize(
    ("mmr", "screening", "expected"),
    [
        (8, 70, ("ahead", "all_met")),
        (8.01, 70, ("nearly", "one_nearly")),
        (9, 70, ("hard", "worst_target")),
        (9, 69.9, ("hard", "worst_target")),
    ],
)
@pytest.mark.requirement("E2")
def test_a_goal_stands_where_its_worst_target_stands(tiny_plan, mmr, screening, expected):
    likely = FAN.replace("| 6\n", "| 8.5\n") if mmr == 9 else HOLE
    row = verdict(tiny_plan, BOTH.format(mmr=mmr, screening=screening), "H02", likely)
    assert (row["verdict"], row["verdict_reason"]) == expected


def test_a_hole_in_the_data_is_never_taken_for_success(tiny_plan):
    only_one = "indicator | year | value\nscreening_coverage | 2025 | 80"
    row = verdict(tiny_plan, only_one, "H02")
    assert (row["verdict"], row["verdict_reason"], row["n_not_assessable"]) == (
        "not_assessable",
        "met_so_far",
        1,
    )
    assert verdict(tiny_plan, "indicator | year | value\nlife_expectancy | 2025 | 80", "H02")[
        "verdict_reason"
    ] == ("no_data")


@pytest.mark.requirement("B9")
def test_a_qualitative_goal_without_rating_is_left_to_people(tiny_plan):
    row = verdict(tiny_plan, BOTH.format(mmr=8, screening=70), "F01")
    assert (row["verdict"], row["verdict_reason"]) == ("not_assessable", "qualitative_goal")


def test_every_goal_has_a_verdict_and_the_hardest_indicator_is_named_until_the_final_round(
    tiny_plan,
):
    observed = BOTH.format(mmr=10, screening=80)
    table = wdp.evaluate(risks(tiny_plan, observed, FAN), tiny_plan, stage="midterm")
    assert list(table["goal"]) == [g.id for g in tiny_plan.goals]
    row = verdict(tiny_plan, observed, "H02", FAN)
    assert row["hardest_indicator"] == "maternal_mortality_ratio"
    assert row["outlook"] == "orange"
    assert verdict(tiny_plan, observed, "H02", FAN, stage="final")["outlook"] == "not_graded"


def test_an_unknown_stage_is_refused_with_the_closest_one(tiny_plan):
    with pytest.raises(ParameterError, match="midterm"):
        wdp.evaluate(
            risks(tiny_plan, BOTH.format(mmr=8, screening=70)), tiny_plan, stage="mid-term"
        )


def test_the_attainment_rate_shows_its_three_denominators(tiny_plan):
    rates = wdp.attainment_rates(risks(tiny_plan, BOTH.format(mmr=9, screening=70)), tiny_plan)
    whole = rates[rates["domain"] == ""].iloc[0]
    # five targets: one attained, one not yet and not forecast, three without data; three have a number
    assert (whole["attained"], whole["judged"], whole["quantified"], whole["assessable"]) == (
        1,
        5,
        3,
        1,
    )
    assert (whole["of_judged"], whole["of_assessable"]) == (0.2, 1.0)
    assert whole["of_quantified"] == pytest.approx(1 / 3)


def test_counts_of_the_domains_add_up_to_the_whole_plan(tiny_plan):
    rates = wdp.attainment_rates(risks(tiny_plan, BOTH.format(mmr=9, screening=70)), tiny_plan)
    counts = [
        "attained",
        "nearly",
        "not_attained",
        "not_assessable",
        "judged",
        "quantified",
        "assessable",
    ]
    parts, whole = rates[rates["domain"] != ""], rates[rates["domain"] == ""]
    assert (parts[counts].sum() == whole[counts].iloc[0]).all()


def test_a_target_still_to_be_confirmed_is_counted_apart(tiny_plan):
    table = risks(tiny_plan, BOTH.format(mmr=8, screening=70))
    table.loc[table["indicator"] == "screening_coverage", "evidence"] = "to_confirm"
    whole = wdp.attainment_rates(table, tiny_plan).iloc[-1]
    assert (whole["attained"], whole["judged"], whole["to_confirm"]) == (1, 4, 1)


@pytest.mark.requirement("E5")
def test_problems_stand_in_the_order_of_their_weight(tiny_plan):
    problems = wdp.rank_problems(
        risks(tiny_plan, BOTH.format(mmr=10, screening=60), FAN), tiny_plan
    )
    listed = list(zip(problems["indicator"], problems["problem"], strict=True))
    # what is expected to be attained in time is no problem
    assert listed == [
        ("maternal_mortality_ratio", "hard_to_reach"),
        ("share_female_employed", "no_usable_data"),
    ]


OUTCOMES = pd.DataFrame(
    {
        "indicator": ["maternal_mortality_ratio", "screening_coverage"],
        "outcome_year": [2030, 2028],
        "outcome_value": [8.0, 69.9],
        "verdict_published": ["met", "met"],
        "basis": ["compared", "compared"],
        "source": ["公报", "公报"],
        "source_address": ["", ""],
    }
)


def test_the_outcome_is_judged_by_its_value_and_the_probability_scored_against_it(tiny_plan):
    table = risks(tiny_plan, BOTH.format(mmr=10, screening=60), FAN)
    compared = wdp.compare_outcomes(table, OUTCOMES, tiny_plan).set_index("indicator")
    assert list(compared["outcome"]) == ["met", "not_met", "unknown"]
    mmr = compared.loc["maternal_mortality_ratio"]
    assert mmr["brier"] == pytest.approx((mmr["p_meet"] - 1) ** 2)
    assert bool(mmr["within_80"])
    # the outcome of another year says nothing about the interval of the target year
    assert pd.isna(compared.loc["screening_coverage", "within_80"])


def test_bands_of_probability_count_every_scored_case_once(tiny_plan):
    table = risks(tiny_plan, BOTH.format(mmr=10, screening=60), FAN)
    bands = reliability(wdp.compare_outcomes(table, OUTCOMES, tiny_plan))
    assert bands["n"].sum() == 2
    assert bands["met"].sum() == 1


def test_an_outcome_of_an_indicator_that_the_plan_does_not_have_is_refused(tiny_plan):
    wrong = OUTCOMES.assign(indicator=["maternal_mortality_ratio", "screning"])
    table = risks(tiny_plan, BOTH.format(mmr=10, screening=60), FAN)
    with pytest.raises(DataError) as caught:
        wdp.compare_outcomes(table, wrong, tiny_plan)
    assert caught.value.problems[0].row == 3

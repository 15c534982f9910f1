"""What a target still needs, in people and batches; what comes next, and in which order."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import drawn
from evaluation_kit import HOLE, risks, with_states
from kit import forecasts, observations

import wdp_lib as wdp
from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Text
from wdp_lib.data.records import read_records
from wdp_lib.evaluation.problems import PROPOSALS, carry_proposals, nearest_count
from wdp_lib.evaluation.summaries import COMMITMENT_RECORD
from wdp_lib.evaluation.verdicts import RUBRICS, check_rubrics
from wdp_lib.plan import Range


@pytest.fixture(scope="module")
def ruyuan():
    """The plan of the county."""
    return wdp.load_plan("ruyuan-2021-2030")


def demo(contract, plan):
    """Return the rows of one record of the example, all of which must be good."""
    made = read_records("ruyuan-demo", contract, plan)
    assert [p.message("en") for p in made.problems if p.severity == "reject"] == []
    assert len(made.frame) > 3
    return made.frame


COUNTED = """
    indicator          | year | value | numerator | denominator
    screening_coverage | 2025 | 60    | 6000      | 10000
"""


@pytest.fixture
def counted_plan(tiny_plan):
    """The small plan whose screening coverage is women screened among 100 eligible ones."""
    counted = tuple(
        replace(i, multiplier=100.0) if i.id == "screening_coverage" else i
        for i in tiny_plan.indicators
    )
    return replace(tiny_plan, indicators=counted)


@pytest.mark.requirement("E7")
def test_the_number_to_screen_is_that_of_a_hand_calculation(counted_plan):
    table, observed = risks(counted_plan, COUNTED)
    row = wdp.needs(table, observed, counted_plan).set_index("goal").loc["H02"]
    # 70 % of 10,000 are 7,000: 1,000 more women, in five years 200 more each year
    assert (row["needed"], row["change"], row["years"], row["change_per_year"]) == (
        7000,
        1000,
        5,
        200,
    )
    assert (row["assumption"], row["measures"], row["units"]) == (
        "denominator_constant",
        "M-H01",
        "health_bureau",
    )


@pytest.mark.requirement("E7")
def test_without_counts_there_is_a_reason_and_no_number(counted_plan):
    table, observed = risks(
        counted_plan, "indicator | year | value\nscreening_coverage | 2025 | 60"
    )
    row = wdp.needs(table, observed, counted_plan).set_index("goal").loc["H02"]
    assert (row["reason"], row["assumption"]) == ("counts_missing", "")
    assert np.isnan(row["change"])


@pytest.mark.requirement("E7")
def test_a_promise_kept_needs_nothing(counted_plan):
    table, observed = risks(counted_plan, COUNTED.replace("60 ", "70 ").replace("6000", "7000"))
    assert wdp.needs(table, observed, counted_plan).empty


def defined(plan, **settings):
    """The counted plan with the screening otherwise defined."""
    return replace(
        plan,
        indicators=tuple(
            replace(i, **settings) if i.id == "screening_coverage" else i for i in plan.indicators
        ),
    )


@pytest.mark.parametrize(
    "of_sample",
    [
        {"denominator": Text("抽查批次数", "batches sampled")},
        {"denominator": Text("被调查妇女数", "women asked")},
        {"frequency": "survey"},
    ],
)
def test_three_more_of_the_people_asked_or_batches_sampled_is_no_need(counted_plan, of_sample):
    plan = defined(counted_plan, **of_sample)
    table, observed = risks(plan, COUNTED)
    row = wdp.needs(table, observed, plan).set_index("goal").loc["H02"]
    assert row["reason"] == "of_sample" and np.isnan(row["change"])


def test_seats_are_needed_at_an_election_and_never_so_many_a_year(counted_plan):
    plan = defined(counted_plan, frequency="term", data_kind="share")
    table, observed = risks(plan, COUNTED.replace("6000 ", "60").replace("10000", "100"))
    row = wdp.needs(table, observed, plan).set_index("goal").loc["H02"]
    assert (row["change"], row["assumption"]) == (10, "at_an_election")
    assert np.isnan(row["change_per_year"])


@pytest.mark.requirement("E7")
def test_a_minimum_for_every_township_is_counted_in_the_lowest(counted_plan):
    every = tuple(
        replace(i, target=wdp.Target("every_area", 90, year=2030))
        if i.id == "screening_coverage"
        else i
        for i in counted_plan.indicators
    )
    plan = replace(counted_plan, indicators=every)
    observed = observations("""
        indicator          | area   | year | value | numerator | denominator
        screening_coverage | county | 2025 | 92    | 276       | 300
        screening_coverage | east   | 2025 | 98    | 196       | 200
        screening_coverage | west   | 2025 | 80    | 80        | 100
    """)
    table = wdp.assess(forecasts(HOLE), observed, plan, as_of="2026-06-30")
    row = wdp.needs(table, observed, plan).set_index("goal").loc["H02"]
    assert (row["needed"], row["change"], row["change_per_year"]) == (90, 10, 2)


@pytest.mark.parametrize(
    ("count", "scale", "promise", "needed"),
    [
        (20, 1.0, Range(lower=30.0), 30),
        (20, 1.0, Range(lower=30.0, lower_open=True), 31),
        (9, 0.1, Range(upper=0.3), 3),
        (9, 0.1, Range(upper=0.3, upper_open=True), 2),
        (30, 1.0, Range(lower=30.0), 30),
        (1, 50.0, Range(lower=60.0, upper=90.0), np.nan),  # of two places none is 60 to 90 %
    ],
)
@pytest.mark.requirement("E7")
def test_the_nearest_whole_number_keeps_the_promise_strict_or_not(count, scale, promise, needed):
    assert nearest_count(count, scale, promise) == pytest.approx(needed, nan_ok=True)


@pytest.mark.requirement("E7")
def test_every_goal_of_the_plan_has_a_measure_to_turn_to(ruyuan):
    table = with_states(ruyuan, {}, usual="not_attained")
    observed = observations("indicator | year | value\nmaternal_mortality_ratio | 2025 | 9")
    needed = wdp.needs(table, observed, ruyuan)
    assert needed["goal"].nunique() > 60
    assert (needed["measures"] != "").all()
    assert (needed["units"] != "").all()


@pytest.mark.requirement("E7")
def test_no_proposal_is_lost_when_its_goal_is_no_longer_in_danger(counted_plan):
    proposals = conform(
        pd.DataFrame(
            drawn("""
                goal | round | proposal | proposed_by | date       | note
                H02  | 2024  | 流动筛查 | 卫健局      | 2025-06-01 |
                F01  | 2023  | 家长学校 | 妇联        | 2024-06-01 |
            """)
        ),
        PROPOSALS.table,
    )
    table, observed = risks(counted_plan, COUNTED)
    carried = carry_proposals(proposals, wdp.needs(table, observed, counted_plan))
    assert carried["standing"].tolist() == ["in_danger", "no_longer"]
    assert carried["proposal"].tolist() == ["流动筛查", "家长学校"]


@pytest.mark.requirement("E5")
def test_among_equals_the_larger_shortfall_comes_first_then_more_people_and_missing_data_is_a_problem_of_its_own(
    ruyuan,
):
    rates = [
        i for i in ruyuan.indicators if i.target.kind == "at_least" and i.data_kind == "proportion"
    ][:4]
    table = with_states(ruyuan, {i.id: "not_attained" for i in rates}).set_index(
        "indicator", drop=False
    )
    planted = {  # shortfall of a line of 100, people on the wrong side
        rates[2].id: (30.0, 100.0),
        rates[0].id: (10.0, 900.0),
        rates[3].id: (10.0, 500.0),
        rates[1].id: (10.0, 100.0),
    }
    for name, (short, people) in planted.items():
        table.loc[name, ["target_lower", "margin", "numerator", "denominator"]] = (
            100.0,
            -short,
            1000.0 - people,
            1000.0,
        )
    table.loc[~table.index.isin(planted), ["state", "standing"]] = "not_assessable"
    ranked = wdp.rank_problems(table.reset_index(drop=True), ruyuan)
    assert ranked["indicator"].head(4).tolist() == list(planted)
    assert set(ranked["problem"].iloc[4:]) == {"no_usable_data"}


@pytest.mark.requirement("E5")
def test_the_gap_between_women_and_men_is_that_of_the_last_year(counted_plan):
    observed = observations("""
        indicator          | sex    | year | value
        screening_coverage | female | 2024 | 50
        screening_coverage | male   | 2024 | 90
        screening_coverage | female | 2025 | 60
        screening_coverage | male   | 2025 | 64
    """)
    table = wdp.assess(forecasts(HOLE), observed, counted_plan, as_of="2026-06-30")
    ranked = wdp.rank_problems(table, counted_plan, observed).set_index("indicator")
    assert ranked.loc["screening_coverage", "sex_gap"] == -4
    assert np.isnan(ranked.loc["screening_coverage", "residence_gap"])


def test_the_records_of_the_example_fit_the_plan(ruyuan):
    states = with_states(ruyuan, {})
    assert check_rubrics(demo(RUBRICS, ruyuan), ruyuan)[1] == []
    status = wdp.project_status(demo(COMMITMENT_RECORD, ruyuan), states, ruyuan).set_index(
        "commitment"
    )
    assert (status.loc["P1-07", "status"], status.loc["P1-05", "status"]) == ("done", "under_way")
    assert set(demo(PROPOSALS, ruyuan)["goal"]) <= {goal.id for goal in ruyuan.goals}


def test_without_any_rating_no_goal_is_rated_and_nothing_is_refused():
    plan = wdp.load_plan("ruyuan-2021-2030")
    good, problems = check_rubrics(read_records("ruyuan-demo-2030", RUBRICS, plan).frame, plan)
    assert list(good.columns[:3]) == ["goal", "item", "level"]
    assert good.empty and not problems

"""Are values by sex and age delivered, by which unit, and what the same age mix makes of rates."""

from dataclasses import replace

import pandas as pd
import pytest
from kit import observations

import wdp_lib as wdp
from wdp_lib.comparison.completeness import unit_completeness
from wdp_lib.comparison.standardisation import overlapping


def wanted(plan, **settings):
    """The small plan with the screening wanted of women and men and by age, from the health bureau, every year."""
    defaults = {
        "sex_scope": "both_by_sex",
        "disaggregations": ("sex", "age_group"),
        "lead_units": ("health_bureau",),
        "frequency": "annual",
        "availability": "routine",
        "multiplier": 100.0,
        "unit": "percent",
        "data_kind": "proportion",
    }
    one = next(i for i in plan.indicators if i.id == "screening_coverage")
    return replace(plan, indicators=(replace(one, **(defaults | settings)),))


BY_SEX = """
    indicator          | sex    | year | value
    screening_coverage | female | 2021 | 60
    screening_coverage | male   | 2021 | 50
    screening_coverage | female | 2022 | 61
    screening_coverage | male   | 2022 | 51
    screening_coverage | female | 2023 | 62
    screening_coverage | female | 2024 | 63
    screening_coverage | male   | 2024 | 53
"""


@pytest.mark.requirement("B7")
def test_completeness_is_the_share_of_wanted_years_that_came_by_both_sexes_and_by_age(tiny_plan):
    table = wdp.group_completeness(observations(BY_SEX), wanted(tiny_plan), year=2025).set_index(
        "dimension"
    )
    sex, age = table.loc["sex"], table.loc["age_group"]
    assert (sex["wanted"], sex["given"], sex["share"], sex["last_year"]) == (
        5,
        3,
        0.6,
        2024,
    )  # 2023 women alone, 2025 none
    assert (age["wanted"], age["given"], age["share"], age["reason"]) == (5, 0, 0.0, "not_by_age")


@pytest.mark.requirement("B7")
def test_an_indicator_without_any_value_counts_as_wanted_and_not_delivered(tiny_plan):
    plan = wanted(tiny_plan, frequency="survey")
    table = wdp.group_completeness(observations(BY_SEX).iloc[:0], plan, year=2025)
    assert table["wanted"].tolist() == [1, 1]  # one survey within the plan at least
    assert table["reason"].tolist() == ["no_data", "no_data"]


@pytest.mark.requirement("B7")
def test_of_a_survey_only_the_years_it_was_held_are_wanted(tiny_plan):
    plan = wanted(tiny_plan, frequency="survey")
    table = wdp.group_completeness(observations(BY_SEX), plan, year=2025).set_index("dimension")
    assert (table.loc["sex", "wanted"], table.loc["sex", "given"]) == (4, 3)


@pytest.mark.requirement("B7")
def test_what_nobody_can_estimate_is_not_wanted_of_anybody(tiny_plan):
    plan = wanted(tiny_plan, availability="not_estimable")
    assert wdp.group_completeness(observations(BY_SEX), plan, year=2025).empty


@pytest.mark.requirement("B7")
def test_completeness_is_added_up_by_the_unit_that_stands_first(tiny_plan):
    plan = wanted(tiny_plan)
    one = plan.indicators[0]
    plan = replace(
        plan,
        indicators=(
            one,
            replace(one, id="other_coverage"),
            replace(one, id="third", lead_units=()),
        ),
    )
    other = observations(BY_SEX.replace("screening_coverage", "other_coverage"))
    rows = pd.concat([observations(BY_SEX), other[other["year"] == 2021]])
    units = unit_completeness(wdp.group_completeness(rows, plan, year=2025), plan)
    by_sex = units[units["dimension"] == "sex"].set_index("unit")
    assert by_sex.loc[
        "health_bureau", ["indicators", "indicators_given", "wanted", "given"]
    ].tolist() == [2, 2, 10, 4]
    assert by_sex.loc["health_bureau", "share"] == pytest.approx(0.4)
    assert by_sex.loc["", ["wanted", "given"]].tolist() == [
        5,
        0,
    ]  # without a unit, and still counted


AGES = """
    indicator          | sex    | area   | age_group | year | value | numerator | denominator
    screening_coverage | all    | county | 15-49     | 2025 | 10    | 80        | 800
    screening_coverage | all    | county | 50+       | 2025 | 40    | 80        | 200
    screening_coverage | all    | east   | 15-49     | 2025 | 10    | 10        | 100
    screening_coverage | all    | east   | 50+       | 2025 | 40    | 120       | 300
"""


def of_all(plan, **settings):
    return wanted(plan, sex="all", **settings)


@pytest.mark.requirement("B7")
def test_a_town_of_old_people_has_the_countys_rate_once_the_age_mix_is_the_same(tiny_plan):
    table = wdp.age_standardised(observations(AGES), of_all(tiny_plan)).set_index("area")
    # county: 0.8 * 10 + 0.2 * 40 = 16; east: crude 130 of 400 = 32.5, with the county's ages 16 as well
    assert table.loc["county", ["crude", "rate"]].tolist() == pytest.approx([16, 16])
    assert table.loc["east", ["crude", "rate"]].tolist() == pytest.approx([32.5, 16])
    assert table.loc["east", "lower"] < 16 < table.loc["east", "upper"]
    assert (table["ages"] == "15-49;50+").all() and (table["standard_year"] == 2025).all()


@pytest.mark.requirement("B7")
def test_without_age_groups_a_rate_is_not_standardised_and_says_why(tiny_plan):
    table = wdp.age_standardised(observations(BY_SEX), of_all(tiny_plan))
    assert table[["reason", "area"]].to_numpy().tolist() == [["no_age_values", "county"]]
    assert table["rate"].isna().all()


@pytest.mark.parametrize(
    ("was", "now", "reason"),
    [
        ("| east   | 50+ ", "| east   | 60+ ", "ages_differ"),
        ("| 120       | 300", "|           |    ", "counts_missing"),
    ],
)
@pytest.mark.requirement("B7")
def test_an_area_with_other_ages_or_without_counts_has_no_rate(tiny_plan, was, now, reason):
    table = wdp.age_standardised(observations(AGES.replace(was, now)), of_all(tiny_plan)).set_index(
        "area"
    )
    assert table.loc["east", "reason"] == reason
    assert table.loc["county", "rate"] == pytest.approx(16)


@pytest.mark.requirement("B7")
def test_age_groups_that_overlap_are_never_added_up(tiny_plan):
    text = AGES.replace("50+", "35-64")
    assert wdp.age_standardised(observations(text), of_all(tiny_plan))["reason"].tolist() == [
        "ages_overlap"
    ]
    assert overlapping(["35-45", "35-64"]) and not overlapping(["0", "1-4", "5-14", "15+"])

"""The finished outline 2011-2020: own verdicts beside the published ones, every difference explained; the scored hindcast."""

import runpy

import pytest
from conftest import drawn

import wdp_lib as wdp
from wdp_lib.core.home import find_home
from wdp_lib.evaluation.outcomes import load_outcomes

AS_OF = "2021-12-31"

# Verdicts that are published, or follow from a published value, for the outline 2011-2020 (data/plans/china-2011-2020/outcomes.csv
# names the source of each), and what this project finds in the published figures known by the end of 2021.
PUBLISHED = """
    indicator                                | official | state          | state_reason           | direction | difference
    female_life_expectancy                   | met      | attained       | exact_points           | kept      |
    maternal_mortality_ratio                 | met      | attained       |                        |           |
    maternal_mortality_ratio_urban_rural_gap | not_met  | not_assessable | worse_not_shown        | reversed  |
    women_common_disease_screening_rate      | met      | not_assessable | no_target_year_value   |           | outcome_not_in_data
    maternal_systematic_management_rate      | met      | attained       |                        |           |
    hospital_delivery_rate                   | met      | attained       |                        |           |
    rural_hospital_delivery_rate             | met      | not_assessable | no_target_year_value   |           | official_on_earlier_year
    preschool_gross_enrolment_ratio          | met      | attained       |                        |           |
    compulsory_education_retention_rate      | met      | attained       |                        |           |
    senior_secondary_gross_enrolment_ratio   | met      | attained       |                        |           |
    higher_education_gross_enrolment_ratio   | met      | attained       |                        |           |
    share_female_employed                    | met      | attained       |                        |           |
    women_urban_unit_employees               | met      | not_assessable | improved_not_shown     | kept      |
    share_female_senior_professionals        | met      | not_assessable | no_target_year_value   |           | official_on_earlier_year
    share_female_village_committee_members   | not_met  | not_attained   |                        |           |
    share_female_village_committee_directors | met      | not_assessable | no_target_year_value   |           | official_on_earlier_year
    share_female_community_committee_members | met      | not_assessable | no_target_year_value   |           | official_on_earlier_year
    rural_centralised_water_supply_coverage  | met      | not_assessable | no_data                |           | outcome_not_in_data
"""


@pytest.fixture(scope="module")
def plan():
    return wdp.load_plan("china-2011-2020")


@pytest.fixture(scope="module")
def risks(plan):
    observations = wdp.load_observations("china", plan, as_of=AS_OF)
    return wdp.assess(
        wdp.forecast(observations, plan, through=2021), observations, plan, as_of=AS_OF
    )


@pytest.fixture(scope="module")
def finals(plan, risks):
    return wdp.final_verdicts(risks, plan, load_outcomes("china-2011-2020"))


@pytest.mark.requirement("A3")
def test_the_final_verdicts_stand_beside_the_published_ones_and_every_difference_is_explained(
    finals,
):
    compared = finals[finals["official"] != "unknown"]
    columns = ["indicator", "official", "state", "state_reason", "direction", "difference"]
    assert compared[columns].to_dict("records") == drawn(PUBLISHED)


def test_where_both_judge_the_same_year_no_verdict_contradicts_the_published_one(finals):
    counts = finals["agreement"].value_counts()
    assert (counts["agrees"], counts["differs"]) == (12, 6)
    assert not set(finals["difference"]) & {"values_differ", "rule_differs"}


def test_no_promise_is_judged_on_a_year_before_2020(finals):
    judged = finals[finals["state"] != "not_assessable"]
    assert set(judged["last_year"]) == {2020}
    earlier = finals[finals["last_year"] < 2020]
    assert set(earlier["state_reason"]) == {"no_target_year_value"}


def test_the_gap_between_town_and_country_has_a_verdict_of_its_own_from_the_data(finals):
    gap = finals.set_index("indicator").loc["maternal_mortality_ratio_urban_rural_gap"]
    assert (gap["baseline_value"], gap["last_value"]) == pytest.approx((0.4, 4.4))
    assert (gap["direction"], gap["direction_by"]) == ("reversed", "two_points")


def test_a_direction_without_a_value_of_2020_has_no_verdict(finals):
    insured = finals.set_index("indicator").loc["women_unemployment_insurance_participants"]
    assert (insured["last_year"], insured["direction"]) == (2017, "not_known")


def test_without_published_outcomes_nothing_is_compared(plan, risks):
    table = wdp.final_verdicts(risks, plan)
    assert set(table["agreement"]) == {"not_compared"}
    assert len(table) == sum(i.target.kind != "monitor_only" for i in plan.indicators)


def test_the_page_of_the_hindcast_is_what_the_run_gives(plan):
    made = runpy.run_path(str(find_home() / "docs" / "make_hindcast.py"))
    page = made["DOCUMENT"].read_text(encoding="utf-8")
    assert page == made["hindcast_document"](made["hindcast"](), plan)

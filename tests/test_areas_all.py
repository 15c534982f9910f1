"""All indicators of the townships at once: who stands out, who adds most to what is missing, and the areas above."""

from dataclasses import replace

import pandas as pd
import pytest
from areas_kit import NAMES, SIZES, promised, towns
from kit import forecasts, observations

import wdp_lib as wdp
from wdp_lib.comparison.areas import area_overview, most_unlike


def planted(tiny_plan, share=0.4):
    events = [round(0.7 * n) for n in SIZES]
    events[3] = round(share * SIZES[3])
    return promised(tiny_plan), observations(towns(events, SIZES))


@pytest.mark.requirement("D6")
def test_the_planted_township_is_named_worst_of_its_indicator(tiny_plan):
    plan, rows = planted(tiny_plan)
    compared = wdp.compare_all_areas(rows, plan)
    assert set(compared["area"]) == set(NAMES)
    row = area_overview(compared).iloc[0]
    assert (row["worst_area"], row["worst_value"], row["worse_areas"], row["better_areas"]) == (
        "south",
        40,
        "south",
        "",
    )
    assert row["worst_value"] < row["worst_shrunken"] < row["common_value"]
    assert most_unlike(compared) == "screening_coverage"


@pytest.mark.requirement("D6")
def test_each_indicator_is_compared_in_its_own_last_year(tiny_plan):
    plan, rows = planted(tiny_plan)
    earlier = rows.assign(indicator="share_female_employed", sex="all", year=2021)
    employed = next(i for i in plan.indicators if i.id == "share_female_employed")
    earlier = earlier.assign(**employed.stratum)
    compared = wdp.compare_all_areas(pd.concat([rows, earlier]), plan)
    years = compared.groupby("indicator")["year"].unique().map(list).to_dict()
    assert years == {"screening_coverage": [2025], "share_female_employed": [2021]}


@pytest.mark.requirement("G8")
def test_no_township_is_worst_where_all_are_equal_and_none_stands_out(tiny_plan):
    plan, _ = planted(tiny_plan)
    compared = wdp.compare_all_areas(observations(towns([70] * 9, [100] * 9)), plan)
    row = area_overview(compared).iloc[0]
    assert (row["worst_area"], row["worse_areas"], row["n_areas"]) == ("", "", 9)
    assert most_unlike(compared) == ""


@pytest.mark.requirement("G8")
def test_plain_numbers_of_persons_are_not_compared_between_large_and_small_townships(tiny_plan):
    _, rows = planted(tiny_plan)
    assert wdp.compare_all_areas(rows, promised(tiny_plan, data_kind="count")).empty


@pytest.mark.requirement("G8")
def test_without_townships_there_is_nothing_to_compare(tiny_plan):
    plan, rows = planted(tiny_plan)
    compared = wdp.compare_all_areas(rows.assign(area="county").iloc[:1], plan)
    assert compared.empty and area_overview(compared).empty and most_unlike(compared) == ""


@pytest.mark.requirement("D6")
def test_the_largest_part_of_each_dimension_is_kept_and_no_part_that_lacks_nobody(tiny_plan):
    text = """
        indicator          | area   | residence | year | value | numerator | denominator
        screening_coverage | county | all       | 2025 | 60    | 120       | 200
        screening_coverage | county | rural     | 2025 | 50    | 50        | 100
        screening_coverage | county | urban     | 2025 | 70    | 70        | 100
        screening_coverage | east   | all       | 2025 | 66    | 66        | 100
        screening_coverage | west   | all       | 2025 | 54    | 54        | 100
    """
    plan = promised(tiny_plan)
    found = wdp.largest_contributions(
        observations(text), plan, ["screening_coverage", "life_expectancy"]
    )
    assert found[["dimension", "part", "contribution"]].to_numpy().tolist() == [
        ["area", "west", 16.0],
        ["residence", "rural", 20.0],
    ]
    nearly = text.replace("| 50    | 50        |", "| 69.6  | 69.6      |")
    found = wdp.largest_contributions(observations(nearly), plan, ["screening_coverage"])
    assert found["dimension"].tolist() == ["area"]  # 0.4 of a person is nobody


AREAS = pd.DataFrame(
    {
        "area": ["nation", "province", "city", "county", "neighbour", "east"],
        "level": ["country", "province", "city", "county", "county", "township"],
        "parent": ["", "nation", "province", "city", "city", "county"],
    }
)
ABOVE = """
    indicator          | area      | year | value | numerator | denominator
    screening_coverage | county    | 2023 | 66    | 66        | 100
    screening_coverage | county    | 2024 | 68    | 68        | 100
    screening_coverage | county    | 2025 | 64    | 64        | 100
    screening_coverage | city      | 2025 | 70    |           |
    screening_coverage | nation    | 2024 | 60    |           |
    screening_coverage | province  | 2019 | 50    |           |
    screening_coverage | neighbour | 2025 | 99    |           |
"""


@pytest.mark.requirement("E8")
def test_the_county_is_set_beside_the_areas_above_it_in_the_last_common_year_as_context(
    tiny_plan,
):
    found = wdp.compare_parents(observations(ABOVE), promised(tiny_plan), AREAS)
    assert found[["parent_area", "level", "side", "reason"]].to_numpy().tolist() == [
        ["city", "city", "worse", ""],
        ["province", "province", "", "no_common_year"],
        ["nation", "country", "better", ""],
    ]
    assert found["difference"].tolist()[::2] == [-6, 8]
    assert found["year"].tolist()[::2] == [2025, 2024]
    assert (found["use"] == "context").all()


@pytest.mark.requirement("E8")
def test_a_lower_value_of_a_rate_that_should_fall_is_better(tiny_plan):
    rows = observations(ABOVE.replace("screening_coverage", "maternal_mortality_ratio"))
    found = wdp.compare_parents(rows, tiny_plan, AREAS)
    assert found["side"].tolist() == ["better", "", "worse"]


@pytest.mark.requirement("E8")
def test_a_neighbour_is_no_upper_area_and_a_county_without_parent_has_none(tiny_plan):
    rows = observations(ABOVE)
    assert "neighbour" not in set(
        wdp.compare_parents(rows, promised(tiny_plan), AREAS)["parent_area"]
    )
    assert wdp.compare_parents(rows, promised(tiny_plan), AREAS.assign(parent="")).empty
    circle = AREAS.assign(parent=["county", "nation", "province", "city", "city", "county"])
    assert (
        len(wdp.compare_parents(rows, promised(tiny_plan), circle)) == 3
    )  # a circle of parents ends


@pytest.mark.requirement("E8")
def test_values_of_upper_areas_change_no_state_risk_or_verdict(tiny_plan):
    plan = promised(tiny_plan)
    rows, own = observations(ABOVE), observations(ABOVE)
    own = own[own["area"] == "county"].reset_index(drop=True)
    ahead = forecasts("""
        indicator          | year | quantile | value
        screening_coverage | 2030 | 0.1      | 60
        screening_coverage | 2030 | 0.5      | 70
        screening_coverage | 2030 | 0.9      | 80
    """)
    for make in (lambda table: ahead, lambda table: wdp.forecast(table, plan, through=2030)):
        with_upper, alone = (
            wdp.assess(make(table), table, plan, as_of="2026-06-30") for table in (rows, own)
        )
        assert with_upper.equals(alone)
        verdicts = [wdp.evaluate(risks, plan, stage="midterm") for risks in (with_upper, alone)]
        assert verdicts[0].equals(verdicts[1])
    assert alone.set_index("indicator").loc["screening_coverage", "state"] == "not_attained"
    assert wdp.compare_parents(rows, plan, AREAS)["side"].tolist()[0] == "worse"


@pytest.mark.requirement("E8")
def test_plain_numbers_of_persons_are_not_set_beside_those_of_a_province(tiny_plan):
    plan = promised(tiny_plan, data_kind="count")
    assert wdp.compare_parents(observations(ABOVE), plan, AREAS).empty


def test_a_township_with_more_people_reached_than_there_are_is_named_as_left_out(tiny_plan):
    text = """
        indicator          | area  | year | value | numerator | denominator
        screening_coverage | east  | 2025 | 80    | 80        | 100
        screening_coverage | west  | 2025 | 70    | 70        | 100
        screening_coverage | north | 2025 | 101.1 | 91        | 90
    """
    percent = replace(
        tiny_plan,
        indicators=tuple(
            replace(i, unit="percent", multiplier=100.0, data_kind="proportion")
            for i in tiny_plan.indicators
        ),
    )
    row = area_overview(wdp.compare_all_areas(observations(text), percent)).iloc[0]
    assert (row["left_out_areas"], row["common_value"]) == ("north", 75)

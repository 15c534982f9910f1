"""Parts of the area added up, the lowest of them, and what lies above and beside."""

import pandas as pd
import pytest
from areas_kit import compared, promised, towns
from kit import observations

import wdp_lib as wdp
from wdp_lib.core.home import find_home

COUNTY = """
    indicator          | area   | year | value | numerator | denominator
    screening_coverage | east   | 2025 | 99    | 99        | 100
    screening_coverage | west   | 2025 | {0}   | {0}       | 100
    screening_coverage | county | 2025 | 97    | 194       | 200
"""


@pytest.mark.parametrize(
    ("west", "state", "below"), [(90, "attained", 0), (89.5, "nearly", 1), (60, "not_attained", 1)]
)
@pytest.mark.requirement("D9")
def test_the_lowest_township_decides_as_in_the_assessment(tiny_plan, west, state, below):
    plan, observed = promised(tiny_plan, "every_area", 90.0), observations(COUNTY.format(west))
    row = wdp.lowest_area(observed, plan, year=2025).iloc[0]
    assert (row["area"], row["lowest_value"], row["county_value"]) == ("west", west, 97)
    assert (row["state"], row["n_below"], row["share_keeping"]) == (state, below, 1 - below / 2)
    forecast = pd.DataFrame(columns=wdp.forecast(observed, plan, through=2030).columns)
    risk = (
        wdp.assess(forecast, observed, plan, as_of="2026-06-30")
        .set_index("indicator")
        .loc["screening_coverage"]
    )
    assert (risk["state"], risk["state_reason"]) == (row["state"], row["state_reason"])


@pytest.mark.requirement("D9")
def test_without_townships_the_county_proves_nothing(tiny_plan):
    plan = promised(tiny_plan, "every_area", 90.0)
    only = observations(COUNTY.format(95)).query("area == 'county'")
    row = wdp.lowest_area(only, plan, year=2025).iloc[0]
    assert (row["state"], row["state_reason"], row["n_areas"]) == (
        "not_assessable",
        "no_area_values",
        0,
    )
    assert wdp.lowest_area(only, promised(tiny_plan), year=2025).empty


UNEQUAL = """
    indicator          | area   | year | value | numerator | denominator
    screening_coverage | east   | 2025 | 90    | 900       | 1000
    screening_coverage | west   | 2025 | 10    | 1         | 10
    screening_coverage | county | 2025 | {0}
"""


@pytest.mark.parametrize(
    ("county", "reason"),
    [
        ("89.2 | 901 | 1010", ""),
        ("50 | 901 | 1010", "value_differs"),  # the mean of 90 and 10
        ("89.1 | 900 | 1010", "counts_differ"),
    ],
)
@pytest.mark.requirement("A8")
def test_the_county_is_the_sum_of_counts_and_a_mean_of_rates_is_found_out(
    tiny_plan, county, reason
):
    row = wdp.roll_up(observations(UNEQUAL.format(county)), promised(tiny_plan)).iloc[0]
    assert (row["area"], row["numerator"], row["denominator"]) == ("county", 901, 1010)
    assert row["value"] == pytest.approx(90100 / 1010)
    assert row["reason"] == reason


@pytest.mark.requirement("A8")
def test_a_missing_township_or_count_is_never_added_up_as_zero(tiny_plan):
    text = """
        indicator          | area | year | value | numerator | denominator
        screening_coverage | east | 2023 | 90    | 90        | 100
        screening_coverage | west | 2023 | 10    | 1         | 10
        screening_coverage | east | 2024 | 90    | 90        | 100
        screening_coverage | east | 2025 | 90    | 90        | 100
        screening_coverage | west | 2025 | 10    |           |
    """
    table = wdp.roll_up(observations(text), promised(tiny_plan))
    assert list(table["reason"]) == ["not_reported", "areas_missing", "counts_missing"]
    assert table["value"].isna().tolist() == [False, True, True]


@pytest.mark.requirement("A8")
def test_plain_numbers_are_added_and_gaps_are_not(tiny_plan):
    text = """
        indicator          | area | year | value | numerator
        screening_coverage | east | 2025 | 40    | 40
        screening_coverage | west | 2025 | 2     | 2
    """
    count = wdp.roll_up(
        observations(text), promised(tiny_plan, data_kind="count", multiplier=None)
    ).iloc[0]
    assert count["value"] == 42
    assert wdp.roll_up(observations(text), promised(tiny_plan, data_kind="gap")).empty


@pytest.mark.requirement("A8")
def test_the_simulated_county_is_the_sum_of_its_townships_but_for_planted_faults():
    plan = wdp.load_plan("ruyuan-2021-2030")
    table = wdp.roll_up(wdp.load_observations("ruyuan-demo", plan, as_of="2026-06-30"), plan)
    odd = table[table["reason"].isin(["counts_differ", "value_differs"])]
    planted = pd.read_csv(find_home() / "data/observations/ruyuan-demo/truth/planted.csv")
    by_township = planted["indicator"].isin(
        table["indicator"]
    )  # the third such fault is between women and men
    planted = planted[(planted["kind"] == "parts_not_total") & by_township]
    assert len(planted) == 2
    assert len(table) > 600
    assert set(zip(odd["indicator"], odd["year"], strict=True)) == set(
        zip(planted["indicator"], planted["year"], strict=True)
    )


def test_areas_above_and_beside_the_plans_own_are_not_below_it(tiny_plan):
    plan = promised(tiny_plan, "every_area", 90.0)
    names = ["east", "west", "county", "province", "neighbour", "hamlet"]
    table = observations(
        towns([95, 92, 187, 10, 20, 96], [100, 100, 200, 100, 100, 100], names=names)
    )
    parents = {"east": "county", "west": "county", "hamlet": "east", "county": "province"}
    areas = pd.DataFrame({"area": names, "parent": [parents.get(n, "") for n in names]})
    below = {"east", "west", "hamlet"}
    assert set(compared(plan, table, areas=areas)["area"]) == below
    assert set(wdp.compare_all_areas(table, plan, areas=areas)["area"]) == below
    assert wdp.roll_up(table, plan, areas=areas).iloc[0]["n_areas"] == 2  # the hamlet is in east
    row = wdp.lowest_area(table, plan, year=2025, areas=areas).iloc[0]
    assert (row["state"], row["area"], row["n_areas"]) == ("attained", "west", 3)
    assert wdp.largest_contributions(table, plan, ["screening_coverage"], areas=areas).empty
    forecast = pd.DataFrame(columns=wdp.forecast(table, plan, through=2030).columns)
    states = [
        wdp.assess(forecast, table, plan, as_of="2026-06-30", areas=known).set_index("indicator")[
            "state"
        ]
        for known in (areas, None)
    ]
    assert [s["screening_coverage"] for s in states] == ["attained", "not_attained"]


def test_a_village_within_a_township_is_not_added_to_the_sum_a_second_time(tiny_plan):
    names = ["county", "east", "west", "hamlet", "farm"]
    table = observations(towns([187, 95, 92, 40, 5], [200, 100, 100, 45, 6], names=names))
    parents = {"east": "county", "west": "county", "hamlet": "east", "farm": "hamlet"}
    areas = pd.DataFrame({"area": names, "parent": [parents.get(n, "") for n in names]})
    row = wdp.roll_up(table, promised(tiny_plan), areas=areas).iloc[0]
    assert (row["n_areas"], row["numerator"], row["denominator"]) == (2, 187, 200)
    assert (row["value"], row["reason"]) == (pytest.approx(93.5), "")


def test_villages_are_added_up_where_their_township_reports_nothing(tiny_plan):
    names = ["county", "west", "hamlet", "farm"]
    table = observations(towns([97, 92, 4, 1], [110, 100, 6, 4], names=names))
    areas = pd.DataFrame(
        {"area": [*names, "east"], "parent": ["", "county", "east", "east", "county"]}
    )
    row = wdp.roll_up(table, promised(tiny_plan), areas=areas).iloc[0]
    assert (row["n_areas"], row["numerator"], row["reason"]) == (3, 97, "")

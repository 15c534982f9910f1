"""A researcher's questions: by the names people use, plain tables and charts in a line each."""

import pytest

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError

ROUND = {"as_of": "2026-06-30", "through": 2030, "seed": 20260630}


@pytest.fixture(scope="module")
def county():
    return wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", **ROUND)


@pytest.fixture(scope="module")
def china():
    return wdp.open_study("china-2021-2030", "china", **ROUND)


# names


@pytest.mark.parametrize("noun", ["indicator", "domain", "unit", "goal", "measure", "project"])
def test_everything_in_a_plan_is_found_by_identifier_and_by_either_name(county, noun):
    find = getattr(county.plan, noun)
    entry = getattr(county.plan, f"{noun}s")[0]
    name = entry.title if noun in ("goal", "measure") else entry.name
    for named in (entry.id, name.zh, name.en, f" {name.en.upper()} "):
        assert find(named) is entry


def test_a_misspelt_name_is_an_error_that_offers_the_near_one(county):
    with pytest.raises(ParameterError) as error:
        county.plan.indicator("孕产妇死亡律")
    assert error.value.render("zh") == "计划中没有指标“孕产妇死亡律”。是否要写 孕产妇死亡率？"
    with pytest.raises(ParameterError, match="maternal_mortality_ratio"):
        county.plan.indicator("maternal")


def test_a_name_that_two_things_have_asks_for_the_identifier(tiny_plan):
    with pytest.raises(ParameterError, match="life_expectancy, maternal_mortality_ratio"):
        tiny_plan.indicator("Indicator")


def test_an_area_is_named_as_people_do_and_a_misspelt_one_is_never_silently_no_data(china):
    assert wdp.open_study("china-2021-2030", "china", area="北京市", **ROUND).plan.area == "beijing"
    with pytest.raises(ParameterError, match="beijing"):
        wdp.open_study("china-2021-2030", "china", area="beijng", **ROUND)
    with pytest.raises(ParameterError, match="beijing"):
        wdp.forecast(china.observations, china.plan, through=2030, areas=["beijng"])

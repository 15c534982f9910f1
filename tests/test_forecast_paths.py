"""Joint paths of a plan's indicators agree with the quantiles and remember themselves."""

import kit
import numpy as np
import pytest

import wdp_lib as wdp


@pytest.fixture(scope="module")
def county():
    plan, data = kit.county()
    return plan, data.observations


def test_paths_have_the_quantiles_of_the_forecast_in_every_year(county):
    plan, observations = county
    name = "rural_tap_water_coverage"
    paths = wdp.forecast_paths(observations, plan, [name], through=2030, draws=4000, seed=1)
    made = wdp.forecast(observations, plan, through=2030)
    for year in (2026, 2030):
        of_year = paths.loc[paths["year"] == year, "value"]
        wanted = made[(made["indicator"] == name) & (made["year"] == year)].set_index("quantile")[
            "value"
        ]
        for level in (0.1, 0.5, 0.9):
            assert of_year.quantile(level) == pytest.approx(wanted[level], abs=0.05)


def test_the_same_seed_draws_the_same_paths_and_a_path_remembers_itself(county):
    plan, observations = county
    once, again = (
        wdp.forecast_paths(observations, plan, ["share_female_employed"], through=2030, seed=3)
        for _ in range(2)
    )
    assert once.equals(again)
    wide = once.pivot(index="draw", columns="year", values="value")
    assert np.corrcoef(wide[2029], wide[2030])[0, 1] > 0.5


def test_an_indicator_without_data_has_no_paths(county):
    plan, observations = county
    assert wdp.forecast_paths(
        observations, plan, ["women_regular_exercise_rate"], through=2030
    ).empty

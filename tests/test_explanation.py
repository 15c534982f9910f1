"""Why a forecast is what it is: posterior that add up, medians and widths that are those of the forecasts."""

import kit
import pytest

import wdp_lib as wdp
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.evidence import verifiability_prose
from wdp_lib.publish.views import show


@pytest.fixture(scope="module")
def county():
    plan, data = kit.county()
    return plan, data.observations


def test_beliefs_add_up_and_what_is_explained_is_the_forecast_itself(county):
    plan, observations = county
    explained = wdp.explain(observations, plan, through=2030)
    assert (explained[["trend", "reversion", "neither"]].sum(axis=1) - 1).abs().max() < 1e-9
    with_correction = wdp.forecast(observations, plan, through=2030)
    without = wdp.forecast(observations, plan, through=2030, model="prior")
    for median, made in (("median", with_correction), ("prior_median", without)):
        of_2030 = made[(made["year"] == 2030) & (made["quantile"] == 0.5)].set_index("indicator")[
            "value"
        ]
        shown = explained.set_index("indicator")[median]
        assert (shown - of_2030.reindex(shown.index)).abs().max() < 0.01


def test_a_straight_series_is_believed_to_go_on_and_a_restless_one_to_return(county):
    plan, observations = county
    explained = wdp.explain(observations, plan, through=2030).set_index("indicator")
    assert explained.loc["rural_tap_water_coverage", "trend"] > 0.9
    assert (
        explained["reversion"].max() > explained.loc["rural_tap_water_coverage", "reversion"] + 0.1
    )


def test_rates_of_rare_events_are_not_explained_as_they_are_forecast_from_their_counts(county):
    plan, observations = county
    assert "maternal_mortality_ratio" not in set(
        wdp.explain(observations, plan, through=2030)["indicator"]
    )
    assert wdp.explain(observations, plan, ["maternal_mortality_ratio"], through=2030).empty


def test_the_pages_show_beliefs_seats_and_directions_in_both_languages(county):
    plan, observations = county
    explained = wdp.explain(observations, plan, ["rural_tap_water_coverage"], through=2030)
    assert "农村自来水普及率" in repr(show(explained, "explanations", Context(plan)))
    seats = repr(show(wdp.terms(observations, plan), "terms", Context(plan)))
    assert "7/27" in seats and "仅设一席" in seats
    directions = repr(show(wdp.directions(observations, plan), "directions", Context(plan, "en")))
    assert "clearly improving" in directions
    assert "Maternal mortality" not in directions
    said = str(verifiability_prose(observations, Context(plan, "en")).text)
    assert "37447" in said and "149" in said

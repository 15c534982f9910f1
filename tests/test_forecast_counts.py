"""Small counts, trends and scores: properties that must hold."""

import math

import numpy as np
import pytest

from wdp_lib.errors import ParameterError
from wdp_lib.forecasting import counts, scores, trend, trend_class, trend_probability


def test_a_proportion_of_none_or_all_has_an_exact_interval_that_touches_the_edge():
    lower, upper, method = counts.proportion_interval([0, 5, 10], 10, multiplier=100)
    assert method.tolist() == ["binomial_exact", "wilson", "binomial_exact"]
    assert lower[0] == 0 and upper[2] == 100
    # None of 10: the upper end u solves (1 - u)^10 = 0.025.
    assert upper[0] == pytest.approx(100 * (1 - 0.025 ** (1 / 10)))


def test_the_exact_interval_contains_the_jeffreys_interval():
    events = np.arange(0, 21)
    exact, jeffreys = counts.binomial_exact(events, 20), counts.binomial_jeffreys(events, 20)
    assert (exact[0] <= jeffreys[0]).all() and (exact[1] >= jeffreys[1]).all()


def test_nothing_to_count_among_gives_no_interval():
    lower, upper, method = counts.rate_interval([0, 1], [0, 100])
    assert np.isnan([lower[0], upper[0]]).all() and method.tolist() == ["", "poisson_exact"]


def test_the_method_of_an_interval_follows_the_kind_of_indicator():
    assert counts.count_interval(2, 2000, 1e5, "rare_rate")[2] == "poisson_exact"
    assert counts.count_interval(20, 2000, 1e5, "rare_rate")[2] == "byar"
    assert counts.count_interval(2, 2000, 100, "proportion")[2] == "wilson"
    for unknown in [(math.nan, 2000), (2, math.nan), (0, 0), (3, 2)]:
        lower, upper, method = counts.count_interval(*unknown, 100, "proportion")
        assert math.isnan(lower) and math.isnan(upper) and method == ""
    assert counts.count_interval(2, 2000, 1, "mean")[2] == ""


@pytest.mark.parametrize(
    ("events", "first_year", "enough"),
    [
        ([0, 0, 0, 0, 0, 12], 2025, True),
        ([0, 0, 0, 4, 4, 4], 2023, True),
        ([0, 2, 2, 2, 2, 2], 2021, True),
        ([5, 1, 1, 1, 1, 1], 2020, True),
        ([1, 1, 1, 1, 1, 1], 2020, False),
    ],
)
def test_years_are_pooled_until_there_are_ten_events(events, first_year, enough):
    pooled = counts.pooled_rate(range(2020, 2026), events, [1000] * 6, multiplier=1000)
    years = 2025 - first_year + 1
    assert (pooled.first_year, pooled.last_year, pooled.enough) == (first_year, 2025, enough)
    assert pooled.rate == pytest.approx(pooled.events / years)
    assert pooled.lower < pooled.rate < pooled.upper


def test_a_prior_borrowed_from_the_upper_area_pulls_towards_its_rate():
    # One expected event at 5 in 100,000 is worth 20,000 births.
    alone = counts.probability_at_most(8, 0, 2000, multiplier=1e5)
    helped = counts.probability_at_most(8, 0, 2000, multiplier=1e5, prior=(1, 20_000))
    assert alone < helped
    with pytest.raises(ParameterError):
        counts.probability_at_most(8, 0, 2000, prior=(0, 1))


def test_nothing_can_be_verified_about_a_target_of_zero():
    with pytest.raises(ParameterError):
        counts.verifiability(0, 2000, multiplier=1e5)


@pytest.mark.parametrize(
    ("p_rising", "expected"),
    [
        (0.95, "improving"),
        (0.94, "perhaps_improving"),
        (0.80, "perhaps_improving"),
        (0.50, "steady"),
        (0.20, "perhaps_worsening"),
        (0.05, "worsening"),
    ],
)
def test_the_five_classes_of_a_direction(p_rising, expected):
    assert trend_class(p_rising, 5, higher_is_better=True) == expected
    mirrored = {"improving": "worsening", "perhaps_improving": "perhaps_worsening"}
    mirrored |= {worse: better for better, worse in mirrored.items()}
    assert trend_class(p_rising, 5, higher_is_better=False) == mirrored.get(expected, expected)
    assert trend_class(p_rising, 4, higher_is_better=True) == "too_few_points"


def test_one_outlier_does_not_turn_the_slope():
    assert trend(range(2015, 2024), [1, 2, 3, 4, 50, 6, 7, 8, 9]).slope == 1


def test_missing_years_do_not_steepen_the_slope():
    assert trend([2010, 2012, 2020, 2021], [10, 12, 20, 21]).slope == 1


def test_a_falling_series_surely_falls_and_a_constant_one_says_nothing():
    years = range(2015, 2025)
    assert trend_probability(years, range(10, 0, -1), direction=-1) > 0.999
    assert trend_probability(years, range(10, 0, -1), direction=1) < 0.001
    assert trend_probability(years, [5] * 10, direction=1) == 0.5
    assert trend_probability([2020], [5], direction=1) == 0.5


def test_a_sharper_forecast_of_what_happened_scores_better():
    levels = [0.1, 0.5, 0.9]
    sharp, blunt = scores.weighted_interval_score([0, 0], [[-1, 0, 1], [-5, 0, 5]], levels)
    assert sharp < blunt


def test_a_lopsided_set_of_quantiles_has_no_interval_score():
    with pytest.raises(ParameterError):
        scores.weighted_interval_score([0], [[1, 2]], [0.1, 0.5])


def test_coverage_is_the_share_inside():
    assert scores.coverage([1, 2, 3, math.nan], [0, 0, 4, 0], [1, 1, 5, 1]) == pytest.approx(1 / 3)


def test_brier_score_is_the_squared_miss():
    assert scores.brier_score([1, 0], [0.9, 0.9]) == pytest.approx([0.01, 0.81])

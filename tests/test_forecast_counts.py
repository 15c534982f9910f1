"""Small counts, trends and scores: properties that must hold."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wdp_lib.core.errors import ParameterError
from wdp_lib.forecasting import (
    borrowed_prior,
    forecast_counts,
    scores,
    trend,
    trend_class,
    trend_probability,
)
from wdp_lib.forecasting.counts import rates as counts
from wdp_lib.forecasting.counts.events import project_exposure
from wdp_lib.forecasting.counts.posterior import rate_posterior, share_posterior


def test_a_proportion_of_none_or_all_has_an_exact_interval_that_touches_the_edge():
    lower, upper, method = counts.proportion_interval([0, 5, 10], 10, multiplier=100)
    assert method.tolist() == ["binomial_exact", "wilson", "binomial_exact"]
    assert lower[0] == 0 and upper[2] == 100
    # None of 10: the upper end u solves (1 - u)^10 = 0.025.
    assert upper[0] == pytest.approx(100 * (1 - 0.025 ** (1 / 10)))


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
    sharp, blunt = scores.pinball_loss([0, 0], [[-1, 0, 1], [-5, 0, 5]], [0.1, 0.5, 0.9])
    assert sharp.mean() < blunt.mean()


def test_the_births_that_verify_a_target_follow_from_its_rate():
    # -ln 0.05 / rate, and ln 0.05 / ln 0.98 children for a share of 2 %.
    assert (
        counts.verifiability(8, 1800, multiplier=1e5).exposure
        == math.ceil(-math.log(0.05) / 8e-5)
        == 37447
    )
    assert counts.verifiability(15, 1800, multiplier=1e5).exposure == 19972
    assert counts.verifiability(2, 3, multiplier=100, trials=True).exposure == 149
    assert counts.verifiability(8, 2000, multiplier=1e5).chance_of_event == pytest.approx(
        1 - 0.852144, abs=1e-6
    )


def test_the_deaths_that_a_target_allows_are_counted_by_hand():
    # 8 in 100,000 among 25,000 births are 2; the exact lower end of 5 deaths (1.62) is below 2, of
    # 6 (2.20) above.
    assert counts.events_allowed(8, 25_000, multiplier=1e5) == (2, 5)
    assert counts.events_allowed(8, 2_000, multiplier=1e5)[0] == 0


def births(events, each=2000, last=2025):
    years = range(last - len(events) + 1, last + 1)
    return pd.DataFrame({"year": years, "numerator": events, "denominator": each})


def test_births_are_projected_by_half_of_their_trend():
    # 10 % fewer each year: half of that on the scale of logarithms.
    falling = 1000 * 0.9 ** np.arange(8)
    assert project_exposure(np.arange(2018, 2026), falling, 2) == pytest.approx(
        falling[-1] * 0.9 ** np.array([0.5, 1.0])
    )


def test_the_prior_of_the_upper_area_is_shown_and_pulls_towards_its_rate():
    alone = forecast_counts(births([0] * 8), through=2026, multiplier=1e5, at_most=8)
    prior = borrowed_prior(500, 10_000_000, law="gamma_poisson", worth=2)
    helped = forecast_counts(births([0] * 8), through=2026, multiplier=1e5, at_most=8, prior=prior)
    assert helped[["prior", "prior_events", "prior_exposure", "prior_rate"]].iloc[0].tolist() == [
        "upper_area",
        2,
        40_000,
        5,
    ]
    assert alone[["prior", "prior_events"]].iloc[0].tolist() == ["jeffreys", 0.5]
    assert helped["rate"].iloc[3] > alone["rate"].iloc[3]


def test_twice_the_births_mean_twice_the_deaths_but_the_same_underlying_rate():
    few, many = (
        forecast_counts(births([3, 5, 4, 4]), through=2026, multiplier=1e5, exposure=e)
        for e in (20_000, 40_000)
    )
    assert few["rate"].tolist() == many["rate"].tolist()
    assert 1.6 < many["count"].iloc[3] / few["count"].iloc[3] < 2.4


def test_all_of_a_dozen_patients_treated_is_neither_certainty_nor_above_one_hundred():
    made = forecast_counts(
        births([12] * 5, each=12), through=2027, multiplier=100, law="beta_binomial", at_least=90
    )
    assert made["rate"].between(0, 100, inclusive="neither").all()
    assert made["count"].max() == 12 and made["count"].min() < 12
    assert made["p_underlying"].between(0.8, 0.999).all()
    with pytest.raises(ParameterError):
        forecast_counts(births([13], each=12), through=2027, multiplier=100, law="beta_binomial")


def test_a_rate_of_zero_and_counts_that_are_missing_are_told():
    with pytest.raises(ParameterError):
        borrowed_prior(0, 1000, law="gamma_poisson")
    with pytest.raises(ParameterError):
        forecast_counts(births([]), through=2027, multiplier=1e5)
    with pytest.raises(ParameterError):
        forecast_counts(births([1]), through=2025, multiplier=1e5)


COUNTIES = 400


def counties(rate, ahead, seed):
    """Counts of counties of 500-5,000 births whose rate is constant or falls by 2 or 4 % a year: 11
    years and those ahead.
    """
    draw = np.random.default_rng(seed)
    born = np.repeat(draw.uniform(500, 5000, (COUNTIES, 1)), 11 + ahead, axis=1)
    growth = draw.choice([0.0, -0.02, -0.04], (COUNTIES, 1))
    return (
        draw.poisson(rate * born * np.exp(growth * np.arange(-10, ahead + 1))).astype(float),
        born,
        draw,
    )


def chances(rate, ahead, seed):
    """Chance of fewer deaths than there were, of at most as many, and a draw between the two
    (randomised PIT).
    """
    deaths, born, draw = counties(rate, ahead, seed)
    known = rate_posterior(deaths[:, :11], born[:, :11], np.array([ahead]))
    below, until = (known.count_below(deaths[:, -1:] - k, born[:, -1:])[:, 0] for k in (1, 0))
    return below, until, below + draw.random(COUNTIES) * (until - below)


@pytest.mark.parametrize("rate", [1e-4, 2e-4, 5e-4, 2e-3])
def test_deaths_of_the_years_ahead_fall_where_the_forecast_says(rate):
    from scipy.stats import kstest

    p_values = [
        kstest(chances(rate, h, seed)[2], "uniform").pvalue for h in (1, 3, 6) for seed in range(10)
    ]
    # of 30 draws of 400 counties one or two may stray below 1 %
    assert sum(p < 0.01 for p in p_values) <= 2
    assert np.median(p_values) > 0.1


@pytest.mark.parametrize("ahead", [1, 3, 6])
@pytest.mark.requirement("E6")
def test_eighty_per_cent_intervals_of_deaths_hold_about_eighty_per_cent_of_them(ahead):
    inside = []
    for rate in (1e-4, 2e-4, 5e-4, 2e-3):
        below, until, _ = chances(rate, ahead, seed=10 + ahead)
        # a count on the edge of the interval counts for the share of its chance that lies inside
        inside.append(
            np.clip(
                (np.minimum(until, 0.9) - np.maximum(below, 0.1)) / (until - below), 0, 1
            ).mean()
        )
    assert 0.78 < np.mean(inside) < 0.85


def test_treated_patients_of_the_next_year_fall_where_the_forecast_says():
    draw = np.random.default_rng(4)
    rate = draw.beta(9, 1, (COUNTIES, 1))
    patients = draw.integers(4, 15, (COUNTIES, 9)).astype(float)
    treated = draw.binomial(patients.astype(int), rate).astype(float)
    known = share_posterior(treated[:, :8], patients[:, :8], np.array([1]))
    below, until = (known.count_below(treated[:, 8:] - k, patients[:, 8:])[:, 0] for k in (1, 0))
    pit = below + draw.random(COUNTIES) * (until - below)
    assert 0.75 < ((pit > 0.1) & (pit < 0.9)).mean() < 0.87


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=5, max_size=11), st.integers(500, 5000))
def test_one_more_death_never_moves_a_county_from_kept_to_missed(deaths, each):
    # judged from 90 % on, as in the default scheme
    def chance(events):
        counted = np.array([events], dtype=float)
        known = rate_posterior(counted, np.full(counted.shape, float(each)), np.array([1]))
        return float(known.below(np.array([[8e-5]]))[0, 0])

    before, after = chance(deaths), chance([*deaths[:-1], deaths[-1] + 1])
    assert after < before
    assert not (before >= 0.9 and after <= 0.1)

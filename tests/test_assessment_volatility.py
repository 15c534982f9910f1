"""Swings and jumps are volatility; the noise of small numbers is not."""

from types import SimpleNamespace

import numpy as np
import pytest

from wdp_lib.assessment.volatility import volatility


def series(values, numerators=None, denominators=None):
    unknown = np.full(len(values), np.nan)
    return {
        "year": np.arange(2015, 2015 + len(values)),
        "value": np.asarray(values, float),
        "numerator": unknown if numerators is None else np.asarray(numerators, float),
        "denominator": unknown if denominators is None else np.asarray(denominators, float),
    }


def judged(rows, multiplier=100, kind="proportion"):
    found = volatility(rows, SimpleNamespace(multiplier=multiplier, data_kind=kind), 7)
    return found.kind, found.reason


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([60, 61, 62, 63, 64, 65, 66, 67], ("stable", "within_limits")),
        ([60, 61, 62, 63, 90, 65, 66, 67], ("volatile", "outside_limits")),
        ([60, 48, 63, 47, 66, 50, 64, 49], ("volatile", "swings")),
        ([60, 61, 62, 63, 64, 65], ("not_assessed", "too_few_points")),
    ],
)
def test_a_jump_and_a_swing_are_volatile_and_a_straight_line_is_not(values, expected):
    assert judged(series(values)) == expected


def test_a_bend_in_the_trend_long_ago_is_not_a_swing():
    falling = [100 * 0.92**k for k in range(25)]
    assert judged(series(falling), multiplier=1)[0] == "stable"


def test_zero_one_or_two_deaths_a_year_are_small_numbers_not_volatility():
    deaths = [0, 1, 0, 0, 2, 0, 1, 0, 0, 1]
    births = [1800] * 10
    rates = [d / b * 1e5 for d, b in zip(deaths, births, strict=True)]
    assert judged(series(rates, deaths, births), multiplier=1e5) == (
        "stable",
        "small_numbers",
    )


def test_poisson_series_of_a_constant_rate_alarm_in_fewer_than_one_case_in_twenty():
    rng = np.random.default_rng(7)
    alarms = 0
    for _ in range(400):
        deaths = rng.poisson(0.8, 10)
        rates = deaths / 1800 * 1e5
        alarms += judged(series(rates, deaths, [1800] * 10), multiplier=1e5)[0] == "volatile"
    assert alarms / 400 < 0.05


def test_straight_noisy_series_are_outside_the_limits_in_about_one_case_in_twenty():
    rng = np.random.default_rng(11)
    alarms = sum(
        judged(series(80 + 0.3 * np.arange(10) + rng.normal(0, 4, 10)))[0] == "volatile"
        for _ in range(1000)
    )
    assert 0.03 < alarms / 1000 < 0.07


def test_a_swing_far_beyond_what_sampling_explains_is_volatile():
    shares = np.array([60, 45, 62, 44, 63, 46, 61, 45.0])
    women = np.full(8, 20000.0)
    assert judged(series(shares, shares / 100 * women, women))[0] == "volatile"


@pytest.mark.parametrize(
    "values",
    [
        [65.5, 70.4, 76.2, 81.7, 84.9, 87.9, 89.7, 92.1, 94.0, 95.4],
        [93.1, 97.8, 99.2, 99.7, 99.8, 100.0, 100.0, 100.0, 100.0, 100.0],
    ],
)
def test_a_curve_that_levels_off_is_stable(values):
    assert judged(series(values))[0] == "stable"


def test_an_institution_that_was_founded_is_no_volatility():
    founded = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert judged(series(founded), multiplier=1, kind="count") == (
        "stable",
        "small_numbers",
    )


def test_cases_that_vary_as_chance_has_it_are_small_numbers():
    cases = [44, 34, 38, 27, 34, 36, 36, 41, 28, 37]
    assert judged(series(cases), multiplier=1, kind="count") == (
        "stable",
        "small_numbers",
    )

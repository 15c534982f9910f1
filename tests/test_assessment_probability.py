"""How much of a forecast lies inside a promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wdp_lib.forecasting.probability import probability_inside

LEVELS = np.array([0.1, 0.5, 0.9])
VALUES = np.array([60.0, 70.0, 80.0])


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ({"lower": 70}, 0.5),
        ({"upper": 70}, 0.5),
        ({"lower": 65}, 0.7),
        ({"lower": 65, "upper": 75}, 0.4),
        ({"lower": 60}, 0.9),
        ({"upper": 80}, 0.9),
        ({"lower": 90}, 0.05),
        ({"upper": 50}, 0.05),
        ({}, 1.0),
    ],
)
def test_half_of_the_forecast_above_the_target_is_a_probability_of_one_half(edges, expected):
    assert probability_inside(LEVELS, VALUES, **edges) == pytest.approx(expected)


def test_a_forecast_clipped_at_the_ceiling_is_a_point_mass_that_keeps_at_least_but_not_more_than():
    levels, clipped = np.array([0.1, 0.5, 0.75, 0.9]), np.array([90.0, 99.0, 100.0, 100.0])
    # from 90 at 0.1 to 99 at 0.5 the line goes on and meets 100 at 0.5 + 0.4 / 9
    assert probability_inside(levels, clipped, lower=100) == pytest.approx(0.5 - 0.4 / 9)
    assert probability_inside(levels, clipped, lower=100, lower_open=True) == 0.0


def test_a_forecast_clipped_at_zero_keeps_at_most_zero_with_its_whole_mass():
    levels, clipped = np.array([0.1, 0.25, 0.5, 0.9]), np.array([0.0, 0.0, 3.0, 9.0])
    # from 9 at 0.9 to 3 at 0.5 the line goes on and meets 0 at 0.3
    assert probability_inside(levels, clipped, upper=0) == pytest.approx(0.3)
    assert probability_inside(levels, clipped, lower=0) == 1.0


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=7),
    st.floats(-2e6, 2e6),
    st.floats(0, 1e6),
)
def test_a_wider_promise_is_never_less_likely(values, lower, wider):
    values = np.sort(np.array(values))
    levels = np.linspace(0.05, 0.95, len(values))
    narrow = probability_inside(levels, values, lower=lower)
    assert 0 <= narrow <= probability_inside(levels, values, lower=lower - wider) <= 1


@given(
    st.lists(st.integers(-1000, 1000), min_size=3, max_size=7),
    st.floats(0, 100),
    st.floats(-1e3, 1e3),
)
def test_a_better_forecast_is_never_a_worse_risk(values, shift, line):
    values = np.sort(np.array(values, dtype=float))
    levels = np.linspace(0.05, 0.95, len(values))
    before = probability_inside(levels, values, lower=line)
    after = probability_inside(levels, values + shift, lower=line)
    assert after >= before - 1e-9

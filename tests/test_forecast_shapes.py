"""Shapes that a statistician can judge by eye, in every unit and of every kind."""

import numpy as np
import pandas as pd
import pytest

from wdp_lib.forecasting import attainment_probability, forecast_frame

STEEP = [80 * 0.7**k for k in range(6)]
SHAPES = {
    "straight": [50.3, 53.1, 56.2, 58.9, 62.3, 65.1, 68.2],
    "falling by a constant share": STEEP,
    "falling slowly": [0.128, 0.127, 0.123, 0.116, 0.111, 0.109],
    "falling steeply": [210.0, 120, 66, 37, 20, 11, 5.9],
    "malaria": [2100.0, 665.2, 414.1, 105.1, 37.2, 16.4, 5.91],
    "S-curve": [5.2, 9.1, 15.3, 24.2, 36.1, 48.4, 59.3, 68.2],
    "step": [10.2, 10.4, 11.1, 10.3, 30.2, 31.4, 30.1, 31.2],
    "hump": [10.2, 14.3, 19.1, 25.2, 27.3, 24.1, 19.2, 15.4],
    "zero-inflated": [0, 3.1, 0, 0, 2.2, 0, 1.3, 0],
    "to zero": [20.1, 17.2, 14.3, 12.1, 9.2, 7.3, 4.2, 2.1, 0],
}
SCALES = [0.01, 1, 1000, 100_000]
KINDS = ["rate", "ratio", "count"]


def quantiles(values, kind="rate", horizon=10, **columns):
    """Quantiles (horizon, 7) of one series."""
    values = np.asarray(values, float)
    frame = pd.DataFrame({"series_id": "a", "year": 2000 + np.arange(len(values)), "value": values})
    made = forecast_frame(frame.assign(kind=kind, **columns), horizon=horizon)
    return made["value"].to_numpy().reshape(horizon, 7)


def chance(values, operator, value, ahead, kind="percent"):
    """Probability of a target so many years ahead."""
    frame = pd.DataFrame({"series_id": "a", "year": 2000 + np.arange(len(values)), "value": values})
    year = 1999 + len(values) + ahead
    target = {"series_id": ["a"], "operator": [operator], "value": [value], "year": [year]}
    made = attainment_probability(frame.assign(kind=kind), pd.DataFrame(target))
    return made["probability"].iloc[0]


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_shape_is_forecast_the_same_in_every_unit(name, kind):
    once = quantiles(SHAPES[name], kind)
    size = np.ptp(SHAPES[name])
    for scale in SCALES:
        other = quantiles(np.array(SHAPES[name]) * scale, kind) / scale
        np.testing.assert_allclose(other, once, rtol=0.01, atol=0.003 * size)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("kind", ["percent", *KINDS, ""])
def test_quantiles_rise_intervals_never_narrow_and_limits_hold(name, kind):
    values = np.minimum(SHAPES[name], 100) if kind == "percent" else SHAPES[name]
    made = quantiles(values, kind, horizon=20)
    assert (np.diff(made, axis=1) >= 0).all()
    for one, two in ((1, 5), (0, 6)):
        width = made[:, two] - made[:, one]
        room = 100 if kind == "percent" else np.inf
        assert ((np.diff(width) >= -1e-3 * width[:-1]) | (width[1:] >= room)).all()
    assert kind == "" or made.min() >= 0
    assert kind != "percent" or made.max() <= 100


@pytest.mark.parametrize("kind", ["rate", "rare_rate", "ratio", "count", "percent"])
@pytest.mark.parametrize("scale", [0.001, 0.1, 1])
@pytest.mark.parametrize(
    "name", ["falling by a constant share", "falling slowly", "falling steeply"]
)
def test_what_fell_in_each_of_its_last_four_years_is_not_forecast_to_rise(name, scale, kind):
    values = np.minimum(np.array(SHAPES[name]), 90) * scale
    assert quantiles(values, kind)[:, 3].max() <= values[-1] * 1.001


@pytest.mark.parametrize("kind", ["rate", "ratio", "count"])
def test_a_fall_by_a_constant_share_goes_on_as_a_share_and_never_to_zero_in_three_years(kind):
    made = quantiles(STEEP, kind)
    shares = made[:6, 3] / np.array([STEEP[-1], *made[:5, 3]])
    assert ((shares > 0.55) & (shares < 0.95)).all()
    assert chance(STEEP, "<=", STEEP[-1], 5, kind) > 0.8


def test_a_real_rate_that_fell_to_a_hundredth_is_not_expected_to_come_back():
    made = quantiles(SHAPES["malaria"])
    assert made[0, 3] < 5.91 and made[9, 3] < 5.91
    assert made[0, 5] < 40


@pytest.mark.parametrize("kind", ["rate", "percent"])
def test_the_mirror_image_of_a_share_has_the_mirror_image_of_its_forecast_roughly(kind):
    falling = np.array([60.0, 52, 43, 36, 30, 25, 21, 18, 15])
    down = quantiles(falling, "percent")
    up = 100 - quantiles(100 - falling, "percent")[:, ::-1]
    np.testing.assert_allclose(up[:6, 3], down[:6, 3], atol=4)


def test_a_slow_start_is_expected_to_go_on_and_to_flatten_before_the_limit():
    median = quantiles(SHAPES["S-curve"], "percent")[:, 3]
    assert median[0] > 70 and (np.diff(median) >= 0).all()
    assert median[5] < 97 and np.diff(median)[-1] < np.diff(median)[0]


def test_a_step_is_neither_undone_nor_repeated():
    made = quantiles(SHAPES["step"], "percent")
    assert 26 < made[4, 3] < 38


AT_LIMIT = {
    "82, 84 … 100": list(range(82, 101, 2)),
    "91, 92 … 100": list(range(91, 101)),
    "uneven to 100": [82, 84.5, 85.8, 88.1, 90.3, 91.7, 94.2, 96.1, 97.7, 100],
    "ten years at 100": [100] * 10,
}


@pytest.mark.parametrize("name", AT_LIMIT)
def test_what_stands_at_a_limit_only_gets_farther_from_it(name):
    values = np.array(AT_LIMIT[name], float)
    up, down = quantiles(values, "percent", 20), quantiles(100 - values, "percent", 20)
    assert (np.diff(up, axis=0) <= 0).all() and up[9, 0] < up[0, 0] < 100
    assert (np.diff(down, axis=0) >= 0).all() and down[9, 6] > down[0, 6] > 0


@pytest.mark.parametrize("ahead", [1, 5, 10])
def test_a_first_year_at_100_is_not_surer_than_ten(ahead):
    ten = chance(AT_LIMIT["ten years at 100"], ">=", 100, ahead)
    for name in AT_LIMIT:
        assert chance(AT_LIMIT[name], ">=", 100, ahead) <= ten
    assert chance(list(range(82, 99, 2)), ">=", 100, ahead) <= ten


def test_shares_written_0_to_1_with_their_own_limit_are_forecast_as_percentages():
    values = np.array([82.1, 85.3, 88.2, 90.4, 92.3, 94.1, 95.2])
    percent = quantiles(values, "ratio", lower=0.0, upper=100.0)
    share = quantiles(values / 100, "ratio", lower=0.0, upper=1.0)
    np.testing.assert_allclose(share * 100, percent, atol=0.05)


def test_an_interval_is_never_narrower_than_the_unit_of_reporting():
    for values in ([4, 4, 4, 4, 4, 5], [8, 4, 2, 1, 0.5, 0.25], [50] * 6, [100] * 9):
        made = quantiles(values, "percent")
        unit = 0.01 if 0.25 in values else 0.1 if values == [50] * 6 else 1
        assert (made[:, 6] - made[:, 0] >= unit * 0.49).all()


def test_zeros_and_a_hundred_do_not_switch_the_scale_off():
    with_zero = quantiles([16.1, 8.2, 4.1, 2.2, 0.9, 0.4, 0.0])
    assert with_zero[:, 3].max() < 0.5 and with_zero[0, 5] < 2
    to_top = quantiles(100 - np.array([16.1, 8.2, 4.1, 2.2, 0.9, 0.4, 0.0]), "percent")
    assert to_top[:, 3].min() > 99.5

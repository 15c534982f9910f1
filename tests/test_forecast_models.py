"""Researchers' models by name: published numbers, what each refuses and why."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import TIMES
from scipy import stats

import wdp_lib as wdp
from wdp_lib.core.words import vocabulary
from wdp_lib.forecasting import MODELS, forecast_frame
from wdp_lib.forecasting.models.classic import THETA_RATES
from wdp_lib.forecasting.models.glm import families, glm_quantiles
from wdp_lib.forecasting.models.likelihood import ets_quantiles
from wdp_lib.forecasting.models.smoothing import smooth
from wdp_lib.forecasting.panel import build_panel

CAUTIOUS = settings(max_examples=5 * TIMES, deadline=None, derandomize=True, database=None)
# Hyndman & Athanasopoulos, Forecasting: principles and practice.
OIL = [446.6565, 454.4733, 455.6630, 423.6322, 456.2713, 440.5881]
OIL += [425.3325, 485.1494, 506.0482, 526.7920, 514.2689, 494.2110]
AIR = [17.5534, 21.8601, 23.8866, 26.9293, 26.8885, 28.8314, 30.0751, 30.9535]
AIR += [30.1857, 31.5797, 32.577569, 33.477398, 39.021581, 41.386432, 41.596552]
RISING = [70, 72, 71, 74, 75, 77, 76, 79, 80, 81]
# Maternal deaths per 100,000 live births in China, as published.
MATERNAL = [30.0, 26.1, 24.5, 23.2, 21.7, 20.1, 19.9, 19.6, 18.3, 17.8, 16.9]
CAME = [16.1, 15.7, 15.1, 14.3]
BY_NAME = [name for name in MODELS if name not in ("learned", "prior")]


def series(values, name="a", first_year=2015, **columns):
    years = range(first_year, first_year + len(values))
    return pd.DataFrame({"series_id": name, "year": years, "value": values, **columns})


def fans(frame, model, horizon=6):
    return forecast_frame(frame, horizon=horizon, model=model).pivot(
        index="year", columns="quantile", values="value"
    )


def reason(frame, model):
    return forecast_frame(frame, horizon=2, model=model)["reason"].unique().tolist()


def panel_of(frame):
    blank = {"kind": "", "numerator": np.nan, "denominator": np.nan, "multiplier": np.nan}
    blank |= {"lower": -np.inf, "upper": np.inf}
    return build_panel(
        frame.assign(**{name: value for name, value in blank.items() if name not in frame.columns})
    )


def test_grey_model_of_the_textbook_series_of_deng():
    # A worked example repeated in the literature on grey systems: a = -0.0372, b = 3.0653.
    path = fans(series([2.874, 3.278, 3.337, 3.390, 3.679]), "grey", 2)[0.5]
    a, b = -0.0372, 3.0653
    after = [(1 - np.exp(a)) * (2.874 - b / a) * np.exp(-a * k) for k in (5, 6)]
    assert path.to_numpy() == pytest.approx(after, abs=2e-3)


def test_grey_model_continues_a_geometric_series_at_nearly_its_rate():
    path = fans(series([100 * 0.95**k for k in range(8)]), "grey", 2)[0.5]
    # The mean of neighbouring sums makes GM(1,1) exact only in the limit of slow change.
    assert path.to_numpy() == pytest.approx([100 * 0.95**8, 100 * 0.95**9], rel=1e-3)


def test_maternal_mortality_fell_by_5_percent_a_year_and_grey_foresaw_2021_to_2024_to_half_a_point():
    years = np.arange(len(MATERNAL))
    yearly = 100 * np.expm1(np.polyfit(years, np.log(MATERNAL), 1)[0])
    assert yearly == pytest.approx(-5.05, abs=0.005)  # the paper prints -5.16
    errors = {
        name: np.abs(
            fans(series(MATERNAL, first_year=2010, kind="rate"), name, 4)[0.5] - CAME
        ).mean()
        for name in ("grey", "ets", "pooled", "glm", "no_change")
    }
    assert errors["grey"] == pytest.approx(0.51, abs=0.005)
    assert errors["pooled"] == pytest.approx(0.44, abs=0.005)
    assert errors["no_change"] == pytest.approx(1.60, abs=0.005)
    assert errors["ets"] == pytest.approx(1.52, abs=0.1)
    assert errors["glm"] > errors["no_change"]


def test_the_pooled_interval_held_all_four_years_that_came_and_that_of_ets_none():
    held = {}
    for name in ("pooled", "ets"):
        wide = fans(series(MATERNAL, first_year=2010, kind="rate"), name, 4)
        held[name] = int(((wide[0.1] <= CAME) & (wide[0.9] >= CAME)).sum())
    assert held == {"pooled": 4, "ets": 0}


def test_optimised_simple_smoothing_of_oil_agrees_with_the_textbook():
    rates = np.linspace(0.85, 0.93, 801)
    flat = np.ones_like(rates)
    state = [447.478440 * flat], [0 * flat]
    level, _, squares = smooth(np.array([OIL]), rates, 0 * flat, flat, *state)
    best = squares[0].argmin()
    assert rates[best] == pytest.approx(0.891998, abs=1e-3)
    assert level[0, best] == pytest.approx(496.493543, abs=0.05)


def test_damped_ets_of_air_passengers_is_near_the_damped_trend_of_the_textbook():
    # 42.85 … 46.06 with the textbook's starting state; here the state is estimated.
    path = ets_quantiles(panel_of(series(AIR)), 5, np.array([0.5]))[0, :, 0]
    assert path == pytest.approx([42.85, 43.81, 44.66, 45.41, 46.06], abs=1.5)
    assert (np.diff(path, n=2) < 0).all()


def test_straight_line_of_ten_points_six_years_ahead():
    spread = glm_quantiles(panel_of(series(RISING)), 6, np.array([0.5, 0.9]))[0, 5]
    # The line at 2030 and the standard error of prediction, 8 degrees of freedom.
    assert spread[0] == pytest.approx(88.41818, abs=1e-5)
    assert (spread[1] - spread[0]) / stats.t.ppf(0.9, 8) == pytest.approx(1.308754, abs=1e-6)


def test_growth_rate_extrapolation_doubles_what_has_doubled():
    assert fans(series([10.0, 14, 12, 17, 20]), "cagr", 4).loc[2023, 0.5] == pytest.approx(40)


def test_half_drift_goes_on_by_half_and_drift_by_the_whole():
    frame = series([10, 20, 30, 40, 50])
    assert fans(frame, "half_drift", 2)[0.5].tolist() == pytest.approx([55, 60])
    assert fans(frame, "drift", 2)[0.5].tolist() == pytest.approx([60, 70])


def test_comb_is_the_pooled_rule_of_long_series():
    pd.testing.assert_frame_equal(fans(series(RISING), "comb"), fans(series(RISING), "pooled"))


def test_counts_are_modelled_as_counts_and_values_without_counts_are_not():
    rate = {"kind": "rate", "denominator": 1000.0, "multiplier": 1e3}
    frame = pd.concat(
        [
            series([20.0, 21, 19, 22], "counted", numerator=[20, 21, 19, 22], **rate),
            series([20.0, 21, 19, 22], "other", numerator=[20, 21, 19, 40], **rate),
            series(
                [20.0, 21, 19, 22],
                "share",
                numerator=[20, 21, 19, 22],
                kind="percent",
                denominator=100.0,
            ),
            series([20.0, 21, 19, 22], "plain", kind="rate"),
        ]
    ).assign(lower=0.0, upper=np.inf)
    panel = build_panel(frame)
    assert dict(zip(panel.names, families(panel), strict=True)) == {
        "counted": "poisson",
        "other": "gaussian",
        "share": "binomial",
        "plain": "gaussian",
    }


def counted_rate(events, births=20_000.0):
    value = [k / births * 1e5 for k in events]
    return series(value, kind="rate", numerator=events, denominator=births, multiplier=1e5)


def test_poisson_interval_of_a_level_rate_is_as_wide_as_the_counts_say():
    wide = fans(counted_rate([20, 22, 18, 20, 19, 21, 20, 20, 21, 19]), "glm", 1)
    # 20 events a year: standard deviation of the count about 4.5, of the line about 3, in 20,000
    # births 5 a event.
    assert wide.loc[2025, 0.5] == pytest.approx(100, abs=4)
    assert (wide.loc[2025, 0.9] - wide.loc[2025, 0.1]) / (2 * 1.2816) == pytest.approx(
        5 * np.hypot(4.5, 3), rel=0.1
    )


def test_over_dispersed_counts_have_wider_intervals():
    even, uneven = (fans(counted_rate(e), "glm", 1) for e in ([20] * 10, [5, 35] * 5))
    width = [wide.loc[2025, 0.9] - wide.loc[2025, 0.1] for wide in (even, uneven)]
    assert width[1] > 2 * width[0]


def test_shares_with_counts_stay_below_100():
    high = series([97.0, 98, 98, 99], kind="percent", numerator=[97, 98, 98, 99], denominator=100.0)
    wide = fans(high, "glm")
    assert (wide <= 100).all(axis=None) and (wide[0.5] < 100).all()
    assert (wide.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)


@pytest.mark.parametrize(
    ("model", "values", "expected"),
    [
        ("ets", [1, 2, 3, 5, 4], "too_few_points"),
        ("local_linear", [1, 2, 3, 5, 4], "too_few_points"),
        ("arima", [1, 2, 3, 5, 4], "too_few_points"),
        ("grey", [1, 2, 3], "too_few_points"),
        ("glm", [1, 2, 3], "too_few_points"),
        ("comb", [1, 2, 3, 4], "too_few_points"),
        ("grey", [1, 2, 0, 3], "not_positive"),
        ("cagr", [1, 2, 0, 3], "not_positive"),
    ],
)
def test_a_series_that_a_model_cannot_take_is_a_hole_with_its_reason(model, values, expected):
    assert reason(series(values), model) == [expected]


def test_a_rate_without_a_single_event_has_no_line_of_logarithms():
    assert reason(counted_rate([0] * 6), "glm") == ["no_fit"]


def test_only_the_years_after_a_gap_are_shown_to_models_that_know_no_gaps():
    frame = series([9.0, 1, 5, 6, 7, 9]).assign(year=[2010, 2011, 2015, 2016, 2017, 2018])
    made = forecast_frame(frame, horizon=1, model="grey")
    assert made[["n", "first_year", "grade"]].drop_duplicates().values.tolist() == [[4, 2015, "D"]]


@pytest.mark.parametrize("model", ["local_linear", "arima", "glm", "cagr"])
def test_a_missing_year_counts_as_a_year(model):
    line = series([10.0, 12.1, 13.9, 16, 18.1, 20, 21.9, 24])
    gap, full = (fans(frame, model, 1)[0.5].item() for frame in (line.drop(index=3), line))
    assert gap == pytest.approx(full, abs=0.5)


@pytest.mark.parametrize("model", BY_NAME)
def test_other_series_beside_it_change_no_forecast(model):
    alone = forecast_frame(series(RISING), horizon=3, model=model)
    beside = pd.concat([series(RISING), series([float(k % 4 + 3) for k in range(20)], "b", 1990)])
    together = forecast_frame(beside, horizon=3, model=model)
    pd.testing.assert_frame_equal(
        together[together["series_id"] == "a"].reset_index(drop=True), alone
    )


@pytest.mark.parametrize("model", BY_NAME)
def test_every_model_has_a_word_in_both_languages(model):
    assert ("model", model) in vocabulary()
    assert {("reason", "no_fit"), ("reason", "not_positive")} <= set(vocabulary())


@CAUTIOUS
@given(st.lists(st.integers(100, 900), min_size=8, max_size=12, unique=True))
def test_values_a_tenth_as_large_have_quantiles_a_tenth_as_large(values):
    values = [*values, 101]  # so that the smaller values have one decimal more
    for model in ("glm", "grey", "cagr", "half_drift", "drift", "theta", "no_change"):
        large, small = (fans(series([v / k for v in values]), model).to_numpy() for k in (1, 10))
        assert 10 * small == pytest.approx(large, rel=1e-6, abs=1e-6)


def test_the_units_of_a_series_do_not_change_what_a_search_finds():
    for model in ("local_linear", "arima", "ets"):
        once, often = (fans(series([k * v for v in RISING]), model).to_numpy() for k in (1, 8))
        assert often == pytest.approx(8 * once, rel=1e-4)


def test_a_model_by_name_is_asked_for_the_probability_of_a_target_too():
    asked = pd.DataFrame({"series_id": ["a"], "operator": [">="], "value": [90], "year": [2030]})
    for model, expected in (("glm", 0.130654), ("drift", 0.365601)):
        made = wdp.attainment_probability(series(RISING), asked, model=model)["probability"].item()
        # read from seven quantiles on straight lines between them
        assert made == pytest.approx(expected, abs=0.02)


def test_the_smoothing_rates_searched_reach_nearly_one():
    assert THETA_RATES.max() == 0.9999 and (np.diff(THETA_RATES) > 0).all()

"""Numbers published elsewhere, reproduced."""

import numpy as np
import pandas as pd
import pytest

from wdp_lib.forecasting import scores
from wdp_lib.forecasting.counts import rates as counts
from wdp_lib.forecasting.frame import forecast_frame
from wdp_lib.forecasting.models.classic import drift_quantiles, theta_quantiles
from wdp_lib.forecasting.models.smoothing import damped_steps, smooth
from wdp_lib.forecasting.panel import build_panel
from wdp_lib.forecasting.trends.trend import mann_kendall_p, trend

# Hyndman & Athanasopoulos, Forecasting: principles and practice: oil 1996-2007, air passengers
# 1990-2004.
OIL = [446.6565229, 454.4733065, 455.662974, 423.6322388, 456.2713279, 440.5880501]
OIL += [425.3325201, 485.1494479, 506.0481621, 526.7919833, 514.268889, 494.2110193]
AIR = [17.5534, 21.8601, 23.8866, 26.9293, 26.8885, 28.8314, 30.0751, 30.9535]
AIR += [30.1857, 31.5797, 32.577569, 33.477398, 39.021581, 41.386432, 41.596552]
# The 49 points of the oil series in R's forecast package.
LONG_OIL = [
    111.0091346,
    130.8284341,
    141.2870879,
    154.2277747,
    162.7408654,
    192.1664835,
    240.7997253,
]
LONG_OIL += [
    304.2173901,
    384.0045673,
    429.6621566,
    359.3169299,
    437.2518544,
    468.4007898,
    424.4353365,
]
LONG_OIL += [
    487.9794299,
    509.8284478,
    506.3472527,
    340.1842374,
    240.258921,
    219.0327876,
    172.0746632,
]
LONG_OIL += [
    252.5900922,
    221.0710774,
    276.5187735,
    271.1479517,
    342.6186005,
    428.3558357,
    442.3945534,
]
LONG_OIL += [
    432.7851482,
    437.2497186,
    437.2091599,
    445.3640981,
    453.1950104,
    454.409641,
    422.3789058,
]
LONG_OIL += [
    456.0371217,
    440.3866047,
    425.1943725,
    486.2051735,
    500.4290861,
    521.2759092,
    508.947617,
]
LONG_OIL += [
    488.8888577,
    509.870575,
    456.7229123,
    473.8166029,
    525.9508706,
    549.8338076,
    542.3404698,
]
RISING = [70, 72, 71, 74, 75, 77, 76, 79, 80, 81]


def panel_of(values, first_year=2015):
    frame = pd.DataFrame(
        {"series_id": "a", "year": np.arange(len(values)) + first_year, "value": values}
    )
    blank = {
        "numerator": np.nan,
        "denominator": np.nan,
        "multiplier": np.nan,
        "lower": -np.inf,
        "upper": np.inf,
    }
    return build_panel(frame.assign(kind="", **blank))


def one(values):
    return np.array([values], dtype=float)


@pytest.mark.parametrize(
    ("events", "lower", "upper"),
    [
        (65, 50.163187710459454, 82.84913854593984),
        (1045, 982.5932018073325, 1110.33121298565),
        (1, 0.01307213290150435, 5.5637555824752605),
    ],
)
def test_byar_interval_agrees_with_the_workbook_of_public_health_england(events, lower, upper):
    assert [float(x) for x in counts.poisson_byar(events)] == pytest.approx(
        [lower, upper], rel=1e-9
    )


@pytest.mark.parametrize(
    ("events", "lower", "upper"),
    [(1, 0.025317807984, 5.571643390939), (5, 1.62348639, 11.66833208)],
)
def test_exact_interval_agrees_with_the_workbook_of_public_health_england(events, lower, upper):
    assert [float(x) for x in counts.poisson_exact(events)] == pytest.approx(
        [lower, upper], rel=1e-8
    )


@pytest.mark.parametrize(
    ("events", "trials", "lower", "upper"),
    [
        (65, 100, 0.552544433, 0.7363575176),
        (1045, 5000, 0.1979554988, 0.2204913037),
        (1, 100, 0.0017674321, 0.0544861962),
    ],
)
def test_wilson_interval_agrees_with_the_workbook_of_public_health_england(
    events, trials, lower, upper
):
    assert [float(x) for x in counts.binomial_wilson(events, trials)] == pytest.approx(
        [lower, upper], abs=1e-9
    )


@pytest.mark.parametrize(
    ("method", "lower", "upper"),
    [
        (counts.poisson_exact, 0.0209884653319583, 0.0618505471787146),
    ],
)
def test_rate_of_15_in_400_agrees_with_the_reference_values_of_statsmodels(method, lower, upper):
    assert [float(x) / 400 for x in method(15)] == pytest.approx([lower, upper], rel=1e-9)


@pytest.mark.parametrize(
    ("deaths", "births", "lower", "upper", "below_target"),
    [
        (0, 2000, 0, 184.444, 0.42839),
        (1, 2000, 1.266, 278.58, 0.04378),
        (0, 20000, 0, 18.444, 0.92636),
        (1, 20000, 0.1266, 27.858, 0.63820),
    ],
)
def test_maternal_deaths_of_a_county_by_the_exact_poisson_law(
    deaths, births, lower, upper, below_target
):
    low, high, method = counts.rate_interval(deaths, births, multiplier=1e5)
    assert (float(low), float(high)) == pytest.approx((lower, upper), rel=1e-4)
    assert str(method) == "poisson_exact"
    probability = counts.probability_at_most(8, deaths, births, multiplier=1e5)
    assert float(probability) == pytest.approx(below_target, abs=1e-5)


def test_eight_in_100_000_needs_37_447_births_without_a_death_to_be_shown():
    shown = counts.verifiability(8, 2000, multiplier=1e5)
    assert shown.exposure == 37_447
    assert shown.years == pytest.approx(18.72, abs=0.01)
    assert 1 - shown.chance_of_event == pytest.approx(0.852144, abs=1e-6)


@pytest.mark.parametrize(("alpha", "expected"), [(0.2, 484.802468), (0.6, 501.837461)])
def test_simple_smoothing_of_oil_agrees_with_the_textbook(alpha, expected):
    level, _, _ = smooth(one(OIL), np.array([alpha]), np.zeros(1), np.ones(1), [[OIL[0]]], [[0.0]])
    assert level.item() == pytest.approx(expected, abs=1e-6)


def test_holt_smoothing_of_air_passengers_agrees_with_the_textbook():
    level, slope, _ = smooth(
        one(AIR), np.array([0.8]), np.array([0.2]), np.ones(1), [[AIR[0]]], [[AIR[1] - AIR[0]]]
    )
    path = level + slope * damped_steps(1.0, 5)
    assert path[0] == pytest.approx([43.75696849, 45.59352, 47.43008, 49.26663, 51.10319], abs=1e-5)


def test_damped_smoothing_of_oil_agrees_with_the_forecast_package_of_r():
    alpha, beta, phi = 0.99989969, 0.11886985, 0.80000197
    state = [[36.46466837]], [[34.72584983]]
    level, slope, _ = smooth(
        one(LONG_OIL), np.array([alpha]), np.array([beta / alpha]), np.array([phi]), *state
    )
    path = level + slope * damped_steps(phi, 4)
    assert path[0] == pytest.approx(
        [545.35213563, 547.76044926, 549.68710489, 551.22843318], abs=1e-5
    )


def test_theta_of_air_passengers_agrees_with_statsmodels():
    path = theta_quantiles(panel_of(AIR), 6, np.array([0.5]))[0, :, 0]
    assert path == pytest.approx(
        [42.32876, 43.06091, 43.79305, 44.52520, 45.25734, 45.98949], abs=1e-3
    )


def test_kendall_test_of_five_and_ten_rising_points():
    five, ten = np.arange(1, 6), np.arange(1, 11)
    assert trend(five, five).score == 10
    assert trend(five, five).p_value == pytest.approx(2 / 120)
    assert trend(ten, ten).p_value == pytest.approx(5.5115e-07, rel=1e-4)
    assert mann_kendall_p(10, five, exact=False) == pytest.approx(0.0274863, abs=1e-6)
    assert mann_kendall_p(45, ten, exact=False) == pytest.approx(8.3031e-05, rel=1e-4)


def test_slope_and_exact_kendall_test_of_ten_points():
    found = trend(np.arange(2015, 2025), RISING)
    assert (found.slope, found.score) == (pytest.approx(1.222222, abs=1e-6), 41)
    assert found.p_value == pytest.approx(2.976e-05, rel=1e-3)


def test_drift_of_ten_points_six_years_ahead():
    from scipy.stats import t

    spread = drift_quantiles(panel_of(RISING), 6, np.array([0.5, 0.9]))[0, 5]
    assert spread[0] == pytest.approx(81 + 6 * 11 / 9)
    assert (spread[1] - spread[0]) / t.ppf(0.9, 8) == pytest.approx(4.684490, abs=1e-5)


def test_twice_the_mean_pinball_loss_is_the_weighted_interval_score_of_scoringutils():
    observed, levels = [1, -15, 22], [0.1, 0.25, 0.5, 0.75, 0.9]
    predicted = [[-1, 0, 1, 2, 3], [-2, 1, 2, 2, 4], [-2, 0, 3, 3, 4]]
    loss = scores.pinball_loss(observed, predicted, levels)
    assert 2 * loss.mean(axis=1) == pytest.approx([0.36, 15.34, 19.14])


def test_measured_multiples_are_the_width_of_the_default_intervals():
    frame = pd.DataFrame(
        {"series_id": "a", "year": range(2018, 2025), "value": [0, 1, 0, 1, 0, 1, 0]}
    )
    wide = forecast_frame(frame, horizon=6, model="pooled").pivot(
        index="year", columns="quantile", values="value"
    )
    # Seven points that end where they began, yearly change 1: centre 0, half-widths as printed in
    # the table.
    assert wide[0.9].tolist() == pytest.approx([1.53, 2.60, 3.84, 4.79, 6.00, 6.50])
    assert wide[0.975].tolist() == pytest.approx([3.72, 6.51, 9.05, 12.78, 16.29, 17.66])
    assert wide[0.25].tolist() == pytest.approx([-0.60, -1.00, -1.50, -2.00, -2.35, -2.69])

"""Properties of the default forecaster that must hold whatever was learned."""

from pathlib import Path

import numpy as np
import pytest

import wdp_lib
from wdp_lib.forecasting.learned.correction import KINDS
from wdp_lib.forecasting.learned.forecaster import Forecaster, posterior_of, prior_quantiles
from wdp_lib.forecasting.learned.paths import (
    explain,
    joint_futures,
    sample_paths,
)
from wdp_lib.forecasting.learned.prior import (
    QUANTILES,
    Components,
    mixture_quantiles,
    project,
    series_scale,
    update,
)

LEARNED = Path(wdp_lib.__file__).parent / "forecasting" / "learned"
PERCENT = KINDS.index("percent")


@pytest.fixture(scope="module")
def model():
    return Forecaster.read(LEARNED)


def wide(*rows):
    out = np.full((len(rows), 40), np.nan)
    for r, row in enumerate(rows):
        out[r, -len(row) :] = row
    return out


HISTORY = wide(
    [70, 72, 71, 74, 75, 77, 76, 79],
    [12, 11, np.nan, 9, 9.5, np.nan, 8],
    [98, 98.5, 99.1, 99.4],
    [50.0] * 6,
)
KIND = np.array([PERCENT, KINDS.index("rate"), PERCENT, KINDS.index("unknown")])


def test_quantiles_never_cross_and_stay_within_natural_limits(model):
    forecast = model.forecast(HISTORY, KIND, 15)
    assert (np.diff(forecast, axis=2) >= 0).all()
    assert forecast.min() >= 0
    assert forecast[[0, 2]].max() <= 100


def test_intervals_widen_with_the_years_also_beyond_the_trained_ones(model):
    width = np.ptp(model.forecast(HISTORY[:2], KIND[:2], 20)[..., [1, 5]], axis=2)
    assert (width[:, 14] > width[:, 5]).all() and (width[:, 19] > width[:, 14]).all()


def test_a_series_of_two_points_gets_no_forecast(model):
    assert np.isnan(model.forecast(wide([1, 2]), KIND[:1], 3)).all()


def test_one_series_is_forecast_as_it_is_among_others(model):
    together = model.forecast(np.repeat(HISTORY, 40, axis=0), np.repeat(KIND, 40), 6)
    alone = model.forecast(HISTORY[1:2], KIND[1:2], 6)
    np.testing.assert_allclose(together[40:41], alone, rtol=1e-4)


def test_another_unit_of_measurement_gives_the_same_forecast(model):
    kind = np.array([KINDS.index("rate")])
    once, tenfold = (model.forecast(HISTORY[:1] * k, kind, 6) for k in (1, 10))
    np.testing.assert_allclose(tenfold, once * 10, rtol=0.02)


def test_paths_have_the_quantiles_of_the_forecast_and_remember_their_past(model):
    paths = joint_futures(model, HISTORY[:2], KIND[:2], 6, draws=4000)
    forecast = model.forecast(HISTORY[:2], KIND[:2], 6)
    np.testing.assert_allclose(
        np.quantile(paths, QUANTILES[1:-1], axis=1).transpose(1, 2, 0),
        forecast[..., 1:-1],
        rtol=2e-3,
    )
    assert np.corrcoef(paths[0, :, 4], paths[0, :, 5])[0, 1] > 0.5
    np.testing.assert_array_equal(paths, joint_futures(model, HISTORY[:2], KIND[:2], 6, draws=4000))


def test_paths_of_the_prior_have_the_quantiles_of_its_mixture(model):
    posterior, _ = posterior_of(HISTORY[:1], model.components)
    paths = sample_paths(posterior, 6, 60_000, np.random.default_rng(1))
    np.testing.assert_allclose(
        np.quantile(paths[0], QUANTILES, axis=0).T, prior_quantiles(posterior, 6)[0], atol=0.15
    )


def test_filter_agrees_with_the_likelihood_of_the_joint_normal_distribution():
    components = Components.read(LEARNED / "prior.csv")
    y = np.array([0.0, 1.0, 0.5, 2.0])
    c = next(k for k, f in enumerate(components.table["family"]) if f == "trend")
    phi, steps = components.keep[c], np.arange(4)
    loads = np.array([sum(phi ** (i + 1) for i in range(t)) for t in steps])
    cov = np.diag(np.full(4, components.noise_var[c])) + components.first_var[c] * np.outer(
        loads, loads
    )
    for born in range(1, 4):
        seen = (steps >= born).astype(float)
        drift = np.array([sum(phi ** (i + 1) for i in range(max(t - born, 0))) for t in steps])
        cov += components.level_var[c] * np.outer(seen, seen) + components.drift_var[c] * np.outer(
            drift, drift
        )
    flat = np.linalg.inv(cov + 1e8)  # level diffuse
    whole = -0.5 * (y @ flat @ y + np.linalg.slogdet(cov + 1e8)[1] - np.log(1e8))
    assert update(y[None], components).loglik[0, c] == pytest.approx(whole, abs=1e-3)


def test_mixture_quantiles_agree_with_the_distribution_function():
    from scipy.stats import norm

    rng = np.random.default_rng(0)
    weight, mean, sd = (
        rng.dirichlet(np.full(30, 0.5), 20),
        rng.normal(size=(20, 2, 30)),
        np.exp(0.7 * rng.normal(size=(20, 2, 30))),
    )
    q = mixture_quantiles(weight, mean, sd)
    reached = np.einsum(
        "sc,shkc->shk", weight, norm.cdf((q[..., None] - mean[:, :, None]) / sd[:, :, None])
    )
    assert np.abs(reached - QUANTILES).max() < 0.01


def test_explanation_adds_up(model):
    told = explain(model, HISTORY, KIND, 6)
    np.testing.assert_allclose(told[["trend", "reversion", "neither"]].sum(axis=1), 1)
    assert told["noise"].between(0, 1).all()


def test_scale_is_the_mean_change_and_never_zero():
    assert series_scale(wide([1, 3, 4]))[0] == pytest.approx(1.5)
    assert series_scale(wide([5, np.nan, np.nan, np.nan, 9]))[0] == pytest.approx(2)
    assert series_scale(wide([5, 5, 5]))[0] == 0.5


def test_horizon_of_the_cells_grows(model):
    posterior, _ = posterior_of(HISTORY[:1], model.components)
    assert (np.diff(project(posterior, 6)[1], axis=1) >= -1e-9).mean() > 0.95

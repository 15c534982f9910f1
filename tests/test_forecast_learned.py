"""Properties of the default forecaster that must hold whatever was learned."""

from pathlib import Path

import numpy as np
import pytest

import wdp_lib
from wdp_lib.forecasting.learned.correction import FACILITY, KINDS
from wdp_lib.forecasting.learned.forecaster import Forecaster
from wdp_lib.forecasting.learned.limits import Staying
from wdp_lib.forecasting.learned.mixture import QUANTILES, mixture_quantiles
from wdp_lib.forecasting.learned.paths import joint_futures, sample_paths
from wdp_lib.forecasting.learned.prior import (
    Components,
    filtered,
    measure,
    posterior_of,
    prior_quantiles,
    project,
    reporting_unit,
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


@pytest.mark.parametrize("row", [0, 1])
def test_paths_of_the_prior_have_the_quantiles_of_its_mixture(model, row):
    one = next(model.each(HISTORY[[row]], KIND[[row]]))
    paths = sample_paths(one, np.random.default_rng(1).standard_normal((21, 60_000)))
    drawn, expected = np.quantile(paths, QUANTILES, axis=0).T, prior_quantiles(one, 6)[0]
    np.testing.assert_allclose(drawn[:, 1:-1], expected[:, 1:-1], atol=0.15)


def test_two_series_under_one_seed_move_together_as_their_correlation_says(model):
    coupled = [np.array([[1, rho], [rho, 1]]) for rho in (0.9, 0.0)]
    paths = joint_futures(
        model, HISTORY[[0] * 4], KIND[[0] * 4], 2, draws=2000, correlation=coupled
    )
    together, apart = (np.corrcoef(paths[k, :, 0], paths[k + 1, :, 0])[0, 1] for k in (0, 2))
    assert together > 0.4 and abs(apart) < 0.1


def test_filter_agrees_with_the_likelihood_of_the_joint_normal_distribution():
    components = Components.read(LEARNED / "prior.csv").by_scale["plain"]
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
    assert filtered(y[None], components)[-1][0, c] == pytest.approx(whole, abs=1e-3)


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


def test_the_likelihood_of_a_log_is_that_of_the_values_themselves():
    components = Components.read(LEARNED / "prior.csv")
    falling = np.array([[9.0, 7.5, 4.5, 3.5, 2.0]])
    measured = measure(falling, np.zeros(1), np.array([np.inf]), "log")
    known_ = posterior_of(falling, components, measured)
    away = falling + measured.unit / 2
    logs = np.log(away / away[:, -1:]) / measured.stretch
    filtered_logs = filtered(logs, components.by_scale["log"])[-1]
    # the density of the values is that of their logs times the change of the log with the value
    steps = np.log(measured.scale / away[:, 1:] / measured.stretch).sum()
    np.testing.assert_allclose(
        known_.loglik[:, components.by_scale["plain"].plain :], filtered_logs + steps
    )


def test_quantiles_over_two_scales_agree_with_the_distribution_function(model):
    from scipy.stats import norm

    for one in model.each(HISTORY[:3], KIND[:3]):
        mean, sd = project(one, 6)
        q, split = prior_quantiles(one, 6), one.components.plain
        places = np.repeat(q[..., None], len(one.weight[0]), axis=-1)
        if one.measure.sign:
            places[..., split:] = one.measure.bent(q)[..., None]
        reached = norm.cdf((places - mean[:, :, None]) / sd[:, :, None]) @ one.weight[0]
        inside = one.measure.values(q) <= np.reshape(one.measure.high, (-1, 1, 1))
        assert np.abs(reached - QUANTILES)[inside].max() < 0.01


def test_scale_is_the_mean_change_and_never_zero():
    def scale(*values):
        return measure(wide(values), np.zeros(1), np.array([np.inf]), "plain").scale[0]

    assert scale(1, 3, 4) == pytest.approx(1.5)
    assert scale(5, np.nan, np.nan, np.nan, 9) == pytest.approx(2)
    assert scale(50, 50, 50) == 0.5


@pytest.mark.parametrize(
    ("values", "unit"),
    [([1.5, 2.25, 3], 0.01), ([1, 2, 4], 1), ([1000, 2500, 3000], 100), ([0.003, 0.012], 0.001)],
)
def test_the_unit_in_which_values_are_reported_is_read_from_them(values, unit):
    assert reporting_unit(np.array([values]))[0] == pytest.approx(unit)


def test_the_longer_a_series_has_stood_at_its_limit_the_surer_it_stays(model):
    past = wide([90, 91, 93, 95, 100], [90, 91, 93, 100, 100], [100] * 5, [100] * 12)
    limit, kind = np.full(4, 100.0), np.full(4, PERCENT)
    p = model.staying.probability(past, limit, kind, "upper", 10)
    assert (np.diff(p, axis=0) >= 0).all() and (np.diff(p, axis=1) <= 0).all()
    assert ((p > 0) & (p < 1)).all()


def test_facilities_stay_at_their_limit_and_shares_of_people_wander(model):
    past, limit = wide([100] * 10), np.full(1, 100.0)
    # of real schools with electricity 208 of 208 windows of five years and more; of people 0-40 %
    facility = model.staying.probability(past, limit, np.array([FACILITY]), "upper", 5)
    people = model.staying.probability(past, limit, np.array([PERCENT]), "upper", 5)
    assert facility[0, -1] > 0.98 and 0.3 < people[0, -1] < 0.6
    # below its limit a facility is forecast like any other percentage
    below = wide([60, 64, 70, 73, 77])
    assert np.array_equal(model.forecast(below, [FACILITY], 5), model.forecast(below, [PERCENT], 5))


def test_mass_at_a_limit_is_what_was_learned_of_it(model):
    sure = Staying(dict.fromkeys(model.staying.learned, [np.log(4), 0, 0, 0, 0]))
    made = Forecaster(model.components, sure, None, None, model.reliability).forecast(
        wide([90, 95, 100]), [PERCENT], 3
    )
    assert (
        (made[..., 3:] == 100).all() and (made[..., 2] == 100).all() and (made[..., 1] < 100).all()
    )

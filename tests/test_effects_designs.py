"""Designs of effects on published cases and on simulated truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wdp_lib.effects.better import best_of_all, excess
from wdp_lib.effects.designs import (
    Estimate,
    Guards,
    bend_before,
    counterfactual_forecasts,
    interrupted_counts,
    interrupted_series,
    placebo_in_time,
)
from wdp_lib.effects.designs_of_areas import (
    assignments,
    difference_in_differences,
    dose_response,
    synthetic_control,
    synthetic_weights,
    trend_before,
)

VECTORS = Path(__file__).parent / "vectors"
YEARS = np.arange(2012, 2024)  # nine years before 2021, three since
START = 2021
RUNS = 400


def noise(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape)


def line(effect=0.0):
    return 50 + 2.0 * (YEARS - 2012) + effect * (YEARS >= START)


def test_the_step_of_the_sicilian_smoking_ban_is_the_published_one():
    """Lopez Bernal and others 2017: log ratio -0.111628, its error 0.017225, dispersion 3.5592."""
    months = pd.read_csv(VECTORS / "sicily_smoking_ban.csv").astype(float)
    made = interrupted_counts(*(months[name].to_numpy() for name in months), 37)
    half = 2.00324 * 0.017225 * np.sqrt(3.5592)  # Student's t with 59 - 3 degrees of freedom
    assert made.estimate == pytest.approx(np.exp(-0.111628), abs=1e-5)
    assert [made.lower, made.upper] == pytest.approx(
        np.exp([-0.111628 - half, -0.111628 + half]), abs=1e-4
    )
    assert (made.n_before, made.n_after) == (36, 23)


def test_the_synthetic_california_is_the_published_one():
    """Weights of the donors that carry most of it, out of 38 (Abadie 2010, all years used)."""
    states = pd.read_csv(VECTORS / "prop99_cigarettes.csv", index_col="state")
    before = states.columns.astype(int) < 1989
    own, donors = states.loc["California"].to_numpy(float), states.drop(index="California")
    weights = synthetic_weights(own[before], donors.to_numpy(float)[:, before])
    gap = own - weights @ donors.to_numpy(float)
    assert gap[~before].mean() == pytest.approx(-19.5136, abs=1e-3)
    assert np.sqrt((gap[before] ** 2).mean()) == pytest.approx(1.6564, abs=1e-3)
    found = dict(zip(donors.index, weights, strict=True))
    expected = {"Utah": 0.394, "Montana": 0.232, "Nevada": 0.205, "Connecticut": 0.109}
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-3)


@pytest.mark.requirement("E3")
def test_a_planted_step_is_in_the_interval_of_the_interrupted_series_as_often_as_it_says():
    made = [interrupted_series(YEARS, line(5) + row, START) for row in noise(RUNS, len(YEARS))]
    covered = np.mean([m.lower <= 5 <= m.upper for m in made])
    assert 0.88 <= covered <= 0.98
    assert np.mean([m.estimate for m in made]) == pytest.approx(5, abs=0.2)


@pytest.mark.requirement("E3")
def test_short_series_without_an_effect_alarm_at_the_nominal_rate():
    short = YEARS[1:]  # eleven years: least squares, exact for independent noise
    made = [
        interrupted_series(short, line()[1:] + row, START)
        for row in noise(2 * RUNS, len(short), seed=2)
    ]
    assert 0.03 <= np.mean([m.p_value <= 0.05 for m in made]) <= 0.075


def test_the_slope_changes_only_in_series_long_on_both_sides():
    years = np.arange(2000, 2020)
    bent = 2.0 * np.maximum(years - 2009, 0) + 0.1 * noise(20, seed=3)
    # from 2010 on 2, 4, ..., 20 above the old line: 11 on average; a step alone would make of it
    # what it can
    assert interrupted_series(years, bent, 2010).estimate == pytest.approx(11, abs=0.5)
    one_less = interrupted_series(years[:17], bent[:17], 2010)
    assert one_less.n_after == 7
    assert abs(one_less.estimate - bent[10:17].mean()) > 2


def test_a_bend_before_the_start_is_noticed_and_a_line_is_not():
    assert bend_before(YEARS, (YEARS - 2012.0) ** 2 + 0.1 * noise(12), START) < 0.001
    assert bend_before(YEARS, line() + noise(12, seed=5), START) > 0.05
    assert np.isnan(bend_before(YEARS, line(), 2016))


@pytest.mark.parametrize(
    ("before", "after", "reason"), [(5, 3, "too_few_before"), (6, 2, "too_few_after"), (6, 3, "")]
)
@pytest.mark.requirement("E3")
def test_an_interrupted_series_refuses_below_the_set_number_of_points(before, after, reason):
    years = np.arange(2021 - before, 2021 + after)
    made = interrupted_series(years, years + noise(len(years)), 2021)
    assert made.reason == reason
    assert np.isnan(made.estimate) == bool(reason)


@pytest.mark.parametrize(
    ("before", "after", "reason"), [(4, 2, "too_few_before"), (5, 0, "too_few_after"), (5, 1, "")]
)
@pytest.mark.requirement("E3")
def test_a_counterfactual_forecast_refuses_below_the_set_number_of_points(before, after, reason):
    years = np.arange(2021 - before, 2021 + after)
    series = pd.DataFrame({"year": years, "value": 50.0 + years % 3})
    assert counterfactual_forecasts([(series, 2021)], draws=100)[0].reason == reason


@pytest.mark.requirement("E3")
def test_a_jump_far_beyond_the_forecast_is_shown_and_the_forecast_covers_quiet_series():
    def made(rows, effect):
        columns = ({"year": YEARS, "value": line(effect) + r, "kind": "percent"} for r in rows)
        return counterfactual_forecasts([(pd.DataFrame(c), START) for c in columns], draws=400)

    rows = noise(60, len(YEARS), seed=6)
    jumped, quiet = made(rows[:20], 15), made(rows, 0)
    assert np.mean([found.p_value <= 0.05 for found in jumped]) >= 0.9
    assert np.mean([found.p_value <= 0.05 for found in quiet]) <= 0.15
    assert jumped[0].lower < 15 < jumped[0].upper


@pytest.mark.requirement("E3")
def test_planted_difference_is_covered_and_nothing_planted_alarms_at_the_nominal_rate():
    treated = np.arange(9) < 4
    covered, alarms = [], []
    for values in noise(RUNS, 9, len(YEARS), seed=7) + line():
        alarms.append(difference_in_differences(YEARS, values, treated, START).p_value <= 0.05)
        planted = values + 3 * np.outer(treated, YEARS >= START)
        made = difference_in_differences(YEARS, planted, treated, START)
        covered.append(made.lower <= 3 <= made.upper)
    # 126 ways: the test has the exact size 6/126
    assert 0.025 <= np.mean(alarms) <= 0.075
    assert np.mean(covered) == pytest.approx(1 - np.mean(alarms))


def test_the_difference_and_its_p_value_can_be_counted():
    # of the 56 ways to choose 3 of 8 areas only the actual one has all three that rose
    values = np.array([[0, 10]] * 3 + [[0, 1], [0, 2], [0, 3], [0, 2], [0, 2]], dtype=float)
    made = difference_in_differences(np.array([2020, 2021]), values, np.arange(8) < 3, 2021)
    assert made.estimate == pytest.approx(8)
    assert made.p_value == pytest.approx(1 / 56)
    assert made.lower <= 8 <= made.upper


@pytest.mark.parametrize(("treated", "controls"), [(2, 6), (3, 4)])
@pytest.mark.requirement("E3")
def test_too_few_areas_are_not_compared(treated, controls):
    values = noise(treated + controls, len(YEARS))
    mask = np.arange(treated + controls) < treated
    assert difference_in_differences(YEARS, values, mask, START).reason == "too_few_areas"


def test_areas_that_rose_apart_before_the_start_fail_the_placebo():
    treated = np.arange(9) < 3
    values = 0.1 * noise(9, len(YEARS)) + np.outer(treated, YEARS - 2012.0)
    assert trend_before(YEARS, values, treated, START) == pytest.approx(1 / 84)


def test_assignments_start_with_the_actual_one_and_are_drawn_where_there_are_too_many():
    few, many = np.array([True, False, False]), np.arange(40) < 20
    assert assignments(few, 100, 0).sum(axis=0).tolist() == [1, 1, 1]
    drawn = assignments(many, 100, 0)
    assert drawn.shape == (100, 40)
    assert (drawn[0] == many).all()
    assert (drawn.sum(axis=1) == 20).all()


def test_more_dose_more_change_is_a_slope_and_one_dose_for_all_is_none():
    slope, p_value = dose_response(np.array([1.0, 2, 3, 4, 5]), np.array([10.0, 20, 30, 40, 50]))
    assert slope == pytest.approx(0.1)
    assert p_value == pytest.approx(2 / 120)  # all in order, or all in the reverse order
    assert np.isnan(dose_response(np.array([1.0, 2, 3, 4]), np.full(4, 7.0))[0])


def donors_and_own(effect, seed=8):
    donors = 50 + np.cumsum(noise(20, len(YEARS), seed=seed), axis=1)
    return donors, donors[:3].mean(axis=0) + 0.05 * noise(len(YEARS), seed=seed + 1) + effect * (
        YEARS >= START
    )


@pytest.mark.requirement("E3")
def test_the_synthetic_control_finds_a_planted_effect_and_ranks_it_first():
    donors, own = donors_and_own(10)
    made = synthetic_control(YEARS, own, donors, START)
    assert made.estimate == pytest.approx(10, abs=1.5)
    assert made.p_value == pytest.approx(1 / 21)
    assert made.lower <= 10 <= made.upper


@pytest.mark.requirement("E3")
def test_the_rank_of_the_synthetic_control_is_uniform_without_an_effect():
    ranks = []
    for seed in range(60):
        areas = 50 + np.cumsum(noise(10, len(YEARS), seed=100 + seed), axis=1)
        made = synthetic_control(YEARS, areas[0], areas[1:], START, guards=Guards(worst_fit=np.inf))
        ranks.append(made.p_value)
    assert np.mean(np.array(ranks) <= 0.2) == pytest.approx(0.2, abs=0.13)
    assert np.mean(ranks) == pytest.approx(0.55, abs=0.12)  # mean of 0.1, 0.2, ..., 1


@pytest.mark.requirement("E3")
def test_the_synthetic_control_refuses_few_years_few_donors_and_a_poor_fit():
    donors, own = donors_and_own(0)
    assert synthetic_control(YEARS[2:], own[2:], donors[:, 2:], START).reason == "too_few_before"
    assert synthetic_control(YEARS, own, donors[:7], START).reason == "too_few_areas"
    assert synthetic_control(YEARS, own + 500, donors, START).reason == "poor_fit"


def test_a_placebo_needs_several_earlier_starts_and_counts_them():
    assert np.isnan(placebo_in_time([Estimate(p_value=0.01)] * 2))
    assert placebo_in_time([Estimate(p_value=p) for p in (0.01, 0.5, 0.9)]) == pytest.approx(0.03)


@pytest.mark.requirement("E4")
def test_recovery_of_a_bad_beginning_is_expected_and_not_counted():
    before = np.array([10.0, 20, 30, 40, 50, 60])
    recovered = 35 + 0.1 * before  # the lowest rose by 26, the highest fell by 19
    assert np.isnan(excess(before, recovered)).all()
    bump = recovered + np.array([0, 0, 5.0, 0, 0, 0])
    assert excess(before, bump).argmax() == 2


@pytest.mark.requirement("E4")
def test_with_pure_noise_the_list_is_empty_at_the_set_rate_and_a_better_area_is_found():
    listed = []
    for scores in noise(120, 9, 15, seed=11):
        listed.append(best_of_all(scores, shuffles=199)[1].min() <= 0.05)
    assert np.mean(listed) <= 0.11
    better = noise(9, 15, seed=12)
    better[4] += 1.5
    means, p_values = best_of_all(better)
    assert (p_values <= 0.05).nonzero()[0].tolist() == [4]
    assert means.argmax() == 4


@pytest.mark.requirement("E3")
def test_the_difference_of_california_and_the_other_states_is_the_published_one():
    """Proposition 99 (39 states, 1970-2000, from 1989), plain difference: -27.34911."""
    states = pd.read_csv(VECTORS / "prop99_cigarettes.csv", index_col="state")
    treated, years = (states.index == "California"), states.columns.astype(int).to_numpy()
    one = Guards(treated_areas=1)
    made = difference_in_differences(years, states.to_numpy(float), treated, 1989, guards=one)
    assert made.estimate == pytest.approx(-27.34911, abs=1e-5)
    assert (made.n_treated, made.n_controls, made.n_before, made.n_after) == (1, 38, 19, 12)
    # one state of 39 can at best be the most extreme one
    assert made.p_value >= 1 / 39
    assert (
        difference_in_differences(years, states.to_numpy(float), treated, 1989).reason
        == "too_few_areas"
    )

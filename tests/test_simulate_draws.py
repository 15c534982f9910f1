"""The pieces of a simulation: draws that are true on average, paths that lead where they say, folders kept whole."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError
from wdp_lib.core.home import find_home
from wdp_lib.simulate.draws import WANDER, count_parts, draw, fixed_values, path_share
from wdp_lib.simulate.returns import write_simulation
from wdp_lib.simulate.specification import YEARS, read_specification

HOME = find_home()


@pytest.fixture(scope="module")
def plan():
    return wdp.load_plan("ruyuan-2021-2030")


def _drawn(plan, name, seeds):
    """What one indicator's parts look like in many simulations."""
    specification = read_specification(plan)
    series = next(s for s in specification.series if s.indicator.id == name)
    towns, denominator = specification.towns, specification.denominators[series.denominator]
    return [
        draw(series, count_parts(denominator, towns, "ruyuan", k), towns, "ruyuan", k)
        for k in range(seeds)
    ]


def test_exact_intervals_of_a_proportion_cover_the_truth_about_as_often_as_they_say(plan):
    from scipy.stats import beta

    inside = []
    for drawn in _drawn(plan, "infected_women_follow_up_rate", 150):
        n, d = drawn.numerators[0], drawn.denominators[0]
        lower = beta.ppf(0.025, n, d - n + 1)
        upper = np.where(n == d, 1, beta.ppf(0.975, n + 1, np.maximum(d - n, 1)))
        inside.append((lower <= drawn.truth[0]) & (drawn.truth[0] <= upper))
    # 2 400 intervals; exact ones cover a little more than 95 %
    assert 0.945 <= np.mean(inside) <= 0.985


def test_exact_intervals_of_maternal_deaths_cover_the_truth_and_deaths_are_right_on_average(plan):
    from scipy.stats import chi2

    simulated = _drawn(plan, "maternal_mortality_ratio", 150)
    expected = np.array([(d.truth * d.denominators).sum() for d in simulated])
    deaths = np.array([d.numerators.sum() for d in simulated])
    lower = np.where(deaths == 0, 0, chi2.ppf(0.025, 2 * np.maximum(deaths, 1)) / 2)
    upper = chi2.ppf(0.975, 2 * deaths + 2) / 2
    assert np.mean((lower <= expected) & (expected <= upper)) >= 0.92
    assert deaths.mean() == pytest.approx(expected.mean(), abs=4 * np.sqrt(expected.mean() / 150))


def test_paths_begin_at_0_and_lead_where_they_say():
    assert path_share("linear")[[0, 5, 15]] == pytest.approx([0, 1 / 3, 1])
    assert path_share("early")[[0, 15]] == pytest.approx([0, 1])
    assert path_share("early")[5] > 0.6
    step = path_share("step_2022")
    assert step[6] < 0.1 < 0.8 < step[7]
    turn = path_share("turn_2021")
    assert np.argmax(turn) == 6
    assert turn[-1] == pytest.approx(0.2)


def test_a_fixed_value_holds_until_the_next():
    assert list(fixed_values("2015:0;2019:1;2028:2")) == [0] * 4 + [1] * 9 + [2] * 3
    assert len(YEARS) == 16


@pytest.fixture
def small():
    """A data set of one row, as far as writing is concerned."""
    table = pd.DataFrame({"indicator": ["a"], "value": ["1"]})
    return SimpleNamespace(
        returns={"office.csv": table},
        truth=table,
        planted=table,
        areas=table,
        breaks=table,
        corrections=table,
        metadata={"kind": "simulated", "seed": 1},
        verdicts=table.iloc[:0],
    )


def test_a_simulated_folder_is_replaced_as_a_whole(small, tmp_path):
    folder = write_simulation(small, tmp_path / "demo")
    (folder / "left-over.csv").write_text("x")
    write_simulation(small, folder, corrections=tmp_path / "corrections" / "demo.csv")
    assert sorted(p.name for p in folder.iterdir()) == [
        "areas.csv",
        "breaks.csv",
        "dataset.yaml",
        "office.csv",
        "truth",
    ]
    assert (tmp_path / "corrections" / "demo.csv").read_text() == "indicator,value\na,1\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["corrections", "demo"]


@pytest.mark.parametrize("twin", ["kind: real\n", "note: 'kind: simulated'\n", None])
def test_a_folder_that_is_not_simulated_is_never_overwritten(small, tmp_path, twin):
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "office.csv").write_text("real figures")
    if twin:
        (folder / "dataset.yaml").write_text(twin)
    with pytest.raises(ParameterError) as caught:
        write_simulation(small, folder)
    assert (folder / "office.csv").read_text() == "real figures"
    assert "demo exists and is no simulated data set" in caught.value.render("en")


def test_a_level_that_wanders_keeps_its_first_year_and_leaves_the_path_as_real_series_do(plan):
    steps = np.diff(
        [WANDER["percent"].added(0.1, np.random.default_rng(k)) for k in range(400)], axis=1
    )
    assert WANDER["percent"].added(0.1, np.random.default_rng(1))[0] == 0
    assert np.abs(steps.mean()) < 0.01
    # a pace that persists 70 % with new turns of one planned change, jumps as large, and a planned
    # change of the county's own, between none and twice the plan's
    own = 1 / 3
    assert steps.std() == pytest.approx(0.1 * np.sqrt(1 / (1 - 0.7**2) + 1 + own), rel=0.05)
    assert np.corrcoef(steps[:, 5], steps[:, 6])[0, 1] == pytest.approx(0.52, abs=0.1)


def test_without_wandering_a_series_is_drawn_as_ever_and_with_it_the_truth_differs(plan):
    specification = read_specification(plan)
    series = next(s for s in specification.series if s.indicator.id == "caesarean_section_rate")
    counts = count_parts(
        specification.denominators[series.denominator], specification.towns, "ruyuan", 3
    )
    usual, again, moved = (
        draw(series, counts, specification.towns, "ruyuan", 3, wander)
        for wander in (None, None, WANDER["percent"])
    )
    assert (usual.numerators == again.numerators).all()
    assert (usual.truth[:, 0] == moved.truth[:, 0]).all()
    assert (usual.truth[:, 1:] != moved.truth[:, 1:]).all()

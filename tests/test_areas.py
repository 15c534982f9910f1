"""Townships side by side: funnel, shrinkage, ranks, shortfalls, sums, and the lowest of them."""

from dataclasses import replace

import numpy as np
import pytest
from areas_kit import SIZES, compared, promised, towns
from kit import observations

import wdp_lib as wdp
from wdp_lib.comparison.measures import (
    between_variance,
    dispersion,
    empirical_bayes,
    funnel_limits,
    rank_interval,
)
from wdp_lib.core.errors import ParameterError


@pytest.mark.requirement("G8")
def test_the_planted_township_is_first_outside_the_funnel_and_the_others_are_inside(tiny_plan):
    events = [round(0.7 * n) for n in SIZES]
    events[3] = 32  # 40 % of 80 in the south, 70 % elsewhere
    table = compared(promised(tiny_plan), towns(events, SIZES))
    worst = table.iloc[0]
    assert (worst["area"], worst["rank"], worst["outside"], worst["side"]) == (
        "south",
        1,
        "99.8",
        "worse",
    )
    assert (table["outside"][1:] == "").all()
    assert worst["inflation"] == 1  # one township apart does not widen the funnel for itself
    assert (worst["rank_lower"], worst["rank_upper"]) == (1, 1)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.7, 0.95])
@pytest.mark.requirement("G8")
def test_under_pure_noise_no_more_than_the_nominal_share_is_outside(share):
    sizes, rng, outside = np.array(SIZES), np.random.default_rng(20260630), []
    for _ in range(100):
        events = rng.binomial(sizes, share)
        common = events.sum() / sizes.sum()
        factor = dispersion(events, sizes, trials=True).inflation
        for coverage in (0.95, 0.998):
            lower, upper = funnel_limits(
                common, sizes, coverage=coverage, trials=True, inflation=factor
            )
            outside.append(((events / sizes < lower) | (events / sizes > upper)).mean())
    near, far = np.mean(outside[::2]), np.mean(outside[1::2])
    assert near <= 0.05
    assert far <= 0.004
    assert (
        share in (0.05, 0.95) or near > 0.01
    )  # the limits are not so wide that nothing could be found


@pytest.mark.requirement("G8")
def test_townships_that_all_differ_widen_the_funnel_instead_of_all_standing_out(tiny_plan):
    shares = [0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90]
    table = compared(promised(tiny_plan), towns([round(1000 * s) for s in shares], [1000] * 9))
    assert (table["p_dispersion"] < 0.001).all()
    assert (table["inflation"] > 10).all()
    assert (table["outside"] == "99.8").sum() == 0


@pytest.mark.requirement("G8")
def test_a_small_township_is_drawn_in_further_than_a_large_one(tiny_plan):
    table = compared(
        promised(tiny_plan),
        towns([10, 1000, 600, 500, 450, 550], [20, 1250, 1000, 1000, 1000, 1000]),
    )
    table = table.set_index("area")
    assert table.loc["east", "shrinkage"] > table.loc["west", "shrinkage"]
    assert (
        (table["shrunken"] - table["common_value"]).abs()
        <= (table["value"] - table["common_value"]).abs()
    ).all()
    assert (table["shrunken_lower"] < table["shrunken"]).all()
    assert (table["shrunken"] < table["shrunken_upper"]).all()
    own = table["numerator"] / table["denominator"] * 100
    assert table["shrunken"].to_numpy() == pytest.approx(
        ((1 - table["shrinkage"]) * own + table["shrinkage"] * table["common_value"]).to_numpy()
    )


@pytest.mark.requirement("G8")
def test_rates_explained_by_chance_are_drawn_in_wholly():
    # counts and populations of the worked example of Assuncao & Reis (1999) in the esda package: its standardised rates
    events, sizes = (
        np.array([30, 25, 25, 15, 33, 21, 30, 20]),
        np.array([100, 100, 110, 90, 100, 90, 110, 90]),
    )
    common, between = events.sum() / sizes.sum(), between_variance(events, sizes)
    score = (events / sizes - common) / np.sqrt(
        np.where(between + common / sizes < 0, 0, between) + common / sizes
    )
    assert score[:4] == pytest.approx([1.03843594, -0.04099089, -0.56250375, -1.73061861], abs=1e-7)
    assert between == pytest.approx(-0.000373, abs=1e-6)
    drawn = empirical_bayes(events, sizes)
    assert drawn.value == pytest.approx(np.full(8, 0.2518987), abs=1e-7)
    assert (drawn.weight == 0).all()


@pytest.mark.requirement("G8")
def test_intervals_of_shrunken_values_cover_the_truth():
    rng, sizes, covered = np.random.default_rng(3), np.full(30, 60), []
    for _ in range(60):
        truth = rng.beta(14, 6, 30)
        drawn = empirical_bayes(rng.binomial(sizes, truth), sizes, trials=True)
        covered.append(((drawn.lower <= truth) & (truth <= drawn.upper)).mean())
    assert np.mean(covered) == pytest.approx(0.94, abs=0.03)


@pytest.mark.requirement("G8")
def test_without_a_death_every_rank_is_possible_and_nothing_is_outside(tiny_plan):
    plan = promised(
        tiny_plan,
        "at_most",
        8.0,
        data_kind="rare_rate",
        multiplier=1e5,
        unit="per_100k_live_births",
    )
    plan = replace(
        plan, indicators=tuple(replace(i, direction="lower_better") for i in plan.indicators)
    )
    table = compared(plan, towns([1, 0, 0, 0, 0, 0], [300, 280, 130, 120, 80, 50]))
    assert (table["outside"] == "").all()
    assert table["p_dispersion"].isna().all()
    assert table.loc[1:, "rank"].eq(2).all()
    assert (table["rank_upper"] - table["rank_lower"]).min() >= 4
    lower, upper = rank_interval([0, 0], [10, 10], trials=False, worst=1)
    assert (lower.tolist(), upper.tolist()) == ([1, 1], [2, 2])


def test_funnel_limits_are_exact_quantiles_between_whole_counts():
    lower, upper = funnel_limits(0.5, [10], coverage=0.95, trials=True)
    # of ten coins one head or fewer has probability 11/1024 = 0.011 < 0.025, two or fewer 56/1024 = 0.055 > 0.025
    assert 0.1 <= lower[0] < 0.2
    assert upper[0] == pytest.approx(1 - lower[0])
    assert np.isnan(funnel_limits(0.5, [0], coverage=0.95, trials=True)[0]).all()


def test_areas_without_counts_are_compared_by_value_only_and_say_why(tiny_plan):
    text = """
        indicator          | area | year | value
        screening_coverage | east | 2025 | 75
        screening_coverage | west | 2025 | 65
    """
    table = compared(promised(tiny_plan), text)
    assert list(table["area"]) == ["west", "east"]
    assert list(table["rank"]) == [1, 2]
    assert set(table["reason"]) == {"counts_missing"}
    assert table[["limit_95_lower", "shrunken", "contribution", "rank_lower"]].isna().all(axis=None)


def test_a_plain_number_of_a_township_is_neither_ranked_nor_held_against_the_county_line(tiny_plan):
    plan = promised(
        tiny_plan, "at_least", 100.0, data_kind="count", multiplier=None, unit="persons"
    )
    table = compared(plan, towns([60, 50], [100, 100]))
    assert table["rank"].isna().all()
    assert set(table["keeps"]) == {""}


def test_the_county_itself_and_later_values_are_not_compared(tiny_plan):
    table = observations(towns([60, 50, 110], [100, 100, 200], names=["east", "west", "county"]))
    assert sorted(compared(promised(tiny_plan), table)["area"]) == ["east", "west"]
    table.loc[table["area"] == "west", "as_of"] = "2026-09-30"
    assert list(compared(promised(tiny_plan), table, as_of="2026-06-30")["area"]) == ["east"]
    assert compared(promised(tiny_plan), table, as_of="2020-06-30").empty
    with pytest.raises(ParameterError, match="screening_coverage"):
        wdp.compare_areas(table, promised(tiny_plan), indicator="screening_coverag", year=2025)


@pytest.mark.requirement("D6")
def test_the_planted_township_is_first_by_gap_and_by_what_it_adds_to_the_shortfall(tiny_plan):
    plan = promised(tiny_plan)
    table = wdp.drill_down(
        observations(towns([75, 60, 140, 30], [100, 100, 200, 100])),
        plan,
        indicator="screening_coverage",
        year=2025,
    )
    first = table.iloc[0]
    assert (first["part"], first["gap"], first["contribution"], first["rank_gap"]) == (
        "south",
        40,
        40,
        1,
    )
    assert first["contribution_share"] == pytest.approx(
        0.8
    )  # 40 of 40 + 10; a town above the line takes nothing off
    assert table.set_index("part")["contribution"].to_dict() == {
        "south": 40,
        "west": 10,
        "north": 0,
        "east": -5,
    }


@pytest.mark.requirement("D6")
def test_a_large_township_near_the_line_can_lack_more_people_than_a_small_one_far_below(
    tiny_plan,
):
    table = wdp.drill_down(
        observations(towns([650, 20], [1000, 50])),
        promised(tiny_plan),
        indicator="screening_coverage",
        year=2025,
    )
    assert list(table["part"]) == ["east", "west"]
    assert table["rank_gap"].tolist() == [2, 1]
    assert table["contribution"].tolist() == pytest.approx([50, 15])


@pytest.mark.requirement("D6")
def test_sexes_are_parts_only_of_a_promise_that_speaks_of_both(tiny_plan):
    text = """
        indicator          | sex    | year | value | numerator | denominator
        screening_coverage | female | 2025 | 60    | 60        | 100
        screening_coverage | male   | 2025 | 40    | 40        | 100
        screening_coverage | all    | 2025 | 50    | 100       | 200
    """
    of_all = wdp.drill_down(
        observations(text),
        promised(tiny_plan, sex="all"),
        indicator="screening_coverage",
        year=2025,
    )
    assert list(of_all["part"]) == ["male", "female"]
    assert of_all["contribution_share"].tolist() == pytest.approx([0.75, 0.25])
    of_women = wdp.drill_down(
        observations(text), promised(tiny_plan), indicator="screening_coverage", year=2025
    )
    assert of_women.empty


@pytest.mark.requirement("D6")
def test_without_a_line_there_is_no_gap_to_share_out(tiny_plan):
    plan = promised(tiny_plan, "monitor_only", None)
    table = wdp.drill_down(
        observations(towns([60, 50], [100, 100])), plan, indicator="screening_coverage", year=2025
    )
    assert len(table) == 2
    assert table[["gap", "contribution", "contribution_share"]].isna().all(axis=None)

"""Back-tests of the probability of targets, of a plan, and what is said of them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from backtest_kit import FAST, series, walks, whole
from kit import observations

from wdp_lib.backtesting.cases import LEVELS, chance_met, share_between
from wdp_lib.backtesting.run import backtest, backtest_frame
from wdp_lib.core.errors import DataError, ParameterError
from wdp_lib.forecasting.models import registry as models
from wdp_lib.forecasting.probability import probability_inside
from wdp_lib.publish.text.words import whole_percent


def test_targets_are_asked_once_on_each_side_in_the_better_direction_and_within_the_limits():
    low = series("a | g | 1 2 1 2 1 2 1").assign(kind="percent", direction="down")
    asked = backtest_frame(low, models=("no_change",), horizons=(1,)).target_cases
    first = asked[asked["origin"] == 2005]
    said = list(zip(first["aim"], first["steps"], first["target"], first["met"], strict=True))
    assert said == [("keep", 6, 7, 1), ("keep", 3, 4, 1), ("keep", 1, 2, 1), ("reach", 1, 0, 0)]


def test_climatology_of_an_indicator_is_what_the_others_achieved():
    up, flat = "1 2 3 4 5 6", "2 1 2 1 2 1"
    asked = backtest_frame(
        series(f"a | a | {up}\nb | b | {up}\nc | c | {flat}"), models=("drift",), horizons=(1,)
    )
    one = asked.target_cases.query("aim == 'reach' and steps == 1").set_index("group")
    assert one["met"].to_dict() == {"a": 1, "b": 1, "c": 0}
    assert one["climatology"].to_dict() == {"a": 0.5, "b": 0.5, "c": 1.0}


def test_the_official_rule_calls_a_target_on_track_when_95_per_cent_of_the_growth_required_was_achieved():
    asked = backtest_frame(
        series("a | a | 1 2 4 8 16 32"), models=("drift",), horizons=(1,)
    ).target_cases
    reach = asked[asked["aim"] == "reach"].set_index("steps")
    assert reach["target"].to_dict() == {1: 19.75, 3: 27.25, 6: 38.5}
    assert reach["official"].to_dict() == {
        1: 1,
        3: 1,
        6: 0,
    }  # 16 -> 32 a year; 38.5 would need more
    assert asked.loc[asked["aim"] == "keep", "official"].isna().all()


def test_always_no_errs_as_often_as_targets_are_met():
    test = backtest_frame(walks(30, groups=10), models=FAST)
    row = whole(test.on_track, rule="always_no")
    reach = test.target_cases.query("model == 'drift' and aim == 'reach'")
    by_group = (
        reach[reach["official"].notna()]
        .groupby(["group", "horizon"])["met"]
        .mean()
        .groupby("group")
        .mean()
    )
    assert row["error"] == pytest.approx(by_group.mean())
    assert row["called"] == 0 and np.isnan(row["called_met"])


def test_too_little_data_is_said_and_gives_no_figure():
    test = backtest_frame(series("a | g | 1 2 3 4 5 6 7"), models=FAST)
    assert test.reason == "not_enough_data"
    assert set(test.scores["reason"]) == {"too_few_cases"}
    assert test.scores[["wis", "coverage_80", "mae_ratio"]].isna().all(axis=None)


def test_no_data_at_all_gives_empty_tables_and_names_what_was_left_out():
    test = backtest_frame(series("a | g | 1 2 3\nb | g | 1 -"), models=FAST)
    assert test.reason == "not_enough_data"
    assert len(test.cases) == len(test.scores) == len(test.reliability) == 0
    assert test.left_out.to_dict("records") == [{"reason": "too_few_points", "n_series": 2}]


def test_the_same_seed_gives_the_same_bytes_and_rows_in_any_order_too():
    frame = walks(12, groups=6)
    tested = [
        backtest_frame(table, models=("drift", "ets"), shortest=6, sample=10, seed=3)
        for table in (frame, frame[::-1])
    ]
    for name in ("cases", "scores", "pit", "target_cases", "targets", "reliability", "on_track"):
        first, second = (getattr(test, name).to_csv() for test in tested)
        assert first == second, name
    assert tested[0].sampled == {"ets": 10}


def test_a_history_can_be_cut_to_its_latest_points():
    test = backtest_frame(walks(6), models=FAST, shortest=5, longest=7)
    assert set(test.cases["n"]) == {5, 6, 7}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"models": ("drft",)}, "drift"),
        ({"horizons": (0,)}, "1 to 30"),
        ({"shortest": 2}, "at least 3"),
        ({"origins": "all"}, "rolling"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_is_allowed(settings, says):
    with pytest.raises(ParameterError) as caught:
        backtest_frame(walks(2), **settings)
    assert says in caught.value.render("en")


def test_a_direction_that_is_neither_up_nor_down_is_refused():
    with pytest.raises(DataError, match="sideways"):
        backtest_frame(walks(2).assign(direction="sideways"))


def test_the_probability_is_the_one_that_reports_print():
    draw_from = np.random.default_rng(5)
    fans = np.sort(draw_from.normal(size=(300, 7)).round(1), axis=1).clip(-0.7, 0.9)
    target = np.where(
        draw_from.random(300) < 0.5,
        draw_from.choice([-0.7, 0.9, 0.3], 300),
        draw_from.normal(size=300),
    )
    up = draw_from.random(300) < 0.5
    one_by_one = [
        probability_inside(
            LEVELS, quantile_forecast, lower=x if u else -np.inf, upper=np.inf if u else x
        )
        for quantile_forecast, x, u in zip(fans, target, up, strict=True)
    ]
    assert list(chance_met(fans, target, up)) == pytest.approx(one_by_one)


def test_a_probability_is_read_from_straight_lines_and_halves_what_lies_outside():
    fans = np.tile(np.arange(7.0), (5, 1))
    x = np.array([-1.0, 2.0, 3.0, 3.5, 9.0])
    assert list(chance_met(fans, x, np.ones(5, bool))) == pytest.approx(
        [0.9875, 0.75, 0.5, 0.375, 0.0125]
    )
    assert list(chance_met(fans, x, np.zeros(5, bool))) == pytest.approx(
        [0.0125, 0.25, 0.5, 0.625, 0.9875]
    )


def test_a_value_on_a_quantile_is_shared_by_both_sides_and_one_on_a_point_mass_by_all_it_spans():
    values = np.array([np.arange(7.0), np.arange(7.0), [0, 1, 2, 3, 3, 3, 3.0]])
    shares = share_between(np.array([2.5, 2.0, 3.0]), values)
    assert list(shares[0]) == [0, 0, 0, 1, 0, 0, 0, 0]
    assert list(shares[1]) == [0, 0, 0.5, 0.5, 0, 0, 0, 0]
    assert list(shares[2]) == pytest.approx([0, 0, 0, 0, 0.5, 0.3, 0.15, 0.05])


YEARS = range(2011, 2026)


OBSERVED = "indicator | year | value\n" + "\n".join(
    f"{name} | {year} | {50 + (year * place) % 7}"
    for place, name in enumerate(
        ("screening_coverage", "share_female_employed", "life_expectancy"), 2
    )
    for year in YEARS
)


def test_the_indicators_of_a_plan_are_tested_in_the_direction_that_the_plan_prefers(tiny_plan):
    test = backtest(observations(OBSERVED), tiny_plan, models=FAST)
    assert set(test.cases["group"]) == {
        "screening_coverage",
        "share_female_employed",
        "life_expectancy",
    }
    assert set(test.cases["kind"]) == {"percent", "years"}
    assert set(test.target_cases["direction"]) == {"up"}
    assert test.reason == "not_enough_data" and not test.simulated


def test_other_areas_join_only_when_asked_for(tiny_plan):
    table = observations(OBSERVED)
    both = pd.concat([table, table.assign(area="town")], ignore_index=True)
    alone = backtest(both, tiny_plan, models=FAST)
    everything = backtest(both, tiny_plan, models=FAST, strata="all")
    assert len(everything.cases) == 2 * len(alone.cases) > 0
    assert everything.cases["group"].nunique() == 3
    with pytest.raises(ParameterError, match="headline"):
        backtest(both, tiny_plan, strata="every")


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0, "0%"),
        (1, "100%"),
        (0.5, "50%"),
        (0.995, "99.5%"),
        (0.9999, ">99.9%"),
        (1 - 1e-12, "100%"),
    ],
)
def test_a_share_is_not_rounded_onto_0_or_100_per_cent(share, shown):
    assert whole_percent(share) == shown


def test_few_indicators_give_a_figure_but_no_interval_from_draws():
    row = whole(backtest_frame(walks(9), models=FAST).scores, model="drift")
    assert np.isfinite(row["coverage_80"]) and np.isnan(row["coverage_80_lower"])
    row = whole(backtest_frame(walks(10), models=FAST).scores, model="drift")
    assert row["coverage_80_lower"] <= row["coverage_80"] <= row["coverage_80_upper"]


def test_the_benchmark_prints_every_method_and_says_which_peers_there_are(tmp_path):
    walks(30, years=14, groups=10).rename(columns={"group": "code"}).to_csv(
        tmp_path / "series.csv", index=False
    )
    script = Path(__file__).parents[1] / "benchmarks" / "forecasts.py"
    given = [
        "--data",
        str(tmp_path / "series.csv"),
        "--columns",
        "group=code",
        "--points",
        "7",
        "--most",
        "30",
    ]
    result = subprocess.run([sys.executable, str(script), *given], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "7 points of history, 30 histories, 10 indicators" in result.stdout
    assert all(
        f"| {name} |" in result.stdout
        for name in (models.DEFAULT, "no_change", "drift", "climatology")
    )
    assert "statsforecast" in result.stdout

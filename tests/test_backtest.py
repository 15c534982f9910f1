"""Back-tests: nothing of the future is used, cases are counted once, indicators equally, and toys come out as in the head."""

import numpy as np
import pandas as pd
import pytest
from conftest import drawn
from kit import observations

from wdp_lib.errors import DataError, ParameterError, Text
from wdp_lib.forecasting import models
from wdp_lib.forecasting.backtest import backtest, backtest_frame
from wdp_lib.forecasting.backtest_cases import chance_below, chance_met, share_between
from wdp_lib.forecasting.backtest_summary import BANDS
from wdp_lib.forecasting.models import Model

FAST = ("drift", "no_change")


def series(text):
    """One series a line: its name, its group, then its values from 2001 on (``-`` for a missing year)."""
    rows = []
    for line in drawn("name | group | values\n" + text):
        for place, cell in enumerate(line["values"].split()):
            value = np.nan if cell == "-" else float(cell)
            rows.append((line["name"], line["group"], 2001 + place, value))
    return pd.DataFrame(rows, columns=["series_id", "group", "year", "value"])


def walks(count, years=14, groups=None, seed=1):
    """Random walks, each of its own group unless told."""
    steps = np.random.default_rng(seed).normal(size=(count, years)).cumsum(axis=1).round(3) + 50
    named = [f"g{k % (groups or count):03d}" for k in range(count)]
    table = pd.DataFrame(steps, columns=range(2001, 2001 + years)).assign(
        series_id=[f"s{k:03d}" for k in range(count)], group=named
    )
    return table.melt(["series_id", "group"], var_name="year", value_name="value").astype({"year": int})


def constant_fan(centre, half_widths):
    """A model that says the last value plus ``centre``, with the same half-widths for 95, 80 and 50 %, every year."""
    around = np.array([-half_widths[0], -half_widths[1], -half_widths[2], 0, *half_widths[::-1]])

    def quantiles(panel, horizon, levels, seed):
        middle = panel.values[:, -1][:, None] + np.zeros(horizon) + centre
        return middle[:, :, None] + around

    return Model("toy", Text("玩具", "toy"), quantiles)


@pytest.fixture
def toy(monkeypatch):
    def add(centre=0.0, half_widths=(3.0, 2.0, 1.0)):
        monkeypatch.setitem(models.MODELS, "toy", constant_fan(centre, half_widths))

    return add


RISING = "\n".join(f"s{k} | g{k} | " + " ".join(str(10 * k + year) for year in range(10)) for k in range(8))


def whole(table, **where):
    rows = table[table["horizon"] == 0]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return rows.iloc[0]


def test_every_year_with_enough_years_before_it_and_a_known_one_after_it_is_an_origin():
    test = backtest_frame(series("a | g | 1 2 3 - 5 6 8"), models=FAST, shortest=4, horizons=(1, 2))
    cases = test.cases[test.cases["model"] == "drift"]
    assert list(zip(cases["origin"], cases["horizon"], cases["value"], cases["n"], strict=True)) == [
        (2005, 1, 6.0, 4),
        (2005, 2, 8.0, 4),
        (2006, 1, 8.0, 5),
    ]


def test_a_straight_line_is_forecast_without_error_by_its_drift_and_one_step_a_year_wrong_by_no_change():
    test = backtest_frame(series(RISING), models=FAST, horizons=(1, 2, 3))
    by_horizon = test.scores.set_index(["model", "horizon"])["mae"]
    assert by_horizon.loc["drift"].abs().max() < 1e-9
    assert list(by_horizon.loc["no_change"]) == pytest.approx([2, 1, 2, 3])
    assert whole(test.scores, model="drift")["mae_ratio"] == pytest.approx(0, abs=1e-9)
    assert whole(test.scores, model="no_change")["mae_ratio"] == 1


def test_constant_growth_is_the_official_extrapolation_and_has_no_interval():
    doubling = "\n".join(f"s{k} | g{k} | {k + 1} {2 * k + 2} {4 * k + 4} {8 * k + 8} {16 * k + 16}" for k in range(20))
    test = backtest_frame(series(doubling), models=("drift", "cagr"), shortest=3, horizons=(1,))
    row = whole(test.scores, model="cagr")
    assert row["mae"] == pytest.approx(0, abs=1e-9)
    assert np.isnan(row["wis"]) and np.isnan(row["coverage_80"])
    assert "cagr" not in set(test.reliability["model"])


def test_constant_series_lie_inside_every_interval_and_have_no_targets():
    flat = "\n".join(f"s{k} | g{k} | 5 5 5 5 5 5 5 5 5 5" for k in range(6))
    test = backtest_frame(series(flat), models=FAST)
    row = whole(test.scores, model="no_change")
    assert (row["coverage_50"], row["coverage_95"], row["mae"]) == (1, 1, 0)
    assert test.target_cases.empty and test.targets.empty


def test_a_model_that_always_says_two_steps_too_much_is_never_inside_and_two_steps_wrong(toy):
    toy(centre=3.0, half_widths=(1.5, 1.0, 0.5))
    test = backtest_frame(series(RISING), models=("toy",), horizons=(1,))
    row = whole(test.scores, model="toy")
    assert row["mae"] == pytest.approx(2)
    assert (row["coverage_50"], row["coverage_80"], row["coverage_95"]) == (0, 0, 0)
    assert (row["width_80"], row["width_95"]) == pytest.approx((2, 3))
    assert test.pit.set_index("lower")["share"].loc[0.0] == 1


def test_a_value_inside_the_80_and_outside_the_50_per_cent_interval_is_counted_so(toy):
    toy(half_widths=(3.0, 2.0, 0.5))
    test = backtest_frame(series(RISING), models=("toy",), horizons=(1,))
    row = whole(test.scores, model="toy")
    assert (row["coverage_50"], row["coverage_80"], row["coverage_95"]) == (0, 1, 1)


@pytest.mark.parametrize("model", ["drift", models.DEFAULT])
def test_what_was_said_at_an_origin_does_not_change_when_later_years_are_added_or_changed(model):
    early = walks(12, years=9)
    late = walks(12, years=14)
    said = ["series_id", "origin", "horizon", "median", "width_80", "width_95", "usual_change"]
    known = backtest_frame(early, models=(model,), horizons=(1, 2)).cases[said]
    other = late.assign(value=late["value"].where(late["year"] <= 2009, late["value"] * -3 + 7))
    for table in (late, other):
        more = backtest_frame(pd.concat([early, table[table["year"] > 2009]]), models=(model,), horizons=(1, 2)).cases
        again = known.merge(more, on=["series_id", "origin", "horizon"], suffixes=("", "_later"))
        assert len(again) == len(known) > 30
        for name in ("median", "width_80", "width_95", "usual_change"):
            pd.testing.assert_series_equal(again[name], again[f"{name}_later"], check_names=False)


def test_an_indicator_with_many_series_counts_no_more_than_one_with_a_single_series(toy):
    toy(half_widths=(3.0, 2.0, 1.5))
    fast = " ".join(str(year % 2) for year in range(10))  # it moves by one: always inside
    wild = "0 0 0 0 0 9 -9 9 -9 9"
    text = "\n".join(f"a{k} | a | {fast}" for k in range(40)) + "\n"
    text += "\n".join(f"{name} | {name} | {wild}" for name in "bcde")
    test = backtest_frame(series(text), models=("toy",), horizons=(1,))
    inside = test.cases.groupby("group")["inside_80"].mean()
    assert inside.to_dict() == {"a": 1, "b": 0, "c": 0, "d": 0, "e": 0}
    assert whole(test.scores, model="toy")["coverage_80"] == pytest.approx(1 / 5)


def test_each_target_case_stands_in_exactly_one_band():
    test = backtest_frame(walks(30, groups=10), models=FAST)
    counted = test.reliability.groupby(["model", "horizon"])["n"].sum()
    by_horizon = test.target_cases.groupby(["model", "horizon"]).size()
    for model in FAST:
        assert counted[model, 0] == (test.target_cases["model"] == model).sum()
        assert list(counted[model].loc[1:]) == list(by_horizon[model])
    assert (test.reliability["met"] <= test.reliability["n"]).all()
    assert list(test.reliability["lower"].unique()) == list(BANDS[:-1])


def test_a_probability_on_the_edge_of_two_bands_is_in_the_upper_one():
    asked = pd.DataFrame(
        {
            "model": "toy",
            "series_id": "s",
            "group": "g",
            "horizon": 1,
            "probability": [0.8, 0.7999, 0.95, 0.98],
            "met": 1.0,
        }
    )
    from wdp_lib.forecasting.backtest_summary import reliability

    bands = reliability(asked, 0)
    assert dict(zip(bands["lower"], bands["n"], strict=False)) == {
        0.0: 0,
        0.05: 0,
        0.2: 0,
        0.4: 0,
        0.6: 1,
        0.8: 1,
        0.95: 2,
    }


def test_the_wilson_interval_of_8_out_of_10_is_the_published_one():
    from wdp_lib.forecasting.backtest_summary import reliability

    asked = pd.DataFrame(
        {"model": "toy", "series_id": "s", "group": "g", "horizon": 1, "probability": 0.9, "met": [1.0] * 8 + [0.0] * 2}
    )
    band = reliability(asked, 0).set_index("lower").loc[0.8].iloc[0]
    assert (band["n"], band["met"], band["share"]) == (10, 8, 0.8)
    assert (band["share_lower"], band["share_upper"]) == pytest.approx((0.490, 0.943), abs=1e-3)


def test_random_walks_are_calibrated_when_forecast_as_random_walks():
    test = backtest_frame(walks(400, years=14, groups=100), models=("no_change",), shortest=10, horizons=(1, 2))
    row = whole(test.scores, model="no_change")
    assert row["coverage_80"] == pytest.approx(0.80, abs=0.03)
    assert row["coverage_95"] == pytest.approx(0.95, abs=0.02)
    assert (test.pit["share"] - test.pit["expected"]).abs().max() < 0.04
    bands = test.reliability[(test.reliability["horizon"] == 0) & (test.reliability["n"] > 100)]
    assert (bands["share_equal"] - bands["mean_probability"]).abs().max() < 0.06


def test_targets_are_asked_once_on_each_side_in_the_better_direction_and_within_the_limits():
    low = series("a | g | 1 2 1 2 1 2 1").assign(kind="percent", direction="down")
    asked = backtest_frame(low, models=("no_change",), horizons=(1,)).target_cases
    first = asked[asked["origin"] == 2005]
    said = list(zip(first["aim"], first["steps"], first["target"], first["met"], strict=True))
    assert said == [("keep", 6, 7, 1), ("keep", 3, 4, 1), ("keep", 1, 2, 1), ("reach", 1, 0, 0)]


def test_climatology_of_an_indicator_is_what_the_others_achieved():
    up, flat = "1 2 3 4 5 6", "2 1 2 1 2 1"
    asked = backtest_frame(series(f"a | a | {up}\nb | b | {up}\nc | c | {flat}"), models=("drift",), horizons=(1,))
    one = asked.target_cases.query("aim == 'reach' and steps == 1").set_index("group")
    assert one["met"].to_dict() == {"a": 1, "b": 1, "c": 0}
    assert one["climatology"].to_dict() == {"a": 0.5, "b": 0.5, "c": 1.0}


def test_the_official_rule_calls_a_target_on_track_when_95_per_cent_of_the_growth_required_was_achieved():
    asked = backtest_frame(series("a | a | 1 2 4 8 16 32"), models=("drift",), horizons=(1,)).target_cases
    reach = asked[asked["aim"] == "reach"].set_index("steps")
    assert reach["target"].to_dict() == {1: 19.75, 3: 27.25, 6: 38.5}
    assert reach["official"].to_dict() == {1: 1, 3: 1, 6: 0}  # 16 -> 32 a year; 38.5 would need more
    assert asked.loc[asked["aim"] == "keep", "official"].isna().all()


def test_always_no_errs_as_often_as_targets_are_met():
    test = backtest_frame(walks(30, groups=10), models=FAST)
    row = whole(test.on_track, rule="always_no")
    reach = test.target_cases.query("model == 'drift' and aim == 'reach'")
    by_group = reach[reach["official"].notna()].groupby(["group", "horizon"])["met"].mean().groupby("group").mean()
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
        backtest_frame(table, models=("drift", "ets"), shortest=6, sample=10, seed=3) for table in (frame, frame[::-1])
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


def test_the_chance_of_falling_short_is_read_from_straight_lines_between_quantiles():
    values = np.tile(np.arange(7.0), (6, 1))
    x = np.array([-1.0, 0.0, 3.0, 3.5, 6.0, 9.0])
    assert list(chance_below(values, x)) == pytest.approx([0.0125, 0.025, 0.5, 0.625, 0.975, 0.9875])


def test_a_forecast_clipped_at_its_limit_meets_the_limit_and_never_passes_it():
    clipped = np.array([[80, 90, 95, 100, 100, 100, 100.0]] * 2)
    assert list(chance_met(clipped, np.array([100.0, 100.5]), np.array([True, True]))) == [0.5, 0.02]
    assert list(chance_met(clipped, np.array([100.0, 99.9]), np.array([False, False]))) == pytest.approx([0.98, 0.495])


def test_a_value_on_a_quantile_is_shared_by_both_sides_and_one_on_a_point_mass_by_all_it_spans():
    values = np.array([np.arange(7.0), np.arange(7.0), [0, 1, 2, 3, 3, 3, 3.0]])
    shares = share_between(np.array([2.5, 2.0, 3.0]), values)
    assert list(shares[0]) == [0, 0, 0, 1, 0, 0, 0, 0]
    assert list(shares[1]) == [0, 0, 0.5, 0.5, 0, 0, 0, 0]
    assert list(shares[2]) == pytest.approx([0, 0, 0, 0, 0.5, 0.3, 0.15, 0.05])


YEARS = range(2011, 2026)
OBSERVED = "indicator | year | value\n" + "\n".join(
    f"{name} | {year} | {50 + (year * place) % 7}"
    for place, name in enumerate(("screening_coverage", "share_female_employed", "life_expectancy"), 2)
    for year in YEARS
)


def test_the_indicators_of_a_plan_are_tested_in_the_direction_that_the_plan_prefers(tiny_plan):
    test = backtest(observations(OBSERVED), tiny_plan, models=FAST)
    assert set(test.cases["group"]) == {"screening_coverage", "share_female_employed", "life_expectancy"}
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

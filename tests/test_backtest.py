"""Back-tests: nothing of the future is used, cases are counted once, indicators equally, and toys
come out as in the head.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import drawn
from kit import observations

import wdp_lib as wdp
from wdp_lib.backtesting.cases import LEVELS, chance_met, share_between
from wdp_lib.backtesting.run import backtest, backtest_frame
from wdp_lib.backtesting.summary import BANDS
from wdp_lib.core.errors import DataError, ParameterError, Text
from wdp_lib.forecasting.models import registry as models
from wdp_lib.forecasting.models.registry import Model
from wdp_lib.forecasting.probability import probability_inside
from wdp_lib.publish.charts.comparisons import plot_interval_coverage, plot_reliability
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.evidence import backtest_facts
from wdp_lib.publish.text.words import whole_percent
from wdp_lib.publish.views import show
from wdp_lib.publish.views.show import draw

FAST = ("drift", "no_change")


def series(text):
    """One series a line: its name, its group, then its values from 2001 on (``-`` for a missing
    year).
    """
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
    return table.melt(["series_id", "group"], var_name="year", value_name="value").astype(
        {"year": int}
    )


def constant_fan(centre, half_widths):
    """A model that says the last value plus ``centre``, with the same half-widths for 95, 80 and 50
    %, every year.
    """
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


RISING = "\n".join(
    f"s{k} | g{k} | " + " ".join(str(10 * k + year) for year in range(10)) for k in range(8)
)


def whole(table, **where):
    rows = table[table["horizon"] == 0]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return rows.iloc[0]


def test_every_year_with_enough_years_before_it_and_a_known_one_after_it_is_an_origin():
    test = backtest_frame(series("a | g | 1 2 3 - 5 6 8"), models=FAST, shortest=4, horizons=(1, 2))
    cases = test.cases[test.cases["model"] == "drift"]
    assert list(
        zip(cases["origin"], cases["horizon"], cases["value"], cases["n"], strict=True)
    ) == [
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


def test_constant_growth_is_forecast_without_error_by_the_official_extrapolation():
    doubling = "\n".join(
        f"s{k} | g{k} | {k + 1} {2 * k + 2} {4 * k + 4} {8 * k + 8} {16 * k + 16}"
        for k in range(20)
    )
    test = backtest_frame(series(doubling), models=("drift", "cagr"), shortest=3, horizons=(1,))
    assert whole(test.scores, model="cagr")["mae"] == pytest.approx(0, abs=1e-9)
    assert whole(test.scores, model="drift")["mae"] > 1


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
        more = backtest_frame(
            pd.concat([early, table[table["year"] > 2009]]), models=(model,), horizons=(1, 2)
        ).cases
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
    from wdp_lib.backtesting.summary import reliability

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
    from wdp_lib.backtesting.summary import reliability

    asked = pd.DataFrame(
        {
            "model": "toy",
            "series_id": "s",
            "group": "g",
            "horizon": 1,
            "probability": 0.9,
            "met": [1.0] * 8 + [0.0] * 2,
        }
    )
    band = reliability(asked, 0).set_index("lower").loc[0.8].iloc[0]
    assert (band["n"], band["met"], band["share"]) == (10, 8, 0.8)
    assert (band["share_lower"], band["share_upper"]) == pytest.approx((0.490, 0.943), abs=1e-3)


@pytest.mark.requirement("E6")
def test_random_walks_are_calibrated_when_forecast_as_random_walks():
    test = backtest_frame(
        walks(400, years=14, groups=100), models=("no_change",), shortest=10, horizons=(1, 2)
    )
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


@pytest.fixture(scope="module")
def tested():
    return backtest_frame(walks(60, groups=20), models=FAST, simulated=True)


@pytest.fixture(scope="module")
def empty():
    return backtest_frame(series("a | g | 1 2 3"), models=FAST)


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


def words(language):
    return Context(wdp.load_plan("ruyuan-2021-2030"), language)


class TestPages:
    def test_the_sentence_for_a_report_quotes_every_band_and_not_the_flattering_one(self, tested):
        bands = tested.reliability.query("model == 'drift' and horizon == 0 and n > 0")
        zh, en = (backtest_facts(tested, words(one))["backtest_line"] for one in ("zh", "en"))
        for band in bands.itertuples():
            assert f"的 {band.n} 例中 {band.met} 例（" in zh
            assert f" %: {band.met} of {band.n} (" in en
        assert len(bands) == zh.count("例中 ") == en.count(" %: ")
        assert zh.endswith("不能证明方法可靠。")

    @pytest.mark.parametrize(
        ("language", "said"), [("zh", "历史数据不足"), ("en", "Not enough data")]
    )
    def test_without_enough_data_every_part_of_the_page_says_so(self, empty, language, said):
        facts = backtest_facts(empty, words(language))
        assert said in facts["backtest_line"]
        assert facts["coverage_80"] == facts["brier"] == "—"
        assert said in draw(plot_reliability(empty, words(language))).description
        assert said in draw(plot_interval_coverage(empty, words(language))).description
        for view in ("models", "horizons", "reliability", "on_track"):
            assert show(empty, view, words(language))._repr_html_()

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_charts_carry_their_values_counts_and_mark(self, tested, language):
        bands = tested.reliability.query("model == 'drift' and horizon == 0 and n > 0")
        told = draw(plot_reliability(tested, words(language))).description
        assert all(f"n={n}" in told for n in bands["n"])
        assert f"{100 * bands['share_equal'].iloc[0]:.4g}" in told
        assert "SIMULATED DATA" in told
        own = tested.scores.query("model == 'drift' and horizon == 1").iloc[0]
        assert (
            f"1 {100 * own['coverage_80']:.4g}"
            in draw(plot_interval_coverage(tested, words(language))).description
        )

    def test_tables_have_a_row_for_each_method_band_and_horizon(self, tested):
        assert len(show(tested, "models", words("zh")).frame) == len(FAST)
        assert len(show(tested, "reliability", words("zh")).frame) == len(BANDS) - 1
        assert len(show(tested, "horizons", words("zh")).frame) == 6
        assert len(show(tested, "on_track", words("zh")).frame) == 3

    @pytest.mark.parametrize(("met", "verdict"), [(1.0, "cautious"), (0.0, "too sure")])
    def test_a_band_that_comes_true_more_or_less_often_than_said_is_called_so(
        self, tested, met, verdict
    ):
        from dataclasses import replace

        from wdp_lib.backtesting.summary import reliability

        told = replace(tested, reliability=reliability(tested.target_cases.assign(met=met), 0))
        assert verdict in backtest_facts(told, words("en"))["bands"]


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

"""Back-tests: nothing of the future is used, cases are counted once, indicators equally, and toys
come out as in the head.
"""

import numpy as np
import pandas as pd
import pytest
from backtest_kit import FAST, series, walks, whole

import wdp_lib as wdp
from wdp_lib.backtesting.run import backtest_frame
from wdp_lib.backtesting.summary import BANDS
from wdp_lib.core.errors import Text
from wdp_lib.forecasting.models import registry as models
from wdp_lib.forecasting.models.registry import Model
from wdp_lib.publish.charts.comparisons import plot_interval_coverage, plot_reliability
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.evidence import backtest_facts
from wdp_lib.publish.views import show
from wdp_lib.publish.views.show import draw


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


@pytest.fixture(scope="module")
def tested():
    return backtest_frame(walks(60, groups=20), models=FAST, simulated=True)


@pytest.fixture(scope="module")
def empty():
    return backtest_frame(series("a | g | 1 2 3"), models=FAST)


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

"""A researcher's own models and own tables: they enter forecasts, back-tests and charts by a name."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from documents_kit import opened
from explore_kit import MEDICAL, said_beside

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError, Text, WdpError
from wdp_lib.core.words import vocabulary
from wdp_lib.forecasting import MODELS


@pytest.fixture(scope="module")
def county():
    return opened("county")


# models of one's own


@pytest.fixture
def own_model():
    """Register a model for one test."""
    names = []

    def register(name, function, **settings):
        names.append(name)
        wdp.register_model(name, function, **settings)

    yield register
    for name in names:
        MODELS.pop(name, None)
        vocabulary().pop(("model", name), None)


def last_value(history, horizon, quantiles):
    """The last value, and ten per cent around it."""
    return history.iloc[-1] * (1 + 0.1 * (np.tile(quantiles, (horizon, 1)) - 0.5))


def test_a_model_of_ones_own_enters_forecasts_back_tests_and_charts_by_its_name(county, own_model):
    own_model("mine", last_value, title=Text("我的模型", "my model"))
    made = county.forecast(MEDICAL, model="mine")
    assert made.loc[made["quantile"] == 0.5, "value"].to_list() == [84.73] * 5
    tested = county.backtest(MEDICAL, models=["mine", "no_change"]).set_index(["model", "horizon"])
    assert tested.loc[("mine", 1), "mae"] == tested.loc[("no_change", 1), "mae"]
    assert any("我的模型" in said for said in said_beside(county.plot(MEDICAL, model="mine")))


def test_a_model_is_shown_the_known_values_by_year_and_may_have_no_answer(county, own_model):
    seen = []
    own_model("shy", lambda history, *rest: seen.append(history))
    made = county.forecast(MEDICAL, model="shy")
    assert list(made["reason"]) == ["no_fit"]
    assert list(seen[0].index) == list(range(2015, 2026)) and seen[0].loc[2025] == 84.73


def test_an_answer_that_is_no_forecast_is_refused_with_the_name_of_the_model(county, own_model):
    own_model("short", lambda history, horizon, quantiles: [[1.0] * len(quantiles)])
    own_model("falling", lambda *asked: -last_value(*asked))
    for name in ("short", "falling"):
        with pytest.raises(ParameterError, match=name):
            county.forecast(MEDICAL, model=name)
    with pytest.raises(ParameterError, match="ets"):
        wdp.register_model("ets", last_value)


class Drift:
    """An estimator as those of sktime: the last value, and the mean change of the past."""

    def fit(self, y, fh):
        self.last, self.change = y.iloc[-1], y.diff().mean()
        return self

    def predict_quantiles(self, fh, alpha):
        centre = self.last + self.change * np.array(fh)
        return pd.DataFrame(centre[:, None] + np.array(alpha) - 0.5)


def test_a_class_of_statsmodels_and_an_estimator_as_of_sktime_are_models_by_name(county, own_model):
    from statsmodels.tsa.arima.model import ARIMA
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    own_model("walk", partial(ARIMA, order=(0, 1, 0), trend="t"))
    own_model("smooth", partial(ETSModel, trend="add", damped_trend=True))
    own_model("estimated", Drift())
    values = county.series(MEDICAL).set_index("year")["value"]
    step = (values.iloc[-1] - values.iloc[0]) / (len(values) - 1)
    for name in ("walk", "estimated"):
        made = county.forecast(MEDICAL, model=name).query("quantile == 0.5")
        ahead = values.iloc[-1] + step * np.arange(1, 6)
        assert list(made["value"]) == pytest.approx(list(np.minimum(ahead, 100)), abs=0.01)
    assert county.forecast(MEDICAL, model="smooth").groupby("year")["value"].agg(np.ptp).min() > 0


# data of one's own

TIDY = pd.DataFrame(
    {
        "指标": ["婴儿死亡率"] * 12,
        "地区": ["甲县"] * 6 + ["乙县"] * 6,
        "年份": [*range(2018, 2024)] * 2,
        "数值": [9.0, 8.1, 7.4, 6.6, 6.1, 5.2, 11.0, 10.1, 9.5, 8.4, 8.0, 7.3],
    }
)
OPEN = {"unit": "per_1000_live_births", "as_of": "2024-06-30"}


def test_a_table_of_ones_own_becomes_a_study_in_one_line():
    study = wdp.study_from_frame(TIDY, targets={"婴儿死亡率": ("≤", 5, 2026)}, **OPEN)
    risk = study.risks.iloc[0]
    assert (risk["last_value"], risk["state"], risk["target_upper"]) == (5.2, "not_attained", 5)
    assert 0.5 < risk["p_meet"] < 1 and study.data.problems == ()
    assert list(study.compare(["甲县", "乙县"], on="婴儿死亡率")["value"]) == [5.2, 7.3]
    assert "达标" in repr(study.show("risks"))


@pytest.mark.parametrize("shape", ["years", "indicators", "indexed"])
def test_a_wide_table_says_the_same_as_a_tidy_one(shape):
    wide = TIDY.pivot(index=["指标", "地区"], columns="年份", values="数值")
    if shape == "years":
        wide = wide.reset_index()
    if shape == "indicators":
        wide = TIDY.pivot(index=["地区", "年份"], columns="指标", values="数值").reset_index()
    made = [
        wdp.study_from_frame(frame, **OPEN).pivot("婴儿死亡率", areas=["甲县", "乙县"])
        for frame in (TIDY, wide)
    ]
    assert made[0].equals(made[1]) and len(made[0]) == 6


def test_a_value_that_cannot_be_right_is_rejected_with_the_reason():
    study = wdp.study_from_frame(TIDY.replace(8.1, -8.1), **OPEN)
    assert list(study.rejected["row"]) == [3] and len(study.series("婴儿死亡率")) == 5


def test_unit_and_target_may_be_in_the_words_of_plans():
    said = {"婴儿死亡率": "到2026年不超过5‰"}
    study = wdp.study_from_frame(TIDY, unit="‰", as_of="2024-06-30", targets=said)
    target = study.plan.indicator("婴儿死亡率").target
    assert (target.kind, target.value, target.year) == ("at_most", 5, 2026)
    assert study.plan.indicators[0].unit == "per_1000_live_births"


def test_indicators_with_and_without_a_target_and_units_of_ones_own_stand_side_by_side():
    frame = TIDY.pivot(index=["地区", "年份"], columns="指标", values="数值").reset_index()
    frame = frame.assign(满意度=[3.1, 3.2, 3.2, 3.4, 3.5, 3.6] * 2)
    units = {"婴儿死亡率": "‰", "满意度": "分"}
    for target in (("≤", 5, 2030), ("fall", None, 2030)):
        given = {
            "unit": units,
            "as_of": "2024-06-30",
            "targets": {"婴儿死亡率": target},
            "area": "甲县",
        }
        risks = wdp.study_from_frame(frame, **given).risks.set_index("indicator")
        assert list(risks["target_year"].fillna(0)) == [2030, 0]
        assert list(risks["last_value"]) == [5.2, 3.6]


def test_without_a_target_an_indicator_is_only_monitored():
    study = wdp.study_from_frame(TIDY, **OPEN)
    assert list(study.risks["reason"]) == ["monitor_only"]
    axes = study.plot("婴儿死亡率", areas=["甲县", "乙县"])
    assert axes.get_title(loc="left") == "婴儿死亡率"  # no target, none to confirm
    assert study.forecast("婴儿死亡率")["year"].max() == 2028


@pytest.mark.parametrize(
    ("frame", "given", "said"),
    [
        (TIDY.drop(columns="年份"), OPEN, "year"),
        (TIDY, {"as_of": "2024-06-30"}, "婴儿死亡率"),
        (TIDY, OPEN | {"targets": {"婴儿死亡律": ("≤", 5, 2026)}}, "婴儿死亡率"),
        (TIDY, OPEN | {"targets": {"婴儿死亡率": ("at_mst", 5, 2026)}}, "at_most"),
    ],
)
def test_what_a_table_of_ones_own_lacks_is_told(frame, given, said):
    with pytest.raises(WdpError, match=said):
        wdp.study_from_frame(frame, **given)

"""Forecasts of any table of series."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from conftest import drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import TIMES

from wdp_lib.core.errors import DataError, ParameterError
from wdp_lib.forecasting import MODELS, forecast_frame

CAUTIOUS = settings(max_examples=10 * TIMES, deadline=None, derandomize=True, database=None)
HISTORIES = st.lists(st.integers(100, 900), min_size=3, max_size=15, unique=True)


def series(values, first_year=2010, **columns):
    years = range(first_year, first_year + len(values))
    return pd.DataFrame({"series_id": "a", "year": years, "value": values, **columns})


def fans(table):
    return table.pivot(index="year", columns="quantile", values="value")


def reasons(table):
    return table.drop_duplicates("series_id").set_index("series_id")["reason"].to_dict()


def test_each_series_has_a_row_for_each_year_and_quantile():
    made = forecast_frame(series([1, 2, 3, 4, 5]), horizon=2, quantiles=[0.1, 0.5, 0.9])
    assert made[["year", "quantile"]].to_numpy().tolist() == [
        [y, q] for y in (2015, 2016) for q in (0.1, 0.5, 0.9)
    ]
    assert set(made["reason"]) == {""}
    assert made[
        ["model", "n", "first_year", "last_year", "grade", "quantity"]
    ].drop_duplicates().values.tolist() == [["learned", 5, 2010, 2014, "C", "observed_value"]]


def test_a_refused_series_has_one_row_with_its_reason():
    frame = pd.DataFrame(
        drawn("""
        series_id | year | value
        short     | 2020 | 1
        short     | 2021 | 2
        twice     | 2020 | 1
        twice     | 2020 | 2
        words     | 2020 | 1
        words     | 2021 | many
        endless   | 2020 | inf
        good      | 2020 | 1
        good      | 2021 | 2
        good      | 2022 | 3
        """)
    )
    frame["year"] = frame["year"].astype(int)
    frame["value"] = [text if text == "many" else float(text) for text in frame["value"]]
    frame.loc[len(frame)] = ["nothing", 2020, np.nan]
    made = forecast_frame(frame, horizon=1)
    assert reasons(made) == {
        "short": "too_few_points",
        "twice": "duplicate_years",
        "words": "invalid_value",
        "endless": "invalid_value",
        "nothing": "no_data",
        "good": "",
    }
    refused = made[made["reason"] != ""]
    assert len(refused) == 5
    assert refused["value"].isna().all() and refused["year"].isna().all()


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (
            series([1, 2, 3]).drop(columns="value"),
            "forecast_frame, column value: found no such column",
        ),
        (
            series([1, 2, 3]).assign(year=[2010, 2011.5, 2012]),
            "column year: found 2011.5; expected a whole year",
        ),
        (series([1, 2, 3]).assign(year=[2010, 2011, 20120]), "column year: found 20120"),
        (series([1, 2, 3], kind="procent"), "Did you mean percent?"),
        (series([1, 2, 3], kind=["percent", "rate", "rate"]), "one kind a series"),
        (series([1, 2, 3], denominator=[10, -1, 10]), "column denominator: found -1"),
    ],
)
def test_a_table_that_cannot_be_read_is_an_error_that_says_what_was_found(frame, said):
    with pytest.raises(DataError) as error:
        forecast_frame(frame, horizon=1)
    assert said in error.value.render("en")


def test_all_problems_of_a_table_are_named_at_once():
    with pytest.raises(DataError) as error:
        forecast_frame(series([1, 2, 3], kind="procent").assign(year=[1, 2, 3]), horizon=1)
    assert len(error.value.problems) == 4


def test_an_unknown_model_names_the_closest_one():
    with pytest.raises(ParameterError) as error:
        forecast_frame(series([1, 2, 3]), horizon=1, model="thta")
    assert (
        error.value.render("en")
        == "The library has no forecasting model 'thta'. Did you mean theta?"
    )


@pytest.mark.parametrize(
    "setting", [{"horizon": 0}, {"horizon": 61}, {"quantiles": [0.5, 0.1]}, {"quantiles": [0, 0.5]}]
)
def test_impossible_settings_are_refused(setting):
    with pytest.raises(ParameterError):
        forecast_frame(series([1, 2, 3]), **{"horizon": 1, **setting})


@pytest.mark.parametrize("model", list(MODELS))
def test_every_model_returns_the_same_table(model):
    made = forecast_frame(series([70, 72, 71, 74, 75, 77, 76, 79, 80, 81]), horizon=3, model=model)
    assert list(made.columns) == list(forecast_frame(series([1, 2, 3]), horizon=1).columns)
    wide = fans(made)
    assert wide.shape == (3, 7)
    assert (wide.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)
    assert wide[0.5].between(78, 86).all()


def test_statsmodels_ets_needs_six_unbroken_years():
    gap = series([1.0, 2, 4, 3, 5, 6, 8]).drop(index=3)
    assert reasons(forecast_frame(gap, horizon=1, model="ets")) == {"a": "too_few_points"}


@CAUTIOUS
@given(HISTORIES)
def test_quantiles_rise_and_intervals_never_narrow_with_the_years(values):
    wide = fans(forecast_frame(series(values), horizon=10))
    assert (wide.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)
    for low, high in ((0.025, 0.975), (0.1, 0.9), (0.25, 0.75)):
        assert ((wide[high] - wide[low]).diff().iloc[1:] >= -1e-9).all()


@CAUTIOUS
@given(HISTORIES)
def test_values_ten_times_as_large_have_quantiles_ten_times_as_large(values):
    once = forecast_frame(series(values, kind="count"), horizon=6, model="pooled")["value"]
    tenfold = forecast_frame(
        series([10 * v for v in values], kind="count"), horizon=6, model="pooled"
    )["value"]
    assert tenfold.to_numpy() == pytest.approx(10 * once.to_numpy(), rel=1e-9)


@CAUTIOUS
@given(HISTORIES, st.integers(-5, 5))
def test_other_series_in_the_table_change_nothing(values, shift):
    alone = forecast_frame(series(values), horizon=3)
    other = series([1, 5, 2, 8], first_year=2015 + shift).assign(series_id="b")
    together = forecast_frame(
        pd.concat([other, series(values)]).sample(frac=1, random_state=1), horizon=3
    )
    pd.testing.assert_frame_equal(
        alone, together[together["series_id"] == "a"].reset_index(drop=True)
    )


def test_the_same_seed_gives_the_same_bytes():
    frame = series([3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    assert (
        forecast_frame(frame, horizon=6, seed=1).to_csv()
        == forecast_frame(frame, horizon=6, seed=1).to_csv()
    )


@pytest.mark.requirement("E6")
def test_percentages_stay_between_0_and_100_and_rates_above_0():
    high = forecast_frame(series([95, 97, 99, 98, 99], kind="percent"), horizon=6)
    low = forecast_frame(series([3, 1, 2, 1, 0], kind="rate"), horizon=6)
    assert high["value"].max() == 100
    assert low["value"].min() == 0 and low["value"].max() > 3


@pytest.mark.requirement("E6")
def test_a_percentage_that_has_been_above_100_has_no_upper_limit():
    made = forecast_frame(series([98, 99, 101, 103, 102], kind="percent"), horizon=6)
    assert made["value"].max() > 103


def test_limits_given_replace_those_of_the_kind():
    made = forecast_frame(
        series([98, 99, 97, 99, 98], kind="percent", lower=0, upper=np.nan), horizon=6
    )
    assert made["value"].max() > 100


@pytest.mark.parametrize("model", list(MODELS))
def test_a_constant_series_still_has_an_interval(model):
    wide = fans(forecast_frame(series([50.0] * 8, kind="percent"), horizon=2, model=model))
    assert (wide[0.9] - wide[0.1] > 0.1).all()


def test_a_series_of_zeros_still_has_an_interval():
    wide = fans(forecast_frame(series([0, 0, 0, 0], kind="rate"), horizon=1))
    assert wide.loc[2014, 0.1] == 0 < wide.loc[2014, 0.9]


def test_up_to_four_points_nothing_is_expected_to_change():
    assert fans(forecast_frame(series([10, 20, 30, 40]), horizon=3, model="pooled"))[
        0.5
    ].tolist() == [40, 40, 40]


def test_up_to_eight_points_half_the_mean_change_is_expected_to_go_on():
    assert fans(forecast_frame(series([10, 20, 30, 40, 50]), horizon=3, model="pooled"))[
        0.5
    ].tolist() == [55, 60, 65]


def test_a_straight_line_of_ten_points_goes_on_at_between_a_third_and_the_whole_of_its_slope():
    path = fans(forecast_frame(series(range(10, 110, 10)), horizon=3, model="pooled"))[0.5]
    # Simple smoothing stays at 100, Holt goes on by 10 a year, the damped one by a little less.
    assert 100 + 10 / 3 < path[2020] < 110
    assert path.is_monotonic_increasing


def test_missing_years_count_as_years():
    frame = series([10, 12, 14, 20, 22, 24]).assign(year=[2010, 2011, 2012, 2015, 2016, 2017])
    # 14 in 7 years: 2 a year, half of it goes on.
    assert fans(forecast_frame(frame, horizon=2, model="pooled"))[0.5].tolist() == [25, 26]


def test_a_change_over_four_years_counts_as_half_a_change_over_one():
    full = series([10, 12, 10, 12, 10])
    sparse = pd.DataFrame(
        {"series_id": "a", "year": [2002, 2006, 2010, 2014], "value": [10, 14, 10, 14]}
    )
    width = [
        fans(forecast_frame(frame, horizon=1, model="pooled")).loc[frame["year"].max() + 1]
        for frame in (full, sparse)
    ]
    # Both have a usual change of 2; four points use the "no change" row of the table (1.68), five
    # "half drift" (1.53).
    assert width[0][0.9] - width[0][0.5] == pytest.approx(1.53 * 2)
    assert width[1][0.9] - width[1][0.5] == pytest.approx(1.68 * 2)


def test_an_empty_year_inside_a_long_series_is_passed_over_not_closed_up():
    line = series([float(v) for v in range(10, 130, 10)])
    gap = line.drop(index=[5, 6])
    with_gap, full = (
        fans(forecast_frame(frame, horizon=1, model="pooled"))[0.5].iloc[0] for frame in (gap, line)
    )
    assert with_gap == pytest.approx(full, abs=0.5)


def test_beyond_six_years_the_interval_grows_with_the_power_two_thirds():
    wide = fans(forecast_frame(series([0, 1, 0, 1, 0, 1, 0]), horizon=12, model="pooled"))
    assert wide.loc[2028, 0.9] == pytest.approx(6.5 * 2**0.67)


def test_only_the_latest_fifteen_years_count_for_the_default_model():
    recent = [50, 52, 51, 53, 55, 54, 56, 55, 57, 59, 58, 60, 61, 60, 62]
    made = forecast_frame(series([5, 20, 10, *recent]), horizon=3, model="pooled")
    assert made[["n", "first_year"]].drop_duplicates().to_numpy().tolist() == [[15, 2013]]
    pd.testing.assert_frame_equal(
        made, forecast_frame(series(recent, 2013), horizon=3, model="pooled")
    )


def test_of_an_older_series_the_three_latest_points_count():
    frame = series([10, 20, 30, 40]).assign(year=[1960, 1970, 1990, 2010])
    made = forecast_frame(frame, horizon=1, model="pooled")
    assert made[["n", "first_year", "grade"]].drop_duplicates().to_numpy().tolist() == [
        [3, 1970, "D"]
    ]
    # the default model looks back 40 years at the most, and finds two points there
    assert reasons(forecast_frame(frame, horizon=1)) == {"a": "too_few_points"}


def test_more_points_make_a_better_grade():
    grades = {
        n: forecast_frame(series(range(n)), horizon=1)["grade"].iloc[0] for n in (3, 5, 7, 10)
    }
    assert grades == {3: "D", 5: "C", 7: "B", 10: "A"}


def test_a_rare_rate_is_forecast_from_its_counts_and_one_death_hardly_moves_it():
    births = {"kind": "rare_rate", "denominator": 2000, "multiplier": 1e5}
    none = series([0.0] * 10, numerator=[0] * 10, **births)
    last = series([0.0] * 9 + [50], numerator=[0] * 9 + [1], **births)
    quiet, death = (forecast_frame(frame, horizon=6) for frame in (none, last))
    assert set(quiet["quantity"]) == {"underlying_rate"} and set(quiet["model"]) == {
        "gamma_poisson"
    }
    assert set(quiet["grade"]) == {"D"}
    # 1 death in about 18,000 births: far from 50 in 100,000.
    assert fans(quiet).loc[2020, 0.5] < fans(death).loc[2020, 0.5] < 15
    width = fans(death)[0.9] / fans(death)[0.1]
    assert width.is_monotonic_increasing


def test_a_rate_with_ten_events_a_year_is_forecast_as_a_series():
    counted = {"kind": "rare_rate", "denominator": 2000, "multiplier": 1e3}
    made = forecast_frame(series([6.0, 5, 7, 6], numerator=[12, 10, 14, 12], **counted), horizon=1)
    assert set(made["quantity"]) == {"observed_value"}


def test_no_table_of_series_is_an_empty_table_of_forecasts():
    assert forecast_frame(series([]), horizon=1).empty


def test_the_default_model_needs_neither_statsmodels_nor_scipy():
    code = (
        "import sys, pandas as pd; from wdp_lib.forecasting import forecast_frame;"
        "forecast_frame(pd.DataFrame({'series_id': 'a', 'year': range(12), 'value': range(12)}).assign("
        "year=lambda d: d.year + 2000), horizon=6);"
        "sys.exit(bool({'scipy', 'statsmodels', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

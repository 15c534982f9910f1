"""Which observations make the series of an indicator, and what comes back for every indicator of a
plan.
"""

import numpy as np
import pandas as pd
import pytest
from conftest import drawn

from wdp_lib.core.columns import FORECASTS, OBSERVATIONS, QUANTILES, conform
from wdp_lib.core.errors import ParameterError, Text, WdpError
from wdp_lib.data.read.derived_gaps import derive_gaps
from wdp_lib.forecasting import forecast
from wdp_lib.forecasting.observations import counts_places
from wdp_lib.plan import Indicator, Plan, Source, Target

PLAIN = {
    **{
        "area": "county",
        "sex": "female",
        "age_group": "all",
        "residence": "all",
        "numerator": np.nan,
    },
    **{
        "denominator": np.nan,
        "status": "final",
        "origin": "reported",
        "as_of": "2026-03-01",
        "source": "年报",
    },
    **{
        "source_address": "",
        "definition_match": "same",
        "series_break": "",
        "link_factor": np.nan,
        "used": True,
        "unused_reason": "",
    },
    **{"note": "", "file": "a.csv", "row": 2, "simulated": False},
}


def indicator(name, unit="percent", data_kind="proportion", target=None, **more):
    words, target = Text(name, name), target or Target("monitor_only")
    stratum = {"sex": "female", **more}
    return Indicator(
        name, ("H1",), "1", words, unit, target, "higher_better", data_kind=data_kind, **stratum
    )


def plan_of(*indicators):
    name = Text("规划", "Plan")
    return Plan(
        "p", name, "county", name, 2021, 2030, 2020, "stated", Source("规划"), indicators=indicators
    )


def observed(text, **columns):
    """Observations: columns drawn, the rest as in PLAIN."""
    frame = pd.DataFrame(drawn(text))
    for name in ("year", "value", "numerator", "denominator"):
        if name in frame:
            frame[name] = pd.to_numeric(frame[name])
    if "used" in frame:
        frame["used"] = frame["used"] == "yes"
    return conform(
        frame.assign(**{k: v for k, v in (PLAIN | columns).items() if k not in frame}), OBSERVATIONS
    )


def yearly(name, values, first_year=2015, **columns):
    frame = pd.DataFrame(
        {"indicator": name, "year": range(first_year, first_year + len(values)), "value": values}
    )
    return conform(frame.assign(**(PLAIN | columns)), OBSERVATIONS)


def reason(made, name="screening"):
    rows = made[made["indicator"] == name]
    assert (rows["reason"] == "").all() or len(rows) == 1
    return rows["reason"].iloc[0]


SCREENING = plan_of(indicator("screening"))


def test_every_indicator_of_the_plan_has_a_row_and_a_hole_has_a_reason():
    plan = plan_of(
        indicator("screening"), indicator("deputies", frequency="term"), indicator("unheard_of")
    )
    rows = [yearly("screening", [50, 52, 54]), yearly("deputies", [30, 30, 31])]
    made = forecast(pd.concat(rows), plan, through=2019)
    assert list(made.columns) == FORECASTS.names
    assert made["indicator"].drop_duplicates().tolist() == ["screening", "deputies", "unheard_of"]
    assert [reason(made, name) for name in ("screening", "deputies", "unheard_of")] == [
        "",
        "not_annual",
        "no_data",
    ]
    assert made.loc[made["indicator"] == "screening", ["year", "quantile"]].to_numpy().tolist() == [
        [year, level] for year in (2018, 2019) for level in QUANTILES
    ]


def test_years_are_forecast_from_the_last_value_of_each_series_through_the_year_asked_for():
    plan = plan_of(indicator("early"), indicator("late"))
    rows = pd.concat([yearly("early", [1, 2, 3], 2010), yearly("late", [1, 2, 3], 2020)])
    years = forecast(rows, plan, through=2025).groupby("indicator")["year"].agg(["min", "max"])
    assert years.loc["early"].tolist() == [2013, 2025]
    assert years.loc["late"].tolist() == [2023, 2025]


def test_a_series_that_already_reaches_the_year_asked_for_has_no_forecast():
    made = forecast(yearly("screening", [50, 52, 54]), SCREENING, through=2017)
    assert reason(made) == "past_target_year"
    assert made["value"].isna().all()
    assert made[["n", "last_year"]].iloc[0].tolist() == [3, 2017]


def test_rows_that_do_not_count_are_left_out():
    rows = observed("""
        indicator | year | value | used
        screening | 2020 | 50    | yes
        screening | 2021 | 50    | yes
        screening | 2022 | 50    | yes
        screening | 2022 | 90    | no
        screening | 2023 | 90    | no
    """)
    made = forecast(rows, SCREENING, through=2024, model="no_change")
    assert made["last_year"].unique().tolist() == [2022]
    assert made.loc[made["quantile"] == 0.5, "value"].tolist() == [50, 50]


def test_only_the_stratum_of_the_promise_counts():
    both = pd.concat(
        [yearly("screening", [50, 50, 50]), yearly("screening", [90, 90, 90], sex="male")]
    )
    made = forecast(both, SCREENING, through=2018, model="no_change")
    assert made["sex"].unique().tolist() == ["female"]
    assert made.loc[made["quantile"] == 0.5, "value"].tolist() == [50]


def test_other_strata_and_areas_are_forecast_when_asked_for():
    town = yearly("screening", [30, 30, 30], area="town")
    rows = pd.concat(
        [yearly("screening", [50, 50, 50]), yearly("screening", [90, 90, 90], sex="male"), town]
    )
    wanted = pd.DataFrame(drawn("indicator | sex\n screening | male\n screening | female"))
    medians = forecast(rows, SCREENING, through=2018, strata=wanted, model="no_change").query(
        "quantile == 0.5"
    )
    assert medians[["sex", "value"]].to_numpy().tolist() == [["male", 90], ["female", 50]]
    medians = forecast(
        rows, SCREENING, through=2018, areas=["county", "town"], model="no_change"
    ).query("quantile == 0.5")
    assert medians[["area", "value"]].to_numpy().tolist() == [["county", 50], ["town", 30]]


def test_only_points_after_a_break_in_definition_count():
    rows = observed("""
        indicator | year | value | series_break
        screening | 2018 | 10    |
        screening | 2019 | 10    |
        screening | 2020 | 50    | 口径调整
        screening | 2021 | 50    |
        screening | 2022 | 50    |
    """)
    made = forecast(rows, SCREENING, through=2023)
    assert made[["n", "first_year"]].drop_duplicates().to_numpy().tolist() == [[3, 2020]]
    made = forecast(rows[rows["year"] < 2022], SCREENING, through=2023)
    assert reason(made) == "all_points_before_break"
    assert made["n"].tolist() == [2]


@pytest.mark.requirement("E6")
def test_two_points_are_too_few():
    assert (
        reason(forecast(yearly("screening", [50, 52]), SCREENING, through=2020)) == "too_few_points"
    )


def test_estimates_of_other_bodies_give_way_to_reported_values():
    estimates = yearly("screening", [10] * 8, origin="modelled")
    made = forecast(
        pd.concat([estimates.iloc[:5], yearly("screening", [50] * 3, 2020)]),
        SCREENING,
        through=2023,
    )
    assert made[["n", "grade"]].drop_duplicates().to_numpy().tolist() == [[3, "D"]]
    alone = forecast(estimates, SCREENING, through=2023)
    assert alone[["n", "grade"]].drop_duplicates().to_numpy().tolist() == [[8, "C"]]


def test_a_forecast_made_from_simulated_values_says_so():
    rows = pd.concat(
        [yearly("screening", [50, 50]), yearly("screening", [50], 2017, simulated=True)]
    )
    assert forecast(rows, SCREENING, through=2018)["simulated"].all()


def test_adding_later_rows_does_not_change_a_forecast_made_before():
    rows = yearly("screening", [50, 53, 51, 55, 54, 58, 57, 60, 61, 60])
    before = forecast(rows, SCREENING, through=2030)
    other = yearly("screening", [1, 2, 3], area="town")
    pd.testing.assert_frame_equal(
        before, forecast(pd.concat([rows, other]), SCREENING, through=2030)
    )


def test_limits_come_from_the_plan():
    capped = plan_of(indicator("screening", lower_bound=0, upper_bound=100))
    rows = yearly("screening", [95, 99, 97, 99, 98])
    assert forecast(rows, capped, through=2025)["value"].max() == 100
    assert forecast(rows, SCREENING, through=2025)["value"].max() > 100


@pytest.mark.parametrize(
    ("counted", "places"),
    [
        ("村（社区）总数", True),
        ("中小学（含中职）校数", True),
        ("应建母婴室的大型公共场所数", True),
        ("建会企业数", False),
        ("机关、企业、学校数", False),
        ("养老机构床位数", False),
        ("农户总数", False),
        ("镇人大代表总数", False),
        ("", False),
    ],
)
def test_what_is_counted_says_whether_a_share_is_of_places_or_of_people(counted, places):
    assert counts_places(indicator("coverage", denominator=Text(counted, ""))) == places


def test_places_that_all_have_it_keep_it_while_people_come_and_go():
    full = {"target": Target("full_coverage", value=100, year=2030), "upper_bound": 100.0}
    kinds = {"towns": "镇总数", "women": "应参保妇女数"}
    rows = pd.concat([yearly(name, [100.0] * 10) for name in kinds])
    plan = plan_of(
        *(indicator(name, **full, denominator=Text(counted, "")) for name, counted in kinds.items())
    )
    made = forecast(rows, plan, through=2029)
    low = made[(made["year"] == 2029) & (made["quantile"] == 0.25)].set_index("indicator")["value"]
    assert low["towns"] == 100 and low["women"] < 100


def test_a_county_with_few_deaths_gets_its_underlying_rate_forecast():
    plan = plan_of(
        indicator("deaths", "per_100k_live_births", "rare_rate", multiplier=1e5, lower_bound=0)
    )
    rows = yearly("deaths", [0, 50, 0, 0, 50], numerator=[0, 1, 0, 0, 1], denominator=2000)
    made = forecast(rows, plan, through=2030)
    assert set(made["quantity"]) == {"underlying_rate"}
    medians = made[made["quantile"] == 0.5]["value"]
    # 2 deaths in 10,000 births.
    assert medians.between(15, 30).all()


def test_other_models_are_asked_for_by_name():
    made = forecast(yearly("screening", [50, 52, 54, 56]), SCREENING, through=2019, model="drift")
    assert set(made["model"]) == {"drift"}
    assert made.loc[made["quantile"] == 0.5, "value"].tolist() == [58]


def test_no_observations_at_all_are_holes_not_an_error():
    made = forecast(yearly("screening", []), SCREENING, through=2030)
    assert made[["indicator", "reason"]].to_numpy().tolist() == [["screening", "no_data"]]


def test_wrong_settings_are_refused_with_the_word_that_was_meant():
    rows = yearly("screening", [50, 52, 54])
    with pytest.raises(ParameterError, match="ets"):
        forecast(rows, SCREENING, through=2030, model="etss")
    with pytest.raises(ParameterError, match="screening"):
        forecast(rows, SCREENING, through=2030, strata=pd.DataFrame({"indicator": ["screning"]}))
    with pytest.raises(ParameterError, match="headline"):
        forecast(rows, SCREENING, through=2030, strata="headlines")
    with pytest.raises(ParameterError, match="through"):
        forecast(rows, SCREENING, through="2030")
    with pytest.raises(WdpError):
        forecast(rows.drop(columns="used"), SCREENING, through=2030)


def test_a_gap_follows_from_the_rates_of_town_and_country():
    rate = indicator("deaths", "per_100k_live_births", "rare_rate")
    gap_of = Target("narrow_gap", reference="deaths")
    gap = indicator(
        "deaths_gap", "per_100k_live_births", "gap", gap_of, disaggregations=("residence",)
    )
    rows = observed("""
        indicator | year | value | residence | status      | as_of      | source
        deaths    | 2019 | 20    | rural     | final       | 2020-05-01 | 乡村年报
        deaths    | 2019 | 15    | urban     | final       | 2020-06-01 | 城市年报
        deaths    | 2020 | 18    | rural     | provisional | 2021-05-01 | 乡村年报
        deaths    | 2020 | 14    | urban     | final       | 2021-05-01 | 乡村年报
        deaths    | 2021 | 17    | rural     | final       | 2022-05-01 | 乡村年报
    """)
    made = derive_gaps(rows, plan_of(rate, gap))
    assert made[
        ["indicator", "year", "value", "residence", "status", "origin"]
    ].to_numpy().tolist() == [
        ["deaths_gap", 2019, 5, "all", "final", "derived"],
        ["deaths_gap", 2020, 4, "all", "provisional", "derived"],
    ]
    assert made["as_of"].tolist() == ["2020-06-01", "2021-05-01"]
    assert made["source"].tolist() == ["乡村年报；城市年报", "乡村年报"]


def test_an_area_that_reports_the_gap_itself_keeps_its_own_rows():
    rate, gap_of = indicator("literacy"), Target("narrow_gap", reference="literacy")
    gap = indicator("literacy_gap", "percentage_points", "gap", gap_of, disaggregations=("sex",))
    groups = [yearly("literacy", [9, 9, 9]), yearly("literacy", [12, 12, 12], sex="male")]
    assert derive_gaps(pd.concat(groups), plan_of(rate, gap))["value"].tolist() == [-3, -3, -3]
    own = yearly("literacy_gap", [-2])
    assert derive_gaps(pd.concat([*groups, own]), plan_of(rate, gap)).empty

"""The descriptive panel, from drawn tables."""

import numpy as np
import pandas as pd
import pytest
from kit import forecasts, observations

import wdp_lib as wdp
from wdp_lib.assessment.progress import FORECAST, MEASURES, progress_summary
from wdp_lib.core.errors import ParameterError
from wdp_lib.core.words import vocabulary


def panel(plan, drawn, risks=None, as_of="2026-06-30"):
    table = wdp.progress_panel(observations(drawn), plan, as_of=as_of, risks=risks)
    return table.set_index(["indicator", "measure"])


SCREENING = """
    indicator          | year | value
    screening_coverage | 2018 | 40
    screening_coverage | 2019 | 48
    screening_coverage | 2020 | 50
    screening_coverage | 2023 | 57
    screening_coverage | 2025 | 60
"""


def test_every_indicator_has_a_row_for_each_measure_in_the_order_of_the_plan(tiny_plan):
    table = wdp.progress_panel(observations(SCREENING), tiny_plan, as_of="2026-06-30")
    assert list(table["indicator"].unique()) == [i.id for i in tiny_plan.indicators]
    assert list(table.loc[table["indicator"] == "life_expectancy", "measure"]) == list(MEASURES)
    holes = table[table["value"].isna() & (table["class"] == "")]
    assert (holes["reason"] != "").all()


def test_half_the_way_in_half_the_time_is_a_pace_of_one(tiny_plan):
    found = panel(tiny_plan, SCREENING).loc["screening_coverage"]
    assert found.loc["path_share", "value"] == 0.5  # from 50 to 60 on the way to 70
    assert found.loc["time_share", "value"] == 0.5
    assert found.loc["pace_ratio", ["value", "class", "side"]].tolist() == [1, "ahead", "on_track"]
    assert found.loc["achieved_change", "value"] == 2
    assert found.loc["required_change", ["value", "unit"]].tolist() == [2, "percent"]


def test_the_needed_pace_is_compared_with_the_best_ever_seen_over_as_many_years(tiny_plan):
    found = panel(tiny_plan, SCREENING).loc["screening_coverage"].loc["best_pace"]
    assert found["value"] == 5  # 40 in 2018 to 50 in 2020; half of five points are two years
    assert found["class"] == "within_best"
    assert "k=2: 5 ≥ 2" in found["trace"]


def test_the_calculation_can_be_redone_from_the_trace(tiny_plan):
    found = panel(tiny_plan, SCREENING).loc["screening_coverage"]
    assert (
        found.loc["path_share", "trace"]
        == "y₀(2020)=50, y(2025)=60, T(2030)=70: (60−50)/(70−50) = 0.5"
    )
    assert found.loc["open_sdg", "trace"] == (
        "y₀(2020)=50, y(2025)=60, T(2030)=70: (60/50)^(1/5)−1 = 0.03714; (70/50)^(1/10)−1 = 0.03422; R = 1.085"
    )
    assert found.loc["open_sdg", "value"] == pytest.approx(
        ((60 / 50) ** 0.2 - 1) / ((70 / 50) ** 0.1 - 1)
    )


def test_a_baseline_that_stands_in_for_another_year_is_marked_and_its_origin_told(tiny_plan):
    found = panel(
        tiny_plan, SCREENING.replace("| 2020 |", "| 2021 |").replace("| 2019 |", "| 2017 |")
    )
    row = found.loc[("screening_coverage", "path_share")]
    assert row["trace"].startswith("y₀(2021≠2020)=50, ")
    assert row["baseline_origin"] == "suggested"


DEATHS = """
    indicator                | year | value
    maternal_mortality_ratio | 2020 | 20
    maternal_mortality_ratio | 2025 | {last}
"""


def test_methods_that_take_different_sides_are_said_to_disagree(tiny_plan):
    """20 to 13: more than half of the way in half of the time, yet not half of the needed rate of growth."""
    found = panel(tiny_plan, DEATHS.format(last=13.9)).loc["maternal_mortality_ratio"]
    sides = found["side"].to_dict()
    assert (sides["pace_ratio"], sides["open_sdg"]) == ("on_track", "off_track")
    assert found["methods_disagree"].all()
    together = panel(tiny_plan, DEATHS.format(last=19)).loc["maternal_mortality_ratio"]
    assert set(together["side"]) == {"", "off_track"}
    assert not together["methods_disagree"].any()


def test_the_forecast_takes_part_in_the_comparison_when_it_is_given(tiny_plan):
    fan = """
        indicator          | year | quantile | value
        screening_coverage | 2030 | 0.1      | 55
        screening_coverage | 2030 | 0.5      | 60
        screening_coverage | 2030 | 0.9      | 65
    """
    risks = wdp.assess(forecasts(fan), observations(SCREENING), tiny_plan, as_of="2026-06-30")
    alone, compared = (
        panel(tiny_plan, SCREENING, risks=r).loc["screening_coverage"] for r in (None, risks)
    )
    assert FORECAST not in alone.index
    assert compared.loc[FORECAST, ["class", "side"]].tolist() == ["red", "off_track"]
    assert (alone["methods_disagree"].any(), compared["methods_disagree"].all()) == (False, True)


def test_the_summary_names_the_methods_on_each_side(tiny_plan):
    table = wdp.progress_panel(
        observations(DEATHS.format(last=13.9)), tiny_plan, as_of="2026-06-30"
    )
    summary = progress_summary(table).set_index("indicator")
    assert list(summary.index) == [i.id for i in tiny_plan.indicators]
    row = summary.loc["maternal_mortality_ratio"]
    assert row["on_track"].split(";")[0] == "pace_ratio"
    assert "open_sdg" in row["off_track"].split(";")
    assert row["methods_disagree"]
    assert summary.loc["screening_coverage", "reason"] == "no_data"


@pytest.mark.parametrize(
    ("drawn", "indicator", "measure", "reason"),
    [
        ("screening_coverage | 2020 | 75\nscreening_coverage | 2025 | 80", "screening_coverage", "path_share", "baseline_meets_target"),
        ("screening_coverage | 2020 | 60\nscreening_coverage | 2025 | 80", "screening_coverage", "required_change", "target_met"),
        ("screening_coverage | 2025 | 60", "screening_coverage", "path_share", "no_baseline"),
        ("screening_coverage | 2018 | 50\nscreening_coverage | 2020 | 60", "screening_coverage", "path_share", "before_plan"),
        ("screening_coverage | 2020 | 0\nscreening_coverage | 2025 | 60", "screening_coverage", "open_sdg", "not_positive"),
        ("screening_coverage | 2020 | 0\nscreening_coverage | 2025 | 60", "screening_coverage", "escap_anticipated", "at_limit"),
        ("screening_coverage | 2019 | 50\nscreening_coverage | 2025 | 60", "screening_coverage", "best_pace", "too_few_points"),
        ("screening_coverage | 2020 | 50\nscreening_coverage | 2030 | 60", "screening_coverage", "required_change", "past_target_year"),
        ("life_expectancy | 2020 | 80\nlife_expectancy | 2025 | 81", "life_expectancy", "path_share", "target_not_a_number"),
        ("share_female_delegates | 2020 | 40\nshare_female_delegates | 2025 | 41", "share_female_delegates", "open_sdg", "moving_target"),
    ],
)  # fmt: skip
def test_a_measure_without_value_says_why(tiny_plan, drawn, indicator, measure, reason):
    as_of = "2031-06-30" if "2030" in drawn else "2026-06-30"
    found = panel(tiny_plan, "indicator | year | value\n" + drawn, as_of=as_of).loc[
        (indicator, measure)
    ]
    assert np.isnan(found["value"])
    assert found["reason"] == reason


def test_what_was_kept_from_the_start_is_achieved_and_what_fell_back_is_not(tiny_plan):
    drawn = (
        "indicator | year | value\nscreening_coverage | 2020 | 75\nscreening_coverage | 2025 | {0}"
    )
    kept = panel(tiny_plan, drawn.format(74)).loc["screening_coverage"]
    assert kept["class"].loc[["open_sdg", "un_chart"]].tolist() == ["achieved", "met"]
    lost = panel(tiny_plan, drawn.format(69)).loc["screening_coverage"]
    assert set(lost["side"]) == {""}
    assert lost.loc["open_sdg", "reason"] == "baseline_meets_target"


def test_a_band_is_measured_by_the_distance_from_its_middle(tiny_plan):
    drawn = "indicator | year | value\nshare_female_employed | 2020 | 40\nshare_female_employed | 2025 | {0}"
    below, above = (
        panel(tiny_plan, drawn.format(v)).loc["share_female_employed"] for v in (42, 48)
    )
    assert (
        below.loc["path_share", "value"] == above.loc["path_share", "value"]
    )  # 50 to 48 on the way to 47
    assert below.loc["path_share", "value"] == pytest.approx(2 / 3)
    assert below.loc["path_share", "trace"].startswith(
        "y:=45+|y−45|; y₀(2020)=50, y(2025)=48, T(2030)=47: "
    )


def test_a_direction_is_classed_by_its_growth(tiny_plan):
    drawn = "indicator | year | value\nlife_expectancy | 2020 | 80\nlife_expectancy | 2025 | 81"
    found = panel(tiny_plan, drawn).loc["life_expectancy"]
    assert found.loc["open_sdg", ["class", "unit"]].tolist() == ["limited", "share_a_year"]
    assert found.loc["open_sdg", "value"] == pytest.approx((81 / 80) ** 0.2 - 1)


def test_rates_from_few_events_are_shown_but_not_classed(plan_folder):
    text = (plan_folder / "indicators.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    spoilt = [
        line.replace("proportion", "rare_rate") if "maternal" in line else line for line in text
    ]
    (plan_folder / "indicators.csv").write_text("".join(spoilt), encoding="utf-8")
    drawn = """
        indicator                | year | value | numerator | denominator
        maternal_mortality_ratio | 2020 | 100   | 2         | 2000
        maternal_mortality_ratio | 2025 | 50    | 1         | 2000
    """
    found = panel(wdp.load_plan(plan_folder), drawn).loc["maternal_mortality_ratio"]
    assert found.loc["path_share", "value"] == pytest.approx(50 / 92)
    assert set(found["class"]) == {""}
    assert found.loc["open_sdg", "reason"] == "too_few_events"


def test_estimates_enter_no_measure(tiny_plan):
    with_estimate = """
        indicator          | year | value | status
        screening_coverage | 2020 | 50    | final
        screening_coverage | 2024 | 58    | final
        screening_coverage | 2025 | 69    | estimated
    """
    row = panel(tiny_plan, with_estimate).loc[("screening_coverage", "path_share")]
    assert (row["last_year"], row["value"]) == (2024, 0.4)


def test_values_after_the_target_year_belong_to_no_promise_of_that_year(tiny_plan):
    drawn = SCREENING + "    screening_coverage | 2030 | 66\n    screening_coverage | 2031 | 99\n"
    row = panel(tiny_plan, drawn, as_of="2032-06-30").loc[("screening_coverage", "path_share")]
    assert (row["last_year"], row["value"]) == (2030, 0.8)


@pytest.mark.requirement("K3")
def test_no_line_to_the_target_decides_a_verdict(tiny_plan):
    """Far ahead of the straight line is not attained; on the target but late in its way is."""
    ahead = (
        "indicator | year | value\nscreening_coverage | 2020 | 10\nscreening_coverage | 2025 | 65"
    )
    kept = (
        "indicator | year | value\nscreening_coverage | 2020 | 75\nscreening_coverage | 2025 | 70"
    )
    states = []
    for drawn in (ahead, kept):
        nothing = forecasts(
            "indicator | year | quantile | value | reason\nlife_expectancy | | | | no_data"
        )
        risks = wdp.assess(nothing, observations(drawn), tiny_plan, as_of="2026-06-30").set_index(
            "indicator"
        )
        states.append(risks.loc["screening_coverage", "state"])
    assert panel(tiny_plan, ahead).loc[("screening_coverage", "pace_ratio"), "class"] == "ahead"
    assert states == ["not_attained", "attained"]


@pytest.mark.requirement("K6")
def test_what_is_only_monitored_gets_no_class(plan_folder):
    text = (plan_folder / "indicators.csv").read_text(encoding="utf-8")
    spoilt = text.replace("higher_better,rise,", "monitor_only,monitor_only,")
    assert spoilt != text
    (plan_folder / "indicators.csv").write_text(spoilt, encoding="utf-8")
    drawn = "indicator | year | value\nlife_expectancy | 2020 | 80\nlife_expectancy | 2025 | 81"
    found = panel(wdp.load_plan(plan_folder), drawn).loc["life_expectancy"]
    assert set(found["class"]) == {""}
    assert set(found["reason"]) == {"monitor_only"}


def test_every_code_of_the_panel_has_a_word(tiny_plan):
    tables = [panel(tiny_plan, drawn).reset_index() for drawn in (SCREENING, DEATHS.format(last=5))]
    table = pd.concat(tables)
    topics = {
        "measure": "progress_measure",
        "class": "progress_class",
        "side": "progress_side",
        "unit": "unit",
    }
    for column, topic in {**topics, "reason": "reason"}.items():
        assert {(topic, code) for code in table[column] if code} <= set(vocabulary())


def test_a_cut_off_that_is_no_date_is_refused(tiny_plan):
    with pytest.raises(ParameterError):
        wdp.progress_panel(observations(SCREENING), tiny_plan, as_of="2026")

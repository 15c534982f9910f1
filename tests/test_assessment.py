"""State, probability and class of each promise, from drawn tables."""

import pandas as pd
import pytest
from kit import forecasts, observations

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError

NOTHING = """
    indicator                | year | quantile | value | reason
    maternal_mortality_ratio |      |          |       | no_data
"""


def assessed(plan, observed, forecast=NOTHING, as_of="2026-06-30"):
    table = wdp.assess(forecasts(forecast), observations(observed), plan, as_of=as_of)
    return table.set_index("indicator")


def screening(value, year=2025):
    return f"""
        indicator          | year   | value
        screening_coverage | {year} | {value}
    """


OUTLOOK = """
    indicator          | year | quantile | value
    screening_coverage | 2030 | 0.1      | 60
    screening_coverage | 2030 | 0.5      | {median}
    screening_coverage | 2030 | 0.9      | 80
"""


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (70, "attained"),
        (70.01, "attained"),
        (69.99, "nearly"),
        (69.3, "nearly"),
        (69.29, "not_attained"),
    ],
)
@pytest.mark.requirement("D1")
def test_a_value_is_attained_at_the_line_nearly_within_one_per_cent_of_it_and_missed_below(
    tiny_plan, value, state
):
    assert assessed(tiny_plan, screening(value)).loc["screening_coverage", "state"] == state


@pytest.mark.requirement("D2")
def test_half_of_the_forecast_above_the_target_is_a_probability_of_one_half_and_behind_schedule(
    tiny_plan,
):
    risk = assessed(tiny_plan, screening(65), OUTLOOK.format(median=70)).loc["screening_coverage"]
    assert risk["p_meet"] == pytest.approx(0.5)
    assert (risk["risk"], risk["standing"]) == ("orange", "behind")
    assert (risk["forecast_lower"], risk["forecast_median"], risk["forecast_upper"]) == (60, 70, 80)


@pytest.mark.requirement("D2")
def test_a_better_forecast_is_never_a_worse_risk(tiny_plan):
    chances = [
        assessed(tiny_plan, screening(65), OUTLOOK.format(median=m)).loc[
            "screening_coverage", "p_meet"
        ]
        for m in (62, 66, 70, 74, 78)
    ]
    assert chances == sorted(chances)


def test_a_sure_forecast_is_printed_neither_as_zero_nor_as_certain(tiny_plan):
    sure = OUTLOOK.format(median=75).replace("| 60", "| 74").replace("| 80", "| 76")
    assert assessed(tiny_plan, screening(75), sure).loc["screening_coverage", "p_meet"] == 0.95
    hopeless = OUTLOOK.format(median=5).replace("| 60", "| 4").replace("| 80", "| 6")
    risk = assessed(tiny_plan, screening(5), hopeless).loc["screening_coverage"]
    assert risk["p_meet"] == pytest.approx(0.05)
    assert risk["risk"] == "red"


def test_every_indicator_has_a_row_and_a_hole_has_a_reason(tiny_plan):
    table = assessed(tiny_plan, screening(65))
    assert list(table.index) == [i.id for i in tiny_plan.indicators]
    assert table.loc["life_expectancy", "reason"] == "no_data"
    assert table.loc["screening_coverage", "reason"] == "no_forecast"


@pytest.mark.requirement("D7")
def test_a_last_value_two_years_behind_is_stale_and_never_graded(tiny_plan):
    risk = assessed(tiny_plan, screening(75, year=2023), OUTLOOK.format(median=79)).loc[
        "screening_coverage"
    ]
    assert risk["stale"]
    assert (risk["risk"], risk["reason"]) == ("not_graded", "stale")
    assert not assessed(tiny_plan, screening(75, year=2024)).loc["screening_coverage", "stale"]


def rising(values):
    rows = [f"life_expectancy | {2020 + k} | {v}" for k, v in enumerate(values)]
    return "indicator | year | value\n" + "\n".join(rows)


@pytest.mark.parametrize(
    ("values", "state", "reason"),
    [
        ([80.0, 80.2, 80.4, 80.6, 80.8, 81.0], "attained", ""),
        ([81.0, 80.8, 80.6, 80.4, 80.2, 80.0], "not_attained", "wrong_direction"),
        ([80.0, 80.9, 79.8, 80.7, 79.9, 80.1], "not_assessable", "improved_not_shown"),
        ([80.0, 80.2, 80.4], "not_assessable", "improved_not_shown"),
    ],
)
@pytest.mark.requirement("B9")
def test_a_direction_is_attained_only_when_the_trend_shows_it(tiny_plan, values, state, reason):
    risk = assessed(tiny_plan, rising(values)).loc["life_expectancy"]
    assert (risk["state"], risk["state_reason"]) == (state, reason)


@pytest.mark.requirement("D9")
def test_a_promise_relative_to_another_indicator_is_judged_by_its_last_value(tiny_plan):
    observed = """
        indicator              | year | value
        share_female_employed  | 2024 | 40
        share_female_employed  | 2025 | 41
        share_female_delegates | 2025 | {0}
    """
    below = assessed(tiny_plan, observed.format(40.9)).loc["share_female_delegates"]
    above = assessed(tiny_plan, observed.format(41)).loc["share_female_delegates"]
    assert (below["state"], above["state"]) == ("not_attained", "attained")
    alone = assessed(tiny_plan, "indicator | year | value\nshare_female_delegates | 2025 | 50")
    assert alone.loc["share_female_delegates", "state_reason"] == "no_reference"


def test_rows_that_are_not_used_change_nothing(tiny_plan):
    with_unused = """
        indicator          | year | value
        screening_coverage | 2024 | 72
        screening_coverage | 2025 | 10
    """
    table = observations(with_unused)
    table.loc[1, "used"] = False
    risk = wdp.assess(forecasts(NOTHING), table, tiny_plan, as_of="2026-06-30").set_index(
        "indicator"
    )
    assert risk.loc["screening_coverage", "last_value"] == 72


def test_a_date_that_is_no_date_is_refused_with_an_example(tiny_plan):
    with pytest.raises(ParameterError, match="2026-06-30"):
        wdp.assess(forecasts(NOTHING), observations(screening(70)), tiny_plan, as_of="last year")


RARE = """
    indicator                | year | quantile | value | quantity        | grade | n
    maternal_mortality_ratio | 2026 | 0.1      | 2     | underlying_rate | {grade} | 11
    maternal_mortality_ratio | 2026 | 0.5      | {median} | underlying_rate | {grade} | 11
    maternal_mortality_ratio | 2026 | 0.9      | 20    | underlying_rate | {grade} | 11
    maternal_mortality_ratio | 2030 | 0.1      | 2     | underlying_rate | {grade} | 11
    maternal_mortality_ratio | 2030 | 0.5      | {median} | underlying_rate | {grade} | 11
    maternal_mortality_ratio | 2030 | 0.9      | 20    | underlying_rate | {grade} | 11
"""


@pytest.fixture
def rare_plan(tiny_plan):
    """The small plan with maternal deaths counted among births."""
    from dataclasses import replace

    indicators = tuple(
        replace(i, data_kind="rare_rate", multiplier=100000.0)
        if i.id == "maternal_mortality_ratio"
        else i
        for i in tiny_plan.indicators
    )
    return replace(tiny_plan, indicators=indicators)


@pytest.mark.parametrize(("deaths", "rate"), [(0, 0.0), (1, 55.56)])
@pytest.mark.requirement("D4")
def test_one_death_by_itself_moves_no_class(rare_plan, deaths, rate):
    observed = f"""
        indicator                | year | value  | numerator | denominator
        maternal_mortality_ratio | 2025 | {rate} | {deaths}  | 1800
    """
    risk = assessed(rare_plan, observed, RARE.format(median=9, grade="D")).loc[
        "maternal_mortality_ratio"
    ]
    assert (risk["state"], risk["state_reason"]) == ("not_assessable", "case_by_case")
    assert (risk["risk"], risk["reason"]) == ("not_graded", "case_by_case")
    assert risk["standing"] == "case_by_case"
    assert risk["interval_method"] == "poisson_exact"


def test_a_rare_rate_with_enough_events_is_judged_by_its_underlying_rate(rare_plan):
    observed = """
        indicator                | year | value | numerator | denominator
        maternal_mortality_ratio | 2025 | 6     | 30        | 500000
    """
    low = RARE.format(median=5, grade="A").replace("| 20 ", "| 7 ")
    risk = assessed(rare_plan, observed, low).loc["maternal_mortality_ratio"]
    assert risk["state"] == "attained"
    assert risk["risk"] == "clear"


HELD = """
    indicator             | year | quantile | value
    share_female_employed | 2026 | 0.1      | 42
    share_female_employed | 2026 | 0.5      | 43
    share_female_employed | 2026 | 0.9      | 44
    share_female_employed | 2030 | 0.1      | 44
    share_female_employed | 2030 | 0.5      | 45
    share_female_employed | 2030 | 0.9      | 46
"""


@pytest.fixture
def held_plan(tiny_plan):
    """The small plan whose employment share (45 ± 2) is to be held every year."""
    from dataclasses import replace

    def held(indicator):
        return replace(indicator, target=replace(indicator.target, every_year=True))

    chosen = tuple(held(i) if i.id == "share_female_employed" else i for i in tiny_plan.indicators)
    return replace(tiny_plan, indicators=chosen)


EMPLOYED = "indicator | year | value\nshare_female_employed | 2025 | 44"


@pytest.mark.requirement("D8")
def test_a_level_to_be_held_every_year_is_no_likelier_than_its_worst_year(held_plan):
    risk = assessed(held_plan, EMPLOYED, HELD).loc["share_female_employed"]
    assert risk["p_meet"] == pytest.approx(
        0.45
    )  # half of 2026 is below 43, and what lies beyond 90 % counts half


def test_a_level_to_be_held_every_year_is_counted_on_joint_paths(held_plan):
    drawn_paths = pd.DataFrame(
        {
            "indicator": "share_female_employed",
            "area": "county",
            "draw": [0, 0, 1, 1, 2, 2, 3, 3],
            "year": [2026, 2030] * 4,
            "value": [44, 45, 42, 45, 44, 48, 43, 47],
        }
    )
    made = wdp.assess(
        forecasts(HELD), observations(EMPLOYED), held_plan, as_of="2026-06-30", paths=drawn_paths
    )
    assert made.set_index("indicator").loc["share_female_employed", "p_meet"] == 0.5


@pytest.mark.parametrize("as_of", ["2031-12-31", "2032-12-31"])
def test_a_final_verdict_is_that_of_the_target_year_whatever_comes_later(tiny_plan, as_of):
    observed = """
        indicator          | year | value
        screening_coverage | 2030 | 65.0
        screening_coverage | 2031 | 88.1
    """
    risk = assessed(tiny_plan, observed, as_of=as_of).loc["screening_coverage"]
    assert (risk["state"], risk["standing"]) == ("not_attained", "not_attained")
    assert (risk["last_year"], risk["last_value"]) == (2030, 65.0)
    assert (risk["later_year"], risk["later_value"]) == (2031, 88.1)


def test_six_cases_in_ten_years_are_reviewed_one_by_one_and_printed_pooled(rare_plan):
    rows = [f"maternal_mortality_ratio | {2016 + k} | 0 | {int(k < 6)} | 1800" for k in range(10)]
    observed = "indicator | year | value | numerator | denominator\n" + "\n".join(rows)
    risk = assessed(rare_plan, observed).loc["maternal_mortality_ratio"]
    assert (risk["standing"], risk["risk"]) == ("case_by_case", "not_graded")
    assert (risk["pooled_events"], risk["pooled_exposure"]) == (6, 18000)
    assert pd.isna(risk["margin"])


def test_before_its_year_no_target_is_called_missed(tiny_plan):
    far = OUTLOOK.format(median=62).replace("| 80", "| 66")
    risk = assessed(tiny_plan, screening(50), far).loc["screening_coverage"]
    assert (risk["standing"], risk["risk"]) == ("hard", "red")

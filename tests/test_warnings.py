"""Early warning: which rule is triggered, by how much, what clears it; and that chance alone rarely triggers one."""

from dataclasses import replace

import pandas as pd
import pytest
from kit import observations
from warnings_kit import LINE, assessed, screening, warned

import wdp_lib as wdp
from wdp_lib.assessment.clearing import clearing_values


def test_a_promise_hard_to_reach_says_by_how_much_and_what_would_clear_it(tiny_plan):
    row = warned(tiny_plan, screening(LINE)).loc["probability_of_missing"]
    assert (row["axis"], row["level"]) == ("hard_to_reach", "red")
    assert row["figure"] >= row["threshold"] == 0.7
    assert (row["clears_when"], row["clears_at"]) == ("probability_below", 0.2)
    assert row["needed_next"] == 66  # five points are missing, five years are left
    assert row["units"] == "health_bureau"
    assert row["level_zh"] == "红色预警（达标困难）"


def next_round(plan, table, year, value):
    """The warnings of a target once a value of the next year has come."""
    new = screening([value], last=year)
    seen = pd.concat([table, new.assign(as_of=f"{year + 1}-03-31")], ignore_index=True)
    risks = wdp.assess(
        wdp.forecast(seen, plan, through=2030), seen, plan, as_of=f"{year + 1}-06-30"
    )
    return wdp.warnings(risks, seen, plan)["rule"].tolist()


@pytest.mark.parametrize("values", [LINE, [68, 69, 68.5, 69.5, 69, 70.2, 69.4, 69.8]])
def test_the_value_said_to_clear_a_warning_clears_it_when_it_comes(tiny_plan, values):
    table = screening(values)
    made = wdp.forecast(table, tiny_plan, through=2030)
    risks = wdp.assess(made, table, tiny_plan, as_of="2026-06-30")
    solved = clearing_values(risks, table, tiny_plan, as_of="2026-06-30", through=2030)
    listed = wdp.warnings(risks, table, tiny_plan, clearing=solved)
    row = listed.set_index("rule").loc["probability_of_missing"]
    assert row["clears_next"] > row["needed_next"]
    assert "probability_of_missing" not in next_round(tiny_plan, table, 2026, row["clears_next"])
    # the value on schedule does not clear it, nor does one three points worse
    for value in (row["needed_next"], row["clears_next"] - 3):
        assert "probability_of_missing" in next_round(tiny_plan, table, 2026, value)


@pytest.mark.parametrize(
    "values",
    [
        # forty points short: one year at 100 % is not believed
        pytest.param([30, 29, 31, 30, 28, 30, 29, 30], id="no value of one year clears it"),
        # 75.5 would clear it; but after 68 next year is 66 to 70 (95 %), and the target is 70
        pytest.param([72, 71, 70, 70, 69, 69, 68, 68], id="next year cannot bring the value"),
    ],
)
def test_a_value_that_next_year_cannot_bring_is_never_said_to_clear_a_warning(tiny_plan, values):
    table = screening(values)
    made = wdp.forecast(table, tiny_plan, through=2030)
    risks = wdp.assess(made, table, tiny_plan, as_of="2026-06-30")
    solved = clearing_values(risks, table, tiny_plan, as_of="2026-06-30", through=2030)
    assert solved.set_index("indicator")["clears_next"].isna().loc["screening_coverage"]


def test_a_safe_and_steady_promise_is_not_warned_of(tiny_plan):
    assert warned(
        tiny_plan, screening([78, 78.5, 79, 79.5, 80, 80.5, 81, 81.5]), fan=(84, 86, 88)
    ).empty


@pytest.mark.requirement("D7")
def test_a_series_two_years_behind_is_stale_grey_and_never_graded(tiny_plan):
    table = pd.concat(
        [
            screening(LINE, last=2023),
            observations("indicator | year | value\nlife_expectancy | 2025 | 80"),
        ]
    )
    rows = warned(tiny_plan, table, fan=(84, 86, 88))
    assert list(rows.index) == ["stale"]
    assert (
        rows.loc["stale", "level"],
        rows.loc["stale", "figure"],
        rows.loc["stale", "clears_at"],
    ) == (
        "grey",
        2023,
        2025,
    )


@pytest.mark.parametrize(
    ("status", "rule"), [("provisional", "provisional"), ("estimated", "estimates_only")]
)
def test_provisional_values_and_estimates_are_warnings_of_their_own(tiny_plan, status, rule):
    rows = warned(tiny_plan, screening(LINE, status=status))
    assert (rows.loc[rule, "axis"], rows.loc[rule, "level"]) == ("data", "grey")


def test_estimates_alone_give_a_probability_but_no_class(tiny_plan):
    risk = assessed(tiny_plan, screening(LINE, status="estimated"), fan=(84, 86, 88)).set_index(
        "indicator"
    )
    row = risk.loc["screening_coverage"]
    assert (row["state"], row["risk"], row["reason"]) == (
        "not_assessable",
        "not_graded",
        "estimates_only",
    )
    assert row["p_meet"] > 0.9


def test_missing_data_is_a_warning_and_a_value_only_monitored_is_none(tiny_plan):
    monitored = tuple(
        replace(i, target=wdp.Target("monitor_only")) if i.id == "life_expectancy" else i
        for i in tiny_plan.indicators
    )
    plan = replace(tiny_plan, indicators=monitored)
    rows = wdp.warnings(assessed(plan, screening(LINE)), screening(LINE), plan).set_index(
        "indicator"
    )
    assert "life_expectancy" not in rows.index
    assert rows.loc["maternal_mortality_ratio", "rule"] == "no_data"


@pytest.fixture
def held_plan(tiny_plan):
    """The small plan whose screening coverage of 70 is to be held every year."""
    held = tuple(
        replace(i, target=replace(i.target, kind="hold", every_year=True))
        if i.id == "screening_coverage"
        else i
        for i in tiny_plan.indicators
    )
    return replace(tiny_plan, indicators=held)


@pytest.mark.parametrize(
    ("values", "rule", "level", "figure"),
    [
        ([72, 73, 72, 73, 69], "below_held_line", "orange", 69),
        ([72, 73, 68, 69, 73], "dipped_before", "blue", 68),
    ],
)
@pytest.mark.requirement("D8")
def test_a_dip_below_a_line_to_be_held_is_warned_of_in_its_year_and_stays_on_record(
    held_plan, values, rule, level, figure
):
    row = warned(held_plan, screening(values), fan=(74, 75, 76)).loc[rule]
    assert (row["level"], row["figure"], row["threshold"]) == (level, figure, 70)


@pytest.mark.requirement("D8")
def test_a_line_not_yet_reached_is_no_dip(held_plan):
    assert not {"below_held_line", "dipped_before"} & set(
        warned(held_plan, screening([60, 62, 64, 66, 68])).index
    )


@pytest.mark.requirement("D3")
def test_a_planted_jump_is_found_with_its_size_and_limit(tiny_plan):
    row = warned(tiny_plan, screening([60, 61, 62, 63, 90, 65, 66, 67])).loc["outside_limits"]
    assert row["axis"] == "volatile"
    assert row["figure"] > row["threshold"] == row["clears_at"]


def test_a_spread_larger_than_the_change_needed_each_year_is_warned_of(tiny_plan):
    row = warned(tiny_plan, screening([66, 70, 65, 69, 64, 70, 66, 69])).loc["residual_spread"]
    assert row["threshold"] == pytest.approx(0.2)  # one point in five years
    assert row["figure"] > 2


def test_a_line_inside_the_spread_with_even_chances_is_hit_or_miss(tiny_plan):
    values = [66, 70, 65, 69, 64, 70, 66, 69]
    assert "hit_or_miss" in warned(tiny_plan, screening(values), fan=(60, 70, 80)).index
    assert "hit_or_miss" not in warned(tiny_plan, screening(values), fan=(71, 78, 85)).index
    far = [v - 30 for v in values]
    assert "hit_or_miss" not in warned(tiny_plan, screening(far), fan=(60, 70, 80)).index

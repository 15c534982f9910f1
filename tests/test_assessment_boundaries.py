"""Every kind of promise on both sides of its line and exactly on it."""

from dataclasses import replace

import pytest
from kit import forecasts, observations

import wdp_lib as wdp

NOTHING = """
    indicator                | year | quantile | value | reason
    maternal_mortality_ratio |      |          |       | no_data
"""


def promised(plan, kind, value=None, **settings):
    """Return the small plan with another promise for the screening coverage."""
    target = wdp.Target(kind, value, year=2030, **settings)
    changed = tuple(
        replace(i, target=target) if i.id == "screening_coverage" else i for i in plan.indicators
    )
    return replace(plan, indicators=changed)


def judged(plan, observed):
    table = wdp.assess(forecasts(NOTHING), observations(observed), plan, as_of="2026-06-30")
    return table.set_index("indicator").loc["screening_coverage"]


def last(value):
    return f"indicator | year | value\nscreening_coverage | 2025 | {value}"


def years(values, first=2021):
    rows = [f"screening_coverage | {first + k} | {value}" for k, value in enumerate(values)]
    return "indicator | year | value\n" + "\n".join(rows)


@pytest.mark.parametrize(
    ("kind", "line", "settings", "value", "state"),
    [
        ("at_most", 8, {}, 7.99, "attained"),
        ("at_most", 8, {}, 8.0, "attained"),
        ("at_most", 8, {}, 8.01, "nearly"),
        ("at_most", 8, {}, 8.09, "not_attained"),
        ("at_least", 95, {}, 95.0, "attained"),
        ("at_least", 95, {}, 94.96, "nearly"),  # not rounded up to 95.0
        ("at_least", 95, {}, 94.0, "not_attained"),
        ("more_than", 30, {}, 30.0, "nearly"),  # more than 30 is more than 30
        ("more_than", 30, {}, 30.01, "attained"),
        ("more_than", 30, {}, 29.6, "not_attained"),
        ("less_than", 30, {}, 30.0, "nearly"),
        ("less_than", 30, {}, 29.99, "attained"),
        ("around", 45, {"tolerance": 2.0}, 43.0, "attained"),
        ("around", 45, {"tolerance": 2.0}, 47.0, "attained"),
        ("around", 45, {"tolerance": 2.0}, 42.99, "nearly"),
        ("around", 45, {"tolerance": 2.0}, 42.5, "not_attained"),
        ("around", 45, {"tolerance": 2.0}, 47.01, "nearly"),
        ("around", 45, {"tolerance": 2.0}, 48.0, "not_attained"),
        ("full_coverage", 100, {}, 100.0, "attained"),
        ("full_coverage", 100, {}, 99.99, "nearly"),
        ("full_coverage", 100, {}, 98.9, "not_attained"),
        ("hold", 95, {}, 95.0, "attained"),
        ("hold", 95, {}, 94.99, "nearly"),
        ("monitor_only", None, {}, 50.0, "not_assessable"),
    ],
)
@pytest.mark.requirement("D1")
def test_each_promise_of_a_number_on_both_sides_of_its_line_and_on_it(
    tiny_plan, kind, line, settings, value, state
):
    assert judged(promised(tiny_plan, kind, line, **settings), last(value))["state"] == state


@pytest.mark.parametrize(
    ("kind", "values", "state"),
    [
        ("rise", [60, 61, 62, 63, 64], "attained"),
        ("rise", [64, 63, 62, 61, 60], "not_attained"),
        ("rise", [60, 60, 60, 60, 60], "not_assessable"),
        ("fall", [64, 63, 62, 61, 60], "attained"),
        ("fall", [60, 61, 62, 63, 64], "not_attained"),
        (
            "narrow_gap",
            [-5, 4, -3, 2, -1],
            "attained",
        ),  # the sign of a gap does not matter, its size does
        ("narrow_gap", [1, -2, 3, -4, 5], "not_attained"),
    ],
)
@pytest.mark.requirement("D1")
def test_a_direction_on_both_sides_and_flat(tiny_plan, kind, values, state):
    assert judged(promised(tiny_plan, kind), years(values))["state"] == state


@pytest.mark.requirement("D8")
def test_one_dip_year_is_reported_in_its_year_and_in_the_last_round(tiny_plan):
    plan = promised(tiny_plan, "hold", 95)
    dipped = [96, 95, 94, 96, 97]
    in_its_year = judged(plan, years(dipped[:3]))
    at_the_end = judged(plan, years(dipped))
    assert (in_its_year["dips"], at_the_end["dips"]) == ("2023", "2023")
    assert (at_the_end["state"], at_the_end["state_reason"]) == ("attained", "dip")


@pytest.mark.requirement("D8")
def test_a_year_exactly_on_the_line_or_before_it_was_reached_is_no_dip(tiny_plan):
    plan = promised(tiny_plan, "hold", 95)
    assert judged(plan, years([90, 94, 95, 95, 96]))["dips"] == ""


@pytest.mark.parametrize(
    ("west", "state"), [(90, "attained"), (89.99, "nearly"), (80, "not_attained")]
)
@pytest.mark.requirement("D9")
def test_one_township_below_the_line_decides_whatever_the_county_has(tiny_plan, west, state):
    observed = f"""
        indicator          | area   | year | value
        screening_coverage | county | 2025 | 97
        screening_coverage | east   | 2025 | 99
        screening_coverage | west   | 2025 | {west}
    """
    row = judged(promised(tiny_plan, "every_area", 90), observed)
    assert row["state"] == state
    assert row["margin"] == pytest.approx(west - 90)


@pytest.mark.requirement("D9")
def test_without_values_of_townships_the_county_mean_proves_nothing(tiny_plan):
    row = judged(promised(tiny_plan, "every_area", 90), last(97))
    assert (row["state"], row["state_reason"]) == ("not_assessable", "no_area_values")


@pytest.mark.parametrize(("value", "state"), [(40, "attained"), (39.99, "not_attained")])
@pytest.mark.requirement("D9")
def test_a_tolerance_below_the_reference_ends_exactly_at_its_line(tiny_plan, value, state):
    plan = promised(tiny_plan, "relative", reference="share_female_employed", tolerance=5.0)
    observed = f"""
        indicator             | year | value
        share_female_employed | 2025 | 45
        screening_coverage    | 2025 | {value}
    """
    assert judged(plan, observed)["state"] == state


@pytest.mark.requirement("D10")
def test_a_body_of_one_seat_is_not_judged_by_its_share(tiny_plan):
    plan = promised(tiny_plan, "rise")
    elected = tuple(
        replace(i, frequency="term", data_kind="share", multiplier=100.0)
        if i.id == "screening_coverage"
        else i
        for i in plan.indicators
    )
    observed = """
        indicator          | year | value | numerator | denominator
        screening_coverage | 2016 | 0     | 0         | 1
        screening_coverage | 2021 | 100   | 1         | 1
    """
    row = judged(replace(plan, indicators=elected), observed)
    assert (row["state"], row["state_reason"]) == ("not_assessable", "one_seat")


@pytest.mark.parametrize(
    ("before", "now", "state"),
    [(20, 21, "attained"), (20, 20, "not_attained"), (21, 20, "not_attained")],
)
@pytest.mark.requirement("D10")
def test_two_elections_are_compared_by_their_seats_without_a_trend(tiny_plan, before, now, state):
    plan = promised(tiny_plan, "rise")
    elected = tuple(
        replace(i, frequency="term", data_kind="share", multiplier=100.0)
        if i.id == "screening_coverage"
        else i
        for i in plan.indicators
    )
    observed = f"""
        indicator          | year | value    | numerator | denominator
        screening_coverage | 2016 | {before} | {before}  | 100
        screening_coverage | 2021 | {now}    | {now}     | 100
    """
    assert judged(replace(plan, indicators=elected), observed)["state"] == state

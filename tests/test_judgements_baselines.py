"""Judgements that an official can sign, of milestones, baselines and directions."""

from dataclasses import replace

import pytest
from judgements_kit import NOTHING, jumped, row, series, with_target
from kit import forecasts, observations

import wdp_lib as wdp
from wdp_lib.assessment.doubt import suspected
from wdp_lib.assessment.milestones import assess_milestones
from wdp_lib.publish import views
from wdp_lib.publish.context import Context

# --- milestones that a plan names ---


def milestone(plan, values, line, year, as_of="2026-06-30", first=2021):
    target = replace(plan.indicator("screening_coverage").target, milestones=((year, line),))
    plan = with_target(plan, target=target)
    found = assess_milestones(forecasts(NOTHING), series(values, first=first), plan, as_of=as_of)
    return found, row(found)


@pytest.mark.parametrize(
    ("values", "line", "year", "standing"),
    [
        ([60, 61, 62, 63, 66], 65, 2025, "attained"),
        ([60, 61, 62, 63, 64], 65, 2025, "not_attained"),
        ([60, 61, 62, 64.9, 66], 65, 2024, "nearly"),  # a later value decides nothing
        ([60, 61, 62, 66, 64], 65, 2024, "attained"),
    ],
)
def test_a_milestone_is_judged_by_the_value_of_its_own_year(
    tiny_plan, values, line, year, standing
):
    table, found = milestone(tiny_plan, values, line, year)
    assert (found["standing"], found["target_year"]) == (standing, year)
    assert "≥ 65%" in repr(views.show(table, "milestones", Context(tiny_plan)))


def test_a_milestone_of_a_year_to_come_is_not_missed_yet(tiny_plan):
    _, found = milestone(tiny_plan, [60, 61, 62, 63, 64], 69, 2028)
    assert found["standing"] not in ("attained", "not_attained")


# --- baselines and directions ---


def test_a_promise_to_rise_from_the_natural_limit_is_kept_by_staying_there(tiny_plan):
    target = wdp.Target("rise", year=2030, upper_limit=100.0)
    plan = with_target(tiny_plan, target=target, upper_bound=100.0)
    found = row(
        wdp.assess(forecasts(NOTHING), series([100] * 6, first=2020), plan, as_of="2026-06-30")
    )
    assert found["state"] == "attained" and found["standing"] in ("improved", "ahead")
    assert found["risk"] not in ("red", "orange")


@pytest.mark.parametrize(
    ("values", "standing"),
    [
        ([88.9, 90, 91.5, 93, 95, 97.8], "improved"),
        ([88.9, 97, 86, 96, 87, 97.8], "improved_not_shown"),
        ([97.8, 88, 96, 89, 95, 90], "worse_not_shown"),
        ([97.8, 96, 94, 92, 90, 88.9], "worsened"),
        ([90, 92, 89, 91, 88, 90], "no_change_shown"),
    ],
)
def test_a_direction_says_what_is_known_of_it_shown_or_not(tiny_plan, values, standing):
    plan = with_target(tiny_plan, target=wdp.Target("rise", year=2030), data_kind="index")
    risks = wdp.assess(forecasts(NOTHING), series(values, first=2020), plan, as_of="2026-06-30")
    assert row(risks)["standing"] == standing


@pytest.mark.parametrize(("each", "reviewed"), [(0, True), (5, False)])
def test_some_fifty_events_in_ten_years_are_not_too_few(tiny_plan, each, reviewed):
    rows = [f"screening_coverage | {2016 + n} | {100 * each / 120} | {each} | 120"
            for n in range(10)]  # fmt: skip
    table = observations("indicator | year | value | numerator | denominator\n" + "\n".join(rows))
    target = wdp.Target("fall", year=2030)
    plan = with_target(tiny_plan, target=target, data_kind="rare_rate", multiplier=100.0)
    found = row(wdp.assess(forecasts(NOTHING), table, plan, as_of="2026-06-30"))
    assert (found["standing"] == "case_by_case") == reviewed


@pytest.mark.parametrize(("year", "doubt"), [(2022, ""), (2030, "2030")])
def test_at_the_end_only_a_doubt_of_the_target_year_itself_is_carried(tiny_plan, year, doubt):
    table = series([70, 71, 72, 73, 74, 75, 76, 77, 78], first=2022)
    suspects = suspected(table, [jumped(table, year=year)], tiny_plan)
    risks = wdp.assess(forecasts(NOTHING), table, tiny_plan, as_of="2031-06-30", suspects=suspects)
    assert row(risks)["doubt"] == doubt

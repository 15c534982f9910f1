"""What special supervision selects, what a meeting is told, what is carried over."""

import pandas as pd
import pytest
from conftest import drawn
from kit import forecasts, observations

import wdp_lib as wdp
from wdp_lib.core.errors import DataError, ParameterError
from wdp_lib.evaluation.next_stage import brief
from wdp_lib.evaluation.rounds import select, selected

NO_FORECAST = forecasts("""
    indicator          | year | quantile | value
    screening_coverage | 2030 | 0.5      | """)


def risks_of(plan, text, *, fan=NO_FORECAST, as_of="2026-06-30"):
    return wdp.assess(fan, observations(text), plan, as_of=as_of)


@pytest.fixture(scope="module")
def ruyuan():
    return wdp.load_plan("ruyuan-2021-2030")


@pytest.mark.requirement("G4")
def test_a_domain_selects_its_goals_and_their_indicators_and_nothing_else(ruyuan):
    part = select(ruyuan, domain="health")
    assert [g.id for g in part.goals] == [g.id for g in ruyuan.goals if g.domain == "health"]
    assert {i.id for i in part.indicators} == {
        i.id for g in ruyuan.goals_of("health") for i in ruyuan.indicators_of(g.id)
    }
    assert [d.id for d in part.domains] == ["health"]
    known = {g.id for g in part.goals}
    assert {
        goal for noun in (*part.indicators, *part.measures, *part.projects) for goal in noun.goals
    } <= known


@pytest.mark.requirement("G4")
def test_a_project_selects_the_indicators_it_names(ruyuan):
    project = ruyuan.projects[0]
    part = select(ruyuan, project=project.id)
    assert {i.id for i in part.indicators} == set(project.indicators)
    assert [p.id for p in part.projects] == [project.id]
    own = [c.id for c in ruyuan.commitments if c.project == project.id]
    assert [c.id for c in part.commitments] == own


@pytest.mark.requirement("G4")
def test_a_set_of_goals_selects_these_goals(tiny_plan):
    part = select(tiny_plan, goals=["H02"])
    assert [g.id for g in part.goals] == ["H02"]
    assert [i.id for i in part.indicators] == ["maternal_mortality_ratio", "screening_coverage"]
    assert part.indicator("screening_coverage").goals == ("H02",)


@pytest.mark.requirement("G4")
def test_an_area_keeps_the_promises_and_changes_whose_values_are_judged(tiny_plan):
    areas = pd.DataFrame(
        drawn("""
        area | name_zh | name_en
        east | 东镇    | East""")
    )
    part = select(tiny_plan, area="east", areas=areas)
    text = """
        indicator          | area   | year | value
        screening_coverage | county | 2025 | 75
        screening_coverage | east   | 2025 | 60"""
    risks = risks_of(part, text).set_index("indicator")
    assert (part.area_name.zh, part.indicators) == ("东镇", tiny_plan.indicators)
    assert risks.loc["screening_coverage", "last_value"] == 60
    with pytest.raises(ParameterError, match="east"):
        select(tiny_plan, area="esat", areas=areas)


@pytest.mark.requirement("G4")
def test_conditions_that_leave_nothing_are_refused(tiny_plan):
    with pytest.raises(ParameterError) as caught:
        select(tiny_plan, domain="family", goals=["H02"])
    assert caught.value.summary.en == "The selection holds no goal; name fewer conditions."


@pytest.mark.requirement("G4")
def test_rows_of_other_goals_are_left_out(tiny_plan):
    part = select(tiny_plan, goals=["H02"])
    risks = selected(
        risks_of(tiny_plan, "indicator | year | value\nscreening_coverage | 2025 | 71"), part
    )
    assert list(risks["indicator"]) == ["maternal_mortality_ratio", "screening_coverage"]
    assert list(wdp.evaluate(risks, part, stage="annual")["goal"]) == ["H02"]


YEARLY = """
    indicator          | year | value | status
    screening_coverage | 2022 | 60    | final
    screening_coverage | 2024 | 64    | final
    screening_coverage | 2025 | 67    | provisional"""


@pytest.mark.requirement("A1")
def test_a_row_tells_value_change_distance_and_data_status(tiny_plan):
    table = wdp.annual_table(
        observations(YEARLY), risks_of(tiny_plan, YEARLY), tiny_plan, year=2025
    )
    row = table[table["indicator"] == "screening_coverage"].iloc[0]
    assert (row["value"], row["previous_year"], row["change"], row["distance"]) == (67, 2024, 3, -3)
    assert (row["state"], row["data_status"]) == ("not_attained", "provisional")


@pytest.mark.requirement("A1")
def test_a_year_without_a_value_is_missing_and_a_goal_without_indicators_has_its_row(tiny_plan):
    table = wdp.annual_table(
        observations(YEARLY), risks_of(tiny_plan, YEARLY), tiny_plan, year=2023
    )
    row = table[table["indicator"] == "screening_coverage"].iloc[0]
    assert row["data_status"] == "missing"
    assert pd.isna(row["value"])
    assert table[table["goal"] == "F01"]["indicator"].tolist() == [""]


@pytest.mark.requirement("B3")
def test_no_change_is_given_across_a_break_in_the_definition(tiny_plan):
    broken = """
        indicator          | year | value | series_break
        screening_coverage | 2024 | 64    |
        screening_coverage | 2025 | 90    | 新口径"""
    table = wdp.annual_table(
        observations(broken), risks_of(tiny_plan, broken), tiny_plan, year=2025
    )
    row = table[table["indicator"] == "screening_coverage"].iloc[0]
    assert row["value"] == 90
    assert pd.isna(row["change"])


@pytest.mark.requirement("H4")
def test_the_change_needed_is_the_way_left_over_the_years_left(tiny_plan):
    fan = forecasts("""
        indicator          | year | quantile | value
        screening_coverage | 2030 | 0.1      | 55
        screening_coverage | 2030 | 0.5      | 60
        screening_coverage | 2030 | 0.9      | 65""")
    risks = risks_of(tiny_plan, "indicator | year | value\nscreening_coverage | 2025 | 60", fan=fan)
    stage = wdp.next_stage(risks, pd.DataFrame({"indicator": []}), tiny_plan)
    row = stage.needed.set_index("indicator").loc["screening_coverage"]
    assert (row["line"], row["years"], row["needed_per_year"]) == (70, 5, 2)


@pytest.mark.requirement("H4")
def test_all_open_items_are_carried_over_with_what_is_wrong_now(tiny_plan):
    items = pd.DataFrame(
        drawn("""
        item | indicator                | opened     | due        | closed
        W1   | screening_coverage       | 2025-07-01 | 2025-12-31 |
        W2   | maternal_mortality_ratio | 2025-07-01 | 2025-12-31 | """)
    )
    risks = risks_of(tiny_plan, "indicator | year | value\nscreening_coverage | 2025 | 60")
    carried = wdp.next_stage(risks, items, tiny_plan).carried
    assert list(carried["item"]) == ["W1", "W2"]
    assert list(carried["problem"]) == ["not_yet", "no_usable_data"]


@pytest.mark.requirement("H4")
def test_the_draft_secures_data_first_and_raises_what_was_attained(tiny_plan):
    text = """
        indicator             | year | value
        screening_coverage    | 2025 | 75
        share_female_employed | 2025 | 45"""
    draft = wdp.next_stage(
        risks_of(tiny_plan, text), pd.DataFrame({"indicator": []}), tiny_plan
    ).draft
    proposals = draft.set_index("indicator")["proposal"]
    assert proposals["screening_coverage"] == "raise"
    assert proposals["share_female_employed"] == "consolidate"
    assert proposals["maternal_mortality_ratio"] == "secure_data"


ITEMS = """
    item | indicator          | opened     | due        | closed
    W1   | screening_coverage | 2026-01-10 | 2026-03-31 |
    W2   | screening_coverage | 2025-09-01 | 2025-12-31 | 2026-02-01
    W3   | life_expectancy    | 2026-07-01 | 2026-12-31 |
    W4   | life_expectancy    | 2025-09-01 | 2026-09-30 | 2026-08-01"""


def fan(middle):
    return forecasts(f"""
        indicator                | year | quantile | value
        screening_coverage       | 2030 | 0.1      | {middle - 5}
        screening_coverage       | 2030 | 0.5      | {middle}
        screening_coverage       | 2030 | 0.9      | {middle + 5}""")


@pytest.mark.requirement("A9")
def test_the_brief_lists_exactly_the_planted_events(tiny_plan):
    before = risks_of(
        tiny_plan,
        """
        indicator                | year | value
        screening_coverage       | 2024 | 65
        maternal_mortality_ratio | 2024 | 7""",
        fan=fan(80),
        as_of="2025-06-30",
    )
    now = risks_of(
        tiny_plan,
        """
        indicator                | year | value
        screening_coverage       | 2025 | 60
        maternal_mortality_ratio | 2024 | 7""",
        fan=fan(62),
    )
    items = pd.DataFrame(drawn(ITEMS))
    told = brief(before, now, items, tiny_plan, since="2025-06-30", until="2026-06-30")
    assert list(zip(told["kind"], told["indicator"], told["item"], strict=True)) == [
        ("new_warning", "screening_coverage", ""),
        ("overdue_data", "maternal_mortality_ratio", ""),
        ("open_problem", "screening_coverage", "W1"),
        ("open_problem", "life_expectancy", "W4"),
    ]
    again = brief(now, now, items, tiny_plan, since="2026-06-30", until="2026-06-30")
    assert "new_warning" not in set(again["kind"])


@pytest.mark.requirement("A9")
def test_dates_in_the_wrong_order_and_a_register_without_dates_are_refused(tiny_plan):
    risks = risks_of(tiny_plan, "indicator | year | value\nscreening_coverage | 2025 | 60")
    items = pd.DataFrame(drawn(ITEMS))
    with pytest.raises(ParameterError):
        brief(risks, risks, items, tiny_plan, since="2026-06-30", until="2025-06-30")
    with pytest.raises(DataError) as caught:
        brief(
            risks,
            risks,
            items[["item", "indicator"]],
            tiny_plan,
            since="2025-06-30",
            until="2026-06-30",
        )
    assert [p.column for p in caught.value.problems] == ["opened", "due", "closed"]

"""Key indicators within the year: quarters and months add up to the year, or the row says what is wrong."""

import pandas as pd
import pytest
from conftest import drawn
from kit import observations

import wdp_lib as wdp
from wdp_lib.core.words import vocabulary
from wdp_lib.evaluation.periods import PERIOD_RECORD, reconcile_periods
from wdp_lib.evaluation.summaries import key_indicators
from wdp_lib.publish.context import Context
from wdp_lib.publish.views import show

REASONS = (
    "periods_missing",
    "mixed_periods",
    "no_period_value",
    "year_not_reported",
    "year_differs",
)

YEAR = """
    indicator                          | area   | year | value | numerator | denominator
    maternal_mortality_ratio           | county | 2025 | 50    | 1         | 2000
    cervical_cancer_screening_coverage | county | 2025 | 60    | 600       | 1000
"""
QUARTERS = """
    period | numerator | denominator
    Q1     | 0         | 500
    Q2     | 1         | 500
    Q3     | 0         | 400
    Q4     | 0         | 600
"""
COLUMNS = [
    "indicator",
    "area",
    "year",
    "period",
    "kind",
    "value",
    "numerator",
    "denominator",
    "date",
    "source",
    "note",
]


@pytest.fixture(scope="module")
def plan():
    return wdp.load_plan("ruyuan-2021-2030")


def periods(text, indicator="maternal_mortality_ratio", kind="period", **more):
    frame = pd.DataFrame(drawn(text)).assign(
        indicator=indicator,
        area="county",
        year=2025,
        date="2026-01-20",
        source="季报",
        note="",
        **more,
    )
    frame["kind"] = frame.get("kind", pd.Series(kind, frame.index))
    for name in ("value", "numerator", "denominator"):
        frame[name] = pd.to_numeric(frame[name]) if name in frame else float("nan")
    return frame[COLUMNS]


def row(plan, table, **settings):
    found = reconcile_periods(table, observations(YEAR), plan, **settings)
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.requirement("B8")
def test_quarters_of_counts_add_up_to_the_year(plan):
    found = row(plan, periods(QUARTERS))
    assert (found["numerator"], found["denominator"], found["value"]) == (1, 2000, 50)
    assert (found["reported_value"], found["difference"], found["reason"]) == (50, 0, "")


@pytest.mark.requirement("B8")
def test_one_case_more_than_the_year_is_flagged(plan):
    found = row(plan, periods(QUARTERS.replace("Q3     | 0 ", "Q3     | 1 ")))
    assert (found["value"], found["difference"], found["reason"]) == (100, 50, "year_differs")


@pytest.mark.requirement("B8")
def test_births_that_do_not_add_up_are_flagged_though_the_rate_is_near(plan):
    found = row(plan, periods(QUARTERS.replace("600", "601")))
    assert found["reason"] == "year_differs"


@pytest.mark.requirement("B8")
def test_the_last_of_figures_to_date_stands_for_the_year(plan):
    text = """
        period | numerator | denominator
        H1     | 250       | 1000
        H2     | 600       | 1000
    """
    found = row(plan, periods(text, "cervical_cancer_screening_coverage", "to_date"))
    assert (found["length"], found["value"], found["reason"]) == ("half", 60, "")


@pytest.mark.requirement("B8")
def test_a_quarter_that_is_missing_or_not_known_yet_leaves_the_year_open(plan):
    table = periods(QUARTERS)
    table.loc[3, "date"] = "2026-03-01"
    found = row(plan, table, as_of="2026-02-01")
    assert (found["n_periods"], found["n_expected"], found["reason"]) == (3, 4, "periods_missing")
    assert pd.isna(found["value"]) and pd.isna(found["difference"])


@pytest.mark.requirement("B8")
def test_figures_to_date_are_shown_within_the_year_and_not_compared(plan):
    text = """
        period | numerator | denominator
        Q1     | 100       | 1000
    """
    found = row(plan, periods(text, "cervical_cancer_screening_coverage", "to_date"))
    assert (found["last_period"], found["value"], found["reason"]) == ("Q1", 10, "periods_missing")
    assert pd.isna(found["difference"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            QUARTERS.replace("period |", "period | kind    |")
            .replace("Q1     |", "Q1     | to_date |")
            .replace("Q2     |", "Q2     | period |")
            .replace("Q3     |", "Q3     | period |")
            .replace("Q4     |", "Q4     | period |"),
            "mixed_periods",
        ),
        (QUARTERS.replace("| 600", "|"), "no_period_value"),
    ],
)
@pytest.mark.requirement("B8")
def test_what_cannot_be_added_up_says_why(plan, text, reason):
    assert row(plan, periods(text))["reason"] == reason


@pytest.mark.requirement("B8")
def test_without_a_value_of_the_year_there_is_nothing_to_compare(plan):
    table = periods(QUARTERS).assign(year=2024)
    assert row(plan, table)["reason"] == "year_not_reported"


@pytest.mark.requirement("B8")
def test_only_key_indicators_appear(plan):
    keys = set(key_indicators(plan)["indicator"])
    other = next(i.id for i in plan.indicators if i.id not in keys)
    assert reconcile_periods(periods(QUARTERS, other), observations(YEAR), plan).empty


def test_every_reason_has_a_word_and_the_table_shows_it(plan):
    assert all(("reason", reason) in vocabulary() for reason in REASONS)
    shown = show(
        reconcile_periods(periods(QUARTERS.replace("600", "601")), observations(YEAR), plan),
        "periods",
        Context(plan),
    )
    assert "与年度数不一致" in shown.frame.iloc[0].to_list()


@pytest.mark.requirement("B8")
def test_the_demonstration_has_one_that_agrees_and_one_that_does_not(plan):
    record = wdp.read_records("ruyuan-demo", PERIOD_RECORD, plan)
    found = reconcile_periods(
        record.frame, wdp.load_observations("ruyuan-demo", plan, as_of="2026-06-30"), plan
    )
    reasons = found.set_index(["indicator", "year"])["reason"].to_dict()
    assert record.problems == ()
    assert reasons["maternal_mortality_ratio", 2025] == ""
    assert reasons["congenital_syphilis_incidence", 2025] == "year_differs"

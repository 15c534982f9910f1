"""Units: who leads what, three marks that are never added, a view of one's own rows, and what was filed."""

from dataclasses import replace

import pandas as pd
import pytest
from conftest import drawn
from data_kit import make_dataset, returned, row

import wdp_lib as wdp
from wdp_lib.core.columns import RISKS, conform
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.data.records import read_records
from wdp_lib.plan.model import Goal, Indicator, Plan, Source, Unit
from wdp_lib.plan.target import Target
from wdp_lib.supervision.bodies import (
    filed_reports,
    filed_schemes,
    responsibility_matrix,
    second_leads,
)
from wdp_lib.supervision.scores import unit_view
from wdp_lib.supervision.tables import (
    ANSWERS,
    APPROVALS,
    OPENED,
    REGISTER,
    RESPONSIBILITY_RECORD,
    SCHEMES,
    SELF_EVALUATION,
    SPOT_CHECK_RECORD,
    UNIT_REPORTS,
)


def indicator(id, goal, *units, kind="proportion", **more):
    more = {"lower_bound": 0, "sex": "all", "multiplier": 100, **more}
    target = Target("at_least", value=70, year=2030)
    return Indicator(
        id,
        (goal,),
        "一",
        Text(id, id),
        "percent",
        target,
        "higher_better",
        data_kind=kind,
        lead_units=units,
        **more,
    )


PLAN = Plan(
    "tiny",
    Text("小规划", "Tiny plan"),
    "county",
    Text("某县", "A county"),
    2023,
    2030,
    2022,
    "suggested",
    Source("小规划"),
    units=tuple(Unit(id, Text(id, id)) for id in ("health", "school", "court")),
    goals=tuple(Goal(id, "d", "一", Text(id, id), "quantified") for id in ("G1", "G2", "G3")),
    indicators=(
        indicator(
            "screening",
            "G1",
            "health",
            "school",
            sex_scope="both_by_sex",
            disaggregations=("sex", "age_group"),
        ),
        indicator("births", "G1", "health"),
        indicator("deaths", "G1", "health", kind="rare_rate", availability="partial"),
        indicator("enrolment", "G2", "school"),
    ),
)


def filled(contract, text):
    return pd.DataFrame(drawn(text)).reindex(columns=contract.table.names, fill_value="")


def risks(text):
    frame = pd.DataFrame(drawn(text)).reindex(columns=RISKS.names)
    numbers = [c.name for c in RISKS.columns if c.kind in ("number", "integer")]
    frame[numbers] = frame[numbers].apply(pd.to_numeric)
    fixed = {
        "sex": "all",
        "residence": "all",
        "evidence": "confirmed",
        "risk": "not_graded",
        "volatility": "stable",
    }
    frame = frame.assign(**fixed, grade="B", target_kind="at_least", stale=False, simulated=False)
    return conform(frame, RISKS)


RISK_TABLE = """
    indicator | area   | state        | target_upper | last_lower | last_upper
    screening | county | attained     |              | 70         | 80
    births    | county | not_attained |              | 50         | 60
    deaths    | county | not_attained | 8            | 1.4        | 310
    enrolment | county | nearly       |              | 68         | 72
"""
NO_ITEMS = pd.DataFrame(columns=REGISTER.names)


@pytest.fixture
def dataset(tmp_path):
    """Screening: 2023 in time, 2024 late. Births: 2023 and 2024 in time, one of them impossible. Enrolment: 2023 only."""
    folder = make_dataset(
        tmp_path,
        health=returned(
            row(2023, 60, indicator="screening"),
            row(2024, 61, indicator="screening", as_of="2025-07-01"),
            row(2023, 55, indicator="births"),
            row(2024, -5, indicator="births"),
        ),
        school=returned(row(2023, 70, indicator="enrolment")),
    )
    return wdp.read_dataset(folder, PLAN, as_of="2025-12-31")


def scores(dataset, table=RISK_TABLE, register=NO_ITEMS):
    return wdp.unit_scores(risks(table), dataset, register, PLAN, as_of="2025-12-31").set_index(
        "unit"
    )


@pytest.mark.requirement("I1")
def test_the_sheet_of_a_unit_equals_the_hand_calculation(dataset):
    health = scores(dataset).loc["health"]
    assert (health["indicators"], health["judged"], health["attained"], health["attainment"]) == (
        3,
        2,
        1,
        0.5,
    )
    # two yearly indicators, 2023 and 2024: one is late, and one was rejected and so is not there
    due = ["values_due", "values_on_time", "values_late", "values_missing"]
    assert list(health[due]) == [4, 2, 1, 1] and health["timeliness"] == 0.5
    assert (health["rows_returned"], health["rows_faulty"], health["quality"]) == (4, 1, 0.75)


@pytest.mark.requirement("I1")
def test_a_unit_is_not_punished_for_a_rare_event_within_noise(dataset):
    health = scores(dataset).loc["health"]
    assert (health["within_noise"], health["not_attained"]) == (1, 1)
    beyond = scores(dataset, RISK_TABLE.replace("1.4 ", "9.9 ")).loc["health"]
    assert (beyond["within_noise"], beyond["not_attained"]) == (0, 2)


@pytest.mark.requirement("I1")
def test_nearly_attained_is_not_attained_and_a_late_year_does_not_touch_the_other_marks(dataset):
    school = scores(dataset).loc["school"]
    assert (school["nearly"], school["attainment"]) == (1, 0.0)
    assert (school["values_missing"], school["timeliness"], school["quality"]) == (1, 0.5, 1.0)


@pytest.mark.requirement("I1")
def test_three_marks_stand_apart_and_nothing_to_count_is_no_mark(dataset):
    table = scores(dataset)
    assert table.loc["court", ["attainment", "timeliness", "quality"]].isna().all()
    assert not [name for name in table if "total" in name or "sum" in name or "overall" in name]


@pytest.mark.requirement("I1")
@pytest.mark.requirement("A5")
def test_each_indicator_counts_for_the_first_named_unit_so_that_the_counts_add_up(dataset):
    assert scores(dataset)["indicators"].sum() == len(PLAN.indicators)


def items(*units):
    blank = dict.fromkeys(REGISTER.names, "")
    numbers = {c.name: None for c in REGISTER.columns if c.kind == "number"}
    return pd.DataFrame(
        [
            {
                **blank,
                **numbers,
                "warning": f"w-{u}",
                "units": u,
                "state": "overdue",
                "due": "2025-08-01",
            }
            for u in units
        ]
    )


@pytest.mark.requirement("F3")
def test_a_unit_sees_only_its_own_rows(dataset):
    register = items("health", "school", "health;school")
    view = unit_view(
        risks(RISK_TABLE), dataset.observations, register, PLAN, unit="school", as_of="2025-12-31"
    )
    assert list(view.risks["indicator"]) == ["screening", "enrolment"]
    assert list(view.warnings["warning"]) == ["w-school", "w-health;school"]
    assert set(view.deadlines["subject"]) == {"enrolment", "w-school", "w-health;school"}
    assert set(view.completeness["indicator"]) == {"screening"}


@pytest.mark.requirement("F3")
def test_what_a_unit_owes_has_a_day_and_says_whether_it_is_past(dataset):
    view = unit_view(
        risks(RISK_TABLE), dataset.observations, NO_ITEMS, PLAN, unit="school", as_of="2025-12-31"
    )
    assert [tuple(r) for r in view.deadlines.itertuples(index=False)] == [
        ("return", "enrolment", 2024, "2025-06-30", True)
    ]


@pytest.mark.requirement("F3")
def test_completeness_counts_the_years_that_come_by_sex_and_by_age(tmp_path):
    by_sex = "screening,county,2024,{},,,final,2025-02-15,报表,{}"
    columns = "indicator,area,year,value,numerator,denominator,status,as_of,source,sex"
    content = returned(
        by_sex.format(61, "all"),
        by_sex.format(62, "female"),
        by_sex.format(60, "male"),
        by_sex.replace("2024", "2023").format(60, "all"),
        columns=columns,
    )
    found = wdp.read_dataset(
        make_dataset(tmp_path, health=content), PLAN, as_of="2025-12-31"
    ).observations
    view = unit_view(risks(RISK_TABLE), found, NO_ITEMS, PLAN, unit="health", as_of="2025-12-31")
    counted = view.completeness.set_index("dimension")
    assert list(counted.loc["sex", ["wanted", "given", "last_year", "share"]]) == [2, 1, 2024, 0.5]
    assert counted.loc["age_group", "share"] == 0


@pytest.mark.requirement("F3")
def test_a_unit_the_plan_does_not_have_is_refused(dataset):
    with pytest.raises(ParameterError):
        unit_view(
            risks(RISK_TABLE),
            dataset.observations,
            NO_ITEMS,
            PLAN,
            unit="helth",
            as_of="2025-12-31",
        )


def leads(matrix):
    return matrix[matrix["role"] == "lead"].set_index("goal")


@pytest.mark.requirement("F6")
def test_each_goal_has_one_lead_and_what_is_not_confirmed_says_so():
    matrix = responsibility_matrix(None, PLAN)
    assert leads(matrix)["unit"].to_dict() == {"G1": "health", "G2": "school", "G3": ""}
    assert leads(matrix)["origin"].to_dict() == {"G1": "suggested", "G2": "suggested", "G3": "open"}


@pytest.mark.requirement("F6")
def test_a_confirmed_lead_replaces_the_suggested_one_which_goes_on_as_support():
    record = filled(
        RESPONSIBILITY_RECORD, "goal | unit | role | confirmed_by\nG1 | school | lead | 分工方案"
    )
    matrix = responsibility_matrix(record, PLAN)
    own = matrix[matrix["goal"] == "G1"]
    assert [tuple(r) for r in own[["unit", "role", "origin"]].itertuples(index=False)] == [
        ("school", "lead", "confirmed"),
        ("health", "support", "suggested"),
    ]


@pytest.mark.requirement("F6")
def test_a_lead_written_down_without_a_document_is_printed_as_unconfirmed():
    record = filled(RESPONSIBILITY_RECORD, "goal | unit | role | confirmed_by\nG3 | court | lead |")
    matrix = responsibility_matrix(record, PLAN)
    assert tuple(leads(matrix).loc["G3", ["unit", "origin"]]) == ("court", "suggested")


@pytest.mark.requirement("F6")
def test_a_second_lead_is_named_and_stands_as_support():
    text = "goal | unit | role | confirmed_by\nG1 | school | lead | a\nG1 | health | lead | b"
    record = filled(RESPONSIBILITY_RECORD, text)
    matrix = responsibility_matrix(record, PLAN)
    assert [(p.row, p.rule, p.found) for p in second_leads(record)] == [(3, "two_leads", "health")]
    assert leads(matrix).loc["G1", "unit"] == "school"


TEN = replace(
    PLAN,
    units=tuple(Unit(f"u{k}", Text("", "")) for k in range(11)),
    indicators=tuple(indicator(f"i{k}", "G1", f"u{k}") for k in range(10)),  # u10 has no task
)


@pytest.mark.requirement("A7")
def test_with_three_of_ten_units_missing_exactly_these_three_are_named():
    rows = [
        {"unit": f"u{k}", "year": 2024, "date": "2025-03-01", "title": "t", "work_plan": "yes"}
        for k in range(7)
    ]
    rows += [
        {
            "unit": "u8",
            "year": 2023,
            "date": "2024-03-01",
            "title": "last year's",
            "work_plan": "yes",
        }
    ]
    reports = pd.DataFrame(rows).reindex(columns=UNIT_REPORTS.table.names)
    found = filed_reports(reports, TEN, year=2024, due="2025-03-31", as_of="2025-12-31")
    assert list(found.loc[found["filing"] == "missing", "unit"]) == ["u7", "u8", "u9"]


@pytest.mark.requirement("A7")
def test_a_report_after_the_day_is_late_and_one_after_the_run_is_not_there_yet():
    rows = [{"unit": "u0", "date": "2025-04-01"}, {"unit": "u1", "date": "2026-01-01"}]
    reports = (
        pd.DataFrame(rows)
        .assign(year=2024, title="t", work_plan="no")
        .reindex(columns=UNIT_REPORTS.table.names)
    )
    found = filed_reports(reports, TEN, year=2024, due="2025-03-31", as_of="2025-12-31").set_index(
        "unit"
    )["filing"]
    assert (found["u0"], found["u1"]) == ("late", "missing")


@pytest.mark.requirement("A11")
def test_a_unit_without_a_scheme_is_listed_and_the_latest_version_stands():
    rows = [{"unit": f"u{k}", "version": "1", "date": "2022-09-01", "title": "t"} for k in range(9)]
    rows += [{"unit": "u0", "version": "2", "date": "2024-05-01", "title": "t"}]
    found = filed_schemes(
        pd.DataFrame(rows).reindex(columns=SCHEMES.table.names), TEN, as_of="2025-12-31"
    )
    assert list(found.loc[found["filing"] == "missing", "unit"]) == ["u9"]
    assert tuple(found.iloc[0][["version", "filed_on"]]) == ("2", "2024-05-01")


@pytest.mark.parametrize(
    "contract",
    [
        OPENED,
        ANSWERS,
        RESPONSIBILITY_RECORD,
        SPOT_CHECK_RECORD,
        SELF_EVALUATION,
        APPROVALS,
        SCHEMES,
        UNIT_REPORTS,
    ],
    ids=lambda contract: contract.file,
)
def test_the_records_of_the_demonstration_county_are_marked_and_without_a_fault(contract):
    records = read_records("ruyuan-demo", contract, wdp.load_plan("ruyuan-2021-2030"))
    assert records.problems == () and records.simulated and records.mark.zh == "模拟记录"

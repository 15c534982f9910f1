"""Reading a plan, and what is told of what is wrong in it."""

import csv
import dataclasses

import pytest
from plan_kit import only_problem, replace_text

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError, PlanError, Text
from wdp_lib.plan import Range


def rewrite(folder, file, line, **cells):
    """Change cells of one line of a file, the header being line 1."""
    with (folder / file).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    for column, value in cells.items():
        rows[line - 1][rows[0].index(column)] = value
    with (folder / file).open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


def test_a_sound_folder_becomes_a_plan_in_the_order_of_its_files(tiny_plan):
    assert [indicator.id for indicator in tiny_plan.indicators][:2] == [
        "life_expectancy",
        "maternal_mortality_ratio",
    ]
    assert [len(group) for group in (tiny_plan.goals, tiny_plan.measures, tiny_plan.projects)] == [
        3,
        1,
        1,
    ]
    assert tiny_plan.title == Text("小规划", "Tiny plan")
    assert (tiny_plan.first_year, tiny_plan.last_year, tiny_plan.baseline_year) == (
        2021,
        2030,
        2020,
    )
    assert tiny_plan.note == Text("", "")


def test_an_indicator_carries_its_promise_bounds_and_stratum(tiny_plan):
    indicator = tiny_plan.indicator("screening_coverage")
    assert indicator.target.range() == Range(lower=70)
    assert indicator.target.year == 2030
    assert (indicator.lower_bound, indicator.upper_bound) == (0, 100)
    assert tiny_plan.indicator("life_expectancy").upper_bound == float("inf")
    assert indicator.stratum == {"sex": "female", "age_group": "all", "residence": "all"}
    assert indicator.lead_units == ("health_bureau",)


def test_the_parts_of_a_plan_find_one_another(tiny_plan):
    assert [i.id for i in tiny_plan.indicators_of("H02")] == [
        "maternal_mortality_ratio",
        "screening_coverage",
    ]
    assert tiny_plan.indicators_of("F01") == ()
    assert [m.id for m in tiny_plan.measures_of("H02")] == ["M-H01"]
    assert [g.id for g in tiny_plan.goals_of("health")] == ["H01", "H02"]
    assert tiny_plan.domain(tiny_plan.goal("F01").domain).code == "F"
    assert tiny_plan.unit("health_bureau").name.zh == "卫健局"
    assert tiny_plan.measure("M-H01").indicators == ("screening_coverage",)
    assert tiny_plan.project("P1").name.en == "Health project"


def test_the_catalogue_has_one_row_an_indicator(tiny_plan):
    table = tiny_plan.indicator_table().set_index("indicator")
    assert len(table) == 5
    assert table.loc["screening_coverage", ["goals", "domain", "target_value"]].tolist() == [
        "H02;H01",
        "health",
        70,
    ]
    assert table["target_value"].isna().sum() == 2


def test_a_plan_cannot_be_changed(tiny_plan):
    with pytest.raises(dataclasses.FrozenInstanceError):
        tiny_plan.id = "other"


def test_an_unknown_indicator_is_answered_with_the_closest_one(tiny_plan):
    with pytest.raises(ParameterError) as error:
        tiny_plan.indicator("screning_coverage")
    assert (
        error.value.render("en")
        == "The plan has no indicator 'screning_coverage'. Did you mean screening_coverage?"
    )
    assert (
        error.value.render("zh")
        == "计划中没有指标“screning_coverage”。是否要写 screening_coverage？"
    )


@pytest.mark.parametrize("look_up", ["domain", "unit", "goal", "indicator", "measure", "project"])
def test_every_look_up_refuses_what_the_plan_does_not_have(tiny_plan, look_up):
    with pytest.raises(ParameterError, match="The plan has no .* 'nothing'|计划中没有"):
        getattr(tiny_plan, look_up)("nothing")


@pytest.mark.parametrize("relation", ["goals_of", "indicators_of", "measures_of"])
def test_every_relation_refuses_what_the_plan_does_not_have(tiny_plan, relation):
    with pytest.raises(ParameterError):
        getattr(tiny_plan, relation)("nothing")


@pytest.mark.parametrize(
    "file, line, cells, column, rule",
    [
        ("indicators.csv", 4, {"unit": "percents"}, "unit", "not_allowed"),
        ("indicators.csv", 4, {"target_kind": ">="}, "target_kind", "not_allowed"),
        ("indicators.csv", 4, {"target_value": ""}, "target_value", "missing_target_value"),
        ("indicators.csv", 2, {"target_value": "80"}, "target_value", "target_value_of_nothing"),
        ("indicators.csv", 4, {"target_value": "70%"}, "target_value", "not_a_number"),
        ("indicators.csv", 4, {"target_value": "７０"}, "target_value", "not_a_number"),
        ("indicators.csv", 4, {"target_value": "nan"}, "target_value", "not_a_number"),
        ("indicators.csv", 4, {"target_value": "700"}, "target_value", "target_out_of_bounds"),
        ("indicators.csv", 3, {"indicator": "life_expectancy"}, "indicator", "duplicate"),
        ("indicators.csv", 5, {"tolerance": "-2"}, "tolerance", "negative_tolerance"),
        (
            "indicators.csv",
            4,
            {"tolerance_origin": "stated"},
            "tolerance_origin",
            "origin_of_nothing",
        ),
        (
            "indicators.csv",
            4,
            {"tolerance": "2", "tolerance_origin": "stated"},
            "tolerance",
            "tolerance_of_nothing",
        ),
        ("indicators.csv", 2, {"goals": ""}, "goals", "missing_value"),
        ("indicators.csv", 2, {"goals": "H01;H09"}, "goals", "dangling_reference"),
        ("indicators.csv", 2, {"target_year": "2203"}, "target_year", "target_year"),
        ("indicators.csv", 2, {"target_year": "2030.5"}, "target_year", "not_a_number"),
        ("indicators.csv", 4, {"lower_bound": "100"}, "upper_bound", "bounds_crossed"),
        (
            "indicators.csv",
            4,
            {"direction": "lower_better"},
            "direction",
            "direction_against_target",
        ),
        (
            "indicators.csv",
            3,
            {"direction": "higher_better"},
            "direction",
            "direction_against_target",
        ),
        (
            "indicators.csv",
            6,
            {"reference_indicator": ""},
            "reference_indicator",
            "missing_reference",
        ),
        (
            "indicators.csv",
            6,
            {"reference_indicator": "members"},
            "reference_indicator",
            "dangling_reference",
        ),
        (
            "indicators.csv",
            6,
            {"reference_indicator": "share_female_delegates"},
            "reference_indicator",
            "reference_to_itself",
        ),
        ("indicators.csv", 4, {"lead_units": "health"}, "lead_units", "dangling_reference"),
        ("goals.csv", 4, {"domain": "home"}, "domain", "dangling_reference"),
        ("goals.csv", 4, {"kind": "quantified"}, "kind", "no_number"),
        ("measures.csv", 2, {"goals": "H03"}, "goals", "dangling_reference"),
        ("measures.csv", 2, {"indicators": "screening"}, "indicators", "dangling_reference"),
        ("projects.csv", 2, {"goals": "H03"}, "goals", "dangling_reference"),
        ("commitments.csv", 2, {"project": "P2"}, "project", "dangling_reference"),
        ("commitments.csv", 2, {"indicators": "screening"}, "indicators", "dangling_reference"),
        ("commitments.csv", 2, {"goals": "H03"}, "goals", "dangling_reference"),
        ("commitments.csv", 2, {"value": ""}, "value", "missing_value"),
        ("goals.csv", 2, {"title_zh": "", "title_en": ""}, "title_zh", "missing_value"),
        ("commitments.csv", 2, {"operator": ">="}, "operator", "not_allowed"),
    ],
)
@pytest.mark.requirement("B1")
def test_one_spoilt_cell_is_one_problem_at_its_place(plan_folder, file, line, cells, column, rule):
    rewrite(plan_folder, file, line, **cells)
    problem = only_problem(plan_folder)
    assert (problem.file, problem.row, problem.column, problem.rule) == (file, line, column, rule)


@pytest.mark.parametrize(
    "file, line, cells, zh, en",
    [
        (
            "indicators.csv",
            4,
            {"unit": "percents"},
            "indicators.csv，第 4 行，“unit”列：现为 percents；应为规定用词。是否要写 percent？",
            "indicators.csv, row 4, column unit: found percents; expected one of the defined words. "
            "Did you mean percent?",
        ),
        (
            "indicators.csv",
            4,
            {"target_value": "70%"},
            "indicators.csv，第 4 行，“target_value”列：现为 70%；应为数字。请只写半角数字，单位写在单位列。",
            "indicators.csv, row 4, column target_value: found 70%; expected a number. "
            "Write digits only; the unit has a column of its own.",
        ),
        (
            "measures.csv",
            2,
            {"goals": "H03"},
            "measures.csv，第 2 行，“goals”列：现为 H03；应为goals.csv 中的标识。是否要写 H02？",
            "measures.csv, row 2, column goals: found H03; expected an identifier of goals.csv. Did you mean H02?",
        ),
        (
            "indicators.csv",
            3,
            {"indicator": "life_expectancy"},
            "indicators.csv，第 3 行，“indicator”列：现为 life_expectancy；应为不重复的标识。"
            "第 2 行已用此标识，请改用其他标识。",
            "indicators.csv, row 3, column indicator: found life_expectancy; expected an identifier used once. "
            "Row 2 has it; give this row another.",
        ),
    ],
)
@pytest.mark.requirement("B1")
def test_a_problem_tells_a_clerk_what_to_do(plan_folder, file, line, cells, zh, en):
    rewrite(plan_folder, file, line, **cells)
    problem = only_problem(plan_folder)
    assert (problem.message("zh"), problem.message("en")) == (zh, en)


def test_all_problems_are_listed_at_once_in_the_order_of_the_files(plan_folder):
    rewrite(plan_folder, "commitments.csv", 3, project="P9")
    rewrite(plan_folder, "indicators.csv", 2, unit="yeers", target_value="80")
    replace_text(plan_folder / "plan.yaml", "goals: 3", "goals: 80")
    with pytest.raises(PlanError) as error:
        wdp.load_plan(plan_folder)
    assert error.value.render("en").splitlines() == [
        "The plan tiny was not loaded, it has 4 problems:",
        "  1. plan.yaml, column counts.goals: found 80; expected 3, the number of rows of goals.csv. "
        "Check for lost or extra rows, then correct the count.",
        "  2. indicators.csv, row 2, column unit: found yeers; expected one of the defined words. Did you mean years?",
        "  3. indicators.csv, row 2, column target_value: found 80; expected nothing, as the target kind rise has no "
        "number. Delete the value or change the kind.",
        "  4. commitments.csv, row 3, column project: found P9; expected an identifier of projects.csv. Known: P1.",
    ]
    assert error.value.render("zh").splitlines()[0] == "计划 tiny 有 4 处问题，未能读入："

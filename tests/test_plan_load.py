import csv
import dataclasses

import pytest

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError, PlanError, Text
from wdp_lib.core.home import find_home
from wdp_lib.plan import Range, plan_names

PLANS = find_home() / "data" / "plans"


def rewrite(folder, file, line, **cells):
    """Change cells of one line of a file, the header being line 1."""
    with (folder / file).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    for column, value in cells.items():
        rows[line - 1][rows[0].index(column)] = value
    with (folder / file).open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


def replace_text(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def problems_of(folder):
    with pytest.raises(PlanError) as error:
        wdp.load_plan(folder)
    return error.value.problems


def only_problem(folder):
    problems = problems_of(folder)
    assert [problem.message("en") for problem in problems[1:]] == []
    return problems[0]


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
    assert [c.id for c in tiny_plan.commitments_of("P1")] == ["P1-01", "P1-02"]
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


@pytest.mark.parametrize("relation", ["goals_of", "indicators_of", "measures_of", "commitments_of"])
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


def test_a_misspelt_column_is_named_once_and_not_in_every_row(plan_folder):
    replace_text(plan_folder / "goals.csv", "title_zh", "titel_zh")
    assert [(p.rule, p.row, p.column) for p in problems_of(plan_folder)][:2] == [
        ("missing_column", 1, "title_zh"),
        ("unknown_column", 1, "titel_zh"),
    ]


def test_a_repeated_column_is_refused(plan_folder):
    replace_text(
        plan_folder / "domains.csv", "domain,code,name_zh,name_en", "domain,code,name_zh,code"
    )
    assert [p.rule for p in problems_of(plan_folder)] == ["duplicate_column"]


def test_a_file_without_its_identifiers_does_not_make_every_reference_dangle(plan_folder):
    replace_text(plan_folder / "goals.csv", "goal,", "target,")
    assert [(p.rule, p.column) for p in problems_of(plan_folder)] == [
        ("missing_column", "goal"),
        ("unknown_column", "target"),
    ]


def test_a_row_with_too_many_cells_points_to_the_commas(plan_folder):
    replace_text(plan_folder / "units.csv", "Health Bureau", "Bureau of Health, County")
    problem = only_problem(plan_folder)
    assert problem.message("en") == (
        "units.csv, row 2: found 4 cells; expected 3 cells, as in the header. "
        "Check the commas; text that holds one needs quotes."
    )


def test_rows_count_from_the_line_they_begin_in(plan_folder):
    replace_text(plan_folder / "goals.csv", "statistic,\nH02", 'statistic,"two\nlines"\nH02')
    rewrite_domain = ("H02,health", "H02,home")
    replace_text(plan_folder / "goals.csv", *rewrite_domain)
    assert problems_of(plan_folder)[0].row == 4


def test_empty_rows_are_passed_over(plan_folder):
    with (plan_folder / "units.csv").open("a", encoding="utf-8") as file:
        file.write("\n,,\n")
    assert len(wdp.load_plan(plan_folder).units) == 1


def test_a_byte_order_mark_is_accepted(plan_folder):
    for file in ("plan.yaml", "goals.csv"):
        path = plan_folder / file
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(wdp.load_plan(plan_folder).goals) == 3


def test_a_file_in_gbk_is_told_how_to_be_saved(plan_folder):
    path = plan_folder / "units.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    problems = problems_of(plan_folder)
    assert problems[0].message("zh") == (
        "units.csv：现为 GBK 编码；应为UTF-8 编码。请用 Excel 或 WPS 另存为“CSV UTF-8（逗号分隔）”。"
    )
    assert [p.rule for p in problems] == ["not_utf8"]


def test_bytes_that_are_no_text_are_refused(plan_folder):
    (plan_folder / "units.csv").write_bytes(b"PK\x03\x04\xff\xff\x00\x81")
    assert only_problem(plan_folder).found.en == "an unknown encoding"


@pytest.mark.parametrize("file", ["plan.yaml", "goals.csv"])
def test_a_missing_file_is_named(plan_folder, file):
    (plan_folder / file).unlink()
    problems = [p for p in problems_of(plan_folder) if p.rule == "missing_file"]
    assert [p.file for p in problems] == [file]


def test_an_empty_file_is_named(plan_folder):
    (plan_folder / "units.csv").write_bytes(b"")
    assert [(p.file, p.rule) for p in problems_of(plan_folder)] == [("units.csv", "empty_file")]


def test_an_open_quotation_mark_is_named(plan_folder):
    replace_text(plan_folder / "units.csv", "卫健局", '"卫健局')
    assert [p.rule for p in problems_of(plan_folder) if p.file == "units.csv"][0] == "broken_quotes"


@pytest.mark.parametrize(
    "old, new, column, rule",
    [
        ("first_year: 2021\n", "", "first_year", "missing_value"),
        ("first_year: 2021", "first_year: soon", "first_year", "not_allowed"),
        (
            "baseline_origin: suggested",
            "baseline_origin: guessed",
            "baseline_origin",
            "not_allowed",
        ),
        ("title: {zh: 小规划, en: Tiny plan}", "title: []", "title", "not_allowed"),
        ("en: A county", 'en: ""', "area_name", "not_allowed"),
        ("last_year: 2030", "last_year: 2012", "last_year", "years_crossed"),
        ("baseline_year: 2020", "baseline_year: 2030", "baseline_year", "years_crossed"),
        ("id: tiny", "id: tidy", "id", "id_not_folder"),
        ("area: county", "area: county\nregion: x", "region", "unknown_key"),
        ("commitments: 2}", "commitments: 2, units: 1}", "counts", "not_allowed"),
        ("measures: 1", "measures: 2", "counts.measures", "wrong_count"),
    ],
)
def test_a_fault_in_plan_yaml_is_named(plan_folder, old, new, column, rule):
    replace_text(plan_folder / "plan.yaml", old, new)
    problems = [p for p in problems_of(plan_folder) if p.file == "plan.yaml"]
    assert (column, rule) in [(p.column, p.rule) for p in problems]
    assert len(problems) <= 2


def test_a_key_given_twice_in_plan_yaml_is_refused(plan_folder):
    replace_text(plan_folder / "plan.yaml", "last_year: 2030", "last_year: 2030\nfirst_year: 2022")
    problem = only_problem(plan_folder)
    assert (problem.file, problem.row, problem.rule) == ("plan.yaml", 7, "not_yaml")
    assert "first_year" in problem.found.en


def test_an_unknown_plan_is_answered_with_the_closest_one(plan_folder):
    home = plan_folder.parent / "home"
    (home / "data" / "plans").mkdir(parents=True)
    plan_folder.rename(home / "data" / "plans" / "tiny")
    assert plan_names(home) == ["tiny"]
    assert wdp.load_plan("tiny", home=home).id == "tiny"
    with pytest.raises(PlanError) as error:
        wdp.load_plan("tinny", home=home)
    assert error.value.render("en") == "There is no plan 'tinny'. Did you mean tiny?"
    assert error.value.render("zh") == "没有名为“tinny”的计划。是否要写 tiny？"


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(PlanError):
        wdp.load_plan(tmp_path / "nowhere")


def test_the_plan_of_the_county_is_complete():
    plan = wdp.load_plan("ruyuan-2021-2030")
    assert [len(group) for group in (plan.domains, plan.goals, plan.indicators, plan.measures)] == [
        8,
        80,
        176,
        86,
    ]
    assert [len(group) for group in (plan.projects, plan.commitments)] == [8, 28]


@pytest.mark.parametrize("name", sorted(path.parent.name for path in PLANS.glob("*/plan.yaml")))
def test_every_promise_of_the_project_has_a_range_or_a_reason(name):
    for indicator in wdp.load_plan(name).indicators:
        target = indicator.target
        assert (target.range(baseline=50.0, reference=50.0) is None) == (
            target.kind == "monitor_only"
        )
        assert target.text("zh") and target.text("en")

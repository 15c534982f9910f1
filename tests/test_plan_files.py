"""Files of a plan that are damaged, in another encoding, or missing; the plans of the project."""

import pytest
from plan_kit import only_problem, problems_of, replace_text

import wdp_lib as wdp
from wdp_lib.core.errors import PlanError
from wdp_lib.core.home import find_home
from wdp_lib.plan import plan_names

PLANS = find_home() / "data" / "plans"


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

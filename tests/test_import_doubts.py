"""Tables whose figures are not what they look like: asked, or read as what they are, never taken as plain values."""

import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.data_kit import PLAN, make_dataset
from tests.tables_kit import AREAS, MEANINGS, figures, laid
from wdp_lib.core.errors import DataError
from wdp_lib.data.dataset import read_dataset
from wdp_lib.data.read.grids import parse_grids, read_grids
from wdp_lib.data.tables import Meanings, lay_out

BOOKS = Path(__file__).parent / "books"
YEARS = ["指标", "2020年", "2021年"]
SCREENED = ["宫颈癌筛查率", 60.5, 61]
TOWNS = ["乡镇", "2020年", "2021年"]


def book(*rows, formats=(), merged=(), hidden=()):
    """The sheet of a workbook as it is read, and what it is understood to say."""
    made = Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    for cell, shown in formats:
        sheet[cell].number_format = shown
    for block in merged:
        sheet.merge_cells(block)
    for column in hidden:
        sheet.column_dimensions[column].hidden = True
    stream = io.BytesIO()
    made.save(stream)
    (grid,) = parse_grids(stream.getvalue(), "t.xlsx")
    return lay_out(grid, MEANINGS, PLAN.area)


@pytest.mark.parametrize(
    "title",
    [
        "2021年宫颈癌筛查率目标任务分解表",
        "主要指标年度目标分解表",
        "2021年工作计划表",
        "宫颈癌筛查率同比增减",
        "主要指标预测表",
        "各镇宫颈癌筛查率排名表",
        "2011—2021年累计宫颈癌筛查率",
    ],
)
def test_a_title_that_speaks_of_something_else_than_the_figures_of_a_year_is_asked(title):
    one = laid([[title], YEARS, SCREENED])
    assert one.table.empty and [p.rule for p in one.problems] == ["unplaced"]
    assert "表名" in one.problems[0].message("zh")
    known = Meanings(PLAN, AREAS, {title: "数值"})  # the user says that they are values
    assert len(laid([[title], YEARS, SCREENED], meanings=known).table) == 2


@pytest.mark.parametrize("sheet", ["目标", "同比", "排名"])
def test_so_is_the_name_of_a_sheet(sheet):
    assert laid([YEARS, SCREENED], sheet).table.empty


@pytest.mark.parametrize(
    "title",
    ["规划目标完成情况", "主要目标统计监测表", "计划生育服务", "2021年目标任务进展", "免疫规划"],
)
def test_what_became_of_targets_are_figures(title):
    assert len(laid([[title], YEARS, SCREENED]).table) == 2


def test_a_title_of_two_matters_with_a_column_for_each_is_no_doubt():
    rows = [["宫颈癌筛查率及同比增减"], [*YEARS, "同比"], [*SCREENED, 0.8]]
    assert [f[3] for f in figures(laid(rows))] == ["60.5", "61"]


@pytest.mark.parametrize(
    ("title", "group"),
    [
        ("农村宫颈癌筛查率", ("", "rural")),
        ("各镇男童毛入学率", ("male", "")),
        ("各镇毛入学率（女）", ("female", "")),
        ("2020—2021年全县毛入学率", ("", "")),
    ],
)
def test_the_group_beside_the_name_of_the_indicator_is_that_of_the_figures(title, group):
    one = laid([[title], TOWNS, ["东镇", 55, 56]])
    assert set(figures(one, "sex", "residence")) == {group}


def test_two_indicators_in_a_title_are_asked_and_not_the_longer_name_taken():
    one = laid([["各镇宫颈癌筛查率和毛入学率"], TOWNS, ["东镇", 55, 56]])
    assert one.table.empty and [p.rule for p in one.problems] == ["unplaced"]


@pytest.mark.parametrize("title", ["2021年全国妇女发展主要指标", "2021年全省妇女发展主要指标"])
def test_figures_of_the_country_or_the_province_are_not_ours(title):
    one = laid([[title], ["指标", "2021年"], ["毛入学率", 96]])
    assert one.table.empty and [p.rule for p in one.problems] == ["unplaced_label"]


def test_the_unit_and_the_state_of_a_title_hold_for_its_figures():
    one = laid([["2021年毛入学率（‰）快报"], ["乡镇", "数值"], ["东镇", 961]])
    assert figures(one, "value", "unit", "status") == [("961", "‰", "快报")]


def test_a_row_of_units_below_the_headings_is_one():
    one = laid([["年份", "宫颈癌筛查率", "毛入学率"], ["", "%", "‰"], ["2021年", 55, 961]])
    assert figures(one, "value", "unit") == [("55", "%"), ("961", "‰")]


def test_this_year_and_the_same_time_last_year_count_from_the_year_of_the_title():
    rows = [["指标", "本年", "上年同期"], ["毛入学率", 96.2, 95.1]]
    assert [f[2:] for f in figures(laid([["2021年教育情况"], *rows]))] == [
        ("2020", "95.1"),
        ("2021", "96.2"),
    ]
    for title in ("教育情况", "2021年1—6月教育情况"):
        one = laid([[title], *rows])
        assert one.table.empty and [p.rule for p in one.problems] == ["unplaced"]


def test_the_area_of_a_sheet_stands_within_its_name():
    assert set(laid([YEARS, SCREENED], "东镇2021").table["area"]) == {"east"}


def test_a_row_of_what_nobody_knows_is_not_that_of_the_whole():
    one = laid([["东镇各村宫颈癌筛查率"], ["村", *TOWNS[1:]], ["甲村", 5, 6], ["合计", 55, 56]])
    assert figures(one, "area", "value") == [("east", "55"), ("east", "56")]
    assert [p.rule for p in one.problems] == ["unplaced_label"]


def test_columns_left_out_are_told():
    one = laid([["指标", "2021年", "全省", "2030年目标"], ["毛入学率", 96, 97, 98]])
    assert any("全省" in line.zh and "2030年目标" in line.zh for line in one.told)


class TestAWorkbook:
    def test_a_number_merged_over_two_rows_or_columns_is_of_neither(self):
        heads = ["乡镇", "宫颈癌筛查率（2021年）", "毛入学率（2021年）"]
        down = book(heads, ["东镇", 55, 91], ["西镇", None, 92], merged=["B2:B3"])
        assert [f[3] for f in figures(down)] == ["91", "92"]
        assert [p.rule for p in down.problems] == ["unplaced"]
        across = book(YEARS, ["毛入学率", 95, None], ["宫颈癌筛查率", 60, 61], merged=["B2:C2"])
        assert [f[0] for f in figures(across)] == ["screening", "screening"]
        assert [p.rule for p in across.problems] == ["unplaced"]

    def test_a_label_merged_over_rows_holds_for_each(self):
        one = book(
            ["地区", *YEARS], ["东镇", *SCREENED], [None, "毛入学率", 95, 96], merged=["A2:A3"]
        )
        assert {f[1] for f in figures(one)} == {"east"} and len(one.table) == 4

    @pytest.mark.parametrize(
        ("value", "shown", "read"),
        [
            (0.645, "0.0%", "64.5%"),
            (1.2, '0.0"万人"', "1.2万人"),
            (10.3, "0.0‰", "10.3‰"),
            (12000, '0!.0,"万"', "12000"),  # scaled only to be shown
            (45, '"约"0', "约45"),
            (-12.5, "0.0;(0.0)", "-12.5"),
            (1234.5, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "1234.5"),
            (88, '"¥"#,##0.00', "88"),
            (62, '0"（预计）"', "62（预计）"),
            (7, 'General"人"', "7人"),
        ],
    )
    def test_a_figure_is_read_with_the_unit_that_its_format_shows(self, value, shown, read):
        one = book(["指标", "2021年"], ["参保人数", value], formats=[("B2", shown)])
        assert [f[3] for f in figures(one)] == [read]

    def test_hidden_columns_are_read_and_told(self):
        one = book(["指标", "2019年", "2020年"], ["毛入学率", 1, 95], hidden=["B"])
        assert len(one.table) == 2 and any(
            "隐藏" in line.zh and "B" in line.zh for line in one.told
        )


@pytest.mark.parametrize(
    "where",
    ["all_rows: {{area: 某县, {rest}}}", "files: [{{file: health.csv, area: 某县, {rest}}}]"],
)
def test_the_area_of_a_folder_or_a_file_is_said_once(tmp_path, where):
    folder = make_dataset(tmp_path, health="指标,年份,数值\n宫颈癌筛查率,2020,60.5\n")
    path = folder / "dataset.yaml"
    kept = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("files")]
    listed = [] if where.startswith("files") else ["files: [health.csv]"]
    said = where.format(rest="status: 最终数, as_of: 2021-03-31, source: 年报")
    path.write_text("\n".join([*kept, *listed, said]), "utf-8")
    rows = read_dataset(folder, PLAN, as_of="2026-06-30").observations
    assert rows[["area", "value"]].to_numpy().tolist() == [["county", 60.5]]


def test_a_name_left_out_is_asked_where_each_row_names_its_own():
    head = ["指标", "地区", "年份", "数值"]
    rows = [[name, "某县", year, 60.5] for year, name in ((2020, "宫颈癌筛查率"), (2021, ""))]
    below = figures(laid([head, *rows]))  # written once and merged: it holds for the rows below
    assert [year for _, _, year, _ in below] == ["2020", "2021"]
    one = laid([head, ["宫颈癌筛查率", "某县", 2019, 59], *rows])
    assert [year for _, _, year, _ in figures(one)] == ["2019", "2020"]
    assert [p.rule for p in one.problems] == ["unplaced"]


@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_workbooks_of_old_excel_and_opendocument_are_read_as_they_show(ending):
    """Written by LibreOffice: per cent, unit in the format, a date, merged and hidden cells, a formula."""
    (grid,) = read_grids(BOOKS / f"health.{ending}")  # the hidden sheet is left aside
    assert grid.rows[1:] == [
        ["地区", "宫颈癌筛查率", "毛入学率（%）", "填报日期"],
        ["东镇", "60.5%", "95.1", "2022-03-31"],
        ["西镇", "61%", "96.2", "97.2"],
        ["西镇", "1.2万人", "97", ""],
    ]
    assert grid.hidden == (5, "D") and (4, 0) in grid.merged and (0, 3) in grid.merged


def test_an_opendocument_bomb_is_too_large_and_a_damaged_one_is_told(tmp_path):
    whole = zipfile.ZipFile(BOOKS / "health.ods")
    content = whole.read("content.xml").decode()
    for text, rule in (
        (
            content.replace(
                'value="95.1"', 'value="95.1" table:number-columns-repeated="999999999"'
            ),
            "too_large",
        ),
        (content[:-200], "damaged_workbook"),
    ):
        path = tmp_path / f"{rule}.ods"
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("mimetype", whole.read("mimetype"))
            packed.writestr("content.xml", text)
        with pytest.raises(DataError) as caught:
            read_grids(path)
        assert [p.rule for p in caught.value.problems] == [rule]


def test_so_is_one_in_front_where_a_name_comes_back():
    rows = [["2022", "东镇", 60.4], ["2021", "西镇", 71], ["2022", "西镇", 64.6], ["", "某县", 63]]
    one = laid([["年份", "地区", "毛入学率"], *rows])
    assert {area for _, area, *_ in figures(one)} == {"east", "west"} and len(one.problems) == 1


def test_a_row_without_an_area_is_asked_where_the_others_name_theirs():
    head = ["指标", "地区", "年份", "数值"]
    rows = [["宫颈癌筛查率", area, 2020, 60.5] for area in ("西镇", "西镇", "")]
    rows = [[*row[:2], year, row[3]] for row, year in zip(rows, (2019, 2020, 2021), strict=True)]
    one = laid([head, *rows])
    assert [area for _, area, *_ in figures(one)] == ["west", "west"]
    assert [p.rule for p in one.problems] == ["unplaced"]
    whole = laid([YEARS, SCREENED, ["其中：东镇", 70.5, 71]])  # no column of areas: the whole's own
    assert {area for _, area, *_ in figures(whole)} == {"county", "east"}


def test_a_year_left_out_behind_a_name_is_asked():
    head = ["指标", "地区", "数值", ""]
    rows = [["毛入学率", "东镇", 66.6, 2021], ["毛入学率", "西镇", 55.5, ""]]
    one = laid([head, *rows])
    assert [area for _, area, *_ in figures(one)] == ["east"] and len(one.problems) == 1


def test_a_row_of_the_table_is_no_heading_where_the_headings_are_damaged():
    head = ["?值", "地?", "年?", "指?"]
    rows = [
        [v, "东镇", y, "毛入学率"] for v, y in (("76.2", "2017"), ("60.4", "2020年"), ("21", 21))
    ]
    assert laid([head, *rows]).table.empty

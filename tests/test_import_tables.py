"""Tables as departments send them are understood, whatever their layout, and no figure is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data_kit import PLAN
from tests.tables_kit import AREAS, MEANINGS, figures, laid
from wdp_lib.data.tables import Grid, Meanings, long_table


def test_the_whole_county_is_the_area_of_the_plan_and_the_whole_province_is_not():
    assert MEANINGS.of("全县") == MEANINGS.of("本县") == {"area": "county"}
    assert "area" not in MEANINGS.of("全省")


EXPECTED = [
    ("enrolment", "county", "2020", "95.1"),
    ("enrolment", "county", "2021", "96.2"),
    ("screening", "county", "2020", "60.5"),
    ("screening", "county", "2021", "—"),
]
LAYOUTS = {
    "indicator by year": [
        ["附件1 完成情况表"],
        ["序号", "指标名称", "计量单位", "2020年", "2021年", "备注"],
        [1, "宫颈癌筛查率", "%", "60.5", "—", ""],
        [2, "毛入学率", "%", "95.1", "96.2", "学年"],
        ["注：—表示没有数据"],
    ],
    "year by indicator": [
        ["年份", "宫颈癌筛查率（%）", "毛入学率（%）"],
        [2020, 60.5, 95.1],
        [2021, "—", 96.2],
    ],
    "year by indicator, without a heading for the years": [
        ["", "宫颈癌筛查率", "毛入学率"],
        ["2020年度", 60.5, 95.1],
        ["2021年度", "—", 96.2],
    ],
    "long": [
        ["指标", "年份", "数值"],
        ["宫颈癌筛查率", 2020, 60.5],
        ["宫颈癌筛查率", 2021, "—"],
        ["毛入学率", 2020, 95.1],
        ["毛入学率", 2021, 96.2],
    ],
    "years once, then lost merges": [
        ["指标", "年份", "数值"],
        ["宫颈癌筛查率", 2020, 60.5],
        ["", 2021, "—"],
        ["毛入学率", 2020, 95.1],
        ["", 2021, 96.2],
    ],
    "long, in the words of a department": [
        ["项目", "统计年度", "完成值", "计算单位", "资料来源", "填报日期"],
        ["宫颈癌筛查率", "2020年", 60.5, "%", "妇幼年报", "2021.3.31"],
        ["宫颈癌筛查率", "2021年", "—", "%", "妇幼年报", "2022.3.31"],
        ["毛入学率", "2020年", 95.1, "%", "教育年报", "2021.3.31"],
        ["毛入学率", "2021年", 96.2, "%", "教育年报", "2022.3.31"],
    ],
    "units after a stroke, years in full and of an earlier plan": [
        ["指标", "“十三五”末（2020年）", "2021年全年"],
        ["宫颈癌筛查率/%", 60.5, "—"],
        ["毛入学率／%", 95.1, 96.2],
    ],
    "the word for years above the years": [
        ["指标", "年份", "年份"],
        ["指标", "2020", "2021"],
        ["宫颈癌筛查率", 60.5, "—"],
        ["毛入学率", 95.1, 96.2],
    ],
    "tables below each other, of other years": [
        ["一、健康"],
        ["指标", "2020年①", "2021年末"],
        ["宫颈癌筛查率*", 60.5, "—"],
        ["注：①为抽样调查。西镇未报。"],
        ["二、教育"],
        ["指标", "2021年1—12月", "二〇二〇年"],
        ["② 毛入学率%", 96.2, 95.1],
        ["负责人：张三", "填表人：李四", "2022年1月5日"],
    ],
    "tables beside each other": [
        ["", "完成情况", "", "", "", "", ""],
        ["指标", "2020年", "2021年", "", "指标", "2020年", "2021年"],
        ["宫颈癌筛查率", 60.5, "—", "", "毛入学率", 95.1, 96.2],
    ],
    "the same headings under titles": [
        ["表1 宫颈癌筛查率", "", ""],
        ["地区", "2020年", "2021年"],
        ["某县", 60.5, "—"],
        ["表2 毛入学率", "", ""],
        ["地区", "2020年", "2021年"],
        ["某县", 95.1, 96.2],
    ],
    "targets and plans beside what was done": [
        ["指标", "2020年（基期）", "2021年", "", "", "2030年目标"],
        ["", "", "计划数", "实际", "增长率", ""],
        ["宫颈癌筛查率", 60.5, 70, "—", "", 95],
        ["毛入学率", 95.1, 96, 96.2, "1.2%", 98],
    ],
    "two storeys of headings": [
        ["地区", "宫颈癌筛查率", "", "毛入学率", ""],
        ["", "2020年", "2021年", "2020年", "2021年"],
        ["某县", 60.5, "—", 95.1, 96.2],
    ],
}


@pytest.mark.parametrize("rows", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_gives_the_same_figures(rows):
    one = laid(rows)
    assert figures(one) == EXPECTED
    assert {problem.rule for problem in one.problems} <= {"column_left_aside"}


@pytest.mark.parametrize(
    "title",
    ["2021年上半年", "截至2021年6月", "2021年1-9月", "2020、2021年", "2021年三季度", "2011—2020年"],
)
def test_a_part_of_a_year_or_two_years_in_a_title_are_no_year(title):
    one = laid([[f"{title}妇女健康情况"], ["指标", "数值"], ["宫颈癌筛查率", 40]])
    assert [p.rule for p in one.problems] == ["unplaced"] and one.table.empty


@pytest.mark.parametrize("title", ["2021年", "截至2021年12月", "规划（2021—2030年）2021年度"])
def test_a_year_in_a_title_is_that_of_the_table(title):
    one = laid([[f"{title}妇女健康情况"], ["指标", "数值"], ["宫颈癌筛查率", 60.5]])
    assert figures(one) == [("screening", "county", "2021", "60.5")]


@pytest.mark.parametrize(
    "place", ["邻县", "全州县", "2021年乐昌市", "附件2：全市", "北山自治州", "江北区"]
)
def test_figures_under_the_name_of_a_place_that_is_not_ours_are_asked(place):
    one = laid([[f"{place}妇女健康情况"], ["指标", "2020年"], ["宫颈癌筛查率", 85]])
    assert [p.rule for p in one.problems] == ["unplaced_label"] and one.table.empty
    assert laid([["指标", "2020年"], ["宫颈癌筛查率", 85]], place).table.empty


@pytest.mark.parametrize(
    "title",
    [
        "全县",
        "某县",
        "各县区",
        "某省妇女发展规划",
        "城市社区",
        "监测地区",
        "历年全县",
        "我县",
        "分市县",
    ],
)
def test_a_title_that_names_no_other_place_leaves_the_figures_to_our_area(title):
    one = laid([[f"{title}妇女健康情况"], ["指标", "2020年"], ["宫颈癌筛查率", 85]])
    assert figures(one) == [("screening", "county", "2020", "85")]


@pytest.mark.parametrize(
    "word", ["计划完成", "应完成数", "完成率", "目标", "预计", "上半年", "比上年增长"]
)
def test_what_a_year_was_to_be_is_no_figure_of_it(word):
    for label in (f"2021年{word}", f"{word}（2021年）"):
        means = MEANINGS.of(label)
        assert "year" not in means or means["column"] == "-"


@pytest.mark.parametrize("word", ["完成", "实际完成", "（基期）", "完成情况", "基期值"])
def test_what_a_year_was_is_its_figure(word):
    assert MEANINGS.of(f"2021年{word}")["year"] == "2021"


def test_counts_and_rate_in_rows_of_their_own_are_one_row():
    rows = [
        ["指标", "统计项", "2020年", "2021年"],
        ["宫颈癌筛查率", "分子", 121, 130],
        ["", "分母", 200, 200],
        ["", "数值", 60.5, 65],
    ]
    parts = ("year", "value", "numerator", "denominator")
    assert figures(laid(rows), *parts) == [
        ("2020", "60.5", "121", "200"),
        ("2021", "65", "130", "200"),
    ]


def test_areas_down_and_years_across_take_the_indicator_from_the_title():
    one = laid(
        [
            ["各镇宫颈癌筛查率（2020—2021年）"],
            ["单位：%", "", "填报时间：2022年3月1日"],
            ["乡镇", "2020年", "2021年"],
            ["东镇", 55, 56],
            ["西镇", 65, 66],
        ]
    )
    assert figures(one) == [
        ("screening", "east", "2020", "55"),
        ("screening", "east", "2021", "56"),
        ("screening", "west", "2020", "65"),
        ("screening", "west", "2021", "66"),
    ]
    assert set(one.table["unit"]) == {"%"} and set(one.table["as_of"]) == {"2022-03-01"}


def test_one_sheet_a_year_takes_the_year_from_the_sheet():
    rows = [["地区", "宫颈癌筛查率", "毛入学率"], ["东镇", 55, 91], ["西镇", 65, 92]]
    both = [laid(rows, "2020年"), laid(rows, "2021年")]
    assert [set(one.table["year"]) for one in both] == [{"2020"}, {"2021"}]
    assert figures(both[0])[0] == ("enrolment", "east", "2020", "91")


def test_the_area_of_a_sheet_may_be_its_name():
    one = laid([["指标", "2020年", "2021年"], ["毛入学率", 1, 2]], "东镇")
    assert set(one.table["area"]) == {"east"}


def test_women_and_men_stand_under_a_year_in_two_storeys():
    one = laid(
        [
            ["指标", "2020年", "", "", "2021年", "", ""],
            ["", "合计", "男", "女", "合计", "男", "女"],
            ["毛入学率", 95, 94, 96, 97, 98, 99],
        ]
    )
    assert figures(one, "year", "sex", "value") == [
        ("2020", "", "95"),
        ("2020", "female", "96"),
        ("2020", "male", "94"),
        ("2021", "", "97"),
        ("2021", "female", "99"),
        ("2021", "male", "98"),
    ]


def test_of_which_women_keeps_the_indicator_above():
    one = laid([["指标", "2020年", "2021年"], ["毛入学率", 95, 96], ["其中：女", 94, 95]])
    assert figures(one, "indicator", "sex", "year", "value")[2:] == [
        ("enrolment", "female", "2020", "94"),
        ("enrolment", "female", "2021", "95"),
    ]


def test_counts_and_rate_of_one_year_are_one_row():
    one = laid(
        [
            ["地区", "2020年", "", ""],
            ["", "分子", "分母", "数值"],
            ["东镇", 55, 100, 55.0],
            ["西镇", 65, 100, 65.0],
        ],
        "宫颈癌筛查率",
    )
    assert figures(one, "area", "year", "numerator", "denominator", "value") == [
        ("east", "2020", "55", "100", "55.0"),
        ("west", "2020", "65", "100", "65.0"),
    ]


def test_a_label_that_is_not_known_is_told_with_near_names_and_its_figures_left_out():
    one = laid([["指标", "2020年", "2021年"], ["宫颈癌筛査率", 1, 2], ["毛入学率", 3, 4]])
    (told,) = one.problems
    assert (
        told.rule == "unplaced_label"
        and "宫颈癌筛查率" in told.advice.zh
        and "2" in told.message("zh")
    )
    assert len(one.table) == 2


def test_the_file_of_names_says_what_a_label_means_and_what_to_leave_out():
    names = {"两癌筛查": "宫颈癌筛查率", "平均数": "-"}
    rows = [["指标", "2020年", "2021年"], ["两癌筛查", 1, 2], ["平均数", 3, 4]]
    one = laid(rows, meanings=Meanings(PLAN, AREAS, names))
    assert figures(one) == [
        ("screening", "county", "2020", "1"),
        ("screening", "county", "2021", "2"),
    ]
    assert not one.problems


def test_figures_of_no_year_are_told_not_guessed():
    one = laid([["地区", "宫颈癌筛查率", "毛入学率"], ["东镇", 55, 91]])
    assert one.table.empty
    assert [p.rule for p in one.problems] == ["unplaced"]


def test_a_sheet_without_headings_is_told():
    one = laid([["随便", "写写"], ["没有", "表"]])
    assert one.table.empty and [p.rule for p in one.problems] == ["no_headings"]


def test_headings_printed_once_more_are_no_figures():
    head = ["指标", "2020年", "2021年"]
    one = laid([head, ["毛入学率", 95, 96], head, ["宫颈癌筛查率", 60, 61]])
    assert len(one.table) == 4 and not one.problems


CELL = st.sampled_from(
    [
        "",
        "指标",
        "地区",
        "2020年",
        "2021",
        "男",
        "合计",
        "毛入学率",
        "东镇",
        "1.5",
        "—",
        "数值",
        "备注",
        "x",
        "=1",
        "分子",
    ]
)


@given(st.lists(st.lists(CELL, min_size=1, max_size=6), min_size=1, max_size=8))
def test_any_sheet_is_laid_out_without_a_false_figure(rows):
    one = laid(rows)
    cells = {cell for row in rows for cell in row}
    assert set(one.table["value"]) <= cells | {""}
    assert (one.table[["indicator", "area", "year"]] != "").all(axis=None)
    assert set(one.table["year"]) <= {"2020", "2021"}


def test_the_long_table_has_the_headings_of_a_return_and_what_was_given():
    grid = Grid("t.xlsx", "表", [])
    one = laid(LAYOUTS["indicator by year"])
    table = long_table([(grid, one)], MEANINGS, as_of="2022-01-01", source="年报")
    assert list(table.columns[:4]) == ["指标", "地区", "年份", "数值"]
    assert set(table["可知日期"]) == {"2022-01-01"}
    assert table["来源地址"][0].startswith("t.xlsx ")


def test_of_two_columns_that_say_the_same_neither_is_believed():
    one = laid(
        [["指标", "年份", "数值", "数值"], ["毛入学率", 2020, 95, 96], ["毛入学率", 2021, "", 97]]
    )
    assert figures(one) == []  # nor where only one of them is filled
    assert [(cell, text, p.rule) for cell, text, p in one.unplaced] == [
        ("C2", "95", "duplicate_column"),
        ("D2", "96", "duplicate_column"),
        ("D3", "97", "duplicate_column"),
    ]

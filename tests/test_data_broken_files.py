"""Ten kinds of broken file: a message a clerk can act on, the good rows survive, nothing is lost."""

import io

import openpyxl
import pytest
from data_kit import GOOD, only, read, returned, row, values, workbook

from wdp_lib.core.errors import DataError

CHINESE = (
    "指标,地区,年份,数值,状态,可知日期,来源\n宫颈癌筛查率,某县,2021,60.5,最终,2022-02-15,报表\n"
)


def test_a_gbk_file_is_read_and_the_clerk_is_told(tmp_path):
    dataset = read(tmp_path, health=CHINESE.encode("gbk"))
    problem = only(dataset.problems, "encoding")
    assert values(dataset) == {2021: 60.5}
    assert problem.severity == "warn"
    assert problem.message("zh") == (
        "health.csv：现为 GBK/GB18030 编码；应为UTF-8 编码。"
        "已按该编码读入；请核对汉字有无乱码，下次请另存为“CSV UTF-8（逗号分隔）”。"
    )
    assert problem.message("en") == (
        "health.csv: found the encoding GBK/GB18030; expected UTF-8. It was read in that encoding: "
        'check that the Chinese text is right, and next time save as "CSV UTF-8".'
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_utf16_file_is_read_and_the_clerk_is_told(tmp_path, encoding):
    dataset = read(tmp_path, health=returned(GOOD).encode(encoding))
    assert values(dataset) == {2021: 60.5}
    assert only(dataset.problems, "encoding").found.en == "the encoding UTF-16"


def test_a_gbk_file_whose_only_chinese_word_is_also_valid_utf8_is_known_as_gbk(tmp_path):
    text = "indicator,area,year,sex,value,status,as_of,source\nscreening,county,2021,女,60.5,final,2022-02-15,x\n"
    text.encode("gbk").decode("utf-8")
    dataset = read(tmp_path, health=text.encode("gbk"))
    assert values(dataset) == {2021: 60.5}
    assert only(dataset.problems, "encoding")


def test_a_gbk_line_within_a_utf8_file_is_read_and_a_line_of_noise_is_rejected(tmp_path):
    lines = [CHINESE.encode("utf-8")]
    lines += [
        f"宫颈癌筛查率,某县,{year},61,最终,2024-02-15,报表\n".encode() for year in (2020, 2022)
    ]
    lines += ["宫颈癌筛查率,某县,2023,62,最终,2024-02-15,报表\n".encode("gbk")]
    lines += [b"\xff\xff\xfe,county,2019,62,final,2024-02-15,x\n"]
    dataset = read(tmp_path, health=b"".join(lines))
    assert values(dataset) == {2020: 61, 2021: 60.5, 2022: 61, 2023: 62}
    assert only(dataset.problems, "encoding").row == 5
    assert only(dataset.problems, "undecodable").row == 6
    assert dataset.counts["rejected"] == 1


def test_a_byte_order_mark_is_no_problem(tmp_path):
    dataset = read(tmp_path, health=CHINESE.encode("utf-8-sig"))
    assert values(dataset) == {2021: 60.5}
    assert [p.rule for p in dataset.problems] == ["missing_latest"]


def test_a_missing_column_stops_the_file_and_the_other_files_go_on(tmp_path):
    dataset = read(tmp_path, bad=CHINESE.replace("数值", "数 直"), good=returned(GOOD))
    problem = only(dataset.problems, "missing_column")
    assert values(dataset) == {2021: 60.5}
    assert problem.message("zh") == (
        "bad.csv：现为 缺少“数值”（value）列；应为表头含有此列。“数 直”是否就是这一列？请改为“数值”。"
    )
    assert dataset.rejected[["file", "rule"]].to_numpy().tolist() == [["bad.csv", "missing_column"]]


def test_a_title_above_the_header_is_explained(tmp_path):
    with pytest.raises(DataError) as error:
        read(tmp_path, health="2021年统计报表,,,,,,\n" + CHINESE)
    assert "表头须在第一行，上方不要有标题" in error.value.render("zh")
    assert "the header must be the first line, without a title above" in error.value.render("en")


@pytest.mark.parametrize(
    ("written", "advice_zh", "advice_en"),
    [
        (
            "约95",
            "如为估计数，请只填数字，并在“状态”列写“估计”",
            "for an estimate write the number only",
        ),
        ("无", "确为零请填 0。", "write 0 if it is zero"),
        ("95倪", "请只填数字，文字说明请移到“备注”列。", "move any remark to the column note"),
        ('"95,3"', "请只填数字", "Write the number only"),
    ],
)
def test_text_in_a_number_rejects_the_row_and_says_what_to_write(
    tmp_path, written, advice_zh, advice_en
):
    dataset = read(tmp_path, health=returned(GOOD, row(2022, written)))
    problem = only(dataset.problems, "text_in_number")
    assert values(dataset) == {2021: 60.5}
    assert (problem.row, problem.column) == (3, "value")
    assert advice_zh in problem.message("zh")
    assert advice_en in problem.message("en")


def test_the_whole_message_for_text_in_a_number(tmp_path):
    problem = only(
        read(tmp_path, health=returned(GOOD, row(2022, "无"))).problems, "text_in_number"
    )
    assert problem.message("zh") == (
        "health.csv，第 3 行，“value”列：现为 无；应为数字（如 95.3）；没有数据时留空。"
        "没有数据请把单元格留空；确为零请填 0。"
    )
    assert problem.message("en") == (
        "health.csv, row 3, column value: found 无; expected a number such as 95.3, or an empty cell where there is no "
        "figure. Leave the cell empty if there is no figure; write 0 if it is zero."
    )


def test_full_width_digits_and_percent_are_read_and_listed(tmp_path):
    dataset = read(
        tmp_path,
        health=returned(row("2021", "９５.３％"), row(2022, "96.1%"), row(2023, '"1,096.1"')),
    )
    assert values(dataset) == {2021: 95.3, 2022: 96.1}
    problem = only(dataset.problems, "full_width")
    assert problem.severity == "warn"
    assert problem.message("zh") == (
        "health.csv，第 2 行，“value”列：现为 ９５.３％；应为半角数字（95.3%）。已按 95.3% 读入，请核对。"
    )
    assert only(dataset.problems, "thousands_separator").row == 4
    assert only(dataset.problems, "out_of_bounds").row == 4


def test_an_identical_row_is_used_once(tmp_path):
    dataset = read(tmp_path, health=returned(GOOD, row(2022, 61), row(2022, 61)))
    assert values(dataset) == {2021: 60.5, 2022: 61}
    assert dataset.counts["unused"] == 1
    assert only(dataset.problems, "duplicate").message("zh") == (
        "health.csv，第 4 行：现为 与 health.csv 第 3 行相同（宫颈癌筛查率，某县，2022 年）；应为每个数只报一次。"
        "已只采用一次；请删去多余的一行。"
    )


def test_two_values_of_the_same_day_are_both_rejected(tmp_path):
    dataset = read(tmp_path, health=returned(GOOD, row(2022, 61), row(2022, 62)))
    assert values(dataset) == {2021: 60.5}
    assert dataset.rejected["rule"].tolist() == ["conflict", "conflict"]
    assert dataset.rejected["row"].tolist() == [3, 4]
    assert "均未采用" in dataset.rejected["advice_zh"][0]


def test_an_unknown_indicator_is_rejected_with_the_closest_name(tmp_path):
    dataset = read(
        tmp_path,
        health=returned(
            GOOD, row(2022, 61, indicator="宫颈癌筛察率"), row(2022, 61, area="东镇区")
        ),
    )
    assert values(dataset) == {2021: 60.5}
    assert only(dataset.problems, "unknown_indicator").message("zh") == (
        "health.csv，第 3 行，“indicator”列：现为 宫颈癌筛察率；应为规划指标的名称或标识。是否要写 宫颈癌筛查率？"
    )
    assert only(dataset.problems, "unknown_area").message("en") == (
        "health.csv, row 4, column area: found 东镇区; expected an area listed in areas.csv. Did you mean 东镇?"
    )


def test_an_impossible_value_is_rejected_with_the_likely_one(tmp_path):
    problem = only(read(tmp_path, health=returned(GOOD, row(2023, 575))).problems, "out_of_bounds")
    assert problem.message("zh") == (
        "health.csv，第 3 行，“value”列：现为 575（宫颈癌筛查率，某县，2023 年）；应为0 至 100 之间的数。"
        "是否应为 57.5？请核对后改正。"
    )
    assert problem.message("en") == (
        "health.csv, row 3, column value: found 575 (Cervical screening, A county, 2023); expected a number between 0 "
        "and 100. Perhaps 57.5? Check and correct it."
    )


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n \r\n"])
def test_an_empty_file_is_named_and_the_other_files_go_on(tmp_path, content):
    dataset = read(tmp_path, empty=content, good=returned(GOOD))
    assert values(dataset) == {2021: 60.5}
    assert only(dataset.problems, "empty_file").message("zh") == (
        "empty.csv：现为 空文件；应为以 UTF-8 编码保存的 CSV 文件。请核对是否传错文件，并重新报送。"
    )


def test_a_workbook_without_a_long_table_is_told_apart_and_its_sheets_named(tmp_path):
    dataset = read(tmp_path, health=workbook("卫健局", "说明"), good=returned(GOOD))
    assert values(dataset) == {2021: 60.5}
    assert only(dataset.problems, "workbook").message("zh") == (
        "health.csv：现为 没有长表的工作簿（工作表：卫健局, 说明）；应为第一行为报表各列标题的工作表。"
        "请先用 wdp import 转成长表；它认得横表和多层标题。"
    )


def test_a_long_table_saved_as_a_workbook_is_read_beside_a_sheet_of_notes(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["填表说明"])
    sheet = book.create_sheet("数据")
    for cells in (CHINESE.splitlines()[0].split(","), CHINESE.splitlines()[1].split(",")):
        sheet.append([float(cell) if cell == "60.5" else cell for cell in cells])
    data = io.BytesIO()
    book.save(data)
    dataset = read(tmp_path, health=data.getvalue())
    assert values(dataset) == {2021: 60.5}
    assert list(dataset.observations["row"]) == [2]
    assert not [p for p in dataset.problems if p.rule != "missing_latest"]


def test_a_damaged_workbook_of_old_excel_is_told_apart_too(tmp_path):
    dataset = read(
        tmp_path, health=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), good=returned(GOOD)
    )
    (told,) = [p for p in dataset.problems if p.file == "health.csv"]
    assert told.rule == "damaged_workbook"
    assert told.severity == "reject"


def test_when_no_file_can_be_read_every_reason_is_given(tmp_path):
    with pytest.raises(DataError) as error:
        read(tmp_path, a=b"", b=workbook("表一"))
    assert [problem.rule for problem in error.value.problems] == ["empty_file", "workbook"]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("big5", "指標,地區,年份,數值,狀態,可知日期,來源"), ("utf-32", CHINESE.splitlines()[0])],
)
def test_big5_and_utf32_are_read_too(tmp_path, encoding, text):
    rest = "\nscreening,county,2021,60.5,final,2022-02-15,x\n"
    dataset = read(tmp_path, health=(text + rest).encode(encoding))
    assert values(dataset) == {2021: 60.5}


def test_utf8_with_a_degree_or_a_footnote_and_no_chinese_is_not_taken_for_gbk(tmp_path):
    dataset = read(tmp_path, health=returned(row(2021, "60.5²"), row(2022, 61, source="café 5°")))
    assert values(dataset) == {2021: 60.5, 2022: 61}
    assert list(dataset.observations["source"]) == ["报表", "café 5°"]


def test_characters_that_cannot_be_seen_are_dropped_and_said_once_a_file(tmp_path):
    text = "\ufeff\ufeff" + returned(
        row(2021, "60\u200b.5"), row(2022, "\u200b61"), "\ufeff" + GOOD
    )
    dataset = read(tmp_path, health=text)
    assert values(dataset) == {2021: 60.5, 2022: 61}
    assert only(dataset.problems, "invisible").message("en").startswith("health.csv: found 4 char")


def test_headings_within_and_a_column_without_heading_are_told(tmp_path):
    text = returned(GOOD, returned().strip(), row(2022, 61)).replace("\n", ",\n")
    dataset = read(tmp_path, health=text.replace("报表,", "报表,谁", 1))
    assert values(dataset) == {2021: 60.5, 2022: 61}
    assert only(dataset.problems, "headings_again").row == 3
    assert only(dataset.problems, "unnamed_column")
    assert dataset.counts["read"] == 2


def test_a_row_with_a_cell_too_many_or_too_few_is_rejected_and_trailing_commas_are_not(tmp_path):
    text = returned(
        GOOD + ",,",
        row(2022, 61) + ",多余",
        row(2023, 62).rsplit(",", 2)[0],
        ",,,,,,,,",
        "",
        row(2024, 63),
    )
    dataset = read(tmp_path, health=text)
    assert values(dataset) == {2021: 60.5, 2024: 63}
    assert [(p.row, p.found.en) for p in dataset.problems if p.rule == "ragged_row"] == [
        (3, "10 cells"),
        (4, "7 cells"),
    ]


def test_line_numbers_are_those_of_the_spreadsheet_program_also_after_a_quoted_line_break(tmp_path):
    dataset = read(
        tmp_path,
        health=returned(row(2021, 60, source='"第一行\n第二行"'), row(2022, 575), row(2023, 62)),
    )
    assert only(dataset.problems, "out_of_bounds").row == 4
    assert dataset.observations["row"].tolist() == [2, 5]


@pytest.mark.parametrize("open_quote", ['"报表', '报"表"x', '"报"表'])
def test_an_unclosed_quotation_mark_swallows_no_other_row(tmp_path, open_quote):
    dataset = read(
        tmp_path,
        health=returned(GOOD, row(2022, 61, source=open_quote), row(2023, 62), row(2024, '"63"')),
    )
    assert {2021, 2023, 2024} <= set(values(dataset))
    assert dataset.counts["read"] == 4


def test_a_cell_of_a_megabyte_is_told_as_that_and_takes_no_other_row_along(tmp_path):
    dataset = read(tmp_path, a=returned(GOOD, row(2022, 61, source="长" * 400_000), row(2023, 62)))
    assert only(dataset.problems, "cell_too_long").row == 3
    assert values(dataset) == {2021: 60.5, 2023: 62}


def test_a_null_character_rejects_its_row(tmp_path):
    dataset = read(tmp_path, health=returned(GOOD, row(2022, "6\x001")))
    assert values(dataset) == {2021: 60.5}
    assert only(dataset.problems, "null_character").row == 3


def test_an_unknown_column_is_left_aside_with_a_warning(tmp_path):
    text = returned(
        GOOD + ",x",
        columns="indicator,area,year,value,numerator,denominator,status,as_of,source,填表人",
    )
    dataset = read(tmp_path, health=text)
    assert values(dataset) == {2021: 60.5}
    assert only(dataset.problems, "extra_column").column == "填表人"


def test_two_columns_for_the_same_thing_stop_the_file(tmp_path):
    with pytest.raises(DataError) as error:
        read(tmp_path, health=CHINESE.replace("来源", "来源,value"))
    assert error.value.problems[0].rule == "duplicate_column"


def test_a_tab_between_cells_is_read_with_a_warning(tmp_path):
    dataset = read(tmp_path, health=returned(GOOD).replace(",", "\t"))
    assert values(dataset) == {2021: 60.5}
    assert only(dataset.problems, "delimiter").severity == "warn"

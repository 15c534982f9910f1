"""Records that people keep: every fault named, Chinese or English words, and a user's row never lost."""

import pandas as pd
import pytest

from wdp_lib.core.errors import DataError, Text
from wdp_lib.data.record_contracts import RecordColumn, RecordContract
from wdp_lib.data.records import append_records, read_records

HEAD = "title: {zh: 记录, en: Records}\nkind: simulated\nmark: {zh: 模拟数据, en: Simulated data}\n"
CONTRACT = RecordContract(
    "talks.csv",
    (
        RecordColumn("goal", "goal", Text("目标", "goal"), ("目标编号",), required=True),
        RecordColumn("year", "year", Text("年份", "year"), ("年份",), required=True),
        RecordColumn("held_on", "date", Text("日期", "date"), ("日期",)),
        RecordColumn("persons", "number", Text("人数", "persons"), ("人数",)),
        RecordColumn("units", "unit", Text("单位", "units"), ("参加单位",), many=True),
        RecordColumn("level", "word", Text("结果", "result"), ("结果",), topic="rubric_level"),
        RecordColumn("remark", "text", Text("备注", "remark"), ("备注",)),
    ),
    key=("goal", "year"),
)
HEADER = "goal,year,held_on,persons,units,level,remark"


@pytest.fixture
def folder(tmp_path):
    """An empty folder of records with its description."""
    home = tmp_path / "data" / "records" / "demo"
    home.mkdir(parents=True)
    (home / "records.yaml").write_text(HEAD, encoding="utf-8")
    return home


def write(folder, *rows, header=HEADER):
    data = "\n".join((header, *rows)) + "\n"
    (folder / "talks.csv").write_text(data, encoding="utf-8")
    return data


def rules(records):
    return [(p.row, p.column, p.rule) for p in records.problems]


def test_an_absent_file_is_an_empty_table_with_the_columns_of_the_contract(folder, tiny_plan):
    records = read_records(folder, CONTRACT, tiny_plan)
    assert list(records.frame) == [*HEADER.split(","), "file", "row"]
    assert records.frame.empty and records.problems == ()
    assert records.simulated and records.mark.zh == "模拟数据"


def test_a_good_row_is_read_with_its_types_its_line_and_without_a_problem(folder, tiny_plan):
    write(folder, "H01,2024,2024-05-06,12,health_bureau,done,好")
    records = read_records(folder, CONTRACT, tiny_plan)
    row = records.frame.iloc[0]
    assert tuple(row) == (
        "H01",
        2024,
        "2024-05-06",
        12.0,
        "health_bureau",
        "done",
        "好",
        "talks.csv",
        2,
    )
    assert records.problems == ()


def test_chinese_headings_names_and_words_mean_the_same_as_identifiers(folder, tiny_plan):
    write(
        folder,
        "寿命,2024年,2024.5.6,12,卫健局,done,",
        header="目标编号,年份,日期,人数,参加单位,结果,备注",
    )
    row = read_records(folder, CONTRACT, tiny_plan).frame.iloc[0]
    assert (row["goal"], row["year"], row["held_on"], row["units"]) == (
        "H01",
        2024,
        "2024-05-06",
        "health_bureau",
    )


def test_every_fault_is_named_at_once_and_only_the_bad_rows_are_kept_out(folder, tiny_plan):
    write(
        folder,
        "H09,2024,,,,,",
        ",2024,,,,,",
        "H01,24,,,,,",
        "H01,2024,2024-02-30,,,,",
        "H01,2024,,many,,,",
        "H01,2024,,,health_bureau;court,,",
        "H01,2024,,,,splendid,",
        "H01,2024",
        "H02,2024,,,,,kept",
        "H02,2024,,,,,the same goal and year again",
    )
    records = read_records(folder, CONTRACT, tiny_plan)
    assert rules(records) == [
        (2, "goal", "unknown_goal"),
        (3, "goal", "missing_entry"),
        (4, "year", "bad_year"),
        (5, "held_on", "bad_date"),
        (6, "persons", "text_in_number"),
        (7, "units", "unknown_unit"),
        (8, "level", "unknown_word"),
        (9, None, "ragged_row"),
        (11, None, "duplicate"),
    ]
    assert list(records.frame["remark"]) == ["kept"] and list(records.frame["row"]) == [10]
    assert (
        records.problems[0]
        .message("en")
        .endswith("found H09; expected a goal of the plan. Did you mean H02?")
    )


def test_a_missing_required_column_empties_the_table_and_says_so(folder, tiny_plan):
    write(folder, "H01,好", header="goal,remark")
    records = read_records(folder, CONTRACT, tiny_plan)
    assert records.frame.empty
    assert [(p.rule, p.found.zh) for p in records.problems] == [
        ("missing_column", "缺少“年份”（year）列")
    ]


def test_a_header_alone_is_nothing_recorded_and_no_fault(folder, tiny_plan):
    write(folder)
    assert read_records(folder, CONTRACT, tiny_plan).problems == ()


def test_records_without_a_description_are_read_with_a_warning(folder, tiny_plan):
    write(folder, "H01,2024,,,,,")
    (folder / "records.yaml").unlink()
    records = read_records("demo", CONTRACT, tiny_plan, home=folder.parents[2])
    assert len(records.frame) == 1 and records.kind == ""
    assert [(p.rule, p.severity) for p in records.problems] == [("missing_file", "warn")]


def test_a_data_set_that_does_not_exist_is_not_taken_for_one_without_records(folder):
    with pytest.raises(DataError) as error:
        read_records("dmeo", CONTRACT, home=folder.parents[2])
    assert error.value.summary.en == "No data set 'dmeo'. Did you mean demo?"


def test_appending_keeps_every_byte_that_stood_there(folder, tiny_plan):
    before = write(folder, 'H01,2024,,,,,"两行\n备注"', "H77,bad row kept as it is")
    new = pd.DataFrame({"goal": ["H02"], "year": [2025], "persons": [3.5]})
    path = append_records(folder, CONTRACT, new, tiny_plan)
    assert path.read_text(encoding="utf-8") == before + "H02,2025,,3.5,,,\n"
    assert list(read_records(folder, CONTRACT, tiny_plan).frame["goal"]) == ["H01", "H02"]


def test_appending_follows_the_order_and_the_headings_of_the_file(folder, tiny_plan):
    write(folder, "2024,寿命,我的一列", header="年份,目标编号,自用")
    append_records(folder, CONTRACT, pd.DataFrame({"goal": ["H02"], "year": [2025]}), tiny_plan)
    assert (folder / "talks.csv").read_text(encoding="utf-8").splitlines()[-1] == "2025,H02,"


def test_appending_begins_a_new_file_where_there_is_none(folder, tiny_plan):
    append_records(folder, CONTRACT, pd.DataFrame({"goal": ["H01"], "year": [2024]}), tiny_plan)
    assert (folder / "talks.csv").read_text(encoding="utf-8-sig") == f"{HEADER}\nH01,2024,,,,,\n"


@pytest.mark.parametrize(
    ("new", "rule"),
    [
        ({"goal": ["H01"], "year": [2024]}, "duplicate"),
        ({"goal": ["H09"], "year": [2025]}, "unknown_goal"),
        ({"goal": ["H02"], "year": [2025], "remark": ["no column for it"]}, "missing_column"),
    ],
)
def test_a_bad_addition_changes_nothing(folder, tiny_plan, new, rule):
    before = write(folder, "H01,2024", header="goal,year")
    with pytest.raises(DataError) as error:
        append_records(folder, CONTRACT, pd.DataFrame(new), tiny_plan)
    assert [p.rule for p in error.value.problems] == [rule]
    assert (folder / "talks.csv").read_text(encoding="utf-8") == before


def test_a_file_in_another_encoding_is_not_mixed_with_utf_8(folder, tiny_plan):
    data = "goal,year,remark\nH01,2024,备注\n".encode("gb18030")
    (folder / "talks.csv").write_bytes(data)
    with pytest.raises(DataError):
        append_records(folder, CONTRACT, pd.DataFrame({"goal": ["H02"], "year": [2025]}), tiny_plan)
    assert (folder / "talks.csv").read_bytes() == data


def test_a_file_it_began_is_read_again_and_shows_chinese_in_a_spreadsheet(folder, tiny_plan):
    rows = pd.DataFrame({"goal": ["H01"], "year": [2024], "remark": ["=1+1"]})
    path = append_records(folder, CONTRACT, rows, tiny_plan)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(read_records(folder, CONTRACT, tiny_plan).frame["remark"]) == [
        "'=1+1"
    ]  # never run as a formula

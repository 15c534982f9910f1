"""What people write into a cell: read as it stands, put right and told, asked, or refused; never guessed."""

import re

import pytest
from data_kit import PLAN, make_dataset, returned, row
from hypothesis import given, settings
from hypothesis import strategies as st

from wdp_lib.data import read_dataset
from wdp_lib.data.read.cells import (
    Missing,
    Number,
    read_date,
    read_number,
    without_mark,
    year_reader,
)

WITH_UNIT = "indicator,area,year,value,numerator,denominator,status,as_of,source,unit"


def read(folder, *rows, columns=None, yaml=""):
    home = make_dataset(folder, a=returned(*rows, **({"columns": columns} if columns else {})))
    with (home / "dataset.yaml").open("a", encoding="utf-8") as stream:
        stream.write(yaml)
    return read_dataset(home, PLAN, as_of="2026-06-30")


def fates(dataset):
    return {fate: n for fate, n in dataset.counts.items() if n and fate != "read"}


@pytest.mark.parametrize(
    ("written", "value", "unit", "status"),
    [
        ("15.82/10万", 15.82, "/10万", ""),
        ("15.82（人/10万）", 15.82, "人/10万", ""),
        ("64.5％", 64.5, "%", ""),
        ("10.3‰", 10.3, "‰", ""),
        ("1,234", 1234, "", ""),
        ("1，234.5", 1234.5, "", ""),
        ("１２３", 123, "", ""),
        ("1.2万人", 1.2, "万人", ""),
        ("75（快报数）", 75, "", "provisional"),
        ("75%(初步)", 75, "%", "provisional"),
        ("75 估算数", 75, "", "estimated"),
        ("3.5个百分点", 3.5, "个百分点", ""),
        ("+1.5", 1.5, "", ""),
        ("'64.5", 64.5, "", ""),
        ('="64.5"', 64.5, "", ""),
        ("1.5e-05", 1.5e-05, "", ""),
        ("1.23E+05", None, "", ""),
    ],
)
def test_a_number_keeps_its_unit_and_its_state(written, value, unit, status):
    found = read_number(written).value
    assert (found and (found.value, found.unit, found.status)) == (value and (value, unit, status))


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("—", "dash"),
        ("－", "dash"),
        ("…", "ellipsis"),
        ("……", "ellipsis"),
        ("..", "dots"),
        ("/", "slash"),
        ("N/A", "not_applicable"),
        ("不适用", "not_applicable"),
        ("未统计", "not_collected"),
        ("未上报", "not_available"),
        ("nan", "not_available"),
    ],
)
def test_a_mark_of_no_figure_is_missing_and_its_kind_is_kept(tmp_path, written, kind):
    dataset = read(tmp_path, row(2021, 60), row(2022, written))
    assert fates(dataset) == {"used": 1, "missing": 1}
    found = dataset.missing[["row", "indicator", "area", "year", "kind", "written"]]
    assert found.values.tolist() == [[3, "screening", "county", 2022, kind, written]]


@pytest.mark.parametrize(
    "written",
    [
        "约45",
        "45%左右",
        "<5",
        "≥60",
        "60以上",
        "不足5",
        "近45",
        "45余",
        "无",
        "1 234",
        "1.2E+05",
        "1e400",
        "≈4",
    ],
)
def test_what_cannot_be_known_for_sure_is_asked(tmp_path, written):
    dataset = read(tmp_path, row(2021, 60), row(2022, written))
    assert fates(dataset) == {"used": 1, "questioned": 1}
    assert [p.severity for p in dataset.problems if p.row == 3] == ["ask"]


@pytest.mark.parametrize(
    "written", ["①", "#DIV/0!", "60..5", "60%%", "605/1000", "0x40", "1、234", "\u202e5.46"]
)
def test_what_is_no_number_is_refused(tmp_path, written):
    assert fates(read(tmp_path, row(2021, 60), row(2022, written))) == {"used": 1, "rejected": 1}


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("15①", "15"),
        ("8*", "8"),
        ("16.9[1]", "16.9"),
        ("2²", "2"),
        ("79.6注", "79.6"),
        ("79.6（注2）", "79.6"),
        ("10.3①‰", "10.3‰"),
        ("16.9⑴", "16.9"),
        ("16.9❶", "16.9"),
        ("③16.9", "16.9"),
        ("*16.9", "16.9"),
        ("16.9#", "16.9"),
        ("15-64①", "15-64"),
    ],
)
def test_a_footnote_mark_is_taken_off_wherever_it_stands(written, plain):
    assert without_mark(written) == plain


def test_a_state_behind_the_number_holds_unless_the_column_says_another(tmp_path):
    rows = (row(2021, "75（快报数）"), row(2022, "75（快报数）", status="估计"))
    dataset = read(tmp_path, *rows)
    assert list(dataset.observations["status"]) == ["provisional"]
    assert list(dataset.observations["note"]) == ["原写 75（快报数）"]
    assert fates(dataset) == {"used": 1, "questioned": 1}


@pytest.mark.parametrize(
    ("value", "numerator", "unit", "read_as"),
    [
        ("1.2", "1.2", "万人", (12000, 12000)),
        ("1.2", "12000", "万人", (12000, 12000)),
        ("1.2万人", "1.2", "人", (12000, 12000)),
        ("1.2万", "1.2万人", "", (12000, 12000)),
        ("12000人", "12000", "", (12000, 12000)),
        ("12000", "12000", "人", (12000, 12000)),
        ("0.8", "9000", "万人", None),
        ("12000人", "12000", "万人", None),
    ],
)
def test_value_and_counts_in_ten_thousands_are_converted_together(
    tmp_path, value, numerator, unit, read_as
):
    text = row(2021, value, indicator="insured", counts=f"{numerator},") + f",{unit}"
    observations = read(tmp_path, text, columns=WITH_UNIT).observations
    found = observations[["value", "numerator"]].values.tolist()
    assert found == ([list(read_as)] if read_as else [])


def test_a_part_of_a_person_is_asked(tmp_path):
    assert fates(read(tmp_path, row(2021, "1.2", indicator="insured"))) == {"questioned": 1}


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("2023年度", 2023),
        ("２０２３", 2023),
        ("2023.0", 2023),
        ("2021年末", 2021),
        ("2011.12", 2011),
        ("2011年12月", 2011),
        ("2021年3月", None),
        ("2022.5", None),
        ("2021–2022学年", None),
        ("2022/2023", None),
        ("2022-2024", None),
        ("-2022", None),
        ("202①", None),
    ],
)
def test_a_year_is_the_whole_year_or_a_question(written, year):
    assert year_reader()(written).value == year


@pytest.mark.parametrize(("said", "year"), [("begins", 2021), ("ends", 2022)])
def test_which_year_a_school_year_stands_for_may_be_said_once(tmp_path, said, year):
    text = row("2021–2022学年", 60, as_of="2023-02-15")
    assert fates(read(tmp_path / "asked", text)) == {"questioned": 1}
    dataset = read(tmp_path / "said", text, yaml=f"school_year: {said}\n")
    assert list(dataset.observations["year"]) == [year]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2011.12", "2011-12-31"),
        ("2021年3月", "2021-03-31"),
        ("2024-02", "2024-02-29"),
        ("2021年", "2021-12-31"),
        ("2023-02-15T00:00:00Z", "2023-02-15"),
        ("2011.1", None),  # October, where a spreadsheet took 2011.10 for a number
        ("2021-13", None),
    ],
)
def test_of_a_month_or_year_the_last_day_is_taken(written, day):
    assert read_date(written).value == day


def test_what_all_rows_share_is_said_once_for_the_data_set_or_a_file(tmp_path):
    home = make_dataset(
        tmp_path,
        a="指标,地区,年份,数值\n宫颈癌筛查率,某县,2021,60\n",
        b="指标,年份,数值,状态\n宫颈癌筛查率,2022,61,初步数\n",
    )
    text = (home / "dataset.yaml").read_text(encoding="utf-8")
    files = "files: [{file: a.csv, as_of: 2022-03-01}, {file: b.csv, area: 某县}]"
    once = "\nall_rows: {status: 最终数, as_of: unknown, source: 年报}\n"
    (home / "dataset.yaml").write_text(text.replace("files: [a.csv, b.csv]", files) + once, "utf-8")
    dataset = read_dataset(home, PLAN, as_of="2026-06-30")
    columns = ["year", "status", "as_of", "source", "note"]
    assert dataset.observations[columns].values.tolist() == [
        [2021, "final", "2022-03-01", "年报", ""],
        [2022, "provisional", "2022-12-31", "年报", "可知日期不详"],
    ]
    told = [p.message("en") for p in dataset.problems if p.rule == "unknown_day"]
    assert told[0].startswith("b.csv: found 1 rows of which nobody knows")


def test_a_mark_on_a_name_is_no_other_name(tmp_path):
    dataset = read(tmp_path, row(2021, 60, indicator="宫颈癌筛查率①", area="某县*"))
    assert fates(dataset) == {"used": 1}
    assert [p.rule for p in dataset.problems if p.row] == ["footnote_mark"] * 2


NUMBERS = st.decimals(-(10**6), 10**6, places=2, allow_nan=False).map(str)
AROUND = st.sampled_from(
    ["", "约", "<", "①", "注1", "[2]", "%", "‰", "万人", "左右", "（快报数）", "x", " ", "\u200b"]
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(before=AROUND, number=NUMBERS, after=AROUND, last=AROUND)
def test_a_cell_is_its_number_or_no_number_and_never_another_one(before, number, after, last):
    text = f"{before}{number}{after}{last}".strip()
    for written in {text, without_mark(text)}:
        reading = read_number(written)
        if isinstance(reading.value, Number):
            assert reading.value.value == float(number)
        else:
            assert reading.code or isinstance(reading.value, Missing)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text(alphabet="0123456789.,-+%‰万亿人约<>①²注[]()（）年月/ ：—…无x", max_size=12))
def test_no_text_whatever_becomes_a_number_it_does_not_show(text):
    reading = read_number(text.strip())
    if isinstance(reading.value, Number):
        shown = re.search("[+-]?[0-9.,]+", text)[0].replace(",", "")
        assert reading.value.value == float(shown)

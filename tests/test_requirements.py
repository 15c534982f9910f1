"""The table of requirements is complete and true: every duty stands in it, and every name in it exists."""

import json
import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from wdp_lib.study import Study, shown
from wdp_lib.study.shown import sentences

HOME = Path(__file__).parents[1]
TABLE = HOME / "docs" / "requirements.md"
COLUMNS = ("id", "priority", "duty", "code", "notebooks", "tests", "state", "note")
STATES = ("已完成", "部分", "以后", "不做")
LETTERS = {
    "A": 11,
    "B": 9,
    "C": 13,
    "D": 10,
    "E": 8,
    "F": 7,
    "G": 9,
    "H": 7,
    "I": 8,
    "J": 21,
    "K": 12,
}
KNOWN = [f"{letter}{number}" for letter, count in LETTERS.items() for number in range(1, count + 1)]
MUST = {
    *(f"D{n}" for n in range(1, 11)),
    *("E1", "E2", "E3", "E5", "E6", "E7", "F1", "F3", "F4", "F5", "F6"),
    *(f"G{n}" for n in range(1, 8)),
    *("H1", "H2", "H3", "H4", "H5", "I1"),
}
NAME = re.compile(r"\"(\w+)\"")
OF_THE_STUDY = re.compile(r"study\.(\w+)(?:\(\"([\w.]+)\"\))?")
NAMED = re.compile(r'mark\.requirement\("([A-K]\d+)"\)')


def rows():
    lines = [
        line
        for line in TABLE.read_text(encoding="utf-8").splitlines()
        if re.match(r"\| [A-K]\d+ \|", line)
    ]
    return [
        dict(zip(COLUMNS, (cell.strip() for cell in line.strip("|").split("|")), strict=True))
        for line in lines
    ]


ROWS = rows()
EACH = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


def ids_in(path):
    return NAMED.findall(path.read_text(encoding="utf-8"))


def test_every_duty_stands_in_the_table_once_and_in_order():
    assert [row["id"] for row in ROWS] == KNOWN
    assert {
        row["id"] for row in ROWS if row["id"][0] in "DEFGHI" and row["priority"] == "M"
    } == MUST


@EACH
def test_every_name_of_a_row_exists(row):
    for name in names(row["code"]):
        called = OF_THE_STUDY.fullmatch(name)
        if called:
            assert known_to_the_study(*called.groups()), name
        else:
            module, _, function = name.rpartition(".")
            assert hasattr(import_module(module), function), name
    for name in names(row["notebooks"]):
        assert (HOME / "notebooks" / f"{name}.ipynb").is_file(), name
    for name in names(row["tests"]):
        assert (HOME / "tests" / name).is_file(), name


def known_to_the_study(name, argument):
    """Whether a study has a table, a view, a chart or a sentence of that name."""
    called = {"show": shown.view_names, "chart": shown.CHARTS.keys, "say": sentences}
    if argument:
        return argument in called[name]()
    return name in {*dir(Study), *Study.__dataclass_fields__}


def used_by(notebook):
    """What a notebook asks of its study: tables by name, and those behind what it shows, draws and keeps."""
    cells = json.loads((HOME / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8"))
    lines = ["".join(one["source"]) for one in cells["cells"] if one["cell_type"] == "code"]
    code = "\n".join(lines)
    kept = [name for call in re.findall(r"\.keep\(([^)]*)\)", code) for name in NAME.findall(call)]
    asked = re.findall(r"\.(show|chart|say)\(\s*\"([^\"]+)\"", code)
    views = [name for call, name in asked if call == "show"]
    charts = [table for call, name in asked if call == "chart" for table in rests_on(name)]
    tables = [shown.MADE_FROM.get(name, name) for name in views]
    return {*re.findall(r"(?:\bstudy|\))\.(\w+)", code), *kept, *views, *charts, *tables, *asked}


def rests_on(chart):
    return shown.CHARTS[chart][0].split() if chart in shown.CHARTS else [chart]


@EACH
def test_a_notebook_listed_in_a_row_uses_what_the_row_names(row):
    named = [OF_THE_STUDY.fullmatch(name) for name in names(row["code"])]
    doors = {one.groups() if one.group(2) else one.group(1) for one in named if one}
    for notebook in names(row["notebooks"]):
        assert doors & used_by(notebook), notebook


@EACH
def test_a_row_says_how_it_stands_and_what_is_wanting(row):
    assert row["duty"] and row["priority"] in ("M", "S", "N") and row["state"] in STATES
    if row["state"] == "已完成":
        assert names(row["code"]) and names(row["tests"])
    else:
        assert row["note"]
    assert (row["state"] == "不做") == (row["priority"] == "N")


@EACH
def test_what_must_be_and_is_done_has_tests_of_its_name_in_the_files_listed(row):
    must = row["id"] in MUST or (row["id"][0] in "ABCJ" and row["priority"] == "M")
    if must and row["state"] in ("已完成", "部分"):
        found = Counter(
            name for file in names(row["tests"]) for name in ids_in(HOME / "tests" / file)
        )
        assert found[row["id"]] > 0


def test_no_duty_of_parts_d_to_i_that_must_be_met_is_left_for_later():
    assert [
        row["id"] for row in ROWS if row["id"] in MUST and row["state"] not in ("已完成", "部分")
    ] == []


def test_every_test_named_after_a_duty_names_a_known_one_and_is_listed_with_it():
    listed = {row["id"]: set(names(row["tests"])) for row in ROWS}
    for path in sorted((HOME / "tests").glob("test_*.py")):
        for name in set(ids_in(path)):
            assert path.name in listed.get(name, ()), f"{name} in {path.name}"

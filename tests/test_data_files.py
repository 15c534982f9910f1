"""Which files of a data set are read, and what a mark or a strange digit in a cell is."""

import json

import pytest
from data_kit import GOOD, PLAN, make_dataset, only, read, returned, row, values, workbook

from wdp_lib.core.errors import DataError
from wdp_lib.data import read_dataset


def test_a_listed_file_that_is_not_there_is_named(tmp_path):
    folder = make_dataset(tmp_path, health=returned(GOOD), gone="")
    (folder / "gone.csv").unlink()
    assert (
        only(read_dataset(folder, PLAN, as_of="2026-06-30").problems, "file_not_found").file
        == "gone.csv"
    )


def list_files(folder, *names):
    head = folder / "dataset.yaml"
    kept = [line for line in head.read_text("utf-8").splitlines() if not line.startswith("files:")]
    head.write_text("\n".join([*kept, f"files: {json.dumps(names)}", ""]), encoding="utf-8")


def test_two_files_of_one_name_in_two_folders_lose_no_row(tmp_path):
    folder = make_dataset(tmp_path, health=returned(GOOD))
    for name, year in (("a", 2021), ("b", 2022)):
        (folder / name).mkdir()
        text = returned(row(year, 60), row(2019, "text" if name == "a" else 59))
        (folder / name / "x.csv").write_text(text, encoding="utf-8")
    list_files(folder, "a/x.csv", "b/x.csv")
    dataset = read_dataset(folder, PLAN, as_of="2026-06-30")
    assert values(dataset) == {2021: 60, 2022: 60, 2019: 59}
    assert [(p.file, p.row) for p in dataset.problems if p.severity == "reject"] == [("a/x.csv", 3)]


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "a/../../secret.csv", "link.csv"])
def test_a_file_outside_the_data_set_is_neither_read_nor_shown(tmp_path, name):
    folder = make_dataset(tmp_path, health=returned(GOOD))
    (folder.parent / "secret.csv").write_text("secret,word\n", encoding="utf-8")
    (folder / "link.csv").symlink_to(folder.parent / "secret.csv")
    list_files(folder, "health.csv", name)
    with pytest.raises(DataError) as error:
        read_dataset(folder, PLAN, as_of="2026-06-30")
    assert name in str(error.value.problems[0]) and "secret,word" not in str(error.value.problems)


def test_a_file_listed_twice_is_told(tmp_path):
    folder = make_dataset(tmp_path, health=returned(GOOD))
    list_files(folder, "health.csv", "./health.csv")
    with pytest.raises(DataError, match="./health.csv"):
        read_dataset(folder, PLAN, as_of="2026-06-30")


def test_a_file_that_is_not_listed_is_not_read_and_named(tmp_path):
    folder = make_dataset(tmp_path, health=returned(GOOD))
    (folder / "forgotten.xlsx").write_bytes(workbook("表一"))
    dataset = read_dataset(folder, PLAN, as_of="2026-06-30")
    assert only(dataset.problems, "file_not_listed").file == "forgotten.xlsx"
    assert values(dataset) == {2021: 60.5}


def test_a_footnote_mark_is_never_a_digit(tmp_path):
    dataset = read(
        tmp_path,
        health=returned(
            row(2019, "15①"),
            row(2020, "2²"),
            row(2021, "60.5 [1]"),
            row(2022, "61%*"),
            row(2023, "②"),
            row("202①", 62, as_of="2024-02-15"),
        ),
    )
    assert values(dataset) == {2019: 15, 2020: 2, 2021: 60.5, 2022: 61}
    assert [p.row for p in dataset.problems if p.rule == "footnote_mark"] == [2, 3, 4, 5]
    assert only(dataset.problems, "text_in_number").row == 6
    assert only(dataset.problems, "bad_year").row == 7
    assert list(dataset.observations["note"]) == [
        "原写 15①",
        "原写 2²",
        "原写 60.5 [1]",
        "原写 61%*",
    ]
    first = next(p for p in dataset.problems if p.rule == "footnote_mark")
    assert first.message("en") == (
        "health.csv, row 2, column value: found 15①; expected the entry without a footnote mark (15). "
        "It was read as 15, and the note says how it was written; write the remark in the column note."
    )


def test_a_footnote_mark_makes_no_age_group_of_its_own(tmp_path):
    columns = "indicator,area,year,value,status,as_of,source,age_group"
    dataset = read(
        tmp_path,
        health=returned("screening,county,2022,60,final,2023-02-15,报表,15-64①", columns=columns),
    )
    assert list(dataset.observations["age_group"]) == ["15-64"]
    assert only(dataset.problems, "footnote_mark").column == "age_group"


def test_digits_of_other_scripts_are_no_numbers(tmp_path):
    dataset = read(tmp_path, health=returned(GOOD, row(2022, "٦٠"), row(2023, "𝟔𝟎")))
    assert values(dataset) == {2021: 60.5}
    assert [p.rule for p in dataset.problems if p.severity == "reject"] == ["text_in_number"] * 2

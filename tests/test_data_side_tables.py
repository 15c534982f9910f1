"""Tables beside the returns and settings: a slip is told with its place, never a traceback or a silent loss."""

import pytest
from data_kit import PLAN, make_dataset, returned, row

from wdp_lib.core.dates import data_year, last_due_year
from wdp_lib.core.errors import DataError, Text
from wdp_lib.core.settings import read_yaml
from wdp_lib.data import read_dataset

RETURN = returned(row(2022, 60), row(2023, 62))
BREAKS = "indicator,area,year,kind,description_zh,description_en,link_factor\n"
CHOICES = "key,area,sex,residence,year,use_value,reason_zh,reason_en\n"


def read(folder, **files):
    home = make_dataset(folder, returns=RETURN, **files)
    return read_dataset(home, PLAN, as_of="2026-06-30")


def told(folder, **files):
    with pytest.raises(DataError) as caught:
        read(folder, **files)
    return caught.value.render("en")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "screening,,2018.5,scope,新口径,new,",
            "row 2, column year: found 2018.5; expected a year",
        ),
        (
            "screening,,2018,scope,新口径,new,0",
            "column link_factor: found 0; expected a number above 0",
        ),
        ("screening,,2018,scope,新口径,new,-1", "column link_factor: found -1; expected a number"),
        ("screening,,1e30,scope,新口径,new,", "row 2, column year: found 1e30"),
        ("screening,,2018", "row 2: found 3 cells; expected 7 cells"),
    ],
)
def test_a_slip_in_the_breaks_is_told_with_its_place(tmp_path, entry, message):
    assert message in told(tmp_path, breaks=f"{BREAKS}{entry}\n")


def test_a_per_cent_sign_in_a_choice_is_told_and_a_year_in_words_is_understood(tmp_path):
    assert "choices.csv, row 2, column use_value: found 7.5%" in told(
        tmp_path, choices=f"{CHOICES}screening,,,,2022,7.5%,因为,because\n"
    )
    assert (
        read(tmp_path, choices=f"{CHOICES}screening,,,,2022年,60,因为,because\n").counts["used"]
        == 2
    )


def test_a_comma_at_the_end_of_each_row_shifts_no_column(tmp_path):
    mapped = read(
        tmp_path, indicator_map="key,indicator,definition_match\nscreening,screening,same,\n"
    )
    assert mapped.counts["used"] == 2


def test_the_newest_day_is_that_of_every_row_also_of_one_at_fault(tmp_path):
    rows = returned(row(2022, 60), row(2025, "7.5左右", as_of="2026-03-31"))
    dataset = read_dataset(make_dataset(tmp_path, returns=rows), PLAN, as_of="2025-06-30")
    assert (dataset.newest, dataset.counts["later"]) == ("2026-03-31", 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x 1\nb: *x\n", "row 1: found an anchor or alias"),
        ("a: " + "[" * 500 + "]" * 500, "too many levels"),
        ("a: 1\na: 2\n", "row 2"),
        ("- 1\n", "no 'name: content'"),
    ],
)
def test_settings_hold_each_key_once_without_anchors_and_bounded(tmp_path, text, message):
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    assert message in read_yaml(tmp_path / "x.yaml").problem.message("en")


def test_the_year_of_data_is_the_year_before_the_cut_off_and_values_are_due_at_midyear():
    assert data_year("2026-06-30") == data_year("2026-01-01") == 2025
    assert (last_due_year("2026-06-29"), last_due_year("2026-06-30")) == (2024, 2025)


def test_one_plan_serves_another_area_and_says_what_is_true_of_it():
    town = PLAN.for_area("town_a", Text("甲镇", "Town A"))
    assert (town.area, town.area_name.zh, town.indicators) == ("town_a", "甲镇", PLAN.indicators)
    assert PLAN.indicator("screening").limits == (0, 100)
    assert PLAN.indicator("screening").reporting_unit == pytest.approx(0.1)


AREAS = "area,name_zh,name_en,level,parent\ncounty,某县,A county,county,\n"
TWO_OF_ONE_NAME = f"{AREAS}north,东镇,North,township,county\nsouth,东镇,South,township,county\n"


def test_a_row_with_the_name_of_two_areas_is_rejected_and_their_identifiers_are_told(tmp_path):
    home = make_dataset(
        tmp_path,
        areas=TWO_OF_ONE_NAME,
        returns=returned(row(2022, 60, area="东镇"), row(2022, 61, area="south")),
    )
    dataset = read_dataset(home, PLAN, as_of="2026-06-30")
    assert list(dataset.observations["area"]) == ["south"]
    assert [p.message("en") for p in dataset.problems if p.rule == "unknown_area"] == [
        "returns.csv, row 2, column area: found 东镇; expected a name or identifier of one only. "
        "Several have this name; use the identifier instead: north, south."
    ]
    named = [p for p in dataset.problems if p.rule == "repeated_name"]
    assert [(p.file, p.row, p.severity) for p in named] == [
        ("areas.csv", 3, "warn"),
        ("areas.csv", 4, "warn"),
    ]


@pytest.mark.parametrize(
    ("areas", "message"),
    [
        ("county,另县,Other,county,\n", "row 3, column area: found county"),
        ("east,东镇,East,township,nowhere\n", "row 3, column parent: found nowhere"),
        ("a,甲,A,city,b\nb,乙,B,city,a\n", "row 3, column parent: found b"),
    ],
)
def test_areas_that_stand_twice_or_lead_nowhere_are_told(tmp_path, areas, message):
    assert message in told(tmp_path, areas=AREAS + areas)


def test_a_footnote_mark_in_a_side_table_is_told(tmp_path):
    message = told(tmp_path, breaks=f"{BREAKS}screening,,2018,scope,新口径,new,1.1①\n")
    assert "column link_factor: found 1.1①" in message

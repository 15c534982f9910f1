"""A data set as a whole: keys and maps, choices, breaks, corrections, the rejected file, coverage."""

import logging

import pandas as pd
import pytest
from data_kit import PLAN, make_dataset, returned, row

from wdp_lib.core.columns import OBSERVATIONS
from wdp_lib.core.errors import DataError, ParameterError, WdpError
from wdp_lib.data import (
    coverage,
    current,
    headline,
    load_observations,
    read_dataset,
    write_rejected,
)

KEYED = "indicator,area,year,sex,residence,value,unit,status,as_of,source"
MAP = """\
key,sex,residence,indicator,definition_match,remark_zh,remark_en
mmr,,,deaths,same,,
enrol,female,,enrolment,partial,女,girls
enrol,,,screening,different,,
other,,,unheard_of,same,,
"""
CHOICES = "key,area,sex,residence,year,use_value,reason_zh,reason_en\nmmr,county,all,all,2021,17.5,权威,official\n"


def published(*rows):
    return returned(
        *(f"{line},final,2022-05-01,来源{n}" for n, line in enumerate(rows)), columns=KEYED
    )


def read(folder, as_of="2026-06-30", **files):
    return read_dataset(make_dataset(folder, **files), PLAN, as_of=as_of)


def test_keys_are_mapped_to_the_plan_and_rows_of_other_indicators_are_not_of_the_plan(tmp_path):
    rows = published(
        "mmr,county,2021,female,urban,14.1,per 100k live births",
        "enrol,county,2021,female,all,95,%",
        "enrol,county,2021,male,all,96,%",
        "other,county,2021,all,all,1,%",
        "unlisted,county,2021,all,all,1,%",
    )
    dataset = read(tmp_path, kind="real", a=rows, indicator_map=MAP)
    mapped = dataset.observations[
        ["indicator", "sex", "residence", "definition_match", "simulated"]
    ]
    assert mapped.to_numpy().tolist() == [
        ["deaths", "female", "urban", "same", False],
        ["enrolment", "female", "all", "partial", False],
    ]
    assert dataset.problems == ()
    assert dataset.counts["not_of_plan"] == 3


def test_a_key_may_feed_two_indicators_and_its_row_is_counted_once(tmp_path):
    two = MAP + "enrol,,,delegates,same,,\n"
    dataset = read(tmp_path, a=published("enrol,county,2021,female,all,95,%"), indicator_map=two)
    assert dataset.observations["indicator"].tolist() == ["enrolment", "delegates"]
    assert (dataset.counts["read"], dataset.counts["used"]) == (1, 1)


def test_a_mapped_row_in_another_unit_is_rejected(tmp_path):
    dataset = read(tmp_path, a=published("mmr,county,2021,all,all,0.14,‰"), indicator_map=MAP)
    assert dataset.rejected["rule"].tolist() == ["unit_mismatch"]


def test_a_choice_says_which_of_two_sources_counts(tmp_path):
    rows = published(*(f"mmr,county,2021,all,all,{value},per_100k" for value in (17.5, 20.1)))
    rows = rows.replace("per_100k", "per_100k_live_births")
    without, chosen = (
        read(tmp_path / "a", a=rows, indicator_map=MAP),
        read(tmp_path / "b", a=rows, indicator_map=MAP, choices=CHOICES),
    )
    assert without.rejected["rule"].tolist() == ["conflict", "conflict"]
    assert chosen.observations[["value", "used", "unused_reason"]].to_numpy().tolist() == [
        [17.5, True, ""],
        [20.1, False, "conflict"],
    ]


def test_a_source_that_agrees_within_rounding_gives_way_to_the_more_precise_one(tmp_path):
    rows = [
        row(2021, 60.25, source="公报"),
        row(2021, 60.2, source="白皮书", as_of="2023-01-01"),
        row(2021, 60.25, source="年鉴"),
    ]
    dataset = read(tmp_path, a=returned(*rows))
    assert dataset.observations["unused_reason"].tolist() == ["", "agrees", "agrees"]


def test_a_break_marks_the_first_value_of_the_new_definition_also_when_its_year_is_missing(
    tmp_path,
):
    breaks = "indicator,area,year,kind,description_zh,description_en,link_factor\nscreening,,2022,x,新口径,New,1.5\n"
    rows = returned(row(2021, 60), row(2023, 70), row(2024, 71), row(2023, 65, area="east"))
    dataset = read(tmp_path, a=rows, breaks=breaks)
    assert dataset.observations["series_break"].tolist() == ["", "新口径", "", "新口径"]
    assert dataset.breaks["link_factor"].tolist() == [1.5]


def correct(folder, line, *, value="约95", as_of="2026-06-30"):
    dataset = make_dataset(folder, a=returned(row(2021, value), row(2022, 60)))
    corrections = folder / "data" / "corrections"
    corrections.mkdir()
    header = "file,indicator,area,year,sex,age_group,residence,was,use,confirmed_by,why\n"
    (corrections / "demo.csv").write_text(header + line + "\n", encoding="utf-8")
    return read_dataset(dataset, PLAN, as_of=as_of)


def test_a_correction_replaces_the_value_and_the_row_says_so(tmp_path):
    dataset = correct(tmp_path, "a.csv,宫颈癌筛查率,某县,2021,,,,约95,95.2,张三,电话核实")
    first = dataset.observations.iloc[0]
    assert (first["value"], first["note"]) == (95.2, "更正：原为 约95，张三 确认（电话核实）")
    assert [p.rule for p in dataset.problems if p.row == 2] == ["corrected"]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("a.csv,screening,county,2021,,,,约94,95.2,张三,核实", "correction_does_not_fit"),
        ("a.csv,screening,county,2025,,,,约95,95.2,张三,核实", "correction_does_not_fit"),
        ("b.csv,screening,county,2021,,,,约95,95.2,张三,核实", "correction_does_not_fit"),
        ("a.csv,screening,county,2021,,,,约95,95.2,,核实", "correction_unconfirmed"),
    ],
)
def test_a_correction_that_does_not_fit_stops_the_run(tmp_path, line, rule):
    with pytest.raises(DataError) as error:
        correct(tmp_path, line)
    assert [problem.rule for problem in error.value.problems] == [rule]
    assert error.value.problems[0].row == 2


def test_a_correction_of_a_row_not_known_yet_waits_for_it(tmp_path):
    line = "a.csv,screening,county,2021,,,,约95,95.2,张三,核实"
    dataset = correct(tmp_path, line, as_of="2022-01-31")
    assert dataset.counts["later"] == 2 and dataset.observations.empty


def test_a_correction_knows_a_number_however_it_is_written(tmp_path):
    dataset = correct(
        tmp_path, "a.csv,screening,county,2021,all,all,all,９５.０,95.2,张三,核实", value="95"
    )
    assert dataset.observations["value"].tolist() == [95.2, 60]


def test_the_rejected_file_opens_in_excel_and_runs_no_formula(tmp_path):
    dataset = read(tmp_path, a=returned(row(2021, "=1+1"), row(2022, 60)))
    path = tmp_path / "out" / "rejected.csv"
    write_rejected(dataset.rejected, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    written = pd.read_csv(path)
    assert written.loc[0, "found_zh"] == "'=1+1"
    assert written.loc[0, "cells"] == (
        '["screening", "county", "2021", "=1+1", "", "", "final", "2022-02-15", "报表"]'
    )
    assert [p.name for p in path.parent.iterdir()] == ["rejected.csv"]


def test_a_rejected_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "rejected.csv"
    path.write_text("old")
    monkeypatch.setattr(
        pd.DataFrame, "to_csv", lambda *a, **k: (_ for _ in ()).throw(OSError("full"))
    )
    with pytest.raises(OSError, match="full"):
        write_rejected(pd.DataFrame({"a": [1]}), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["rejected.csv"]


def test_coverage_names_every_indicator_of_the_plan(tmp_path):
    rows = returned(
        row(2020, 60),
        row(2022, 61, status="provisional"),
        row(2021, 50, area="east"),
        row(2016, 20, indicator="delegates"),
        row(2021, 21, indicator="delegates"),
    )
    table = coverage(read(tmp_path, a=rows).observations, PLAN).set_index("indicator")
    assert table.index.tolist() == [i.id for i in PLAN.indicators]
    assert table.loc["screening"].to_dict() == {
        "n": 2,
        "first_year": 2020,
        "last_year": 2022,
        "missing_years": "2021",
        "n_final": 1,
        "n_provisional": 1,
        "n_estimated": 0,
        "reason": "",
    }
    assert table.loc["delegates", "missing_years"] == ""
    assert table.loc["deaths", ["n", "reason"]].tolist() == [0, "no_data"]


def test_the_headline_is_the_plans_area_and_stratum_and_only_used_rows(tmp_path):
    rows = returned(
        row(2022, 62), row(2021, 60), row(2021, 61, as_of="2023-01-01"), row(2021, 50, area="east")
    )
    observations = read(tmp_path, a=rows).observations
    assert headline(observations, PLAN)[["year", "value"]].to_numpy().tolist() == [
        [2021, 61],
        [2022, 62],
    ]
    assert len(current(observations)) == 3
    assert list(headline(observations, PLAN).columns) == OBSERVATIONS.names


def test_load_observations_returns_the_contract_and_says_how_many_rows_were_rejected(
    tmp_path, caplog, monkeypatch
):
    monkeypatch.setenv("WDP_LANGUAGE", "zh")
    make_dataset(tmp_path, a=returned(row(2021, 60), row(2022, 575)))
    with caplog.at_level(logging.WARNING):
        observations = load_observations("demo", PLAN, as_of="2026-06-30", home=tmp_path)
    assert list(observations.columns) == OBSERVATIONS.names
    assert observations["simulated"].tolist() == [True]
    assert "数据集 demo：1 行未采用" in caplog.text


def test_a_data_set_that_does_not_exist_is_named_with_the_closest_one(tmp_path):
    make_dataset(tmp_path, a=returned(row(2021, 60)))
    with pytest.raises(DataError, match="demo"):
        read_dataset("dem", PLAN, as_of="2026-06-30", home=tmp_path)


def test_as_of_must_be_a_date(tmp_path):
    folder = make_dataset(tmp_path, a=returned(row(2021, 60)))
    with pytest.raises(ParameterError, match="2026年"):
        read_dataset(folder, PLAN, as_of="2026年")


@pytest.mark.parametrize(
    ("entry", "column"),
    [
        ("kind: real", "kind"),
        ("mark: {zh: 模拟数据, en: Simulated data}", "mark"),
        ("files: [a.csv]", "files"),
    ],
)
def test_an_incomplete_description_names_the_entry(tmp_path, entry, column):
    folder = make_dataset(tmp_path, kind="simulated", a=returned(row(2021, 60)))
    path = folder / "dataset.yaml"
    text = path.read_text(encoding="utf-8").replace(
        entry.replace("real", "simulated"), "kind: guess" if column == "kind" else ""
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WdpError) as error:
        read_dataset(folder, PLAN, as_of="2026-06-30")
    assert [problem.column for problem in error.value.problems] == [column]


def test_only_bad_rows_leave_an_empty_table_of_observations(tmp_path):
    dataset = read(tmp_path, a=returned(row(2021, 575), row(2022, "约")))
    assert list(dataset.observations.columns) == OBSERVATIONS.names
    assert len(dataset.observations) == 0
    assert (coverage(dataset.observations, PLAN)["reason"] == "no_data").all()

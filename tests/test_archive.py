"""The archive: written once, read back as written, never changed; every former verdict of an indicator in order."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from kit import forecasts, observations

import wdp_lib as wdp
from wdp_lib.cli import main
from wdp_lib.core.errors import DataError
from wdp_lib.core.home import find_home
from wdp_lib.evaluation.archive import ArchivedRound, archived_rounds, verdict_history, write_round

SCREENING = """
    indicator          | year | value
    screening_coverage | 2020 | 50
    screening_coverage | 2025 | {now}"""
FAN = """
    indicator          | year | quantile | value
    screening_coverage | 2030 | 0.1      | 60
    screening_coverage | 2030 | 0.5      | 70
    screening_coverage | 2030 | 0.9      | 80"""


@pytest.fixture
def archived(tiny_plan):
    """A round in which 65 of the 70 promised were reached."""

    def make(id="county-midterm-2025", now=65, as_of="2026-06-30", stage="midterm"):
        fan = forecasts(FAN)
        risks = wdp.assess(fan, observations(SCREENING.format(now=now)), tiny_plan, as_of=as_of)
        parameters = {
            "plan": "tiny",
            "dataset": "drawn",
            "stage": stage,
            "as_of": as_of,
            "through": 2030,
            "seed": 1,
        }
        frozen = wdp.freeze(wdp.load_scheme(), tiny_plan, parameters)
        return ArchivedRound(
            id, parameters, frozen.record, fan, risks, wdp.evaluate(risks, tiny_plan, stage=stage)
        )

    return make


@pytest.mark.requirement("H5")
def test_a_round_is_read_back_as_it_was_written(archived, tmp_path):
    written = archived()
    folder = write_round(written, tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == [
        "forecasts.csv",
        "risks.csv",
        "round.json",
        "verdicts.csv",
    ]
    read = wdp.read_round("county-midterm-2025", tmp_path)
    for name in ("forecasts", "risks", "verdicts"):
        pd.testing.assert_frame_equal(getattr(read, name), getattr(written, name))
    assert (read.parameters, read.scheme) == (written.parameters, written.scheme)


def test_archiving_the_same_round_again_changes_nothing(archived, tmp_path):
    folder = write_round(archived(), tmp_path)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_round(archived(), tmp_path)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert archived_rounds(tmp_path) == ["county-midterm-2025"]


def test_other_content_under_the_same_name_is_refused_and_the_archive_kept(archived, tmp_path):
    write_round(archived(now=65), tmp_path)
    with pytest.raises(DataError) as caught:
        write_round(archived(now=71), tmp_path)
    assert (
        caught.value.render("en").splitlines()[0]
        == "The round county-midterm-2025 is archived already"
    )
    assert "Give the run another name (run), run it and archive that." in caught.value.render("en")
    kept = wdp.read_round("county-midterm-2025", tmp_path).risks.set_index("indicator")
    assert kept.loc["screening_coverage", "last_value"] == 65


def test_a_file_changed_after_archiving_is_noticed(archived, tmp_path):
    path = write_round(archived(), tmp_path) / "risks.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("not_attained", "attained"), encoding="utf-8"
    )
    with pytest.raises(DataError) as caught:
        wdp.read_round("county-midterm-2025", tmp_path)
    assert [p.file for p in caught.value.problems] == ["county-midterm-2025/risks.csv"]


def test_a_round_without_a_cut_off_is_not_archived(archived, tmp_path):
    whole = archived()
    with pytest.raises(DataError) as caught:
        write_round(replace(whole, parameters={**whole.parameters, "as_of": ""}), tmp_path)
    assert [p.column for p in caught.value.problems] == ["as_of"]
    assert archived_rounds(tmp_path) == []


def test_an_unknown_round_names_the_closest_one(archived, tmp_path):
    write_round(archived(), tmp_path)
    with pytest.raises(DataError, match=r"Did you mean county-midterm-2025\?|county-midterm-2025"):
        wdp.read_round("county-midterm-2026", tmp_path)


@pytest.mark.requirement("H5")
def test_the_history_reproduces_all_former_verdicts_in_the_order_of_the_rounds(
    archived, tiny_plan, tmp_path
):
    write_round(archived("b-final", now=75, as_of="2031-06-30", stage="final"), tmp_path)
    write_round(archived("z-midterm", now=65), tmp_path)
    history = verdict_history(tiny_plan, home=tmp_path)
    mine = history[history["indicator"] == "screening_coverage"]
    assert list(zip(mine["round"], mine["state"], mine["state_reason"], strict=True)) == [
        ("z-midterm", "not_attained", ""),
        ("b-final", "not_assessable", "no_target_year_value"),
    ]
    assert len(history) == 2 * len(tiny_plan.indicators)


def test_the_history_of_another_plan_is_left_out(archived, tiny_plan, tmp_path):
    write_round(archived(), tmp_path)
    assert verdict_history(replace(tiny_plan, id="other"), home=tmp_path).empty


@pytest.mark.requirement("F4")
def test_a_threshold_changed_after_the_freeze_is_named(archived, tiny_plan):
    frozen = archived()
    scheme = replace(wdp.load_scheme(), red=0.75)
    now = wdp.freeze(scheme, tiny_plan, frozen.parameters)
    changes = wdp.scheme_changes(frozen.scheme, now)
    assert changes.to_dict("records") == [{"setting": "scheme.red", "frozen": "0.7", "now": "0.75"}]
    assert now.sha256 != frozen.scheme["sha256"]


@pytest.mark.requirement("F4")
def test_a_later_cut_off_and_a_changed_promise_are_named_too(archived, tiny_plan):
    frozen = archived()
    first, *rest = tiny_plan.indicators
    moved = replace(tiny_plan, indicators=(replace(first, unit="percent"), *rest))
    now = wdp.freeze(wdp.load_scheme(), moved, {**frozen.parameters, "as_of": "2026-12-31"})
    assert list(wdp.scheme_changes(frozen.scheme, now)["setting"]) == ["as_of", "plan.indicators"]


@pytest.mark.requirement("F4")
def test_the_same_scheme_has_the_same_fingerprint_and_no_change(archived, tiny_plan):
    frozen = archived()
    now = wdp.freeze(wdp.load_scheme(), tiny_plan, frozen.parameters)
    assert now.record == dict(frozen.scheme)
    assert wdp.scheme_changes(frozen.scheme, now).empty


def test_the_committed_archive_is_whole_and_says_that_it_is_simulated():
    round_ = wdp.read_round("ruyuan-midterm-2025")
    assert round_.mark.zh == "模拟数据"
    assert round_.as_of == "2026-06-30"
    assert len(round_.verdicts) == 80


@pytest.fixture
def report(tmp_path):
    """A project folder with one finished report, its tables those of the committed archive."""
    real, home = find_home(), tmp_path / "project"
    for part in ("plans/ruyuan-2021-2030", "schemes"):
        shutil.copytree(real / "data" / part, home / "data" / part)
    (home / "data" / "observations" / "ruyuan-demo").mkdir(parents=True)
    twin = Path("data", "observations", "ruyuan-demo", "dataset.yaml")
    shutil.copy(real / twin, home / twin)
    folder = home / "reports" / "ruyuan-midterm-2025"
    (folder / "tables").mkdir(parents=True)
    for name in ("forecasts", "risks", "verdicts"):
        shutil.copy(
            real / "data" / "archive" / "ruyuan-midterm-2025" / f"{name}.csv", folder / "tables"
        )
    scheme = Path("data", "schemes", "default.yaml")
    record = {
        "run": "ruyuan-midterm-2025",
        "state": "done",
        "parameters": dict(wdp.read_round("ruyuan-midterm-2025").parameters),
        "tables": {f"tables/{path.name}": sha256(path) for path in (folder / "tables").iterdir()},
        "inputs": {scheme.as_posix(): sha256(home / scheme), "wdp_lib": "x"},
    }
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.requirement("H5")
def test_a_finished_report_is_archived_with_the_tables_it_wrote(report):
    home = report.parents[1]
    wdp.archive_report(report, home)
    archived, committed = wdp.read_round(report.name, home), wdp.read_round(report.name)
    pd.testing.assert_frame_equal(archived.risks, committed.risks)
    pd.testing.assert_frame_equal(archived.forecasts, committed.forecasts)
    assert list(archived.inputs) == ["data/schemes/default.yaml"]
    assert archived.mark.zh == "模拟数据"


def test_a_report_whose_tables_or_scheme_were_changed_since_is_not_archived(report):
    home = report.parents[1]
    (report / "tables" / "verdicts.csv").unlink()
    with (home / "data" / "schemes" / "default.yaml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    with pytest.raises(DataError) as caught:
        wdp.archive_report(report, home)
    assert [p.file for p in caught.value.problems] == [
        "tables/verdicts.csv",
        "data/schemes/default.yaml",
    ]
    assert archived_rounds(home) == []


@pytest.mark.parametrize(
    "forged",
    [
        {"run": "../../elsewhere"},
        {"run": "/tmp/elsewhere"},
        {"run": 3},
        {"parameters": {"plan": "../plans/ruyuan-2021-2030", "dataset": "ruyuan-demo"}},
        {"parameters": {"plan": "ruyuan-2021-2030", "dataset": ".."}},
        {"parameters": {}},
        {"tables": ["forecasts"]},
    ],
)
def test_a_record_that_leads_out_of_its_folder_is_not_archived(report, forged):
    home, path = report.parents[1], report / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **forged}), "utf-8")
    before = sorted(home.parent.rglob("*"))
    with pytest.raises(DataError) as caught:
        wdp.archive_report(report, home)
    assert "The record run.json of ruyuan-midterm-2025 is wrong" in caught.value.render("en")
    assert sorted(home.parent.rglob("*")) == before


def test_a_folder_that_is_no_report_is_refused_by_the_command(tmp_path, capsys):
    assert main(["archive", str(tmp_path), "--language", "en"]) == 2
    assert "no finished report. Run it first (wdp run)." in capsys.readouterr().err

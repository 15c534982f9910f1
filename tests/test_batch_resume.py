"""Resuming, what stops a notebook, and a report computed anew."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from batch_home import RUN, files, kept, make_home, notebook, params, run

from wdp_lib.batch import (
    plan_runs,
    run_batch,
    verify_report,
    work_list,
)
from wdp_lib.cli import main
from wdp_lib.core.errors import ParameterError


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A project whose report is made."""
    home = make_home(tmp_path_factory.mktemp("finished") / "home")
    run(home)
    return home


@pytest.fixture
def home(tmp_path, finished):
    """A copy of it, to be changed by a test: no report says where it was made."""
    return shutil.copytree(finished, tmp_path / "home")


# --- resuming


def test_nothing_is_run_again_when_nothing_changed_and_the_report_is_the_same(home):
    before = files(home / "reports" / "tiny-midterm")
    again, said = run(home, resume=True)
    assert kept(said) == ["10-data", "30-risk"] and files(again.folder) == before


def change_notebook(home):
    path = home / "notebooks" / "30-risk.ipynb"
    node = nbformat.read(str(path), as_version=4)
    node.cells[-1].source = "print(share * 2)"
    nbformat.write(node, path)


def change_data(home):
    (home / "data/observations/tiny/a.csv").write_text("x\n1\n", encoding="utf-8")


def change_parameter(home):
    params(home, RUN.replace("seed: 7", "seed: 8"))


def change_result(home):
    (home / "reports/tiny-midterm/tables/numbers.csv").write_text("forged", encoding="utf-8")


def refresh_outputs(home):
    path = home / "notebooks" / "30-risk.ipynb"
    node = nbformat.read(str(path), as_version=4)
    node.cells[-1].outputs = [nbformat.v4.new_output("stream", text="stored")]
    nbformat.write(node, path)


def archive_a_round(home):
    (home / "data/archive/other-2023").mkdir(parents=True)
    (home / "data/archive/other-2023/round.json").write_text("{}", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "more", "stands"),
    [
        (lambda home: None, [], True),
        (archive_a_round, [], True),
        (lambda home: None, ["--anew"], False),
        (lambda home: None, ["-p", "seed=8"], False),
        (change_data, [], False),
        (change_notebook, [], False),
        (change_parameter, [], False),
        (change_result, [], False),
        (lambda home: (home / "reports/tiny-midterm/index.html").unlink(), [], False),
    ],
)
def test_a_report_is_made_again_only_where_something_it_rests_on_changed(
    home, monkeypatch, capsys, change, more, stands
):
    monkeypatch.setenv("WDP_HOME", str(home))
    change(home)
    assert main(["run", str(home / "params" / "tiny.yaml"), "--dry-run", *more]) == 0
    assert ("运行 0 个笔记本" in capsys.readouterr().out) == stands


def test_who_repeats_a_run_finds_the_report_as_it_was(home, monkeypatch, capsys):
    monkeypatch.setenv("WDP_HOME", str(home))
    beside = home / "reports" / "tiny-midterm" / "site.html"
    beside.write_text("pages that were put in later", "utf-8")
    assert main(["run", str(home / "params" / "tiny.yaml")]) == 0
    assert "没有变化，报告保持原样" in capsys.readouterr().out and beside.is_file()


@pytest.mark.parametrize(
    ("change", "taken_over", "reasons"),
    [
        (change_notebook, ["10-data"], {"30-risk": ("notebook",)}),
        (change_data, [], {"10-data": ("data",), "30-risk": ("data",)}),
        (change_parameter, [], {"10-data": ("parameters",), "30-risk": ("parameters",)}),
        (change_result, ["30-risk"], {"10-data": ("results",)}),
        (refresh_outputs, ["10-data", "30-risk"], {}),
    ],
)
def test_what_changed_is_run_again_and_nothing_else(home, tmp_path, change, taken_over, reasons):
    change(home)
    [planned] = plan_runs([home / "params" / "tiny.yaml"])
    assert {name: why for name, why in work_list(planned, home=home) if why} == reasons
    resumed, said = run(home, resume=True)
    assert kept(said) == taken_over
    fresh, _ = run(home, out=tmp_path / "fresh")
    assert files(resumed.folder) == files(fresh.folder)


def test_a_failed_notebook_is_tried_again_by_resuming(tmp_path):
    home = make_home(tmp_path / "home", n30_risk=notebook("1/0"))
    assert run(home)[0].failed == ("30-risk",)
    nbformat.write(notebook("print(1)"), home / "notebooks" / "30-risk.ipynb")
    result, said = run(home, resume=True)
    assert result.failed == () and kept(said) == ["10-data"]
    assert not (result.folder / "30-risk.failed.ipynb").exists()


def test_a_run_with_failures_never_takes_the_place_of_a_report_without(home):
    good = files(home / "reports" / "tiny-midterm")
    nbformat.write(notebook("1/0"), home / "notebooks" / "30-risk.ipynb")
    for resume in (False, True):
        result, _ = run(home, resume=resume)
        assert result.failed == ("30-risk",) and result.folder.name == "tiny-midterm.failed"
        assert files(home / "reports" / "tiny-midterm") == good
    nbformat.write(notebook("print(2)"), home / "notebooks" / "30-risk.ipynb")
    assert run(home, resume=True)[0].folder.name == "tiny-midterm"
    assert not (home / "reports" / "tiny-midterm.failed").exists()


def test_a_translation_is_no_reason_to_run_a_chinese_notebook_again(home):
    words = home / "notebooks" / "locale" / "en" / "10-data.po"
    words.parent.mkdir(parents=True)
    words.write_text('msgctxt "cell-1"\nmsgid "一"\nmsgstr "one"\n', "utf-8")
    assert kept(run(home, resume=True)[1]) == ["10-data", "30-risk"]


# --- what stops a notebook


def test_a_cell_that_takes_too_long_is_reported_as_that_and_the_next_notebook_runs(tmp_path):
    home = make_home(tmp_path / "home", n10_data=notebook("import time; time.sleep(60)"))
    said = []
    result = run_batch(
        home / "params" / "tiny.yaml", home=home, timeout=2, progress=lambda t: said.append(t.en)
    )
    assert result.failed == ("10-data",) and result.outcomes[0].fault == "timeout"
    assert any("a cell took too long: CellTimeoutError: > 2 s" in line for line in said)


def test_a_kernel_that_dies_once_is_given_one_more_try(tmp_path):
    mark = tmp_path / "died"
    once = f"import os, pathlib\nif not pathlib.Path({str(mark)!r}).exists():\n    pathlib.Path({str(mark)!r}).touch(); os._exit(9)"
    home = make_home(tmp_path / "home", n10_data=notebook(once))
    assert run(home)[0].failed == ()


def test_a_kernel_that_dies_again_is_a_failure_named_as_that(tmp_path):
    home = make_home(tmp_path / "home", n10_data=notebook("import os; os.kill(os.getpid(), 9)"))
    result, _ = run(home)
    assert result.failed == ("10-data",) and result.outcomes[0].fault == "kernel_died"


def test_resuming_from_the_command_line_lists_what_is_kept(home, monkeypatch, capsys):
    monkeypatch.setenv("WDP_HOME", str(home))
    path = str(home / "params" / "tiny.yaml")
    change_notebook(home)
    assert main(["run", path, "--dry-run", "--resume"]) == 0
    out = capsys.readouterr().out
    assert "沿用  10-data" in out and "运行  30-risk  (笔记本)" in out and "运行 1 个笔记本" in out


# --- computing a report anew


def test_an_untouched_report_is_exactly_as_recorded(tmp_path, monkeypatch, capsys):
    home = make_home(tmp_path / "home")
    result, _ = run(home, overrides={"language": "en"})
    monkeypatch.setenv("WDP_HOME", str(home))
    monkeypatch.setenv("WDP_LANGUAGE", "en")
    assert main(["verify", str(result.folder), "--quiet"]) == 0
    assert capsys.readouterr().out == "tiny-midterm: exactly as recorded\n"


def test_a_forged_number_is_found_with_its_row_and_column(home):
    table = home / "reports" / "tiny-midterm" / "tables" / "numbers.csv"
    table.write_text(table.read_text("utf-8").replace("\n7,", "\n9,"), "utf-8")
    found = verify_report(table.parents[1], home=home)
    assert not found.holds and found.altered == ("tables/numbers.csv",)
    assert found.differences.values.tolist() == [["tables/numbers.csv", "2", "seed", "9", "7"]]


def test_a_changed_notebook_and_another_version_are_named_with_what_is_shown_now(
    home, monkeypatch, capsys
):
    report = home / "reports" / "tiny-midterm"
    change_notebook(home)
    record = json.loads((report / "run.json").read_text("utf-8"))
    record["versions"]["pandas"] = "1.0"
    (report / "run.json").write_text(json.dumps(record), "utf-8")
    monkeypatch.setenv("WDP_HOME", str(home))
    monkeypatch.setenv("WDP_LANGUAGE", "en")
    assert main(["verify", str(report), "--quiet"]) == 1
    told = capsys.readouterr().out
    assert "input notebooks/30-risk.ipynb: changed" in told and "altered" not in told
    assert "30-risk.ipynb" in told and "version pandas: 1.0 →" in told
    assert "numbers.csv" not in told


def test_a_folder_that_is_no_report_cannot_be_verified(tmp_path):
    with pytest.raises(ParameterError):
        verify_report(Path(tmp_path), home=tmp_path)

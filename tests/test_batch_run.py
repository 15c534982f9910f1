"""A whole run with real kernels: what is written, what is equal, what happens when something fails."""

import json
import os
import sys
import time

import fork_kit
import nbformat
import papermill
import pytest
from batch_home import RUN, WRITE, files, make_home, notebook, params
from nbclient.exceptions import CellTimeoutError
from papermill.cli import papermill as papermill_command

from wdp_lib.batch import plan_work, read_run, refresh_notebooks, run_batch
from wdp_lib.batch.execute import execute
from wdp_lib.cli import main
from wdp_lib.core.errors import ParameterError


def run(home, said=None, **settings):
    progress = None if said is None else lambda text: said.append(text.en)
    return run_batch(home / "params" / "tiny.yaml", home=home, progress=progress, **settings)


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """The same project at two places, run once each, the second over an earlier report and from other surroundings."""
    first = make_home(tmp_path_factory.mktemp("one") / "home")
    second = make_home(tmp_path_factory.mktemp("another-place") / "home-two")
    said = []
    one = run(first, said)
    old = second / "reports" / "tiny-midterm"
    old.mkdir(parents=True)
    (old / "run.json").write_text("{}", encoding="utf-8")
    (old / "stale.html").write_text("old", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONHASHSEED", "77")
        patch.setenv("MPLBACKEND", "Agg")
        patch.setenv("WDP_LANGUAGE", "en")
        two = run(second)
    return one, two, said


@pytest.mark.requirement("C11")
def test_a_run_leaves_pages_notebooks_tables_logs_and_a_record(twice):
    assert list(files(twice[0].folder, logs=True)) == [
        *("10-data.html", "10-data.ipynb", "30-risk.html", "30-risk.ipynb", "index.html"),
        *("logs/10-data.log", "logs/30-risk.log", "rejected.csv", "run.json", "tables/numbers.csv"),
    ]
    assert twice[0].failed == ()


@pytest.mark.requirement("G2")
def test_two_runs_at_two_places_give_the_same_bytes_and_nothing_of_an_earlier_report_remains(
    twice,
):
    assert files(twice[0].folder) == files(twice[1].folder)


def test_no_path_and_no_time_of_this_machine_is_in_the_report(twice):
    home = str(twice[0].folder.parents[1])
    for name, content in files(twice[0].folder).items():
        text = content.decode("utf-8", errors="replace")
        assert home not in text and str(twice[0].folder.parents[2]) not in text, name
    node = nbformat.reads(files(twice[0].folder)["10-data.ipynb"].decode("utf-8"), as_version=4)
    assert set(node.metadata.papermill) == {"parameters"}
    assert all(
        "execution" not in cell.metadata and "papermill" not in cell.metadata for cell in node.cells
    )
    assert "version" not in node.metadata.language_info


def test_the_notebook_runs_in_the_folder_of_the_notebooks_with_the_parameters_of_the_run(twice):
    node = nbformat.reads(files(twice[0].folder)["10-data.ipynb"].decode("utf-8"), as_version=4)
    assert node.cells[-1].outputs[-1].text == "cwd notebooks\n"
    assert 'report_folder = "reports/tiny-midterm"' in node.cells[1].source
    assert node.cells[1].id == "injected-parameters"
    assert files(twice[0].folder)["tables/numbers.csv"].decode("utf-8").startswith("seed,hash\n7,")


def test_the_record_names_parameters_inputs_results_and_versions(twice):
    text = (twice[0].folder / "run.json").read_text(encoding="utf-8")
    record = json.loads(text)
    assert text == json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    assert record["run"] == "tiny-midterm" and record["stage"] == "midterm" and record["seed"] == 7
    assert [(n["notebook"], n["state"]) for n in record["notebooks"]] == [
        ("10-data", "done"),
        ("30-risk", "done"),
    ]
    assert record["notebooks"][1]["parameters"]["share"] == 0.5
    assert set(record["notebooks"][0]["outputs"]) == {"10-data.html", "10-data.ipynb"}
    assert set(record["tables"]) == {"rejected.csv", "tables/numbers.csv"}
    assert set(record["inputs"]) == {
        *(
            "data/observations/tiny/dataset.yaml",
            "data/plans/tiny/plan.yaml",
            "notebooks/10-data.ipynb",
        ),
        *("notebooks/30-risk.ipynb", "params/tiny.yaml", "wdp_lib"),
    }
    assert record["versions"]["python"] == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert {"wdp", "pandas", "numpy", "statsmodels", "papermill"} <= set(record["versions"])


def test_the_console_hears_the_progress_the_rejected_rows_and_the_place_of_the_report(twice):
    said = twice[2]
    assert said[0] == "[1/2] 10-data running ..."
    assert said[1].startswith("[1/2] 10-data done in ") and said[1].endswith(" s left")
    assert said[3].startswith("[2/2] 30-risk done in ")
    assert said[4].startswith("2 rows rejected; reasons in ") and said[4].endswith("rejected.csv")
    assert said[5].endswith("index.html")


def test_the_pages_carry_the_title_and_the_mark_of_the_data_set(twice):
    index = files(twice[0].folder)["index.html"].decode("utf-8")
    assert (
        "小县中期评估" in index and "模拟数据 · Simulated data" in index and "供检验使用" in index
    )
    assert '<a href="10-data.html">midterm 2030</a>' in index and "小县规划 (tiny)" in index
    assert "模拟数据 · Simulated data" in files(twice[0].folder)["30-risk.html"].decode("utf-8")


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    """A run whose first notebook fails in its fourth cell (the injected one counted), in English."""
    home = make_home(
        tmp_path_factory.mktemp("failed") / "home",
        n10_data=notebook("import warnings; warnings.warn('careful')", "1/0", "print('never')"),
        n30_risk=notebook(WRITE),
    )
    said = []
    return run(home, said, overrides={"language": "en"}), said


def test_a_failed_notebook_is_reported_with_cell_error_and_log_and_the_others_still_run(failed):
    result, said = failed
    assert result.failed == ("10-data",)
    assert "[1/2] 10-data failed (cell 4): ZeroDivisionError: division by zero; about" in said[1]
    assert any(
        s.startswith("10-data failed: log ") and s.endswith("10-data.failed.ipynb") for s in said
    )
    names = set(files(result.folder))
    assert "10-data.failed.ipynb" in names and "30-risk.html" in names
    assert not names & {"10-data.ipynb", "10-data.html"}
    assert "ZeroDivisionError" in (result.folder / "logs" / "10-data.log").read_text(
        encoding="utf-8"
    )


def test_the_first_page_and_the_record_say_that_the_report_is_incomplete(failed):
    folder = failed[0].folder
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in index
    assert "Error in cell 4: ZeroDivisionError: division by zero" in index
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["state"] == "failed" and record["notebooks"][0]["cell"] == 4


def test_the_failed_notebook_keeps_what_it_had_without_numbers_of_the_process(failed):
    node = nbformat.read(str(failed[0].folder / "10-data.failed.ipynb"), as_version=4)
    assert node.cells[2].outputs[0].text.startswith("cell:1: UserWarning: careful")
    assert node.cells[3].outputs[0].ename == "ZeroDivisionError"
    assert node.cells[4].outputs == []
    assert len(node.cells) == 5


def test_a_run_without_any_success_leaves_the_earlier_report_in_place(tmp_path):
    home = make_home(tmp_path / "home", n30_risk=notebook("1/0"))
    earlier = home / "reports" / "tiny-midterm"
    earlier.mkdir(parents=True)
    (earlier / "run.json").write_text("earlier", encoding="utf-8")
    path = home / "params" / "tiny.yaml"
    path.write_text(RUN.replace("[10-data, 30-risk]", "[30-risk]"), encoding="utf-8")
    result = run(home)
    assert (
        result.folder.name == "tiny-midterm.failed"
        and (result.folder / "30-risk.failed.ipynb").is_file()
    )
    assert (earlier / "run.json").read_text(encoding="utf-8") == "earlier"


def test_a_run_of_one_notebook_stands_beside_the_report_and_a_wrong_name_is_told(tmp_path):
    home = make_home(tmp_path / "home")
    result = run(home, only=["30-risk"], out=tmp_path / "elsewhere")
    assert result.folder == tmp_path / "elsewhere" / "tiny-midterm.part"
    assert set(files(result.folder)) == {"30-risk.html", "30-risk.ipynb", "index.html", "run.json"}
    assert not (home / "reports").exists()
    with pytest.raises(ParameterError) as caught:
        run(home, only=["30-rsik"])
    assert (
        "found 30-rsik; expected a notebook of this run. Did you mean 30-risk?"
        in caught.value.render("en")
    )


def test_nothing_is_run_or_written_when_a_parameter_is_wrong(tmp_path):
    home = make_home(tmp_path / "home")
    with pytest.raises(ParameterError):
        run(home, overrides={"horizont": "3"})
    assert not (home / "reports").exists()


def test_a_folder_that_is_no_report_is_never_overwritten(tmp_path):
    home = make_home(tmp_path / "home")
    mine = home / "reports" / "tiny-midterm" / "my-notes.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        run(home)
    assert "is no report made by wdp run" in caught.value.render("en")
    assert files(home / "reports") == {"tiny-midterm/my-notes.txt": b"mine"}


def test_a_kernel_that_dies_is_a_failure_of_its_notebook_with_the_cell_it_died_in(tmp_path):
    home = make_home(
        tmp_path / "home", n30_risk=notebook("print('alive', flush=True)", "import os; os._exit(3)")
    )
    task = plan_work(read_run(home / "params" / "tiny.yaml"), home)[1]
    outcome = execute(task, home=home, log=tmp_path / "log")
    assert outcome.failed and outcome.cell == 4
    assert "DeadKernelError" in outcome.error
    assert outcome.node.cells[2].outputs[0].text == "alive\n"


def test_a_cell_whose_last_outputs_never_come_is_tried_again_as_if_the_kernel_had_died(
    tmp_path, monkeypatch
):
    home = make_home(tmp_path / "home")
    task, tries = plan_work(read_run(home / "params" / "tiny.yaml"), home)[1], []

    def never(source, output, **settings):
        tries.append(settings["execution_timeout"])
        told = ("Timeout waiting for IOPub output", 4, source.cells[0])
        raise CellTimeoutError.error_from_timeout_and_cell(*told)

    monkeypatch.setattr(papermill, "execute_notebook", never)
    outcome = execute(task, home=home, log=tmp_path / "log")
    assert outcome.fault == "kernel_died" and "IOPub" in outcome.error
    assert tries == [None, None]


def test_a_notebook_does_not_change_the_folder_or_the_environment_of_the_runner(tmp_path):
    home = make_home(
        tmp_path / "home",
        n30_risk=notebook("import os; os.chdir('/'); os.environ['SET_INSIDE'] = '1'"),
    )
    before, where = dict(os.environ), os.getcwd()
    execute(
        plan_work(read_run(home / "params" / "tiny.yaml"), home)[1], home=home, log=tmp_path / "log"
    )
    assert (dict(os.environ), os.getcwd()) == (before, where)


def test_start_up_files_of_the_user_do_not_reach_a_notebook(tmp_path, monkeypatch):
    start = tmp_path / "ipython" / "profile_default" / "startup"
    start.mkdir(parents=True)
    (start / "00-mine.py").write_text("mine = 1", encoding="utf-8")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    home = make_home(tmp_path / "home", n30_risk=notebook("print('mine' in dir())"))
    outcome = execute(
        plan_work(read_run(home / "params" / "tiny.yaml"), home)[1], home=home, log=tmp_path / "log"
    )
    assert outcome.node.cells[-1].outputs[0].text == "False\n"


def test_refreshing_stores_outputs_without_touching_the_source_and_a_second_time_changes_nothing(
    tmp_path,
):
    home = make_home(tmp_path / "home", n30_risk=notebook("print(seed, stage)", "1/0"))
    path = home / "notebooks" / "10-data.ipynb"
    broken = (home / "notebooks" / "30-risk.ipynb").read_bytes()
    before = nbformat.read(str(path), as_version=4)
    said = []
    outcomes = refresh_notebooks(home, progress=lambda text: said.append(text.en))
    once = path.read_bytes()
    after = nbformat.read(str(path), as_version=4)
    assert [(cell.id, cell.source) for cell in after.cells] == [
        (cell.id, cell.source) for cell in before.cells
    ]
    assert after.cells[-1].outputs[-1].text == "cwd notebooks\n"
    assert [outcome.failed for outcome in outcomes] == [False, True]
    assert (home / "notebooks" / "30-risk.ipynb").read_bytes() == broken
    assert said[1].startswith(
        "30-risk failed (cell 3): ZeroDivisionError: division by zero; left as it was, log "
    )
    refresh_notebooks(home, only=["10-data"])
    assert path.read_bytes() == once


def test_a_run_that_is_killed_leaves_the_earlier_report_and_the_next_run_cleans_up(tmp_path):
    home = make_home(tmp_path / "home", n30_risk=notebook("import time; time.sleep(60)"))
    earlier = home / "reports" / "tiny-midterm"
    earlier.mkdir(parents=True)
    (earlier / "run.json").write_text("earlier", encoding="utf-8")
    log = tmp_path / "said"
    process = fork_kit.start(["run", "params/tiny.yaml"], folder=home, said=log)
    while not (log.exists() and "[2/2]" in log.read_text("utf-8")):
        assert process.exitcode is None
        time.sleep(0.05)
    process.kill()
    process.join()
    assert files(home / "reports")["tiny-midterm/run.json"] == b"earlier"
    assert (home / "reports" / ".tiny-midterm.building").is_dir()
    nbformat.write(notebook("print(1)"), home / "notebooks" / "30-risk.ipynb")
    assert run(home).failed == ()
    assert [path.name for path in (home / "reports").iterdir()] == ["tiny-midterm"]


def test_papermill_alone_with_the_parameters_of_a_run_gives_what_the_run_gives(
    tmp_path, monkeypatch, capfd
):
    """The cells' outputs are compared; papermill's own notebook also has times and the folder it was given."""
    shown = notebook(
        "import pandas as pd\npd.DataFrame({'种': [seed, through]})",
        "print(stage, share, language)",
    )
    home = make_home(tmp_path / "home", n30_risk=shown)
    monkeypatch.setenv("WDP_HOME", str(home))
    made = run_batch(home / "params" / "tiny.yaml", home=home, overrides={"through": "2028"})
    assert (
        main(["parameters", str(home / "params" / "tiny.yaml"), "30-risk", "-p", "through=2028"])
        == 0
    )
    flat = tmp_path / "flat.yaml"
    flat.write_text(capfd.readouterr().out, "utf-8")
    source, out = home / "notebooks" / "30-risk.ipynb", tmp_path / "out.ipynb"
    monkeypatch.chdir(home)
    words = [str(source), str(out), "-f", str(flat), "--no-progress-bar"]
    papermill_command(words, standalone_mode=False)
    alone, ours = (
        nbformat.read(out, as_version=4),
        nbformat.read(made.folder / "30-risk.ipynb", as_version=4),
    )
    assert [cell.outputs for cell in alone.cells] == [cell.outputs for cell in ours.cells]
    assert (
        "2028" in ours.cells[2].outputs[0].data["text/plain"]
        and "midterm 0.5 zh" in ours.cells[3].outputs[0].text
    )


def test_the_parameters_of_many_runs_at_once_or_of_an_unknown_notebook_are_refused(
    tmp_path, monkeypatch, capsys
):
    home = make_home(tmp_path / "home")
    monkeypatch.setenv("WDP_HOME", str(home))
    monkeypatch.setenv("WDP_LANGUAGE", "zh")
    many = params(home, RUN + "matrix: {language: [zh, en]}\n", "many")
    assert main(["parameters", str(many), "30-risk"]) == 2 and "2 次运行" in capsys.readouterr().err
    assert main(["parameters", str(many), "30-risk", "--select", "language=en"]) == 0
    assert 'language: "en"' in capsys.readouterr().out
    assert main(["parameters", str(home / "params" / "tiny.yaml"), "31-risk"]) == 2
    assert "30-risk" in capsys.readouterr().err

"""What a notebook may do to the runner: say too much, too long, break off; and the runner says it in a sentence."""

import errno
import os
import re
import stat
import sys
import time
from pathlib import Path

import fork_kit
import nbformat
import pytest
from batch_home import RUN, make_home, notebook, params

import wdp_lib as wdp
from wdp_lib.batch import execute as execution
from wdp_lib.batch import report, run_batch
from wdp_lib.batch import run as batch_run
from wdp_lib.batch.folders import deliver
from wdp_lib.cli import main
from wdp_lib.core.files import write_atomic
from wdp_lib.core.home import MARKER, find_home


def run(home, **settings):
    return run_batch(home / "params" / "tiny.yaml", home=home, only=["30-risk"], **settings)


def shown(result):
    return result.outcomes[0].node.cells[-1].outputs


@pytest.mark.parametrize("code", ["print('0' * 3_000_000)", "raise ValueError('0' * 3_000_000)"])
def test_a_long_line_without_a_space_is_cut_with_a_sentence_and_takes_no_time(tmp_path, code):
    home = make_home(tmp_path / "home", n30_risk=notebook(code))
    begun = time.process_time()
    result = run(home)
    assert time.process_time() - begun < 8
    (output,) = shown(result)
    assert "输出过长" in output.get("text", output.get("evalue"))
    log = result.folder / "logs" / "30-risk.log"
    assert log.stat().st_size < 12_000_000


def test_many_pieces_of_one_line_are_one_output(tmp_path):
    pieces = "import sys\nfor i in range(3000):\n    sys.stdout.write('0' * 100); sys.stdout.flush()\nprint('end')"
    (output,) = shown(run(make_home(tmp_path / "home", n30_risk=notebook(pieces))))
    assert output.text == "0" * 300_000 + "end\n"


def test_a_log_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "MOST_LOGGED", 1000)
    result = run(make_home(tmp_path / "home", n30_risk=notebook("print('x ' * 5000)")))
    said = (result.folder / "logs" / "30-risk.log").read_text("utf-8")
    assert len(said) < 1200 and "输出过长" in said


def test_a_notebook_that_ends_leaves_no_word_of_an_interruption_in_its_log(tmp_path):
    result = run(make_home(tmp_path / "home"))
    assert "KeyboardInterrupt" not in (result.folder / "logs" / "30-risk.log").read_text("utf-8")


# --- what goes wrong is told in a sentence


@pytest.fixture
def home(tmp_path, monkeypatch):
    home = make_home(tmp_path / "home")
    monkeypatch.setenv("WDP_HOME", str(home))
    monkeypatch.setenv("WDP_LANGUAGE", "en")
    return home


def told(capsys, home, *arguments):
    """Exit code and last lines of a run, in which no traceback may be."""
    code = main(["run", str(home / "params" / "tiny.yaml"), *arguments])
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return code, said.err


def test_a_full_disk_is_one_sentence_and_what_is_done_is_kept(home, capsys, monkeypatch):
    write = report.write_outcome

    def full(outcome, *rest):
        if outcome.task.notebook == "30-risk":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "30-risk.html")
        return write(outcome, *rest)

    monkeypatch.setattr(batch_run, "write_outcome", full)
    code, said = told(capsys, home, "--quiet")
    assert code == 1 and said.count("\n") == 1
    assert said.startswith("30-risk.html: the disk is full") and "--resume" in said
    monkeypatch.setattr(batch_run, "write_outcome", write)
    assert main(["run", str(home / "params" / "tiny.yaml"), "--resume"]) == 0
    assert "10-data unchanged, kept" in capsys.readouterr().out


def test_files_limited_in_size_are_told_alike(home, tmp_path):
    command = ["run", "params/tiny.yaml", "--quiet"]
    done = fork_kit.start(command, folder=home, said=tmp_path / "said", largest=20_000)
    done.join()
    said = (tmp_path / "said").read_text("utf-8")
    assert done.exitcode == 1 and "Traceback" not in said
    assert "the disk is full, or files are limited in size" in said


@pytest.mark.parametrize("debug", [False, True])
def test_what_nobody_expected_is_a_sentence_with_a_log(home, capsys, monkeypatch, debug):
    def broken(run, home):
        path = home / "params" / "tiny.yaml"
        raise ZeroDivisionError(f"at {path.name}")

    monkeypatch.setattr(batch_run, "check_run", broken)
    monkeypatch.delenv("WDP_DEBUG", raising=False)
    main(["run", str(home / "params" / "tiny.yaml"), *(["--debug"] if debug else [])])
    monkeypatch.delenv("WDP_DEBUG", raising=False)
    said = capsys.readouterr().err
    assert ("Traceback" in said) == debug
    assert "an unexpected error (ZeroDivisionError: at tiny.yaml)" in said
    (log,) = re.findall(r"\S+wdp-error-\S+\.log", said)
    assert "ZeroDivisionError" in Path(log).read_text("utf-8")
    assert stat.S_IMODE(os.stat(log).st_mode) == 0o600
    os.unlink(log)


def test_a_file_where_the_reports_should_stand_is_told(home, tmp_path, capsys):
    (tmp_path / "a-file").touch()
    code, said = told(capsys, home, "--out", str(tmp_path / "a-file"))
    assert code == 2 and "is a file, not a folder" in said


def test_what_a_terminal_would_obey_is_written_out(home, capsys):
    plan = home / "data" / "plans" / "tiny" / "plan.yaml"
    plan.write_text('id: tiny\ntitle: {zh: a, en: "a\\e[31mred\\a"}\n', "utf-8")
    assert main(["plans"]) == 0
    assert capsys.readouterr().out == "tiny\ta\\x1b[31mred\\x07\n"


OLD = '{"nbformat":3,"nbformat_minor":0,"metadata":{"name":""},"worksheets":[{"metadata":{},"cells":[]}]}'


def test_an_old_notebook_and_one_in_r_are_told_once(home, capsys):
    path = home / "notebooks" / "30-risk.ipynb"
    path.write_text(OLD, "utf-8")
    code, said = told(capsys, home)
    assert code == 2 and said.count("30-risk") == 1 and "save it again" in said
    r = notebook("1")
    r.metadata = {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}
    nbformat.write(r, path)
    code, said = told(capsys, home)
    assert code == 2 and said.count("30-risk") == 1 and "a notebook in R" in said


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text.replace("tiny-midterm", "x" * 300), "at most 150 characters"),
        (
            lambda text: f"{text}matrix: {{a: {list(range(1000))}, b: {list(range(1000))}}}\n",
            "1,000,000 runs; expected at most 20,000",
        ),
    ],
)
def test_too_long_a_name_and_too_many_runs_are_told_at_once(home, capsys, change, expected):
    params(home, change(RUN))
    begun = time.process_time()
    code, said = told(capsys, home)
    assert code == 2 and expected in said and time.process_time() - begun < 2


# --- files and folders


def test_a_file_is_as_open_as_the_user_wants_and_stays_as_closed_as_it_was(tmp_path):
    path, before = tmp_path / "a", os.umask(0o077)
    try:
        write_atomic(path, "1")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o640)
        write_atomic(path, "2")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640 and path.read_text() == "2"
    finally:
        os.umask(before)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform != "linux", reason="folders are exchanged in one step on Linux")
def test_a_report_is_there_at_every_moment_of_its_renewal(tmp_path, monkeypatch):
    target, building = tmp_path / "report", tmp_path / ".report.building"
    for folder in (target, building):
        folder.mkdir()
        (folder / "run.json").write_text(folder.name)

    def killed(*names):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        deliver(building, target)
    assert (target / "run.json").read_text() == building.name


def project(folder, marker=True):
    (folder / "data" / "plans").mkdir(parents=True)
    if marker:
        (folder / MARKER).touch()
    return folder


def test_a_project_is_found_upwards_by_its_marker(tmp_path, monkeypatch):
    monkeypatch.delenv("WDP_HOME", raising=False)
    inside = project(tmp_path / "mine") / "notebooks"
    inside.mkdir()
    assert find_home(inside) == tmp_path / "mine"
    assert find_home(project(tmp_path / "other", marker=False)) == Path(wdp.__file__).parents[1]


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root can give away")
def test_a_project_of_another_user_is_passed_by(tmp_path, monkeypatch):
    monkeypatch.delenv("WDP_HOME", raising=False)
    theirs = project(tmp_path / "theirs")
    os.chown(theirs / MARKER, 54321, 54321)
    assert find_home(theirs) != theirs
    monkeypatch.setenv("WDP_HOME", str(theirs))  # named: the user wants it
    assert find_home(tmp_path) == theirs

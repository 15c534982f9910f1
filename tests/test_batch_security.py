"""What comes from elsewhere is data: records of reports, folders of others, schedulers on a network."""

import json
import os
import shutil
import subprocess
import sys
import time

import fork_kit
import pytest
from batch_home import RUN, files, make_home, notebook, params

from wdp_lib.batch import run_batch, verify_report
from wdp_lib.batch.cluster import cluster, is_safe
from wdp_lib.batch.execute import clean_notebook
from wdp_lib.batch.folders import sole_run
from wdp_lib.cli import main
from wdp_lib.core.errors import ParameterError


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = make_home(tmp_path_factory.mktemp("made") / "home")
    run_batch(home / "params" / "tiny.yaml", home=home)
    return home


@pytest.fixture
def home(tmp_path, monkeypatch):
    home = make_home(tmp_path / "home")
    monkeypatch.setenv("WDP_HOME", str(home))
    return home


@pytest.fixture
def report(home, made):
    return shutil.copytree(made / "reports" / "tiny-midterm", home / "reports" / "tiny-midterm")


def changed(report, **entries):
    """Change the record of a report."""
    path = report / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **entries}), "utf-8")


HOSTILE = {
    "a notebook elsewhere": lambda r: {"notebooks": [{**r["notebooks"][0], "notebook": "../x"}]},
    "a run elsewhere": lambda r: {"run": "../../other"},
    "an absolute run": lambda r: {"run": "/tmp/x"},
    "a table elsewhere": lambda r: {"tables": {"../../secret.csv": "0"}},
    "an absolute table": lambda r: {"tables": {"/etc/hostname": "0"}},
    "a page elsewhere": lambda r: {"notebooks": [{**r["notebooks"][0], "outputs": {"../x": "0"}}]},
    "a plan elsewhere": lambda r: {"parameters": {**r["parameters"], "plan": "../plans/tiny"}},
    "no state": lambda r: {"notebooks": [{"notebook": "10-data", "outputs": {}}]},
    "no mapping": lambda r: {"tables": ["a"]},
    "no list": lambda r: {"notebooks": 3},
    "no key": lambda r: {"notebooks": [{**r["notebooks"][0], "key": 3}]},
}


@pytest.mark.parametrize("command", ["verify", "archive", "run --resume"])
@pytest.mark.parametrize("forged", HOSTILE)
def test_a_forged_record_is_refused_and_nothing_is_written(
    home, report, tmp_path, capsys, command, forged
):
    outside = tmp_path / "x.ipynb"
    outside.write_bytes((home / "notebooks" / "10-data.ipynb").read_bytes())
    changed(report, **HOSTILE[forged](json.loads((report / "run.json").read_text("utf-8"))))
    before = files(tmp_path, logs=True)
    target = home / "params" / "tiny.yaml" if command == "run --resume" else report
    elsewhere = {"a plan elsewhere", "a run elsewhere", "an absolute run"}
    if command != "run --resume" or forged not in elsewhere:
        assert main([*command.split(), str(target)]) == 2
        assert "Traceback" not in capsys.readouterr().err
        assert files(tmp_path, logs=True) == before


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, '{"run": 1}'])
def test_a_record_that_is_none_is_told_as_that(report, home, text):
    (report / "run.json").write_text(text, "utf-8")
    with pytest.raises(ParameterError) as caught:
        verify_report(report, home=home)
    assert "The record of the report is wrong" in caught.value.render("en")


def test_a_link_out_of_a_report_is_not_followed(report, home, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", "utf-8")
    (report / "tables" / "link.csv").symlink_to(secret)
    changed(report, tables={"tables/link.csv": "0"})
    with pytest.raises(ParameterError):
        verify_report(report, home=home)


def test_two_runs_of_one_report_with_two_folders_for_temporary_files(tmp_path):
    begun, go_on = tmp_path / "begun", tmp_path / "go-on"
    wait = (
        "import pathlib, time\n"
        f"pathlib.Path({str(begun)!r}).touch()\n"
        f"while not pathlib.Path({str(go_on)!r}).exists(): time.sleep(0.05)"
    )
    home = make_home(tmp_path / "home", n10_data=notebook(wait))

    def start(name):
        (tmp_path / name).mkdir()
        own = {"TMPDIR": str(tmp_path / name), "WDP_LANGUAGE": "en"}
        command = ["run", "params/tiny.yaml", "--quiet"]
        return fork_kit.start(command, folder=home, said=tmp_path / f"{name}.txt", environment=own)

    first = start("one")
    while not begun.exists():
        assert first.exitcode is None
        time.sleep(0.05)
    second = start("two")
    second.join()
    go_on.touch()
    first.join()
    assert (first.exitcode, second.exitcode) == (0, 2)
    assert "Another process is making" in (tmp_path / "two.txt").read_text("utf-8")
    assert {"10-data.html", "30-risk.html"} <= set(files(home / "reports" / "tiny-midterm"))
    assert [path.name for path in (home / "reports").iterdir()] == ["tiny-midterm"]


def test_the_lock_goes_from_hand_to_hand_and_leaves_no_file(tmp_path):
    target = tmp_path / "report"
    for _ in range(3):
        with sole_run(target):
            with pytest.raises(ParameterError), sole_run(target):
                pass
            assert [path.name for path in tmp_path.iterdir()] == [".report.lock"]
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", [".tiny-midterm.lock", ".tiny-midterm.building"])
def test_a_link_laid_where_a_run_would_write_is_not_followed(home, tmp_path, name, capsys):
    victim = tmp_path / "victim"
    if name.endswith("building"):
        victim.mkdir()
    (home / "reports").mkdir()
    (home / "reports" / name).symlink_to(victim)
    assert main(["run", str(home / "params" / "tiny.yaml"), "--language", "en"]) == 2
    assert name in capsys.readouterr().err
    assert not victim.exists() or not list(victim.iterdir())


needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user"
)


@needs_root
def test_a_folder_of_another_user_is_refused_in_one_sentence(home, capsys):
    other = home / "reports" / ".tiny-midterm.building"
    other.mkdir(parents=True)
    os.chown(other, 54321, 54321)
    assert main(["run", str(home / "params" / "tiny.yaml"), "--language", "en"]) == 2
    assert "is a link or belongs to another user" in capsys.readouterr().err


@needs_root
def test_the_lock_of_another_user_holds_and_one_without_a_name_may_run():
    code = """
import os, sys, tempfile
from pathlib import Path
from wdp_lib.batch.folders import sole_run
from wdp_lib.core.errors import ParameterError
folder = Path(tempfile.mkdtemp()); folder.chmod(0o777); target = folder / "report"
stale = folder / ".stale.lock"; stale.touch(); stale.chmod(0o644)
with sole_run(target):
    if not (child := os.fork()):
        os.setgid(54321); os.setuid(54321)
        try:
            with sole_run(target): os._exit(1)
        except ParameterError: pass
        with sole_run(folder / "stale"): os._exit(0)
    print(os.waitpid(child, 0)[1])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("tcp://127.0.0.1:8786", True),
        ("localhost:8786", True),
        ("tcp://[::1]:8786", True),
        ("tls://10.0.0.1:8786", True),
        ("tcp://10.0.0.1:8786", False),
        ("10.0.0.1:8786", False),
        ("tcp://0.0.0.0:8786", False),
        ("tcp://localhost.example.org:8786", False),
        ("ws://10.0.0.1:8786", False),
    ],
)
def test_a_scheduler_that_anybody_on_the_network_could_use_is_known(address, safe):
    assert is_safe(address) == safe


def test_such_a_scheduler_is_refused_unless_told(home, monkeypatch, capsys):
    monkeypatch.setattr("wdp_lib.batch.cluster.PATIENCE", 0.2)
    command = ["run", str(params(home, RUN)), "--scheduler", "tcp://192.0.2.1:9"]
    assert main([*command, "--language", "en"]) == 2
    assert "--insecure-scheduler" in capsys.readouterr().err
    with pytest.raises(ParameterError) as caught, cluster("tcp://192.0.2.1:9", insecure=True):
        pass
    assert "No scheduler answers at tcp://192.0.2.1:9" in caught.value.render("en")


def test_a_long_line_without_a_space_is_cleaned_as_before():
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    text = "x" * 3_000_000 + " /tmp/ipykernel_12/345.py:1: careful"
    stream = new_output("stream", name="stderr", text=text)
    node = clean_notebook(new_notebook(cells=[new_code_cell(outputs=[stream])]), home=os.curdir)
    assert node.cells[0].outputs[0].text == "x" * 3_000_000 + " cell:1: careful"

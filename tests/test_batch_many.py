"""Many runs: matrices, runs side by side, the lock, interruptions, and the plan of the work."""

import os
import signal
import stat
import time

import fork_kit
import pytest
from batch_home import RUN, files, make_home, notebook, orders, params, run

from wdp_lib.batch import (
    expand,
    plan_runs,
    read_run,
    run_all,
    run_planned,
)
from wdp_lib.batch.folders import sole_run
from wdp_lib.batch.shared import Pace
from wdp_lib.batch.studies import KEPT, keep_studies, kept_studies
from wdp_lib.cli import main
from wdp_lib.core.errors import ParameterError

MATRIX = """\
matrix:
  area:
    Ruyuan: {plan: tiny, dataset: tiny}
    Lechang: {plan: tiny, dataset: tiny}
  language: [zh, en]
"""


# --- matrices


def test_a_matrix_stands_for_a_run_for_each_combination_named_after_its_values(tmp_path):
    home = make_home(tmp_path / "home")
    runs = expand(read_run(params(home, RUN + MATRIX)))
    assert [one.run for one in runs] == [
        *(
            "tiny-midterm-ruyuan-zh",
            "tiny-midterm-ruyuan-en",
            "tiny-midterm-lechang-zh",
            "tiny-midterm-lechang-en",
        )
    ]
    assert [one.language for one in runs] == ["zh", "en", "zh", "en"]
    assert runs[2].axes == {"area": "Lechang", "language": "zh"}
    assert runs[2].title.zh == "小县中期评估（Lechang）" and runs[2].title.en.endswith("(Lechang)")


def test_an_area_chosen_leaves_the_others_out_and_an_unknown_one_is_told_with_the_nearest(tmp_path):
    path = params(make_home(tmp_path / "home"), RUN + MATRIX)
    chosen = plan_runs([path], selected={"area": ["Lechang"], "language": ["en"]})
    assert [one.run for one in chosen] == ["tiny-midterm-lechang-en"]
    with pytest.raises(ParameterError) as caught:
        plan_runs([path], selected={"area": ["Lechag"]})
    assert "Did you mean Lechang?" in caught.value.render("en")


def test_a_parameter_of_the_matrix_cannot_be_given_on_the_command_line(tmp_path):
    path = params(make_home(tmp_path / "home"), RUN + MATRIX)
    with pytest.raises(ParameterError) as caught:
        plan_runs([path], overrides={"language": "en"})
    assert "language" in caught.value.render("en") and "--select" in caught.value.render("en")


@pytest.mark.parametrize(
    "wrong",
    ["matrix: []", "matrix: {language: []}", "matrix: {language: [zh, zh]}", "matrix: {a: 3}"],
)
def test_a_matrix_of_a_wrong_shape_is_refused(tmp_path, wrong):
    with pytest.raises(ParameterError) as caught:
        read_run(params(make_home(tmp_path / "home"), RUN + wrong + "\n"))
    assert "matrix" in caught.value.render("en")


def test_two_runs_of_one_name_are_refused_before_anything_is_run(tmp_path):
    home = make_home(tmp_path / "home")
    with pytest.raises(ParameterError) as caught:
        plan_runs([params(home), params(home, RUN, "again")])
    assert "a name of its own" in caught.value.render("en")


# --- side by side


def test_a_second_run_of_the_same_report_is_refused_while_the_first_goes_on(tmp_path):
    home = make_home(tmp_path / "home")
    with sole_run(home / "reports" / "tiny-midterm"), pytest.raises(ParameterError) as caught:
        run(home)
    assert "Another process is making" in caught.value.render("en")
    assert run(home)[0].failed == ()


def test_runs_side_by_side_give_what_they_give_one_after_another(tmp_path):
    home = make_home(tmp_path / "home")
    ended = []
    ends = run_all(
        orders(home, ["one", "two", "three"]),
        jobs=2,
        ended=lambda end, left, seconds: ended.append(left),
    )
    assert [end.run for end in ends] == ["one", "two", "three"] and ended == [2, 1, 0]
    assert all(not end.failed and not end.error for end in ends)
    alone = run_planned(read_run(home / "params" / "two.yaml"), home=home, out=tmp_path)
    assert files(home / "reports" / "two") == files(alone.folder)


def test_a_run_with_wrong_data_does_not_stop_the_others(tmp_path):
    home = make_home(tmp_path / "home")
    made = orders(home, ["one", "two"])
    wrong = orders(home, ["wrong"], RUN.replace("dataset: tiny", "dataset: nowhere"))
    ends = run_all([made[0], *wrong, made[1]], jobs=2, ended=lambda *told: None)
    assert [(end.run, end.wrong_input) for end in ends] == [
        ("one", False),
        ("wrong", True),
        ("two", False),
    ]
    assert "nowhere" in ends[1].error


def test_an_interruption_ends_kernels_at_once_and_keeps_what_is_done(tmp_path):
    at_work = tmp_path / "at-work"
    wait = f"import pathlib, time\npathlib.Path({str(at_work)!r}).touch()\ntime.sleep(120)"
    home = make_home(tmp_path / "home", n30_risk=notebook(wait))
    names = ["one", "two", "three"]
    made = [str(params(home, RUN.replace("tiny-midterm", name), name)) for name in names]
    log = tmp_path / "said"
    process = fork_kit.start(["run", *made, "--jobs", "2"], folder=home, said=log)
    done = home / "reports" / ".one.building" / ".state" / "10-data.json"
    while not (done.is_file() and at_work.exists()):
        assert process.exitcode is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    process.join(60)  # the notebook at work would take longer
    assert process.exitcode == 130
    assert "已中断。" in log.read_text("utf-8") and "Traceback" not in log.read_text("utf-8")
    assert done.is_file() and not (home / "reports" / "one").exists()


def test_the_time_left_counts_what_waits_and_what_runs_at_a_time():
    pace = Pace(notebooks=10, lanes=2)
    assert pace.left() == 0.0
    pace.ended(4.0)
    pace.ended(8.0)
    assert pace.left() == 8 * 6.0 / 2
    pace.dropped(6)
    assert pace.left() == 2 * 6.0 / 2


# --- the command line


def test_a_dry_run_lists_runs_notebooks_and_reasons_and_writes_nothing(
    tmp_path, monkeypatch, capsys
):
    home = make_home(tmp_path / "home")
    monkeypatch.setenv("WDP_HOME", str(home))
    assert main(["run", str(params(home, RUN + MATRIX)), "--dry-run", "--area", "Ruyuan"]) == 0
    out = capsys.readouterr().out
    assert (
        out.splitlines()[0].startswith("tiny-midterm-ruyuan-zh")
        and "10-data" in out
        and "2 份报告，运行 4 个笔记本" in out
    )
    assert not (home / "reports").exists()


def test_the_language_of_the_messages_leaves_an_axis_of_languages_alone(
    tmp_path, monkeypatch, capsys
):
    home = make_home(tmp_path / "home")
    monkeypatch.setenv("WDP_HOME", str(home))
    monkeypatch.setenv("WDP_LANGUAGE", "zh")
    assert main(["run", str(params(home, RUN + MATRIX)), "--dry-run", "--language", "en"]) == 0
    out = capsys.readouterr().out
    assert "4 reports, 8 notebooks to run" in out and "tiny-midterm-lechang-zh" in out
    assert main(["run", str(params(home)), "--dry-run", "--language", "en", "--resume"]) == 0
    assert "no results yet" in capsys.readouterr().out


def test_what_studies_computed_is_kept_for_the_owner_and_this_version_only(tmp_path):
    made, reports = tmp_path / "made", tmp_path / "reports"
    for number in range(KEPT + 2):
        (made / f"study{number}").mkdir(parents=True)
        os.utime(made / f"study{number}", (number, number))
    (reports / ".studies" / "another version").mkdir(parents=True)
    keep_studies(made, reports)
    place = kept_studies(reports)
    assert [one.name for one in (reports / ".studies").iterdir()] == [place.name]
    assert {one.name for one in place.iterdir()} == {f"study{n}" for n in range(2, KEPT + 2)}
    assert stat.S_IMODE((reports / ".studies").stat().st_mode) == 0o700

"""The command: quick help in two languages, exit codes, errors without a traceback."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from batch_home import RUN, make_home, notebook

import wdp_lib
from wdp_lib import cli

COMMANDS = (
    *("run", "parameters", "verify", "check", "archive", "plans", "data", "simulate"),
    "notebooks",
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    home = make_home(tmp_path / "home")
    monkeypatch.setenv("WDP_HOME", str(home))
    monkeypatch.setenv("WDP_LANGUAGE", "zh")
    return home


def wdp(*arguments, **environment):
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "wdp_lib.cli", *arguments]
    return subprocess.run(
        command, capture_output=True, env={**os.environ, **environment}, timeout=60
    )


def help_of(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        cli.main([*arguments, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_the_installed_command_is_there_and_tells_its_version():
    script = Path(sys.executable).with_name("wdp.exe" if os.name == "nt" else "wdp")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == f"wdp {wdp_lib.__version__}"


def test_the_help_loads_nothing_heavy():
    assert wdp("--help").returncode == 0
    heavy = {"pandas", "numpy", "papermill", "nbformat", "babel"}
    code = f"import sys; import wdp_lib.cli; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def test_help_is_chinese_unless_english_is_asked_for(capsys, monkeypatch):
    monkeypatch.setenv("WDP_LANGUAGE", "")
    assert "妇女发展规划" in help_of(capsys) and "退出码：0 成功" in help_of(capsys)
    assert "Exit codes: 0 done; 1 a notebook failed; 2" in help_of(capsys, "--language", "en")
    assert "Exit codes" in help_of(capsys)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_command_has_its_help(capsys, monkeypatch, language):
    monkeypatch.setenv("WDP_LANGUAGE", language)
    listed = help_of(capsys)
    for command in COMMANDS:
        assert f"    {command} " in listed
        assert f"wdp {command}" in help_of(capsys, command)


def test_plans_and_data_sets_are_listed_with_their_kind(home, capsys):
    assert cli.main(["plans"]) == 0
    assert capsys.readouterr().out == "tiny\t小县规划\n"
    assert cli.main(["data", "--language", "en"]) == 0
    assert capsys.readouterr().out == "tiny\tsimulated\tTiny data\n"


def test_chinese_on_a_console_that_cannot_show_it_becomes_question_marks(home):
    done = wdp("plans", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout.decode().strip()) == (0, "tiny\t????")


def test_a_run_ends_with_0_and_says_where_the_report_is(home, capsys):
    assert (
        cli.main(
            ["run", str(home / "params" / "tiny.yaml"), "--only", "30-risk", "-p", "share=0.25"]
        )
        == 0
    )
    assert (
        capsys.readouterr().out.splitlines()[-1]
        == f"报告：{home / 'reports' / 'tiny-midterm.part' / 'index.html'}"
    )
    assert "0.25" in (home / "reports" / "tiny-midterm.part" / "30-risk.html").read_text(
        encoding="utf-8"
    )


def test_a_failed_notebook_ends_with_1_and_is_named_even_when_quiet(tmp_path, monkeypatch, capsys):
    home = make_home(tmp_path / "home", n30_risk=notebook("1/0"))
    monkeypatch.setenv("WDP_HOME", str(home))
    params = str(home / "params" / "tiny.yaml")
    assert (
        cli.main(
            [
                "run",
                params,
                "--only",
                "30-risk",
                "--quiet",
                "--language",
                "en",
                "--out",
                str(tmp_path),
            ]
        )
        == 1
    )
    said = capsys.readouterr()
    logs = tmp_path / "tiny-midterm.part.failed" / "logs"
    assert (
        said.out == ""
        and said.err.strip() == f"tiny-midterm: notebooks that failed: 30-risk; logs in {logs}"
    )
    index = (tmp_path / "tiny-midterm.part.failed" / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in index


def test_wrong_parameters_end_with_2_and_a_message_without_a_traceback(home, capsys):
    assert cli.main(["run", str(home / "params" / "tiny.yaml"), "-p", "horizont=3"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("参数有误，没有开始运行\n  1. tiny.yaml，“horizont”列：")
    assert "Traceback" not in said


def test_every_parameter_file_of_a_check_is_looked_at(home, capsys):
    (home / "params" / "other.yaml").write_text(RUN.replace("seed: 7", "seed: x"), encoding="utf-8")
    paths = [str(home / "params" / name) for name in ("none.yaml", "other.yaml")]
    assert cli.main(["check", *paths, "--language", "en"]) == 2
    said = capsys.readouterr().err
    assert (
        "found no such file" in said and "column seed: found 'x'; expected a whole number" in said
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check"], "Give parameter files, --plan, or --dataset."),
        (["check", "--data", "tiny"], "Give --plan, or write plan: NAME in dataset.yaml."),
        (["check", "a.xlsx"], "To check a return give --dataset."),
        (["check", "--plan", "tinny"], "tiny"),
        (["notebooks", "30-rsik"], "Did you mean 30-risk?"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_says_what_to_type_instead(
    home, capsys, arguments, told
):
    assert cli.main([*arguments, "--language", "en"]) == 2
    assert told in capsys.readouterr().err


def test_words_argparse_does_not_know_end_with_2(home):
    for arguments in (["rum"], ["run"], ["run", "x.yaml", "-p", "seed"], []):
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        assert ended.value.code == 2


def test_refreshing_one_notebook_stores_its_outputs(home, capsys):
    assert cli.main(["notebooks", "30-risk"]) == 0
    assert capsys.readouterr().out.startswith("30-risk 完成，用时 ")
    assert '"0.5\\n"' in (home / "notebooks" / "30-risk.ipynb").read_text(encoding="utf-8")


def test_an_interrupted_command_ends_with_130(home, capsys, monkeypatch):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.actions, "plans", interrupted)
    assert cli.main(["plans"]) == 130
    assert capsys.readouterr().err == "已中断。\n"


def test_a_file_with_a_matrix_is_checked_as_the_runs_it_stands_for(tmp_path, capsys, monkeypatch):
    project = Path(wdp_lib.__file__).parents[1]
    monkeypatch.setenv("WDP_HOME", str(project))
    path = tmp_path / "many.yaml"
    lines = (project / "params" / "china-midterm-2025.yaml").read_text("utf-8").splitlines()
    kept = [
        line for line in lines if line.split(":")[0].strip() not in ("plan", "dataset", "language")
    ]
    both = "{plan: china-2021-2030, dataset: china}"
    path.write_text(
        "\n".join([*kept, f"matrix: {{area: {{a: {both}}}, language: [zh, en]}}", ""]), "utf-8"
    )
    assert cli.main(["check", str(path), "--language", "en"]) == 0
    assert "many.yaml: ready to run" in capsys.readouterr().out


def test_the_plans_and_data_sets_that_come_with_the_project_pass_the_check(capsys, monkeypatch):
    monkeypatch.delenv("WDP_HOME", raising=False)
    monkeypatch.chdir(Path(wdp_lib.__file__).parents[1])
    assert (
        cli.main(["check", "--plan", "china-2021-2030", "--data", "china", "--language", "en"]) == 0
    )
    said = capsys.readouterr().out.splitlines()
    assert "plan china-2021-2030: no problems" in said
    assert said[-1].startswith("data set china (known by ")


def test_simulating_writes_a_data_set_marked_as_simulated_other_with_another_seed(
    capsys, monkeypatch, tmp_path
):
    project, made = Path(wdp_lib.__file__).parents[1], tmp_path / "made"
    monkeypatch.delenv("WDP_HOME", raising=False)
    monkeypatch.chdir(project)
    asked = ["--plan", "ruyuan-2021-2030", "--last-year", "2016", "--seed", "1"]
    assert cli.main(["simulate", "--folder", str(made), *asked, "--language", "en"]) == 0
    assert capsys.readouterr().out == f"Simulated data written to {made}\n"
    assert "kind: simulated" in (made / "dataset.yaml").read_text(encoding="utf-8")
    # the truth does not depend on the years that are reported
    committed = project / "data" / "observations" / "ruyuan-demo" / "truth" / "truth.csv"
    here, there = (pd.read_csv(p) for p in (made / "truth" / "truth.csv", committed))
    assert list(here) == list(there) and len(here) == len(there) and not here.equals(there)


def test_two_files_run_side_by_side_and_the_worst_exit_code_counts(tmp_path, monkeypatch, capfd):
    home = make_home(tmp_path / "home")
    monkeypatch.setenv("WDP_HOME", str(home))
    monkeypatch.setenv("WDP_LANGUAGE", "en")
    second, wrong = home / "params" / "second.yaml", home / "params" / "wrong.yaml"
    second.write_text(RUN.replace("tiny-midterm", "tiny-second"), encoding="utf-8")
    wrong.write_text(
        RUN.replace("tiny-midterm", "tiny-wrong").replace("seed: 7", "seed: x"), encoding="utf-8"
    )
    files = [str(home / "params" / name) for name in ("tiny.yaml", "second.yaml", "wrong.yaml")]
    assert cli.main(["run", *files, "--only", "30-risk"]) == 2
    assert "second Report:" in capfd.readouterr().out
    assert sorted(p.name for p in (home / "reports").iterdir()) == [
        "tiny-midterm.part",
        "tiny-second.part",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run"], "错误：缺少参数：PARAMS"),
        (["runn"], "没有 'runn' 这一项，可选：'plans'"),
        (["run", "x.yaml", "--nope"], "错误：无法识别：--nope"),
        (["run", "x.yaml", "--jobs", "two"], "参数 --jobs：应为正整数，现为 'two'"),
        (["run", "x.yaml", "-p", "seed"], "应为 名称=值，现为 'seed'"),
        (["run", "x.yaml", "--out"], "参数 --out：应给出一个值"),
        (
            ["simulate", "--plan", "p", "--folder", "x", "--seed", "one"],
            "参数 --seed：应为整数，现为 'one'",
        ),
        (
            ["--language", "en", "run", "x.yaml", "--jobs", "0"],
            "error: argument --jobs: a whole number from 1 is expected",
        ),
    ],
)
def test_a_wrong_command_line_is_told_in_the_users_language(words, told, capsys, monkeypatch):
    monkeypatch.setenv("WDP_LANGUAGE", "zh")
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2 and told in capsys.readouterr().err


def test_checking_data_lists_problems_by_kind_and_many_of_one_hide_no_other(capsys, monkeypatch):
    monkeypatch.delenv("WDP_HOME", raising=False)
    monkeypatch.chdir(Path(wdp_lib.__file__).parents[1])

    def told(*more):
        words = ["--plan", "ruyuan-2021-2030", "--data", "ruyuan-demo", "--language", "en", *more]
        assert cli.main(["check", *words]) == 2
        return capsys.readouterr().out.splitlines()

    short, whole = told(), told("--all")
    listed = [line for line in whole if line.startswith("    ")]
    kinds = [re.search(r"^  \S.* \((\d+)\)$", line) for line in whole]
    counts = [int(kind[1]) for kind in kinds if kind]
    assert sum(counts) == len(listed) > len(short) - len(counts)
    left = [int(n) for line in short for n in re.findall(r"^    … (\d+) more: --all$", line)]
    shown = [line for line in short if line.startswith("    ") and "more: --all" not in line]
    assert len(shown) + sum(left) == len(listed)
    assert {line for line in whole if not line.startswith("    ")} <= set(short)

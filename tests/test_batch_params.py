"""Parameter files: every mistake is told at once, before the first cell runs."""

import pytest
from batch_home import PARAMETERS, RUN, make_home, notebook

from wdp_lib.batch import check_run, override, read_run
from wdp_lib.batch.check import notebook_parameters
from wdp_lib.core.errors import ParameterError, Text


@pytest.fixture
def home(tmp_path):
    return make_home(tmp_path / "home")


def written(home, text):
    path = home / "params" / "tiny.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(home, text=RUN, language="en", **changed):
    """The message for a parameter file, line by line."""
    with pytest.raises(ParameterError) as caught:
        check_run(override(read_run(written(home, text)), changed), home)
    return caught.value.render(language).splitlines()


def test_a_parameter_file_becomes_a_run(home):
    run = read_run(written(home, RUN))
    assert (run.run, run.title, run.notebooks) == (
        "tiny-midterm",
        Text("小县中期评估", "Mid-term evaluation of a tiny county"),
        ("10-data", "30-risk"),
    )
    assert (
        run.parameters["as_of"] == "2026-06-30"
        and run.parameters["seed"] == 7
        and run.language == "zh"
    )
    assert check_run(run, home) is None


def test_an_unknown_parameter_is_told_for_each_notebook_with_its_line_the_known_ones_and_a_suggestion(
    home,
):
    message = refused(home, RUN.replace("through: 2030", "throu: 2030"))
    assert message == [
        "The parameters are wrong; nothing was run",
        "  1. tiny.yaml, row 9, column throu: found throu, which is no parameter of 10-data.ipynb; expected one of "
        "plan, dataset, as_of, through, stage, language, seed, share. Did you mean through?",
        "  2. tiny.yaml, row 9, column throu: found throu, which is no parameter of 30-risk.ipynb; expected one of "
        "plan, dataset, as_of, through, stage, language, seed, share. Did you mean through?",
    ]


def test_the_same_message_in_chinese(home):
    assert refused(home, RUN.replace("through: 2030", "throu: 2030"), "zh")[:2] == [
        "参数有误，没有开始运行",
        "  1. tiny.yaml，第 9 行，“throu”列：现为 10-data.ipynb 没有的参数 throu；应为plan, dataset, as_of, through, "
        "stage, language, seed, share 之一。是否要写 through？",
    ]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('through: "2030"', "found '2030'; expected a whole number"),
        ("through: 2030.5", "found 2030.5; expected a whole number"),
        ("through: true", "found True; expected a whole number"),
        ("stage: 3", "found 3; expected text (in quotes)"),
        ("as_of: 2026-06-30", 'found 2026-06-30; expected a date in quotes, such as "2026-06-30"'),
        ('as_of: "2026-06-31"', "found '2026-06-31'; expected a date in quotes"),
        ('as_of: "30.6.2026"', "found '30.6.2026'; expected a date in quotes"),
        ("share: yes", "found 'yes'; expected a number"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(home, wrong, told):
    name = wrong.split(":")[0]
    lines = [line for line in RUN.splitlines() if not line.strip().startswith(f"{name}:")]
    message = refused(home, "\n".join([*lines, f"  {wrong}"]))
    assert len(message) == 3
    assert f"tiny.yaml, row {len(lines) + 1}, column {name}: {told}" in message[1]


def test_a_whole_number_may_stand_for_a_number(home):
    assert check_run(read_run(written(home, RUN + "  share: 1\n")), home) is None


def test_all_problems_of_a_run_come_at_once(home):
    message = refused(
        home,
        RUN.replace("30-risk]", "30-rsik]")
        .replace("plan: tiny", "plan: tine")
        .replace("language: zh", "language: fr"),
    )
    text = "\n".join(message)
    assert len(message) == 4
    assert "language: found 'fr'; expected zh or en" in text
    assert "plan: found tine; expected a folder of data/plans. Did you mean tiny?" in text
    assert (
        "found 30-rsik; expected a notebook of the folder notebooks. Did you mean 30-risk?" in text
    )


def test_a_run_says_which_plan_data_and_day_it_speaks_of_so_that_no_default_slips_in(home):
    message = refused(home, RUN.replace("  dataset: tiny\n", ""))
    assert message[1] == (
        "  1. tiny.yaml, column dataset: found not stated; expected text (in quotes). State dataset under parameters."
    )


def test_a_parameter_for_one_notebook_is_given_to_that_one_only(home):
    run = read_run(written(home, RUN + "notebook_parameters: {30-risk: {share: 0.25, seed: 8}}\n"))
    check_run(run, home)
    assert run.parameters_of("30-risk") == {**run.parameters, "share": 0.25, "seed": 8}
    assert run.parameters_of("10-data") == dict(run.parameters)


def test_parameters_for_a_notebook_that_is_not_run_are_refused(home):
    message = refused(home, RUN + "notebook_parameters: {30-rik: {share: 0.25}}\n")
    assert (
        "row 13, column 30-rik: found 30-rik; expected a notebook of this run. Did you mean 30-risk?"
        in message[1]
    )


def test_the_report_folder_is_not_for_the_parameter_file(home):
    assert "use --out to choose the place" in refused(home, RUN + '  report_folder: "x"\n')[1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            RUN.replace("run: tiny-midterm", "run: ../x"),
            "row 1, column run: found '../x'; expected lower-case letters",
        ),
        (
            RUN.replace("[10-data, 30-risk]", "[]"),
            "row 4, column notebooks: found []; expected at least one notebook",
        ),
        (RUN.replace("30-risk]", "10-data]"), "expected at least one notebook, none twice"),
        (RUN.replace("notebooks: [10-data, 30-risk]\n", ""), "column notebooks: found no such key"),
        (
            RUN + "parametres: {}\n",
            "row 13, column parametres: found parametres; expected one of run, title",
        ),
        (RUN + "run: again\n", "row 13"),
        (RUN.replace("en: Mid", "fr: Mid"), "column title"),
        (RUN + "  broken: [1\n", "expected YAML with each key once"),
        ("- a list\n", "expected YAML with each key once"),
        ("", "expected YAML with each key once"),
    ],
)
def test_a_broken_parameter_file_is_refused_with_the_line(home, text, told):
    assert told in refused(home, text)[1]


def test_a_file_in_another_encoding_or_none_at_all_is_told_so(home):
    path = written(home, RUN)
    path.write_bytes(RUN.encode("gbk"))
    with pytest.raises(ParameterError) as caught:
        read_run(path)
    assert "found not UTF-8" in caught.value.render("en")
    with pytest.raises(ParameterError) as caught:
        read_run(path.with_name("tinny.yaml"))
    assert (
        "found no such file; expected a parameter file. Did you mean tiny.yaml?"
        in caught.value.render("en")
    )


def test_values_typed_on_the_command_line_are_numbers_truth_or_text(home):
    given = {"seed": "9", "share": "0.75", "as_of": "2025-01-31", "stage": '"7"', "through": "true"}
    run = override(read_run(written(home, RUN)), given)
    assert {name: run.parameters[name] for name in given} == {
        "seed": 9,
        "share": 0.75,
        "as_of": "2025-01-31",
        "stage": "7",
        "through": True,
    }
    assert (
        "tiny.yaml, column through: found True; expected a whole number"
        in refused(home, through="true")[1]
    )


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path):
    home = make_home(tmp_path / "home", n30_risk=notebook("1 + 1", parameters=None))
    assert "30-risk.ipynb: found no cell tagged parameters" in refused(home)[1]


@pytest.mark.parametrize(
    "line", ["last: int | None = None", "last = int(3)", "last = 1  # if last = 1", "last += 1"]
)
def test_a_parameter_papermill_would_not_see_is_told(tmp_path, line):
    home = make_home(tmp_path / "home", n30_risk=notebook("1", parameters=f"{PARAMETERS}\n{line}"))
    message = refused(home)[1]
    assert message.startswith("  1. 30-risk.ipynb, column last: found last")
    assert "papermill does not see such a parameter" in message


def test_a_notebook_that_takes_no_report_folder_is_refused(tmp_path):
    parameters = "\n".join(PARAMETERS.splitlines()[:-1])
    home = make_home(tmp_path / "home", n30_risk=notebook("1", parameters=parameters))
    assert "30-risk.ipynb, column report_folder: found no such parameter" in refused(home)[1]


@pytest.mark.parametrize("content", ["no json", "[]", "{}", '{"nbformat": 4}'])
def test_a_corrupt_notebook_is_told_so(home, content):
    (home / "notebooks" / "30-risk.ipynb").write_text(content, encoding="utf-8")
    message = refused(home)[1]
    assert "30-risk.ipynb: found" in message


def test_the_default_values_of_a_notebook_are_read_without_running_it(home):
    known, problems = notebook_parameters(home / "notebooks" / "30-risk.ipynb")
    assert problems == []
    assert known["through"] == 2030 and known["share"] == 0.5 and known["report_folder"] == ""

"""Notebooks are thin, hold their prose, are translated, stored with their outputs, and nbval sees what changes."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from wdp_lib.batch.new import OPEN, PARAMETERS
from wdp_lib.batch.translate import catalogue_path, read_catalogue, untranslated
from wdp_lib.cli import main
from wdp_lib.study.shown import CHARTS, sentences, view_names

HOME = Path(__file__).parents[1]
TRIAL = Path(__file__).parent / "trial" / "children-2011-2020"
NOTEBOOKS = sorted((HOME / "notebooks").glob("*.ipynb"))
VALUE = re.compile(r"(?<= = ).*?(?=  # )", re.MULTILINE)
FURTHER = {
    "00-explore": ("indicator", "areas", "by", "model"),
    "15-missing-data": ("margin", "design_effect", "response", "population"),
    "35-warning-list": ("earlier_round",),
    "70-annual-monitoring": ("year",),
    "90-final-evaluation": ("earlier_round",),
    "special-study": (
        *("indicator", "areas", "by"),
        *("margin", "design_effect", "response", "population"),
    ),
    "special-supervision": ("domain", "project", "goals", "unit"),
}
# what a cell may ask a study for by name, and the names there are
NAMED = {
    "show": set(view_names()),
    "chart": set(CHARTS),
    "say": set(sentences()),
}


def cells(path, kind="code"):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def source(cell):
    return "".join(cell["source"])


def calls(path):
    """Every call of the study in a notebook: method and first argument."""
    for cell in cells(path):
        for node in ast.walk(ast.parse(source(cell))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                first = node.args[0] if node.args else None
                yield node.func.attr, first.value if isinstance(first, ast.Constant) else None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
class TestEachNotebook:
    def test_holds_no_logic(self, path):
        assert len(cells(path)) <= 30
        for cell in cells(path):
            assert not re.search(
                r"^\s*(def|class|for|while|import (?!wdp_lib)|from )\b", source(cell), re.MULTILINE
            )

    def test_has_one_parameters_cell_of_plain_literals(self, path):
        tagged = [c for c in cells(path) if "parameters" in c["metadata"].get("tags", [])]
        assert len(tagged) == 1
        names = re.findall(r"^(\w+) = [\"\d]", source(tagged[0]), re.MULTILINE)
        told, own = (VALUE.sub("", text).splitlines() for text in (PARAMETERS, source(tagged[0])))
        assert own[: len(told)] == told and len(own) == len(names)
        assert tuple(names[len(told) :]) == FURTHER.get(path.stem, ())

    def test_opens_its_study_as_every_other_one(self, path):
        wanted = set(OPEN.splitlines()[:-1])
        assert any(wanted <= set(source(cell).splitlines()) for cell in cells(path))

    def test_says_what_it_is_for_before_its_first_code(self, path):
        first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
        assert first["cell_type"] == "markdown" and source(first).startswith("# ")

    def test_asks_the_study_only_for_what_there_is(self, path):
        asked = [(method, name) for method, name in calls(path) if method in NAMED and name]
        assert asked
        assert not [(method, name) for method, name in asked if name not in NAMED[method]]

    def test_has_no_code_cell_that_only_prints_fixed_prose(self, path):
        said = {name for method, name in calls(path) if method == "say"}
        assert all("{" in sentences()[key].text.zh for key in said)
        fixed = [
            c for c in cells(path) if re.fullmatch(r"\s*(print\()?[\"'].*", source(c), re.DOTALL)
        ]
        assert fixed == []

    def test_is_translated_cell_by_cell_as_it_stands(self, path):
        notebook = nbformat.read(path, as_version=4)
        assert untranslated(notebook, read_catalogue(catalogue_path(path, "en"))) == []

    def test_knows_no_plan_beyond_its_parameters(self, path):
        rest = [c for c in cells(path) if "parameters" not in c["metadata"].get("tags", [])]
        texts = "\n".join(map(source, [*rest, *cells(path, "markdown")]))
        assert not re.search(r"乳源|ruyuan|china|乡镇|全县|本县|妇女发展|maternal|health\b", texts)

    def test_is_stored_with_its_outputs_and_without_traces_of_the_run(self, path):
        text = re.sub(r'"image/png": "[^"]*"', "", path.read_text(encoding="utf-8"))
        assert all(c["execution_count"] for c in cells(path))
        assert sum(bool(c["outputs"]) for c in cells(path)) >= 3
        assert not re.search(
            r'"(start_time|end_time|duration|iopub\.)|0x[0-9a-f]{6,}|Warning', text
        )

    def test_shows_every_chart_with_its_data_as_text(self, path):
        for cell in cells(path):
            for output in cell["outputs"]:
                if "image/png" in output.get("data", {}):
                    assert len("".join(output["data"]["text/plain"])) > 80
                    assert output["metadata"]["image/png"]["alt"]


def test_a_new_notebook_runs_and_is_as_every_other_one(tmp_path, monkeypatch, capsys):
    for name in ("plans/ruyuan-2021-2030", "observations/ruyuan-demo", "schemes"):
        shutil.copytree(HOME / "data" / name, tmp_path / "data" / name)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("WDP_HOME", str(tmp_path))
    command = ["new", "notebook", "my-question"]
    assert main(command) == 2  # of which plan and data, nobody has said
    named = ["--plan", "ruyuan-2021-2030", "--data", "ruyuan-demo"]
    assert main([*command, *named, "--title", "婚检率会回落吗？", "--title-en", "Back?"]) == 0
    path = tmp_path / "notebooks" / "my-question.ipynb"
    checks = [check for name, check in vars(TestEachNotebook).items() if name.startswith("test_")]
    for check in checks:
        check(TestEachNotebook(), path)
    assert len(checks) == 10
    english = nbformat.read(path.parent / "en" / path.name, as_version=4)
    assert english.cells[0].source.startswith("# Back?")
    before = path.read_bytes()
    assert main([*command, *named]) == 2 and path.read_bytes() == before  # never overwritten


def test_a_new_special_study_is_a_copy_with_its_own_title_plan_and_data(tmp_path, monkeypatch):
    shutil.copytree(HOME / "notebooks", tmp_path / "notebooks")
    (tmp_path / "data" / "observations").mkdir(parents=True)
    (tmp_path / "data" / "plans").mkdir()
    shutil.copytree(TRIAL / "plan", tmp_path / "data" / "plans" / "children-2011-2020")
    shutil.copytree(TRIAL / "observations", tmp_path / "data" / "observations" / "children")
    shutil.copytree(HOME / "data" / "schemes", tmp_path / "data" / "schemes")
    monkeypatch.setenv("WDP_HOME", str(tmp_path))
    named = ["--plan", "children-2011-2020", "--data", "children", "--title", "谁没有上学？"]
    assert main(["new", "study", "school", *named]) == 0  # made, and run with the other plan
    path = tmp_path / "notebooks" / "school.ipynb"
    assert all(cell["execution_count"] for cell in cells(path))
    first, text = cells(path, "markdown")[0], "\n".join(map(source, cells(path)))
    assert source(first).startswith("# 谁没有上学？\n")
    assert 'plan = "children-2011-2020"' in text and 'indicator = ""  #' in text
    assert "婚前医学检查率" not in path.read_text("utf-8")
    english = nbformat.read(path.parent / "en" / path.name, as_version=4)
    assert english.cells[0].source.startswith("# School\n")


def test_exploring_by_hand_is_stored_as_its_chart_alone():
    (path,) = (path for path in NOTEBOOKS if path.stem == "00-explore")
    (cell,) = (cell for cell in cells(path) if "study.explore(" in source(cell))
    assert [set(output["data"]) for output in cell["outputs"]] == [{"image/png", "text/plain"}]
    assert "widget" not in path.read_text(encoding="utf-8")


def test_every_sentence_is_said_by_a_notebook():
    said = {name for path in NOTEBOOKS for method, name in calls(path) if method == "say"}
    assert said == set(sentences())


def test_every_sentence_names_the_same_figures_in_both_languages():
    for key, one in sentences().items():
        zh, en = (set(re.findall(r"\{(\w+)\}", words)) for words in (one.text.zh, one.text.en))
        assert en - {"part", "parts"} <= zh, key  # words for a level of areas, not figures


def nbval(path):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "wdp_lib.batch",
        "--nbval",
        "--nbval-current-env",
    ]
    environment = {**os.environ, "WDP_HOME": str(HOME)}
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", "-q", str(path)],
        capture_output=True,
        text=True,
        cwd=path.parent,
        env=environment,
    )


def test_nbval_fails_when_a_stored_number_or_the_data_of_a_chart_changes(tmp_path):
    path = HOME / "notebooks" / "30-risk.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    chart, table = (
        next(
            cell
            for cell in notebook["cells"]
            if any(kind in output.get("data", {}) for output in cell.get("outputs", []))
        )
        for kind in ("image/png", "text/html")
    )
    spoilt = [spoil(chart, "text/plain"), spoil(table, "text/html")]
    copy = tmp_path / "30-risk.ipynb"
    copy.write_text(json.dumps(notebook), encoding="utf-8")
    result = nbval(copy)
    assert result.returncode == 1
    assert re.search(r"\b2 failed", result.stdout), result.stdout[-3000:]
    assert all(changed in result.stdout for changed in spoilt)


def spoil(cell, kind):
    """Change one digit of a stored output; return the text that was put there."""
    output = next(o for o in cell["outputs"] if kind in o.get("data", {}))
    text = "".join(output["data"][kind])
    place = re.search(r"\d\d\.\d\d?", text)
    wrong = f"{99 - int(place[0][:2]):02d}{place[0][2:]}"
    output["data"][kind] = text[: place.start()] + wrong + text[place.end() :]
    return wrong


def test_cells_that_are_not_compared_are_none():
    marks = [source(c) for path in NOTEBOOKS for c in cells(path) if "NBVAL" in source(c)]
    assert marks == []

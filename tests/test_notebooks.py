"""Notebooks are thin, bilingual, stored with their outputs, and nbval sees when a number or a chart changes."""

import json
import os
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

from wdp_lib.publish.page import read_texts

HOME = Path(__file__).parents[1]
NOTEBOOKS = sorted((HOME / "notebooks").glob("*.ipynb"))
PARAMETERS = ("plan", "dataset", "as_of", "through", "stage", "language", "seed", "report_folder")


def cells(path, kind="code"):
    return [
        c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == kind
    ]


def source(cell):
    return "".join(cell["source"])


FURTHER = {
    "35-warning-list": ("earlier_round",),
    "70-annual-monitoring": ("year",),
    "90-final-evaluation": ("earlier_round",),
    "special-supervision": ("domain", "project", "goals", "area"),
}
WHOLE_REPORTS = (
    "35-warning-list",
    "60-projects-and-units",
    "80-midterm-evaluation",
    "90-final-evaluation",
)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
class TestEachNotebook:
    def test_holds_no_logic_and_few_cells(self, path):
        code = cells(path)
        assert len(code) <= (50 if path.stem in WHOLE_REPORTS else 25)
        for cell in code:
            assert not re.search(
                r"^\s*(def|class|for|while|import (?!wdp_lib)|from )\b", source(cell), re.MULTILINE
            )

    def test_has_one_parameters_cell_of_plain_literals(self, path):
        tagged = [c for c in cells(path) if "parameters" in c["metadata"].get("tags", [])]
        assert len(tagged) == 1
        names = re.findall(r"^(\w+) = [\"\d]", source(tagged[0]), re.MULTILINE)
        assert tuple(names) == PARAMETERS + FURTHER.get(path.stem, ())

    def test_is_stored_with_its_outputs_and_without_traces_of_the_run(self, path):
        text = re.sub(r'"image/png": "[^"]*"', "", path.read_text(encoding="utf-8"))
        assert all(c["execution_count"] for c in cells(path))
        assert sum(bool(c["outputs"]) for c in cells(path)) > 5
        assert not re.search(
            r'"(start_time|end_time|duration|iopub\.)|0x[0-9a-f]{6,}|Warning', text
        )

    def test_shows_every_chart_with_its_data_as_text(self, path):
        for cell in cells(path):
            for output in cell["outputs"]:
                if "image/png" in output.get("data", {}):
                    assert len("".join(output["data"]["text/plain"])) > 80
                    assert output["metadata"]["image/png"]["alt"]

    def test_has_every_paragraph_in_both_languages_with_the_same_facts(self, path):
        zh, en = (
            read_texts(HOME / "notebooks" / "texts" / f"{path.stem}.{code}.md")
            for code in ("zh", "en")
        )
        assert list(zh) == list(en)
        for key in zh:
            assert fields(zh[key]) == fields(en[key]), key

    def test_says_every_paragraph_and_no_other(self, path):
        written = read_texts(HOME / "notebooks" / "texts" / f"{path.stem}.zh.md")
        said = set(re.findall(r'page\.say\(\s*"(\w+)"', "\n".join(source(c) for c in cells(path))))
        if "page.panels" in "".join(source(c) for c in cells(path)):
            said.add("none")
        assert said == set(written)


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def nbval(path):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "--nbval-current-env",
        "-p",
        "no:cacheprovider",
        "-q",
        str(path),
    ]
    environment = {**os.environ, "WDP_HOME": str(HOME)}
    return subprocess.run(command, capture_output=True, text=True, cwd=path.parent, env=environment)


def test_nbval_fails_when_a_stored_number_or_the_data_of_a_chart_changes(tmp_path):
    path = HOME / "notebooks" / "30-risk.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    chart = next(
        c
        for c in notebook["cells"]
        if any("image/png" in o.get("data", {}) for o in c.get("outputs", []))
    )
    table = next(
        c
        for c in notebook["cells"]
        if any("text/html" in o.get("data", {}) for o in c.get("outputs", []))
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

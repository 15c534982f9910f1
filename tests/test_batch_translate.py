"""A notebook in English: a catalogue by cell, swapped in by the runner; what lacks or changed is found."""

import subprocess
from pathlib import Path

import nbformat
import pytest
from batch_home import files, make_home, notebook, params

from wdp_lib.batch import refresh_notebooks, run_batch
from wdp_lib.batch.translate import (
    catalogue_path,
    catalogue_text,
    read_catalogue,
    translate,
    untranslated,
    updated_catalogue,
)
from wdp_lib.cli import main

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
ENTRY = 'msgctxt "{}"\nmsgid "{}"\nmsgstr "{}"\n\n'


@pytest.fixture
def home(tmp_path):
    return make_home(tmp_path / "home", n30_risk=notebook("# 风险\n\n正文", "print(1)  # 一"))


def written(home, *entries):
    """A catalogue of cell, source and translation."""
    path = catalogue_path(home / "notebooks" / "30-risk.ipynb", "en")
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [ENTRY.format(*entry).replace("\n\n正", r"\n\n正") for entry in entries]
    path.write_text("".join(lines), "utf-8")
    return path


def read(home):
    return nbformat.read(home / "notebooks" / "30-risk.ipynb", as_version=4)


def sources(node):
    return [cell.source for cell in node.cells]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_cell_of_prose_of_a_notebook_is_translated_as_it_stands(path):
    node = nbformat.read(path, as_version=4)
    assert untranslated(node, read_catalogue(catalogue_path(path, "en"))) == []


def test_only_prose_is_translated_and_the_source_stays_as_it_is(home):
    node = read(home)
    path = written(home, ("cell-1", r"# 风险\n\n正文", r"# Risk\n\nText"))
    made = translate(node, read_catalogue(path))
    assert sources(made)[1:] == ["# Risk\n\nText", "print(1)  # 一"]
    assert sources(node) == sources(read(home))


@pytest.mark.parametrize(
    "entry",
    [
        None,
        ("cell-1", r"# 风险\n\n旧文", "# Risk"),
        ("cell-9", r"# 风险\n\n正文", "# Risk"),
        ("cell-1", r"# 风险\n\n正文", ""),
    ],
)
def test_a_cell_that_is_new_changed_or_empty_is_found_and_stays_chinese(home, entry):
    catalogue = read_catalogue(written(home, *([entry] if entry else [])))
    assert untranslated(read(home), catalogue) == ["cell-1"]
    assert sources(translate(read(home), catalogue)) == sources(read(home))


def test_the_catalogue_keeps_what_holds_and_marks_what_changed(home):
    node, path = read(home), written(home, ("cell-1", r"# 风险\n\n旧文", "# Risk"))
    once = catalogue_text(updated_catalogue(node, read_catalogue(path)), "en")
    assert '#, fuzzy\nmsgctxt "cell-1"' in once and "旧文" not in once and '"# Risk"' in once
    path.write_text(once, "utf-8")
    assert untranslated(node, read_catalogue(path)) == ["cell-1"]
    assert catalogue_text(updated_catalogue(node, read_catalogue(path)), "en") == once
    path.write_text(once.replace("#, fuzzy\n", ""), "utf-8")
    assert untranslated(node, read_catalogue(path)) == []


def test_the_runner_speaks_the_language_of_the_run_and_a_new_translation_is_a_reason_to_run(home):
    written(home, ("cell-1", r"# 风险\n\n正文", "# Risk"))
    run, said = params(home), []

    def made(language):
        overrides = {"language": language}
        return run_batch(run, home=home, overrides=overrides, resume=True, progress=said.append)

    assert "<h1" in (page := (made("en").folder / "30-risk.html").read_text("utf-8"))
    assert "Risk</h1>" in page and "风险" not in page
    before = files(made("en").folder)
    written(home, ("cell-1", r"# 风险\n\n正文", "# At risk"))
    assert b"At risk</h1>" in files(made("en").folder)["30-risk.html"] != before["30-risk.html"]
    assert "风险</h1>" in (made("zh").folder / "30-risk.html").read_text("utf-8")


def test_refreshing_writes_copies_to_explore_in_english_without_results(home):
    written(home, ("cell-1", r"# 风险\n\n正文", "# Risk"))
    refresh_notebooks(home, only=["30-risk"])
    copy = nbformat.read(home / "notebooks" / "en" / "30-risk.ipynb", as_version=4)
    assert 'language = "en"' in copy.cells[0].source and copy.cells[1].source == "# Risk"
    assert copy.cells[2].outputs == [] and read(home).cells[2].outputs
    assert 'language = "zh"' in read(home).cells[0].source


def test_the_command_writes_catalogues_and_counts_what_is_left(home, monkeypatch, capsys):
    monkeypatch.setenv("WDP_HOME", str(home))
    assert main(["notebooks", "30-risk", "--catalogue", "--language", "en"]) == 0
    assert capsys.readouterr().out == "30-risk: to be translated: cell-1\n"
    path = catalogue_path(home / "notebooks" / "30-risk.ipynb", "en")
    path.write_text(path.read_text("utf-8").replace('msgstr ""\n', 'msgstr "# Risk"\n'), "utf-8")
    assert main(["notebooks", "30-risk", "--catalogue", "--language", "en"]) == 0
    assert capsys.readouterr().out == "30-risk: translated\n"
    assert not read(home).cells[2].outputs


def test_translators_tools_can_read_a_catalogue(home, tmp_path):
    path = tmp_path / "x.po"
    path.write_text(
        catalogue_text(updated_catalogue(read(home), read_catalogue(path)), "en"), "utf-8"
    )
    command = "import sys; from babel.messages.pofile import read_po; read_po(open(sys.argv[1], 'rb'), abort_invalid=True)"
    subprocess.run([__import__("sys").executable, "-c", command, path], check=True)

"""Every number of a report has a method: identifiers beside the results, assumptions and limits at the end of the page."""

import ast
import json
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import wdp_lib as wdp
from wdp_lib.publish.html.page import export_html
from wdp_lib.publish.page import Page
from wdp_lib.publish.text.lineage import CARRIES_NOTHING, cell_methods, methods

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
READ, JUDGED, FORECAST, NEEDS = "M01", "M02", "M03", "M20"


def code_cells(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(("".join(c["source"])), c["outputs"]) for c in cells if c["cell_type"] == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_G1_every_table_and_chart_of_a_report_has_a_method(path):
    cells = code_cells(path)
    for (source, outputs), found in zip(
        cells, cell_methods([source for source, _ in cells]), strict=True
    ):
        kinds = {kind for output in outputs for kind in output.get("data", {})}
        assert found or not kinds & {"text/html", "image/png"}, source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_G1_every_paragraph_with_computed_figures_has_a_method(path):
    cells = code_cells(path)
    for (source, _), found in zip(
        cells, cell_methods([source for source, _ in cells]), strict=True
    ):
        last = ast.parse(source).body[-1]
        filled = [
            k
            for n in ast.walk(last)
            if isinstance(n, ast.Call)
            for k in n.keywords
            if k.arg is None
        ]
        assert found or not (isinstance(last, ast.Expr) and filled), source


def test_G1_a_result_rests_on_the_methods_of_all_that_went_into_it():
    cells = [
        "import wdp_lib as wdp\nplan = wdp.load_plan('p')",
        "data = wdp.read_dataset('d', plan)\nforecasts = wdp.forecast(data.observations, plan)",
        "wdp.coverage_table(wdp.coverage(data.observations, plan), plan)",
        "wdp.trend_table(forecasts, plan)",
        "forecasts",
    ]
    found = cell_methods(cells)
    assert found[:2] == [(), ()]  # nothing is shown
    assert found[2] == (READ,)
    assert found[3] == found[4]
    assert {READ, FORECAST} <= set(found[3])


def test_G1_after_a_choice_a_result_rests_on_either_way():
    cells = ["if first:\n    x = wdp.read_dataset('d')\nelse:\n    x = None", "x", "x = 1\nx"]
    assert cell_methods(cells) == [(), (READ,), ()]


def test_G1_words_alone_rest_on_no_method():
    cells = [
        "data = wdp.read_dataset('d')\npage = wdp.open_page('n', plan, data)",
        "page.say('rules')",
        "page.say('n', n=data.n)",
    ]
    assert cell_methods(cells)[1:] == [(), (READ,)]


def test_every_method_is_explained_in_both_languages_and_names_doors_that_exist():
    for method in methods().values():
        for text in (method.name, method.assumptions, method.limits):
            assert text.zh and text.en
        assert method.source
        for door in method.doors:
            owner, _, name = door.rpartition(".")
            assert hasattr(Page, name) if owner == "page" else door in wdp.__all__, door


def shown(source, text):
    return new_code_cell(source, outputs=[new_output("display_data", {"text/html": text})])


def test_G1_the_page_names_methods_below_a_result_and_explains_them_at_its_end():
    cells = [
        shown("data = wdp.read_dataset('d')\nwdp.missing_table(data)", "<p>缺数</p>"),
        shown("needed = 1", "<p>其余</p>"),
    ]
    page = export_html(new_notebook(cells=cells), language="zh", title="报告")
    assert (
        page.index("缺数")
        < page.index("方法：M01")
        < page.index("其余")
        < page.index("方法、假定和局限")
    )
    assert page.count("方法：") == 1
    closing = page[page.index("方法、假定和局限") :]
    assert methods()["M01"].limits.zh in closing
    assert methods()["M20"].limits.zh not in closing


def test_a_page_without_a_result_of_the_library_has_no_methods():
    assert 'wdp-note">' not in export_html(
        new_notebook(cells=[shown("1 + 1", "<p>2</p>")]), language="zh", title="x"
    )


def test_a_method_table_has_a_row_for_each_method_asked_for():
    table = wdp.method_table((JUDGED, NEEDS), language="en")
    assert list(table.frame["id"]) == [JUDGED, NEEDS]
    assert list(table.frame["method"]) == [
        "judging a promise",
        "need in numbers and pace from now on",
    ]


def test_G1_every_door_that_a_notebook_calls_computes_by_a_listed_method_or_only_shows():
    """Doors of the part that publishes show what they are given; all others need a row in the table of methods."""
    listed = {door for method in methods().values() for door in method.doors} | set(CARRIES_NOTHING)
    sources = [source for path in NOTEBOOKS for source, _ in code_cells(path)]
    calls = [
        node.func
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
    ]
    called = {
        f.attr
        for f in calls
        if isinstance(f, ast.Attribute) and getattr(f.value, "id", "") == "wdp"
    }
    computing = {
        name for name in called if not getattr(wdp, name).__module__.startswith("wdp_lib.publish")
    }
    assert computing - listed == set()
    assert {"assess", "read_dataset"} <= computing

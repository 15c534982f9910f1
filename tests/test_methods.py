"""Every number of a report has a method: kept with the result, explained at the end of the page."""

import json
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from wdp_lib.publish.html.page import export_html
from wdp_lib.publish.text.methods import method_table, methods, methods_of, told

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
READ, JUDGED, NEEDS = "M01", "M02", "M20"


def results(path):
    """Outputs of a notebook that show a table or a chart."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    shown = [output for cell in cells for output in cell.get("outputs", [])]
    return [one for one in shown if {"text/html", "image/png"} & set(one.get("data", {}))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
@pytest.mark.requirement("G1")
def test_every_table_and_chart_of_a_notebook_names_its_methods(path):

    for output in results(path):
        assert set(told(output)["methods"]) <= set(methods()), output["data"].get("text/plain")


def test_every_method_is_explained_in_both_languages_and_names_tables():
    for method in methods().values():
        assert all(method.values())


def test_a_table_rests_on_the_methods_of_all_that_went_into_it():
    assert methods_of("observations") == (READ,)
    assert set(methods_of("forecasts")) | {JUDGED} < set(methods_of("risks"))
    assert set(methods_of("observations", "risks")) == set(methods_of("risks"))
    assert methods_of("nothing_of_that_name") == ()


def shown(text, **metadata):
    output = new_output("display_data", {"text/html": text}, metadata={"wdp": metadata})
    return new_code_cell("1", outputs=[output])


@pytest.mark.requirement("G1")
def test_methods_stand_in_one_annex_with_the_sections_they_are_for_and_not_in_the_text():
    cells = [new_markdown_cell("## 一、进展"), shown("<p>缺数</p>", methods=[JUDGED, READ])]
    cells += [new_markdown_cell("## 二、展望"), shown("<p>其余</p>", methods=[READ])]
    page = export_html(new_notebook(cells=cells), language="zh", title="报告")
    text, closing = page.split("方法、假定和局限</", 1)
    assert READ not in text[text.index("缺数") :] and closing.count(READ) == 1
    assert "一、进展；二、展望" in closing
    assert methods()[READ]["limits_zh"] in closing and methods()[NEEDS]["limits_zh"] not in closing


def test_a_method_that_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match="M99"):
        export_html(new_notebook(cells=[shown("x", methods=["M99"])]), language="zh", title="x")


def test_a_page_without_a_result_of_the_library_has_no_methods():
    page = export_html(new_notebook(cells=[shown("<p>2</p>")]), language="zh", title="x")
    assert "方法、假定和局限" not in page


def test_a_method_table_has_a_row_for_each_method_asked_for():
    table = method_table((JUDGED, NEEDS), language="en")
    assert list(table.frame["id"]) == [JUDGED, NEEDS]
    assert table.frame["method"].str.len().gt(0).all()

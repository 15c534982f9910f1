"""Workbooks, web tables and text as they arrive: every figure with its address, damage in a sentence."""

import itertools
import zipfile

import pytest
from openpyxl import Workbook

from tests.test_import_tables import EXPECTED, MEANINGS, figures
from wdp_lib.core.errors import DataError
from wdp_lib.data.tables import lay_out, read_grids


def _book(path, fill):
    book = Workbook()
    fill(book.active)
    book.save(path)
    return read_grids(path)


def test_a_workbook_keeps_merges_dates_percentages_and_the_address_of_each_figure(tmp_path):
    def fill(sheet):
        sheet.title = "卫健"
        sheet.append(["完成情况表", None, None])
        sheet.merge_cells("A1:C1")
        sheet.append(["指标", "2020年", "2021年"])
        sheet.append(["毛入学率", 0.951, 96.2])
        sheet["B3"].number_format = "0.0%"
        sheet.append(["注：全是公报数", None, None])
        sheet.merge_cells("A4:C4")

    (grid,) = _book(tmp_path / "a.xlsx", fill)
    one = lay_out(grid, MEANINGS, "county")
    assert figures(one, "value", "address") == [("95.1%", "卫健!B3"), ("96.2", "卫健!C3")]


def test_a_formula_without_a_stored_value_is_told(tmp_path):
    def fill(sheet):
        sheet.append(["指标", "2020年", "2021年"])
        sheet.append(["毛入学率", "=1+1", 96.2])

    (grid,) = _book(tmp_path / "a.xlsx", fill)
    one = lay_out(grid, MEANINGS, "county")
    assert [p.rule for p in one.problems] == ["formula_without_value"]
    assert len(one.table) == 1


def test_a_web_table_saved_as_xls_is_read_with_its_spans(tmp_path):
    path = tmp_path / "b.xls"
    path.write_text(
        "<html><body><table><tr><td rowspan=2>指标</td><td colspan=2>毛入学率</td></tr>"
        "<tr><td>2020年</td><td>2021年</td></tr><tr><td>某县</td><td>95.1</td><td>96.2</td></tr>"
        "</table></body></html>",
        encoding="utf-8",
    )
    (grid,) = read_grids(path)
    assert figures(lay_out(grid, MEANINGS, "county")) == EXPECTED[:2]


ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "utf-16"]


@pytest.mark.parametrize(("encoding", "mark"), list(itertools.product(ENCODINGS, ",;\t|")))
def test_text_is_read_in_any_encoding_with_any_mark(tmp_path, encoding, mark):
    path = tmp_path / "c.csv"
    lines = [["指标", "2020年", "2021年"], ["毛入学率", "95.1", "96.2"]]
    path.write_text("\n".join(mark.join(line) for line in lines), encoding=encoding)
    (grid,) = read_grids(path)
    assert figures(lay_out(grid, MEANINGS, "county")) == EXPECTED[:2]


def test_damaged_and_oversized_workbooks_are_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "d.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("xl/workbook.xml", "<broken")
    with pytest.raises(DataError) as told:
        read_grids(path)
    assert told.value.problems[0].rule == "damaged_workbook"
    monkeypatch.setattr("wdp_lib.data.read.grids._LARGEST", 3)
    with pytest.raises(DataError) as told:
        read_grids(path)
    assert told.value.problems[0].rule == "too_large"

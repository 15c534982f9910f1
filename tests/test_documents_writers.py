"""How a document is written: as Word and PDF in official form, as a workbook; text stays text."""

import io
import re
import zipfile
from dataclasses import replace

import docx
import numpy as np
import openpyxl
import pandas as pd
import pypdf
import pytest
from documents_kit import HOSTILE, SEEN, texts
from PIL import Image

from wdp_lib.documents import write_pdf, write_tables, write_word
from wdp_lib.documents.content import Captioned, Document, Heading, Paragraph, Span, is_wide
from wdp_lib.documents.layout import chinese
from wdp_lib.publish.views.show import Figure, Table

SHORT = Table(pd.DataFrame({"指标": ["甲", HOSTILE], "数值": ["1.5", "2"]}), "短表")
WIDE = Table(pd.DataFrame([["二〇二五年"] * 11] * 2, columns=list("abcdefghijk")), "宽表")
NUMBERS = Table(pd.DataFrame(np.arange(22).reshape(2, 11), columns=list("abcdefghijk")), "数表")


def picture():
    stream = io.BytesIO()
    Image.new("RGB", (200, 100), "white").save(stream, "png")
    return Figure(stream.getvalue(), "模拟数据\n达标概率 | %\n甲: 1 2")


BLOCKS = (
    Heading("进展", 1),
    Paragraph((Span("总体结论。", True), Span(HOSTILE))),
    Heading("健康", 2),
    Captioned(SHORT, "table", 1, SHORT.caption),
    Captioned(picture(), "figure", 1, "达标概率"),
    Heading("附表", number=False),
    Captioned(WIDE, "annex", 1, WIDE.caption),
)
COVER = (("报告状态", "草稿"), ("数据截至", "2026-06-30"))


def made(blocks=BLOCKS, *, language="zh", mark="模拟数据", cover=COVER):
    title = ("中期评估报告", "中期评估报告", "某县规划")
    return Document(*title, cover, mark, "某县办公室", language, blocks)


def written(tmp_path, *blocks, **settings):
    write_word(made(*blocks, **settings), tmp_path / "a.docx")
    return docx.Document(str(tmp_path / "a.docx"))


# --- Word ---


def test_headings_are_styles_and_their_numbers_are_bound_to_them(tmp_path):
    file = written(tmp_path)
    heads = [(p.style.name, p.text) for p in file.paragraphs if p.style.name.startswith("Heading")]
    assert heads == [("Heading 1", "进展"), ("Heading 2", "健康"), ("Heading 1", "附表")]
    numbering = file.part.numbering_part.element.xml
    assert "chineseCountingThousand" in numbering and "（%2）" in numbering
    assert file.styles["Heading 1"].element.pPr.numPr is not None


def test_the_contents_list_the_headings_with_their_numbers_and_wait_for_pages(tmp_path):
    file = written(tmp_path)
    listed = [p for p in file.paragraphs if p.style.name.startswith("TOC")]
    assert [p.text.strip() for p in listed] == ["一、进展", "（一）健康", "附表"]
    assert all("PAGEREF _Toc" in p._p.xml for p in listed)
    marks = re.findall(r'w:name="(_Toc\d+)"', file.element.xml)
    assert len(marks) == 3


def test_headings_are_counted_in_chinese():
    assert [chinese(n) for n in (1, 9, 10, 11, 20, 45)] == [
        "一",
        "九",
        "十",
        "十一",
        "二十",
        "四十五",
    ]


def test_every_cell_of_a_table_is_in_the_document_as_the_reader_sees_it(tmp_path):
    short, wide = written(tmp_path).tables
    assert [[c.text for c in row.cells] for row in wide.rows][1:] == WIDE.texts.to_numpy().tolist()
    assert short.cell(1, 1).text == "1.5"


def test_tables_and_figures_are_numbered_by_fields_and_titled_once(tmp_path):
    file = written(tmp_path)
    captions = [p.text for p in file.paragraphs if p.style.name == "Caption"]
    assert captions == ["表1  短表", "图1  达标概率", "附表1  宽表"]
    assert file.element.xml.count("SEQ ") == 3


def test_a_wide_table_stands_across_the_page_and_numbers_that_fit_do_not(tmp_path):
    turned = [s.page_width > s.page_height for s in written(tmp_path).sections]
    assert turned == [False, False, True]
    assert is_wide(WIDE) and not is_wide(NUMBERS)


def test_pages_are_counted_from_the_text_on_not_from_the_cover(tmp_path):
    cover, text, annex = written(tmp_path).sections
    assert "PAGE" not in cover.footer._element.xml
    assert "PAGE" in text.footer._element.xml and "PAGE" in text.even_page_footer._element.xml
    assert 'w:start="1"' in text._sectPr.xml and 'w:start="1"' not in annex._sectPr.xml


def test_hostile_text_stays_text_in_word(tmp_path):
    file = written(tmp_path)
    assert f"总体结论。{SEEN}" in texts(file)
    assert file.tables[0].cell(2, 0).text == SEEN


@pytest.mark.parametrize("text", ["字" * 10_000, "\ud800破", "\u202e反写", "=HYPERLINK(1)", "\x00"])
def test_a_text_of_any_kind_and_length_can_be_a_cell_of_word_and_excel(tmp_path, text):
    table = Table(pd.DataFrame({"指标": [text, "乙"]}, dtype=object), text[:50])
    document = made((Captioned(table, "table", 1, table.caption),))
    write_word(document, tmp_path / "a.docx")
    write_tables(document, tmp_path / "a.xlsx")
    shown = docx.Document(str(tmp_path / "a.docx")).tables[0].cell(1, 0).text
    kept = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]["A4"]
    write_pdf(document, tmp_path / "a.pdf")
    assert shown == (kept.value or "") == re.sub("[\ud800\u202e\x00]", "", text)
    assert kept.data_type != "f"


@pytest.mark.parametrize(("mark", "shown"), [("模拟数据", True), ("", False)])
def test_simulated_data_say_so_on_the_cover_and_every_page(tmp_path, mark, shown):
    file = written(tmp_path, mark=mark)
    heads = ["".join(p.text for p in s.header.paragraphs) for s in file.sections]
    heads += ["".join(p.text for p in s.even_page_header.paragraphs) for s in file.sections]
    assert [head == "模拟数据" for head in heads] == [shown] * 6
    assert ("模拟数据" in texts(file)) == shown


def test_page_and_fonts_are_those_of_official_documents(tmp_path):
    file = written(tmp_path)
    first, normal = file.sections[0], file.styles["Normal"]
    margins = (first.top_margin, first.left_margin, first.right_margin, first.bottom_margin)
    assert [round(m.mm) for m in margins] == [37, 28, 26, 35]
    assert normal.font.size.pt == 16 and normal.paragraph_format.line_spacing.pt == 28
    assert 'w:eastAsia="仿宋_GB2312"' in normal.element.xml


def test_the_same_document_gives_the_same_bytes(tmp_path):
    for writer, name in ((write_word, "a.docx"), (write_tables, "a.xlsx")):
        writer(made(), tmp_path / name)
        first = (tmp_path / name).read_bytes()
        writer(made(), tmp_path / name)
        assert (tmp_path / name).read_bytes() == first
        with zipfile.ZipFile(io.BytesIO(first)) as packed:
            assert {one.date_time[0] for one in packed.infolist()} == {1980}


def test_a_pdf_is_tagged_for_archives_and_has_its_fonts_and_every_text_in_it(tmp_path):
    assert write_pdf(made(), tmp_path / "a.pdf") == []
    first = (tmp_path / "a.pdf").read_bytes()
    write_pdf(made(), tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == first
    file = pypdf.PdfReader(io.BytesIO(first))
    assert b"<pdfaid:part>2" in first and b"<pdfaid:conformance>A" in first
    faces = {one for page in file.pages for one in page["/Resources"]["/Font"].values()}
    assert {
        face["/BaseFont"].partition("+")[2]
        for face in map(pypdf.generic.IndirectObject.get_object, faces)
    } <= {"NotoSansSC-Regular-Identity-H", "NotoSerifSC-Regular-Identity-H"}
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in file.pages))
    for told in (
        "总体结论。",
        SEEN,
        "表1短表",
        "图1达标概率",
        "附表1宽表",
        "模拟数据",
        "（一）健康",
    ):
        assert re.sub(r"\s", "", told) in text


def objects_of(file):
    """Every object of a PDF."""
    found = (
        file.get_object(number)
        for number in range(1, len(file.xref[0]) + len(file.xref_objStm) + 2)
    )
    return [one for one in found if isinstance(one, dict)]


def test_a_pdf_has_what_an_archive_asks_of_it(tmp_path):
    write_pdf(made(), tmp_path / "a.pdf")
    file = pypdf.PdfReader(tmp_path / "a.pdf")
    root, objects = file.trailer["/Root"], objects_of(file)
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"].startswith("zh")
    intent = root["/OutputIntents"][0].get_object()
    assert intent["/S"] == "/GTS_PDFA1" and "/DestOutputProfile" in intent
    fonts = [one for one in objects if one.get("/Type") == "/FontDescriptor"]
    assert len(fonts) == 2 and all({"/FontFile2", "/FontFile3"} & set(one) for one in fonts)
    parts = [one["/S"] for one in objects if one.get("/Type") == "/StructElem"]
    assert {"/H1", "/H2", "/P", "/Table", "/TR", "/TH", "/TD", "/Figure", "/Caption"} <= set(parts)
    figures = [one for one in objects if one.get("/S") == "/Figure"]
    assert [one["/Alt"] for one in figures] == [picture().description]
    assert "/Encrypt" not in file.trailer and "/JavaScript" not in root.get("/Names", {})


@pytest.mark.parametrize(("lines", "pages"), [(25, 1), (31, 1), (50, 2)])
def test_a_short_document_is_set_closer_where_that_saves_a_page(tmp_path, lines, pages):
    said = tuple(Paragraph((Span("一行字"),)) for _ in range(lines))
    write_pdf(replace(made(said, cover=()), compact=True), tmp_path / "a.pdf")
    assert len(pypdf.PdfReader(tmp_path / "a.pdf").pages) == pages


def test_what_the_fonts_of_a_pdf_lack_is_shown_by_its_number_and_told(tmp_path):
    document = made((Paragraph((Span("张\U00020bb7\ue000"),)),))
    assert write_pdf(document, tmp_path / "a.pdf") == ["\ue000", "\U00020bb7"]
    page = pypdf.PdfReader(tmp_path / "a.pdf").pages[-1]
    assert "[U+20BB7][U+E000]" in page.extract_text()


def test_an_english_document_numbers_and_names_in_english(tmp_path):
    file = written(tmp_path, language="en")
    assert "%1.%2" in file.part.numbering_part.element.xml
    assert "Table 1  短表" in texts(file)


# --- Excel ---


def test_numbers_are_numbers_words_stand_by_colours_and_nothing_is_live(tmp_path):
    table = Table(
        pd.DataFrame(
            {"指标": ["=1+1", "+2", "-3", "@x"], "值": [1.5, 2, np.nan, 4], "预警": ["红"] * 4}
        ),
        "[表]/?*",
        ("注",),
        pd.DataFrame("", range(4), range(3)).assign(**{"2": "risk-red"})[[0, 1, "2"]],
    )
    write_tables(made((Captioned(table, "table", 1, table.caption),)), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert [sheet.cell(row, 1).value for row in range(4, 8)] == ["=1+1", "+2", "-3", "@x"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert [sheet.cell(row, 2).value for row in range(4, 8)] == [1.5, 2, None, 4]
    assert (sheet["C4"].value, sheet["C4"].fill.fgColor.rgb) == ("红", "00F9D9D5")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B4", "A3:C7")
    assert sheet["A2"].value == "模拟数据"


def test_a_printed_workbook_has_all_columns_of_a_table_on_one_page(tmp_path):
    table = Table(pd.DataFrame({"指标": ["甲"], "值": [1.5]}), "一张表")
    write_tables(made((Captioned(table, "table", 1, table.caption),)), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$3:$3")

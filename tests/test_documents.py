"""A report becomes a Word document with the same words and numbers, in the form of official papers."""

import io
import zipfile

import docx
import nbformat
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from wdp_lib.documents import read_document, write_word
from wdp_lib.documents.content import Document, Heading, Items, Paragraph, Span
from wdp_lib.publish.views.show import Figure, Table

HOSTILE = "<b>&amp;</b> =1+1 {{7*7}} $x$ \\input{a} **粗** \x00\x0b\x1b\u202e\u200b"
SHORT = Table(pd.DataFrame({"指标": ["甲", HOSTILE], "数值": ["1.5", "2"]}), "短表")
WIDE = Table(pd.DataFrame(np.arange(22).reshape(2, 11), columns=list("abcdefghijk")), "宽表")
LONG = Table(pd.DataFrame({"指标": [f"第{n}项" for n in range(40)]}), "长表")


def picture():
    stream = io.BytesIO()
    Image.new("RGB", (200, 100), "white").save(stream, "png")
    return Figure(stream.getvalue(), "模拟数据 SIMULATED DATA\n达标概率 | %\n甲: 1 2")


BLOCKS = (
    Heading("进展", 1),
    Paragraph((Span("总体结论。", True), Span(HOSTILE))),
    Items(((Span("其一"),), (Span("其二"),)), True),
    Heading("健康", 2),
    SHORT,
    WIDE,
    picture(),
    LONG,
)


def written(tmp_path, language="zh", mark="模拟数据", blocks=BLOCKS):
    document = Document(
        "中期评估报告", "某县规划", ("某县", "2026-06-30", "年报"), mark, language, blocks
    )
    write_word(document, tmp_path / "a.docx")
    return docx.Document(str(tmp_path / "a.docx"))


def texts(file):
    return [paragraph.text for paragraph in file.paragraphs]


def test_headings_are_styles_and_their_numbers_are_bound_to_them(tmp_path):
    file = written(tmp_path)
    heads = [(p.style.name, p.text) for p in file.paragraphs if p.style.name.startswith("Heading")]
    assert heads == [("Heading 1", "进展"), ("Heading 2", "健康"), ("Heading 1", "附表")]
    numbering = file.part.numbering_part.element.xml
    assert "chineseCountingThousand" in numbering and "（%2）" in numbering
    assert file.styles["Heading 1"].element.pPr.numPr is not None


def test_every_cell_of_a_table_is_in_the_document_as_the_reader_sees_it(tmp_path):
    short, wide, long = written(tmp_path).tables
    assert [[c.text for c in row.cells] for row in wide.rows][1:] == [
        [str(n) for n in row] for row in WIDE.frame.to_numpy()
    ]
    assert [row.cells[0].text for row in long.rows][1:] == list(LONG.frame["指标"])
    assert short.cell(1, 1).text == "1.5"


def test_tables_and_figures_are_numbered_by_fields_and_titled_once(tmp_path):
    captions = [p.text for p in written(tmp_path).paragraphs if p.style.name == "Caption"]
    assert captions == ["表1  短表", "表2  宽表", "图1  达标概率 | %", "表3  长表"]


def test_a_long_table_stands_in_the_annex_and_the_text_points_to_it(tmp_path):
    found = texts(written(tmp_path))
    assert found.index("（见附表：长表）") < found.index("附表")


def test_a_wide_table_stands_across_the_page(tmp_path):
    turned = [s.page_width > s.page_height for s in written(tmp_path).sections]
    assert turned == [False, True, False, True]


def test_hostile_text_stays_text(tmp_path):
    file = written(tmp_path)
    seen = "<b>&amp;</b> =1+1 {{7*7}} $x$ \\input{a} **粗** "
    assert f"总体结论。{seen}" in texts(file)
    assert file.tables[0].cell(2, 0).text == seen


@pytest.mark.parametrize(("mark", "shown"), [("模拟数据", True), ("", False)])
def test_simulated_data_say_so_on_the_cover_and_every_page(tmp_path, mark, shown):
    file = written(tmp_path, mark=mark)
    heads = ["".join(p.text for p in s.header.paragraphs) for s in file.sections]
    assert [head == "模拟数据" for head in heads] == [shown] * 4
    assert ("模拟数据" in texts(file)) == shown


def test_page_and_fonts_are_those_of_official_documents(tmp_path):
    file = written(tmp_path)
    first, normal = file.sections[0], file.styles["Normal"]
    margins = (first.top_margin, first.left_margin, first.right_margin, first.bottom_margin)
    assert [round(m.mm) for m in margins] == [37, 28, 26, 35]
    assert normal.font.size.pt == 16 and normal.paragraph_format.line_spacing.pt == 28
    assert 'w:eastAsia="仿宋_GB2312"' in normal.element.xml


def test_the_same_document_gives_the_same_bytes(tmp_path):
    written(tmp_path)
    first = (tmp_path / "a.docx").read_bytes()
    written(tmp_path)
    assert (tmp_path / "a.docx").read_bytes() == first
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert {one.date_time[0] for one in packed.infolist()} == {1980}


def test_an_english_document_numbers_and_names_in_english(tmp_path):
    file = written(tmp_path, "en", blocks=(Heading("Progress", 1), SHORT))
    assert "%1.%2" in file.part.numbering_part.element.xml
    assert "Table 1  短表" in texts(file)


NOTEBOOK = nbformat.v4.new_notebook(
    cells=[
        nbformat.v4.new_markdown_cell("# 风险\n\n本页。"),
        nbformat.v4.new_code_cell("language = 'zh'", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(
            "import wdp_lib as wdp\n"
            "study = wdp.open_study('china-2021-2030', 'china', as_of='2026-06-30',"
            " language=language)\n"
        ),
        nbformat.v4.new_markdown_cell("## 一、评级\n\n- 甲\n- **乙**"),
        nbformat.v4.new_code_cell("study.say('30.rule')"),
        nbformat.v4.new_code_cell("study.show('risks')"),
    ]
)


def test_a_notebook_is_the_recipe_of_a_document():
    document = read_document(NOTEBOOK, {"language": "zh"})
    assert (document.title, document.mark) == ("风险", "")
    kinds = [type(block).__name__ for block in document.blocks]
    assert kinds[:4] == ["Paragraph", "Heading", "Items", "Paragraph"]
    assert document.blocks[1] == Heading("评级", 1)
    assert document.blocks[2].lines[1] == (Span("乙", True),)
    assert isinstance(document.blocks[-1], Table) and len(document.blocks[-1].texts) > 5

"""What a round gives to be circulated: the words and numbers of its tables, in official form."""

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import numpy as np
import openpyxl
import pandas as pd
import pypdf
import pytest
from bs4 import BeautifulSoup
from PIL import Image

import wdp_lib as wdp
from wdp_lib.cli.command import main
from wdp_lib.documents import letters, report, summary, write, write_pdf, write_tables, write_word
from wdp_lib.documents.content import (
    Book,
    Captioned,
    Document,
    Heading,
    Paragraph,
    Span,
    is_wide,
    templates,
)
from wdp_lib.documents.layout import chinese
from wdp_lib.documents.narrative import Narrator
from wdp_lib.documents.parts import domain_briefs, unit_reports
from wdp_lib.publish.views.show import Figure, Table

HOSTILE = "<b>&amp;</b> =1+1 {{7*7}} $x$ \\input{a} **粗** \x00\x0b\x1b\u202e\u200b"
SEEN = "<b>&amp;</b> =1+1 {{7*7}} $x$ \\input{a} **粗** "
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


def texts(file):
    return [paragraph.text for paragraph in file.paragraphs]


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
    assert file.trailer["/Root"]["/MarkInfo"]["/Marked"]
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


# --- the content, from a study ---

ROUNDS = {
    "china": ("china-2021-2030", "china", "2025-12-31", "annual", 2030),
    "county": ("ruyuan-2021-2030", "ruyuan-demo", "2026-06-30", "midterm", 2030),
}


@pytest.fixture(scope="module", params=ROUNDS)
def study(request):
    plan, dataset, as_of, stage, through = ROUNDS[request.param]
    return wdp.open_study(plan, dataset, as_of=as_of, stage=stage, through=through, seed=20260630)


@pytest.fixture(scope="module")
def whole(study):
    return report(study)


def tables(document):
    return [b for b in document.blocks if isinstance(b, Captioned) and isinstance(b.shown, Table)]


def said(document):
    found = [b for b in document.blocks if isinstance(b, Paragraph)]
    return ["".join(span.text for span in paragraph.line) for paragraph in found]


def test_every_number_of_the_tables_is_that_of_the_result_tables(study, whole):
    risks = study.risks.assign(name=study.risks["indicator"].map(study.context.name))
    values = risks.set_index("name")[["last_value", "last_year", "p_meet"]]
    compared = 0
    for block in tables(whole):
        texts = block.shown.texts
        if not {"指标", "最新值（年份）"} <= set(texts):
            continue
        for row in texts.to_dict("records"):
            name = row["指标"].partition("（目标待核实）")[0]
            if row["最新值（年份）"] == "—":
                continue
            unit = study.plan.indicator(study.identifier(name)).unit
            shown = row["最新值（年份）"].removeprefix(study.context.word("unit", unit)).strip()
            number = re.match(r"-?[\d.]+", shown)[0]
            decimals = len(number.partition(".")[2])
            assert float(number) == pytest.approx(
                values.loc[name, "last_value"], abs=0.6 * 10**-decimals
            )
            assert f"（{values.loc[name, 'last_year']}" in row["最新值（年份）"]
            compared += 1
    assert compared >= 10


def words_of(block):
    if isinstance(block, Heading):
        return block.text
    if isinstance(block, Paragraph):
        return "".join(span.text for span in block.line)
    return block.caption


def squeezed(text):
    return re.sub(r"[\s\u200b]", "", text)


@pytest.mark.parametrize("study", ["china"], indirect=True)
def test_word_pdf_html_and_excel_hold_the_same_words_and_numbers(whole, tmp_path):
    names = write(whole, tmp_path, ("docx", "pdf", "html", "xlsx"))
    word, pdf, page, book = (tmp_path / name for name in names)
    file = docx.Document(str(word))
    pages = squeezed("".join(one.extract_text() for one in pypdf.PdfReader(pdf).pages))
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    said_in_word = squeezed("".join(texts(file)))
    said_in_html = squeezed(soup.main.get_text())
    for block in whole.blocks:
        text = squeezed(words_of(block))
        assert text in said_in_word and text in said_in_html
        assert text in re.sub(r"—\d+—", "", pages) or text[:12] in pages
    shown = [block.shown for block in tables(whole)]
    in_word = [[[c.text for c in r.cells] for r in t.rows] for t in file.tables]
    in_html = [
        [[c.get_text() for c in r.find_all(["td", "th"])] for r in t.find_all("tr")]
        for t in soup.find_all("table")
    ]
    in_content = [[list(t.texts), *t.texts.to_numpy().tolist()] for t in shown]
    assert in_word == in_content == in_html
    for table in in_content:
        assert not [c for row in table for c in row if squeezed(c)[:20] not in pages]
    sheets = openpyxl.load_workbook(book).worksheets
    for sheet, table in zip(sheets, shown, strict=True):
        frame = table.frame if len(table.frame) == len(table.texts) else table.texts
        for kept, row in zip(sheet.iter_rows(min_row=4), frame.to_numpy(), strict=False):
            for cell, value in zip(kept, row, strict=False):
                if pd.api.types.is_number(value) and not isinstance(value, bool):
                    assert pd.isna(value) or cell.value == pytest.approx(value)


def test_numbers_of_the_workbook_are_those_of_the_result_tables(study, whole, tmp_path):
    (book,) = write(whole, tmp_path, ("xlsx",))
    risks = study.risks.assign(name=study.risks["indicator"].map(study.context.name))
    risks, compared = risks.set_index("name"), 0
    columns = {"最新值（年份）": "last_value", "达标概率": "p_meet", "距目标": "margin"}
    for sheet in openpyxl.load_workbook(tmp_path / book).worksheets:
        head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
        for row in rows if head[0] == "指标" else ():
            name = str(row[0]).partition("（目标待核实）")[0]
            for heading, column in columns.items():
                shown = row[head.index(heading)] if heading in head else None
                if name in risks.index and pd.api.types.is_number(shown):
                    assert shown == pytest.approx(risks.loc[name, column])
                    compared += 1
    assert compared >= 20


def test_the_numbers_of_a_sentence_follow_from_the_result_tables(study, whole):
    narrator = Narrator(Book(study))
    years = study.annual_table.drop_duplicates("indicator").set_index("indicator")
    told = 0
    for row in study.risks.itertuples():
        if pd.isna(row.last_value) or study.plan.indicator(row.indicator).unit != "percent":
            continue
        line = narrator.indicator(row.indicator)
        assert f"{row.last_year}年" in line and f"为{row.last_value:g}" in line.replace(".0%", "%")
        if found := re.search(r"比上年(提高|上升|下降)([\d.]+)个百分点", line):
            change = years.loc[row.indicator, "value"] - years.loc[row.indicator, "previous_value"]
            assert float(found[2]) == pytest.approx(abs(change), abs=1e-4)
            assert (found[1] == "下降") == (change < 0)
            told += 1
    assert told >= 2


def test_a_change_is_not_told_across_a_change_of_definition(study):
    narrator = Narrator(Book(study))
    for indicator in set(narrator.breaks["indicator"]):
        row = narrator.risks.loc[indicator]
        year = narrator._broken(indicator)
        if pd.notna(row["baseline_year"]) and row["baseline_year"] < year <= row["last_year"]:
            assert f"口径自{year}年起变动" in narrator.indicator(indicator)
            assert f"比{row['baseline_year']}年" not in narrator.indicator(indicator)


def test_tables_and_figures_the_text_points_to_are_there(whole):
    text = "\n".join(said(whole))
    words = {"table": "表", "annex": "附表", "figure": "图"}
    there = {f"{words[b.kind]}{b.number}" for b in whole.blocks if isinstance(b, Captioned)}
    assert set(re.findall(r"见(附表\d+|表\d+|图\d+)", text)) == there


def test_long_and_wide_tables_stand_in_the_annex(whole):
    for block in tables(whole):
        long = len(block.shown.texts) >= 25 or is_wide(block.shown)
        assert (block.kind == "annex") == long


def test_running_text_says_no_identifier_no_empty_count_and_no_gap(study, whole):
    text = "\n".join(said(whole) + said(summary(study)))
    assert not re.search(r"(?<![\d.])0 ?项|[（(][）)]|None|nan|<NA>|\{|\}|，，|。。|，。", text)
    entries = (study.plan.indicators, study.plan.measures, study.plan.commitments)
    ids = {one.id for group in entries for one in group}
    assert not [one for one in ids if re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", text)]


def test_no_heading_is_without_text(whole):
    for one, after in zip(whole.blocks, whole.blocks[1:], strict=False):
        if isinstance(one, Heading) and isinstance(after, Heading):
            assert after.level > one.level
    assert not isinstance(whole.blocks[-1], Heading)


def test_counts_of_goals_add_up(study, whole):
    line = next(line for line in said(whole) if "全部要求都做到" in line)
    head, _, parts = line.partition("规则判定：")
    counted = [int(n) for n in re.findall(r"(\d+)项", parts.partition("。")[0])]
    assert sum(counted) == len(study.verdicts) == int(re.search(r"共(\d+)项目标", head)[1])


def test_letters_go_to_each_unit_with_an_open_warning(study):
    found = letters(study)
    assert len(found) == len(study.letters)
    for document, letter in zip(found, study.letters, strict=True):
        assert said(document)[1] == f"{letter.addressee.zh}："
        assert len(tables(document)[0].shown.texts) == len(letter.items)


def everything(document):
    """All that a document says: words, headings of tables, cells, what pictures say."""
    found = [document.title, document.mark, document.sender, *map(words_of, document.blocks)]
    for block in document.blocks:
        if isinstance(block, Captioned) and isinstance(block.shown, Table):
            found += [*map(str, block.shown.texts), *block.shown.texts.to_numpy().ravel()]
        elif isinstance(block, Captioned):
            found.append(block.shown.description)
    return [*found, *(text for line in document.cover for text in line)]


def all_of(study):
    return [summary(study), *letters(study), *unit_reports(study)[:3], *domain_briefs(study)[:2]]


@pytest.mark.parametrize("study", ["county"], indirect=True)
def test_english_documents_hold_no_chinese_but_what_the_data_say(study, whole):
    english = study.in_language("en")
    sourced = study.show("sources", study.sourced_risks).texts
    data = "".join(sourced.astype(str).to_numpy().ravel()) + "".join(study.observations["source"])
    data += "模拟数据初步数以上以下超过左右" + "".join(
        one.target.wording.zh for one in study.plan.indicators
    )
    written = (study.home / "data" / "records" / study.data.name).glob("*.csv")
    data += "".join(path.read_text(encoding="utf-8") for path in written)
    for document in (report(english), *all_of(english)):
        for text in everything(document):
            strange = [one for one in re.findall("[\u4e00-\u9fff]+", text) if one not in data]
            assert not strange, text


def test_chinese_documents_hold_no_code_and_no_key(study, whole):
    known = set(templates()) | {one.id for one in study.plan.indicators}
    for document in (whole, *all_of(study)):
        for text in everything(document):
            words = re.findall(r"(?<![\w./:-])[a-z]+(?:[._][a-z]+)+(?![\w/])", text)
            assert not known & set(words) and not re.search(r"[{}]|\bnan\b|None", text), text


def test_each_indicator_with_a_lead_unit_is_told_in_the_report_of_that_unit_only(study):
    led = {one.id: one.lead_units[0] for one in study.plan.indicators if one.lead_units}
    units = [unit.id for unit in study.plan.units if unit.id in led.values()]
    found = unit_reports(study)
    assert len(found) == len(units)
    for document, unit in zip(found, units, strict=True):
        own = [study.context.name(one) for one, leader in led.items() if leader == unit]
        shown = [b.shown.texts for b in tables(document) if "达标情况" in b.shown.texts]
        listed = [name for texts in shown for name in texts.iloc[:, 0]]
        assert {name.partition("（目标待核实）")[0] for name in listed} <= set(own)
        text = "\n".join(everything(document))
        assert not [name for name in own if name not in text]


def test_a_brief_of_a_domain_stands_on_two_pages(study, tmp_path):
    for document in domain_briefs(study):
        (name,) = write(document, tmp_path, ("pdf",))
        assert len(pypdf.PdfReader(tmp_path / name).pages) <= 2, name


def test_templates_of_both_languages_name_the_same_figures(study):
    for key, one in templates().items():
        zh, en = (set(re.findall(r"\{(\w+)\}", text)) for text in (one.zh, one.en))
        assert zh ^ en <= study.context.facts.keys(), key


def test_hostile_names_of_a_plan_are_plain_text_in_the_report(study, tmp_path):
    named = replace(
        study.plan.indicators[0], name=replace(study.plan.indicators[0].name, zh=HOSTILE)
    )
    plan = replace(study.plan, indicators=(named, *study.plan.indicators[1:]))
    book = Book(replace(study, plan=plan))
    book.say("domain.missing", n=1, names=book.context.name(named.id))
    document = book.finished("甲")
    write_word(document, tmp_path / "a.docx")
    assert any(SEEN.strip() in text for text in texts(docx.Document(str(tmp_path / "a.docx"))))


# --- the command ---


def test_the_command_writes_report_summary_and_tables_and_leaves_what_was_there(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.delenv("WDP_STUDIES")
    folder = tmp_path / "china-midterm-2025.documents"
    folder.mkdir()
    (folder / "签发.docx").write_bytes(b"x")
    (folder / "中期评估摘要.docx").write_bytes(b"edited")
    params = Path(__file__).parents[1] / "params" / "china-midterm-2025.yaml"
    assert main(["report", str(params), "--out", str(tmp_path)]) == 0
    first = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert main(["report", str(params), "--out", str(tmp_path)]) == 0
    assert first == {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path.name for path in tmp_path.iterdir()} == {folder.name, "index.html", ".studies"}
    pages = {"index.html", *(path.name for path in (folder / "site").iterdir())}
    first = {name: written for name, written in first.items() if name not in pages}
    assert first.pop(".written.json") and first["中期评估摘要.docx"] == b"edited"
    briefs = [name for name in first if name.startswith("领域简报")]
    assert len(briefs) == 2 * 6  # as Word and PDF, of the domains that have goals
    written = sorted(first.keys() - set(briefs))
    report_name = "中期评估报告（统计部分）"
    expected = [
        "中期评估摘要.docx",
        "中期评估摘要-2.docx",
        "中期评估摘要.pdf",
        f"{report_name}.docx",
        f"{report_name}.pdf",
        f"{report_name}.xlsx",
        "签发.docx",
    ]
    assert written == sorted(expected) and (folder / "签发.docx").read_bytes() == b"x"
    told = capsys.readouterr().out
    assert "签发.docx" in told and told.count("没有变化，未重写") == 1
    cover = texts(docx.Document(str(folder / f"{report_name}.docx")))[:8]
    assert "报告状态：草稿，未经审核" in cover and "数据截至：2025-12-31" in cover

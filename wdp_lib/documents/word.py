"""A document as Word (.docx), in the form of official documents (GB/T 9704-2012).

Margins, fonts and line pitch are those of the standard: A4, 37/28/26/35 mm, body in 仿宋 of 16 pt
on lines of 28 pt, headings 一、 in 黑体, （一） in 楷体, page number between dashes. Tables and
figures are numbered by fields, so that Word renumbers them when something is put between.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

from wdp_lib.core.errors import Text
from wdp_lib.core.files import write_atomic
from wdp_lib.documents.content import Document, Heading, Items, Line, Paragraph
from wdp_lib.publish.views.show import Figure, Table

_TITLE, _BODY, _HEAD, _SUB, _SONG = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
_LATIN = "Times New Roman"
_WIDE = 9  # columns from which a table stands on a landscape page
_LONG = 25  # rows from which a table stands in the annex
_TEXT_MM = {False: 156.0, True: 225.0}  # width of the type area, upright and across
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_WORDS = {
    "draft": Text("（草稿）", "(draft)"),
    "area": Text("地区：", "Area: "),
    "as_of": Text("数据截至：", "Data known by: "),
    "dataset": Text("数据来源：", "Data: "),
    "contents": Text("目  录", "Contents"),
    "update": Text("打开后按提示更新域，即显示目录。", "Update fields to show the contents."),
    "table": Text("表", "Table "),
    "figure": Text("图", "Figure "),
    "annex": Text("附表", "Annex of tables"),
    "see": Text("（见附表：{caption}）", "(see the annex: {caption})"),
}


def write_word(document: Document, path: Path) -> None:
    """Write a document as .docx; the same document gives the same bytes."""
    word = _Word(document)
    for block in document.blocks:
        word.add(block)
    word.add_annex()
    stream = io.BytesIO()
    word.file.save(stream)
    write_atomic(path, _same_bytes(stream.getvalue()))


def _same_bytes(data: bytes) -> bytes:
    """The package without the times at which its parts were packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(name))
    return packed.getvalue()


def plain(text: str) -> str:
    """Return the text without characters that XML forbids or that hide or reorder others."""
    return _UNSEEN.sub("", _ILLEGAL.sub("", str(text)))


class _Word:
    """The document under way."""

    def __init__(self, document: Document):
        import datetime

        import docx

        self.document, self.file = document, docx.Document()
        self.counts = {"table": 0, "figure": 0}
        self.landscape, self.annex = False, []
        properties = self.file.core_properties
        properties.author, properties.title = "", plain(document.title)
        properties.created = properties.modified = datetime.datetime(2000, 1, 1)
        self._styles()
        self._page(self.file.sections[0])
        self._cover()

    def add(self, block: Any) -> None:
        """Add one block; a long table goes to the annex."""
        if isinstance(block, Table) and len(block.texts) >= _LONG:
            self.annex.append(block)
            said = self._word("see").format(caption=block.caption)
            self.file.add_paragraph(plain(said), style="Normal")
            return
        self._turn(isinstance(block, Table) and block.texts.shape[1] >= _WIDE)
        if isinstance(block, Heading):
            self.file.add_heading(plain(block.text), min(max(block.level, 1), 3))
        elif isinstance(block, Paragraph):
            self._line(self.file.add_paragraph(style="Normal"), block.line)
        elif isinstance(block, Items):
            for number, line in enumerate(block.lines, 1):
                paragraph = self.file.add_paragraph(style="Normal")
                paragraph.add_run(f"{number}. " if block.ordered else "—")
                self._line(paragraph, line)
        elif isinstance(block, Table):
            self._table(block)
        else:
            self._figure(block)

    def add_annex(self) -> None:
        """Add the long tables, across the page."""
        if not self.annex:
            return
        self._turn(True)
        self.file.add_heading(self._word("annex"), 1)
        for table in self.annex:
            self._table(table)

    def _word(self, name: str) -> str:
        return _WORDS[name].in_language(self.document.language)

    def _line(self, paragraph: Any, line: Line) -> None:
        for span in line:
            run = paragraph.add_run(plain(span.text))
            if span.strong:
                _font(run, _HEAD)

    def _styles(self) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
        from docx.shared import Pt

        styles = self.file.styles
        normal = styles["Normal"]
        _font(normal, _BODY, 16)
        form = normal.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
        form.first_line_indent, form.space_after = Pt(32), Pt(0)
        looks = {"Title": (_TITLE, 22), "Heading 1": (_HEAD, 16)}
        looks |= {"Heading 2": (_SUB, 16), "Heading 3": (_BODY, 16), "Caption": (_HEAD, 12)}
        for name, (face, size) in looks.items():
            style = styles[name]
            _font(style, face, size)
            style.paragraph_format.first_line_indent = Pt(0 if name in ("Title", "Caption") else 32)
            style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
            style.paragraph_format.keep_with_next = True
            if name in ("Title", "Caption"):
                style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _number_headings(self.file, self.document.language)

    def _page(self, section: Any) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm, Pt

        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(25)
        footer = section.footer.paragraphs[0]
        footer.alignment, footer.paragraph_format.first_line_indent = (
            WD_ALIGN_PARAGRAPH.CENTER,
            Pt(0),
        )
        for part in ("— ", "PAGE", " —"):
            run = footer.add_run("" if part == "PAGE" else part)
            _font(run, _SONG, 14)
            if part == "PAGE":
                _field(run, part)
        if self.document.mark:
            header = section.header.paragraphs[0]
            header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            _font(header.add_run(plain(self.document.mark)), _HEAD, 10.5)

    def _cover(self) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
        from docx.shared import Pt

        document = self.document
        for text in (document.subject, document.title, self._word("draft")):
            self.file.add_paragraph(plain(text), style="Title")
        pairs = zip(("area", "as_of", "dataset"), document.lead, strict=True)
        for text in [self._word(name) + said for name, said in pairs] + [document.mark]:
            line = self.file.add_paragraph(plain(text))
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
            line.paragraph_format.first_line_indent = Pt(0)
        head = self.file.add_paragraph()
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = head.add_run()
        run.add_break(WD_BREAK.PAGE)
        _font(head.add_run(self._word("contents")), _HEAD, 16)
        _field(self.file.add_paragraph().add_run(), r'TOC \o "1-2" \h \z \u', self._word("update"))
        _update_fields(self.file)
        self.file.add_page_break()

    def _turn(self, landscape: bool) -> None:
        """Begin a section of the other orientation where a wide table begins or ends."""
        from docx.enum.section import WD_ORIENT, WD_SECTION
        from docx.shared import Mm

        if landscape == self.landscape:
            return
        self.landscape = landscape
        section = self.file.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        wide, high = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
        section.page_width, section.page_height = wide, high
        sides = (28, 26, 37, 35) if landscape else (37, 35, 28, 26)
        section.top_margin, section.bottom_margin = Mm(sides[0]), Mm(sides[1])
        section.left_margin, section.right_margin = Mm(sides[2]), Mm(sides[3])

    def _caption(self, kind: str, text: str) -> None:
        self.counts[kind] += 1
        caption = self.file.add_paragraph(style="Caption")
        caption.add_run(self._word(kind))
        _field(caption.add_run(), f"SEQ {kind} \\* ARABIC", str(self.counts[kind]))
        caption.add_run("  " + plain(text))

    def _table(self, table: Table) -> None:
        from docx.oxml import parse_xml
        from docx.shared import Pt

        self._caption("table", table.caption)
        self.file.element.body.insert(-1, parse_xml(_grid(table, _TEXT_MM[self.landscape])))
        for note in table.notes:
            paragraph = self.file.add_paragraph()
            _font(paragraph.add_run(plain(note)), _SONG, 10.5)
        self.file.add_paragraph().paragraph_format.line_spacing = Pt(10)

    def _figure(self, figure: Figure) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
        from docx.shared import Mm, Pt

        paragraph = self.file.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        form = paragraph.paragraph_format
        form.first_line_indent, form.line_spacing_rule = Pt(0), WD_LINE_SPACING.SINGLE
        form.keep_with_next = True
        picture = paragraph.add_run().add_picture(io.BytesIO(figure.png), width=Mm(150))
        if picture.height > Mm(205):
            picture.width, picture.height = int(picture.width * Mm(205) / picture.height), Mm(205)
        described = picture._inline.docPr
        described.set("descr", plain(figure.description)[:2000])
        self._caption("figure", figure.about.get("heading") or self._title(figure))
        self.file.paragraphs[-1].paragraph_format.keep_with_next = False

    def _title(self, figure: Figure) -> str:
        """The first words of the description that are not the mark of simulated data."""
        lines = figure.description.splitlines()
        marks = self.document.mark.split()
        words = [line for line in lines if line and not any(mark in line for mark in marks)]
        return words[0] if words else self.document.title


def _font(part: Any, face: str, size: float | None = None) -> None:
    """Set Latin and Chinese face of a style or run; black, upright, not bold, as the form asks."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    part.font.name, part.font.bold, part.font.italic = _LATIN, False, False
    part.font.color.rgb = RGBColor(0, 0, 0)
    if size:
        part.font.size = Pt(size)
    fonts = part.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(kind), None)
    fonts.set(qn("w:eastAsia"), face)


def _field(run: Any, instruction: str, shown: str = "1") -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    def mark(kind: str) -> Any:
        made = OxmlElement("w:fldChar")
        made.set(qn("w:fldCharType"), kind)
        return made

    asked, text = OxmlElement("w:instrText"), OxmlElement("w:t")
    asked.set(qn("xml:space"), "preserve")
    asked.text, text.text = instruction, shown
    for element in (mark("begin"), asked, mark("separate"), text, mark("end")):
        run._r.append(element)


def _update_fields(file: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    wanted = OxmlElement("w:updateFields")
    wanted.set(qn("w:val"), "true")
    file.settings.element.append(wanted)


def _number_headings(file: Any, language: str) -> None:
    """Bind the numbering 一、（一）1. (in English 1 1.1 1.1.1) to the heading styles."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    chinese = [("chineseCountingThousand", "%1、"), ("chineseCountingThousand", "（%2）")]
    levels = [*chinese, ("decimal", "%3.")]
    if language == "en":
        levels = [("decimal", "%1"), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3")]
    after = "space" if language == "en" else "nothing"
    made = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:pStyle w:val="Heading{n + 1}"/><w:suff w:val="{after}"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        '<w:pPr><w:ind w:left="0" w:firstLine="640"/></w:pPr></w:lvl>'
        for n, (kind, text) in enumerate(levels)
    )
    numbering = file.part.numbering_part.element
    number = 90
    head = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">'
    numbering.insert(
        0, parse_xml(f'{head}<w:multiLevelType w:val="multilevel"/>{made}</w:abstractNum>')
    )
    numbering.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
        )
    )
    for level in range(len(levels)):
        place = f'<w:ilvl w:val="{level}"/><w:numId w:val="{number}"/>'
        numbered = parse_xml(f"<w:numPr {nsdecls('w')}>{place}</w:numPr>")
        file.styles[f"Heading {level + 1}"].element.get_or_add_pPr().insert(0, numbered)


def _grid(table: Table, width_mm: float) -> str:
    """The table as XML: made at once, since python-docx walks the whole table for each cell."""
    from docx.oxml.ns import nsdecls

    texts = table.texts
    head = [plain(name) for name in texts.columns]
    body = [[plain(cell) for cell in row] for row in texts.itertuples(index=False)]
    widths = _widths([head, *body], width_mm)
    size = 9 if len(head) >= _WIDE else 10.5
    edge = 'w:val="single" w:sz="4" w:space="0" w:color="000000"'
    edges = "".join(
        f"<w:{side} {edge}/>" for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    margins = "".join(f'<w:{side} w:w="60" w:type="dxa"/>' for side in ("left", "right"))
    rows = [_row(head, widths, _HEAD, size, head=True)]
    rows += [_row(cells, widths, _SONG, size) for cells in body]
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{margins}</w:tblCellMar>"
        f"</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _row(cells: list[str], widths: list[int], face: str, size: float, head: bool = False) -> str:
    from xml.sax.saxutils import escape

    fonts = f'<w:rFonts w:ascii="{_LATIN}" w:hAnsi="{_LATIN}" w:eastAsia="{face}"/>'
    run = f'<w:rPr>{fonts}<w:sz w:val="{size * 2:.0f}"/></w:rPr>'
    spacing = '<w:spacing w:line="240" w:lineRule="auto"/><w:ind w:firstLine="0"/>'
    shown = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr><w:p>'
        f'<w:pPr>{spacing}<w:jc w:val="{_side(text, head)}"/></w:pPr>'
        f'<w:r>{run}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
        for text, width in zip(cells, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>{shown}</w:tr>"


def _side(text: str, head: bool) -> str:
    return "center" if head or len(text) <= 6 else "left"


def _widths(rows: list[list[str]], width_mm: float) -> list[int]:
    """Widths in twentieths of a point: by the square root of the longest text of each column.

    The root keeps a column of long sentences from starving the others; each has room for three
    characters of its longest word.
    """
    longest = [max(_ems(row[place]) for row in rows) for place in range(len(rows[0]))]
    wanted = [max(length, 3.0) ** 0.5 for length in longest]
    total = width_mm / 25.4 * 1440
    return [int(total * one / sum(wanted)) for one in wanted]


def _ems(text: str) -> float:
    return sum(1.0 if ord(letter) > 0x2E7F else 0.55 for letter in text)

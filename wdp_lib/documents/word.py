"""A document as Word (.docx), in the form of official documents (GB/T 9704-2012).

Margins, fonts and line pitch are those of the standard: A4, 37/28/26/35 mm, body in 仿宋 of 16 pt
on lines of 28 pt, headings 一、 in 黑体, （一） in 楷体, page numbers between dashes. Tables and
figures are numbered by fields, so that Word renumbers them when something is put between.
"""

from __future__ import annotations

import datetime
import io
from functools import cache
from pathlib import Path
from typing import Any

from wdp_lib.core.files import write_atomic
from wdp_lib.core.office import plain, same_bytes
from wdp_lib.documents import xml
from wdp_lib.documents.content import Captioned, Document, Heading, Line, Paragraph
from wdp_lib.documents.layout import WORDS, Grid, broken, numbered, pages_of, picture_mm
from wdp_lib.documents.xml import HEAD, SONG, font
from wdp_lib.publish.views.show import Figure


def write_word(document: Document, path: Path) -> None:
    """Write a document as .docx; the same document gives the same bytes."""
    word = _Word(document)
    blocks = document.blocks
    for block, after, laid in zip(blocks, (*blocks[1:], None), pages_of(document), strict=True):
        word.add(block, after, *laid)
    stream = io.BytesIO()
    word.file.save(stream)
    write_atomic(path, same_bytes(stream.getvalue()))


@cache
def _base(language: str, compact: bool, mark: str, covered: bool) -> tuple[bytes, dict[str, str]]:
    """An empty document with the styles, the page and, where it has no cover, the page numbers."""
    import docx

    file, stream = docx.Document(), io.BytesIO()
    xml.styles(file, language, compact=compact)
    _page(file, mark)
    if not covered:
        _page_numbers(file.sections[0])
    file.save(stream)
    return stream.getvalue(), {style.name: style.style_id for style in file.styles}


def _page(file: Any, mark: str) -> None:
    """Margins, and on every page the mark of simulated data."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    file.settings.odd_and_even_pages_header_footer = True
    if mark:
        for part in (section.header, section.even_page_header):
            head = part.paragraphs[0]
            head.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            font(head.add_run(plain(mark)), HEAD, 10.5)


def _page_numbers(section: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    for part, side in ((section.footer, "RIGHT"), (section.even_page_footer, "LEFT")):
        part.is_linked_to_previous = False
        number = part.paragraphs[0]
        number.alignment = getattr(WD_ALIGN_PARAGRAPH, side)
        form = number.paragraph_format
        form.first_line_indent, form.left_indent, form.right_indent = Pt(0), Pt(14), Pt(14)
        for piece in ("— ", "PAGE", " —"):
            run = number.add_run("" if piece == "PAGE" else piece)
            font(run, SONG, 14)
            if piece == "PAGE":
                xml.field(run, piece)


class _Word:
    def __init__(self, document: Document):
        import docx

        self.document = document
        look = (document.language, document.compact, document.mark, bool(document.cover))
        empty, self.styles = _base(*look)
        self.file = docx.Document(io.BytesIO(empty))
        self.landscape = False
        self.heads = 0
        properties = self.file.core_properties
        properties.author, properties.title = plain(document.sender), plain(document.title)
        properties.comments, properties.language = (
            "",
            "zh-CN" if document.language == "zh" else "en",
        )
        properties.created = properties.modified = datetime.datetime(2000, 1, 1)
        if document.cover:
            self._cover()
        else:
            self._title()

    def _new(self, style: str, text: str = "") -> Any:
        """Add a paragraph; the library would look through all styles for each."""
        paragraph = self.file.add_paragraph(text)
        paragraph._p.style = self.styles[style]
        return paragraph

    def add(self, block: Any, after: Any, across: bool, laid: Grid | None) -> None:
        """Add one block, on a page turned across or upright; of a table as it is laid out."""
        new_page = self._turn(across)
        if isinstance(block, Heading):
            self._heading(block, new_page=not (block.number or new_page))
        elif isinstance(block, Paragraph):
            self._paragraph(block)
        elif laid is not None:
            self._caption(block)
            self.file.element.body.insert(-1, xml.grid(laid))
            gap = self._new("After table")
            if not isinstance(after, Paragraph):  # no page of its own for a gap
                gap.paragraph_format.line_spacing = xml.points(1)
        else:
            self._figure(block)

    def _heading(self, block: Heading, new_page: bool) -> None:
        level = min(max(block.level, 1), 3) if block.number else 1
        heading = self._new(f"Heading {level}", plain(block.text))
        if not block.number:
            xml.unnumber(heading)
            heading.paragraph_format.page_break_before = new_page
        xml.bookmark(heading, self.heads)
        self.heads += 1

    def _paragraph(self, block: Paragraph) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        styles = {"note": "Note", "left": "Addressee"}
        paragraph = self._new(styles.get(block.look, "Normal"))
        if block.look == "right":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if block.close:
            paragraph.paragraph_format.keep_with_next = True
        self._line(paragraph, block.line)

    def _line(self, paragraph: Any, line: Line) -> None:
        for span in line:
            run = paragraph.add_run(plain(span.text))
            if span.strong:
                font(run, HEAD)

    def _title(self) -> None:
        self._new("Title", broken(plain(self.document.title)))
        if self.document.sender:
            self._new("Subtitle", plain(self.document.subject))

    def _cover(self) -> None:
        document, file = self.document, self.file
        self._new("Title", broken(plain(document.subject)))
        self._new("Title", plain(document.title))
        file.paragraphs[0].paragraph_format.space_before = xml.points(90)
        file.paragraphs[1].paragraph_format.space_after = xml.points(80)
        for what, value in document.cover:
            line = self._new("Cover")
            font(line.add_run(plain(what) + ("：" if document.language == "zh" else ": ")), HEAD)
            line.add_run(plain(value))
        if document.mark:
            font(self._new("Cover").add_run(plain(document.mark)), HEAD)
        office = self._new("Subtitle", plain(document.sender))
        office.paragraph_format.space_before = xml.points(60)
        self._contents()
        self._numbered_from_one()

    def _contents(self) -> None:
        head = self._new("Contents")
        head.paragraph_format.page_break_before = True
        head.add_run(WORDS["contents"].in_language(self.document.language))
        headings = [b for b in self.document.blocks if isinstance(b, Heading) and b.level <= 2]
        listed = numbered(headings, self.document.language)
        xml.contents(self.file, [(level, plain(text)) for level, text in listed])

    def _numbered_from_one(self) -> None:
        """Begin the section of the text: cover and contents have no page number."""
        from docx.enum.section import WD_SECTION

        section = self.file.add_section(WD_SECTION.NEW_PAGE)
        _page_numbers(section)
        xml.start_pages(section)

    def _turn(self, landscape: bool) -> bool:
        """Begin a section of the other orientation where a wide table begins or ends."""
        from docx.enum.section import WD_ORIENT, WD_SECTION
        from docx.shared import Mm

        if landscape == self.landscape:
            return False
        self.landscape = landscape
        section = self.file.add_section(WD_SECTION.NEW_PAGE)
        xml.go_on_counting(section)
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        wide, high = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
        section.page_width, section.page_height = wide, high
        sides = (28, 26, 37, 35) if landscape else (37, 35, 28, 26)
        section.top_margin, section.bottom_margin = Mm(sides[0]), Mm(sides[1])
        section.left_margin, section.right_margin = Mm(sides[2]), Mm(sides[3])
        section.footer_distance = Mm(16 if landscape else 25)
        return True

    def _caption(self, block: Captioned) -> None:
        caption = self._new("Caption")
        caption.add_run(WORDS[block.kind].in_language(self.document.language))
        xml.field(caption.add_run(), f"SEQ {block.kind} \\* ARABIC", str(block.number))
        caption.add_run("  " + plain(block.caption))

    def _figure(self, block: Captioned) -> None:
        from docx.shared import Mm

        figure: Figure = block.shown  # type: ignore[assignment]
        paragraph = self._new("Figure")
        width = picture_mm(figure.png, compact=self.document.compact)
        picture = paragraph.add_run().add_picture(io.BytesIO(figure.png), width=Mm(width))
        picture._inline.docPr.set("descr", plain(figure.description)[:2000])
        self._caption(block)
        self.file.paragraphs[-1].paragraph_format.keep_with_next = bool(block.note)
        if block.note:
            self._new("Note", plain(block.note))

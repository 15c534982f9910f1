"""What python-docx has no words for: fields, bound numbering, contents, tables made at once."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from wdp_lib.documents.content import TEXT_MM
from wdp_lib.documents.layout import Grid

TITLE, BODY, HEAD, SUB, SONG = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
_LATIN = "Times New Roman"


def points(size: float) -> Any:
    """Return a length."""
    from docx.shared import Pt

    return Pt(size)


def font(part: Any, face: str, size: float | None = None) -> None:
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


def styles(file: Any, language: str, *, compact: bool) -> None:
    """Set every style of the document to the form; headings carry their numbers."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Pt

    known = file.styles
    for name in (
        "Note",
        "Addressee",
        "Cover",
        "Contents",
        "Figure",
        "After table",
        "TOC 1",
        "TOC 2",
    ):
        known.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = known["Normal"]
    looks = {  # face, size, line pitch, indent of the first line, alignment
        "Normal": (BODY, 16, 28, 32, "JUSTIFY"),
        "Title": (TITLE, 22, 35, 0, "CENTER"),
        "Subtitle": (SUB, 16, 28, 0, "CENTER"),
        "Heading 1": (HEAD, 16, 28, 32, "LEFT"),
        "Heading 2": (SUB, 16, 28, 32, "LEFT"),
        "Heading 3": (BODY, 16, 28, 32, "LEFT"),
        "Caption": (HEAD, 12, 22, 0, "CENTER"),
        "Note": (SONG, 10.5, 16, 0, "LEFT"),
        "Addressee": (BODY, 16, 28, 0, "LEFT"),
        "Cover": (BODY, 14, 30, 0, "LEFT"),
        "Contents": (HEAD, 16, 40, 0, "CENTER"),
        "Figure": (SONG, 10.5, 0, 0, "CENTER"),
        "After table": (SONG, 6, 12, 0, "LEFT"),
        "TOC 1": (HEAD, 14, 26, 0, "LEFT"),
        "TOC 2": (BODY, 14, 24, 0, "LEFT"),
    }
    if compact or language == "en":  # the form is one of Chinese; English lines are longer
        small, lines = (12, 18) if language == "en" else (14, 20)
        looks |= {
            name: (face, small, lines, min(indent, 2 * small), side)
            for name, (face, size, _, indent, side) in looks.items()
            if size == 16
        }
    for name, (face, size, pitch, indent, side) in looks.items():
        style, form = known[name], known[name].paragraph_format
        font(style, face, size)
        form.line_spacing_rule = WD_LINE_SPACING.EXACTLY if pitch else WD_LINE_SPACING.SINGLE
        if pitch:
            form.line_spacing = Pt(pitch)
        form.first_line_indent = Pt(indent)
        form.space_before = form.space_after = Pt(0)
        form.alignment = getattr(WD_ALIGN_PARAGRAPH, side)
        form.keep_with_next = name in ("Title", "Caption", "Figure") or name.startswith("Heading")
    known["Caption"].paragraph_format.space_before = Pt(6)
    for edge in known["Title"].element.xpath("w:pPr/w:pBdr"):  # the library's own look
        edge.getparent().remove(edge)
    known["Title"].paragraph_format.space_after = Pt(10)
    known["Cover"].paragraph_format.left_indent = Pt(40)
    known["TOC 2"].paragraph_format.left_indent = Pt(28)
    _bind_numbers(file, language)


def field(run: Any, instruction: str, shown: str = "1") -> None:
    """Put a field into a run, with what it shows until it is computed anew."""
    for element in _field(instruction, shown):
        run._r.append(element)


def _field(instruction: str, shown: str | None) -> list[Any]:
    """The elements of a field; without ``shown`` it stays open after its instruction."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    asked = OxmlElement("w:instrText")
    asked.set(qn("xml:space"), "preserve")
    asked.text = instruction
    if shown is None:
        return [_mark("begin"), asked, _mark("separate")]
    text = OxmlElement("w:t")
    text.text = shown
    return [_mark("begin"), asked, _mark("separate"), text, _mark("end")]


def _mark(kind: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement("w:fldChar")
    made.set(qn("w:fldCharType"), kind)
    return made


def bookmark(paragraph: Any, number: int) -> None:
    """Mark a heading, so that the contents can name its page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind in ("bookmarkStart", "bookmarkEnd"):
        mark = OxmlElement(f"w:{kind}")
        mark.set(qn("w:id"), str(number))
        if kind == "bookmarkStart":
            mark.set(qn("w:name"), _place(number))
            paragraph._p.insert(1, mark)
        else:
            paragraph._p.append(mark)


def _place(number: int) -> str:
    return f"_Toc{number:06d}"


def contents(file: Any, entries: list[tuple[int, str]]) -> None:
    """Add a field of contents that already lists the headings; their pages are fields too."""
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm

    for number, (level, text) in enumerate(entries):
        line = file.add_paragraph(style=f"TOC {level}")
        right = line.paragraph_format.tab_stops
        right.add_tab_stop(Mm(TEXT_MM[False]), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
        if number == 0:
            run = line.add_run()
            for element in _field(r'TOC \o "1-2" \h \z \u', None):
                run._r.append(element)
        line.add_run(text + "\t")
        field(line.add_run(), rf"PAGEREF {_place(number)} \h", "")
    if entries:
        line.add_run()._r.append(_mark("end"))
    wanted = OxmlElement("w:updateFields")
    wanted.set(qn("w:val"), "true")
    file.settings.element.append(wanted)


def unnumber(heading: Any) -> None:
    """Take the number from a heading."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    heading._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>')
    )


def start_pages(section: Any) -> None:
    """Count the pages from this section on from 1."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    section._sectPr.append(parse_xml(f'<w:pgNumType {nsdecls("w")} w:start="1"/>'))


def go_on_counting(section: Any) -> None:
    """Keep a section that copies another's settings from counting pages anew."""
    from docx.oxml.ns import qn

    for found in section._sectPr.findall(qn("w:pgNumType")):
        section._sectPr.remove(found)


def _bind_numbers(file: Any, language: str) -> None:
    """Bind the numbering 一、（一）1. (in English 1 1.1 1.1.1) to the heading styles."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    counted = [("chineseCountingThousand", "%1、"), ("chineseCountingThousand", "（%2）")]
    levels = [*counted, ("decimal", "%3.")]
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
    numbering, number = file.part.numbering_part.element, 90
    head = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">'
    many = '<w:multiLevelType w:val="multilevel"/>'
    numbering.insert(0, parse_xml(f"{head}{many}{made}</w:abstractNum>"))
    bound = f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
    numbering.append(parse_xml(bound))
    for level in range(len(levels)):
        place = f'<w:ilvl w:val="{level}"/><w:numId w:val="{number}"/>'
        binding = parse_xml(f"<w:numPr {nsdecls('w')}>{place}</w:numPr>")
        file.styles[f"Heading {level + 1}"].element.get_or_add_pPr().insert(0, binding)


# --- tables ---


def grid(laid: Grid) -> Any:
    """Return a table as XML, at once: python-docx walks the whole table for each cell."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    widths = [int(one * 20) for one in laid.widths]
    edge = 'w:val="single" w:sz="4" w:space="0" w:color="000000"'
    edges = "".join(
        f"<w:{side} {edge}/>" for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    air = 12 if laid.size == 9 else 30
    sides = (("top", air), ("left", 60), ("bottom", air), ("right", 60))
    margins = "".join(f'<w:{side} w:w="{wide}" w:type="dxa"/>' for side, wide in sides)
    empty, columns_of = [""] * len(laid.head), (widths, laid.sides)
    rows = [_row(laid.head, empty, *columns_of, HEAD, laid.size)]
    last = len(laid.rows) - 1 if laid.together else 0  # rows that stay on the page of the next
    for n, (cells, fills) in enumerate(zip(laid.rows, laid.fills, strict=True)):
        rows.append(_row(cells, fills, *columns_of, SONG, laid.size, together=n < last))
    return parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{margins}</w:tblCellMar>"
        f"</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _row(
    cells: list[str],
    fills: list[str],
    widths: list[int],
    sides: list[str],
    face: str,
    size: float,
    together: bool = False,
) -> str:
    head = face == HEAD
    fonts = f'<w:rFonts w:ascii="{_LATIN}" w:hAnsi="{_LATIN}" w:eastAsia="{face}"/>'
    run = f'<w:rPr>{fonts}<w:sz w:val="{size * 2:.0f}"/></w:rPr>'
    spacing = '<w:spacing w:line="240" w:lineRule="auto"/><w:ind w:firstLine="0"/>'
    keep = "<w:keepNext/>" if head or together else ""
    shown = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{_shade(fill)}<w:vAlign w:val="center"/>'
        f"</w:tcPr><w:p><w:pPr>{keep}{spacing}"
        f'<w:jc w:val="{"center" if head else side}"/></w:pPr>'
        f'<w:r>{run}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
        for text, fill, width, side in zip(cells, fills, widths, sides, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>{shown}</w:tr>"


def _shade(fill: str) -> str:
    return f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""

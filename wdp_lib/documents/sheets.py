"""The tables of a document as a workbook: numbers as numbers, words by colours, nothing live."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.core.files import write_atomic
from wdp_lib.core.office import plain, put, saved
from wdp_lib.documents.content import Captioned, Document
from wdp_lib.documents.layout import WORDS, fill_of
from wdp_lib.publish.views.show import Table

_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")  # in the name of a sheet
_LONGEST_NAME = 31
FIRST_ROW = 4  # below title, mark and headings
_NARROWEST, _WIDEST = 8, 44


def write_tables(document: Document, path: Path) -> None:
    """Write every table of a document as a sheet; the same document gives the same bytes.

    Headings are frozen and filtered. What begins like a formula stays the text it is.
    """
    if data := workbook(document):
        write_atomic(path, data)


def workbook(document: Document) -> bytes:
    """Return every table of a document as sheets of a workbook; nothing without a table."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for block in sheets_of(document):
        label = WORDS[block.kind].in_language(document.language)
        name = _name(f"{label}{block.number} {plain(block.caption)}")
        _fill(book.create_sheet(name), block.shown, plain(block.caption), document)
    return saved(book, document.sender, plain(document.title)) if book.sheetnames else b""


def sheets_of(document: Document) -> list[Captioned]:
    """Return the tables of a document as a workbook has them, a sheet each."""
    blocks = document.sheets or document.blocks
    return [b for b in blocks if isinstance(b, Captioned) and isinstance(b.shown, Table)]


def _name(caption: str) -> str:
    return _FORBIDDEN.sub(" ", caption)[:_LONGEST_NAME].strip()


def _fill(sheet: Any, table: Table, caption: str, document: Document) -> None:
    """One sheet: the caption, the mark of simulated data, headings, rows, notes."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    frame = table.frame
    put(sheet, 1, 1, f"{document.subject} {caption}").font = Font(bold=True)
    put(sheet, 2, 1, document.mark)
    edge = Side(style="thin")
    border = Border(left=edge, right=edge, top=edge, bottom=edge)
    colours = _colours(table, frame)
    for place, heading in enumerate(frame.columns, 1):
        cell = put(sheet, 3, place, heading)
        cell.font, cell.border = Font(bold=True), border
        cell.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
        values = frame.iloc[:, place - 1]
        longest = max([len(str(heading)), *(len(str(value)) for value in values)])
        width = min(max(longest * 1.8, _NARROWEST), _WIDEST)
        sheet.column_dimensions[get_column_letter(place)].width = width
        for row, value in enumerate(values, FIRST_ROW):
            cell = put(sheet, row, place, value)
            cell.border, cell.alignment = border, Alignment(wrap_text=True, vertical="center")
            if colour := colours.get(heading, {}).get(row - FIRST_ROW):
                cell.fill = PatternFill("solid", fgColor=colour)
    last = f"{get_column_letter(max(frame.shape[1], 1))}{len(frame) + 3}"
    sheet.freeze_panes, sheet.auto_filter.ref = "B4", f"A3:{last}"
    sheet.page_setup.orientation, sheet.print_title_rows = "landscape", "3:3"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # printed, all columns on one page
    sheet.page_setup.fitToHeight, sheet.page_setup.paperSize = 0, sheet.PAPERSIZE_A4
    for row, note in enumerate(table.notes, len(frame) + 5):
        put(sheet, row, 1, note)


def _colours(table: Table, frame: pd.DataFrame) -> dict[str, dict[int, str]]:
    """The colours of the cells whose words say the same, by heading and row."""
    if table.marks is None:
        return {}
    named = zip(table.texts.columns, table.marks.to_numpy().T, strict=True)
    found = {name: {n: fill_of(mark) for n, mark in enumerate(marks)} for name, marks in named}
    return {name: marks for name, marks in found.items() if name in frame}

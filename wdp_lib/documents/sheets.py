"""The tables of a document as a workbook: numbers as numbers, words by colours, nothing live."""

from __future__ import annotations

import datetime
import io
import re
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.core.files import write_atomic
from wdp_lib.documents.content import Captioned, Document
from wdp_lib.documents.layout import fill_of, plain
from wdp_lib.documents.word import same_bytes
from wdp_lib.publish.views.show import Table

_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")  # in the name of a sheet
_LONGEST_CELL, _LONGEST_NAME = 32_000, 31
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
    for block in document.blocks:
        if isinstance(block, Captioned) and isinstance(block.shown, Table):
            name = _name(f"{len(book.sheetnames) + 1} {plain(block.caption)}")
            _fill(book.create_sheet(name), block.shown, plain(block.caption), document)
    return saved(book, document.sender, plain(document.title)) if book.sheetnames else b""


def saved(book: Any, creator: str, title: str) -> bytes:
    """Return a workbook as bytes, the same whenever it is saved."""
    book.properties.creator, book.properties.title = creator, title
    book.properties.created = book.properties.modified = datetime.datetime(2000, 1, 1)
    stream = io.BytesIO()
    book.save(stream)
    return same_bytes(stream.getvalue())


def choose_from(sheet: Any, lists: Any, cells: str, words: list[str], told: str = "") -> None:
    """Give cells a drop-down of words, kept in a new column of another sheet.

    Parameters
    ----------
    told : str
        What is said of another word, which is then refused; by default others are allowed.
    """
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    place = lists.max_column + (lists["A1"].value is not None)
    for row, word in enumerate(words, 1):
        put(lists, row, place, word)
    letter = get_column_letter(place)
    source = f"'{lists.title}'!${letter}$1:${letter}${len(words)}"
    rule = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=bool(told))
    rule.error = told
    rule.add(cells)
    sheet.add_data_validation(rule)


def _name(caption: str) -> str:
    return _FORBIDDEN.sub(" ", caption)[:_LONGEST_NAME].strip()


def _fill(sheet: Any, table: Table, caption: str, document: Document) -> None:
    """One sheet: the caption, the mark of simulated data, headings, rows, notes."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    frame = table.frame if len(table.frame) == len(table.texts) else table.texts
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
        for row, value in enumerate(values, 4):
            cell = put(sheet, row, place, value)
            cell.border, cell.alignment = border, Alignment(wrap_text=True, vertical="center")
            if colour := colours.get(heading, {}).get(row - 4):
                cell.fill = PatternFill("solid", fgColor=colour)
    last = f"{get_column_letter(max(frame.shape[1], 1))}{len(frame) + 3}"
    sheet.freeze_panes, sheet.auto_filter.ref = "B4", f"A3:{last}"
    for row, note in enumerate(table.notes, len(frame) + 5):
        put(sheet, row, 1, note)


def put(sheet: Any, row: int, place: int, value: Any) -> Any:
    """Write a number as a number and everything else as text, never as a formula."""
    cell = sheet.cell(row, place)
    if pd.isna(value):
        return cell
    if isinstance(value, bool) or not pd.api.types.is_number(value):
        cell.value = plain(value)[:_LONGEST_CELL]
        cell.data_type = "s"
        cell.quotePrefix = str(cell.value).startswith(("=", "+", "-", "@"))
    else:
        cell.value = float(value) if not float(value).is_integer() else int(value)
    return cell


def _colours(table: Table, frame: pd.DataFrame) -> dict[str, dict[int, str]]:
    """The colours of the cells whose words say the same, by heading and row."""
    if table.marks is None:
        return {}
    named = zip(table.texts.columns, table.marks.to_numpy().T, strict=True)
    found = {name: {n: fill_of(mark) for n, mark in enumerate(marks)} for name, marks in named}
    return {name: marks for name, marks in found.items() if name in frame}

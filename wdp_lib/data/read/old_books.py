"""Workbooks that are no .xlsx: those of old Excel (.xls) and OpenDocument (.ods), as cells.

Read so that a cell says what it shows: a figure formatted as 64.5 % holds 0.645, and readers that
give values alone (calamine, pandas) lose the per cent.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_AROUND = re.compile(r"(.*?)[+-]?[\d,.]+(.*)", re.DOTALL)


@dataclass
class Sheet:
    """A sheet as its file has it."""

    name: str
    rows: list[list[tuple[Any, str]]]  # value and number format of each cell
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # rows, columns: to below
    hidden_rows: list[int] = field(default_factory=list)  # from 0, as are the columns
    hidden_columns: list[int] = field(default_factory=list)
    no_value: list[tuple[int, int]] = field(default_factory=list)  # formulas without a result


def xls_sheets(data: bytes, most: int) -> Iterator[Sheet]:
    """Yield the visible sheets of a .xls file; `OverflowError` with more than ``most`` cells."""
    import xlrd

    book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    for one in book.sheets():
        if one.visibility:
            continue
        places = sum((b - a) * (d - c) for a, b, c, d in one.merged_cells)
        if max(one.nrows * one.ncols, places) > most:
            raise OverflowError
        yield Sheet(
            one.name,
            [[_old_cell(cell, book) for cell in one.row(n)] for n in range(one.nrows)],
            list(one.merged_cells),
            [n for n, row in sorted(one.rowinfo_map.items()) if row.hidden],
            [n for n, column in sorted(one.colinfo_map.items()) if column.hidden],
        )


def _old_cell(cell: Any, book: Any) -> tuple[Any, str]:
    import xlrd

    shown = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate.xldate_as_datetime(cell.value, book.datemode), shown
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#N/A"), ""
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value), ""
    return None if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) else cell.value, shown


def ods_sheets(packed: zipfile.ZipFile, most: int) -> Iterator[Sheet]:
    """Yield the visible sheets of an .ods file; `OverflowError` with more than ``most`` cells."""
    root = ElementTree.fromstring(packed.read("content.xml"))
    unseen = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        for about in style.iter(f"{_STYLE}table-properties")
        if about.get(f"{_TABLE}display") == "false"
    }
    for table in root.iter(f"{_TABLE}table"):
        if table.get(f"{_TABLE}style-name") not in unseen:
            yield _open_sheet(table, most)


def _open_sheet(table: Any, most: int) -> Sheet:
    sheet = Sheet(table.get(f"{_TABLE}name", ""), [])
    at = 0
    for column in table.iter(f"{_TABLE}table-column"):
        n = int(column.get(f"{_TABLE}number-columns-repeated", "1"))
        if column.get(f"{_TABLE}visibility", "visible") != "visible":
            sheet.hidden_columns += range(at, min(at + n, most))
        at += n
    waiting = 0  # empty rows, which count only when something follows
    for row in table.iter(f"{_TABLE}table-row"):
        times = int(row.get(f"{_TABLE}number-rows-repeated", "1"))
        here = len(sheet.rows) + waiting
        cells = _open_row(row, here, sheet, most)
        if not any(value is not None for value, _ in cells):
            waiting += times
            continue
        if (here + times) * max(len(cells), 1) > most:
            raise OverflowError
        sheet.rows += [[] for _ in range(waiting)]
        if row.get(f"{_TABLE}visibility", "visible") != "visible":
            sheet.hidden_rows += range(here, here + times)
        sheet.rows += [list(cells) for _ in range(times)]
        waiting = 0
    return sheet


def _open_row(row: Any, number: int, sheet: Sheet, most: int) -> list[tuple[Any, str]]:
    cells: list[tuple[Any, str]] = []
    waiting = 0
    for cell in row:
        times = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        value, shown = _open_cell(cell)
        place = len(cells) + waiting
        if value is None and cell.get(f"{_TABLE}formula"):
            sheet.no_value.append((number, place))
        down, right = (
            int(cell.get(f"{_TABLE}number-{n}-spanned", "1")) for n in ("rows", "columns")
        )
        if down * right > 1:
            if down * right > most:
                raise OverflowError
            sheet.merged.append((number, number + down, place, place + right))
        if value is None:
            waiting += times
            continue
        if place + times > most:
            raise OverflowError
        cells += [(None, "")] * waiting + [(value, shown)] * times
        waiting = 0
    return cells


def _open_cell(cell: Any) -> tuple[Any, str]:
    """The value of a cell, and a format that shows what it shows beside the figure."""
    kind = cell.get(f"{_OFFICE}value-type", "")
    text = "\n".join("".join(p.itertext()) for p in cell.findall(f"{_TEXT}p")).strip()
    if not kind:
        return None, ""
    if kind == "date":
        day = datetime.date.fromisoformat(cell.get(f"{_OFFICE}date-value")[:10])
        return day, "yyyy" if re.fullmatch(r"\d{4}年?", text) else "yyyy-mm-dd"
    if kind in ("float", "percentage", "currency"):
        value = float(cell.get(f"{_OFFICE}value"))
        around = _AROUND.fullmatch(text.replace('"', ""))
        if kind == "percentage" or not around or _far(text, value):
            return value, "0%" if kind == "percentage" else "0"
        return value, f'"{around[1].strip()}"0"{around[2].strip()}"'
    return text or None, "@"


def _far(text: str, value: float) -> bool:
    """Whether a figure is shown in another scale than it is held in."""
    shown = re.search(r"[+-]?[\d.]+", text.replace(",", ""))
    return bool(shown) and abs(float(shown[0])) * 100 < abs(value)

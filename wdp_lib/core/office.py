"""Workbooks and other Office files: text that stays text, lists to choose from, the same bytes."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import pandas as pd

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SAVED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_LONGEST_CELL = 32_000


def plain(text: object) -> str:
    """Return the text without characters that XML forbids or that hide or reorder others."""
    return _UNSEEN.sub("", _ILLEGAL.sub("", str(text)))


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


def choose_from(sheet: Any, lists: Any, cells: str, words: list[str], told: str = "") -> None:
    """Give cells a drop-down of words, kept in a new column of another sheet.

    ``told``: what is said of another word, which is then refused; by default others are allowed.
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


def saved(book: Any, creator: str, title: str) -> bytes:
    """Return a workbook as bytes, the same whenever it is saved."""
    book.properties.creator, book.properties.title = creator, title
    book.properties.created = book.properties.modified = datetime.datetime(2000, 1, 1)
    stream = io.BytesIO()
    book.save(stream)
    return same_bytes(stream.getvalue())


def same_bytes(data: bytes) -> bytes:
    """Return an Office file without the times at which it was saved and its parts were packed."""
    stamp = rb"\g<1>2000-01-01T00:00:00Z\g<2>"
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        return zipped({name: _SAVED.sub(stamp, old.read(name)) for name in old.namelist()})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as one zip, in their order, the same bytes for the same files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o644 << 16
            archive.writestr(part, content)
    return stream.getvalue()

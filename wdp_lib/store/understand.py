"""A document as a unit sent it: its figures as text, each with sheet and cell, and what is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from wdp_lib.core.errors import DataError, Problem
from wdp_lib.core.files import harmless
from wdp_lib.data.read.returns import RETURN, Return, parse_return
from wdp_lib.data.tables import Meanings, lay_out, parse_grids

_PLAIN = re.compile(r"[\w.][\w ./:%(),-]*")  # most texts need no care


class Entry(NamedTuple):
    """What stands in a document and is no row: where, as written, and why it is refused."""

    sheet: str
    cell: str
    written: str
    problem: Problem


@dataclass(frozen=True)
class Understood:
    """A document, read."""

    # one row a figure: the columns of a return as text, ``row`` (from 2), ``sheet`` and ``cell``
    rows: pd.DataFrame
    letters: dict[str, str]  # column of the sheet by column of the return, where each has one
    entries: tuple[Entry, ...]  # figures and files that could not be understood
    remarks: tuple[Entry, ...]  # what was understood and is told


def understand(
    data: bytes, name: str, meanings: Meanings, default_area: str, given: dict[str, str]
) -> Understood:
    """Read the bytes of a document; never raises for what they hold.

    A table in the form of a return is read as one; any other is laid out (`lay_out`).

    ``default_area``: area of figures that name none. ``given``: what an empty cell of a column
    means.
    """
    form = replace(RETURN, required=tuple(c for c in RETURN.required if c not in given))
    found = parse_return(data, name, (), form)
    if found.readable or found.printed:  # of a form that was sent out no column is guessed
        read = _long(found)
    else:
        read = _laid(data, name, meanings, default_area)
    rows = read.rows
    for column in ("sheet", "cell"):
        rows[column] = clean_column(rows[column])
    for column in RETURN.columns:
        cells = clean_column(rows[column])
        if column in given:
            cells = cells.mask(cells == "", given[column])
        rows[column] = cells
    rows.insert(0, "row", range(2, len(rows) + 2))
    rows["said"] = ""
    return read


def clean(text: str) -> str:
    """Return a text as one line that is safe to open in a spreadsheet."""
    if _PLAIN.fullmatch(text):
        return text
    line = " ".join(text.replace("\0", "").replace("\x1f", " ").splitlines())
    return harmless(line.encode("utf-8", "replace").decode("utf-8"))


def clean_column(column: pd.Series) -> pd.Series:
    """Return a column of texts, each `clean`; looked at once a word."""
    number, texts = pd.factorize(column)
    cells = np.array([clean(text) for text in texts], dtype=object)
    return pd.Series(cells[number] if len(column) else column, column.index, dtype=object)


def _long(read: Return) -> Understood:
    from openpyxl.utils import get_column_letter

    places = {heading: place for place, heading in enumerate(read.written, 1)}
    letters = {c: get_column_letter(places[h]) for c, h in read.headings.items()}
    value = letters.get("value", "A")
    rows = read.rows[[*RETURN.columns]].astype(object)
    rows["sheet"] = read.sheet
    rows["cell"] = [f"{value}{row}" for row in read.rows["row"]]
    malformed = {p.row: p for p in read.problems if p.keeps_out and p.row is not None}
    entries = [
        Entry(read.sheet, f"A{row}", " | ".join(read.cells.get(row, [])), problem)
        for row, problem in malformed.items()
    ]
    whole = (p for p in read.problems if p.keeps_out and p.row is None)
    entries += [Entry(read.sheet, "", "", problem) for problem in whole]
    told = [
        Entry(read.sheet, "" if p.row is None else f"A{p.row}", "", p)
        for p in read.problems
        if not p.keeps_out
    ]
    return Understood(rows, letters, tuple(entries), tuple(told))


def _laid(data: bytes, name: str, meanings: Meanings, default_area: str) -> Understood:
    tables, entries, told = [], [], []
    try:
        grids = parse_grids(data, name)
    except DataError as error:
        grids, entries = [], [Entry("", "", "", p) for p in error.problems]
    for grid in grids:
        laid = lay_out(grid, meanings, default_area)
        cells = [address.rpartition("!")[2] for address in laid.table["address"]]
        tables.append(laid.table.assign(sheet=grid.sheet, cell=cells).astype(object))
        entries += [Entry(grid.sheet, *one) for one in laid.unplaced]
        known = {one.problem for one in entries}
        for p in laid.problems:
            if p.keeps_out and p not in known:
                entries.append(Entry(grid.sheet, "", "", p))
            elif not p.keeps_out:
                told.append(Entry(grid.sheet, p.column or "", "", p))
    columns = [*RETURN.columns, "sheet", "cell"]
    rows = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    for column in ("indicator", "area"):
        rows[column] = [meanings.shown.get(code, code) for code in rows[column]]
    return Understood(rows[columns].astype(object), {}, tuple(entries), tuple(told))


def blocks(rows: pd.DataFrame, most: int) -> Iterator[pd.DataFrame]:
    """Yield the rows some whole indicators at a time."""
    sizes = rows["indicator"].value_counts(sort=False)
    part = (sizes.cumsum() - 1) // most
    number = rows["indicator"].map(part)
    for _, block in rows.groupby(number, sort=True):
        yield block

"""Any spreadsheet file as grids of text: workbooks, delimited text, web tables saved as .xls."""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from wdp_lib.core.errors import DataError, Problem, Text
from wdp_lib.data.read.decode import decode, drop_invisible, invisible
from wdp_lib.data.read.old_books import Sheet, ods_sheets, xls_sheets
from wdp_lib.data.tell import problem

_LARGEST = 200_000_000  # bytes unpacked, and cells: more is no return, or an attack
_CELLS = 2_000_000
_MARKS = ",\t;|"
# number formats: parts for positive and negative numbers, colours and gaps, digits, words
_SECTION = re.compile(r'((?:"[^"]*"|[\\!_*].|\[[^\]]*\]|[^;"])+)')
_ASIDE = re.compile(r"\[[^\]]*\]|[_*].")
_DIGITS = re.compile(r"([0#?](?:[0#?,.]*(?:[\\!]\.)?[0#?]+)*)((?:(?![0#?]).)*)$")
_POINT = re.compile(r"[\\!]\.")
_LITERAL = re.compile(r'"([^"]*)"|[\\!](.)')
_ABOUT, _UNIT = re.compile(r"[一-龥<>≤≥≈~]"), re.compile(r"[一-龥‰％%]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*ref\s*=\s*[\"']([A-Z]+[0-9]+:[A-Z]+[0-9]+)[\"']")


@dataclass(frozen=True)
class Grid:
    """One sheet as text."""

    # file, sheet: where it stands; ``sheet`` is ``""`` where a file has only one
    file: str
    sheet: str
    # every cell as text, ``""`` where empty; a merged cell stands in each of its places
    rows: list[list[str]]
    # places (from 0) that repeat the text of a merged cell
    merged: set[tuple[int, int]] = field(default_factory=set)
    # rows (from 1) and columns (by letter) that the workbook hides
    hidden: tuple[int | str, ...] = ()
    # cells that hold no usable text, such as a formula without a stored value
    problems: tuple[Problem, ...] = ()

    def address(self, row: int, column: int) -> str:
        """Return the address of a place (from 0) as a spreadsheet writes it."""
        cell = self.cell(row, column)
        return f"{self.sheet}!{cell}" if self.sheet else cell

    def cell(self, row: int, column: int) -> str:
        """Return the address of a place (from 0) within the sheet."""
        from openpyxl.utils import get_column_letter

        return f"{get_column_letter(column + 1)}{row + 1}"


def read_grids(path: Path) -> list[Grid]:
    """Return every sheet of a file that holds something.

    Raises `DataError` if the file is missing, empty, damaged, or no table at all.
    """
    if not path.is_file():
        raise _unusable(problem("file_not_found", path.name))
    return parse_grids(path.read_bytes(), path.name)


def is_workbook(data: bytes) -> bool:
    """Return whether the bytes are a workbook, or a web page saved as one."""
    return data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or _is_web_page(data)


def parse_grids(data: bytes, file: str) -> list[Grid]:
    """Return every sheet of the bytes of a file; see `read_grids`."""
    if data.startswith(b"PK\x03\x04"):
        grids = _workbook(data, file)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        grids = _old_workbook(data, file)
    elif _is_web_page(data):
        grids = _web_tables(data, file)
    else:
        grids = [_delimited(data, file)]
    grids = [grid for grid in map(_seen, grids) if any(any(row) for row in grid.rows)]
    if not grids:
        raise _unusable(problem("empty_file", file))
    return grids


def _seen(grid: Grid) -> Grid:
    """The grid without characters that cannot be seen, and a problem that says so."""
    n = sum(invisible(text) for row in grid.rows for text in row)
    if not n:
        return grid
    rows = [[drop_invisible(text).strip() for text in row] for row in grid.rows]
    return replace(grid, rows=rows, problems=(*grid.problems, problem("invisible", grid.file, n=n)))


def _unusable(one: Problem) -> DataError:
    summary = Text(f"{one.file} 不能读入", f"{one.file} cannot be read")
    return DataError(summary, [one])


def _workbook(data: bytes, file: str) -> list[Grid]:
    from openpyxl import load_workbook

    damaged = problem("damaged_workbook", file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > _LARGEST or _spreads(packed):
                raise _unusable(problem("too_large", file))
            if "mimetype" in packed.namelist():  # an .xlsx has none
                return [_plain_sheet(one, file) for one in ods_sheets(packed, _CELLS)]
        values = load_workbook(io.BytesIO(data), data_only=True)
        formulas = load_workbook(io.BytesIO(data))
    except DataError:
        raise
    except OverflowError as error:
        raise _unusable(problem("too_large", file)) from error
    except Exception as error:  # openpyxl fails on damaged parts with errors of any kind
        raise _unusable(damaged) from error
    shown = [one for one in values.worksheets if one.sheet_state == "visible"]
    return [_sheet(one, formulas[one.title], file) for one in shown]


def _old_workbook(data: bytes, file: str) -> list[Grid]:
    try:
        return [_plain_sheet(one, file) for one in xls_sheets(data, _CELLS)]
    except OverflowError as error:
        raise _unusable(problem("too_large", file)) from error
    except Exception as error:  # xlrd fails on damaged parts with errors of any kind
        raise _unusable(problem("damaged_workbook", file)) from error


def _plain_sheet(sheet: Sheet, file: str) -> Grid:
    from openpyxl.utils import get_column_letter

    height = max([len(sheet.rows), *(down for _, down, _, _ in sheet.merged)])
    width = max([*map(len, sheet.rows), *(right for *_, right in sheet.merged)], default=0)
    if height * width > _CELLS:
        raise OverflowError
    rows = [[_text(value, shown) for value, shown in row] for row in sheet.rows]
    rows += [[] for _ in range(height - len(rows))]
    rows = [row + [""] * (width - len(row)) for row in rows]
    blocks = [(top, left, below, right) for top, below, left, right in sheet.merged]
    merged = _spread(rows, blocks)
    lacks = [(row, column) for row, column in sheet.no_value if not rows[row][column]]
    grid = Grid(file, sheet.name, rows, merged)
    faults = [
        problem("formula_without_value", file, row + 1, grid.cell(row, column))
        for row, column in lacks
    ]
    seen = [get_column_letter(n + 1) for n in sheet.hidden_columns if n < width]
    hidden = (*(n + 1 for n in sheet.hidden_rows), *seen)
    return replace(grid, hidden=hidden, problems=tuple(faults))


def _spread(rows: list[list[str]], blocks: list[tuple[int, int, int, int]]) -> set[tuple[int, int]]:
    """Put the text of each merged block into all its places; return those besides the first."""
    merged = set()
    for top, left, below, right in blocks:
        for row in range(top, below):
            for column in range(left, right):
                if (row, column) != (top, left):
                    rows[row][column] = rows[top][left]
                    merged.add((row, column))
    return merged


def _spreads(packed: zipfile.ZipFile) -> bool:
    """Whether merged cells of a sheet cover more than a return has: the reader makes each cell."""
    from openpyxl.utils import range_boundaries

    for part in packed.namelist():
        if not part.startswith("xl/worksheets/"):
            continue
        places = 0
        for ref in _MERGED.findall(packed.read(part)):
            left, top, right, bottom = range_boundaries(ref.decode())
            places += (right - left + 1) * (bottom - top + 1)
        if places > _CELLS:
            return True
    return False


def _sheet(sheet: Any, formulas: Any, file: str) -> Grid:
    if sheet.max_row * sheet.max_column > _CELLS:
        raise _unusable(problem("too_large", file))
    rows = [[_text(cell.value, cell.number_format) for cell in row] for row in sheet.iter_rows()]
    ranges = sheet.merged_cells.ranges
    merged = _spread(rows, [(b.min_row - 1, b.min_col - 1, b.max_row, b.max_col) for b in ranges])
    problems = []
    for row in formulas.iter_rows():
        for cell in row:
            if cell.data_type == "f" and not rows[cell.row - 1][cell.column - 1]:
                problems.append(problem("formula_without_value", file, cell.row, cell.coordinate))
    hidden = [n for n, one in sorted(sheet.row_dimensions.items()) if one.hidden]
    hidden += _hidden_columns(sheet)
    return Grid(file, sheet.title, rows, merged, tuple(hidden), tuple(problems))


def _hidden_columns(sheet: Any) -> list[str]:
    from openpyxl.utils import get_column_letter

    spans = [one for one in sheet.column_dimensions.values() if one.hidden]
    places = {n for one in spans for n in range(one.min, min(one.max, sheet.max_column) + 1)}
    return [get_column_letter(n) for n in sorted(places)]


def _text(value: Any, number_format: object) -> str:
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).upper()
    if isinstance(value, datetime.datetime | datetime.date):
        shown = re.sub(r'"[^"]*"', "", str(number_format)).lower()
        return value.isoformat()[: 10 if "m" in shown or "d" in shown else 4]  # or a year alone
    if isinstance(value, int | float):
        # a cell formatted as a percentage shows 64.5% and holds 0.645
        if str(number_format).endswith("%"):
            return f"{_digits(round(value * 100, 10))}%"
        before, after = _words(str(number_format), value < 0)
        return f"{before}{_digits(value)}{after}"
    return str(value).strip()


@cache
def _words(number_format: str, negative: bool) -> tuple[str, str]:
    """What a format writes before and behind a number, such as 万人; not where it scales it."""
    sections = _SECTION.findall(number_format)
    section = sections[1] if negative and len(sections) > 1 else sections[0] if sections else ""
    section = _ASIDE.sub("", section.replace("General", "0").replace("G/通用格式", "0"))
    found = _DIGITS.search(section)
    if not found or found[2].startswith(",") or _POINT.search(found[1]):
        return "", ""
    ends = (section[: found.start()], found[2])
    before, after = (_LITERAL.sub(lambda one: one[1] or one[2] or "", end).strip() for end in ends)
    return before if _ABOUT.search(before) else "", after if _UNIT.search(after) else ""


def _digits(value: float) -> str:
    """A number in full: 1e-05 and 1.2e+16 are no way to write a figure."""
    text = f"{value:.15g}"
    return f"{Decimal(text):f}" if "e" in text and abs(value) < 1e16 else text


def _is_web_page(data: bytes) -> bool:
    head = data[:2000].lower()
    page = any(mark in head for mark in (b"<html", b"<table", b"<!doc"))
    return page and b"<table" in data.lower()


def _web_tables(data: bytes, file: str) -> list[Grid]:
    from bs4 import BeautifulSoup

    page = BeautifulSoup(data, "html.parser")
    tables = [one for one in page.find_all("table") if not one.find("table")]
    names = ["" if len(tables) == 1 else str(n) for n in range(1, len(tables) + 1)]
    return [_web_table(one, file, name) for one, name in zip(tables, names, strict=True)]


def _web_table(table: Any, file: str, sheet: str) -> Grid:
    places: dict[tuple[int, int], str] = {}
    merged = set()
    for row, line in enumerate(table.find_all("tr")):
        column = 0
        for cell in line.find_all(["td", "th"]):
            while (row, column) in places:
                column += 1
            text = " ".join(cell.get_text(" ").split())
            for down in range(_span(cell, "rowspan")):
                for right in range(_span(cell, "colspan")):
                    places[row + down, column + right] = text
                    if down or right:
                        merged.add((row + down, column + right))
            if len(places) > _CELLS:
                raise _unusable(problem("too_large", file))
    height = max((row for row, _ in places), default=-1) + 1
    width = max((column for _, column in places), default=-1) + 1
    rows = [[places.get((row, column), "") for column in range(width)] for row in range(height)]
    return Grid(file, sheet, rows, merged)


def _span(cell: Any, name: str) -> int:
    given = str(cell.get(name, "1")).strip()
    return min(max(int(given), 1), 1000) if given.isdecimal() else 1


def _delimited(data: bytes, file: str) -> Grid:
    text = decode(data, file)
    if not text.lines:
        raise _unusable(text.problems[0])
    mark = _delimiter(text.lines)
    try:
        rows = list(csv.reader(text.lines, delimiter=mark))
    except csv.Error as error:
        raise _unusable(problem("no_table", file)) from error
    if len(text.undecodable) * 10 > len(text.lines) or any("\0" in "".join(row) for row in rows):
        raise _unusable(problem("no_table", file))
    width = max(map(len, rows), default=0)
    cells = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    return Grid(file, "", cells, problems=text.problems)


def _delimiter(lines: tuple[str, ...]) -> str:
    """The mark that cuts most lines into the same number of cells, more than one."""

    def agreement(mark: str) -> int:
        counts = Counter(line.count(mark) for line in lines if line.strip())
        often = [(n, times) for times, n in counts.items() if times]
        return max(often)[0] if often else 0

    return max(_MARKS, key=agreement)

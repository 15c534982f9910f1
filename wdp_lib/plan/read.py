"""Files of a plan folder as text: decoded, split into cells, each with its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from wdp_lib.core.errors import Problem, Text, suggestion
from wdp_lib.core.problems import templates
from wdp_lib.plan.schema import Field

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+|/0*[1-9][0-9]*)?")
problem = templates(__file__)


def _value(text: str) -> float:
    return float(Fraction(text)) if "/" in text else float(text)


@dataclass(frozen=True)
class Row:
    """One row: its line in the file (the header is line 1) and its cells by column."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def number(self, column: str) -> float | None:
        """Return the cell as a number, ``None`` where it is empty or not a number."""
        return _value(self[column]) if _NUMBER.fullmatch(self[column]) else None

    def items(self, column: str) -> tuple[str, ...]:
        """Return the parts of a list cell."""
        return tuple(part.strip() for part in self[column].split(";") if part.strip())

    def text(self, column: str) -> Text:
        """Return the pair of columns ``column_zh`` and ``column_en``."""
        return Text(self[f"{column}_zh"], self[f"{column}_en"])


@dataclass(frozen=True)
class Table:
    """One file: its name, the columns of its header and its rows.

    The first column identifies a row.
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @cached_property
    def ids(self) -> list[str]:
        """Identifiers in the order of the file."""
        return [row[self.columns[0]] for row in self.rows if row[self.columns[0]]]


def decode(path: Path) -> str | Problem:
    """Return the text of a file in UTF-8, or what is wrong with it."""
    if not path.is_file():
        return problem("missing_file", path.name)
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            data.decode("gb18030")
        except UnicodeDecodeError:
            return problem("not_utf8", path.name, found=_UNKNOWN)
        return problem("not_utf8", path.name, found=_GBK)


_UNKNOWN = Text("无法识别的编码", "an unknown encoding")
_GBK = Text("GBK 编码", "the encoding GBK")


def read_table(path: Path, fields: tuple[Field, ...]) -> tuple[Table | None, list[Problem]]:
    """Return the table of a CSV file and everything that is wrong with its form.

    The table is ``None`` when nothing can be said about its rows: there is no readable text, or its
    first column is missing. Rows without any content are passed over.
    """
    text = decode(path)
    if isinstance(text, Problem):
        return None, [text]
    lines, problems = _split(path.name, text)
    if not lines:
        return None, problems or [problem("empty_file", path.name)]
    header, names = [cell.strip() for cell in lines[0][1]], [field.name for field in fields]
    needed = [field.name for field in fields if field.needed]
    problems += _header_problems(path.name, header, names, needed)
    if names[0] not in header:
        return None, problems
    rows = []
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            fill = {"n": len(cells), "width": len(header)}
            problems.append(problem("wrong_number_of_cells", path.name, line, **fill))
        rows.append(Row(line, dict(zip(header, (cell.strip() for cell in cells), strict=False))))
    columns = (names[0], *(name for name in header if name != names[0]))
    return Table(path.name, columns, tuple(rows)), problems


def _split(file: str, text: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    lines = []
    try:
        for line, cells in _numbered(text):
            if any(cell.strip() for cell in cells):
                lines.append((line, cells))
    except csv.Error:
        line = lines[-1][0] + 1 if lines else 1
        return lines, [problem("broken_quotes", file, line)]
    return lines, []


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1


def _header_problems(
    file: str, header: list[str], names: list[str], needed: list[str]
) -> list[Problem]:
    missing = [problem("missing_column", file, 1, name) for name in needed if name not in header]
    problems = []
    for position, name in enumerate(header):
        if name not in names:
            fill = {"found": name, "advice": suggestion(name, names)}
            problems.append(problem("unknown_column", file, 1, name, **fill))
        elif name in header[:position]:
            problems.append(problem("duplicate_column", file, 1, name, found=name))
    return [*missing, *problems]

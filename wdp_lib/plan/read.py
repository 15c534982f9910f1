"""Files of a plan folder as text: decoded, split into cells, each with its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wdp_lib.core.errors import Problem, Text, suggestion
from wdp_lib.plan.schema import Field

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_FILE = Text("UTF-8 编码的 CSV 文件", "a CSV file in UTF-8")


@dataclass(frozen=True)
class Row:
    """One row: its line in the file (the header is line 1) and its cells by column."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the cell, ``""`` where it is empty or the file has no such column."""
        return self.cells.get(column, "")

    def number(self, column: str) -> float | None:
        """Return the cell as a number, ``None`` where it is empty or not a number."""
        return float(self[column]) if _NUMBER.fullmatch(self[column]) else None

    def items(self, column: str) -> tuple[str, ...]:
        """Return the parts of a list cell."""
        return tuple(part.strip() for part in self[column].split(";") if part.strip())

    def text(self, column: str) -> Text:
        """Return the pair of columns ``column_zh`` and ``column_en``."""
        return Text(self[f"{column}_zh"], self[f"{column}_en"])


@dataclass(frozen=True)
class Table:
    """One file: its name, the columns of its header and its rows; the first column identifies a row."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def ids(self) -> list[str]:
        """Identifiers in the order of the file."""
        return [row[self.columns[0]] for row in self.rows if row[self.columns[0]]]


def decode(path: Path) -> str | Problem:
    """Return the text of a file in UTF-8, with or without a byte order mark, or what is wrong with it."""
    if not path.is_file():
        return Problem(
            "missing_file",
            path.name,
            None,
            None,
            Text("没有此文件", "no such file"),
            Text("计划文件夹中的此文件", "this file in the plan's folder"),
            Text("请补上该文件。", "Add the file."),
        )
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Problem(
            "not_utf8",
            path.name,
            None,
            None,
            _encoding(data),
            Text("UTF-8 编码", "UTF-8"),
            _SAVE_AS,
        )


_SAVE_AS = Text(
    "请用 Excel 或 WPS 另存为“CSV UTF-8（逗号分隔）”。",
    "Save it again as 'CSV UTF-8 (comma delimited)'.",
)


def _encoding(data: bytes) -> Text:
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return Text("无法识别的编码", "an unknown encoding")
    return Text("GBK 编码", "the encoding GBK")


def read_table(path: Path, fields: tuple[Field, ...]) -> tuple[Table | None, list[Problem]]:
    """Return the table of a CSV file and everything that is wrong with its form.

    The table is ``None`` when nothing can be said about its rows: there is no readable text, or its first column is
    missing. Rows without any content are passed over.
    """
    text = decode(path)
    if isinstance(text, Problem):
        return None, [text]
    lines, problems = _split(path.name, text)
    if not lines:
        found = Text("空文件", "an empty file")
        advice = Text("请写入表头和各行。", "Write the header and the rows.")
        return None, problems or [
            Problem("empty_file", path.name, None, None, found, _FILE, advice)
        ]
    header, names = [cell.strip() for cell in lines[0][1]], [field.name for field in fields]
    problems += _header_problems(path.name, header, names)
    if names[0] not in header:
        return None, problems
    rows = []
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            problems.append(_ragged(path.name, line, len(cells), len(header)))
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
        found = Text("不成对的英文双引号", "quotation marks that do not pair")
        advice = Text("请检查该行起的英文双引号。", "Check the quotation marks from this row on.")
        return lines, [Problem("broken_quotes", file, line, None, found, _FILE, advice)]
    return lines, []


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1


def _header_problems(file: str, header: list[str], names: list[str]) -> list[Problem]:
    problems = []
    for name in names:
        if name not in header:
            found, expected = Text("没有此列", "no such column"), Text("此列", "this column")
            advice = Text("请补上该列。", "Add the column.")
            problems.append(Problem("missing_column", file, 1, name, found, expected, advice))
    for position, name in enumerate(header):
        if name not in names:
            expected = Text("规定的列", "one of the defined columns")
            problems.append(
                Problem("unknown_column", file, 1, name, name, expected, suggestion(name, names))
            )
        elif name in header[:position]:
            expected, advice = (
                Text("每列只出现一次", "each column once"),
                Text("请删去重复的列。", "Delete one of them."),
            )
            problems.append(Problem("duplicate_column", file, 1, name, name, expected, advice))
    return problems


def _ragged(file: str, line: int, found: int, expected: int) -> Problem:
    return Problem(
        "wrong_number_of_cells",
        file,
        line,
        None,
        Text(f"{found} 格", f"{found} cells"),
        Text(f"{expected} 格，与表头相同", f"{expected} cells, as in the header"),
        Text(
            "请检查逗号；含逗号的内容须加英文双引号。",
            "Check the commas; text that holds one needs quotes.",
        ),
    )

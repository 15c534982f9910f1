"""The rows below the header of a return: well-formed ones as columns, and faults of others."""

from __future__ import annotations

import csv
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import count, islice
from typing import NamedTuple

import numpy as np

from wdp_lib.core.errors import Problem, Text
from wdp_lib.data.read.table import Words
from wdp_lib.data.tell import problem

_AT_A_TIME = 5_000
_DELIMITERS = {
    "\t": Text("制表符分隔", "tabs between the cells"),
    ";": Text("分号分隔", "semicolons between the cells"),
    "，": Text("全角逗号分隔", "full-width commas between the cells"),
}


class Record(NamedTuple):
    """One row as it stands in a file: its first line, its cells, its last line."""

    row: int
    cells: list[str]
    end: int
    broken_quotes: bool = False


class Cells(Mapping[int, list[str]]):
    """Rows as they stood, by line: columns of those that are well-formed, and the others."""

    def __init__(self, lines: np.ndarray, raw: tuple[Words, ...], apart: dict[int, list[str]]):
        self.lines, self.raw, self.apart = lines, raw, apart
        self.places = np.setdiff1d(lines, list(apart)) if apart else lines

    def __getitem__(self, line: int) -> list[str]:
        if line in self.apart:
            return self.apart[line]
        place = int(np.searchsorted(self.lines, line))
        if place == len(self.lines) or self.lines[place] != line:
            raise KeyError(line)
        return [column.words[column.codes[place]] for column in self.raw]

    def __iter__(self) -> Iterator[int]:
        return iter(sorted([*self.places.tolist(), *self.apart]))

    def __len__(self) -> int:
        return len(self.places) + len(self.apart)


class Body:
    """Reads what stands below the header of a file.

    ``file``: its name in problems. ``header``: the row of headings. ``undecodable``: lines whose
    bytes are no text.
    """

    def __init__(self, file: str, header: Record, undecodable: frozenset[int]) -> None:
        self.file, self.header, self.undecodable = file, header, undecodable
        self.good = array("q")
        self.apart: dict[int, list[str]] = {}
        self.problems: list[Problem] = []

    def columns(
        self, lines: tuple[str, ...], delimiter: str, records: Iterator[Record]
    ) -> tuple[Words, ...]:
        """Return the columns of the well-formed rows, and keep their lines in ``good``.

        Rows that are not well-formed, or longer than the header, are kept ``apart``.

        ``lines``: all lines of delimited text; none where the rows are those of a sheet.
        ``records``: the rows that follow the header.
        """
        return _coded(self._blocks(lines, delimiter, records), len(self.header.cells))

    def _blocks(
        self, lines: tuple[str, ...], delimiter: str, records: Iterator[Record]
    ) -> Iterator[list[list[str]]]:
        start = self.header.end
        while block := self._plain(lines[start : start + _AT_A_TIME], delimiter):
            self.good.extend(range(start + 1, start + 1 + len(block)))
            start += len(block)
            yield block
        if lines:
            records = records_of(lines, delimiter, start, len(self.header.cells))
        well_formed = self._well_formed(records)
        while block := list(islice(well_formed, _AT_A_TIME)):
            yield block

    def _plain(self, lines: tuple[str, ...], delimiter: str) -> list[list[str]]:
        """The rows of lines in which nothing is quoted and nothing wrong; else none."""
        text = "".join(lines)
        if self.undecodable or '"' in text or "\0" in text:
            return []
        try:
            rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
        except csv.Error:
            return []
        whole = set(map(len, rows)) == {len(self.header.cells)}
        filled_in = whole and all(map(str.strip, map("".join, rows)))
        return rows if filled_in and self.header.cells not in rows else []

    def _well_formed(self, records: Iterator[Record]) -> Iterator[list[str]]:
        width = len(self.header.cells)
        for record in records:
            text = "".join(record.cells)
            if not text or text.isspace():
                continue
            if record.cells == self.header.cells:
                self.problems.append(problem("headings_again", self.file, record.row))
                continue
            fault = _fault(record, text, width, self.undecodable, self.file)
            if fault or len(record.cells) > width:
                self.apart[record.row] = record.cells
            if fault:
                self.problems.append(fault)
            else:
                self.good.append(record.row)
                yield record.cells


def delimiter_of(lines: tuple[str, ...], file: str) -> tuple[str, list[Problem]]:
    """Return what stands between the cells of a text, and a warning where that is no comma."""
    counts = {mark: lines[0].count(mark) for mark in ",\t;，"} if lines else {",": 0}
    delimiter = max(counts, key=counts.__getitem__)
    if delimiter == ",":
        return delimiter, []
    return delimiter, [problem("delimiter", file, found=_DELIMITERS[delimiter])]


def records_of(
    lines: tuple[str, ...], delimiter: str, start: int = 0, width: int = 0
) -> Iterator[Record]:
    """Yield the rows of delimited text from a line on, ``width`` cells each if that is known."""
    while start < len(lines):
        rest = map(lines.__getitem__, range(start, len(lines)))
        reader, done = csv.reader(rest, delimiter=delimiter, strict=True), start
        while True:
            try:
                cells = next(reader, None)
            except csv.Error:
                break
            if cells is None:
                return
            end = start + reader.line_num
            if width and end - done > 1 and len(cells) != width:
                break
            width = width or (len(cells) if any(cells) else 0)
            yield Record(done + 1, cells, end)
            done = end
        yield Record(done + 1, [lines[done].rstrip("\r\n")], done + 1, broken_quotes=True)
        start = done + 1


def _fault(
    record: Record, text: str, width: int, undecodable: frozenset[int], file: str
) -> Problem | None:
    code, n = "", len(record.cells)
    if record.broken_quotes:
        long = len(record.cells[0]) > csv.field_size_limit()
        code = "cell_too_long" if long else "unclosed_quote"
    elif undecodable and not undecodable.isdisjoint(range(record.row, record.end + 1)):
        code = "undecodable"
    elif "\0" in text:
        code = "null_character"
    elif n != width and (n < width or filled(record.cells[width:])):
        code = "ragged_row"
    return problem(code, file, record.row, n=n, width=width) if code else None


def _coded(rows: Iterator[list[list[str]]], width: int) -> tuple[Words, ...]:
    """The columns of rows of text, each different text once, a few thousand rows at a time."""
    known: list[dict[str, int]] = [defaultdict(count().__next__) for _ in range(width)]
    codes = [array("i") for _ in range(width)]
    for some in rows:
        columns = zip(*some, strict=False)  # rows may be longer than the header
        for places, texts, column in zip(codes, known, columns, strict=False):
            places.extend(map(texts.__getitem__, column))
    return tuple(
        Words.distinct(np.array(places, dtype="int32"), texts)
        for places, texts in zip(codes, known, strict=True)
    )


def filled(cells: list[str]) -> bool:
    """Whether anything stands in a row."""
    return bool("".join(cells).strip())

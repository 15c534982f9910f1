"""One return as received: its rows as text, with the line each stands in, and its faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.core.errors import DataError, Problem, Text, suggestion
from wdp_lib.core.names import fold
from wdp_lib.data.read.body import Body, Cells, Record, delimiter_of, filled, records_of
from wdp_lib.data.read.decode import decode
from wdp_lib.data.read.grids import Grid, is_workbook, parse_grids
from wdp_lib.data.read.table import Table, Words
from wdp_lib.data.read.words import OPTIONAL, PRINTED, REQUIRED, synonyms
from wdp_lib.data.tell import problem


@dataclass(frozen=True)
class Form:
    """The columns of one kind of file."""

    # headings each column may have besides its name, the one that is shown first; in the order of
    # the columns
    spellings: dict[str, tuple[str, ...]]
    required: tuple[str, ...]  # columns the header must have
    # headings, by name, that a printed form has for the eye only; a file with one of them must have
    # every column of that form
    printed: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All columns in their order."""
        return tuple(self.spellings)

    @cached_property
    def names(self) -> dict[str, str]:
        """The heading that is shown for each column."""
        return {column: (*words, column)[0] for column, words in self.spellings.items()}

    @cached_property
    def headings(self) -> dict[str, str]:
        """Column by folded heading, in every spelling allowed."""
        return _folded(self.spellings)

    @cached_property
    def aside(self) -> dict[str, str]:
        """What is for the eye only, by folded heading."""
        return _folded(self.printed)

    def needs(self, written: Iterable[str]) -> tuple[str, ...]:
        """Return the columns a file with these headings must have."""
        if self.aside.keys().isdisjoint(map(fold, written)):
            return self.required
        return tuple(column for column in PRINTED if column in self.spellings)


def _folded(spellings: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {fold(w): column for column, ws in spellings.items() for w in (column, *ws)}


RETURN = Form(
    {c: synonyms("heading")[c] for c in (*REQUIRED, *OPTIONAL)}, REQUIRED, synonyms("printed")
)


@dataclass(frozen=True)
class Return:
    """What one file holds."""

    file: str
    # one row a well-formed row of the file: ``file``, ``row`` (line in the file, header = 1) and
    # every known column as text, ``""`` where the file has none
    table: Table
    # every row that is not blank, well-formed or not, as it stood, by line
    cells: Mapping[int, list[str]] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)  # heading as written, by column
    written: tuple[str, ...] = ()  # all headings, in their order
    problems: tuple[Problem, ...] = ()
    readable: bool = True  # false when no row could be understood
    printed: bool = False  # whether it is a form that was sent out (`Form.printed`)
    sheet: str = ""  # sheet of the workbook that was read

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The table as a frame, its texts as objects."""
        texts = [name for name in self.table.columns if name != "row"]
        block = np.array([self.table[name] for name in texts], dtype=object)
        frame = pd.DataFrame(block.T, columns=texts, dtype=object)
        frame.insert(1, "row", self.table["row"])
        return frame


def read_return(
    path: Path,
    extra_columns: tuple[str, ...] = (),
    given: dict[str, str] | None = None,
    name: str = "",
) -> Return:
    """Read one file of a data set; never raises for what the file holds.

    ``extra_columns``: further headings that are expected and left aside. ``given``: what an empty
    cell of a column means; the file need not have the column. ``name``: the file's within its data
    set, by which its rows are told from those of a namesake in another folder.
    """
    name = name or path.name
    if not path.is_file():
        return _unreadable(name, [problem("file_not_found", name)], RETURN)
    given = given or {}
    form = replace(RETURN, required=tuple(c for c in RETURN.required if c not in given))
    read = parse_return(path.read_bytes(), name, extra_columns, form)
    filled = {c: read.table.words(c).map(partial(_or, text)) for c, text in given.items()}
    return replace(read, table=read.table.with_(**filled))


def _or(given: str, text: str) -> str:
    return text or given


def parse_return(
    data: bytes, file: str, extra_columns: tuple[str, ...] = (), form: Form = RETURN
) -> Return:
    """Read the bytes of one file of any form; see `read_return`."""
    text, sheet, delimiter, undecodable = None, "", ",", frozenset()
    if is_workbook(data):
        records, problems, sheet = _of_sheets(data, file, form)
    else:
        text = decode(data, file)
        problems, undecodable = list(text.problems), text.undecodable
        delimiter, found = delimiter_of(text.lines, file)
        problems += found
        records = records_of(text.lines, delimiter)
    header = next((r for r in records if filled(r.cells)), None)
    if header is None:
        return _unreadable(file, problems, form)
    if "\ufffd" in "".join(header.cells):
        return _unreadable(file, [problem("no_table", file)], form)
    columns, faults = _columns(header.cells, file, extra_columns, form)
    problems += faults
    if any(p.keeps_out for p in problems):
        printed = not form.aside.keys().isdisjoint(map(fold, header.cells))
        return replace(_unreadable(file, problems, form), printed=printed)
    body = Body(file, header, undecodable)
    raw = body.columns(text.lines if text else (), delimiter, records)
    problems += body.problems
    lines = np.array(body.good, dtype="int64")
    unnamed = [place for place, heading in enumerate(header.cells) if not heading.strip()]
    if any(word.strip() for place in unnamed for word in raw[place].words):
        problems.append(problem("unnamed_column", file))
    cells = Cells(lines, raw, body.apart)
    if not cells:
        problems.append(problem("no_rows", file))
    names = {column: header.cells[place] for column, place in columns.items()}
    table = _table(file, lines, raw, columns, form)
    return Return(file, table, cells, names, tuple(header.cells), tuple(problems), sheet=sheet)


def _of_sheets(data: bytes, file: str, form: Form) -> tuple[Iterator[Record], list[Problem], str]:
    """The rows of the one sheet whose first row has the headings of the form, or nearly."""
    try:
        grids = [grid for grid in parse_grids(data, file) if grid.rows]
    except DataError as error:
        return iter(()), list(error.problems), ""
    few = len(form.required) // 3  # so many headings changed leave a table that can be told so
    found = long_sheets(grids, form) or [grid for grid in grids if _lacking(grid, form) <= few]
    if len(found) != 1:
        sheets = ", ".join(grid.sheet for grid in found or grids)
        code = "workbook.several" if found else "workbook"
        return iter(()), [problem(code, file, found=sheets)], ""
    rows = enumerate(found[0].rows, 1)
    return (Record(n, cells, n) for n, cells in rows), list(found[0].problems), found[0].sheet


def long_sheets(grids: Iterable[Grid], form: Form = RETURN) -> list[Grid]:
    """Return the sheets that hold a long table, as they stand: their headings are in row one."""
    return [grid for grid in grids if not _lacking(grid, form)]


def _lacking(grid: Grid, form: Form) -> int:
    first = next((row for row in grid.rows if any(row)), [])
    known = {form.headings.get(fold(heading)) for heading in first}
    return len(set(form.required) - known)


def _table(
    file: str, lines: np.ndarray, raw: tuple[Words, ...], columns: dict[str, int], form: Form
) -> Table:
    texts: dict[str, np.ndarray | Words] = {"file": Words.all_of(file, len(lines)), "row": lines}
    for column in form.columns:
        place = columns.get(column)
        given = place is not None and len(lines) > 0
        texts[column] = raw[place].map(str.strip) if given else Words.all_of("", len(lines))
    return Table(texts)


def _unreadable(file: str, problems: Iterable[Problem], form: Form) -> Return:
    none = _table(file, np.empty(0, dtype="int64"), (), {}, form)
    return Return(file, none, problems=tuple(problems), readable=False)


def _columns(
    written: list[str], file: str, extra_columns: tuple[str, ...], form: Form
) -> tuple[dict[str, int], list[Problem]]:
    columns: dict[str, int] = {}
    problems, extra, expected = [], [], {fold(name) for name in extra_columns}
    for place, heading in enumerate(written):
        column = form.headings.get(fold(heading))
        if column and column in columns:
            first = written[columns[column]]
            problems.append(
                problem("duplicate_column", file, None, heading, first=first, quoted=repr(first))
            )
        elif column:
            columns[column] = place
        elif heading.strip() and fold(heading) not in expected and fold(heading) not in form.aside:
            extra.append(heading)
    missing = [column for column in form.needs(written) if column not in columns]
    problems += [_missing(file, column, written, extra, form) for column in missing]
    problems += [_extra(file, heading, form) for heading in extra]
    return columns, problems


def _missing(file: str, column: str, written: list[str], extra: list[str], form: Form) -> Problem:
    from difflib import get_close_matches

    name = form.names[column]
    folded = {fold(heading): heading for heading in extra}
    close = get_close_matches(name, folded, 1, 0.5) or get_close_matches(column, folded, 1, 0.6)
    if close:
        likely = folded[close[0]]
        code, fill = "missing_column.likely", {"likely": likely, "quoted": repr(likely)}
    else:
        shown = [heading.strip() for heading in written if heading.strip()][:20]
        code, fill = "missing_column", {"header": Text("、".join(shown), ", ".join(shown))}
    return problem(code, file, name=name, code=column, **fill)


def _extra(file: str, heading: str, form: Form) -> Problem:
    advice = suggestion(heading, [*form.columns, *form.names.values()])
    if "？" not in advice.zh:
        advice = _LEFT_ASIDE
    return problem("extra_column", file, None, heading, advice=advice)


_LEFT_ASIDE = Text(
    "该列未读入；如不需要，可删去。", "It was left aside; delete it if it is not needed."
)

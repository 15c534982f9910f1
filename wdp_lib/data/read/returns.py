"""One return as received: its rows as text, with the line each stands in, and what is wrong with the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from wdp_lib.core.errors import Problem, Text, suggestion
from wdp_lib.data.read.decode import Lines, decode
from wdp_lib.data.read.words import OPTIONAL, REQUIRED, fold, heading_zh, headings

_WHOLE_ROW = Text("与表头对应的一行", "one row that fits the header")


@dataclass(frozen=True)
class Form:
    """The columns of one kind of file.

    Parameters
    ----------
    columns, required : tuple of str
        All columns in their order, and those the header must have.
    headings : dict of str to str
        Column by folded heading, in every spelling allowed.
    names : dict of str to str
        Chinese heading by column.
    """

    columns: tuple[str, ...]
    required: tuple[str, ...]
    headings: dict[str, str]
    names: dict[str, str]


RETURN = Form(
    (*REQUIRED, *OPTIONAL), REQUIRED, headings(), {c: heading_zh(c) for c in (*REQUIRED, *OPTIONAL)}
)


@dataclass(frozen=True)
class Return:
    """What one file holds.

    Parameters
    ----------
    file : str
        Name of the file.
    rows : pandas.DataFrame
        One row a well-formed row of the file: ``file``, ``row`` (line in the file, header = 1) and every known column
        as text, ``""`` where the file has none.
    cells : dict of int to list of str
        Every row that is not blank, well-formed or not, as it stood, by line.
    headings : dict of str to str
        Heading as written, by column.
    written : tuple of str
        All headings, in their order.
    problems : tuple of Problem
        What is wrong with the file or with the form of its rows.
    readable : bool
        False when no row could be understood.
    """

    file: str
    rows: pd.DataFrame
    cells: dict[int, list[str]] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    readable: bool = True


@dataclass(frozen=True)
class _Record:
    row: int
    cells: list[str]
    end: int
    broken_quotes: bool = False


def read_return(path: Path, extra_columns: tuple[str, ...] = ()) -> Return:
    """Read one file of a data set; never raises for what the file holds.

    Parameters
    ----------
    path : Path
        The file.
    extra_columns : tuple of str
        Further headings that are expected and left aside.
    """
    if not path.is_file():
        return _unreadable(path.name, (_absent(path.name),), RETURN)
    return parse_return(path.read_bytes(), path.name, extra_columns)


def parse_return(
    data: bytes, file: str, extra_columns: tuple[str, ...] = (), form: Form = RETURN
) -> Return:
    """Read the bytes of one file of any form; see `read_return`."""
    text = decode(data, file)
    if not text.lines:
        return _unreadable(file, text.problems, form)
    delimiter = _delimiter(text.lines[0])
    records = _records(text.lines, delimiter)
    header = next((r for r in records if any(cell.strip() for cell in r.cells)), None)
    if header is None:
        return _unreadable(file, text.problems, form)
    columns, problems = _columns(header.cells, file, extra_columns, form)
    problems = [*text.problems, *_delimiter_problem(delimiter, file), *problems]
    if any(p.severity == "reject" for p in problems):
        return _unreadable(file, tuple(problems), form)
    return _collect(file, header.cells, columns, list(records), text, problems, form)


def _collect(
    file: str,
    written: list[str],
    columns: dict[str, int],
    records: list[_Record],
    text: Lines,
    problems,
    form: Form,
) -> Return:
    cells, good = {}, []
    for record in records:
        if not any(cell.strip() for cell in record.cells):
            continue
        cells[record.row] = record.cells
        fault = _fault(record, len(written), text.undecodable, file)
        if fault:
            problems.append(fault)
        else:
            good.append((record.row, record.cells))
    if not cells:
        problems.append(_no_rows(file))
    names = {column: written[place] for column, place in columns.items()}
    return Return(
        file, _frame(file, good, columns, form), cells, names, tuple(written), tuple(problems)
    )


def _frame(
    file: str, good: list[tuple[int, list[str]]], columns: dict[str, int], form: Form
) -> pd.DataFrame:
    data: dict[str, list] = {"file": [file] * len(good), "row": [row for row, _ in good]}
    for column in form.columns:
        place = columns.get(column)
        data[column] = (
            [""] * len(good) if place is None else [cells[place].strip() for _, cells in good]
        )
    return pd.DataFrame(data).astype(dict.fromkeys((*form.columns, "file"), object))


def _records(lines: tuple[str, ...], delimiter: str) -> Iterator[_Record]:
    """Yield the records; a line with an unclosed quotation mark is given alone, so that it swallows no other row."""
    start, width = 0, 0
    while start < len(lines):
        reader, done = csv.reader(lines[start:], delimiter=delimiter, strict=True), start
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
            yield _Record(done + 1, cells, end)
            done = end
        yield _Record(done + 1, [lines[done].rstrip("\r\n")], done + 1, broken_quotes=True)
        start = done + 1


def _fault(record: _Record, width: int, undecodable: frozenset[int], file: str) -> Problem | None:
    if record.broken_quotes:
        return _row_problem(
            "unclosed_quote",
            file,
            record.row,
            Text("不成对的英文双引号", "a quotation mark without its partner"),
            Text(
                '请删去多余的英文双引号 " ，或补上另一个。',
                "Delete the quotation mark, or add the other one.",
            ),
        )
    if not undecodable.isdisjoint(range(record.row, record.end + 1)):
        return _row_problem(
            "undecodable",
            file,
            record.row,
            Text("无法识别的字符", "bytes that are no text"),
            Text(
                "请重新录入此行，并另存为“CSV UTF-8”。",
                'Type the row again and save as "CSV UTF-8".',
            ),
        )
    if any("\0" in cell for cell in record.cells):
        return _row_problem(
            "null_character",
            file,
            record.row,
            Text("空字符（NUL）", "a null character"),
            Text("此行可能已损坏，请重新录入。", "The row may be damaged: type it again."),
        )
    return _ragged(record, width, file)


def _ragged(record: _Record, width: int, file: str) -> Problem | None:
    n = len(record.cells)
    if n == width or (n > width and not any(cell.strip() for cell in record.cells[width:])):
        return None
    advice = Text(
        "请检查此行是否多了或少了逗号；含逗号的内容须放在英文双引号内。",
        "Look for a comma too many or too few; text that holds a comma needs quotation marks around it.",
    )
    found = Text(f"{n} 个单元格", f"{n} cells")
    return Problem(
        "ragged_row",
        file,
        record.row,
        None,
        found,
        Text(f"{width} 个单元格", f"{width} cells"),
        advice,
    )


def _columns(
    written: list[str], file: str, extra_columns: tuple[str, ...], form: Form
) -> tuple[dict[str, int], list[Problem]]:
    known, columns, problems, extra = form.headings, {}, [], []
    expected = {fold(name) for name in extra_columns}
    for place, heading in enumerate(written):
        column = known.get(fold(heading))
        if column and column in columns:
            problems.append(_twice(file, heading, written[columns[column]]))
        elif column:
            columns[column] = place
        elif heading.strip() and fold(heading) not in expected:
            extra.append(heading)
    missing = [column for column in form.required if column not in columns]
    problems += [_missing(file, column, written, extra, form) for column in missing]
    problems += [_extra(file, heading, form) for heading in extra]
    return columns, problems


def _missing(file: str, column: str, written: list[str], extra: list[str], form: Form) -> Problem:
    from difflib import get_close_matches

    name = form.names[column]
    shown = [heading.strip() for heading in written if heading.strip()]
    folded = {fold(heading): heading for heading in extra}
    close = get_close_matches(name, folded, 1, 0.5) or get_close_matches(column, folded, 1, 0.6)
    advice = Text(
        f"请补上这一列；表头须在第一行，上方不要有标题。表头现有：{'、'.join(shown[:20])}。",
        f"Add this column; the header must be the first line, without a title above. It has: {', '.join(shown[:20])}.",
    )
    if close:
        likely = folded[close[0]]
        advice = Text(
            f"“{likely}”是否就是这一列？请改为“{name}”。",
            f"Is it {likely!r}? Rename it to {column}.",
        )
    return Problem(
        "missing_column",
        file,
        None,
        None,
        Text(f"缺少“{name}”（{column}）列", f"no column {column} ({name})"),
        Text("表头含有此列", "a header with this column"),
        advice,
    )


def _twice(file: str, heading: str, first: str) -> Problem:
    return Problem(
        "duplicate_column",
        file,
        None,
        heading,
        Text(f"与“{first}”列重复的列", f"a second column beside {first!r} for the same thing"),
        Text("每种内容只有一列", "one column for each thing"),
        Text("请删去或改名其中一列。", "Delete or rename one of them."),
    )


def _extra(file: str, heading: str, form: Form) -> Problem:
    advice = suggestion(heading, [*form.columns, *form.names.values()])
    if "？" not in advice.zh:
        advice = Text(
            "该列未读入；如不需要，可删去。", "It was left aside; delete it if it is not needed."
        )
    return Problem(
        "extra_column",
        file,
        None,
        heading,
        Text("未约定的列", "a column that is not agreed"),
        Text("约定的列", "the agreed columns"),
        advice,
        "warn",
    )


def _delimiter(header: str) -> str:
    counts = {mark: header.count(mark) for mark in ",\t;"}
    return max(counts, key=counts.__getitem__) if any(counts.values()) else ","


def _delimiter_problem(delimiter: str, file: str) -> list[Problem]:
    if delimiter == ",":
        return []
    name = {
        "\t": Text("制表符分隔", "tabs between the cells"),
        ";": Text("分号分隔", "semicolons between the cells"),
    }
    advice = Text("已照此读入；下次请用逗号分隔。", "It was read so; next time use commas.")
    return [
        Problem(
            "delimiter",
            file,
            None,
            None,
            name[delimiter],
            Text("逗号分隔", "commas"),
            advice,
            "warn",
        )
    ]


def _row_problem(rule: str, file: str, row: int, found: Text, advice: Text) -> Problem:
    return Problem(rule, file, row, None, found, _WHOLE_ROW, advice)


def _no_rows(file: str) -> Problem:
    return Problem(
        "no_rows",
        file,
        None,
        None,
        Text("只有表头", "a header only"),
        Text("至少一行数据", "at least one row"),
        Text("请核对是否传错文件。", "Check whether the right file was sent."),
        "warn",
    )


def _absent(file: str) -> Problem:
    return Problem(
        "file_not_found",
        file,
        None,
        None,
        Text("没有此文件", "no such file"),
        Text("dataset.yaml 所列的文件", "a file listed in dataset.yaml"),
        Text(
            "请把文件放入数据集文件夹，或从 dataset.yaml 中删去。",
            "Add the file, or take it out of dataset.yaml.",
        ),
    )


def _unreadable(file: str, problems: tuple[Problem, ...], form: Form) -> Return:
    return Return(file, _frame(file, [], {}, form), problems=problems, readable=False)

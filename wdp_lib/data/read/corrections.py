"""Reviewed corrections: the only way to change a value that was received."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from wdp_lib.core.errors import DataError, Problem, Text
from wdp_lib.core.names import fold
from wdp_lib.data.read.cells import Number, read_number
from wdp_lib.data.read.metadata import read_table
from wdp_lib.data.read.table import Table, Words
from wdp_lib.data.read.words import codes, counting_unit
from wdp_lib.data.tell import problem

COLUMNS = (
    "file",
    "indicator",
    "area",
    "year",
    "sex",
    "age_group",
    "residence",
    "was",
    "use",
    "confirmed_by",
    "why",
)
REQUIRED = ("file", "indicator", "area", "year", "was", "use", "confirmed_by", "why")
_STRATA = ("sex", "age_group", "residence")


def apply_corrections(table: Table, path: Path | None, later: Table) -> tuple[Table, list[Problem]]:
    """Return the rows with the values of the corrections file, and a warning for each change.

    ``table``: rows with their keys understood and ``value`` still as text. ``path``:
    ``data/corrections/<dataset>.csv``; nothing happens when there is none. ``later``: rows as text
    that were not known yet: a correction of one of them waits. Raises `DataError` when a row is not
    found, no longer says what ``was`` says, or nobody confirmed the correction.
    """
    if path is None or not path.is_file():
        return table, []
    corrections = read_table(path, COLUMNS, REQUIRED)
    faults, notes = [], []
    for correction in corrections.itertuples():
        hits = _rows(table, correction)
        changed = hits.copy()
        changed[hits] = [_same_text(row.value, correction.was) for row in table.rows(hits)]
        fault = _fault(correction, table, hits, changed, path.name)
        if fault and fault.rule == "correction_does_not_fit" and _waits(later, correction):
            continue
        if fault:
            faults.append(fault)
            continue
        first = {row.line: row for row in reversed([*table.rows(changed)])}
        notes += [
            problem(
                "corrected",
                row.file,
                row.row,
                "value",
                was=_text(correction.was),
                use=correction.use,
                by=correction.confirmed_by,
                why=correction.why,
            )
            for _, row in sorted(first.items())
        ]
        lines = np.isin(table["line"], list(first))
        note, n = table.words("note"), len(table)
        noted = note.map(lambda text, one=correction: _note(text, one))
        value = table.words("value").where(~lines, Words.all_of(correction.use, n))
        table = table.with_(note=note.where(~lines, noted), value=value)
    if faults:
        raise DataError.of("更正表与数据不符", "The corrections do not fit the data", faults)
    return table, notes


def _text(was: str) -> Text:
    return Text(was or "空单元格", was or "an empty cell")


def _rows(table: Table, correction) -> np.ndarray:
    fits = table.words("file").isin(correction.file)
    fits &= table.words("year").test(lambda year: str(year) == correction.year)
    fits &= _named(table, ("indicator", "key", "name_zh", "name_en"), correction.indicator)
    fits &= _named(table, ("area", "area_text", "area_zh", "area_en"), correction.area)
    for column in _STRATA:
        word, given = getattr(correction, column), table.words(column)
        if word and column != "age_group":
            fits &= given.isin(*codes(column).get(fold(word), frozenset()), word)
        elif word:
            fits &= given.isin(word)
        else:
            fits &= table[column] == table[f"own_{column}"]
    return fits


def _waits(later: Table, correction) -> bool:
    fits = later.words("file").isin(correction.file)
    fits &= later.words("year").test(lambda year: correction.year in year)
    return any(_same_text(row.value, correction.was) for row in later.rows(fits))


def _named(table: Table, columns: tuple[str, ...], name: str) -> np.ndarray:
    wanted = fold(name)
    fits = [
        table.words(column).test(lambda word: word is not None and fold(word) == wanted)
        for column in columns
    ]
    return np.any(fits, axis=0)


def _same_text(text: str, was: str) -> bool:
    if text == was:
        return True
    a, b = read_number(text).value, read_number(was).value
    return isinstance(a, Number) and isinstance(b, Number) and _amount(a) == _amount(b)


def _amount(number: Number) -> float:
    return number.value * counting_unit(number.unit)[0]


def _note(note: str, correction) -> str:
    added = (
        f"更正：原为 {correction.was or '空'}，{correction.confirmed_by} 确认（{correction.why}）"
    )
    return f"{note}；{added}" if note else added


def _fault(
    correction, table: Table, hits: np.ndarray, changed: np.ndarray, file: str
) -> Problem | None:
    if not correction.confirmed_by or not correction.why:
        return problem("correction_unconfirmed", file, correction.row, "confirmed_by")
    if changed.any():
        return None
    found = Text("没有这一行", "no such row")
    if hits.any():
        values = ", ".join(dict.fromkeys(row.value or '""' for row in table.rows(hits)))
        found = Text(f"{correction.file} 中的 {values}", f"{values} in {correction.file}")
    place = f"{correction.file}, {correction.indicator}, {correction.area}, {correction.year}"
    was = Text(correction.was or "空", correction.was or "an empty cell")
    return problem(
        "correction_does_not_fit", file, correction.row, "was", found=found, was=was, place=place
    )

"""Reviewed corrections: the only way to change a value that was received."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from wdp_lib.core.errors import DataError, Problem, Text
from wdp_lib.core.names import fold
from wdp_lib.data.read.cells import Number, read_number
from wdp_lib.data.read.metadata import read_table
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


def apply_corrections(
    table: pd.DataFrame, path: Path | None, later: pd.DataFrame
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows with the values of the corrections file, and a warning for each change.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows with their keys understood and ``value`` still as text.
    path : Path or None
        ``data/corrections/<dataset>.csv``; nothing happens when there is none.
    later : pandas.DataFrame
        Rows as text that were not known yet: a correction of one of them waits.

    Raises
    ------
    DataError
        When a row is not found, no longer says what ``was`` says, or nobody confirmed the
        correction.
    """
    if path is None or not path.is_file():
        return table, []
    corrections = read_table(path, COLUMNS, REQUIRED)
    table, faults, notes = table.copy(), [], []
    for correction in corrections.itertuples():
        hits = _rows(table, correction)
        changed = hits[[_same_text(text, correction.was) for text in hits["value"]]]
        fault = _fault(correction, hits, changed, path.name)
        if fault and fault.rule == "correction_does_not_fit" and _waits(later, correction):
            continue
        if fault:
            faults.append(fault)
            continue
        lines = table["line"].isin(changed["line"])
        table.loc[lines, "note"] = [_note(note, correction) for note in table.loc[lines, "note"]]
        table.loc[lines, "value"] = correction.use
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
            for row in changed.drop_duplicates("line").itertuples()
        ]
    if faults:
        raise DataError(Text("更正表与数据不符", "The corrections do not fit the data"), faults)
    return table, notes


def _text(was: str) -> Text:
    return Text(was or "空单元格", was or "an empty cell")


def _rows(table: pd.DataFrame, correction) -> pd.DataFrame:
    rows = table[table["file"] == correction.file]
    rows = rows[rows["year"].astype("str") == correction.year]
    fits = _named(rows, ("indicator", "key", "name_zh", "name_en"), correction.indicator)
    fits &= _named(rows, ("area", "area_text", "area_zh", "area_en"), correction.area)
    for column in _STRATA:
        word = getattr(correction, column)
        if word and column != "age_group":
            fits &= rows[column].isin(codes(column).get(fold(word), frozenset()) | {word})
        elif word:
            fits &= rows[column] == word
        else:
            fits &= rows[column] == rows[f"own_{column}"]
    return rows[fits]


def _waits(later: pd.DataFrame, correction) -> bool:
    rows = later[(later["file"] == correction.file) & later["year"].str.contains(correction.year)]
    return any(_same_text(text, correction.was) for text in rows["value"])


def _named(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> pd.Series:
    fits = pd.Series(False, index=table.index)
    for column in columns:
        known = [word for word in table[column].dropna().unique() if fold(word) == fold(name)]
        fits |= table[column].isin(known)
    return fits


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


def _fault(correction, hits: pd.DataFrame, changed: pd.DataFrame, file: str) -> Problem | None:
    if not correction.confirmed_by or not correction.why:
        return problem("correction_unconfirmed", file, correction.row, "confirmed_by")
    if len(changed):
        return None
    found = Text("没有这一行", "no such row")
    if len(hits):
        values = ", ".join(dict.fromkeys(value or '""' for value in hits["value"]))
        found = Text(f"{correction.file} 中的 {values}", f"{values} in {correction.file}")
    place = f"{correction.file}, {correction.indicator}, {correction.area}, {correction.year}"
    was = Text(correction.was or "空", correction.was or "an empty cell")
    return problem(
        "correction_does_not_fit", file, correction.row, "was", found=found, was=was, place=place
    )

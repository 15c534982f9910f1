"""Reviewed corrections: the only way to change a value that was received."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from wdp_lib.core.errors import DataError, Problem, Text
from wdp_lib.data.read.cells import read_number
from wdp_lib.data.read.metadata import read_table
from wdp_lib.data.read.words import codes, fold

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
_STRATA = ("sex", "age_group", "residence")


def apply_corrections(table: pd.DataFrame, path: Path | None) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows with the values of the corrections file, and a warning for each row that was changed.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows with their keys understood and ``value`` still as text.
    path : Path or None
        ``data/corrections/<dataset>.csv``; nothing happens when there is none.

    Raises
    ------
    DataError
        When a row is not found, no longer says what ``was`` says, or nobody confirmed the correction.
    """
    if path is None or not path.is_file():
        return table, []
    corrections = read_table(
        path, COLUMNS, ("file", "indicator", "area", "year", "was", "use", "confirmed_by", "why")
    )
    table, faults, notes = table.copy(), [], []
    for correction in corrections.itertuples():
        hits = _rows(table, correction)
        changed = hits[hits["value"].map(lambda text, was=correction.was: _same_text(text, was))]
        fault = _fault(correction, hits, changed, path.name)
        if fault:
            faults.append(fault)
            continue
        lines = table["line"].isin(changed["line"])
        table.loc[lines, "note"] = [_note(note, correction) for note in table.loc[lines, "note"]]
        table.loc[lines, "value"] = correction.use
        notes += [
            _corrected(row, correction) for row in changed.drop_duplicates("line").itertuples()
        ]
    if faults:
        raise DataError(Text("更正表与数据不符", "The corrections do not fit the data"), faults)
    return table, notes


def _rows(table: pd.DataFrame, correction) -> pd.DataFrame:
    fits = (table["file"] == correction.file) & (table["year"].astype("str") == correction.year)
    fits &= _named(table, ("indicator", "key", "name_zh", "name_en"), correction.indicator)
    fits &= _named(table, ("area", "area_text", "area_zh", "area_en"), correction.area)
    for column in _STRATA:
        word = getattr(correction, column)
        if word and column != "age_group":
            fits &= table[column].isin(codes(column).get(fold(word), frozenset()) | {word})
        elif word:
            fits &= table[column] == word
        else:
            fits &= table[column] == table[f"own_{column}"]
    return table[fits]


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
    return a is not None and b is not None and a.value == b.value


def _note(note: str, correction) -> str:
    added = (
        f"更正：原为 {correction.was or '空'}，{correction.confirmed_by} 确认（{correction.why}）"
    )
    return f"{note}；{added}" if note else added


def _fault(correction, hits: pd.DataFrame, changed: pd.DataFrame, file: str) -> Problem | None:
    if not correction.confirmed_by or not correction.why:
        return Problem(
            "correction_unconfirmed",
            file,
            correction.row,
            "confirmed_by",
            Text("没有确认人或理由", "nobody's name or no reason"),
            Text("确认人和理由", "who confirmed it and why"),
            Text("请补填。", "Fill them in."),
        )
    if len(changed):
        return None
    found = Text("没有这一行", "no such row")
    if len(hits):
        values = ", ".join(dict.fromkeys(value or '""' for value in hits["value"]))
        found = Text(f"{correction.file} 中的 {values}", f"{values} in {correction.file}")
    where = f"{correction.file}, {correction.indicator}, {correction.area}, {correction.year}"
    return Problem(
        "correction_does_not_fit",
        file,
        correction.row,
        "was",
        found,
        Text(
            f"{correction.was or '空'}（{where}）", f"{correction.was or 'an empty cell'} ({where})"
        ),
        Text(
            "数据可能已重新报送；请核对并删改这条更正。",
            "The file may have been sent again: check this correction.",
        ),
    )


def _corrected(row, correction) -> Problem:
    return Problem(
        "corrected",
        row.file,
        row.row,
        "value",
        Text(f"{correction.was or '空单元格'}", f"{correction.was or 'an empty cell'}"),
        Text(f"{correction.use}（更正表）", f"{correction.use} (file of corrections)"),
        Text(
            f"已按更正采用（{correction.confirmed_by}：{correction.why}）；请报送单位同步修改原表。",
            f"The correction is used ({correction.confirmed_by}: {correction.why}); have the return corrected as well.",
        ),
        "warn",
    )

"""Writing files.

Whole or not at all, the same bytes for the same content, safe to open in a spreadsheet.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from pathlib import Path
from typing import Any

import pandas as pd

_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}")  # as `write_atomic` names them
# spreadsheets look past spaces and what cannot be seen, and take full-width signs as well
_FORMULA = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]*[=+@＝＋－＠-]|[\t\r]")
_SIGNED = re.compile(r"[+-]\d+([.,]\d+)*[%％‰]?|-+")  # numbers and dashes run as no formula


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file so that it is either the old one or the whole new one.

    Whatever happens in between.

    ``path``: file to write; its folder is made. ``content``: text is written as UTF-8.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    hidden = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    # by the user's mask, and as closed as the file that was there
    handle = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if path.is_file():
            os.chmod(hidden, stat.S_IMODE(path.stat().st_mode))
        os.replace(hidden, path)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise


def remove_unfinished(folder: Path) -> None:
    """Remove the files in a folder that a killed process was writing."""
    for path in folder.rglob(".*"):
        if _UNFINISHED.fullmatch(path.name) and path.is_file():
            path.unlink()


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV for people and programs, UTF-8 with a byte-order mark.

    So that spreadsheets show Chinese.

    ``frame``: the table; the index is not written. ``path``: file to write; its folder is made.
    """
    write_atomic(path, table_text(frame).encode("utf-8-sig"))


def table_text(frame: pd.DataFrame, *, header: bool = True) -> str:
    """Return a table as CSV.

    Numbers have ten significant digits, so that machines agree; a text that a spreadsheet would run
    as a formula gets an apostrophe in front.
    """
    safe = frame.apply(lambda column: _safe(column) if _holds_text(column) else column)
    return safe.to_csv(index=False, header=header, float_format="%.10g", lineterminator="\n")


def _holds_text(column: pd.Series) -> bool:
    return column.dtype.kind == "O" or pd.api.types.is_string_dtype(column)


def runs_as_formula(text: str) -> bool:
    """Whether a spreadsheet might take a text for a formula."""
    return bool(_FORMULA.match(text)) and not _SIGNED.fullmatch(text)


def _safe(column: pd.Series) -> pd.Series:
    # looked at once a word: most columns repeat a few
    changed = {one: safe for one in column.unique() if (safe := harmless(one)) is not one}
    return column.map(lambda cell: changed.get(cell, cell)) if changed else column


def harmless(cell: Any) -> Any:
    """Return a text that a spreadsheet would run as a formula with an apostrophe in front."""
    if not isinstance(cell, str):
        return cell
    text = "\n".join(cell.splitlines()) if "\r" in cell else cell  # it would end the row unquoted
    return f"'{text}" if runs_as_formula(text) else text

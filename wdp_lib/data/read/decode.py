"""From the bytes of a return to its lines: encodings, files that are not text, empty files."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from wdp_lib.core.errors import Problem, Text
from wdp_lib.data.tell import problem

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_CHINESE = re.compile("[\u2e80-\uffef]")


@dataclass(frozen=True)
class Lines:
    """A file as text.

    Parameters
    ----------
    lines : tuple of str
        Its lines with their line ends; empty when it cannot be read.
    undecodable : frozenset of int
        Numbers (from 1) of lines whose bytes are no text in any known encoding.
    """

    lines: tuple[str, ...]
    undecodable: frozenset[int]
    problems: tuple[Problem, ...]


def decode(data: bytes, file: str) -> Lines:
    """Return the lines of a file, whatever common encoding it is in.

    Without lines, and with one problem of severity ``"reject"``, for an Excel workbook and for an
    empty file. UTF-8 gives no problem; GB18030 (GBK, GB2312) and UTF-16 give a warning.
    """
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Lines((), frozenset(), (_excel(data, file),))
    if not data.removeprefix(_UTF8_BOM).strip(b" \t\r\n\0\xff\xfe"):
        return Lines((), frozenset(), (problem("empty_file", file),))
    wide = _utf16(data)
    if wide:
        return _decoded(
            data.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff"), wide, "UTF-16", file
        )
    body = data.removeprefix(_UTF8_BOM)
    if _gbk_in_disguise(body):
        return _decoded(body, "gb18030", "GBK/GB18030", file)
    if not _fails(body, "utf-8"):
        return Lines(split_lines(body.decode("utf-8")), frozenset(), ())
    if _mostly_utf8(body):
        return _line_by_line(body, file)
    return _decoded(body, "gb18030", "GBK/GB18030", file)


def split_lines(text: str) -> tuple[str, ...]:
    """Return the lines with their ends; only CR, LF and CR LF end a line, as in a spreadsheet."""
    return tuple(io.StringIO(text, newline=""))


def _utf16(data: bytes) -> str | None:
    if data[:2] in _UTF16_BOMS:
        return _UTF16_BOMS[data[:2]]
    head = data[:400]
    # English headings in UTF-16 without a mark: every second byte is zero
    if len(head) >= 8 and head[1::2].count(0) > 0.8 * len(head[1::2]):
        return "utf-16-le"
    if len(head) >= 8 and head[0::2].count(0) > 0.8 * len(head[0::2]):
        return "utf-16-be"
    return None


def _gbk_in_disguise(body: bytes) -> bool:
    # 女 in GBK is also a valid UTF-8 letter: accented letters without any Chinese may be GBK
    if _fails(body, "utf-8") or _fails(body, "gb18030"):
        return False
    text = body.decode("utf-8")
    return (
        not text.isascii()
        and not _CHINESE.search(text)
        and bool(_CHINESE.search(body.decode("gb18030")))
    )


def _mostly_utf8(body: bytes) -> bool:
    lines = [line for line in body.split(b"\n") if not line.isascii()]
    bad = sum(_fails(line, "utf-8") for line in lines)
    return bad * 2 < len(lines) or _fails(body, "gb18030")


def _fails(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return True
    return False


def _line_by_line(body: bytes, file: str) -> Lines:
    lines, undecodable, problems = [], set(), []
    for number, line in enumerate(body.splitlines(keepends=True), 1):
        if not _fails(line, "utf-8"):
            lines.append(line.decode("utf-8"))
        elif not _fails(line, "gb18030"):
            lines.append(line.decode("gb18030"))
            problems.append(problem("encoding", file, number, name="GBK/GB18030"))
        else:
            lines.append(line.decode("utf-8", errors="replace"))
            undecodable.add(number)
    return Lines(tuple(lines), frozenset(undecodable), tuple(problems))


def _decoded(body: bytes, encoding: str, name: str, file: str) -> Lines:
    text = body.decode(encoding, errors="replace")
    return Lines(split_lines(text), frozenset(), (problem("encoding", file, name=name),))


def _excel(data: bytes, file: str) -> Problem:
    sheets = _sheets(data)
    found = Text("Excel 工作簿", "an Excel workbook")
    if sheets:
        zh, en = "、".join(sheets), ", ".join(sheets)
        found = Text(f"{found.zh}（工作表：{zh}）", f"{found.en} (sheets: {en})")
    return problem("excel_file", file, found=found)


def _sheets(data: bytes) -> list[str]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return list(load_workbook(io.BytesIO(data), read_only=True).sheetnames)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError):
        # an old .xls, a damaged workbook, or another kind of archive: it is named as such
        # without its sheets
        return []

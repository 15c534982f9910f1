"""From the bytes of a return to its lines: encodings, files that are not text, empty files."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from wdp_lib.core.errors import Problem
from wdp_lib.data.tell import problem

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_UTF32_BOMS = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_USUAL = re.compile(
    "[年份地区區县縣市镇鎮指标標名称稱数數值率人女男单單位来來源报報表统統计計状狀态態终終]"
)
_COMMON = re.compile(rb"(?:[\xb0-\xd7][\xa1-\xfe]|[\0-\x7f])*")  # the first level of GB 2312


@dataclass(frozen=True)
class Lines:
    """A file as text."""

    lines: tuple[str, ...]  # its lines with their line ends; empty when it cannot be read
    # numbers (from 1) of lines whose bytes are no text in any known encoding
    undecodable: frozenset[int]
    problems: tuple[Problem, ...]


def decode(data: bytes, file: str) -> Lines:
    """Return the lines of a file, whatever common encoding it is in.

    Without lines, and with one problem of severity ``"reject"``, for an empty file. UTF-8 gives no
    problem; GB18030 (GBK, GB2312), Big5, UTF-16 and UTF-32 give a warning. Characters that cannot
    be seen are dropped, and counted in one warning.
    """
    text = _decode(data, file)
    n = invisible("".join(text.lines))
    if not n:
        return text
    lines = tuple(map(drop_invisible, text.lines))
    return Lines(lines, text.undecodable, (*text.problems, problem("invisible", file, n=n)))


_OTHER_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def invisible(text: str) -> int:
    """Return the number of characters that cannot be seen."""
    return 0 if text.isascii() else len(_INVISIBLE.findall(text))


def drop_invisible(text: str) -> str:
    """Return the text without characters that cannot be seen."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def _decode(data: bytes, file: str) -> Lines:
    if not data.removeprefix(_UTF8_BOM).strip(b" \t\r\n\0\xff\xfe"):
        return Lines((), frozenset(), (problem("empty_file", file),))
    if data.startswith(_UTF32_BOMS) and not _fails(data, "utf-32"):
        return _decoded(data, "utf-32", "UTF-32", file)
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
    if _usual(body, "big5hkscs") > _usual(body, "gb18030"):
        return _decoded(body, "big5hkscs", "Big5", file)
    return _decoded(body, "gb18030", "GBK/GB18030", file)


def _usual(body: bytes, encoding: str) -> int:
    """How many characters that tables use often the text has in an encoding."""
    return len(_USUAL.findall(body.decode(encoding, errors="ignore")))


def split_lines(text: str) -> tuple[str, ...]:
    """Return the lines with their ends; only CR, LF and CR LF end a line, as in a spreadsheet."""
    if _OTHER_ENDS.search(text):
        return tuple(io.StringIO(text, newline=""))
    return tuple(text.splitlines(keepends=True))


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
    # 女 in GBK is also a valid UTF-8 letter (Ů); °, ² and é are no such letters, and no common word
    if _fails(body, "utf-8") or body.isascii() or not _COMMON.fullmatch(body):
        return False
    letters = [letter for letter in body.decode("utf-8") if not letter.isascii()]
    return all("\u0100" <= letter < "\u0800" for letter in letters)


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

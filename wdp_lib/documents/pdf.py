"""A document as PDF: tagged, for archives (PDF/A-2a), with the fonts that come with the library.

The template is fixed and the document is data that it reads: no text of a plan or a return is ever
read as Typst. What the fonts have no shape for is told by its number, such as [U+20BB7].
"""

from __future__ import annotations

import datetime
import json
import re
import shutil
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wdp_lib.core.errors import WdpError
from wdp_lib.core.files import write_atomic
from wdp_lib.core.office import plain
from wdp_lib.documents.content import Document
from wdp_lib.documents.layout import WORDS, as_data, broken
from wdp_lib.publish.charts.fonts import FAMILIES, code_points, font_path

_TEMPLATE = Path(__file__).with_name("form.typ")
_TIME = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # the same bytes whenever it is made
# how close lines of tables stand; of the text of a compact document too, with smaller figures
_TIGHT = {False: (0, 1, 2), True: (0, 1, 2, 3)}
_NEARLY_EMPTY = 0.3  # filled part of a page up to which it is tried to do without it
_RUN = re.compile(r"[\x21-\x7e]{25,}")  # letters without a place to break a line
_BLANK = re.compile(r"[\t\r\u2028\u2029\xa0]")


def write_pdf(document: Document, path: Path) -> list[str]:
    """Write a document as .pdf; the same document gives the same bytes.

    Characters that the fonts lack, which stand there by their number. Raises `WdpError` when the
    document cannot be set without a warning.
    """
    lacking: set[str] = set()
    with TemporaryDirectory() as name:
        folder = Path(name)
        told = _safe(_told(document, folder), lacking)
        (folder / "data.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        shutil.copy(_TEMPLATE, folder / "form.typ")
        write_atomic(path, _compiled(folder, compact=not told["floating"]))
    return sorted(lacking)


def _compiled(folder: Path, *, compact: bool) -> bytes:
    """The document, set closer where that saves a page that is nearly empty."""
    import typst

    settings: dict[str, Any] = {"format": "pdf", "pdf_standards": ["a-2a"], "timestamp": _TIME}
    try:
        made, warnings = _closest(folder, compact).compile_with_warnings(**settings)
    except typst.TypstError as error:
        raise _not_set(str(error)) from error
    if warnings:
        raise _not_set("; ".join(map(str, warnings)))
    return made


def _closest(folder: Path, compact: bool) -> Any:
    """The document laid out: the loosest with the fewest pages, or pages nearly empty."""
    import typst

    tried = []
    for tight in _TIGHT[compact]:
        fonts = {"font_paths": _fonts(), "ignore_system_fonts": True}
        given = {"root": str(folder), "sys_inputs": {"tight": str(tight)}, **fonts}
        laid = typst.Compiler(str(folder / "form.typ"), **given)
        ends = json.loads(laid.query("<filled>", field="value"))
        spare = ends[-1][0] - 1 if compact else sum(part < _NEARLY_EMPTY for _, part in ends)
        tried.append((spare, tight, laid))
        if not spare:
            break
    return min(tried, key=lambda one: one[:2])[2]


def _not_set(why: str) -> WdpError:
    return WdpError.of(f"不能排成 PDF：{why}", f"cannot be set as PDF: {why}")


@cache
def _fonts() -> Any:
    import typst

    folders = sorted({str(font_path(face).parent) for face in FAMILIES})
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _safe(told: Any, lacking: set[str]) -> Any:
    """The same data with every character that can be shown, and lines that can be broken."""
    if isinstance(told, dict):
        return {key: _safe(one, lacking) for key, one in told.items()}
    if isinstance(told, list | tuple):
        return [_safe(one, lacking) for one in told]
    return _visible(told, lacking) if isinstance(told, str) else told


def _visible(text: str, lacking: set[str]) -> str:
    shown, strange = _shown(text)
    lacking |= strange
    return shown


@lru_cache(maxsize=10_000)  # cells of tables repeat a few words
def _shown(text: str) -> tuple[str, frozenset[str]]:
    text = _BLANK.sub(" ", plain(text))
    strange = frozenset(one for one in set(text) - _shapes() if not one.isspace())
    for one in strange:
        text = text.replace(one, f"[U+{ord(one):04X}]")
    text = text.replace("%（", "%\u200b（")  # where a narrow cell may break
    return _RUN.sub(lambda run: "\u200b".join(run[0]), text), strange


@cache
def _shapes() -> frozenset[str]:
    return frozenset(chr(one) for face in FAMILIES for one in code_points(face) if one > 31)


def _told(document: Document, folder: Path) -> dict[str, Any]:
    """The document as plain data; its pictures are put into the folder."""
    language = document.language
    size, pitch = (12, 18) if language == "en" else (14, 19) if document.compact else (16, 28)
    colon = "：" if language == "zh" else ": "
    parts = [
        {"across": across, "blocks": [_with_file(one, folder) for one in blocks]}
        for across, blocks in groupby(as_data(document), lambda one: one["across"])
    ]
    for part in parts:  # a page turned is a new page already
        part["blocks"][0]["turned"] = True
    return {
        "language": language,
        "title": broken(document.title),
        "subject": broken(document.subject),
        "sender": document.sender,
        "mark": document.mark,
        "contents": WORDS["contents"].in_language(language),
        "size": size,
        "pitch": pitch,
        "floating": bool(document.cover),
        "cover": [[what + colon, value] for what, value in document.cover],
        "parts": parts,
    }


def _with_file(block: dict[str, Any], folder: Path) -> dict[str, Any]:
    if block["kind"] != "figure":
        return block
    png = block.pop("png")
    file = f"{len(list(folder.iterdir()))}.png"
    (folder / file).write_bytes(png)
    return block | {"file": file}

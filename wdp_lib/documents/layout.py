"""What all writers share: plain text, numbers of headings, widths and colours of tables.

`as_data` gives a document as plain data, which the templates of PDF and HTML read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from wdp_lib.core.errors import Text
from wdp_lib.core.office import plain
from wdp_lib.documents.content import (
    LONG,
    TEXT_MM,
    WIDE,
    Captioned,
    Document,
    Heading,
    Paragraph,
    ems,
    is_wide,
)
from wdp_lib.documents.keys import Key, cell_keys
from wdp_lib.publish.views.show import Table

WORDS = {
    "contents": Text("目  录", "Contents"),
    "table": Text("表", "Table "),
    "figure": Text("图", "Figure "),
    "annex": Text("附表", "Annex table "),
    "sheet": Text("附册表", "Sheet "),
}
_PICTURE = 154.0  # width of a picture in mm
_HIGHEST = {False: 105.0, True: 130.0}  # of a picture in mm; in a compact document
_LONG = 400  # characters from which a cell may be broken between pages
_TOGETHER = 16  # lines up to which a table is not broken between pages
_TITLE_EMS = 20.0  # characters of a line of the title
_NARROWEST, _STEP = 3.3, 0.5  # of a column in characters; what is left from which it is given
_MIDDLE = 8  # letters up to which texts stand in the middle of a cell
_ROOMY = 0.9  # of a page: up to here no short text is broken, and no long one stands upright
_TRIED = 12  # widths of a column
_PADDING, _SHORT = 1.0, 5.0  # of a cell; what stands in one line, both in characters
_WORD = re.compile(r"[A-Za-z0-9.,%‰/+−-]{1,14}")  # longer ones are broken
_DIGITS = "零一二三四五六七八九"
_FILLS = {  # of a cell whose word says the same
    **dict.fromkeys(("risk-red", "is-not_attained", "is-hard", "is-worsened"), "F9D9D5"),
    **dict.fromkeys(("risk-orange", "is-behind"), "FDE6CF"),
    **dict.fromkeys(("risk-yellow", "is-nearly"), "FDF6CC"),
    **dict.fromkeys(("risk-clear", "is-attained", "is-ahead"), "DFF0E1"),
}


def fill_of(mark: str) -> str:
    """Return the colour of a cell by its mark; ``""`` for none."""
    return _FILLS.get(mark, "")


def broken(title: str) -> str:
    """Return a title that is longer than a line, broken before its brackets."""
    head, bracket, tail = title.partition("（")
    return f"{head}\n{bracket}{tail}" if bracket and ems(title) > _TITLE_EMS else title


def caption_of(block: Captioned, language: str) -> str:
    """Return the caption of a table or figure with its number."""
    return f"{WORDS[block.kind].in_language(language)}{block.number}  {plain(block.caption)}"


def numbered(headings: Sequence[Heading], language: str) -> list[tuple[int, str]]:
    """Return level and text of headings with the numbers that the styles give them."""
    first = second = third = 0
    listed = []
    for one in headings:
        if not one.number:
            listed.append((1, one.text))
            continue
        if one.level == 1:
            first, second, third = first + 1, 0, 0
        elif one.level == 2:
            second, third = second + 1, 0
        else:
            third += 1
        if language == "en":
            head = ".".join(map(str, (first, second, third)[: one.level])) + " "
        else:
            head = (f"{chinese(first)}、", f"（{chinese(second)}）", f"{third}.")[one.level - 1]
        listed.append((one.level, head + one.text))
    return listed


def chinese(number: int) -> str:
    """Return a number up to 99 in Chinese, as headings count."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones or not tens else "")


def turned(blocks: Sequence[Any]) -> list[bool]:
    """Return which blocks stand on a page turned across: wide tables, their heading and notes."""
    across: list[bool] = []
    for block, after in zip(blocks, (*blocks[1:], None), strict=True):
        if isinstance(block, Paragraph) and block.look == "note":
            across.append(across[-1] if across else False)
        else:
            across.append(_wide(after if isinstance(block, Heading) else block))
    return across


def _wide(block: Any) -> bool:
    table = isinstance(block, Captioned) and isinstance(block.shown, Table)
    return table and is_wide(block.shown)


@dataclass(frozen=True)
class Grid:
    """A table laid out: its texts, the colours of its cells, widths and letters in points."""

    head: list[str]
    rows: list[list[str]]
    fills: list[list[str]]
    widths: list[float]
    sides: list[str]
    size: float
    together: bool


def is_small(document: Document, block: Captioned) -> bool:
    """Return whether the letters of a table are small: where it is long or has no cover before."""
    return not document.cover or block.kind == "annex" or len(block.shown.texts) >= LONG


def laid_out(table: Table, *, landscape: bool = False, small: bool = False) -> Grid:
    """Return a table laid out for a page, upright or across."""
    head = [plain(name) for name in table.texts.columns]
    rows = [[plain(cell) for cell in row] for row in table.texts.itertuples(index=False)]
    size = 9 if small or len(head) >= WIDE else 10.5
    fills = [[""] * len(head)] * len(rows)
    if table.marks is not None:
        fills = [list(map(fill_of, marks)) for marks in table.marks.to_numpy()]
    widths = _widths([head, *rows], TEXT_MM[landscape], size)
    sides = [_side([row[place] for row in rows]) for place in range(len(head))]
    return Grid(
        head, rows, fills, widths, sides, size, _lines([head, *rows], widths, size) <= _TOGETHER
    )


@lru_cache(maxsize=1)  # the writers of a document follow each other
def pages_of(document: Document) -> list[tuple[bool, Grid | None]]:
    """Return of each block whether it stands on a page turned across, and its table laid out."""
    blocks = document.blocks
    return [
        (across, laid_out(block.shown, landscape=across, small=is_small(document, block)))
        if isinstance(block, Captioned) and isinstance(block.shown, Table)
        else (across, None)
        for block, across in zip(blocks, turned(blocks), strict=True)
    ]


def _lines(rows: list[list[str]], widths: list[float], size: float) -> float:
    """How many lines a table has."""
    needed = np.array([[2.0 if one.isspace() else ems(one) for one in row] for row in rows])
    empty = np.array([[4.0 * one.isspace() for one in row] for row in rows])  # room to write in
    lines = np.ceil(needed / np.maximum(np.array(widths) / size - _PADDING, 0.5))
    return float(np.maximum(lines, empty).max(axis=1).sum())


def picture_mm(png: bytes, *, compact: bool) -> float:
    """Return how wide a picture is shown, in mm, so that it is not too high."""
    wide, high = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))  # said in its head
    return min(_PICTURE, _HIGHEST[compact] * wide / high)


def _side(cells: list[str]) -> str:
    """On which side the texts of a column stand: short ones in the middle."""
    return "center" if all(len(text.strip()) <= _MIDDLE for text in cells) else "left"


def _widths(rows: list[list[str]], width_mm: float, size: float) -> list[float]:
    """Widths in points: each step goes to the column that makes the table shortest.

    A column has at least what its longest piece that cannot be broken needs. What no column gains
    from goes to those whose texts are longest.
    """
    needed = np.array([[ems(text) + 0.2 for text in row] for row in rows])
    total, columns = width_mm / 25.4 * 72 / size, list(zip(*rows, strict=True))
    widths = np.array([max(_NARROWEST, *map(_short, column)) for column in columns])
    if widths.sum() + _PADDING * len(widths) > _ROOMY * total:
        widths = np.array([max(_NARROWEST, *map(_unbroken, column)) for column in columns])
    if widths.sum() + _PADDING * len(widths) > total:  # more than there is: all give way
        return [
            float(one) for one in (widths + _PADDING) * total / (widths + _PADDING).sum() * size
        ]
    while (spare := total - widths.sum() - _PADDING * len(widths)) >= _STEP:
        high = np.ceil(needed / widths)
        gains = [_gain(needed, high, widths, place, spare) for place in range(len(widths))]
        gain, more, best = max(
            (gain / more, more, place) for place, (gain, more) in enumerate(gains)
        )
        if gain <= 0:
            break
        widths[best] += more
    spare = total - widths.sum() - _PADDING * len(widths)
    share = np.sqrt(needed.max(axis=0))
    return [float(one) for one in (widths + _PADDING + spare * share / share.sum()) * size]


def _gain(
    needed: np.ndarray, high: np.ndarray, widths: np.ndarray, place: int, spare: float
) -> tuple[float, float]:
    """How many lines a table loses by a wider column, and how much wider that has to be.

    Tried are the widths that take one line from a cell that is the highest of its row.
    """
    others = np.delete(high, place, axis=1).max(axis=1, initial=1.0)
    above = high[:, place] > others
    if not above.any():
        return 0.0, 1.0
    enough = np.unique(needed[above, place] / (high[above, place] - 1))[:_TRIED]
    more = enough[enough - widths[place] <= spare] - widths[place] + 1e-6
    if not len(more):
        return 0.0, 1.0
    lines = np.ceil(needed[:, place, np.newaxis] / (widths[place] + more))
    now = np.maximum(high[:, place], others).sum()
    gains = now - np.maximum(lines, others[:, np.newaxis]).sum(axis=0)
    best = int(np.argmax(gains / more))
    return float(gains[best]), float(more[best])


def _unbroken(text: str) -> float:
    """The width of the longest piece of a text that stands in one line, as a number does."""
    return max(map(ems, _WORD.findall(text)), default=0.0)


def _short(text: str) -> float:
    """The width of a text that stands in one line: a short one, or what reads as words of it."""
    whole = ems(text)
    return whole if whole <= _SHORT else max(_SHORT, _unbroken(text))


def as_data(document: Document) -> Iterator[dict[str, Any]]:
    """Return the blocks of a document as plain data; pictures are bytes."""
    blocks, language = document.blocks, document.language
    heads = [block for block in blocks if isinstance(block, Heading)]
    listed = iter(enumerate(numbered(heads, language), 1))
    after = (*blocks[1:], None)
    for block, following, (across, laid) in zip(blocks, after, pages_of(document), strict=True):
        said: dict[str, Any] = {"across": across}
        if isinstance(block, Heading):
            place, (level, text) = next(listed)
            said |= {"kind": "heading", "level": level, "number": block.number, "place": place}
            yield said | {"text": plain(block.text), "numbered": plain(text)}
        elif isinstance(block, Paragraph):
            spans = [
                {"text": plain(one.text), "strong": one.strong, "key": told_key(one.key)}
                for one in block.line
            ]
            yield (
                said
                | {"kind": "paragraph", "look": block.look, "spans": spans}
                | {"close": block.close}
            )
        elif laid is not None:
            caption = caption_of(block, language)
            yield said | {"kind": "table", "caption": caption} | _cells(laid, block.shown)
        else:
            alt, caption = plain(block.shown.description)[:2000], caption_of(block, language)
            width = picture_mm(block.shown.png, compact=document.compact)
            said |= {"kind": "figure", "png": block.shown.png, "alt": alt, "width": width}
            said["last"] = following is None or isinstance(following, Heading)  # of its section
            yield said | {"caption": caption, "note": plain(block.note)}


def told_key(key: Key | None) -> str:
    """Return a key as one text, ``table/row/column``; ``""`` for none."""
    return "/".join(key) if key else ""


def _cells(laid: Grid, table: Table) -> dict[str, Any]:
    rows = [
        [
            {
                "text": text.strip("　"),
                "fill": fill,
                "side": side,
                "long": len(text) > _LONG,
                "room": len(text) > 1 and not text.strip(),  # to write in
                "key": told_key(key),
            }
            for text, fill, key, side in zip(texts, fills, keys, laid.sides, strict=True)
        ]
        for texts, fills, keys in zip(laid.rows, laid.fills, cell_keys(table), strict=True)
    ]
    said = {"widths": laid.widths, "size": laid.size, "together": laid.together}
    return said | {"head": laid.head, "rows": rows}

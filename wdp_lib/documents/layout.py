"""What all writers share: plain text, numbers of headings, widths and colours of tables.

`as_data` gives a document as plain data, which the templates of PDF and HTML read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wdp_lib.core.errors import Text
from wdp_lib.core.office import plain
from wdp_lib.documents.content import (
    TEXT_MM,
    WIDE,
    Captioned,
    Document,
    Heading,
    Paragraph,
    ems,
    is_wide,
)
from wdp_lib.publish.views.show import Table

WORDS = {
    "contents": Text("目  录", "Contents"),
    "table": Text("表", "Table "),
    "figure": Text("图", "Figure "),
    "annex": Text("附表", "Annex table "),
}
_PICTURE = 154.0  # width of a picture in mm
_HIGHEST = {False: 140.0, True: 130.0}  # of a picture in mm; in a compact document
_LONG = 400  # characters from which a cell may be broken between pages
_TOGETHER = 12  # rows up to which a table is not broken
_TITLE_EMS = 20.0  # characters of a line of the title
_NARROWEST, _SHORT, _WIDEST = 3.3, 5.0, 12.0  # of a column, in characters, where there is choice
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
    size: float
    together: bool


def laid_out(table: Table, *, landscape: bool = False, small: bool = False) -> Grid:
    """Return a table laid out for a page, upright or across."""
    head = [plain(name) for name in table.texts.columns]
    rows = [[plain(cell) for cell in row] for row in table.texts.itertuples(index=False)]
    size = 9 if small or len(head) >= WIDE else 10.5
    fills = [[""] * len(head)] * len(rows)
    if table.marks is not None:
        fills = [list(map(fill_of, marks)) for marks in table.marks.to_numpy()]
    widths = _widths([head, *rows], TEXT_MM[landscape], size)
    return Grid(head, rows, fills, widths, size, len(rows) <= _TOGETHER)


def picture_mm(png: bytes, *, compact: bool) -> float:
    """Return how wide a picture is shown, in mm, so that it is not too high."""
    wide, high = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))  # said in its head
    return min(_PICTURE, _HIGHEST[compact] * wide / high)


def side_of(text: str) -> str:
    """Return on which side the text of a cell stands."""
    return "center" if len(text) <= 8 else "left"


def _widths(rows: list[list[str]], width_mm: float, size: float) -> list[float]:
    """Widths in points.

    Each column has what its longest text needs, up to a limit; a heading may break once. What is
    left goes to those that need more, by the root of how much, so that a column of long sentences
    does not starve the others; what is lacking is taken from the wide ones.
    """
    head, *body = rows
    longest = [max(ems(head[n]) / 2, *(ems(row[n]) for row in body)) for n in range(len(head))]
    wanted = [min(max(one + 1.0, _NARROWEST), _WIDEST) for one in longest]
    total = width_mm / 25.4 * 72 / size
    spare = total - sum(wanted)
    if spare > 0:
        more = [max(one + 1.0 - had, 0.0) ** 0.5 for one, had in zip(longest, wanted, strict=True)]
        more = more if sum(more) else wanted
        wanted = [had + spare * one / sum(more) for had, one in zip(wanted, more, strict=True)]
    else:
        least = [min(had, _SHORT) for had in wanted]
        scale = (total - sum(least)) / max(sum(wanted) - sum(least), 1e-9)
        wanted = [low + scale * (had - low) for low, had in zip(least, wanted, strict=True)]
    return [one * size for one in wanted]


def as_data(document: Document) -> Iterator[dict[str, Any]]:
    """Return the blocks of a document as plain data; pictures are bytes."""
    blocks, language = document.blocks, document.language
    heads = [block for block in blocks if isinstance(block, Heading)]
    listed = iter(enumerate(numbered(heads, language), 1))
    for block, across in zip(blocks, turned(blocks), strict=True):
        said: dict[str, Any] = {"across": across}
        if isinstance(block, Heading):
            place, (level, text) = next(listed)
            said |= {"kind": "heading", "level": level, "number": block.number, "place": place}
            yield said | {"text": plain(block.text), "numbered": plain(text)}
        elif isinstance(block, Paragraph):
            spans = [{"text": plain(one.text), "strong": one.strong} for one in block.line]
            yield said | {"kind": "paragraph", "look": block.look, "spans": spans}
        elif isinstance(block.shown, Table):
            laid = laid_out(block.shown, landscape=across, small=document.compact)
            caption = caption_of(block, language)
            yield said | {"kind": "table", "caption": caption} | _cells(laid)
        else:
            alt, caption = plain(block.shown.description)[:2000], caption_of(block, language)
            width = picture_mm(block.shown.png, compact=document.compact)
            said |= {"kind": "figure", "png": block.shown.png, "alt": alt, "width": width}
            yield said | {"caption": caption}


def _cells(laid: Grid) -> dict[str, Any]:
    rows = [
        [
            {
                "text": text.strip("　"),
                "fill": fill,
                "side": side_of(text),
                "long": len(text) > _LONG,
                "room": len(text) > 1 and not text.strip(),  # to write in
            }
            for text, fill in zip(texts, fills, strict=True)
        ]
        for texts, fills in zip(laid.rows, laid.fills, strict=True)
    ]
    said = {"widths": laid.widths, "size": laid.size, "together": laid.together}
    return said | {"head": laid.head, "rows": rows}

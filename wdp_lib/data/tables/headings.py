"""Which rows of a table are its headings."""

from __future__ import annotations

import re

from wdp_lib.data.read.grids import Grid
from wdp_lib.data.read.words import missing_marks
from wdp_lib.data.tables.meanings import LABELS, Meanings

PARTS = frozenset({*LABELS, "total"})
NUMBER = re.compile(r"[+-]?[\d,，.]+[%％‰]?")
_FIRST_ROWS = 40
_STOREYS = 2  # rows of headings above or below the fullest one


def headings(grid: Grid, meanings: Meanings) -> list[int]:
    """Rows of headings: the first of the fullest rows, and the storeys above and below it."""
    found = [
        len({place: text for place, text in enumerate(row) if _speaks(text, meanings)})
        for row in grid.rows[:_FIRST_ROWS]
    ]
    if max(found, default=0) < 2:
        return []
    best = next(n for n, count in enumerate(found) if count >= max(2, 0.6 * max(found)))
    if any(_names_its_like(grid, meanings, best, p) for p in range(len(grid.rows[best]))):
        return []
    head = [best]
    for row in range(best - 1, max(best - _STOREYS, 0) - 1, -1):
        if not is_storey(grid.rows[row], meanings):
            break
        head.insert(0, row)
    for row in range(best + 1, min(best + _STOREYS, len(grid.rows) - 1) + 1):
        if not _is_below(grid.rows[row], grid.rows[best], meanings):
            break
        head.append(row)
    return head


def _names_its_like(grid: Grid, meanings: Meanings, head: int, place: int) -> bool:
    """Whether a row is none of headings but of the table: 东镇 stands over 东镇 and 西镇."""
    own = set(meanings.of(grid.rows[head][place])) & PARTS
    below = [row[place] for row in grid.rows[head + 1 :] if row[place]]
    same = sum(bool(own & set(meanings.of(t))) for t in below if not NUMBER.fullmatch(t))
    return same > 1 and same * 2 >= len(below)


def _is_below(row: list[str], above: list[str], meanings: Meanings) -> bool:
    """Whether a row is a storey below headings, also of words not known: no figure stands in it."""
    if has_figures(row, meanings):
        return False
    corner = next(place for place, text in enumerate(above) if text)
    filled = [text for place, text in enumerate(row) if text and text != above[place]]
    under = row[corner] in ("", above[corner]) and not missing_marks().keys() & set(filled)
    return is_storey(row, meanings) or (under and len(filled) > 1)


def _speaks(text: str, meanings: Meanings) -> bool:
    return bool(text) and bool(meanings.of(text))


def is_storey(row: list[str], meanings: Meanings) -> bool:
    """Whether a row names at least two things, and little that is not known."""
    filled = [text for text in row if text]
    known = sum(_speaks(text, meanings) for text in filled)
    return len(set(filled)) >= 2 and known >= 2 and known * 2 >= len(filled)


def has_figures(row: list[str], meanings: Meanings) -> bool:
    """Whether numbers stand in a row; two years or more are headings, one is a figure's year."""
    years = {text for text in row if "year" in meanings.of(text)}
    return any(NUMBER.fullmatch(t) for t in row if len(years) < 2 or t not in years)

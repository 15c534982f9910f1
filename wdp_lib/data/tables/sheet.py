"""A sheet of one table or of several, below or beside each other: each laid out by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, pairwise

import pandas as pd

from wdp_lib.data.read.grids import Grid
from wdp_lib.data.read.returns import RETURN
from wdp_lib.data.read.words import missing_marks
from wdp_lib.data.tables.headings import has_figures, is_storey
from wdp_lib.data.tables.lay import Laid, lay_table
from wdp_lib.data.tables.meanings import Meaning, Meanings
from wdp_lib.data.tables.titles import say_of

_BELOW = re.compile(r"注|说明|备注|资料来源|数据来源|填表|审核")  # what stands under a table
_OF_ALL = ("area", "place", "as_of", "source")  # what the top of a sheet says of all its tables


def lay_out(grid: Grid, meanings: Meanings, default_area: str) -> Laid:
    """Return the figures of a sheet, one a row; see `Laid`.

    A figure takes its indicator, area, year and stratum from the headings above it, the labels
    beside it, the sheet's name and the lines above the table, in this order; an area named nowhere
    is ``default_area``. New headings below the figures of a table, or beside it, begin another.
    """
    laid = [
        lay_table(part, meanings, default_area, before) for part, before in _tables(grid, meanings)
    ]
    return Laid(
        pd.concat([one.table for one in laid], ignore_index=True),
        tuple(chain(*(one.told for one in laid))),
        tuple(chain(*(one.problems for one in laid))),
        tuple(chain(*(one.unplaced for one in laid))),
    )


def _tables(grid: Grid, meanings: Meanings) -> Iterator[tuple[Grid, Meaning]]:
    """Each table as a grid in which all others are empty, with what the sheet says before it."""
    heads = _heads(grid, meanings)
    if len(heads) < 2 and not _again(grid, heads, meanings):
        yield grid, {}
        return
    top = {k: v for k, v in say_of(grid, meanings, heads[0][1]).items() if k in _OF_ALL}
    for number, (start, head) in enumerate(heads):
        end = heads[number + 1][0] if number + 1 < len(heads) else len(grid.rows)
        between = number and any(map(any, grid.rows[start:head]))
        rows = [
            row if start <= n < end or (n < heads[0][1] and not between) else [""] * len(row)
            for n, row in enumerate(grid.rows)
        ]
        for n in range(start, head if number else 0):
            rows[n] = ["" if _BELOW.match(text) else text for text in rows[n]]
        part = replace(grid, rows=rows, problems=grid.problems if not number else ())
        edges = [0, *_again(part, [(start, head)], meanings), None]
        for left, right in pairwise(edges):
            yield _only(part, head, left, right), top if between else {}


def _heads(grid: Grid, meanings: Meanings) -> list[tuple[int, int]]:
    """By table, the first row that may speak of it, and the row of its headings."""
    found: list[tuple[int, int]] = []
    seen, last, figures = [], -1, True
    for number, row in enumerate(grid.rows):
        if row in seen and not _titled(grid.rows[last + 1 : number], meanings):
            continue
        if _is_head(row, meanings):
            seen.append(row)
            if figures:
                found.append((last + 1, number))
            figures = False
        elif has_figures(row, meanings):
            last, figures = number, True
    return found


def _titled(rows: list[list[str]], meanings: Meanings) -> bool:
    """Whether lines between two tables say what the second is about."""
    text = "\n".join(chain(*rows))
    return any(meanings.within(text, dimension) for dimension in ("indicator", "area"))


def _is_head(row: list[str], meanings: Meanings) -> bool:
    filled = [text for text in row if text]
    if not is_storey(row, meanings) or has_figures(row, meanings):
        return False
    if not missing_marks().keys().isdisjoint(filled):
        return False
    years = {text for text in filled if "year" in meanings.of(text)}
    return len(years) >= max(2, len(set(filled)) - 1) or "column" in meanings.of(filled[0])


def _again(grid: Grid, heads: list[tuple[int, int]], meanings: Meanings) -> list[int]:
    """Columns in which the first heading stands once more, after others: a table beside."""
    if not heads:
        return []
    number = heads[0][1]
    row = grid.rows[number]
    first = next(place for place, text in enumerate(row) if text)
    again = [p for p in range(first + 2, len(row)) if row[p] == row[first]]
    return [p for p in again if (number, p) not in grid.merged and row[p - 1] != row[p]]


def _only(grid: Grid, head: int, left: int, right: int | None) -> Grid:
    """The grid with the columns from left to right alone, from its headings on."""
    if not left and right is None:
        return grid
    rows = [
        [text if left <= p < (right or len(row)) else "" for p, text in enumerate(row)]
        if number >= head
        else row
        for number, row in enumerate(grid.rows)
    ]
    return replace(grid, rows=rows)


def long_table(laid: list[tuple[Grid, Laid]], meanings: Meanings, **given: str) -> pd.DataFrame:
    """Return the figures of all sheets under the headings of a return, each with its address.

    ``laid``: sheets as understood. ``meanings``: its names of indicators and areas are written.
    ``**given``: ``status``, ``as_of`` and ``source`` for figures whose sheet does not say them.
    """
    tables = []
    for grid, one in laid:
        table = one.table.assign(source_address=grid.file + " " + one.table["address"])
        for column, text in given.items():
            table[column] = table[column].where(table[column] != "", text)
        for column in ("indicator", "area"):
            table[column] = table[column].map(lambda code: meanings.shown.get(code, code))
        tables.append(table[list(RETURN.columns)])
    columns = {column: RETURN.names[column] for column in RETURN.columns}
    return pd.concat(tables, ignore_index=True).rename(columns=columns)

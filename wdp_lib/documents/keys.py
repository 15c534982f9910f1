"""What a number of a document was read from: its table, row and column.

While a sentence is made the key stands around the number between characters that no text has
(Unicode keeps them for such use); the pieces of a line then carry it, and writers never see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from pandas.api.types import is_number

from wdp_lib.publish.views.cells import FIGURES, NUMBERS
from wdp_lib.publish.views.show import Prose, Table

_OPEN, _MIDDLE, _END = "\ufdd0\ufdd1\ufdd2"
_KEYED = re.compile(f"{_OPEN}([^{_MIDDLE}]*){_MIDDLE}([^{_END}]*){_END}")
_STRAY = re.compile("[\ufdd0-\ufdef]")
_DIGIT = re.compile(r"\d")
_WITH_NUMBERS = {*NUMBERS, *FIGURES, "target", "why", "hardest", "hardest_of_all"}


class Key(NamedTuple):
    """Table, row and column; no row: a count over the whole table, by the name of the figure."""

    table: str
    row: str
    column: str


def keyed(text: object, table: str, row: object, column: str) -> str:
    """Return a text that carries its key; one without a number needs none."""
    bare = str(text)
    return f"{_OPEN}{table}|{row}|{column}{_MIDDLE}{bare}{_END}" if _DIGIT.search(bare) else bare


def keyed_facts(facts: Mapping[str, Any], table: str, row: object = "") -> dict[str, Any]:
    """Return figures of sentences that carry their keys; nought stays nought."""
    return {
        name: value
        if isinstance(value, Prose) or value in (0, "")
        else keyed(value, table, row, name)
        for name, value in facts.items()
    }


def pieces(text: str) -> list[tuple[str, Key | None]]:
    """Return a text in pieces, with the key of those that have one."""
    found, at = [], 0
    for one in _KEYED.finditer(text):
        found += [(text[at : one.start()], None), (one[2], Key(*one[1].split("|", 2)))]
        at = one.end()
    found.append((text[at:], None))
    return [(_STRAY.sub("", piece), key) for piece, key in found if piece]


def bare(text: str) -> str:
    """Return a text without keys."""
    return "".join(piece for piece, _ in pieces(text))


def cell_keys(table: Table) -> list[list[Key | None]]:
    """Return the key of each cell that shows a number, row by row; none where no table is named."""
    texts = table.texts
    if not (table.source and len(table.made) == texts.shape[1]):
        return [[None] * texts.shape[1]] * len(texts)
    columns = [
        ",".join(
            dict.fromkeys(one.made_of)
            if one.cell.partition(":")[0] in NUMBERS | FIGURES
            else [one.cell]
        )
        if one is not None and one.cell.partition(":")[0] in _WITH_NUMBERS
        else ""
        for one in table.made
    ]
    return [
        [
            Key(table.source, row, column) if column and _DIGIT.search(str(cell)) else None
            for cell, column in zip(cells, columns, strict=True)
        ]
        for row, cells in zip(table.rows, texts.itertuples(index=False), strict=True)
    ]


def sheet_keys(table: Table) -> dict[tuple[int, int], Key]:
    """Return the keys of the numbers of a sheet of a workbook, by row and column from nought."""
    frame = table.frame
    if not table.source or len(table.fields) != frame.shape[1] or len(table.rows) != len(frame):
        return {}
    return {
        (line, place): Key(table.source, row, name)
        for place, name in enumerate(table.fields)
        for line, row in enumerate(table.rows)
        if name and is_number(value := frame.iat[line, place]) and value == value
    }


def narrowed(table: Table, names: Iterable[str]) -> Table:
    """Return a table with the columns that a page has room for.

    ``names``: ``name`` of a column of the view, or ``name.cell`` where two columns have it; a
    column of no view, such as that of chapters, stays.
    """
    wanted = list(names)
    keep = [
        place
        for place, one in enumerate(table.made)
        if one is None or one.name in wanted or f"{one.name}.{one.cell.partition(':')[0]}" in wanted
    ]
    marks = None if table.marks is None else table.marks.iloc[:, keep]
    made = tuple(table.made[place] for place in keep)
    return replace(table, shown=table.texts.iloc[:, keep], marks=marks, made=made)

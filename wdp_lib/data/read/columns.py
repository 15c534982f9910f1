"""What the cells of a column mean, each different text read once; a problem for each at fault."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem
from wdp_lib.data.read.cells import (
    EMPTY,
    SIMPLE,
    Missing,
    Number,
    Reader,
    Reading,
    read_unmarked,
    visible,
)
from wdp_lib.data.read.table import Table, Words
from wdp_lib.data.tell import problem


def read_column(rows: pd.DataFrame, column: str, read: Reader) -> tuple[pd.Series, list[Problem]]:
    """Return the meaning of each cell of a text column and a problem for each cell at fault.

    What cannot be read but for a footnote mark is read without it, and told.

    ``rows``: rows with ``file``, ``row`` and the column as text. ``read``: what one text means;
    called once for each different text.
    """
    meant, problems = read_words(Table.of(rows[["file", "row", column]]), column, read)
    return pd.Series(meant.texts(), rows.index, dtype=object), problems


def read_words(table: Table, column: str, read: Reader) -> tuple[Words, list[Problem]]:
    """Return what `read_column` does of a table."""
    words = table.words(column)
    readings = [read_unmarked(text, read) for text in words.words]
    meant = Words.merged(words.codes, [reading.value for reading in readings])
    return meant, _faults(table, column, dict(enumerate(readings)))


def _faults(table: Table, column: str, readings: dict[int, Reading]) -> list[Problem]:
    """A problem for each cell whose word, by its place among the words, is at fault."""
    wrong = [place for place, reading in readings.items() if reading.code]
    if not wrong:
        return []
    words, files = table.words(column), table.words("file")
    hits = np.flatnonzero(np.isin(words.codes, wrong))
    cells = zip(files.words[files.codes[hits]], table["row"][hits], words.codes[hits], strict=True)
    return [
        problem(
            readings[place].code,
            file,
            row,
            column,
            **{"found": visible(words.words[place]) or EMPTY, **readings[place].fill},
        )
        for file, row, place in cells
    ]


class Numbers(NamedTuple):
    """A column of numbers: value and decimals of each row; unit, state, and mark of no figure."""

    value: np.ndarray
    decimals: np.ndarray
    unit: Words
    status: Words
    kind: Words


def read_numbers(table: Table, column: str, read: Reader) -> tuple[Numbers, list[Problem]]:
    """Return the numbers of a column as `read_words` would; NaN where there is none."""
    codes, words = table.words(column)
    value, decimals = np.full(len(words), np.nan), np.zeros(len(words), dtype="int64")
    unit, status = np.full((2, len(words)), "", dtype=object)
    kind = np.full(len(words), "empty", dtype=object)
    others = {}
    for place, text in enumerate(words):
        if SIMPLE.fullmatch(text):
            value[place] = float(text)
            decimals[place] = len(text.partition(".")[2])
        elif text:
            others[place] = reading = read_unmarked(text, read)
            if isinstance(reading.value, Number):
                value[place], decimals[place], unit[place], status[place] = reading.value
            elif isinstance(reading.value, Missing):
                kind[place] = reading.value.kind
    said = (Words.merged(codes, one) for one in (unit, status, kind))
    return Numbers(value[codes], decimals[codes], *said), _faults(table, column, others)

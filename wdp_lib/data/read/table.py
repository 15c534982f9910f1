"""The rows of a data set as arrays: each different text once, and which row says it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from operator import is_
from typing import Any, NamedTuple

import numpy as np
import pandas as pd


class Words(NamedTuple):
    """A column of texts."""

    codes: np.ndarray  # for each row the place of its text in ``words``
    words: np.ndarray  # the different texts, or what they mean; ``None`` where that is not known

    @classmethod
    def of(cls, texts: Sequence[Any]) -> Words:
        """Return a column from the text of each row."""
        known: dict[Any, int] = defaultdict(count().__next__)
        codes = np.fromiter(map(known.__getitem__, texts), "int32", len(texts))
        return cls.distinct(codes, known)

    @classmethod
    def distinct(cls, codes: np.ndarray, words: Iterable[Any]) -> Words:
        """Return a column of words that differ."""
        return cls(codes, _objects([*words]))

    @classmethod
    def merged(cls, codes: np.ndarray, words: Iterable[Any]) -> Words:
        """Return a column of words that may be the same, each kept once."""
        again = cls.of([*words])
        same = len(again.words) == len(again.codes)
        return cls(codes if same else again.codes[codes], again.words)

    @classmethod
    def all_of(cls, word: str, n: int) -> Words:
        """Return a column that says the same in each row."""
        return cls.distinct(np.zeros(n, dtype="int32"), [word])

    def take(self, rows: np.ndarray) -> Words:
        """Return some rows, by their places or by a truth for each."""
        return Words(self.codes[rows], self.words)

    def texts(self) -> np.ndarray:
        """Return the text of each row."""
        return self.words[self.codes]

    def map(self, change: Callable[[Any], Any]) -> Words:
        """Return the column with each of its words changed."""
        changed = [*map(change, self.words)]
        same = all(map(is_, changed, self.words))
        return self if same else Words.merged(self.codes, changed)

    def values(self, value: Callable[[Any], Any], kind: str = "float64") -> np.ndarray:
        """Return a number (or a truth) for each row, found for each word."""
        return np.array([value(word) for word in self.words], dtype=kind)[self.codes]

    def test(self, holds: Callable[[Any], bool]) -> np.ndarray:
        """Return for each row whether something holds of its word."""
        return self.values(holds, "bool")

    def isin(self, *words: Any) -> np.ndarray:
        """Return for each row whether its word is one of some."""
        return self.test(set(words).__contains__)

    def where(self, holds: np.ndarray, other: Words) -> Words:
        """Return the column with another's words where something does not hold."""
        if holds.all():
            return self
        codes = np.where(holds, self.codes, other.codes + len(self.words))
        return Words.merged(codes.astype("int32"), [*self.words, *other.words])


class Table:
    """Columns of one length, by name: arrays of numbers, and `Words`.

    ``table[name]`` is an array in either case; a table is never changed.
    """

    def __init__(self, columns: dict[str, np.ndarray | Words]) -> None:
        self.columns = columns

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Table:
        """Return the columns of a frame; whatever is no number is text."""
        return cls({
            name: column.to_numpy() if column.dtype.kind in "iufb" else Words.of(column.to_numpy())
            for name, column in frame.items()
        })  # fmt: skip

    @classmethod
    def joined(cls, tables: Sequence[Table]) -> Table:
        """Return the rows of tables of the same columns, one table after the other."""
        if len(tables) == 1:
            return tables[0]
        columns: dict[str, np.ndarray | Words] = {}
        for name in tables[0].columns:
            parts: list[Any] = [table.columns[name] for table in tables]
            if isinstance(parts[0], Words):
                before = np.cumsum([0, *(len(part.words) for part in parts)])
                codes = np.concatenate(
                    [part.codes + n for part, n in zip(parts, before, strict=False)]
                ).astype("int32")
                words = np.concatenate([part.words for part in parts])
                columns[name] = Words.merged(codes, words)
            else:
                columns[name] = np.concatenate(parts)
        return cls(columns)

    def __len__(self) -> int:
        column = next(iter(self.columns.values()))
        return len(column.codes if isinstance(column, Words) else column)

    def __getitem__(self, name: str) -> np.ndarray:
        column = self.columns[name]
        return column.texts() if isinstance(column, Words) else column

    def words(self, name: str) -> Words:
        """Return a column of texts."""
        column = self.columns[name]
        assert isinstance(column, Words)
        return column

    def with_(self, **columns: np.ndarray | Words) -> Table:
        """Return the table with columns replaced or added."""
        return Table(self.columns | columns)

    def take(self, rows: np.ndarray) -> Table:
        """Return some rows, by their places or by a truth for each."""
        if rows.dtype == bool and rows.all():
            return self
        taken = {}
        for name, column in self.columns.items():
            if isinstance(column, Words):
                taken[name] = column.take(rows)
            else:
                taken[name] = column[rows]
        return Table(taken)

    def rows(self, holds: np.ndarray, **more: np.ndarray) -> Iterator[Row]:
        """Yield the rows for which something holds, with cells of further arrays."""
        for place in np.flatnonzero(holds):
            yield Row(self, place, more)

    def at(self, places: set[tuple[str, int | None]]) -> np.ndarray:
        """Return for each row whether its file and line are among some."""
        there = np.isin(self["row"], [row for _, row in places if row is not None])
        hit = np.flatnonzero(there)
        files = self.words("file")
        names = files.words[files.codes[hit]]
        pairs = zip(names, self["row"][hit].tolist(), strict=True)
        there[hit] = [place in places for place in pairs]
        return there

    def numbered(self, *names: str) -> np.ndarray:
        """Return a number for each different combination of cells, in order of appearance."""
        code = np.zeros(len(self), dtype="int64")
        for name in names:
            column = self.columns[name]
            cell = column.codes if isinstance(column, Words) else pd.factorize(column)[0]
            code = pd.factorize(code * (int(cell.max(initial=0)) + 1) + cell)[0]
        return code

    def together(self, *names: str) -> tuple[np.ndarray, list[tuple[Any, ...]]]:
        """Return which of the different combinations of words stands in each row, and these."""
        code = self.numbered(*names)
        first = np.unique(code, return_index=True)[1]
        return code, list(
            zip(*(self.words(name).take(first).texts() for name in names), strict=True)
        )

    def frame(self, names: Iterable[str]) -> pd.DataFrame:
        """Return columns as a frame; what is not known of a text is empty."""
        return pd.DataFrame({name: _series(self.columns[name]) for name in names}, copy=False)


class Row:
    """One row, its cells as attributes."""

    __slots__ = ("_more", "_table", "place")

    def __init__(self, table: Table, place: int, more: dict[str, np.ndarray]) -> None:
        self._table, self.place, self._more = table, place, more

    def __getattr__(self, name: str) -> Any:
        if name in self._more:
            return self._more[name][self.place]
        column = self._table.columns[name]
        if isinstance(column, Words):
            return column.words[column.codes[self.place]]
        return column[self.place]


def _objects(texts: list[Any]) -> np.ndarray:
    objects = np.empty(len(texts), dtype=object)
    objects[:] = texts
    return objects


def _series(column: np.ndarray | Words) -> pd.Series:
    if not isinstance(column, Words):
        return pd.Series(column)
    words = ["" if word is None else word for word in column.words] or [""]
    return pd.Series(pd.Series(words, dtype="str").array.take(column.codes))

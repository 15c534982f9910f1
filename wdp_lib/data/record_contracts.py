"""What each file of records holds, as `records.csv` describes it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text
from wdp_lib.data.read.returns import Form
from wdp_lib.data.read.words import codes

KINDS = {"year": "integer", "number": "number"}


@dataclass(frozen=True)
class RecordColumn:
    """One column of a file of records."""

    name: str
    # ``text``, ``year``, ``date`` (becomes ``YYYY-MM-DD``), ``number``, ``word`` (of one topic of
    # the vocabulary), ``area`` (of the data set), or what of the plan it names: ``domain, goal,
    # indicator, measure, project, commitment, unit``
    kind: str
    meaning: Text
    # headings the file may have instead of the name; the first one is shown to people
    headings: tuple[str, ...]
    required: bool = False
    # topic of a ``word``; the file may hold the code or its word, the table holds the code
    topic: str = ""
    # whether a cell may hold several, separated by ``;`` (also ``；`` and ``、``)
    many: bool = False


@dataclass(frozen=True)
class RecordContract:
    """What one file of records holds; no two rows may have the same ``key`` columns."""

    file: str
    columns: tuple[RecordColumn, ...]
    key: tuple[str, ...] = ()

    @property
    def table(self) -> Contract:
        """The contract of the table read: empty text is ``""``, an empty number is missing."""
        return Contract(
            self.file.removesuffix(".csv"), tuple(_table_column(c) for c in self.columns)
        )

    @property
    def form(self) -> Form:
        """The columns of the file as a reader needs them."""
        required = tuple(c.name for c in self.columns if c.required)
        return Form({c.name: c.headings for c in self.columns}, required)


def _table_column(column: RecordColumn) -> Column:
    allowed = ()
    if column.kind == "word" and not column.many:
        listed = {code for found in codes(column.topic).values() for code in found}
        allowed = (*sorted(listed), *(() if column.required else ("",)))
    return Column(column.name, KINDS.get(column.kind, "text"), column.meaning, allowed)


@cache
def _described() -> dict[str, RecordContract]:
    table = pd.read_csv(Path(__file__).with_name("records.csv"), dtype=str, keep_default_na=False)
    return {
        file: RecordContract(
            file,
            tuple(
                RecordColumn(
                    row.name,
                    row.kind,
                    Text(row.meaning_zh, row.meaning_en),
                    tuple(row.headings.split("|")),
                    bool(row.required),
                    row.topic,
                    bool(row.many),
                )
                for row in rows.itertuples()
            ),
            tuple(rows.loc[rows["key"] != "", "name"]),
        )
        for file, rows in table.groupby("file", sort=False)
    }


def record_contract(file: str) -> RecordContract:
    """Return the contract of a file of records, from `records.csv` beside this module."""
    return _described()[file]

"""Tables taken apart once: series as arrays, areas above and below."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from wdp_lib.core.columns import numbered

Rows = dict[str, np.ndarray]  # columns of some rows of a table, all of one length


def columns_of(table: pd.DataFrame, names: Sequence[str]) -> Rows:
    """Return columns as plain arrays; integers that may be missing become floats."""
    return {name: _plain(table[name]) for name in names}


def _plain(column: pd.Series) -> np.ndarray:
    if column.dtype == "Int64":
        return (
            column.to_numpy("float64", na_value=np.nan)
            if column.hasnans
            else column.to_numpy("int64")
        )
    return column.to_numpy()


def grouped(
    table: pd.DataFrame, by: Sequence[str], names: Sequence[str], *, rising: str = ""
) -> dict[tuple[Hashable, ...], Rows]:
    """Return the wanted columns of each group by the group's key.

    Rows of a group have the order of the table, or rise by a column.
    """
    if not len(table):
        return {}
    codes = numbered(table, by)
    order = np.lexsort((_plain(table[rising]), codes) if rising else (codes,))
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    columns = {name: column[order] for name, column in columns_of(table, names).items()}
    keys = zip(*(_plain(table[name].iloc[order[starts]]) for name in by), strict=True)
    ends = [*starts[1:], len(table)]
    return {
        key: {name: column[start:end] for name, column in columns.items()}
        for key, start, end in zip(keys, starts, ends, strict=True)
    }


def pick(rows: Rows, chosen: np.ndarray | slice) -> Rows:
    """Return some of the rows."""
    if isinstance(chosen, np.ndarray) and chosen.all():
        return rows
    return {name: column[chosen] for name, column in rows.items()}


def point(rows: Rows, place: int) -> dict:
    """Return one of the rows."""
    return {name: column[place] for name, column in rows.items()}

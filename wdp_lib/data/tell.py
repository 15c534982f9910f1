"""The problems a data set can have, filled from `problems.csv`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.problems import show, templates

if TYPE_CHECKING:
    from wdp_lib.data.read.table import Table

__all__ = ["problem", "show", "told", "which"]

problem = templates(__file__)


def which(row) -> Text:
    """Return indicator, area and year of a row, so that a message stands without the file."""
    return Text(
        f"{row.name_zh}，{row.area_zh}，{row.year} 年", f"{row.name_en}, {row.area_en}, {row.year}"
    )


def told(
    code: str,
    table: Table,
    hits: np.ndarray,
    column: str | None,
    more: dict[str, np.ndarray] | None = None,
    /,
    **fill: str | Callable,
) -> list[Problem]:
    """Return one problem for each row that is hit.

    What is filled in is a column of the row (or of ``more``), or computed from it.
    """
    return [
        problem(
            code,
            row.file,
            row.row,
            column,
            where=which(row),
            **{k: v(row) if callable(v) else getattr(row, v) for k, v in fill.items()},
        )
        for row in table.rows(hits, **(more or {}))
    ]

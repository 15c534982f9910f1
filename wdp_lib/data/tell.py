"""The problems a data set can have, filled from `problems.csv`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.problems import show, templates

__all__ = ["problem", "show", "told", "which"]

problem = templates(Path(__file__).with_name("problems.csv"))


def which(row) -> Text:
    """Return indicator, area and year of a row, so that a message stands without the file."""
    return Text(
        f"{row.name_zh}，{row.area_zh}，{row.year} 年", f"{row.name_en}, {row.area_en}, {row.year}"
    )


def told(code: str, rows: pd.DataFrame, column: str, /, **fill: str | Callable) -> list[Problem]:
    """Return one problem a row; what is filled in is a column of the row, or computed from it."""
    if rows.empty:
        return []
    return [
        problem(
            code,
            row.file,
            row.row,
            column,
            where=which(row),
            **{k: v(row) if callable(v) else getattr(row, v) for k, v in fill.items()},
        )
        for row in rows.itertuples()
    ]

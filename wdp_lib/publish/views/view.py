"""A view: which columns of a table are shown, in which order, under which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from wdp_lib.core.errors import Text


@dataclass(frozen=True)
class Column:
    """One column of a view.

    Parameters
    ----------
    cell : str
        How it is written: a name of `wdp_lib.publish.views.cells`, with the columns it is
        made of behind a colon (``"span:lower,upper"``), or ``word:<topic>``.
    heading : Text
        Words above it.
    mark : str
        ``<prefix>:<column>``: CSS class of the cell, e.g. ``risk:risk`` gives ``risk-red``.
    optional : bool
        Left out where every cell is empty.
    """

    name: str
    cell: str
    heading: Text
    mark: str = ""
    optional: bool = False

    @property
    def made_of(self) -> tuple[str, ...]:
        """Columns of the table behind it."""
        kind, _, names = self.cell.partition(":")
        return (self.name, *(names.split(",") if names and kind != "word" else ()))


@dataclass(frozen=True)
class View:
    """A way of showing a table.

    Parameters
    ----------
    caption : Text
        May name facts of the context and columns of the first row in braces.
    rows : callable, optional
        ``rows(thing, context)`` returns what is shown: a frame, or ``(caption, frame)``
        pairs, one a chapter.
    notes : tuple of Text
        Lines below.
    """

    caption: Text
    columns: tuple[Column, ...]
    rows: Callable[..., pd.DataFrame | list[tuple[str, pd.DataFrame]]] | None = None
    notes: tuple[Text, ...] = ()

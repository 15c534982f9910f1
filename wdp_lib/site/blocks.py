"""What a page consists of: the blocks of documents, with links, facts and charts beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from wdp_lib.core.errors import Text
from wdp_lib.core.words import words_beside
from wdp_lib.documents import content
from wdp_lib.documents.content import Book
from wdp_lib.publish.context import Context
from wdp_lib.publish.views import Column, View, show
from wdp_lib.publish.views.show import Tables
from wdp_lib.site.chart import Chart

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Pill:
    """A word on a coloured ground: where something stands, how it is warned of."""

    text: str
    look: str


@dataclass(frozen=True)
class Link:
    """A line that leads to a page: its name, what stands there, a word more."""

    text: str
    target: str
    pills: tuple[Pill, ...] = ()
    more: str = ""


@dataclass(frozen=True)
class Links:
    """Lines that lead to pages."""

    items: tuple[Link, ...]


@dataclass(frozen=True)
class Grid:
    """Rows of a table as a reader sees them."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Items:
    """Texts, one a line."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Labels and values."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """A page before it is written."""

    path: str  # its file, seen from the folder of the site
    title: str
    kind: str  # its template without the ending
    blocks: tuple[Any, ...] = ()
    trail: tuple[Link, ...] = ()  # the pages above it, the first page first
    pills: tuple[Pill, ...] = ()
    facts: Any = None  # what its template needs besides the blocks


@cache
def templates() -> dict[str, Text]:
    """Return the words and sentences of pages by key; those of documents are known to them too."""
    return content.templates() | words_beside(__file__)


class Pages(Book):
    """A book whose blocks are taken out page by page."""

    templates = staticmethod(templates)

    def both(self, key: str) -> Text:
        """Return words in both languages."""
        return templates()[key]

    def facts_list(self, rows: Iterable[tuple[str, str]]) -> None:
        """Add labels, by their keys, and values; what is not said is left out."""
        self.labelled((self.words(f"fact.{key}"), value) for key, value in rows)

    def labelled(self, rows: Iterable[tuple[str, str]]) -> None:
        """Add labels and values; what is not said is left out."""
        kept = tuple((label, value) for label, value in rows if value)
        if kept:
            self.blocks.append(Facts(kept))

    def listed(self, items: Iterable[str]) -> None:
        """Add a list of texts."""
        self.blocks.append(Items(tuple(items)))

    def links(self, items: Iterable[Link]) -> None:
        """Add lines that lead to pages."""
        items = tuple(items)
        if items:
            self.blocks.append(Links(items))

    def chart(self, chart: Chart | None) -> None:
        """Add a chart, where there is something to draw."""
        if chart is not None:
            self.blocks.append(chart)

    def grids(self, grids: Iterable[Grid], caption: str = "") -> None:
        """Add tables, each under its own caption or a given one."""
        self.blocks += [replace(one, caption=caption) if caption else one for one in grids]

    def taken(self) -> tuple[Any, ...]:
        """Return the blocks so far, and begin anew."""
        blocks, self.blocks = tuple(self.blocks), []
        return blocks


def grids(thing: Any, view: View, context: Context, by: str = "indicator") -> dict[str, list[Grid]]:
    """Return the rows of a table by a view, apart for each indicator (or goal).

    A table is shown once and then divided: a table each would take ten times as long. Columns that
    hold nothing of one part are left out there.
    """
    key = Column(by, "text", Text("", ""))
    shown = show(thing, replace(view, columns=(key, *view.columns)), context)
    found: dict[str, list[Grid]] = {}
    for table in shown.tables if isinstance(shown, Tables) else (shown,):
        texts = table.texts
        if texts.empty:
            continue
        headings, cells = tuple(map(str, texts.columns[1:])), texts.to_numpy(str).tolist()
        marks = [[""] * len(cells[0])] * len(cells)
        if table.marks is not None:
            marks = table.marks.to_numpy(str).tolist()
        parts: dict[str, list[int]] = {}
        for place, row in enumerate(cells):
            parts.setdefault(row[0], []).append(place)
        for one, places in parts.items():
            own = [cells[place][1:] for place in places]
            keep = [n for n in range(len(headings)) if {row[n] for row in own} - {"—", ""}]
            found.setdefault(one, []).append(
                Grid(
                    table.caption,
                    tuple(headings[n] for n in keep),
                    tuple(tuple(row[n] for n in keep) for row in own),
                    tuple(tuple(marks[place][n + 1] for n in keep) for place in places),
                    table.notes,
                )
            )
    return found

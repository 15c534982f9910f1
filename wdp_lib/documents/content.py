"""What a document consists of, made once and written by several writers.

A `Book` is a document under way: it says sentences from templates, numbers tables and figures, and
puts long tables into the annex.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.core.words import words_beside
from wdp_lib.documents.keys import Key, bare, keyed_facts, narrowed, pieces
from wdp_lib.publish.text.say import fill
from wdp_lib.publish.views.show import Figure, Prose, Table, Tables
from wdp_lib.study.shown import FACTS

if TYPE_CHECKING:
    from wdp_lib.study import Study

LONG = 25  # rows from which a table stands in the annex, as does one that is wide
WIDE = 9  # columns from which a table stands across the page, unless it fits
TEXT_MM = {False: 156.0, True: 225.0}  # width of the type area, upright and across
_LABELS = {
    "table": Text("表{n}", "Table {n}"),
    "figure": Text("图{n}", "Figure {n}"),
    "annex": Text("附表{n}", "Annex table {n}"),
    "sheet": Text("附册表{n}", "Sheet {n}"),
}


@dataclass(frozen=True)
class Span:
    """A piece of a line; a number has its key."""

    text: str
    strong: bool = False
    key: Key | None = None


Line = tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the first below the title. One without a number begins a new page."""

    text: str
    level: int = 1
    number: bool = True


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of text; ``look`` is ``""``, ``note``, ``left`` or ``right``."""

    line: Line
    look: str = ""
    close: bool = False  # on the page of what follows: no signature stands alone


@dataclass(frozen=True)
class Captioned:
    """A table or figure with its kind, number and caption, and the note that goes with a figure."""

    shown: Table | Figure
    kind: str  # ``table``, ``annex``, ``figure``, or ``sheet``: only in the workbook
    number: int
    caption: str
    note: str = ""


@dataclass(frozen=True, eq=False)
class Document:
    """A document before any writer."""

    name: str  # what the file is called
    # title, subject: what the document is, and of which plan
    title: str
    subject: str
    # lines of the cover: what, and its value; empty for a document without cover and contents
    cover: tuple[tuple[str, str], ...]
    mark: str  # words that mark simulated data, on every page; ``""`` for real data
    sender: str  # the office that issues it
    language: str
    blocks: tuple[Any, ...]
    compact: bool = False  # smaller letters and lines, for what has to stand on two pages
    # the tables as the workbook has them, with all columns; empty: those of the blocks
    sheets: tuple[Captioned, ...] = ()


@cache
def templates() -> dict[str, Text]:
    """Return the words and sentences of documents by key."""
    return words_beside(__file__)


class Book:
    """A document under way.

    ``study``: whose tables, sentences and charts it shows.
    """

    templates = staticmethod(templates)

    def __init__(self, study: Study):
        self.study, self.context = study, study.context
        self.blocks: list[Any] = []
        self.annex: list[Any] = []
        self.sheets: list[Captioned] = []
        self._counts = dict.fromkeys(_LABELS, 0)
        plan = study.plan
        self._titles = {one.id: one.title.in_language(study.language) for one in plan.goals}
        self._titles |= {one.id: one.title.in_language(study.language) for one in plan.measures}
        self._titles |= {
            one.id: one.wording.in_language(study.language) for one in plan.commitments
        }
        named = (f"{re.escape(one)} (?={re.escape(title)})" for one, title in self._titles.items())
        self._coded = re.compile(rf"(?<![\w-])(?:{'|'.join(named)})") if self._titles else None

    def words(self, key: str, **facts: object) -> str:
        """Return a sentence with its figures as plain text."""
        return fill(self.templates()[key], self.context, facts).plain.strip()

    def facts(self, *families: str) -> dict[str, Any]:
        """Return families of figures as the sentences of the study have them, with their keys."""
        found: dict[str, Any] = {}
        for family in families:
            found |= keyed_facts(FACTS[family][1](self.study), f"facts.{family}")
        return found

    def heading(self, key: str, level: int = 1, **facts: object) -> None:
        """Add a heading."""
        self.blocks.append(Heading(bare(self.words(key, **facts)), level))

    def say(self, key: str, look: str = "", *, close: bool = False, **facts: object) -> None:
        """Add a sentence with its figures, a paragraph a line; nothing where nothing is said."""
        self.prose(fill(self.templates()[key], self.context, facts), look, close=close)

    def prose(self, prose: Prose, look: str = "", *, close: bool = False) -> None:
        """Add sentences of the study, a paragraph a line; close ones stay with what follows."""
        lines = (line.strip().removeprefix("- ") for line in prose.text.split("\n"))
        self.blocks += [Paragraph(_spans(line), look, close) for line in lines if line]

    def next(self, kind: str) -> str:
        """Return what the next table or figure will be called, to refer to it beforehand."""
        return self._label(kind, self._counts[kind] + 1)

    def table(
        self,
        shown: Table | Tables,
        key: str,
        *,
        columns: Iterable[str] = (),
        paged: bool = True,
        close: bool = False,
        **facts: object,
    ) -> None:
        """Say the sentence that points to a table, and add the table, where it has rows.

        A long or wide one stands in the annex. Chapters become one table with the chapter first.

        ``columns``: columns that the page has, see `narrowed`; the workbook has all. Empty: all.
        ``paged``: false: it stands in the workbook only.
        ``close``: the sentence stays on the page where the table begins.
        """
        whole = self._plain(self._whole(shown, key) if isinstance(shown, Tables) else shown)
        if whole.texts.empty:
            return
        table = narrowed(whole, columns) if columns else whole
        long = len(table.texts) >= LONG or is_wide(table)
        kind = "sheet" if not paged else "annex" if long else "table"
        self.say(key, close=close, label=self.next(kind), **facts)
        number = self._count(kind)
        self.sheets.append(Captioned(whole, kind, number, whole.caption))
        if not paged:
            return
        place = self.annex if kind == "annex" else self.blocks
        place.append(Captioned(table, kind, number, table.caption))
        place += [Paragraph((Span(note),), "note") for note in table.notes]

    def _whole(self, shown: Tables, key: str) -> Table:
        parts = [part for part in shown.tables if not part.texts.empty]
        heading = self.words("column.part")
        texts = [part.texts.assign(**{heading: part.caption}) for part in parts]
        marks = [
            pd.DataFrame("", part.texts.index, part.texts.columns)
            if part.marks is None
            else part.marks.set_axis(part.texts.columns, axis=1)
            for part in parts
        ]
        whole, marked = (
            pd.concat(x, ignore_index=True) if x else pd.DataFrame() for x in (texts, marks)
        )
        if parts:
            whole = whole[[heading, *whole.columns.drop(heading)]].fillna("—")
            marked = marked.reindex(columns=whole.columns).astype(object).fillna("")
        notes = dict.fromkeys(note for part in parts for note in part.notes)
        caption, rows = (
            self.words(f"{key}.caption"),
            tuple(row for part in parts for row in part.rows),
        )
        first = max(parts, key=lambda part: len(part.made), default=None)
        made = (None, *first.made) if first else ()
        source = first.source if first else ""
        return Table(whole, caption, tuple(notes), marked, source=source, rows=rows, made=made)

    def figure(self, figure: Figure, key: str, note: str = "", **facts: object) -> None:
        """Add a figure; `next` gave its number to the text before."""
        number, caption = self._count("figure"), bare(self.words(key, **facts))
        self.blocks.append(Captioned(figure, "figure", number, caption, bare(note)))

    def plain(self, text: str, look: str = "", *, close: bool = False) -> None:
        """Add a text that is no template; a close one stays with what follows."""
        line = tuple(Span(piece, key=key) for piece, key in pieces(text))
        self.blocks.append(Paragraph(line, look, close))

    def finished(
        self,
        title: str,
        *,
        name: str = "",
        cover: Iterable[tuple[str, str]] = (),
        sender: str = "",
        compact: bool = False,
    ) -> Document:
        """Return the document; the tables of the annex come last."""
        if self.annex:
            self.blocks += [Heading(self.words("annex"), number=False), *self.annex]
        metadata, context = self.study.data.metadata, self.context
        mark = context.text(metadata.mark) if metadata.simulated else ""
        subject, blocks = context.text(self.study.plan.title), tuple(self.blocks)
        lines = tuple((bare(what), bare(value)) for what, value in cover)
        head, last = (name or title, title, subject), (blocks, compact, tuple(self.sheets))
        return Document(*head, lines, mark, sender, context.language, *last)

    def _count(self, kind: str) -> int:
        self._counts[kind] += 1
        return self._counts[kind]

    def _label(self, kind: str, number: int) -> str:
        return self.context.text(_LABELS[kind]).format(n=number)

    def _plain(self, table: Table) -> Table:
        """The table without identifiers before names, or columns of nothing else or of dashes."""
        texts = table.texts.astype(str)
        keep = [
            place for place in range(texts.shape[1]) if not self._only_ids(texts.iloc[:, place])
        ]
        shown = texts.iloc[:, keep].map(self.uncoded)
        marks = None if table.marks is None else table.marks.iloc[:, keep]
        made = tuple(table.made[place] for place in keep) if table.made else ()
        return replace(table, shown=shown, marks=marks, made=made)

    def uncoded(self, text: str) -> str:
        """Return a text without the identifier before the title of a goal or measure."""
        return self._coded.sub("", text) if self._coded else text

    def _only_ids(self, cells: Any) -> bool:
        parts = {part for cell in cells for part in re.split("[、,] ?", cell)}
        return parts - {"—"} <= self._titles.keys()


def is_wide(table: Table) -> bool:
    """Return whether a table has too many columns, with too much in them, for an upright page."""
    texts = table.texts
    needed = (
        max([ems(str(name)) / 3, *map(ems, map(str, texts.iloc[:, n]))])
        for n, name in enumerate(texts.columns)
    )
    wanted = sum(min(one, 6.0) + 0.8 for one in needed)
    return texts.shape[1] >= WIDE and wanted * 10.5 / 72 * 25.4 > TEXT_MM[False]


def ems(text: str) -> float:
    """Return how wide a text is, in characters of Chinese."""
    return sum(1.0 if ord(letter) > 0x2E7F else 0.55 for letter in text)


def _spans(line: str) -> Line:
    """The pieces of a line of a sentence: ``**`` is the template's, what is data is escaped."""
    return tuple(
        Span(text, number % 2 == 1, key)
        for number, part in enumerate(line.split("**"))
        for text, key in pieces(html.unescape(part))
    )

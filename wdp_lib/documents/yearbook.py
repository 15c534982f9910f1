"""The yearbook as a document: a table a domain and section, definitions, sources."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from wdp_lib.core.words import code_name
from wdp_lib.documents.content import Book, Captioned, Document, Heading, Paragraph, Span
from wdp_lib.documents.reports import cover_lines
from wdp_lib.publish.views.show import Tables
from wdp_lib.study.yearbook import SECTIONS
from wdp_lib.supervision.letters import committee_office

if TYPE_CHECKING:
    from wdp_lib.study import Study


def yearbook(study: Study, state: str = "") -> Document:
    """Return the yearbook of a study; a section without a figure is left out."""
    book = Book(study)
    count = itertools.count(1)
    for section in (*SECTIONS, "definitions"):
        shown = study.show(f"yearbook_{section}")
        tables = shown.tables if isinstance(shown, Tables) else (shown,)
        told = [table for table in tables if not table.texts.empty]
        if told:
            book.blocks.append(Heading(study.context.text(code_name("yearbook", section))))
        book.blocks += [Captioned(table, "table", next(count), table.caption) for table in told]
        notes = dict.fromkeys(note for table in told for note in table.notes)
        book.blocks += [Paragraph((Span(note),), "note") for note in notes]
    sender = study.context.text(committee_office(study.plan))
    title = book.words("title.yearbook", year=study.data_year)
    return book.finished(title, cover=cover_lines(book, state), sender=sender)

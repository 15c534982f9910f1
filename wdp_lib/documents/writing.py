"""All documents of a round, in the formats asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wdp_lib.core.beside import beside
from wdp_lib.documents.content import Document
from wdp_lib.documents.page import write_html
from wdp_lib.documents.parts import domain_briefs, unit_reports
from wdp_lib.documents.pdf import write_pdf
from wdp_lib.documents.register import write_register
from wdp_lib.documents.reports import report
from wdp_lib.documents.sheets import write_tables
from wdp_lib.documents.short import letters, summary
from wdp_lib.documents.word import write_word
from wdp_lib.documents.yearbook import yearbook

if TYPE_CHECKING:
    from wdp_lib.study import Study

FORMATS = ("docx", "pdf", "xlsx")
_WRITERS: dict[str, Callable[[Document, Path], Any]] = {
    "docx": write_word,
    "pdf": write_pdf,
    "html": write_html,
    "xlsx": write_tables,
}
_UNSAFE = re.compile(r"[^\w（）—-]+")  # in the name of a file


def write(document: Document, folder: Path, formats: Iterable[str] = FORMATS) -> list[str]:
    """Write a document, a file a format; return the names of the files.

    Tables go into a workbook only where the document has a cover: the annexes of a report.
    """
    written = []
    for ending in formats:
        path = folder / _file(document, ending)
        if ending != "xlsx" or document.cover:
            _WRITERS[ending](document, path)
            written += [path.name] if path.is_file() else []
    return written


def _file(document: Document, ending: str) -> str:
    return f"{_UNSAFE.sub('_', document.name)}.{ending}"


def write_all(
    study: Study, folder: Path, *, state: str = "", formats: Iterable[str] = FORMATS
) -> list[str]:
    """Write every document of a round; return the names of the files, the report's first.

    ``state``: state of the report in words; a draft where it is empty.
    """
    formats = tuple(formats)
    if len(study.problems):  # what all rest on is computed before they part
        _ = study.needs
    # Typst keeps threads of its own, which a forked process has lost and would wait for
    rest = tuple(one for one in formats if one != "pdf")
    made_beside = beside(_write, _long, study, state, folder, rest)
    short, names = _write(_short, study, state, folder, formats)
    (*told, last), written = made_beside()
    for document in (*told, last) if "pdf" in formats else ():
        names += write(document, folder, ("pdf",))
    first = [_file(one, ending) for one in told for ending in formats]
    known = {*written, *names}
    names = [name for name in first if name in known] + sorted(known - {*first})
    return [*names, write_register([*told, *short, last], folder)]


def _write(
    make: Callable[[Study, str], list[Document]],
    study: Study,
    state: str,
    folder: Path,
    formats: tuple[str, ...],
) -> tuple[list[Document], list[str]]:
    documents = make(study, state)
    return documents, [name for one in documents for name in write(one, folder, formats)]


def _long(study: Study, state: str) -> list[Document]:
    """The report, the briefs, which have the same figures, and the yearbook."""
    return [report(study, state), *domain_briefs(study, state), yearbook(study, state)]


def _short(study: Study, state: str) -> list[Document]:
    return [summary(study, state), *_to_units(study, state)]


def _to_units(study: Study, state: str) -> list[Document]:
    """Letters and reports to the units; none in a public edition, in that of a unit its own."""
    if study.edition_kind == "public":
        return []
    own = study.edition if study.edition_kind == "exchange" else ""
    return [*letters(study, own), *unit_reports(study, state, own)]

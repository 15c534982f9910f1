"""All documents of a round, in the formats asked for."""

from __future__ import annotations

import multiprocessing
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
        path = folder / f"{_UNSAFE.sub('_', document.name)}.{ending}"
        if ending != "xlsx" or document.cover:
            _WRITERS[ending](document, path)
            written += [path.name] if path.is_file() else []
    return written


def write_all(
    study: Study, folder: Path, *, state: str = "", formats: Iterable[str] = FORMATS
) -> list[str]:
    """Write every document of a round; return the names of the files, the report's first.

    ``state``: state of the report in words; a draft where it is empty.
    """
    formats = tuple(formats)
    if len(study.problems):  # what all rest on is computed before they part
        _ = study.needs
    short = _beside(_write_short, study, state, folder, formats)
    written = []
    told = [report(study, state), *domain_briefs(study, state)]  # with the same figures
    for document in told:
        written += write(document, folder, formats)
    documents, names = short()
    for document in documents if "pdf" in formats else ():
        names += write(document, folder, ("pdf",))
    return [*written, *sorted(names), write_register([*told, *documents], folder)]


def _write_short(
    study: Study, state: str, folder: Path, formats: tuple[str, ...]
) -> tuple[list[Document], list[str]]:
    """Write the documents without figures, but not as PDF.

    Typst keeps threads of its own, which a forked process has lost and would wait for.
    """
    others = [one for one in formats if one != "pdf"]
    documents = [summary(study, state), *_to_units(study, state), yearbook(study, state)]
    return documents, [name for one in documents for name in write(one, folder, others)]


def _to_units(study: Study, state: str) -> list[Document]:
    """Letters and reports to the units; none in a public edition, in that of a unit its own."""
    if study.edition_kind == "public":
        return []
    own = study.edition if study.edition_kind == "exchange" else ""
    return [*letters(study, own), *unit_reports(study, state, own)]


def _beside(work: Callable[..., Any], *given: Any) -> Callable[[], Any]:
    """Begin a work in a process of its own, on Linux; return what waits for its result.

    A work that failed there is done here, where its error is told.
    """
    if sys.platform != "linux":
        return lambda: work(*given)
    here, there = multiprocessing.Pipe(duplex=False)

    def told() -> None:
        with suppress(Exception):  # it is done again, and then raises
            there.send(work(*given))

    process = multiprocessing.get_context("fork").Process(target=told)
    process.start()
    there.close()

    def result() -> Any:
        try:
            found = here.recv()
        except EOFError:
            found = work(*given)
        process.join()
        return found

    return result

"""Where a site stands: in the report of its run, else beside the documents of the round."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from wdp_lib.batch.folders import RECORD, sole_run
from wdp_lib.batch.params import EDITION, Run
from wdp_lib.batch.record import read_record, run_of
from wdp_lib.batch.verify import changed_inputs
from wdp_lib.core.files import write_atomic
from wdp_lib.disclosure import INTERNAL
from wdp_lib.site.blocks import templates
from wdp_lib.site.render import INDEX
from wdp_lib.site.write import write_site

if TYPE_CHECKING:
    from wdp_lib.study import Study

BASIS = "basis.html"  # the first page that the run made: notebooks, tables, logs


def place_site(
    study: Study,
    run: Run,
    inputs: Mapping[str, str],
    *,
    report: Path,
    documents: Path,
    names: Iterable[str],
    state: str = "",
    made: Mapping[str, str] | None = None,
) -> Path:
    """Write the site of a run and return its first page.

    It becomes the first page of the report, whose own first page then is ``basis.html``, where the
    report is there and was made from what there is now, in the same edition. Else it stands beside
    the documents. ``report, documents``: folders of the run's report and of its documents.
    ``names``: files of the documents. ``made``: the pages that `wdp_lib.site.inner_pages` made.
    """
    words, title = templates(), run.title.in_language(study.language)
    inside = _belongs(study, run, inputs, report)
    folder = report if inside else documents
    up = Path(os.path.relpath(documents, folder)).as_posix()
    more: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        stem, _, ending = name.rpartition(".")
        more.setdefault(stem, []).append((ending, quote(f"{up}/{name}")))
    said = {"title": title, "state": state, "made": made}
    if not inside:
        return write_site(study, folder, **said, more=more)[0]
    more = {words["front.basis"].in_language(study.language): [("html", BASIS)], **more}
    with sole_run(report):
        if not (report / BASIS).is_file():
            write_atomic(report / BASIS, (report / INDEX).read_bytes())
        return write_site(study, folder, **said, more=more)[0]


def _belongs(study: Study, run: Run, inputs: Mapping[str, str], report: Path) -> bool:
    """Whether the figures of a study are those of a report."""
    asked = run.parameters.get(EDITION, INTERNAL)
    if (study.edition == INTERNAL) != (asked == INTERNAL) or not (report / RECORD).is_file():
        return False
    record = read_record(report)
    changed = changed_inputs(record["inputs"], inputs)
    kept = ("notebooks/", "data/archive/")  # neither the prose nor what was archived since
    same = run_of(record).parameters == run.parameters
    return same and all(name.startswith(kept) for name in changed)

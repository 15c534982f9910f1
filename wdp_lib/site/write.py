"""A site as files: a folder of pages and a font; the first page beside it, put in place last."""

from __future__ import annotations

import html
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import printable
from typing import TYPE_CHECKING

from wdp_lib.batch.folders import put_in_place
from wdp_lib.core.files import write_atomic
from wdp_lib.publish.charts.fonts import subset_woff
from wdp_lib.site.blocks import Link, Page
from wdp_lib.site.front import front
from wdp_lib.site.history import changes
from wdp_lib.site.pages import INDEX, LIST, Site
from wdp_lib.site.render import FOLDER, FONT, written

if TYPE_CHECKING:
    from wdp_lib.study import Study


def write_site(
    study: Study,
    folder: Path,
    *,
    title: str = "",
    state: str = "",
    more: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    made: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write the pages of a study: ``index.html`` in a folder, the others in ``site`` below it.

    ``folder``: where they are put; there is a whole site at every moment. ``title``: title of the
    report; that of the plan by default. ``state``: state of the report in words; a draft by
    default. ``more``: documents and evidence by name: the kind of each file, and where it is, seen
    from the first page. ``made``: the other pages, where `inner_pages` of the same title made them
    before. Returns the files.
    """
    site = Site(study)
    title = title or study.context.text(study.plan.title)
    texts = dict(_written(site, site.pages(), title) if made is None else made)
    texts |= _written(site, [front(site, title, state=state, more=more or {})], title)
    shown = "".join(set().union(printable, *map(html.unescape, texts.values())))
    first = texts.pop(INDEX)
    folder.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(dir=folder, prefix=f".{FOLDER}."))
    try:
        for path, text in texts.items():
            (place / Path(path).name).write_text(text, "utf-8", newline="\n")
        (place / FONT).write_bytes(subset_woff("".join(sorted(shown)), "sans"))
        put_in_place(place, folder / FOLDER)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    write_atomic(folder / INDEX, first)
    return [folder / INDEX, *sorted((folder / FOLDER).iterdir())]


def inner_pages(study: Study, title: str) -> dict[str, str]:
    """Return the text of every page but the first, which alone names the documents."""
    changes(study)  # what the first page tells of is kept for it
    site = Site(study)
    return _written(site, site.pages(), title)


def _written(site: Site, pages: Iterable[Page], title: str) -> dict[str, str]:
    menu = [Link(site.book.words("first"), INDEX), Link(site.book.words("list"), LIST)]
    return written(pages, site.book, title=title, menu=menu, names=site.names)

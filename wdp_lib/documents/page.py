"""A document as one HTML page: nothing is loaded from elsewhere, and no text of it is live."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import Any

from wdp_lib.core.files import write_atomic
from wdp_lib.core.office import plain
from wdp_lib.documents.content import Document
from wdp_lib.documents.layout import WORDS, as_data


def write_html(document: Document, path: Path) -> None:
    """Write a document as .html; the same document gives the same bytes."""
    blocks = list(as_data(document))
    for block in blocks:
        if block["kind"] == "figure":
            picture = base64.b64encode(block["png"]).decode("ascii")
            block["picture"] = f"data:image/png;base64,{picture}"
    names = ("title", "subject", "sender", "mark", "language")
    page = _template().render(
        **{name: plain(getattr(document, name)) for name in names},
        cover=[(plain(what), plain(value)) for what, value in document.cover],
        contents=WORDS["contents"].in_language(document.language).replace(" ", ""),
        blocks=blocks,
    )
    write_atomic(path, page)


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    source = Path(__file__).with_name("form.html.j2").read_text(encoding="utf-8")
    settings: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True}
    return Environment(autoescape=True, undefined=StrictUndefined, **settings).from_string(source)

"""Pages as HTML: escaped once, under a policy that lets nothing in, with one font for all."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from wdp_lib.publish.views.show import seen
from wdp_lib.site.blocks import Link, Page, Pages

TEMPLATES = Path(__file__).parent / "templates"
FONT, FOLDER, INDEX = "font.woff", "site", "index.html"
_NUMBER = re.compile(r"[-−+]?[\d,.]+%?")


@cache
def environment() -> Any:
    """Return the templates: whatever is put into them is text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def hashed(text: str) -> str:
    """Return the source of a policy that lets in this very text."""
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def written(
    pages: Iterable[Page],
    book: Pages,
    *,
    title: str,
    menu: Iterable[Link],
    names: Mapping[str, str],
) -> dict[str, str]:
    """Return the text of each page by its file, seen from the folder that holds the first page."""
    menu, texts = tuple(menu), {}
    metadata = book.study.data.metadata
    settings = {
        "title": title,
        "lang": "zh-CN" if book.context.language == "zh" else "en",
        "mark": " · ".join(dict.fromkeys(filter(None, (metadata.mark.zh, metadata.mark.en))))
        if metadata.simulated
        else "",
        "subject": book.context.text(book.study.plan.title),
        "edition": book.words(f"edition.{book.study.edition_kind}", unit=book.study.edition_name),
        "menu": menu,
        "names": names,
        "words": book.words,
        "raw": lambda key: book.context.text(book.both(key)),
    }
    for page in pages:
        inside = page.path != INDEX
        path = f"{FOLDER}/{page.path}" if inside else page.path
        texts[path] = html(page, settings, inside=inside)
    return texts


def html(page: Page, settings: Mapping[str, Any], *, inside: bool, font: str = "") -> str:
    """Return a page as a whole document.

    ``inside``: whether it stands in the folder of the pages, and not above it. ``font``: address of
    its font; that of the folder by default.
    """
    from markupsafe import Markup

    style = _style(font or (FONT if inside else f"{FOLDER}/{FONT}"))
    name = page.kind if page.kind in ("index", "list", "runs") else "base"
    script = _script() if name in ("index", "list") else ""
    allowed = f"script-src {hashed(script)}; " if script else ""
    allowed_font = "data:" if font else "'self' file:"
    policy = (
        f"default-src 'none'; {allowed}style-src {hashed(style)}; "
        f"font-src {allowed_font}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )

    def url(target: str) -> str:
        if target.startswith(("../", "./")):
            return target
        if target == INDEX:
            return f"../{INDEX}" if inside else INDEX
        return ("" if inside else f"{FOLDER}/") + quote(target)

    document = (
        environment()
        .get_template(f"{name}.html.j2")
        .render(
            page=page,
            policy=Markup(policy),
            style=Markup(style),
            script=Markup(script),
            url=url,
            kind_of=lambda block: type(block).__name__,
            is_number=lambda text: bool(_NUMBER.fullmatch(str(text))),
            **settings,
        )
    )
    return seen(document)


@cache
def _style(font: str) -> str:
    source = f'src:url("{font}") format("woff");font-display:swap'
    face = f'@font-face{{font-family:"Noto Sans SC";{source}}}'
    return face + "\n" + (TEMPLATES / "style.css").read_text("utf-8").strip()


@cache
def _script() -> str:
    return (TEMPLATES / "find.js.j2").read_text("utf-8").strip()

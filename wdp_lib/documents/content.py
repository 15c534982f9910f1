"""What a document consists of: headings, paragraphs, lists, tables and figures, in their order.

The notebook of a report is the recipe: its Markdown cells are the text, and its code cells are run
for the tables, sentences and charts themselves, not for pages made of them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wdp_lib.publish.views.show import Figure, Figures, Prose, Table, Tables

# 一、 or （一） or 附： before a heading: the document numbers its headings itself
_NUMBER = re.compile(
    r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d+(?:\.\d+)*[.、]?\s+)"
)


@dataclass(frozen=True)
class Span:
    """A piece of a line."""

    text: str
    strong: bool = False


Line = tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the first below the title."""

    text: str
    level: int


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of text."""

    line: Line


@dataclass(frozen=True)
class Items:
    """A list."""

    lines: tuple[Line, ...]
    ordered: bool


@dataclass(frozen=True)
class Document:
    """A document before any writer.

    Parameters
    ----------
    title : str
        What the document is, from the notebook's first heading.
    subject : str
        The plan, by its own title.
    lead : tuple of str
        Lines of the cover: area, day up to which data are known, data set.
    mark : str
        Words that mark simulated data, on every page; ``""`` for real data.
    blocks : tuple
        `Heading`, `Paragraph`, `Items`, `Table` and `Figure`.
    """

    title: str
    subject: str
    lead: tuple[str, ...]
    mark: str
    language: str
    blocks: tuple[Any, ...]


def read_document(notebook: Any, parameters: Mapping[str, Any]) -> Document:
    """Run the cells of a report's notebook and return what they show, as a document.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        In the language of the document; only notebooks of the project, since its code is run.
    parameters : mapping
        Replace those of the cell tagged ``parameters``.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    blocks: list[Any] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            blocks += _markdown(cell.source)
        elif cell.cell_type == "code":
            shown = _run(cell.source, names)
            if "parameters" in cell.metadata.get("tags", []):
                names |= parameters
            blocks += _shown(shown)
    study = names["study"]
    title = next((b.text for b in blocks if isinstance(b, Heading) and b.level == 0), "")
    body = tuple(b for b in blocks if not (isinstance(b, Heading) and b.level == 0))
    metadata = study.data.metadata
    mark = metadata.mark.in_language(study.language) if metadata.simulated else ""
    area = study.plan.area_name.in_language(study.language)
    lead = (area, study.as_of, metadata.title.in_language(study.language))
    subject = study.plan.title.in_language(study.language)
    return Document(title, subject, lead, mark, study.language, body)


def _run(source: str, names: dict[str, Any]) -> Any:
    """Run a cell and return the value of its last expression, as a notebook shows it."""
    tree = ast.parse(source)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(tree, "<cell>", "exec"), names)
        return None
    exec(compile(ast.Module(tree.body[:-1], []), "<cell>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)


def _shown(value: Any) -> list[Any]:
    if isinstance(value, Prose):
        return list(_markdown(value.text))
    if isinstance(value, Tables):
        return [table for table in value.tables if not table.texts.empty]
    if isinstance(value, Figures):
        return list(value.figures)
    if isinstance(value, Table):
        return [] if value.texts.empty else [value]
    return [value] if isinstance(value, Figure) else []


def _markdown(text: str) -> Iterator[Any]:
    import mistune

    tokens: Any = mistune.create_markdown(renderer=None)(text)
    for token in tokens:
        kind = token["type"]
        if kind == "heading":
            words = "".join(span.text for span in _line(token["children"]))
            yield Heading(_NUMBER.sub("", words).strip(), token["attrs"]["level"] - 1)
        elif kind in ("paragraph", "block_text"):
            if line := _line(token["children"]):
                yield Paragraph(line)
        elif kind == "list":
            lines = tuple(_item(item) for item in token["children"])
            yield Items(lines, bool(token["attrs"].get("ordered")))
        elif kind in ("block_code", "block_html"):
            yield Paragraph((Span(token["raw"].strip()),))


def _item(item: dict[str, Any]) -> Line:
    parts = [_line(child["children"]) for child in item["children"] if "children" in child]
    return tuple(span for line in parts for span in line)


def _line(tokens: list[dict[str, Any]], strong: bool = False) -> Line:
    spans: list[Span] = []
    for token in tokens:
        if token["type"] in ("softbreak", "linebreak"):
            spans.append(Span(" "))
        elif "children" in token:
            spans += _line(token["children"], strong or token["type"] == "strong")
        else:
            spans.append(Span(_unescaped(token.get("raw", "")), strong))
    return tuple(span for span in spans if span.text)


def _unescaped(text: str) -> str:
    import html

    return html.unescape(text)

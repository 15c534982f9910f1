"""The methods behind each result, explained at the end of the page.

What a notebook cell shows says in its output metadata, under ``wdp``, which methods it rests on:
``{"wdp": {"methods": ["M01"], "finding": "a sentence", "heading": "a title"}}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.core.words import rows_beside
from wdp_lib.publish.views.show import Table

KEY = "wdp"
TITLE = Text("方法、假定和局限", "Methods, what they take for granted, and their limits")
CAPTION = Text("所用方法", "Methods used")
INTRODUCTION = Text(
    "正文各节的表、图和数字所用的方法，见下表。其中的参数均可在运行参数和评估方案中调整。",
    "The methods behind the tables, charts and figures of each section. "
    "Settings are parameters of the run or of the scheme.",
)
USED_FOR = Text("用于", "used for")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
HEADINGS = {
    "method": Text("编号", "id"),
    "name": Text("方法", "method"),
    "assumptions": Text("做法与假定", "how, and what is taken for granted"),
    "limits": Text("局限", "limits"),
    "source": Text("依据", "source"),
}


@cache
def methods() -> dict[str, dict[str, str]]:
    """Return the lines of ``methods.csv`` by identifier, in their order."""
    return {row["method"]: row for row in rows_beside(__file__, "methods.csv")}


def methods_of(*names: str) -> tuple[str, ...]:
    """Return the methods that tables or charts of a study rest on together, in their order.

    A name that ``methods.csv`` does not list rests on none: list it there.
    """
    return tuple(m for m, row in methods().items() if set(names) & set(row["tables"].split(";")))


def method_table(
    ids: Iterable[str], *, language: str = "zh", uses: Sequence[str] | None = None
) -> Table:
    """Show methods with what they take for granted, their limits and their literature.

    ``uses`` names the sections that rest on each.
    """
    chosen = [methods()[name] for name in ids]
    shown = {
        heading.in_language(language): [
            row.get(part) or row[f"{part}_{language}"] for row in chosen
        ]
        for part, heading in HEADINGS.items()
    }
    if uses is not None:
        shown[USED_FOR.in_language(language)] = list(uses)
    return Table(pd.DataFrame(shown), CAPTION.in_language(language))


def told(output: Any) -> Mapping[str, Any]:
    """Return what an output says of itself under ``wdp``: methods, finding, heading."""
    return output.get("metadata", {}).get(KEY, {})


def add_methods(node: Any, language: str) -> None:
    """Explain at the end of a page the methods of its results, each with the sections it is for.

    ``node``: executed notebook; changed in place. One whose results name no method stays as it is.
    ``language`` ({"zh", "en"}): language of the words added.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

    sections: dict[str, list[str]] = {}
    section = ""
    for cell in node.cells:
        if cell.cell_type == "markdown":
            section = ([section] + HEADING.findall(cell.source))[-1]
        for method in (
            one for out in cell.get("outputs", []) for one in told(out).get("methods", [])
        ):
            sections.setdefault(method, []).append(section)
    if sections:
        used = sorted(sections, key=list(methods()).index)  # one that is not there is an error
        between = {"zh": "；"}.get(language, "; ")
        uses = [between.join(dict.fromkeys(filter(None, sections[one]))) for one in used]
        table = method_table(used, language=language, uses=uses)
        heading = f"## {TITLE.in_language(language)}\n\n{INTRODUCTION.in_language(language)}"
        shown = new_output("display_data", {"text/html": table._repr_html_()})
        node.cells += [
            new_markdown_cell(heading, id="methods"),
            new_code_cell(outputs=[shown], id="methods-table"),
        ]

"""The methods behind each result, printed beside it, and explained at the end of the page.

What a notebook cell shows says in its output metadata, under ``wdp``, which methods it rests on:
``{"wdp": {"methods": ["M01"], "finding": "a sentence", "heading": "a title"}}``.
"""

from __future__ import annotations

import csv
import html
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.publish.views.show import Table

KEY = "wdp"
NOTE = Text("方法：{ids}", "Methods: {ids}")
TITLE = Text("方法、假定和局限", "Methods, what they take for granted, and their limits")
CAPTION = Text("所用方法", "Methods used")
INTRODUCTION = Text(
    "正文各表、图和含数段落下方的方法编号，见下表。其中的参数均可在运行参数和评估方案中调整。",
    "The identifiers below tables, charts and paragraphs with figures are explained here. "
    "Settings are parameters of the run or of the scheme.",
)
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
    with Path(__file__).with_name("methods.csv").open(encoding="utf-8", newline="") as stream:
        return {row["method"]: row for row in csv.DictReader(stream)}


def methods_of(*names: str) -> tuple[str, ...]:
    """Return the methods that tables or charts of a study rest on together, in their order.

    A name that ``methods.csv`` does not list rests on none: list it there.
    """
    return tuple(m for m, row in methods().items() if set(names) & set(row["tables"].split(";")))


def method_table(ids: Iterable[str], *, language: str = "zh") -> Table:
    """Show methods with what they take for granted, their limits and their literature."""
    chosen = [methods()[name] for name in ids]
    shown = {
        heading.in_language(language): [
            row.get(part) or row[f"{part}_{language}"] for row in chosen
        ]
        for part, heading in HEADINGS.items()
    }
    return Table(pd.DataFrame(shown), CAPTION.in_language(language))


def told(output: Any) -> Mapping[str, Any]:
    """Return what an output says of itself under ``wdp``: methods, finding, heading."""
    return output.get("metadata", {}).get(KEY, {})


def add_methods(node: Any, language: str) -> None:
    """Print below each result the identifiers of its methods, and explain them at the end.

    Parameters
    ----------
    node : nbformat.NotebookNode
        Executed notebook; changed in place. One whose results name no method stays as it is.
    language : {"zh", "en"}
        Language of the words added.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell

    used: set[str] = set()
    order = list(methods()).index  # a method that is not there is an error
    for cell in node.cells:
        outputs = cell.get("outputs", [])
        if named := {one for output in outputs for one in told(output).get("methods", [])}:
            used |= named
            ids = {"zh": "、"}.get(language, ", ").join(sorted(named, key=order))
            note = html.escape(NOTE.in_language(language).format(ids=ids))
            cell.outputs.append(_shown(f'<p class="wdp-note">{note}</p>'))
    if used:
        table = method_table(sorted(used, key=order), language=language)
        heading = f"## {TITLE.in_language(language)}\n\n{INTRODUCTION.in_language(language)}"
        closing = new_code_cell(outputs=[_shown(table._repr_html_())], id="methods-table")
        node.cells += [new_markdown_cell(heading, id="methods"), closing]


def _shown(text: str) -> Any:
    from nbformat.v4 import new_output

    return new_output("display_data", {"text/html": text})

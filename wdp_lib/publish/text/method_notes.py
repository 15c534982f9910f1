"""The methods behind each result, printed beside it, and explained at the end of the page."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.publish.text.lineage import cell_methods, methods
from wdp_lib.publish.views.show import Table

NOTE = Text("方法：{ids}", "Methods: {ids}")
TITLE = Text("方法、假定和局限", "Methods, what they take for granted, and their limits")
CAPTION = Text("所用方法", "Methods used")
INTRODUCTION = Text(
    "正文各表、图和含数段落下方的方法编号，见下表。其中的参数均可在运行参数和评估方案中调整。",
    "The identifiers below tables, charts and paragraphs with figures are explained here. Settings are parameters of the run or of the scheme.",
)
HEADINGS = {
    "id": Text("编号", "id"),
    "name": Text("方法", "method"),
    "assumptions": Text("做法与假定", "how, and what is taken for granted"),
    "limits": Text("局限", "limits"),
    "source": Text("依据", "source"),
}


def method_table(ids: tuple[str, ...], *, language: str = "zh") -> Table:
    """Show methods with what they take for granted, their limits and their literature.

    Parameters
    ----------
    ids : tuple of str
        Identifiers of `wdp_lib.publish.text.lineage.methods`.
    language : {"zh", "en"}
        Language.
    """
    rows = [
        {
            "id": method.id,
            **{
                name: getattr(method, name).in_language(language)
                for name in ("name", "assumptions", "limits")
            },
            "source": method.source,
        }
        for method in (methods()[name] for name in ids)
    ]
    frame = pd.DataFrame(rows, columns=list(HEADINGS)).rename(
        columns={k: v.in_language(language) for k, v in HEADINGS.items()}
    )
    return Table(frame, CAPTION.in_language(language))


def add_methods(node: Any, language: str) -> None:
    """Print below each result of a notebook the identifiers of its methods, and explain them at its end.

    Parameters
    ----------
    node : nbformat.NotebookNode
        Executed notebook; changed in place. One whose results rest on no method of the library stays as it is.
    language : {"zh", "en"}
        Language of the words added.
    """
    from IPython.core.inputtransformer2 import TransformerManager
    from nbformat.v4 import new_code_cell, new_markdown_cell

    python = TransformerManager().transform_cell  # lines such as %time are no Python
    code = [cell for cell in node.cells if cell.cell_type == "code"]
    used: set[str] = set()
    for cell, ids in zip(code, cell_methods([python(cell.source) for cell in code]), strict=True):
        if ids and cell.outputs:
            used |= set(ids)
            joined = NOTE.in_language(language).format(
                ids={"zh": "、"}.get(language, ", ").join(ids)
            )
            cell.outputs.append(_shown(f'<p class="wdp-note">{html.escape(joined)}</p>'))
    if used:
        table = method_table(tuple(name for name in methods() if name in used), language=language)
        heading = f"## {TITLE.in_language(language)}\n\n{INTRODUCTION.in_language(language)}"
        closing = new_code_cell(outputs=[_shown(table._repr_html_())], id="methods-table")
        node.cells += [new_markdown_cell(heading, id="methods"), closing]


def _shown(text: str) -> Any:
    from nbformat.v4 import new_output

    return new_output("display_data", {"text/html": text})

"""Executed notebooks without what differs from run to run: times, paths, random names."""

from __future__ import annotations

import re
from copy import deepcopy
from itertools import groupby
from pathlib import Path
from typing import Any

_PAPERMILL_MARK = "papermill-error-cell-tag"
# from the first character of a word on: tried at each one, a long line would take minutes
_CELL_FILE = re.compile(r"(?<!\S)\S*ipykernel_\d+[/\\]\d+\.py")


def clean_notebook(node: Any, *, home: Path) -> Any:
    """Return a copy of an executed notebook without traces of when and where it ran.

    Taken away: run times, papermill's paths and error marks, widget state, the patch version of
    Python, empty tags. Streams that arrived in pieces are joined; the injected cell gets a fixed
    id; the project folder is cut off the paths in errors and streams.
    """
    node = deepcopy(node)
    node.cells = [
        cell for cell in node.cells if _PAPERMILL_MARK not in cell.metadata.get("tags", [])
    ]
    given = node.metadata.pop("papermill", {}).get("parameters")
    if given:
        node.metadata["papermill"] = {"parameters": dict(given)}
    node.metadata.pop("widgets", None)
    node.metadata.get("language_info", {}).pop("version", None)
    for cell in node.cells:
        _clean_cell(cell, str(home))
    return node


def _clean_cell(cell: Any, home: str) -> None:
    for name in ("papermill", "execution", "ExecuteTime"):
        cell.metadata.pop(name, None)
    if not cell.metadata.get("tags", True):
        del cell.metadata["tags"]
    if "injected-parameters" in cell.metadata.get("tags", []):
        cell["id"] = "injected-parameters"
    if cell.cell_type == "code":
        cell.outputs = _joined(cell.outputs)
        for output in cell.outputs:
            if output.output_type == "error":
                output.traceback = [_without(home, line) for line in output.traceback]
                output.evalue = _without(home, output.evalue)
            elif output.output_type == "stream":
                output.text = _without(home, output.text)


def _joined(outputs: list[Any]) -> list[Any]:
    joined: list[Any] = []
    for stream, pieces in groupby(outputs, key=lambda o: o.output_type == "stream" and o.name):
        first, *others = pieces
        if stream:
            first.text += "".join(piece.text for piece in others)
            others = []
        joined += [first, *others]
    return joined


def _without(home: str, text: str) -> str:
    """The text without the project's folder and the numbered file a kernel gives to each cell."""
    return _CELL_FILE.sub("cell", text.replace(home + "/", "").replace(home + "\\", ""))

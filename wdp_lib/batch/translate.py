"""Notebooks in another language: Chinese is the source, a gettext catalogue translates by cell.

``notebooks/locale/en/<notebook>.po`` has an entry for each Markdown cell: ``msgctxt`` is the cell's
id, ``msgid`` its Chinese source, ``msgstr`` the English. Code cells stay as they are.
"""

from __future__ import annotations

import re
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

SOURCE = "zh"
_HEADER = (
    'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
)
_LANGUAGE = re.compile(r"""^(language\s*=\s*)["']\w+["']""", re.MULTILINE)


def catalogue_path(notebook: Path, language: str) -> Path:
    """Return where the translations of a notebook stand."""
    return notebook.parent / "locale" / language / f"{notebook.stem}.po"


def read_catalogue(path: Path) -> Any:
    """Return the translations in a file as `babel.messages.catalog.Catalog`; no file, no entry."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    if not path.is_file():
        return Catalog()
    with path.open("rb") as stream:
        return read_po(stream)


def translate(notebook: Any, catalogue: Any) -> Any:
    """Return the notebook with its Markdown cells in the catalogue's language.

    A cell that `untranslated` names keeps its source.
    """
    made = deepcopy(notebook)
    for cell in _prose(made):
        cell.source = _translation(cell, catalogue) or cell.source
    return made


def localised(path: Path, language: str) -> Any:
    """Return a notebook file as it reads in a language."""
    import nbformat

    node = nbformat.read(str(path), as_version=4)
    if language == SOURCE:
        return node
    return translate(node, read_catalogue(catalogue_path(path, language)))


def untranslated(notebook: Any, catalogue: Any) -> list[str]:
    """Return the ids of cells without a translation, or whose source changed since it was made."""
    return [cell.id for cell in _prose(notebook) if not _translation(cell, catalogue)]


def updated_catalogue(notebook: Any, catalogue: Any) -> Any:
    """Return the catalogue with one entry for each Markdown cell, in their order.

    New cells have an empty translation; where the source changed the old one is marked ``fuzzy``.
    """
    from babel.messages.catalog import Catalog

    made, earlier = Catalog(), {message.context: message for message in catalogue if message.id}
    for cell in _prose(notebook):
        known = earlier.get(cell.id)
        changed = known is not None and bool(known.string) and known.id != cell.source
        flags = {"fuzzy"} if changed else set(known.flags) if known else set()
        string = known.string if known else ""
        made.add(cell.source, string, context=cell.id, flags=flags)
    return made


def catalogue_text(catalogue: Any, language: str) -> str:
    """Return a catalogue as the text of a ``.po`` file; the same entries give the same text."""
    from babel.messages.pofile import write_po

    stream = BytesIO()
    write_po(stream, catalogue, width=0, omit_header=True)
    return _HEADER.format(language=language) + stream.getvalue().decode("utf-8")


def copy_to_explore(path: Path, language: str) -> Any:
    """Return a notebook to explore in a language, without results, its parameter set to it."""
    node = localised(path, language)
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = _LANGUAGE.sub(rf'\1"{language}"', cell.source)
    return node


def _prose(notebook: Any) -> list[Any]:
    return [one for one in notebook.cells if one.cell_type == "markdown" and one.source.strip()]


def _translation(cell: Any, catalogue: Any) -> str:
    message = catalogue.get(cell.source, context=cell.id)
    return message.string if message is not None and not message.fuzzy else ""

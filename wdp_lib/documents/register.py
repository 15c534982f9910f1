"""Which number of which document was read from where: one table beside the documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pandas as pd

from wdp_lib.core.files import table_text, write_atomic
from wdp_lib.documents.content import Captioned, Document, Paragraph
from wdp_lib.documents.keys import Key, cell_keys, sheet_keys
from wdp_lib.documents.sheets import FIRST_ROW, sheets_of
from wdp_lib.publish.views.show import Table

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("document", "place", "shown", "table", "row", "column")
NAME = "keys.csv"


def register(documents: Iterable[Document]) -> pd.DataFrame:
    """Return one row a number of the documents: where it stands, what is shown, its key.

    Places: ``P12`` the twelfth paragraph of the text, ``T3 R2 C5`` the third table, its second row
    below the headings, fifth column; ``S3 D7`` the third sheet of the workbook, cell D7.
    """
    return pd.DataFrame(
        [
            (document.name, place, shown, *key)
            for document in documents
            for place, shown, key in (*_of_text(document), *_of_workbook(document))
        ],
        columns=list(COLUMNS),
    )


def write_register(documents: Iterable[Document], folder: Path) -> str:
    """Write the register of documents as a table; return its name."""
    write_atomic(folder / NAME, table_text(register(documents)))
    return NAME


def _of_text(document: Document) -> Iterator[tuple[str, str, Key]]:
    paragraph = table = 0
    for block in document.blocks:
        if isinstance(block, Paragraph):
            paragraph += 1
            yield from ((f"P{paragraph}", s.text, s.key) for s in block.line if s.key)
        elif isinstance(block, Captioned) and isinstance(block.shown, Table):
            table += 1
            cells = block.shown.texts.to_numpy()
            for row, keys in enumerate(cell_keys(block.shown)):
                for column, key in enumerate(keys):
                    if key:
                        place = f"T{table} R{row + 1} C{column + 1}"
                        yield place, str(cells[row, column]), key


def _of_workbook(document: Document) -> Iterator[tuple[str, str, Key]]:
    from openpyxl.utils import get_column_letter

    for number, block in enumerate(sheets_of(document) if document.cover else (), 1):
        for (row, column), key in sheet_keys(block.shown).items():
            shown = f"{block.shown.frame.iat[row, column]:.15g}"
            yield f"S{number} {get_column_letter(column + 1)}{row + FIRST_ROW}", shown, key

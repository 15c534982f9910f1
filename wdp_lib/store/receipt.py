"""The receipt of a submission: what became of each row, where it stands, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wdp_lib.core.errors import Text, user_language
from wdp_lib.core.files import harmless, write_atomic, write_table
from wdp_lib.core.office import put, saved
from wdp_lib.core.words import code_name
from wdp_lib.data.read.stored import COUNTS, REMARK, SAID, STATES, reading, schema

LISTED = 20_000  # rows of a submission of which also the plainly accepted ones are listed
_PLACE = ("sheet", "cell", "indicator", "area", "year", "value")
_SHOWN = (*_PLACE, "state", "found", "expected", "advice")
_ORDER = {state: place for place, state in enumerate(reversed(STATES))}


@dataclass(frozen=True)
class Receipt:
    """What became of a submission."""

    number: int  # of the submission in its store
    file: str
    unit: str
    received: str
    document: str
    sha256: str
    head: str
    # ``submitted`` is the sum of ``accepted, corrected, questioned, refused``
    counts: dict[str, int]
    # ``sheet, cell, indicator, area, year, value`` as written, ``state, rule`` and, in both
    # languages, ``found, expected, advice``: a line for each thing found in a row, and for each row
    # in which nothing was found (not of submissions above 20,000 rows); refused ones first
    rows: pd.DataFrame
    again: bool = False  # whether the document had been kept before

    @classmethod
    def of(cls, address: str, number: int, *, again: bool = False) -> Receipt:
        """Return the receipt of a submission that a store holds."""
        from sqlalchemy import select

        t = schema()
        with reading(address) as connection:
            one = connection.execute(select(t.submission).where(t.submission.c.number == number))
            sent = dict(one.mappings().one())
            told = select(t.remark.c["row", *REMARK]).where(t.remark.c.submission == number)
            remarks = connection.execute(told.order_by(t.remark.c.number)).all()
            rows = t.observation.c["row", "state", *_PLACE]
            kept = select(rows).where(t.observation.c.submission == number)
            if sent["submitted"] > LISTED:
                kept = kept.where(t.observation.c.row.in_([r.row for r in remarks if r.row]))
            found = connection.execute(kept.order_by(t.observation.c.row)).all()
        lines = _lines(
            pd.DataFrame(found, columns=["row", "state", *_PLACE], dtype=object),
            pd.DataFrame(remarks, columns=["row", *REMARK], dtype=object),
        )
        counts = {name: sent[name] for name in COUNTS}
        names = ("number", "file", "unit", "received", "document", "sha256", "head")
        return cls(**{name: sent[name] for name in names}, counts=counts, rows=lines, again=again)

    def table(self, language: str = "") -> pd.DataFrame:
        """Return the rows under headings and words of a language."""
        language = language or user_language()
        shown = self.rows.assign(
            state=_states(self.rows, language),
            **{part: self.rows[f"{part}_{language}"] for part in ("found", "expected", "advice")},
        )
        return in_words(shown[list(_SHOWN)], language)

    def summary(self) -> Text:
        """Return who sent what, and how many rows of each state."""
        zh = "，".join(f"{code_name('receipt', s).zh} {self.counts[s]}" for s in STATES)
        en = ", ".join(f"{self.counts[s]} {code_name('receipt', s).en}" for s in STATES)
        again = Text("（此前已收到，未重复入库）", " (kept before, not stored twice)")
        return Text(
            f"第 {self.number} 次报送：{self.unit}，{self.received} 收到 {self.document}"
            f"{again.zh if self.again else ''}，共 {self.counts['submitted']} 行：{zh}",
            f"submission {self.number}: {self.unit}, {self.document}, received {self.received}"
            f"{again.en if self.again else ''}: {self.counts['submitted']} rows: {en}",
        )

    def write(self, folder: Path, language: str = "") -> list[Path]:
        """Write the receipt as a workbook and as CSV; what is there already is left as it is.

        Nothing in them is a formula.
        """
        language = language or user_language()
        stem = Path(self.file).stem + ".receipt"
        table = self.table(language)
        paths = [_free(folder / f"{stem}.csv"), _free(folder / f"{stem}.xlsx")]
        write_table(table, paths[0])
        write_atomic(paths[1], _workbook(self.summary().in_language(language), table))
        return paths


def in_words(table: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return a table of submissions under the headings of a language."""
    return table.rename(columns=lambda name: code_name("submission", name).in_language(language))


def _lines(rows: pd.DataFrame, remarks: pd.DataFrame) -> pd.DataFrame:
    """Rows beside what was found in them; what stands in no row after its own place."""
    told = remarks.rename(columns={"state": "of_remark", "sheet": "at_sheet", "cell": "at_cell"})
    of_rows = rows.merge(told[told["row"].notna()], on="row", how="left")
    beside = of_rows["at_cell"].notna()
    of_rows["sheet"] = of_rows["sheet"].mask(beside, of_rows["at_sheet"])
    of_rows["cell"] = of_rows["cell"].mask(beside, of_rows["at_cell"])
    of_rows["value"] = of_rows["value"].mask(beside, of_rows["written"])
    others = remarks[remarks["row"].isna()].rename(columns={"written": "value"})
    lines = pd.concat([of_rows, others], ignore_index=True)
    columns = [*_PLACE, "state", "rule", *SAID]
    lines = lines.reindex(columns=columns).fillna("").astype(str)
    return lines.sort_values("state", key=lambda s: s.map(_ORDER), kind="stable", ignore_index=True)


def _states(table: pd.DataFrame, language: str) -> list[str]:
    return [code_name("submission", state).in_language(language) for state in table["state"]]


def _free(path: Path) -> Path:
    number, place = 1, path
    while place.exists():
        number += 1
        place = path.with_name(f"{path.stem}.{number}{path.suffix}")
    return place


def _workbook(summary: str, table: pd.DataFrame) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    lines = [[summary], [], list(table.columns), *table.itertuples(index=False, name=None)]
    for number, line in enumerate(lines, 1):
        for place, text in enumerate(line, 1):
            cell = put(sheet, number, place, harmless(text))
            cell.alignment = Alignment(wrap_text=number > 3, vertical="top")
            cell.font = Font(bold=number == 3)
    for place in range(1, len(table.columns) + 1):
        letter = sheet.cell(3, place).column_letter
        sheet.column_dimensions[letter].width = 36 if place > 7 else 14
    sheet.freeze_panes = "A4"
    return saved(book, "wdp", summary)

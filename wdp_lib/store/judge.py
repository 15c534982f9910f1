"""What becomes of each row of a submission: accepted, corrected, questioned or refused.

By the rules that read a data set, beside what the store already holds of the same cells.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wdp_lib.core.dates import END_OF_TIME
from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.names import fold
from wdp_lib.data.dataset import Tables, assemble
from wdp_lib.data.read.cells import read_date, year_reader
from wdp_lib.data.read.columns import read_words
from wdp_lib.data.read.keys import complete_strata, name_indicators, read_keys
from wdp_lib.data.read.metadata import Metadata
from wdp_lib.data.read.pipeline import UNKNOWN_DAY
from wdp_lib.data.read.returns import RETURN, Return
from wdp_lib.data.read.stored import CELL_KEYS, REMARK, as_returns, as_table
from wdp_lib.data.read.table import Table
from wdp_lib.plan.model import Plan
from wdp_lib.store.understand import Entry, clean

# a row is read, but not as it is written
_READ_AS = frozenset(
    ("full_width", "thousands_separator", "footnote_mark", "status_in_number", "read_as")
    + ("unit_converted", "date_not_iso", "encoding")
)
_KEPT_OUT = frozenset({"unit_slip"})  # told as a warning, and not used until somebody answers
_NOT_OF_ROWS = frozenset({"missing_year", "missing_latest"})  # of what is not there
_SAYS = ("value", "numerator", "denominator", "status")


@dataclass(frozen=True)
class Rules:
    """A data set's description, tables and plan: all that is needed to judge a row."""

    metadata: Metadata
    tables: Tables
    plan: Plan


def key_columns(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return what each row speaks of, ``of_indicator`` and so on, ``""`` where it cannot be read.

    ``of_day`` is the day from which it was known.
    """
    tables, plan = rules.tables, rules.plan
    read_year = year_reader(rules.metadata.school_year)
    table = Table.of(rows.assign(file="", line=range(len(rows))))
    written, said = table.words("as_of"), table.words("said")
    day, _ = read_words(table, "as_of", read_date)
    meant = said.map(lambda text: read_date(text).value)  # most say nothing, which is no fault
    table, _ = read_keys(table, plan, tables.areas, read_year)
    if tables.mapping is None:
        table, _ = name_indicators(table, plan)
        table = complete_strata(table, plan)
    else:
        table = table.with_(indicator=table.words("indicator").map(fold))
    known = ~written.test(lambda text: fold(text) in UNKNOWN_DAY)
    ends = table.words("year").map(lambda year: f"{year}-12-31" if year else "")
    day = day.where(known, ends)
    table = table.with_(said=meant.where(~said.isin(""), day), day=day)
    columns = {
        name: table.words(name).map(lambda word: "" if word is None else str(word)).texts()
        for name in CELL_KEYS
    }
    found = pd.DataFrame(columns, rows.index, dtype=object)
    return found.rename(columns=lambda name: f"of_{name}")


def identify(keys: pd.DataFrame, day: str) -> pd.Series:
    """Return one text for the cell and day of each row; ``""`` where something is not known.

    ``day`` is ``said``, the day as written, or ``day``, the one from which the row holds.
    """
    texts = keys["of_indicator"].astype(object)
    for name in (*CELL_KEYS[1:-2], day):
        texts = texts + "\x1f" + keys[f"of_{name}"].astype(object)
    whole = (keys[["of_indicator", "of_area", "of_year", "of_day"]] != "").all(axis=1)
    return texts.where(whole, "")


def supersede(
    rows: pd.DataFrame, earlier: pd.DataFrame, received: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows with the day from which each holds, and the earlier rows they replace.

    A row holds from the day it says. Where the same unit has said something else of the same cell
    and day before, the new figure was known only when it was received, if that was later; if it was
    not, or says the same again, the new row replaces the earlier one. ``rows, earlier``: rows with
    the columns of `key_columns`; ``earlier`` of the same unit, in order.
    """
    if earlier.empty:
        return rows, earlier
    said = identify(rows, "said")
    last = earlier.assign(said=identify(earlier, "said")).drop_duplicates("said", keep="last")
    last = last.set_index("said")
    taken = (said != "") & said.isin(last.index)
    if not taken.any():
        return rows, earlier.iloc[:0]
    before = last.loc[said[taken]]
    differs = _content(rows[taken]).array != _content(before).array
    since = before["of_day"].to_numpy(object)
    day = np.where(differs & (since < received), received, since)
    moved = day != rows.loc[taken, "of_said"].to_numpy(object)
    if moved.any():
        rows, index, day = rows.copy(), rows.index[taken][moved], day[moved]
        rows.loc[index, "said"] = rows.loc[index, "as_of"]
        rows.loc[index, "as_of"] = rows.loc[index, "of_day"] = day
    gone = identify(earlier, "day").isin(set(identify(rows, "day")) - {""})
    return rows, earlier[gone]


def _content(rows: pd.DataFrame) -> pd.Series:
    return rows[list(_SAYS)].agg("\x1f".join, axis=1)


def judge(
    rows: pd.DataFrame,
    context: pd.DataFrame,
    rules: Rules,
    file: str,
    letters: dict[str, str],
) -> tuple[pd.Series, list[dict[str, Any]]]:
    """Return the state of each row, and a remark for each thing found in it.

    ``context``: rows of the store (`stored_rows`) that the rules compare the new ones with.
    ``letters``: column of the sheet by column of the return.
    """
    new = Return(file, as_table(rows.assign(file=file)))
    returns = [*as_returns(context, {}), new]
    data = assemble(rules.metadata, returns, rules.tables, rules.plan, END_OF_TIME, None)
    found = [
        p
        for p in data.problems
        if p.file == file and p.row is not None and p.rule not in _NOT_OF_ROWS
    ]
    states = pd.Series("accepted", rows["row"].to_numpy(), dtype=object)
    for state in ("corrected", "questioned", "refused"):
        states[sorted({p.row for p in found if _state(p) == state})] = state
    told = rows[rows["row"].isin({p.row for p in found})]
    places = told.set_index("row")[["sheet", "cell", *RETURN.columns]].to_dict("index")
    remarks = [_remark(p, p.row, **_place(p, places[p.row], letters)) for p in found]
    return pd.Series(states.array, rows.index), remarks


def entry_remarks(entries: Iterable[Entry], state: str = "") -> list[dict[str, Any]]:
    """Return a remark for each thing in a document that is no row."""
    return [
        _remark(one.problem, None, one.sheet, one.cell, one.written)
        | {"state": state or "accepted"}
        for one in entries
    ]


def _state(problem: Problem) -> str:
    if problem.severity == "ask" or problem.rule in _KEPT_OUT:
        return "questioned"
    if problem.keeps_out:
        return "refused"
    return "corrected" if problem.rule in _READ_AS else "accepted"


def _place(problem: Problem, place: dict, letters: dict[str, str]) -> dict[str, str]:
    """Where the fault stands: in its own column where the sheet has one, else at the figure."""
    cell, written = place["cell"], place["value"]
    if letter := letters.get(problem.column or ""):
        written = place[problem.column]
        cell = letter + cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return {"sheet": place["sheet"], "cell": cell, "written": written}


def _remark(
    problem: Problem, row: int | None, sheet: str, cell: str, written: str
) -> dict[str, Any]:
    texts = {}
    for part in ("found", "expected", "advice"):
        said = getattr(problem, part)
        said = said if isinstance(said, Text) else Text(str(said), str(said))
        texts |= {f"{part}_zh": said.zh, f"{part}_en": said.en}
    told = {"state": _state(problem), "sheet": sheet, "cell": cell, "rule": problem.rule}
    told |= {"written": written[:1000], **texts}
    return {"row": row} | {name: clean(told[name]) for name in REMARK}

"""The store of a data set: every submission is kept, nothing is overwritten."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, repeat
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wdp_lib.core.dates import cut_off
from wdp_lib.core.errors import DataError, ParameterError, Text
from wdp_lib.data.dataset import Tables
from wdp_lib.data.read.metadata import find_dataset, read_metadata
from wdp_lib.data.read.stored import (
    CELL_KEYS,
    COLUMNS,
    COUNTS,
    REMARK,
    STATES,
    is_there,
    last_submission,
    reading,
    schema,
    stored_rows,
    writing,
)
from wdp_lib.data.tables import Meanings
from wdp_lib.plan.model import Plan
from wdp_lib.store.judge import Rules, entry_remarks, judge, key_columns, supersede
from wdp_lib.store.receipt import Receipt
from wdp_lib.store.understand import Understood, blocks, clean, understand

KEYS = tuple(f"of_{name}" for name in CELL_KEYS)
_BLOCK, _AT_A_TIME, _TRIES = 60_000, 10_000, 24
_NO_NAME = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')  # not in the name of a file
Say = Callable[[Text], None]


@dataclass(frozen=True)
class Store:
    """The store of a data set, beside the plan whose indicators it holds."""

    address: str  # where the database is
    folder: Path  # folder of the data set
    rules: Rules

    @cached_property
    def meanings(self) -> Meanings:
        """What labels of a table may mean."""
        return self.meanings_with(None)

    def meanings_with(self, names: dict[str, str] | None) -> Meanings:
        """Return what labels mean, with further names that the user gave."""
        return Meanings(self.rules.plan, self.rules.tables.areas, names)


def open_store(dataset: str | Path, plan: Plan, *, home: Path | str | None = None) -> Store:
    """Open the store that `dataset.yaml` of a data set names.

    Raises `DataError` when there is no such data set, or it names no store.
    """
    folder, _ = find_dataset(dataset, home)
    metadata = read_metadata(folder / "dataset.yaml")
    if not metadata.store:
        line = "store: store.sqlite"
        raise DataError.of(
            f"数据集 {metadata.id} 没有数据库：请在 dataset.yaml 中加一行 {line}",
            f"The data set {metadata.id} has no store: add a line '{line}' to dataset.yaml.",
        )
    rules = Rules(metadata, Tables.read(folder, plan), plan)
    return Store(metadata.address(folder), folder, rules)


def ingest(
    store: Store,
    path: Path | str,
    *,
    unit: str,
    received: str,
    status: str = "final",
    as_of: str = "",
    source: str = "",
    names: dict[str, str] | None = None,
    say: Say = lambda text: None,
) -> Receipt:
    """Keep a document that a unit sent: all of its rows, each judged, in one transaction.

    The same document of the same unit and day is kept once; its receipt is given again.

    ``path``: a workbook, delimited text or web table in any layout. ``unit``: who sent it:
    identifier or name of a responsible unit of the plan, or any other name. ``received``: day of
    receipt, ``YYYY-MM-DD``. ``status, as_of, source``: what the rows mean that do not say it;
    ``as_of`` is the day of receipt by default, and ``source`` the unit and the name of the
    document. ``names``: what further labels of the document mean; see
    `wdp_lib.data.tables.Meanings`. ``say``: told how far a large document is. Also for a document
    that cannot be read: it is kept, and refused. Raises `ParameterError` when there is no such
    file, or ``received`` is no date. Raises `DataError` when others are writing for longer than two
    minutes.
    """
    path, received = Path(path), cut_off(received)
    if not path.is_file():
        raise ParameterError.of(f"没有文件 {path}", f"There is no file {path}.")
    data, unit = path.read_bytes(), unit_name(unit, store.rules.plan)
    digest = hashlib.sha256(data).hexdigest()
    if (number := _kept(store, digest, unit, received)) is not None:
        return Receipt.of(store.address, number, again=True)
    said_once = store.rules.metadata.given_for("")
    given = {"status": status, "as_of": as_of or received, "source": source or unit} | said_once
    understood = understand(
        data, path.name, store.meanings_with(names), store.rules.plan.area, given
    )
    sent = {"unit": unit, "received": received, "document": clean(path.name), "sha256": digest}
    for attempt in range(_TRIES):
        head = _head(store)
        judged = _judged(store, understood, unit, received, say)
        number = _keep(store, head, data, sent, judged, last=attempt == _TRIES - 1)
        if number is not None:
            return Receipt.of(store.address, number)
    raise _busy()


def unit_name(unit: str, plan: Plan) -> str:
    """Return the Chinese name of a responsible unit of the plan, or the words given, on a line."""
    names = {u.id: u.name.zh for u in plan.units}
    return clean(names.get(unit, " ".join(unit.split())[:200]))


def _busy() -> DataError:
    zh, en = "数据库正由他人写入，请稍后再试。", "Others are writing to the store; try again later."
    return DataError.of(zh, en)


def _kept(store: Store, digest: str, unit: str, received: str) -> int | None:
    from sqlalchemy import select

    if not is_there(store.address):
        return None
    with reading(store.address) as connection:
        if not last_submission(connection)[0]:
            return None
        one = schema().submission.c
        same = (one.sha256 == digest, one.unit == unit, one.received == received)
        return connection.execute(select(one.number).where(*same)).scalar()


def _head(store: Store) -> str:
    if not is_there(store.address):
        return ""
    with reading(store.address) as connection:
        return last_submission(connection)[1]


@dataclass(frozen=True)
class _Judged:
    rows: pd.DataFrame
    remarks: list[dict[str, Any]]
    replaced: list[tuple[int, int]]


def _judged(store: Store, understood: Understood, unit: str, received: str, say: Say) -> _Judged:
    """Judge the rows some indicators at a time, beside what the store holds of them."""
    whole, remarks, replaced, count = understood.rows, [], [], 0
    # filled in block by block: a copy of a million rows would be large
    found = {name: np.full(len(whole), "", dtype=object) for name in ("state", *_HOLDS, *KEYS)}
    apart = store.rules.tables.relations.empty  # else some rules compare two indicators
    for rows in blocks(whole, _BLOCK if apart else len(whole)):
        rows = pd.concat([rows, key_columns(rows, store.rules)], axis=1)
        context = _context(store, rows)
        ours = context[context["sent_by"] == unit] if len(context) else context
        rows, gone = supersede(rows, ours, received)
        beside = context.drop(gone.index)
        states, told = judge(rows, beside, store.rules, _NEW_FILE, understood.letters)
        for name, cells in rows.assign(state=states)[list(found)].items():
            found[name][rows.index] = cells
        remarks += told
        replaced += list(gone[["submission", "row"]].itertuples(index=False, name=None))
        count += len(rows)
        if len(whole) > _BLOCK:
            told_zh, told_en = (
                f"已核对 {count} / {len(whole)} 行",
                f"{count} of {len(whole)} rows judged",
            )
            say(Text(told_zh, told_en))
    remarks += entry_remarks(understood.entries, "refused")
    remarks += entry_remarks(understood.remarks)
    rows = whole.drop(columns=list(_HOLDS))
    for name, cells in found.items():
        rows[name] = cells
    return _Judged(rows, remarks, replaced)


_HOLDS = ("as_of", "said")  # what `supersede` may change
_NEW_FILE = "\x00"  # no file of a store is called so


def _context(store: Store, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the store of the same indicators and areas, and of those they add up with.

    Areas beside and above matter where the one above has figures: else there is no sum to check,
    and a province of three thousand counties is not read for the document of one.
    """
    from sqlalchemy import select

    columns = [*COLUMNS, *KEYS]
    empty = pd.DataFrame(columns=["file", "row", *columns, "sent_by", "submission"], dtype=object)
    if not is_there(store.address):
        return empty
    t = schema()
    areas = store.rules.tables.areas
    ours = set(rows["of_area"])
    above = set(areas.loc[areas["area"].isin(ours), "parent"]) - {""}
    with reading(store.address) as connection:
        if not last_submission(connection)[0]:
            return empty
        place = t.observation.c.of_area
        has = select(place).where(place.in_(sorted(above - ours))).distinct()
        summed = ours | {area for (area,) in connection.execute(has)}
        near = summed | set(areas.loc[areas["parent"].isin(summed), "area"])
        where = []
        if store.rules.tables.relations.empty:
            named = sorted(set(rows["of_indicator"]) - {""})
            where.append(t.observation.c.of_indicator.in_(named))
        if len(near) < len(areas):
            where.append(t.observation.c.of_area.in_(sorted(near)))
        found = stored_rows(connection, *where, columns=columns)
        sent = connection.execute(select(t.submission.c["file", "unit", "number"])).all()
    units = {file: (unit, number) for file, unit, number in sent}
    return found.assign(
        sent_by=[units[file][0] for file in found["file"]],
        submission=[units[file][1] for file in found["file"]],
    )


def _keep(
    store: Store,
    head: str,
    data: bytes,
    sent: dict[str, str],
    judged: _Judged,
    *,
    last: bool,
) -> int | None:
    """Write a submission in one transaction; ``None`` when somebody else has written meanwhile."""
    from sqlalchemy.exc import OperationalError

    try:
        with writing(store.address) as connection:
            number, now = last_submission(connection)
            if now != head:
                return None
            one = sent | {"number": number + 1, "file": _file_name(number + 1, sent["document"])}
            write_submission(connection, head, one, data, judged.rows, judged.remarks)
            gone = ((int(s), int(row), number + 1) for s, row in judged.replaced)
            insert(connection, schema().replaced, ("submission", "row", "by"), gone)
            return number + 1
    except OperationalError as error:
        if "locked" not in str(error.orig):
            raise _unwritten(error) from error
        if last:
            raise _busy() from error
        time.sleep(0.1)
        return None


def _unwritten(error: Exception) -> DataError:
    told = " ".join(str(getattr(error, "orig", error)).split())
    return DataError.of(
        f"数据库未能写入（{told}），请检查磁盘空间和权限；库中原有内容不变。",
        f"The store could not be written ({told}): check disk space and rights. "
        "What it held is unchanged.",
    )


def write_submission(
    connection: Any,
    head: str,
    one: dict[str, Any],
    data: bytes,
    rows: pd.DataFrame,
    remarks: list[dict[str, Any]],
) -> str:
    """Add a submission with its document, rows and remarks; return the fingerprint that seals it.

    It covers everything before it as well: the fingerprint of the last submission is that of the
    store.
    """
    from sqlalchemy import select

    t = schema()
    counts = {state: int((rows["state"] == state).sum()) for state in STATES}
    counts["refused"] += sum(r["row"] is None and r["state"] == "refused" for r in remarks)
    one = one | counts | {"submitted": sum(counts.values())}
    one["content"] = content_of(one, rows, remarks)
    one["head"] = hashlib.sha256(f"{head}{one['content']}".encode()).hexdigest()
    known = select(t.document.c.sha256).where(t.document.c.sha256 == one["sha256"])
    if not connection.execute(known).first():
        connection.execute(t.document.insert(), {"sha256": one["sha256"], "content": data})
    connection.execute(t.submission.insert(), one)
    number, columns = one["number"], ("row", *COLUMNS, *KEYS)
    cells = zip(repeat(number), *(rows[name].tolist() for name in columns), strict=False)
    insert(connection, t.observation, ("submission", *columns), cells)
    names = ("row", *REMARK)
    said = ((number, n, *(remark[name] for name in names)) for n, remark in enumerate(remarks, 1))
    insert(connection, t.remark, ("submission", "number", *names), said)
    return one["head"]


def content_of(one: dict[str, Any], rows: pd.DataFrame, remarks: Iterable[dict[str, Any]]) -> str:
    """Return the fingerprint of what a submission says, whatever database holds it."""
    seen = hashlib.sha256()
    sent = ("number", "file", "unit", "received", "document", "sha256", *COUNTS)
    seen.update("\x1f".join(str(one[name]) for name in sent).encode())
    columns = [rows[name].tolist() for name in COLUMNS]
    for number, *cells in zip(rows["row"].tolist(), *columns, strict=True):
        seen.update(("\x1e" + "\x1f".join([str(number), *cells])).encode())
    for remark in remarks:
        seen.update(("\x1d" + "\x1f".join(str(remark[n]) for n in ("row", *REMARK))).encode())
    return seen.hexdigest()


def insert(connection: Any, table: Any, columns: Sequence[str], rows: Iterable[tuple]) -> None:
    """Add rows to a table of a store, some thousands at a time, as the driver takes them."""
    dialect = connection.dialect
    names = [dialect.identifier_preparer.quote(name) for name in columns]
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join([mark] * len(names))
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"
    rest = iter(rows)
    while part := list(islice(rest, _AT_A_TIME)):
        connection.exec_driver_sql(statement, part)


def _file_name(number: int, document: str) -> str:
    stem = _NO_NAME.sub("_", Path(document).stem)[:60].strip(" .") or "document"
    return f"{number:04d}-{stem}.csv"

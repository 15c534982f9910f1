"""A data set kept in a database: its schema, how it is opened, and its rows read as returns.

The same code serves SQLite, a file beside `dataset.yaml`, and any server that SQLAlchemy knows by
an address. Rows are only ever added: what replaces a row names it in ``replaced``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from wdp_lib.core.errors import DataError
from wdp_lib.data.read.returns import RETURN, Return
from wdp_lib.data.read.table import Table

WAIT = 5  # seconds that a writer waits for another before it says so
# beside the columns of a return: where it stood, what became of it, and the day it named where it
# holds from a later one
PLACE = ("sheet", "cell", "state", "said")
# what a row speaks of: its cell, the day it says it was known, and the day from which it holds
CELL_KEYS = ("indicator", "area", "year", "sex", "age_group", "residence", "said", "day")
COLUMNS = (*RETURN.columns, *PLACE)
_AT_A_TIME = 20_000


@cache
def schema() -> SimpleNamespace:
    """Return the tables: document, submission, observation, remark, replaced."""
    from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

    data = MetaData()

    def texts(*names: str) -> list[Column]:
        return [Column(name, Text, nullable=False, default="") for name in names]

    def key(name: str, *of: Any) -> Column:
        return Column(name, *of, primary_key=True, autoincrement=False)

    def number(name: str, **more: Any) -> Column:
        of = ForeignKey("submission.number")
        return Column(name, Integer, of, nullable=False, autoincrement=False, **more)

    tables = [
        Table("document", data, key("sha256", Text), Column("content", LargeBinary)),
        Table(
            "submission",
            data,
            key("number", Integer),
            *texts("file", "unit", "received", "document"),
            Column("sha256", Text, ForeignKey("document.sha256"), nullable=False),
            *(Column(name, Integer, nullable=False) for name in COUNTS),
            *texts("content", "head"),
        ),
        Table(
            "observation",
            data,
            number("submission", primary_key=True),
            key("row", Integer),
            *texts(*COLUMNS, *(f"of_{name}" for name in CELL_KEYS)),
            Index("by_cell", "of_area", "of_indicator", "of_year"),
        ),
        Table(
            "remark",
            data,
            number("submission", primary_key=True),
            key("number", Integer),
            Column("row", Integer),
            *texts(*REMARK),
        ),
        Table(
            "replaced",
            data,
            number("submission", primary_key=True),
            key("row", Integer),
            number("by"),
        ),
    ]
    return SimpleNamespace(data=data, **{table.name: table for table in tables})


STATES = ("accepted", "corrected", "questioned", "refused")
COUNTS = ("submitted", *STATES)
SAID = ("found_zh", "found_en", "expected_zh", "expected_en", "advice_zh", "advice_en")
REMARK = ("state", "sheet", "cell", "rule", "written", *SAID)


_DATABASE = re.compile(r"[^/\\:]+\.sqlite")
# without a password
_SERVER = re.compile(r"postgresql(\+psycopg)?://[^\s:@/]*@?(?!\S*password)[^\s@]*")
_BESIDE = re.compile(r".+\.sqlite-(wal|shm|journal)")


def is_store(named: str) -> bool:
    """Whether `dataset.yaml` may name a store so: a file beside it, or a server, no password."""
    return bool(_DATABASE.fullmatch(named) or _SERVER.fullmatch(named))


def address_of(store: str, folder: Path) -> str:
    """Return the address of a store as `dataset.yaml` names it."""
    if "://" in store:
        return store.replace("postgresql://", "postgresql+psycopg://", 1)
    return f"sqlite:///{(folder / store).resolve()}"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, of a store the fingerprint of what it holds; ``""``: none."""
    if not path.is_file():
        return ""
    if _DATABASE.fullmatch(path.name):
        return stored_head(address_of(path.name, path.parent))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lasting(files: Iterable[Path]) -> list[Path]:
    """Return the files without those that a database keeps beside itself while it is open."""
    return [path for path in files if path.is_file() and not _BESIDE.fullmatch(path.name)]


def is_there(address: str) -> bool:
    """Whether a store has been begun; a server always counts as there."""
    return not address.startswith("sqlite:") or Path(address.removeprefix("sqlite:///")).is_file()


@cache
def _engine(address: str) -> Any:
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    if not address.startswith("sqlite:"):
        return create_engine(address, poolclass=NullPool)
    engine = create_engine(address, poolclass=NullPool, connect_args={"timeout": WAIT})

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def reading(address: str) -> Iterator[Any]:
    """Open a store for reading one state of it."""
    engine = _engine(address)
    if not address.startswith("sqlite:"):
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(address: str) -> Iterator[Any]:
    """Open a store for one transaction of one writer at a time; it is made when it is not there."""
    from sqlalchemy import text

    with _engine(address).connect() as plain:
        connection = plain.execution_options(writes=True)
        with connection.begin():
            if not address.startswith("sqlite:"):  # one writer at a time there too
                connection.execute(text("SELECT pg_advisory_xact_lock(7246311)"))
            schema().data.create_all(connection)
            yield connection


def stored_head(address: str) -> str:
    """Return the fingerprint of everything that a store holds; ``""`` while it is empty."""
    if not is_there(address):
        return ""
    with reading(address) as connection:
        return last_submission(connection)[1]


def last_submission(connection: Any) -> tuple[int, str]:
    """Return number and fingerprint of the last submission; ``(0, "")`` where there is none."""
    from sqlalchemy import inspect, select

    if not inspect(connection).has_table("submission"):
        return 0, ""
    table = schema().submission
    found = select(table.c.number, table.c.head).order_by(table.c.number.desc()).limit(1)
    return tuple(connection.execute(found).first() or (0, ""))  # type: ignore[return-value]


def stored_rows(connection: Any, *where: Any, columns: Sequence[str] = COLUMNS) -> pd.DataFrame:
    """Return rows that nothing of the same day replaced: ``file, row`` and ``columns`` as text.

    ``*where``: which rows; all by default.
    """
    from sqlalchemy import select

    t = schema()
    rows, one, gone = t.observation, t.submission, t.replaced
    hidden = select(gone.c.row).where(
        gone.c.submission == rows.c.submission, gone.c.row == rows.c.row
    )
    chosen = (
        select(one.c.file, rows.c.row, *(rows.c[name] for name in columns))
        .join_from(rows, one, rows.c.submission == one.c.number)
        .where(~hidden.exists(), *where)
        .order_by(rows.c.submission, rows.c.row)
    )
    names = ["file", "row", *columns]
    parts: list[list[np.ndarray]] = [[] for _ in names]
    same: dict[str, str] = {}  # one object a word: most columns repeat a few
    found = connection.execution_options(yield_per=_AT_A_TIME).execute(chosen)
    for block in found.partitions(_AT_A_TIME):
        for place, cells in enumerate(zip(*block, strict=True)):
            if names[place] != "row":
                cells = [same.setdefault(cell, cell) for cell in cells]
            parts[place].append(np.array(cells, dtype="int64" if names[place] == "row" else object))
    cells = {
        name: np.concatenate(part) if part else np.array([], dtype=object)
        for name, part in zip(names, parts, strict=True)
    }
    return pd.DataFrame(cells, dtype=object).astype({"row": "int64"})


def stored_returns(
    address: str, given: dict[str, str], areas: Sequence[str] | None = None
) -> list[Return]:
    """Return the submissions of a store as returns, in their order; at least one, maybe empty.

    ``given``: what an empty cell of a column means. ``areas``: only rows of these areas, and those
    whose area is not known. Raises `DataError` when nothing was submitted yet.
    """
    if not holds_something(address):
        raise _nothing_yet()
    with reading(address) as connection:
        of_area = schema().observation.c.of_area
        where = [] if areas is None else [of_area.in_(["", *areas])]
        rows = stored_rows(connection, *where)
    return as_returns(rows, given) or [Return("", as_table(rows))]


def holds_something(address: str) -> bool:
    """Return whether anything was submitted to a store yet."""
    if not is_there(address):
        return False
    with reading(address) as connection:
        return last_submission(connection) != (0, "")


def _nothing_yet() -> DataError:
    en = "The store is empty: take in documents with wdp ingest."
    return DataError.of("数据库中还没有报送，请先用 wdp ingest 接收。", en)


def as_returns(rows: pd.DataFrame, given: dict[str, str]) -> list[Return]:
    """Return rows of a store (`stored_rows`) as one return a submission."""
    headings = {column: RETURN.names[column] for column in RETURN.columns}
    written = (*headings.values(), *PLACE)
    cells = list(map(list, zip(*(rows[column] for column in COLUMNS), strict=True)))
    filled = rows.assign(**{c: rows[c].mask(rows[c] == "", text) for c, text in given.items()})
    numbers, files = pd.factorize(rows["file"])
    starts = np.flatnonzero(np.diff(numbers, prepend=-1, append=len(files)))
    lines = rows["row"].tolist()
    return [
        Return(
            file,
            as_table(filled.iloc[low:high]),
            dict(zip(lines[low:high], cells[low:high], strict=True)),
            headings,
            written,
        )
        for file, low, high in zip(files, starts, starts[1:], strict=False)
    ]


def as_table(rows: pd.DataFrame) -> Table:
    """Return rows of a store as the table of a return."""
    return Table.of(rows[["file", "row", *RETURN.columns]].astype({"row": "int64"}))

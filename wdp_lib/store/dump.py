"""A store as text and back: a folder that is a data set of its own and holds the memory too."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.core.errors import DataError, ParameterError
from wdp_lib.core.files import write_atomic
from wdp_lib.data.read.metadata import SIDE_FILES
from wdp_lib.data.read.returns import RETURN
from wdp_lib.data.read.stored import (
    COLUMNS,
    COUNTS,
    PLACE,
    REMARK,
    last_submission,
    reading,
    schema,
    writing,
)
from wdp_lib.store.judge import key_columns
from wdp_lib.store.keep import Store, insert, write_submission

MEMORY = "store"  # folder of what is no return: submissions, remarks, replaced rows, documents
_SUBMISSION = ("number", "file", "unit", "received", "document", "sha256", *COUNTS)
_SENT = (*_SUBMISSION, "content", "head")
_HEADINGS = [*(RETURN.names[column] for column in RETURN.columns), *PLACE]


def export_store(store: Store, folder: Path | str) -> str:
    """Write everything that a store holds as text into a new folder; return its fingerprint.

    The folder is a data set: a CSV file a submission, with the tables beside them. A row that a
    later submission replaced is an empty line there and stands in ``store/replaced.csv``; with
    ``store/submissions.csv``, ``remarks.csv`` and ``documents`` nothing is lost. Raises
    `ParameterError` when the folder is there already.
    """
    folder = Path(folder)
    if folder.exists():
        raise ParameterError.of(
            f"{folder} 已存在，不覆盖。", f"{folder} exists and is not overwritten."
        )
    building = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        building.mkdir(parents=True)
        head = _write(store, building)
        os.replace(building, folder)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return head


def _write(store: Store, folder: Path) -> str:
    from sqlalchemy import select

    t, memory = schema(), folder / MEMORY
    with reading(store.address) as connection:
        head = last_submission(connection)[1]
        sent = []
        if head:
            sent = connection.execute(select(*_columns(t.submission, _SENT)).order_by("number"))
            sent = sent.mappings().all()
        _side_files(store, folder, [one["file"] for one in sent])
        replaced, remarks = [], []
        for one in sent:
            gone = _gone(connection, one["number"])
            lines = []
            for row, *cells in _rows(connection, one["number"]):
                if row in gone:
                    replaced.append([one["number"], row, gone[row], *cells])
                lines.append([""] * len(cells) if row in gone else cells)
            _csv(folder / one["file"], _HEADINGS, lines)
            where = t.remark.c.submission == one["number"]
            found = select(*_columns(t.remark, ("submission", "row", *REMARK))).where(where)
            remarks += connection.execute(found.order_by(t.remark.c.number)).all()
            document = select(t.document.c.content).where(t.document.c.sha256 == one["sha256"])
            content = connection.execute(document).scalar_one()
            write_atomic(memory / "documents" / one["sha256"], content)
    _csv(memory / "submissions.csv", _SENT, ([one[name] for name in _SENT] for one in sent))
    _csv(memory / "remarks.csv", ("submission", "row", *REMARK), remarks)
    _csv(memory / "replaced.csv", ("submission", "row", "by", *COLUMNS), replaced)
    return head


def _columns(table: Any, names: Iterable[str]) -> list[Any]:
    return [table.c[name] for name in names]


def _rows(connection: Any, number: int) -> Iterator[Any]:
    from sqlalchemy import select

    rows = schema().observation
    chosen = select(*_columns(rows, ("row", *COLUMNS))).where(rows.c.submission == number)
    yield from connection.execute(chosen.order_by(rows.c.row))


def _gone(connection: Any, number: int) -> dict[int, int]:
    """By row of a submission, the later submission that replaced it."""
    from sqlalchemy import select

    gone = schema().replaced.c
    found = connection.execute(select(gone.row, gone.by).where(gone.submission == number))
    return {row: by for row, by in found}


def _side_files(store: Store, folder: Path, submissions: list[str]) -> None:
    from ruamel.yaml import YAML

    metadata, yaml = store.rules.metadata, YAML()
    for name in (*SIDE_FILES, *metadata.files):
        if (store.folder / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(store.folder / name, folder / name)
    content = yaml.load((store.folder / "dataset.yaml").read_text(encoding="utf-8"))
    del content["store"]
    content["files"] = [*(content.get("files") or []), *submissions]
    content["extra_columns"] = [*metadata.extra_columns, *PLACE]
    stream = io.StringIO()
    yaml.dump(content, stream)
    write_atomic(folder / "dataset.yaml", stream.getvalue())


def _csv(path: Path, headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    # all texts of a store are safe to open in a spreadsheet: see `wdp_lib.store.understand.clean`
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    write_atomic(path, stream.getvalue().encode("utf-8-sig"))


def load_store(store: Store, folder: Path | str) -> str:
    """Fill an empty store with what `export_store` wrote, in one transaction.

    Returns the fingerprint, the same as that of the store the folder was written from. Raises
    `DataError` when the store holds something already, or the folder is not what its fingerprints
    say.
    """
    memory = Path(folder) / MEMORY
    if not (memory / "submissions.csv").is_file():
        zh, en = f"{folder} 不是导出的数据库", f"{folder} is no exported store"
        raise DataError.of(zh, en)
    remarks, replaced = (
        _by_submission(memory / "remarks.csv"),
        _by_submission(memory / "replaced.csv"),
    )
    head = ""
    with writing(store.address) as connection:
        if last_submission(connection)[0]:
            zh, en = (
                "数据库不是空的，只能载入空库。",
                "The store is not empty; load into an empty one.",
            )
            raise DataError.of(zh, en)
        for sent in _read(memory / "submissions.csv"):
            number = sent["number"]
            rows = _loaded(Path(folder) / sent["file"], replaced.get(number, []))
            rows = pd.concat([rows, key_columns(rows, store.rules)], axis=1)
            told = [
                {name: one[name] for name in REMARK}
                | {"row": int(one["row"]) if one["row"] else None}
                for one in remarks.get(number, [])
            ]
            data = (memory / "documents" / sent["sha256"]).read_bytes()
            one = {name: sent[name] for name in _SUBMISSION} | {"number": int(number)}
            made = write_submission(connection, head, one, data, rows, told)
            if made != sent["head"] or hashlib.sha256(data).hexdigest() != sent["sha256"]:
                raise DataError.of(
                    f"第 {number} 次报送（{sent['file']}）的内容与其指纹不符",
                    f"Submission {number} ({sent['file']}) is not what its fingerprint says.",
                )
            head = made
        names = ("submission", "row", "by")
        gone = (tuple(int(one[n]) for n in names) for ones in replaced.values() for one in ones)
        insert(connection, schema().replaced, names, gone)
    return head


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def _by_submission(path: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for one in _read(path):
        found.setdefault(one["submission"], []).append(one)
    return found


def _loaded(path: Path, replaced: list[dict[str, str]]) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.reader(stream))[1:]
    cells = {row: line for row, line in enumerate(lines, 2) if any(line)}
    cells |= {int(one["row"]): [one[name] for name in COLUMNS] for one in replaced}
    rows = [[row, *cells[row]] for row in sorted(cells)]
    return pd.DataFrame(rows, columns=["row", *COLUMNS], dtype=object).astype({"row": "int64"})

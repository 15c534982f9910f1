"""Records that people keep beside the observations: faults are named, rows only added."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from wdp_lib.core.errors import DataError, Problem, Text, suggestion
from wdp_lib.core.files import table_text, write_atomic
from wdp_lib.core.home import find_home
from wdp_lib.data.read.cells import (
    Reader,
    Reading,
    read_area,
    read_date,
    read_name,
    read_plain_number,
    read_word,
    read_year,
)
from wdp_lib.data.read.columns import read_column
from wdp_lib.data.read.metadata import AREAS, bilingual, metadata_problems, read_head, read_table
from wdp_lib.data.read.returns import Return, parse_return
from wdp_lib.data.record_contracts import KINDS, RecordColumn, RecordContract
from wdp_lib.data.tell import problem
from wdp_lib.plan.model import Plan

HEAD = "records.yaml"
_NOUNS = {
    "domain": Text("领域", "a domain"),
    "goal": Text("目标", "a goal"),
    "indicator": Text("指标", "an indicator"),
    "measure": Text("策略措施", "a measure"),
    "project": Text("重点工程", "a project"),
    "commitment": Text("工程承诺", "a commitment"),
    "unit": Text("责任单位", "a responsible unit"),
}


@dataclass(frozen=True)
class Records:
    """What was read of one file of records."""

    # the good rows in the order of the file: the columns of the contract, then ``file`` and ``row``
    # (line in the file, header = 1)
    frame: pd.DataFrame
    problems: tuple[Problem, ...]  # everything that is wrong, by row
    mark: Text = Text("", "")  # words to print on everything made from it; empty for real records
    title: Text = Text("", "")
    kind: str = ""  # ``simulated``, ``real``, or ``""`` where no file says so

    @property
    def simulated(self) -> bool:
        """Whether the records are simulated."""
        return self.kind == "simulated"


def read_records(
    dataset: str | Path,
    contract: RecordContract,
    plan: Plan | None = None,
    home: Path | str | None = None,
) -> Records:
    """Read one file of the records of a data set; never raises for what a row holds.

    Parameters
    ----------
    dataset : str or Path
        Name of a folder in `data/records`, or any folder that holds `records.yaml`.
    plan : Plan, optional
        The plan whose goals, indicators, units ... the rows name, by identifier or Chinese or
        English name; without it they are taken as they stand.

    Returns
    -------
    Records
        The good rows; an absent file is an empty table without problems.

    Raises
    ------
    DataError
        When there is no such data set, or `records.yaml` is wrong.
    """
    folder = records_folder(dataset, home)
    head, problems = _head(folder, contract)
    path = folder / contract.file
    if not path.is_file():
        return Records(_empty(contract), (), **head)
    areas = read_table(_areas_file(folder), AREAS, ("area", "name_zh"))
    frame, found = _understood(
        parse_return(path.read_bytes(), contract.file, (), contract.form), contract, plan, areas
    )
    return Records(frame, (*problems, *found), **head)


def records_folder(dataset: str | Path, home: Path | str | None = None) -> Path:
    """Return the folder of the records of a data set; it need not exist yet.

    Raises `DataError` when there are neither records nor observations of that name.
    """
    if (Path(dataset) / HEAD).is_file():
        return Path(dataset)
    data = (Path(home) if home else find_home()) / "data"
    folder = data / "records" / str(dataset)
    if not folder.is_dir() and not (data / "observations" / str(dataset)).is_dir():
        known = sorted(
            {
                p.name
                for part in ("records", "observations")
                for p in (data / part).glob("*")
                if p.is_dir()
            }
        )
        advice = suggestion(str(dataset), known)
        raise DataError.of(
            f"没有数据集“{dataset}”。{advice.zh}", f"No data set '{dataset}'. {advice.en}"
        )
    return folder


def _areas_file(folder: Path) -> Path:
    return folder.resolve().parents[1] / "observations" / folder.resolve().name / "areas.csv"


def _head(folder: Path, contract: RecordContract) -> tuple[dict, list[Problem]]:
    if not (folder / HEAD).is_file():
        if not (folder / contract.file).is_file():
            return {}, []
        return {}, [problem("missing_file", HEAD)]
    content = read_head(folder / HEAD)
    problems = metadata_problems(content, HEAD, ("title",))
    if problems:
        raise DataError.of(
            "记录说明不完整", "The description of the records is incomplete", problems
        )
    return {name: bilingual(content.get(name)) for name in ("title", "mark")} | {
        "kind": content["kind"]
    }, []


def _empty(contract: RecordContract) -> pd.DataFrame:
    return _typed(
        pd.DataFrame(columns=[*contract.form.columns, "file", "row"], dtype=object), contract
    )


def _understood(
    read: Return, contract: RecordContract, plan: Plan | None, areas: pd.DataFrame
) -> tuple[pd.DataFrame, list[Problem]]:
    table, values = read.rows, read.rows.copy()
    problems = [p for p in read.problems if p.rule != "no_rows"]  # nothing need have been recorded
    for column in contract.columns:
        values[column.name], found = read_column(table, column.name, _reader(column, plan, areas))
        heading = read.headings.get(column.name, column.name)
        problems += [replace(p, column=heading) for p in found]
    problems += _repeated(values, contract, {p.row for p in problems if p.keeps_out})
    refused = {p.row for p in problems if p.keeps_out and p.row is not None}
    good = values[~values["row"].isin(refused)]
    return _typed(good, contract), sorted(problems, key=lambda p: p.row or 0)


def _typed(values: pd.DataFrame, contract: RecordContract) -> pd.DataFrame:
    result = pd.DataFrame(index=range(len(values)))
    for column in contract.columns:
        cells = values[column.name].reset_index(drop=True)
        if column.kind in KINDS:
            result[column.name] = pd.to_numeric(cells).astype(
                "Int64" if column.kind == "year" else "float64"
            )
        else:
            result[column.name] = cells.where(cells.notna(), "").astype("str")
    result["file"] = contract.file
    result["row"] = values["row"].to_numpy(dtype="int64")
    return result


def _repeated(
    values: pd.DataFrame, contract: RecordContract, refused: set[int | None]
) -> list[Problem]:
    if not contract.key:
        return []
    rows = values[~values["row"].isin(refused)]
    again = rows[rows.duplicated(list(contract.key))]
    names = "、".join(contract.form.names[name] for name in contract.key)
    return [
        problem(
            "duplicate.records",
            contract.file,
            row.row,
            found=", ".join(str(getattr(row, name)) for name in contract.key),
            names=names,
            columns=", ".join(contract.key),
        )
        for row in again.itertuples()
    ]


def _reader(column: RecordColumn, plan: Plan | None, areas: pd.DataFrame) -> Reader:
    one = _reader_of_kind(column, plan, areas)

    def read(text: str) -> Reading:
        if not text:
            return Reading(None, "missing_entry" if column.required else "")
        if not column.many:
            return one(text)
        parts = filter(None, map(str.strip, re.split("[;；、]", text)))
        readings = [one(part) for part in parts]
        wrong = next((reading for reading in readings if reading.code), None)
        return wrong or Reading(";".join(str(reading.value) for reading in readings))

    return read


def _reader_of_kind(column: RecordColumn, plan: Plan | None, areas: pd.DataFrame) -> Reader:
    if column.kind == "word":
        return read_word(column.topic, None, "unknown_word")
    if column.kind == "area":
        return read_area(areas)
    if column.kind in _NOUNS:
        noun = _NOUNS[column.kind]
        expected = Text(f"规划中的{noun.zh}", f"{noun.en} of the plan")
        return (
            Reading if plan is None else read_name(_named(plan, column.kind), column.kind, expected)
        )
    readers = {"year": read_year, "date": read_date, "number": read_plain_number, "text": Reading}
    return readers[column.kind]


def _named(plan: Plan, kind: str) -> Iterator[tuple[str, ...]]:
    for entry in getattr(plan, f"{kind}s"):
        text = getattr(entry, "name", None) or getattr(entry, "title", None)
        yield (entry.id, *((text.zh, text.en) if text else ()))


def append_records(
    dataset: str | Path,
    contract: RecordContract,
    rows: pd.DataFrame,
    plan: Plan | None = None,
    home: Path | str | None = None,
) -> Path:
    """Add rows at the end of a file of records; what stands in it stays, byte for byte.

    Parameters
    ----------
    rows : pandas.DataFrame
        New rows; columns of the contract that it lacks stay empty, further ones are left out.

    Returns
    -------
    Path
        The file. Without rows nothing is written.

    Raises
    ------
    DataError
        With every problem of the new rows, or when the file has to be put right first: it is not
        UTF-8, cannot be read, or lacks a column that the new rows fill. Nothing is written then.
    """
    folder = records_folder(dataset, home)
    path = folder / contract.file
    before = path.read_bytes() if path.is_file() else b""
    if rows.empty:
        return path
    content = _extended(before, rows.reindex(columns=list(contract.form.columns)), contract)
    areas = read_table(_areas_file(folder), AREAS, ("area", "name_zh"))
    old, new = (parse_return(data, contract.file, (), contract.form) for data in (before, content))
    standing = set(old.cells)
    _, problems = _understood(new, contract, plan, areas)
    faults = [p for p in problems if p.keeps_out and p.row not in standing]
    if faults:
        raise DataError.of(
            f"不能写入 {contract.file}", f"{contract.file} cannot be added to", faults
        )
    write_atomic(path, content)
    return path


def _extended(before: bytes, rows: pd.DataFrame, contract: RecordContract) -> bytes:
    if not before:
        return table_text(rows).encode("utf-8-sig")
    old = parse_return(before, contract.file, (), contract.form)
    faults = [
        p
        for p in old.problems
        if p.rule in ("encoding", "delimiter") or (p.severity == "reject" and p.row is None)
    ]
    lacking = [
        c
        for c in rows
        if c not in old.headings and rows[c].notna().any() and (rows[c].astype(str) != "").any()
    ]
    faults += [problem("missing_column.records", contract.file, None, column) for column in lacking]
    if faults:
        raise DataError.of(f"请先改正 {contract.file}", f"Put {contract.file} right first", faults)
    column_of = {heading: column for column, heading in old.headings.items()}
    placed = [
        rows[column_of[heading]] if heading in column_of else pd.Series("", rows.index)
        for heading in old.written
    ]
    text = table_text(pd.concat(placed, axis=1, keys=range(len(placed))), header=False)
    return before + (b"" if before.endswith(b"\n") else b"\n") + text.encode("utf-8")

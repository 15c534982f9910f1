"""How a finished report gets into the archive."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pandas as pd

from wdp_lib.assessment import load_scheme
from wdp_lib.core.errors import DataError, Problem, Text
from wdp_lib.core.home import find_home
from wdp_lib.data.read.metadata import find_dataset, read_metadata
from wdp_lib.evaluation.archive.store import (
    PARAMETERS,
    TABLES,
    ArchivedRound,
    own_series,
    typed,
    write_round,
)
from wdp_lib.evaluation.rounds.rounds import freeze
from wdp_lib.plan import load_plan

RUN_RECORD = "run.json"
SCHEME = "data/schemes/default.yaml"
_PLAIN_NAME = re.compile(r"\w+([.-]\w+)*")  # leads out of no folder


def archive_report(report: Path | str, home: Path | str | None = None) -> Path:
    """Put the round of a finished report into the archive.

    Parameters
    ----------
    report : path
        Folder of the report, with ``run.json`` and the tables forecasts, risks and verdicts.

    Returns
    -------
    Path
        The round's folder in ``data/archive``.

    Raises
    ------
    DataError
        When the report is incomplete or failed, its record names a run, plan or data set that could
        lead out of its folder, the scheme was changed since, or another round of that name is
        archived.
    """
    home, report = Path(home or find_home()), Path(report)
    record = _record(report)
    problems = _faults(report, record, home)
    if problems:
        raise DataError(
            Text(f"报告 {report.name} 不能归档", f"The report {report.name} cannot be archived"),
            problems,
        )
    parameters = {name: record["parameters"].get(name) for name in PARAMETERS}
    plan = load_plan(parameters["plan"], home)
    tables = {name: _table(report, name) for name in TABLES}
    tables["forecasts"] = own_series(tables["forecasts"], plan)
    metadata = read_metadata(find_dataset(parameters["dataset"], home)[0] / "dataset.yaml")
    scheme = freeze(load_scheme(home=home), plan, parameters)
    # the rest of the record (notebooks, library) shapes no figure of the archive
    round_ = ArchivedRound(
        record["run"],
        parameters,
        scheme.record,
        **tables,
        inputs={name: mark for name, mark in record["inputs"].items() if name.startswith("data/")},
        mark=metadata.mark,
    )
    return write_round(round_, home)


def _record(report: Path) -> dict:
    path = report / RUN_RECORD
    if not path.is_file():
        raise DataError(
            Text(
                f"{report.name} 中没有 {RUN_RECORD}，不是已完成的报告。请先运行 wdp run。",
                f"{report.name} has no {RUN_RECORD}: no finished report. Run it first (wdp run).",
            )
        )
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        parameters = record["parameters"]
        names = (record["run"], parameters["plan"], parameters["dataset"])
        sound = all(isinstance(name, str) and _PLAIN_NAME.fullmatch(name) for name in names)
        sound &= all(isinstance(record[part], dict) for part in ("tables", "inputs"))
        sound &= "state" in record
    except (ValueError, RecursionError, KeyError, TypeError):
        sound = False
    if not sound:
        raise DataError(
            Text(
                f"{report.name} 的记录 {RUN_RECORD} 有误，未作任何改动。",
                f"The record {RUN_RECORD} of {report.name} is wrong; nothing was done.",
            )
        )
    return record


def _faults(report: Path, record: dict, home: Path) -> list[Problem]:
    again = Text("请重新运行后再归档。", "Run it again, then archive it.")
    faults = []
    if record["state"] != "done":
        found = Text("运行失败", "a failed run")
        expected = Text("运行成功的报告", "a run that succeeded")
        faults.append(Problem("archive", RUN_RECORD, None, "state", found, expected, again))
    expected = Text("运行写出的表", "the table of the run")
    for file in (f"tables/{name}.csv" for name in TABLES):
        there = (report / file).is_file()
        if there and _digest(report / file) == record["tables"].get(file):
            continue
        other = Text("与运行结果不同", "not what the run wrote")
        found = other if there else Text("没有此表", "no such table")
        faults.append(Problem("archive", file, None, None, found, expected, again))
    if record["inputs"].get(SCHEME) != _digest(home / SCHEME):
        found = Text("运行后已改动", "changed since the run")
        expected = Text("运行时的方案", "the scheme of the run")
        advice = Text("请用现行方案重新运行。", "Run again with the present scheme.")
        faults.append(Problem("archive", SCHEME, None, None, found, expected, advice))
    return faults


def _table(report: Path, name: str) -> pd.DataFrame:
    text = pd.read_csv(
        report / "tables" / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig"
    )
    return typed(text, TABLES[name])


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

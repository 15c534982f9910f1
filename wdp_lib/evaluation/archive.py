"""The archive of rounds: written once, never changed, read back as it was written."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.assessment import load_scheme
from wdp_lib.core.columns import FORECASTS, RISKS, VERDICTS, Contract, conform
from wdp_lib.core.errors import DataError, Problem, Text, suggestion
from wdp_lib.core.files import runs_as_formula, table_text
from wdp_lib.core.home import find_home
from wdp_lib.core.problems import templates
from wdp_lib.data.coverage import own_rows
from wdp_lib.data.read.metadata import find_dataset, read_metadata
from wdp_lib.data.read.stored import digest
from wdp_lib.evaluation.rounds import freeze
from wdp_lib.plan import Plan, load_plan

HISTORY = Contract(
    "verdict_history",
    """
    indicator round stage as_of state state_reason risk p_meet last_year last_value simulated
    """,
)
RECORD, RUN_RECORD = "round.json", "run.json"
SCHEME = "data/schemes/default.yaml"
TABLES = {"forecasts": FORECASTS, "risks": RISKS, "verdicts": VERDICTS}
PARAMETERS = ("plan", "dataset", "stage", "as_of", "through", "seed")
_PLAIN_NAME = re.compile(r"\w+([.-]\w+)*")  # leads out of no folder
_problem = templates(__file__)


@dataclass(frozen=True)
class ArchivedRound:
    """What one round said."""

    id: str
    parameters: Mapping[str, Any]  # ``plan, dataset, stage, as_of, through, seed``
    # thresholds and rules, with their fingerprint (`wdp_lib.evaluation.rounds.FrozenScheme`)
    scheme: Mapping[str, Any]
    # forecasts, risks, verdicts: tables under the contracts ``FORECASTS`` (the series of the
    # targets alone), ``RISKS``, ``VERDICTS``
    forecasts: pd.DataFrame
    risks: pd.DataFrame
    verdicts: pd.DataFrame
    # fingerprint of each file the round was made from; may be empty
    inputs: Mapping[str, str] = field(default_factory=dict)
    mark: Text = Text("", "")  # words printed on everything made from it; empty for real data

    @property
    def stage(self) -> str:
        """The stage of the round: annual, midterm, final, hindcast."""
        return self.parameters["stage"]

    @property
    def as_of(self) -> str:
        """Cut-off date, ``YYYY-MM-DD``."""
        return self.parameters["as_of"]


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
    record = _run_record(report)
    title = Text(f"报告 {report.name} 不能归档", f"The report {report.name} cannot be archived")
    _raise(title, _faults(report, record, home))
    parameters = {name: record["parameters"].get(name) for name in PARAMETERS}
    plan = load_plan(parameters["plan"], home)
    tables = {name: _read_table(report / "tables" / f"{name}.csv", TABLES[name]) for name in TABLES}
    tables["forecasts"] = own_rows(tables["forecasts"], plan)
    metadata = read_metadata(find_dataset(parameters["dataset"], home)[0] / "dataset.yaml")
    scheme = freeze(load_scheme(home=home), plan, parameters)
    # the rest of the record (notebooks, library) shapes no figure of the archive
    inputs = {name: mark for name, mark in record["inputs"].items() if name.startswith("data/")}
    round_ = ArchivedRound(
        record["run"], parameters, scheme.record, **tables, inputs=inputs, mark=metadata.mark
    )
    return write_round(round_, home)


def write_round(archived: ArchivedRound, home: Path | str | None = None) -> Path:
    """Write a round to ``data/archive/<round>/``, as a whole, once.

    Its folder. Writing the same round again changes nothing. Raises `DataError` when a round of
    that name with other content is in the archive, or a parameter is missing.
    """
    lacking = [name for name in PARAMETERS if archived.parameters.get(name) in (None, "")]
    unstated = [_problem("missing_parameter", RECORD, None, name) for name in lacking]
    _raise(Text("该轮次不能归档", "The round cannot be archived"), unstated)
    folder, files = _archive_folder(home) / archived.id, _content(archived)
    if folder.is_dir():
        other = [
            _problem("archive.other", f"{folder.name}/{name}")
            for name, data in files.items()
            if not (folder / name).is_file() or (folder / name).read_bytes() != data
        ]
        title = Text(f"轮次 {folder.name} 已归档", f"The round {folder.name} is archived already")
        _raise(title, other)
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    workplace = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        for name, data in files.items():
            (workplace / name).write_bytes(data)
        workplace.chmod(0o755)
        workplace.rename(folder)
    finally:
        shutil.rmtree(workplace, ignore_errors=True)
    return folder


def read_round(id: str, home: Path | str | None = None) -> ArchivedRound:
    """Read a round from the archive.

    Raises
    ------
    DataError
        When there is no such round, or a file of it is missing or no longer what was archived.
    """
    folder = _archive_folder(home) / id
    if not (folder / RECORD).is_file():
        advice = suggestion(id, archived_rounds(home))
        raise DataError.of(
            f"档案中没有轮次“{id}”。{advice.zh}", f"The archive has no round '{id}'. {advice.en}"
        )
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    files = {f"{id}/{name}.csv": mark for name, mark in record["tables"].items()}
    title = Text(
        f"轮次 {id} 的档案已被改动，不能使用", f"The archive of {id} was changed: not usable"
    )
    _raise(title, _differing(folder.parent, files, "archive.lost", "archive.changed"))
    tables = {name: _read_table(folder / f"{name}.csv", TABLES[name]) for name in TABLES}
    stated = {name: record[name] for name in ("parameters", "scheme", "inputs")}
    return ArchivedRound(id, **stated, **tables, mark=Text(**record["mark"]))


def archived_rounds(home: Path | str | None = None) -> list[str]:
    """Return the identifiers of the rounds in the archive, in alphabetical order."""
    return sorted(path.parent.name for path in _archive_folder(home).glob(f"*/{RECORD}"))


def verdict_history(
    plan: Plan, rounds: Sequence[ArchivedRound] | None = None, home: Path | str | None = None
) -> pd.DataFrame:
    """Return every verdict that the archived rounds of a plan gave on each indicator.

    ``plan``: the plan; rounds of other plans are left out. ``rounds``: the rounds; by default all
    of the archive. Returns one row an indicator and round, indicators in the plan's order, rounds
    by cut-off (contract ``HISTORY``). An indicator that the plan has no longer comes last.
    """
    rounds = [read_round(id, home) for id in archived_rounds(home)] if rounds is None else rounds
    own = [r for r in rounds if r.parameters["plan"] == plan.id]
    tables = [r.risks.assign(round=r.id, stage=r.stage, as_of=r.as_of) for r in own]
    if not tables:
        return conform(pd.DataFrame(columns=HISTORY.names), HISTORY)
    place = {indicator.id: n for n, indicator in enumerate(plan.indicators)}
    table = pd.concat(tables, ignore_index=True)
    table["place"] = table["indicator"].map(place)
    order = ["place", "indicator", "as_of", "round"]
    return conform(table.sort_values(order, kind="stable"), HISTORY)


def _archive_folder(home: Path | str | None) -> Path:
    return Path(home or find_home()) / "data" / "archive"


def _raise(title: Text, problems: Sequence[Problem]) -> None:
    if problems:
        raise DataError(title, problems)


def _content(archived: ArchivedRound) -> dict[str, bytes]:
    tables = {
        name: table_text(conform(getattr(archived, name), contract)).encode("utf-8-sig")
        for name, contract in TABLES.items()
    }
    record = {
        "round": archived.id,
        "mark": {"zh": archived.mark.zh, "en": archived.mark.en},
        "parameters": dict(archived.parameters),
        "scheme": dict(archived.scheme),
        "tables": {name: hashlib.sha256(data).hexdigest() for name, data in tables.items()},
        "inputs": dict(archived.inputs),
    }
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return {RECORD: text.encode("utf-8"), **{f"{name}.csv": data for name, data in tables.items()}}


def _differing(
    folder: Path, files: Mapping[str, str | None], absent: str, other: str
) -> list[Problem]:
    """Return the files that are missing or no longer what they were, by their fingerprints."""
    marks = {name: digest(folder / name) for name in files}
    return [
        _problem(other if marks[name] else absent, name)
        for name in files
        if not marks[name] or marks[name] != files[name]
    ]


def _read_table(path: Path, contract: Contract) -> pd.DataFrame:
    """Read a table as `table_text` wrote it; a column that the contract got since is empty."""
    text = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    columns = {}
    for column in contract.columns:
        cells = text.get(column.name, pd.Series("", text.index))
        if column.kind == "truth":
            columns[column.name] = cells == "True"
        elif column.kind == "text":
            columns[column.name] = cells.map(_unquoted)
        else:
            columns[column.name] = pd.to_numeric(cells.where(cells != "", None))
    return conform(pd.DataFrame(columns), contract)


def _unquoted(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and runs_as_formula(cell[1:]) else cell


def _run_record(report: Path) -> dict:
    path = report / RUN_RECORD
    if not path.is_file():
        raise DataError.of(
            f"{report.name} 中没有 {RUN_RECORD}，不是已完成的报告。请先运行 wdp run。",
            f"{report.name} has no {RUN_RECORD}: no finished report. Run it first (wdp run).",
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
        raise DataError.of(
            f"{report.name} 的记录 {RUN_RECORD} 有误，未作任何改动。",
            f"The record {RUN_RECORD} of {report.name} is wrong; nothing was done.",
        )
    return record


def _faults(report: Path, record: dict, home: Path) -> list[Problem]:
    failed = record["state"] != "done"
    faults = [_problem("archive.failed", RUN_RECORD, None, "state")] if failed else []
    files = {f"tables/{name}.csv": record["tables"].get(f"tables/{name}.csv") for name in TABLES}
    faults += _differing(report, files, "archive.no_table", "archive.other_table")
    if record["inputs"].get(SCHEME) != digest(home / SCHEME):
        faults.append(_problem("archive.scheme", SCHEME))
    return faults

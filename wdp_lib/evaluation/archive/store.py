"""The archive of rounds: written once, never changed, read back as it was written."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.core.columns import FORECASTS, KEY, RISKS, VERDICTS, Contract, conform
from wdp_lib.core.errors import DataError, Problem, Text, suggestion
from wdp_lib.core.files import FORMULA_STARTS, table_text
from wdp_lib.core.home import find_home
from wdp_lib.evaluation.rounds.tables import HISTORY
from wdp_lib.plan import Plan

RECORD = "round.json"
TABLES = {"forecasts": FORECASTS, "risks": RISKS, "verdicts": VERDICTS}
PARAMETERS = ("plan", "dataset", "stage", "as_of", "through", "seed")


@dataclass(frozen=True)
class ArchivedRound:
    """What one round said.

    Parameters
    ----------
    id : str
        Identifier of the round; names its folder.
    parameters : mapping
        ``plan, dataset, stage, as_of, through, seed``.
    scheme : mapping
        Thresholds and rules, with their fingerprint
        (`wdp_lib.evaluation.rounds.rounds.FrozenScheme`).
    forecasts, risks, verdicts : pandas.DataFrame
        Tables under the contracts ``FORECASTS`` (the series of the targets alone), ``RISKS``,
        ``VERDICTS``.
    inputs : mapping of str to str
        Fingerprint of each file the round was made from; may be empty.
    mark : Text
        Words printed on everything made from it; empty for real data.
    """

    id: str
    parameters: Mapping[str, Any]
    scheme: Mapping[str, Any]
    forecasts: pd.DataFrame
    risks: pd.DataFrame
    verdicts: pd.DataFrame
    inputs: Mapping[str, str] = field(default_factory=dict)
    mark: Text = Text("", "")

    @property
    def stage(self) -> str:
        """The stage of the round: annual, midterm, final, hindcast."""
        return self.parameters["stage"]

    @property
    def as_of(self) -> str:
        """Cut-off date, ``YYYY-MM-DD``."""
        return self.parameters["as_of"]


def write_round(archived: ArchivedRound, home: Path | str | None = None) -> Path:
    """Write a round to ``data/archive/<round>/``, as a whole, once.

    Returns
    -------
    Path
        Its folder. Writing the same round again changes nothing.

    Raises
    ------
    DataError
        When a round of that name with other content is in the archive, or a parameter is missing.
    """
    _check_parameters(archived)
    folder = archive_folder(home) / archived.id
    files = _content(archived)
    if folder.is_dir():
        _refuse_other(folder, files)
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
    folder = archive_folder(home) / id
    if not (folder / RECORD).is_file():
        advice = suggestion(id, archived_rounds(home))
        raise DataError(
            Text(
                f"档案中没有轮次“{id}”。{advice.zh}",
                f"The archive has no round '{id}'. {advice.en}",
            )
        )
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    title = Text(
        f"轮次 {id} 的档案已被改动，不能使用", f"The archive of {id} was changed: not usable"
    )
    _raise(title, "changed", _changed(folder, record["tables"]))
    tables = {
        name: _read_table(folder / f"{name}.csv", contract) for name, contract in TABLES.items()
    }
    return ArchivedRound(
        id,
        record["parameters"],
        record["scheme"],
        **tables,
        inputs=record["inputs"],
        mark=Text(**record["mark"]),
    )


def archived_rounds(home: Path | str | None = None) -> list[str]:
    """Return the identifiers of the rounds in the archive, in alphabetical order."""
    return sorted(path.parent.name for path in archive_folder(home).glob(f"*/{RECORD}"))


def verdict_history(
    plan: Plan, rounds: Sequence[ArchivedRound] | None = None, home: Path | str | None = None
) -> pd.DataFrame:
    """Return every verdict that the archived rounds of a plan gave on each indicator.

    Parameters
    ----------
    plan : Plan
        The plan; rounds of other plans are left out.
    rounds : sequence of ArchivedRound, optional
        The rounds; by default all of the archive.

    Returns
    -------
    pandas.DataFrame
        One row an indicator and round, indicators in the plan's order, rounds by cut-off (contract
        ``HISTORY``). An indicator that the plan has no longer comes last.
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


def archive_folder(home: Path | str | None = None) -> Path:
    """Return the folder of the archive; it need not exist yet."""
    return Path(home or find_home()) / "data" / "archive"


def own_series(forecasts: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the rows of a forecast table that speak of the plan's own area and strata."""
    wanted = pd.DataFrame(
        [{"indicator": i.id, "area": plan.area, **i.stratum} for i in plan.indicators]
    )
    return conform(forecasts, FORECASTS).merge(wanted[list(KEY)], on=list(KEY), how="inner")


# of each problem: what was expected, what to do
_PROBLEMS = {
    "missing": (
        Text("此参数", "this parameter"),
        Text("请在参数文件中写明后重新运行。", "State it in the parameter file and run again."),
    ),
    "other": (
        Text("归档后不再改动", "the archive never to change"),
        Text(
            "请在参数文件中另起轮次名（run）后重新运行并归档。",
            "Give the run another name (run), run it and archive that.",
        ),
    ),
    "changed": (
        Text("归档时的文件", "the file as archived"),
        Text("请从备份或版本库恢复该文件。", "Restore it from a backup or from version control."),
    ),
}


def _raise(title: Text, code: str, found: dict[str, Text]) -> None:
    """Raise `DataError` if something was found; of each place (a parameter or a file), what."""
    problems = [
        Problem("missing_parameter", RECORD, None, place, said, *_PROBLEMS[code])
        if code == "missing"
        else Problem("archive", place, None, None, said, *_PROBLEMS[code])
        for place, said in found.items()
    ]
    if problems:
        raise DataError(title, problems)


def _check_parameters(archived: ArchivedRound) -> None:
    lacking = [name for name in PARAMETERS if archived.parameters.get(name) in (None, "")]
    title = Text("该轮次不能归档", "The round cannot be archived")
    _raise(title, "missing", dict.fromkeys(lacking, Text("没有写", "not stated")))


def _content(archived: ArchivedRound) -> dict[str, bytes]:
    tables = {}
    for name, contract in TABLES.items():
        tables[name] = table_text(conform(getattr(archived, name), contract)).encode("utf-8-sig")
    record = {
        "round": archived.id,
        "mark": {"zh": archived.mark.zh, "en": archived.mark.en},
        "parameters": dict(archived.parameters),
        "scheme": dict(archived.scheme),
        "tables": {name: _fingerprint(data) for name, data in tables.items()},
        "inputs": dict(archived.inputs),
    }
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return {RECORD: text.encode("utf-8"), **{f"{name}.csv": data for name, data in tables.items()}}


def _fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _refuse_other(folder: Path, files: dict[str, bytes]) -> None:
    other = [
        f"{folder.name}/{name}"
        for name, data in files.items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != data
    ]
    title = Text(f"轮次 {folder.name} 已归档", f"The round {folder.name} is archived already")
    found = Text("与已归档的内容不同", "content other than that archived")
    _raise(title, "other", dict.fromkeys(other, found))


def _changed(folder: Path, tables: Mapping[str, str]) -> dict[str, Text]:
    """Return the tables that are no longer what was archived, by their fingerprints."""
    found = {}
    for name, fingerprint in tables.items():
        path = folder / f"{name}.csv"
        if not path.is_file():
            found[f"{folder.name}/{path.name}"] = Text("没有此文件", "no such file")
        elif _fingerprint(path.read_bytes()) != fingerprint:
            found[f"{folder.name}/{path.name}"] = Text("与归档时不同", "not what was archived")
    return found


def _read_table(path: Path, contract: Contract) -> pd.DataFrame:
    text = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    return typed(text, contract)


def typed(text: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return a table of text, as `table_text` wrote it, with the types of its contract.

    A column that the contract got after the table was written is empty.
    """
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
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell

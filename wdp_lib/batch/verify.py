"""Whether a report still comes out as it stands: computed anew, compared number by number."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.batch.folders import RECORD
from wdp_lib.batch.matrix import PlannedRun
from wdp_lib.batch.params import Run
from wdp_lib.batch.record import digest, input_hashes, versions
from wdp_lib.batch.run import run_planned
from wdp_lib.core.errors import ParameterError, Text

DIFFERENCES = ("file", "row", "column", "recorded", "now")
MOST_CELLS = 20  # differences listed of one file


@dataclass(frozen=True)
class Verification:
    """What became of a report that was computed anew.

    Parameters
    ----------
    run : str
        The run.
    altered : tuple of str
        Files of the report that are not as the run left them.
    inputs : mapping of str to str
        Inputs that are not as they were: ``changed``, ``gone``, ``added``.
    versions : mapping of str to tuple
        Packages in another version: then and now.
    differences : pandas.DataFrame
        ``file, row, column, recorded, now``: what would come out differently, at most 20 cells of a file.
    """

    run: str
    altered: tuple[str, ...]
    inputs: Mapping[str, str]
    versions: Mapping[str, tuple[str, str]]
    differences: pd.DataFrame

    @property
    def holds(self) -> bool:
        """Whether the report is untouched and comes out the same."""
        return not self.altered and self.differences.empty


def verify_report(
    folder: Path | str, *, home: Path, progress: Callable[[Text], None] | None = None
) -> Verification:
    """Compute a report anew from its own record and compare.

    Parameters
    ----------
    folder : path
        The report; it is not touched.
    home : pathlib.Path
        The project folder with the inputs of today.
    progress : callable, optional
        Is told what happens.

    Raises
    ------
    ParameterError
        When the folder is no report, or its run can no longer be started.
    """
    folder = Path(folder).resolve()
    record = _record(folder)
    run = _run(record)
    with tempfile.TemporaryDirectory(prefix="wdp-verify-") as place:
        file = Path(place) / "run.yaml"
        file.write_text("", encoding="utf-8")
        again = run_planned(PlannedRun(run, file), home=home, out=place, progress=progress).folder
        differences = pd.DataFrame(_differences(folder, again, record), columns=list(DIFFERENCES))
        inputs = _changed_inputs(record, input_hashes(run, home, file))
    return Verification(
        run.run,
        _altered(folder, record),
        inputs,
        _changed(record["versions"], versions()),
        differences,
    )


def _record(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ParameterError(
            Text(
                f"{folder} 不是报告文件夹（没有 {RECORD}）", f"{folder} is no report (no {RECORD})"
            )
        ) from error


def _run(record: Mapping[str, Any]) -> Run:
    """The run as it was."""
    return Run(
        run=record["run"],
        title=Text(record["title"]["zh"], record["title"]["en"]),
        notebooks=tuple(one["notebook"] for one in record["notebooks"]),
        parameters=record["parameters"],
        notebook_parameters=record["notebook_parameters"],
        axes=record["axes"],
        file=RECORD,
    )


def _altered(folder: Path, record: Mapping[str, Any]) -> tuple[str, ...]:
    told = dict(record["tables"])
    for one in record["notebooks"]:
        told |= one["outputs"]
    return tuple(name for name, known in sorted(told.items()) if not _is(folder / name, known))


def _is(path: Path, known: str) -> bool:
    return path.is_file() and digest(path) == known


def _changed_inputs(record: Mapping[str, Any], now: Mapping[str, str]) -> dict[str, str]:
    then, now = (
        {name: told for name, told in known.items() if _is_input(name)}
        for known in (record["inputs"], now)
    )
    found = {
        name: "gone" if name not in now else "changed"
        for name in then
        if now.get(name) != then[name]
    }
    return dict(sorted((found | {name: "added" for name in now if name not in then}).items()))


def _is_input(name: str) -> bool:
    """Not the parameter file: the record itself says with what the run was made."""
    return name.startswith(("data/", "notebooks/")) or name == "wdp_lib"


def _changed(then: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {
        name: (then.get(name, ""), now.get(name, ""))
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    }


def _differences(recorded: Path, now: Path, record: Mapping[str, Any]) -> list[tuple]:
    found = []
    tables = {path.relative_to(now).as_posix() for path in now.rglob("*.csv")}
    for name in sorted({*record["tables"], *tables}):
        found += _table_differences(name, recorded / name, now / name)
    for one in record["notebooks"]:
        name = f"{one['notebook']}.{'failed.ipynb' if one['state'] == 'failed' else 'ipynb'}"
        found += _notebook_differences(name, recorded / name, now / name)
    return found


def _table_differences(name: str, recorded: Path, now: Path) -> list[tuple]:
    if not (recorded.is_file() and now.is_file()):
        return [
            (name, "", "", *("there" if path.is_file() else "missing" for path in (recorded, now)))
        ]
    if recorded.read_bytes() == now.read_bytes():
        return []
    then, today = (pd.read_csv(path, dtype=str, keep_default_na=False) for path in (recorded, now))
    if list(then.columns) != list(today.columns):
        return [(name, "", "columns", " ".join(then.columns), " ".join(today.columns))]
    found = [] if len(then) == len(today) else [(name, "", "rows", str(len(then)), str(len(today)))]
    common = min(len(then), len(today))
    differs = (then[:common].to_numpy() != today[:common].to_numpy()).nonzero()
    for row, column in list(zip(*differs, strict=True))[:MOST_CELLS]:
        # the first row of a sheet is its heading
        found.append(
            (
                name,
                str(row + 2),
                then.columns[column],
                then.iat[row, column],
                today.iat[row, column],
            )
        )
    return found or [(name, "", "", "layout", "layout")]


def _notebook_differences(name: str, recorded: Path, now: Path) -> list[tuple]:
    import nbformat

    if not (recorded.is_file() and now.is_file()):
        return [
            (name, "", "", *("there" if path.is_file() else "missing" for path in (recorded, now)))
        ]
    then, today = (nbformat.read(str(path), as_version=4).cells for path in (recorded, now))
    if len(then) != len(today):
        return [(name, "", "cells", str(len(then)), str(len(today)))]
    pairs = [
        (number, _shown(a), _shown(b))
        for number, (a, b) in enumerate(zip(then, today, strict=True), 1)
    ]
    return [
        (name, str(number), "cell", *_first_difference(a, b)) for number, a, b in pairs if a != b
    ][:MOST_CELLS]


def _shown(cell: Any) -> list[str]:
    """What a cell shows as text; pictures carry their figures as text beside them."""
    lines = cell.source.splitlines()
    for output in cell.get("outputs", []):
        texts = output.get("data", {})
        lines += output.get("text", "").splitlines()
        lines += [
            line
            for kind in ("text/plain", "text/html", "text/markdown")
            for line in str(texts.get(kind, "")).splitlines()
        ]
    return lines


def _first_difference(then: list[str], now: list[str]) -> tuple[str, str]:
    for a, b in zip(then, now, strict=False):
        if a != b:
            return a[:80], b[:80]
    return f"{len(then)} lines", f"{len(now)} lines"

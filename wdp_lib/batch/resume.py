"""What need not be run again: a notebook all of whose sources are as recorded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wdp_lib.batch.execute import Task
from wdp_lib.batch.folders import RECORD
from wdp_lib.batch.params import Run
from wdp_lib.batch.record import (
    combined,
    data_files,
    digest,
    digests,
    read_record,
    versions,
)
from wdp_lib.batch.translate import catalogue_path
from wdp_lib.batch.warm.library import library_digest
from wdp_lib.core.files import write_atomic

STATE = ".state"  # in a folder under construction: what is done


def run_keys(run: Run, home: Path) -> dict[str, str]:
    """Return the fingerprints that the results of all notebooks of a run depend on, by part."""
    data = combined(digests(home, data_files(run, home)))
    return {"data": data, "library": library_digest(), "environment": combined(versions())}


def notebook_key(task: Task) -> dict[str, str]:
    """Return those of one notebook alone; the outputs stored in it are not part of them."""
    import nbformat

    cells = nbformat.read(str(task.source), as_version=4).cells
    source = [[cell.cell_type, cell.source, cell.metadata.get("tags", [])] for cell in cells]
    return {
        "notebook": combined(source),
        "texts": digest(catalogue_path(task.source, task.language)),
        "parameters": combined(dict(task.parameters)),
    }


def remember(
    building: Path, notebook: str, key: Mapping[str, str], files: Mapping[str, str]
) -> None:
    """Note that a notebook is done, after all its files are in place."""
    state = json.dumps({"key": dict(key), "files": dict(files)}, indent=1, sort_keys=True)
    write_atomic(building / STATE / f"{notebook}.json", state + "\n")


def done_notebooks(folder: Path) -> dict[str, dict[str, Any]]:
    """Return, by notebook, key and files of what a report holds, also one under construction.

    Raises
    ------
    ParameterError
        When the record of a report is damaged.
    """
    if (folder / STATE).is_dir():
        states = sorted((folder / STATE).glob("*.json"))
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in states}
    if not (folder / RECORD).is_file():
        return {}
    return {
        one["notebook"]: {"key": one["key"], "files": one["outputs"] | one.get("tables", {})}
        for one in read_record(folder)["notebooks"]
        if one["state"] == "done" and "key" in one
    }


def why_again(
    folder: Path, done: Mapping[str, Mapping[str, Any]], notebook: str, key: Mapping[str, str]
) -> tuple[str, ...]:
    """Return why a notebook must be run again; nothing = it need not.

    The parts that changed, or ``new``, or ``results`` when its files are not as they were.
    """
    if notebook not in done:
        return ("new",)
    known, files = done[notebook]["key"], done[notebook]["files"]
    if changed := tuple(part for part in key if known.get(part) != key[part]):
        return changed
    whole = all(told and digest(folder / name) == told for name, told in files.items())
    return () if whole else ("results",)


def carry_over(earlier: Path, building: Path, notebook: str, done: Mapping[str, Any]) -> None:
    """Take a notebook's results from an earlier report into the folder under construction."""
    log = f"logs/{notebook}.log"
    for name in [*done["files"], *([log] if (earlier / log).is_file() else [])]:
        if earlier != building:
            (building / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(earlier / name, building / name)
    remember(building, notebook, done["key"], done["files"])

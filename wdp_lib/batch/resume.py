"""What need not be run again: a notebook whose source, parameters, inputs, library and environment are as recorded."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wdp_lib.batch.execute import Task
from wdp_lib.batch.folders import RECORD
from wdp_lib.batch.params import Run
from wdp_lib.batch.record import combined, data_files, digest, digests, versions
from wdp_lib.batch.warm.library import library_digest
from wdp_lib.core.files import write_atomic

STATE = ".state"  # in a folder under construction: what is done
NEW = ("new",)


@dataclass(frozen=True)
class Origin:
    """The parts of a run's inputs that all its notebooks share, each as one fingerprint."""

    data: str
    library: str
    environment: str

    @classmethod
    def of(cls, run: Run, home: Path) -> Origin:
        """Return those of a run now."""
        data = combined(digests(home, data_files(run, home)))
        return cls(data, library_digest(), _fingerprint(versions()))


def notebook_key(task: Task, origin: Origin) -> dict[str, str]:
    """Return the fingerprints that a notebook's results depend on: source, texts, parameters, data, library, environment.

    The outputs stored in the notebook are not part of it.
    """
    import nbformat

    cells = nbformat.read(str(task.source), as_version=4).cells
    texts = sorted((task.source.parent / "texts").glob(f"{task.notebook}.{task.language}.md"))
    return {
        "notebook": _fingerprint(
            [[cell.cell_type, cell.source, cell.metadata.get("tags", [])] for cell in cells]
        ),
        "texts": combined(digests(task.source.parent, texts)),
        "parameters": _fingerprint(dict(task.parameters)),
        "data": origin.data,
        "library": origin.library,
        "environment": origin.environment,
    }


def remember(
    building: Path, notebook: str, key: Mapping[str, str], files: Mapping[str, str]
) -> None:
    """Note that a notebook is done, after all its files are in place."""
    state = {"key": dict(key), "files": dict(files)}
    write_atomic(
        building / STATE / f"{notebook}.json", json.dumps(state, indent=1, sort_keys=True) + "\n"
    )


def done_notebooks(folder: Path) -> dict[str, dict[str, Any]]:
    """Return, by notebook, key and files of what a folder holds: one under construction, or a finished report."""
    if (folder / STATE).is_dir():
        return {path.stem: _read(path) for path in sorted((folder / STATE).glob("*.json"))}
    if not (folder / RECORD).is_file():
        return {}
    notebooks = _read(folder / RECORD).get("notebooks", [])
    return {
        one["notebook"]: {"key": one["key"], "files": one["outputs"] | one.get("tables", {})}
        for one in notebooks
        if one.get("state") == "done" and "key" in one
    }


def why_again(
    folder: Path, done: Mapping[str, Mapping[str, Any]], notebook: str, key: Mapping[str, str]
) -> tuple[str, ...]:
    """Return why a notebook must be run again: the parts that changed, ``("new",)``, ``("results",)``; empty = it need not."""
    if notebook not in done:
        return NEW
    known = done[notebook]["key"]
    changed = tuple(part for part in key if known.get(part) != key[part])
    if changed:
        return changed
    whole = all(
        (folder / name).is_file() and digest(folder / name) == told
        for name, told in done[notebook]["files"].items()
    )
    return () if whole else ("results",)


def carry_over(earlier: Path, building: Path, notebook: str, done: Mapping[str, Any]) -> None:
    """Take a notebook's results from an earlier report into the folder under construction."""
    log = f"logs/{notebook}.log"
    for name in [*done["files"], *([log] if (earlier / log).is_file() else [])]:
        if earlier != building:
            (building / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(earlier / name, building / name)
    remember(building, notebook, done["key"], done["files"])


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _fingerprint(value: Any) -> str:
    return hashlib.sha256(
        json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8")
    ).hexdigest()

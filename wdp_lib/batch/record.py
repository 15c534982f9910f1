"""What a run was made from and what came out, without clock, machine or place: ``run.json``."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from wdp_lib.batch.check import notebook_parameters
from wdp_lib.batch.execute import Outcome
from wdp_lib.batch.params import SET_BY_BATCH, Run
from wdp_lib.batch.warm.library import library_digest

PACKAGES = (
    *(
        "wdp",
        "fonttools",
        "ipykernel",
        "matplotlib",
        "nbclient",
        "nbconvert",
        "numpy",
        "pandas",
        "papermill",
    ),
    *("pylopdf-fonts-zh-cn", "ruamel.yaml", "scipy", "seaborn", "statsmodels", "uharfbuzz"),
)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digests(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of each file by its path seen from ``folder``, with ``/`` on every system."""
    return {path.relative_to(folder).as_posix(): digest(path) for path in sorted(files)}


def combined(hashes: dict[str, str]) -> str:
    """Return one fingerprint of many files: their names and their contents."""
    return hashlib.sha256(json.dumps(hashes, sort_keys=True).encode("utf-8")).hexdigest()


def data_files(run: Run, home: Path) -> list[Path]:
    """Return the files of plan, observations, corrections, schemes, records and archived rounds a run may read."""
    plan, dataset = run.parameters["plan"], run.parameters["dataset"]
    folders = (
        home / "data" / "plans" / plan,
        home / "data" / "observations" / dataset,
        home / "data" / "schemes",
    )
    corrections = home / "data" / "corrections" / f"{dataset}.csv"
    folders += (home / "data" / "records" / dataset, home / "data" / "archive")
    found = [path for folder in folders for path in _files(folder)]
    return found + ([corrections] if corrections.is_file() else [])


def input_hashes(run: Run, home: Path, params: Path) -> dict[str, str]:
    """Return the fingerprint of every file the run was made from; the library counts as one.

    Parameters
    ----------
    run : Run
        The run.
    home : pathlib.Path
        The project folder.
    params : pathlib.Path
        The parameter file, inside or outside of it.
    """
    notebooks = [home / "notebooks" / f"{name}.ipynb" for name in run.notebooks]
    texts = _files(home / "notebooks" / "texts")
    hashes = digests(home, [*data_files(run, home), *notebooks, *texts])
    params = params.resolve()
    name = params.relative_to(home).as_posix() if params.is_relative_to(home) else params.name
    hashes[name] = digest(params)
    hashes["wdp_lib"] = library_digest()
    return hashes


def versions() -> dict[str, str]:
    """Return Python as major.minor, and the packages that shape the results."""
    return {
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        **{name: version(name) for name in PACKAGES},
    }


def run_record(
    run: Run,
    home: Path,
    params: Path,
    outcomes: Sequence[Outcome],
    report: Path,
    done: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the record of a run whose files stand in ``report``; ``done`` has key and files of each notebook that ended.

    Returns
    -------
    dict
        Equal for equal inputs, whenever and wherever they are run.
    """
    inputs = input_hashes(run, home, params)
    data = {path.relative_to(home).as_posix() for path in data_files(run, home)}
    results = [
        path for path in (report / "rejected.csv", *_files(report / "tables")) if path.is_file()
    ]
    return {
        "run": run.run,
        "title": {"zh": run.title.zh, "en": run.title.en},
        "stage": run.parameters.get("stage", ""),
        "language": run.language,
        "seed": run.parameters.get("seed"),
        "parameters": dict(run.parameters),
        "notebook_parameters": {name: dict(own) for name, own in run.notebook_parameters.items()},
        "axes": dict(run.axes),
        "state": "failed" if any(outcome.failed for outcome in outcomes) else "done",
        "notebooks": [_notebook_record(run, outcome, report, done) for outcome in outcomes],
        "tables": digests(report, results),
        "inputs": inputs,
        "data_sha256": combined({name: inputs[name] for name in data}),
        "versions": versions(),
    }


def as_json(record: dict[str, Any]) -> str:
    """Return the record as text with sorted keys."""
    return json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _notebook_record(
    run: Run, outcome: Outcome, report: Path, done: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    name = outcome.task.notebook
    defaults, _ = notebook_parameters(outcome.task.source)
    used = {**defaults, **run.parameters_of(name)}
    used.pop(SET_BY_BATCH, None)
    written = [
        path
        for ending in ("ipynb", "html", "failed.ipynb")
        if (path := report / f"{name}.{ending}").is_file()
    ]
    return {
        "notebook": name,
        "state": "failed" if outcome.failed else "done",
        "cell": outcome.cell,
        "error": outcome.error,
        "parameters": used,
        "outputs": digests(report, written),
        **_ended(done.get(name)),
    }


def _ended(done: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a notebook that ended depends on, and the tables it wrote."""
    if done is None:
        return {}
    tables = {
        name: told for name, told in done["files"].items() if not name.endswith((".ipynb", ".html"))
    }
    return {"key": done["key"], "tables": tables}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]

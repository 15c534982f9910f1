"""What a run was made from and what came out, without clock, machine or place.

``run.json`` of a report, and by the same fingerprints what need not be run again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from wdp_lib.batch.check import Task, check_run, notebook_parameters, plan_work, selected_run
from wdp_lib.batch.execute import Outcome
from wdp_lib.batch.folders import RECORD, report_folder
from wdp_lib.batch.params import EDITION, SET_BY_BATCH, Run, as_run, problem, run_problems
from wdp_lib.batch.translate import catalogue_path
from wdp_lib.batch.warm.library import library_digest
from wdp_lib.core.errors import ParameterError, Problem
from wdp_lib.core.files import write_atomic
from wdp_lib.data.dataset import server_mark
from wdp_lib.data.read.stored import digest, lasting
from wdp_lib.disclosure import INTERNAL

PACKAGES = (
    *("wdp", "fonttools", "ipykernel", "matplotlib", "nbclient", "nbconvert", "numpy", "pandas"),
    *("papermill", "pylopdf-fonts-zh-cn", "ruamel.yaml", "scipy", "seaborn", "statsmodels"),
    "uharfbuzz",
)
SECRET = ".wdp-secret"  # of a project: never in a report, never passed on
_NO_SECRET = ("data/plans/", "data/schemes/")
STATE = ".state"  # in a folder under construction: what is done


def digests(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of each file by its path seen from ``folder``, with ``/`` everywhere."""
    return {path.relative_to(folder).as_posix(): digest(path) for path in sorted(files)}


def combined(value: Any) -> str:
    """Return one fingerprint of many: of file names and their digests, or of any JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def data_files(run: Run, home: Path) -> list[Path]:
    """Return the files a run may read: plan, data set and what belongs to it, schemes, archive."""
    plan, dataset = run.parameters["plan"], run.parameters["dataset"]
    folders = (f"plans/{plan}", f"observations/{dataset}", "schemes", f"records/{dataset}")
    found = [path for name in (*folders, "archive") for path in _files(home / "data" / name)]
    corrections = home / "data" / "corrections" / f"{dataset}.csv"
    return found + ([corrections] if corrections.is_file() else [])


def _files(folder: Path) -> list[Path]:
    return lasting(path for path in folder.rglob("*") if not path.name.startswith("."))


def input_hashes(run: Run, home: Path) -> dict[str, str]:
    """Return the fingerprint of every file the run was made from; the library counts as one."""
    notebooks = [home / "notebooks" / f"{name}.ipynb" for name in run.notebooks]
    prose = [catalogue_path(one, run.language) for one in notebooks]
    hashes = digests(home, [*notebooks, *filter(Path.is_file, prose)]) | data_marks(run, home)
    params = run.file.resolve()
    name = params.relative_to(home).as_posix() if params.is_relative_to(home) else params.name
    return {**hashes, name: digest(params), "wdp_lib": library_digest()}


def data_marks(run: Run, home: Path) -> dict[str, str]:
    """Return the fingerprints of plan and data of a run.

    Those of an edition that leaves the house are sealed with a secret of the project: whoever knows
    all but a few figures of a return could try them out until its fingerprint agrees.
    """
    marks = digests(home, data_files(run, home)) | server_mark(run.parameters["dataset"], home)
    if run.parameters.get(EDITION, INTERNAL) == INTERNAL:
        return marks
    secret = _secret(home)
    return {
        name: mark
        if name.startswith(_NO_SECRET)
        else hmac.new(secret, f"{name} {mark}".encode(), "sha256").hexdigest()
        for name, mark in marks.items()
    }


def _secret(home: Path) -> bytes:
    path = home / SECRET
    if not path.is_file():
        write_atomic(path, secrets.token_hex(32))
        path.chmod(0o600)
    return path.read_bytes()


_version = cache(version)  # of what is imported: the same as long as the process lives


def versions() -> dict[str, str]:
    """Return Python as major.minor, and the packages that shape the results."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"python": python, **{name: _version(name) for name in PACKAGES}}


def run_record(run: Run, home: Path, outcomes: Sequence[Outcome], report: Path) -> dict[str, Any]:
    """Return the record of a run whose files stand in ``report``, with its state.

    It is equal for equal inputs, whenever and wherever they are run.
    """
    done = done_notebooks(report)
    tables = [report / "rejected.csv", *_files(report / "tables")]
    return {
        **_made_from(run, home),
        "state": "failed" if any(outcome.failed for outcome in outcomes) else "done",
        "notebooks": [_notebook_record(run, outcome, report, done) for outcome in outcomes],
        "tables": digests(report, filter(Path.is_file, tables)),
    }


def _made_from(run: Run, home: Path) -> dict[str, Any]:
    """Settings, and the fingerprint of everything, that a report rests on."""
    inputs = input_hashes(run, home)
    data = {path.relative_to(home).as_posix() for path in data_files(run, home)}
    own = {name: run.notebook_parameters.get(name) for name in run.notebooks}
    return {
        "run": run.run,
        "title": {"zh": run.title.zh, "en": run.title.en},
        "stage": run.parameters.get("stage", ""),
        "language": run.language,
        "seed": run.parameters.get("seed"),
        "parameters": dict(run.parameters),
        "notebook_parameters": {name: dict(given) for name, given in own.items() if given},
        "axes": dict(run.axes),
        "inputs": inputs,
        "data_sha256": combined({name: inputs[name] for name in data}),
        "versions": versions(),
    }


def _notebook_record(
    run: Run, outcome: Outcome, report: Path, done: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    name = outcome.task.notebook
    used = {**notebook_parameters(outcome.task.source)[0], **run.parameters_of(name)}
    written = [report / f"{name}.{ending}" for ending in ("ipynb", "html", "failed.ipynb")]
    record = {
        "notebook": name,
        "state": "failed" if outcome.failed else "done",
        "cell": outcome.cell,
        "error": outcome.error,
        "parameters": {key: value for key, value in used.items() if key != SET_BY_BATCH},
        "outputs": digests(report, filter(Path.is_file, written)),
    }
    if name in done:
        tables = {k: v for k, v in done[name]["files"].items() if k not in record["outputs"]}
        record |= {"key": done[name]["key"], "tables": tables}
    return record


def as_json(record: dict[str, Any]) -> str:
    """Return a record as text with sorted keys."""
    return json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read_record(report: Path) -> dict[str, Any]:
    """Return the record of a report, which may come from anybody: what it names is looked at first.

    Raises `ParameterError` when there is none, or it names a run, notebook or file that leads out
    of its folder.
    """
    if not (report / RECORD).is_file():
        zh = f"{report} 不是报告文件夹（没有 {RECORD}）"
        raise ParameterError.of(zh, f"{report} is no report (no {RECORD})")
    try:
        record = json.loads((report / RECORD).read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        record = None
    if problems := list(_record_problems(record, report)):
        zh = "报告的记录有误，未作任何改动"
        raise ParameterError.of(zh, "The record of the report is wrong; nothing was done", problems)
    return record


def _record_problems(record: Any, report: Path) -> Iterator[Problem]:
    try:
        yield from run_problems(_as_parameter_file(record), RECORD, {})
        named = [record["tables"], *(one["outputs"] for one in record["notebooks"])]
        named += [one.get("tables", {}) for one in record["notebooks"]]
        keys = (one.get("key", {}) for one in record["notebooks"])
        told = (record["axes"], record["inputs"], record["versions"], *keys, *named)
        texts = [text for part in told for pair in part.items() for text in pair]
        texts += [record["state"], *(one["state"] for one in record["notebooks"])]
        wrong = [text for text in texts if not isinstance(text, str)]
        wrong += [name for part in named for name in part if not _inside(report, name)]
        for text in wrong:
            yield problem("damaged_record", RECORD, found=repr(text)[:80])
    except (KeyError, TypeError, AttributeError) as error:
        yield problem("damaged_record", RECORD, found=f"{type(error).__name__}: {error}"[:80])


def _inside(report: Path, name: str) -> bool:
    path = PurePosixPath(name)
    plain = not path.is_absolute() and ".." not in path.parts and not set(name) & set("\\:\0")
    return plain and (report / name).resolve().is_relative_to(report.resolve())


def run_of(record: Mapping[str, Any]) -> Run:
    """Return the run that a record tells of, as it was."""
    return replace(as_run(_as_parameter_file(record), Path(RECORD), {}), axes=record["axes"])


def _as_parameter_file(record: Mapping[str, Any]) -> dict[str, Any]:
    names = [one["notebook"] for one in record["notebooks"]]
    keys = ("run", "title", "parameters", "notebook_parameters")
    return {"notebooks": names, **{key: record[key] for key in keys}}


def is_whole(report: Path) -> bool:
    """Whether a folder is a report none of whose notebooks failed."""
    try:
        return read_record(report)["state"] == "done"
    except ParameterError:
        return False


def altered(report: Path, record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the files of a report that are not as the run left them."""
    told = record["tables"]
    for one in record["notebooks"]:
        told = told | one["outputs"]
    return tuple(name for name in sorted(told) if digest(report / name) != told[name])


def stands(run: Run, home: Path, report: Path) -> bool:
    """Whether a report is whole, as its run left it, and what the run would make again."""
    try:
        record = read_record(report)
    except ParameterError:
        return False
    if record["state"] != "done" or not (report / "index.html").is_file():
        return False
    made = [one["notebook"] for one in record["notebooks"]]
    now = _made_from(run, home)
    # a round archived since is none that a notebook of the report looked back on
    now["inputs"] = {
        name: one
        for name, one in now["inputs"].items()
        if name in record["inputs"] or not name.startswith("data/archive/")
    }
    del now["data_sha256"]  # of the same files
    same = record == record | now and made == list(run.notebooks)
    return same and not altered(report, record)


def work_list(
    run: Run, *, home: Path, out: Path | str | None = None, only: Sequence[str] = ()
) -> list[tuple[str, tuple[str, ...]]]:
    """Return a run's notebooks, each with the reasons to run it (again); none = its results stand.

    Raises `ParameterError` as a run would, before it starts.
    """
    run = selected_run(run, only)
    check_run(run, home)
    folder, keys = report_folder(run, home, out, only), run_keys(run, home)
    done = done_notebooks(folder)
    return [
        (task.notebook, why_again(folder, done, task.notebook, notebook_key(task) | keys))
        for task in plan_work(run, home)
    ]


def run_keys(run: Run, home: Path) -> dict[str, str]:
    """Return the fingerprints that the results of all notebooks of a run depend on, by part."""
    data = combined(data_marks(run, home))
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
    state = as_json({"key": dict(key), "files": dict(files)})
    write_atomic(building / STATE / f"{notebook}.json", state)


def done_notebooks(folder: Path) -> dict[str, dict[str, Any]]:
    """Return, by notebook, key and files of what a report holds, also one under construction.

    Raises `ParameterError` when the record of a report is damaged.
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

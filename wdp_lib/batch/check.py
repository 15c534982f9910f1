"""Before the first cell: plan, data set and notebooks exist, and know what they are given."""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from wdp_lib.batch.params import NEEDED, SET_BY_BATCH, WRONG, Run, listed, problem
from wdp_lib.core.errors import LANGUAGES, ParameterError, Problem, Text, suggestion
from wdp_lib.evaluation.verdicts import STAGES

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_KINDS = {
    "str": Text("文字（加引号）", "text (in quotes)"),
    "int": Text("整数", "a whole number"),
    "float": Text("数", "a number"),
    "bool": Text("true 或 false", "true or false"),
    "list": Text("列表", "a list"),
    "dict": Text("名值对照", "names and values"),
}
_OTHER_KIND = Text("合适的值", "a fitting value")
_ISO_DATE = Text('带引号的日期，如 "2026-06-30"', 'a date in quotes, such as "2026-06-30"')
_FOLDERS = {"plan": ("plans", "plan.yaml"), "dataset": ("observations", "dataset.yaml")}


@dataclass(frozen=True)
class Task:
    """A piece of work: one notebook, with what is injected after its parameters cell."""

    notebook: str
    source: Path
    parameters: dict[str, Any]
    language: str = LANGUAGES[0]


def plan_work(run: Run, home: Path) -> list[Task]:
    """Return the notebooks to execute with the parameters each is given, in order."""
    tasks = []
    for name in run.notebooks:
        source = home / "notebooks" / f"{name}.ipynb"
        given = {**run.parameters_of(name), SET_BY_BATCH: f"reports/{run.run}"}
        # in the notebook's own order, so that a run taken from its record injects the same cell
        known = notebook_parameters(source)[0]
        order = [key for key in (*known, *sorted(given.keys() - known.keys())) if key in given]
        tasks.append(Task(name, source, {key: given[key] for key in order}, run.language))
    return tasks


def notebook_task(run: Run, notebook: str, *, home: Path) -> Task:
    """Return one notebook of a run with all its parameters, but the folder of the report.

    Raises `ParameterError` as a run would, before it starts.
    """
    run = selected_run(run, [notebook])
    check_run(run, home)
    (task,) = plan_work(run, home)
    every = {**notebook_parameters(task.source)[0], **task.parameters}
    given = {name: value for name, value in every.items() if name != SET_BY_BATCH}
    return replace(task, parameters=given)


def selected_run(run: Run, only: Sequence[str]) -> Run:
    """Return the run with the notebooks named only; all when none is.

    Raises `ParameterError` when a name is none of the run's.
    """
    unknown = [name for name in only if name not in run.notebooks]
    if unknown:
        nears = [suggestion(name, list(run.notebooks)) for name in unknown]
        told = zip(unknown, nears, strict=True)
        raise ParameterError.of(
            "没有这样的笔记本",
            "No such notebook",
            [run.problem("unknown_notebook", [], "--only", name=n, near=near) for n, near in told],
        )
    return replace(run, notebooks=tuple(name for name in run.notebooks if not only or name in only))


def check_run(run: Run, home: Path) -> None:
    """Refuse a run that cannot work.

    Raises `ParameterError` with every problem of the run and of all its notebooks.
    """
    problems = list(_run_problems(run, home))
    for notebook in run.notebooks:
        problems += check_parameters(run, home / "notebooks" / f"{notebook}.ipynb")
    if problems:
        raise ParameterError(WRONG, problems)


def _run_problems(run: Run, home: Path) -> Iterator[Problem]:
    given = {("parameters",): run.parameters}
    given |= {("notebook_parameters", one): own for one, own in run.notebook_parameters.items()}
    for key in NEEDED:
        if key not in run.parameters:
            yield run.problem("missing_parameter", [], key, name=key)
    for keys, parameters in given.items():
        if SET_BY_BATCH in parameters:
            place = [*keys, SET_BY_BATCH]
            yield run.problem("reserved_parameter", place, SET_BY_BATCH, name=SET_BY_BATCH)
    if run.language not in LANGUAGES:
        place = ["parameters", "language"]
        yield run.problem("bad_language", place, "language", found=repr(run.language))
    stage = run.parameters.get("stage", STAGES[0])
    if isinstance(stage, str) and stage not in STAGES:
        words = {"name": stage, "listed": listed(STAGES), "near": suggestion(stage, list(STAGES))}
        yield run.problem("bad_stage", ["parameters", "stage"], "stage", **words)
    for key, (folder, file) in _FOLDERS.items():
        there = sorted(path.parent.name for path in (home / "data" / folder).glob(f"*/{file}"))
        name = run.parameters.get(key)
        if isinstance(name, str) and name not in there:
            words = {"name": name, "folder": folder, "near": suggestion(name, there)}
            yield run.problem("unknown_name", ["parameters", key], key, **words)


def check_parameters(run: Run, notebook_path: Path) -> list[Problem]:
    """Return what is wrong with the run's parameters in the eyes of one notebook.

    No such notebook; no parameters cell; a line papermill does not see; unknown and mistyped
    parameters.
    """
    stem, name = notebook_path.stem, notebook_path.name
    if not notebook_path.is_file():
        near = suggestion(stem, sorted(path.stem for path in notebook_path.parent.glob("*.ipynb")))
        place = ["notebooks", run.notebooks.index(stem)] if stem in run.notebooks else []
        return [run.problem("no_notebook", place, "notebooks", name=stem, near=near)]
    known, problems = notebook_parameters(notebook_path)
    if problems:
        return problems
    settable = [key for key in known if key != SET_BY_BATCH]
    for key, value in run.parameters_of(stem).items():
        own = ("notebook_parameters", stem, key)
        place = own if own in run.lines else ("parameters", key)
        if key != SET_BY_BATCH and key not in known:
            words = {"listed": ", ".join(settable), "near": suggestion(key, settable)}
            words |= {"name": key, "notebook": name}
            problems.append(run.problem("unknown_parameter", place, key, **words))
        elif key != SET_BY_BATCH and (expected := _expected(known[key], value)):
            found = value.isoformat() if isinstance(value, date) else repr(value)
            words = {"found": found, "expected": expected, "notebook": name}
            problems.append(run.problem("mistyped_parameter", place, key, **words))
    if SET_BY_BATCH not in known:
        problems.append(problem("no_report_folder", name, None, SET_BY_BATCH))
    return problems


def _expected(default: Any, given: Any) -> Text | None:
    """What should have been given, or ``None`` when the value fits."""
    if isinstance(given, date):
        return _ISO_DATE
    if isinstance(default, str) and _DATE.fullmatch(default):
        try:
            return None if _DATE.fullmatch(given) and date.fromisoformat(given) else _ISO_DATE
        except (TypeError, ValueError):
            return _ISO_DATE
    fits = type(given) is type(default) or (type(default) is float and type(given) is int)
    return None if default is None or fits else _KINDS.get(type(default).__name__, _OTHER_KIND)


def notebook_parameters(notebook_path: Path) -> tuple[dict[str, Any], list[Problem]]:
    """Return a notebook's parameters with their defaults, and what keeps them from being read."""
    import nbformat
    import papermill

    name = notebook_path.name
    try:
        node = nbformat.read(str(notebook_path), as_version=4)
        if node.metadata.get("orig_nbformat", 4) < 4:
            return {}, [problem("old_notebook", name)]
    except (nbformat.ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
        return {}, [problem("corrupt_notebook", name, told=str(error)[:80])]
    known = [node.metadata.get("kernelspec", {}), node.metadata.get("language_info", {})]
    spoken = [known[0].get("language"), known[1].get("name")]
    if other := [one for one in spoken if one and one.lower() not in ("python", "ipython")]:
        return {}, [problem("other_kernel", name, found=other[0])]
    cells = [cell for cell in node.cells if "parameters" in cell.metadata.get("tags", [])]
    if not cells:
        return {}, [problem("no_parameters_cell", name)]
    node.metadata.setdefault("kernelspec", {"name": "python3"})
    node.metadata.setdefault("language_info", {"name": "python"})
    log = logging.getLogger("papermill")
    level = log.level
    log.setLevel(logging.ERROR)  # what papermill does not see becomes a problem
    try:
        inspected = papermill.inspect_notebook(node)
    finally:
        log.setLevel(level)
    known, problems = {}, []
    for key, source in _assignments(cells[0].source).items():
        try:
            known[key] = ast.literal_eval(inspected[key]["default"])
        except (KeyError, ValueError, SyntaxError):
            place = (name, None, key or None)
            problems.append(problem("unseen_parameter", *place, found=source.strip()))
    return known, problems


def _assignments(source: str) -> dict[str, str]:
    """Names a parameters cell assigns to, with their lines; a cell that is not Python has none."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return {"": source.splitlines()[0]}
    found = {}
    for statement in statements:
        plain = isinstance(statement, ast.Assign)
        for target in statement.targets if plain else [getattr(statement, "target", None)]:
            name = target.id if isinstance(target, ast.Name) else ""
            found[name] = ast.get_source_segment(source, statement) or ""
    return found

"""Before the first cell: plan, data set and notebooks exist, and know what they are given."""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from wdp_lib.batch.params import NEEDED, SET_BY_BATCH, Run
from wdp_lib.batch.problems import listed, problem
from wdp_lib.core.errors import LANGUAGES, ParameterError, Problem, Text
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
_ISO_DATE = Text('带引号的日期，如 "2026-06-30"', 'a date in quotes, such as "2026-06-30"')
_FOLDERS = {"plan": ("plans", "plan.yaml"), "dataset": ("observations", "dataset.yaml")}


def check_run(run: Run, home: Path) -> None:
    """Refuse a run that cannot work.

    Raises
    ------
    ParameterError
        With every problem of the run and of all its notebooks.
    """
    problems = list(_run_problems(run, home))
    for notebook in run.notebooks:
        problems += check_parameters(run, home / "notebooks" / f"{notebook}.ipynb")
    if problems:
        told = Text("参数有误，没有开始运行", "The parameters are wrong; nothing was run")
        raise ParameterError(told, problems)


def check_parameters(run: Run, notebook_path: Path) -> list[Problem]:
    """Return what is wrong with the run's parameters in the eyes of one notebook.

    No such notebook; no parameters cell; a line papermill does not see; unknown and mistyped
    parameters.
    """
    if not notebook_path.is_file():
        there = sorted(entry.stem for entry in notebook_path.parent.glob("*.ipynb"))
        name, names = notebook_path.stem, run.notebooks
        line = run.line("notebooks", names.index(name)) if name in names else None
        return [problem("no_notebook", run.file, line, "notebooks", known=there, name=name)]
    known, problems = notebook_parameters(notebook_path)
    if problems:
        return problems
    stem, name = notebook_path.stem, notebook_path.name
    for key, value in run.parameters_of(stem).items():
        if key == SET_BY_BATCH:
            continue
        line = run.line("notebook_parameters", stem, key) or run.line("parameters", key)
        if key not in known:
            settable = [name for name in known if name != SET_BY_BATCH]
            words = {"name": key, "listed": ", ".join(settable), "known": settable}
            code = "unknown_parameter"
        elif expected := _expected(known[key], value):
            found = value.isoformat() if isinstance(value, date) else repr(value)
            words, code = {"found": found, "expected": expected}, "mistyped_parameter"
        else:
            continue
        problems.append(problem(code, run.file, line, key, notebook=name, **words))
    if SET_BY_BATCH not in known:
        problems.append(problem("no_report_folder", name, column=SET_BY_BATCH))
    return problems


def notebook_parameters(notebook_path: Path) -> tuple[dict[str, Any], list[Problem]]:
    """Return a notebook's parameters with their defaults, and what keeps them from being read."""
    import nbformat
    import papermill

    name = notebook_path.name
    try:
        node = nbformat.read(str(notebook_path), as_version=4)
    except (nbformat.ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
        return {}, [problem("corrupt_notebook", name, told=str(error)[:80])]
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
            problems.append(
                problem("unseen_parameter", name, column=key or None, found=source.strip())
            )
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
    if default is None or fits:
        return None
    return _KINDS.get(type(default).__name__, Text("合适的值", "a fitting value"))


def _run_problems(run: Run, home: Path) -> Iterator[Problem]:
    for key in NEEDED:
        if key not in run.parameters:
            yield problem("missing_parameter", run.file, column=key, name=key)
    given = {("parameters",): run.parameters}
    given |= {("notebook_parameters", one): own for one, own in run.notebook_parameters.items()}
    for keys, parameters in given.items():
        if SET_BY_BATCH in parameters:
            line = run.line(*keys, SET_BY_BATCH)
            yield problem("reserved_parameter", run.file, line, SET_BY_BATCH, name=SET_BY_BATCH)
    if run.language not in LANGUAGES:
        line, found = run.line("parameters", "language"), repr(run.language)
        yield problem("bad_language", run.file, line, "language", found=found)
    stage = run.parameters.get("stage", STAGES[0])
    if isinstance(stage, str) and stage not in STAGES:
        line, words = run.line("parameters", "stage"), {"known": STAGES, "listed": listed(STAGES)}
        yield problem("bad_stage", run.file, line, "stage", name=stage, **words)
    for key, (folder, file) in _FOLDERS.items():
        there = sorted(path.parent.name for path in (home / "data" / folder).glob(f"*/{file}"))
        name, line = run.parameters.get(key), run.line("parameters", key)
        if isinstance(name, str) and name not in there:
            words = {"known": there, "folder": folder}
            yield problem("unknown_name", run.file, line, key, name=name, **words)

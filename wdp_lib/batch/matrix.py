"""A parameter file that stands for many runs: one for each combination of areas, years, languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from wdp_lib.batch.params import Run, override, read_run
from wdp_lib.core.errors import ParameterError, Problem, Text, suggestion

_WRONG = Text("参数有误，没有开始运行", "The parameters are wrong; nothing was run")


@dataclass(frozen=True)
class PlannedRun:
    """One run to be made, and the parameter file it comes from.

    Parameters
    ----------
    run : Run
        The run, its parameters final.
    file : pathlib.Path
        The parameter file.
    """

    run: Run
    file: Path


def plan_runs(
    files: Sequence[Path | str],
    *,
    overrides: Mapping[str, str] | None = None,
    selected: Mapping[str, Sequence[str]] | None = None,
    language: str | None = None,
) -> list[PlannedRun]:
    """Return the runs that parameter files stand for, in order.

    Parameters
    ----------
    files : sequence of path
        Parameter files; one with a ``matrix`` stands for a run for each combination of its values.
    overrides : mapping of str to str, optional
        Parameters as typed on the command line, in place of the files'.
    selected : mapping of str to sequence of str, optional
        Axis of the matrix → the values wanted; files without that axis are left out.
    language : {"zh", "en"}, optional
        Language of the runs whose file has no axis of languages.

    Raises
    ------
    ParameterError
        When a file is wrong, an override names an axis, a selected value does not exist, or two runs have one name.
    """
    planned, problems = [], []
    for file in map(Path, files):
        run = read_run(file)
        problems += [
            _axis_overridden(run, name) for name in (overrides or {}) if name in _set_by(run)
        ]
        spoken = {"language": language} if language and "language" not in _set_by(run) else {}
        planned += [
            PlannedRun(override(one, {**(overrides or {}), **spoken}), file) for one in expand(run)
        ]
    problems += _unknown_values(planned, selected or {})
    chosen = [
        one
        for one in planned
        if all(one.run.axes.get(axis) in values for axis, values in (selected or {}).items())
    ]
    problems += _twice(chosen)
    if problems:
        raise ParameterError(_WRONG, problems)
    return chosen


def expand(run: Run) -> list[Run]:
    """Return one run for each combination of the values of the run's matrix; a run without one is its own.

    Each is named after the file's run and its values; an axis with named values sets several parameters at once.
    """
    if not run.matrix:
        return [run]
    axes = [
        [(axis, *value) for value in _values(axis, given)] for axis, given in run.matrix.items()
    ]
    return [_combined(run, combination) for combination in product(*axes)]


def _values(axis: str, given: Any) -> list[tuple[str, dict[str, Any]]]:
    """Name and parameters of each value of an axis."""
    if isinstance(given, Mapping):
        return [(str(name), dict(parameters)) for name, parameters in given.items()]
    return [(str(value), {axis: value}) for value in given]


def _combined(run: Run, combination: Sequence[tuple[str, str, dict[str, Any]]]) -> Run:
    parameters = dict(run.parameters)
    for _, _, values in combination:
        parameters |= values
    name = "-".join([run.run, *(_slug(value) for _, value, _ in combination)])
    told = "，".join(value for axis, value, _ in combination if axis != "language")
    title = (
        run.title
        if not told
        else Text(f"{run.title.zh}（{told}）", f"{run.title.en} ({told.replace('，', ', ')})")
    )
    axes = {axis: value for axis, value, _ in combination}
    return replace(run, run=name, title=title, parameters=parameters, matrix={}, axes=axes)


def _slug(value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-") or "x"


def _set_by(run: Run) -> set[str]:
    return {
        name
        for axis, given in run.matrix.items()
        for _, values in _values(axis, given)
        for name in values
    }


def _axis_overridden(run: Run, name: str) -> Problem:
    expected = Text("矩阵以外的参数", "a parameter outside the matrix")
    advice = Text("请用 --area 或 --select 选取。", "Use --area or --select to choose.")
    return Problem("matrix_parameter", run.file, run.line("matrix"), name, name, expected, advice)


def _unknown_values(
    planned: Sequence[PlannedRun], selected: Mapping[str, Sequence[str]]
) -> list[Problem]:
    problems = []
    for axis, values in selected.items():
        known = sorted({one.run.axes[axis] for one in planned if axis in one.run.axes})
        expected = Text("参数文件 matrix 中的值", "a value of the matrix of a parameter file")
        problems += [
            Problem(
                "unknown_value", "matrix", None, axis, value, expected, suggestion(value, known)
            )
            for value in values
            if value not in known
        ]
    return problems


def _twice(planned: Sequence[PlannedRun]) -> list[Problem]:
    names = [one.run.run for one in planned]
    expected = Text("每次运行名称不同", "a name of its own for each run")
    advice = Text("请改 run，或分开运行。", "Change run, or run them one after another.")
    return [
        Problem(
            "run_twice",
            next(one.run.file for one in planned if one.run.run == name),
            None,
            "run",
            name,
            expected,
            advice,
        )
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]

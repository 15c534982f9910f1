"""A parameter file that stands for many runs: one for each combination of its values."""

from __future__ import annotations

import re
from collections import ChainMap, Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from wdp_lib.batch.params import Run, override, read_run
from wdp_lib.batch.problems import problem
from wdp_lib.core.errors import ParameterError, Problem, Text


@dataclass(frozen=True)
class PlannedRun:
    """One run to be made, its parameters final, and the parameter file it comes from."""

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
        One with a ``matrix`` stands for a run for each combination of its values.
    overrides : mapping of str to str, optional
        Parameters as typed on the command line, in place of the files'.
    selected : mapping of str to sequence of str, optional
        Axis of the matrix → the values wanted; files without that axis are left out.
    language : {"zh", "en"}, optional
        Language of the runs whose file has no axis of languages.

    Raises
    ------
    ParameterError
        When a file is wrong, an override names an axis, a selected value does not exist, or two
        runs have one name.
    """
    overrides, selected = dict(overrides or {}), selected or {}
    planned: list[PlannedRun] = []
    problems: list[Problem] = []
    for file in map(Path, files):
        run = read_run(file)
        axes = {name for axis in run.matrix for _, own in _values(run, axis) for name in own}
        for name in axes & overrides.keys():
            line = run.line("matrix")
            problems.append(problem("matrix_parameter", run.file, line, name, name=name))
        spoken = {"language": language} if language and "language" not in axes else {}
        planned += [PlannedRun(override(one, overrides | spoken), file) for one in expand(run)]
    for axis, values in selected.items():
        known = sorted({one.run.axes[axis] for one in planned if axis in one.run.axes})
        problems += [
            problem("unknown_value", "matrix", column=axis, known=known, name=value)
            for value in values
            if value not in known
        ]
    chosen = [
        one
        for one in planned
        if all(one.run.axes.get(axis) in values for axis, values in selected.items())
    ]
    names = Counter(one.run.run for one in chosen)
    problems += [
        problem("run_twice", run.file, column="run", name=run.run)
        for run in {one.run.run: one.run for one in chosen if names[one.run.run] > 1}.values()
    ]
    if problems:
        told = Text("参数有误，没有开始运行", "The parameters are wrong; nothing was run")
        raise ParameterError(told, problems)
    return chosen


def expand(run: Run) -> list[Run]:
    """Return one run for each combination of the values of its matrix; without one, the run itself.

    Each is named after the file's run and its values; an axis with named values sets several
    parameters at once.
    """
    if not run.matrix:
        return [run]
    axes = [[(axis, *value) for value in _values(run, axis)] for axis in run.matrix]
    return [_combined(run, combination) for combination in product(*axes)]


def _values(run: Run, axis: str) -> list[tuple[str, dict[str, Any]]]:
    given = run.matrix[axis]
    if isinstance(given, Mapping):
        return [(str(name), dict(parameters)) for name, parameters in given.items()]
    return [(str(value), {axis: value}) for value in given]


def _combined(run: Run, combination: Sequence[tuple[str, str, dict[str, Any]]]) -> Run:
    parameters = {**run.parameters, **ChainMap(*(own for _, _, own in combination[::-1]))}
    slugs = [re.sub(r"[^a-z0-9]+", "-", v.lower()).strip("-") or "x" for _, v, _ in combination]
    told = [value for axis, value, _ in combination if axis != "language"]
    title = run.title
    if told:
        zh, en = f"{title.zh}（{'，'.join(told)}）", f"{title.en} ({', '.join(told)})"
        title = Text(zh, en)
    name, axes = "-".join([run.run, *slugs]), {axis: value for axis, value, _ in combination}
    return replace(run, run=name, title=title, parameters=parameters, matrix={}, axes=axes)

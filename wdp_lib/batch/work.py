"""What a run is to do: its notebooks with their parameters, what need not run again, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from wdp_lib.batch.check import check_run, notebook_parameters
from wdp_lib.batch.execute import Task
from wdp_lib.batch.matrix import PlannedRun
from wdp_lib.batch.params import SET_BY_BATCH, Run
from wdp_lib.batch.problems import problem
from wdp_lib.batch.resume import done_notebooks, notebook_key, run_keys, why_again
from wdp_lib.core.errors import ParameterError, Text


def report_folder(
    run: Run, home: Path, out: Path | str | None = None, only: Sequence[str] = ()
) -> Path:
    """Return where the report of a run stands, or will stand."""
    folder = Path(out).resolve() if out else home / "reports"
    return folder / (f"{run.run}.part" if only else run.run)


def work_list(
    planned: PlannedRun, *, home: Path, out: Path | str | None = None, only: Sequence[str] = ()
) -> list[tuple[str, tuple[str, ...]]]:
    """Return a run's notebooks, each with the reasons to run it (again); none = its results stand.

    Raises
    ------
    ParameterError
        As `run_planned` would, before it starts.
    """
    run = selected_run(planned.run, only)
    check_run(run, home)
    folder, keys = report_folder(run, home, out, only), run_keys(run, home)
    done = done_notebooks(folder)
    return [
        (task.notebook, why_again(folder, done, task.notebook, notebook_key(task) | keys))
        for task in plan_work(run, home)
    ]


def notebook_task(planned: PlannedRun, notebook: str, *, home: Path) -> Task:
    """Return what a run gives one of its notebooks, but the folder of the report.

    Raises
    ------
    ParameterError
        As `run_planned` would, before it starts.
    """
    run = selected_run(planned.run, [notebook])
    check_run(run, home)
    (task,) = plan_work(run, home)
    given = {name: value for name, value in task.parameters.items() if name != SET_BY_BATCH}
    return replace(task, parameters=given)


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


def selected_run(run: Run, only: Sequence[str]) -> Run:
    """Return the run with the notebooks named only; all when none is.

    Raises
    ------
    ParameterError
        When a name is none of the run's.
    """
    problems = [
        problem("unknown_notebook", run.file, column="--only", known=run.notebooks, name=name)
        for name in only
        if name not in run.notebooks
    ]
    if problems:
        raise ParameterError(Text("没有这样的笔记本", "No such notebook"), problems)
    return replace(run, notebooks=tuple(name for name in run.notebooks if not only or name in only))

"""A whole run: the plan of the work, its execution, the report put in place."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from wdp_lib.batch.check import check_run
from wdp_lib.batch.execute import Outcome, Task, execute
from wdp_lib.batch.folders import RECORD, building_folder, deliver, refuse_foreign
from wdp_lib.batch.params import SET_BY_BATCH, Run, override, read_run
from wdp_lib.batch.record import as_json, run_record
from wdp_lib.batch.report import Entry, data_mark, rejected_rows, write_index, write_outcome
from wdp_lib.errors import ParameterError, Problem, Text, suggestion
from wdp_lib.files import write_atomic
from wdp_lib.home import find_home

Progress = Callable[[Text], None]


@dataclass(frozen=True)
class RunResult:
    """What a run came to.

    Parameters
    ----------
    run : Run
        The run.
    folder : pathlib.Path
        Where its report stands.
    outcomes : tuple of Outcome
        One for each notebook, in order.
    """

    run: Run
    folder: Path
    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the notebooks that did not run to their end."""
        return tuple(outcome.task.notebook for outcome in self.outcomes if outcome.failed)


def run_batch(
    path: Path | str,
    *,
    home: Path | str | None = None,
    overrides: Mapping[str, str] | None = None,
    out: Path | str | None = None,
    only: Sequence[str] = (),
    progress: Progress | None = None,
) -> RunResult:
    """Run the notebooks of a parameter file and put their report in place.

    A notebook that fails is reported and the others still run. When none succeeds, the report goes to
    ``<run>.failed`` and an earlier report stays; a run of some notebooks only goes to ``<run>.part``.

    Parameters
    ----------
    path : path
        The parameter file.
    home : path, optional
        The project folder; found from the current one by default.
    overrides : mapping of str to str, optional
        Parameters as typed on the command line, in place of the file's.
    out : path, optional
        Folder of the report folders; ``reports`` of the project by default.
    only : sequence of str, optional
        The notebooks to run, of those the file names; empty = all.
    progress : callable, optional
        Is told, in both languages, what happens.

    Returns
    -------
    RunResult
        The outcome of each notebook and the folder of the report.

    Raises
    ------
    ParameterError
        Before the first cell runs, with every problem of file, parameters and folders.
    """
    home = Path(home).resolve() if home else find_home()
    tell = progress or (lambda text: None)
    run = _selected(override(read_run(path), overrides or {}), only)
    check_run(run, home)
    mark = data_mark(run, home)
    target = _target(run, home, out, only)
    building = building_folder(target)
    try:
        # a page is written while the kernel of the next notebook works
        with ThreadPoolExecutor(1) as writer:
            outcomes, pages = [], []
            for outcome in _execute_all(plan_work(run, home), home, building, tell):
                outcomes.append(outcome)
                pages.append(writer.submit(write_outcome, outcome, run, building, mark))
        _write(run, home, Path(path), outcomes, [page.result() for page in pages], building, mark, tell)
        target = _deliver(building, target, outcomes)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    _summary(run, target, outcomes, tell)
    return RunResult(run, target, tuple(outcomes))


def plan_work(run: Run, home: Path) -> list[Task]:
    """Return the notebooks to execute with the parameters each is given, in order."""
    folder = f"reports/{run.run}"
    return [
        Task(
            name, home / "notebooks" / f"{name}.ipynb", {**run.parameters_of(name), SET_BY_BATCH: folder}, run.language
        )
        for name in run.notebooks
    ]


def _selected(run: Run, only: Sequence[str]) -> Run:
    unknown = [name for name in only if name not in run.notebooks]
    if unknown:
        expected = Text("本次运行的笔记本", "a notebook of this run")
        problems = [
            Problem("unknown_notebook", run.file, None, "--only", name, expected, suggestion(name, list(run.notebooks)))
            for name in unknown
        ]
        raise ParameterError(Text("没有这样的笔记本", "No such notebook"), problems)
    return replace(run, notebooks=tuple(name for name in run.notebooks if not only or name in only))


def _target(run: Run, home: Path, out: Path | str | None, only: Sequence[str]) -> Path:
    folder = Path(out).resolve() if out else home / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / (f"{run.run}.part" if only else run.run)


def _execute_all(tasks: Sequence[Task], home: Path, building: Path, tell: Progress) -> Iterator[Outcome]:
    taken = 0.0
    for number, task in enumerate(tasks, 1):
        place = f"[{number}/{len(tasks)}] {task.notebook}"
        tell(Text(f"{place} 正在运行……", f"{place} running ..."))
        outcome = execute(task, home=home, log=building / "logs" / f"{task.notebook}.log", report=building)
        taken += outcome.seconds
        tell(_told(place, outcome, taken / number * (len(tasks) - number)))
        yield outcome


def _told(place: str, outcome: Outcome, left: float) -> Text:
    seconds = outcome.seconds
    zh, en = f"{place} 完成，用时 {seconds:.1f} 秒", f"{place} done in {seconds:.1f} s"
    if outcome.failed:
        cell = outcome.cell or "?"
        zh = f"{place} 失败（第 {cell} 个单元格）：{outcome.error}"
        en = f"{place} failed (cell {cell}): {outcome.error}"
    elif outcome.warned:
        zh, en = f"{zh}；有警告，见日志", f"{en}; with warnings, see the log"
    if left:
        zh, en = f"{zh}；约还需 {left:.0f} 秒", f"{en}; about {left:.0f} s left"
    return Text(zh, en)


def _write(
    run: Run,
    home: Path,
    params: Path,
    outcomes: Sequence[Outcome],
    pages: Sequence[tuple[Entry, list[str]]],
    building: Path,
    mark: str,
    tell: Progress,
) -> None:
    for entry, missing in pages:
        if missing:
            listed = " ".join(missing[:20])
            tell(Text(f"{entry.name}：内嵌字体缺字 {listed}", f"{entry.name}: not in the embedded font: {listed}"))
    entries = [entry for entry, _ in pages]
    record = run_record(run, home, params, outcomes, building)
    write_index(run, home, entries, building, data_hash=record["data_sha256"], mark=mark)
    write_atomic(building / RECORD, as_json(record))


def _deliver(building: Path, target: Path, outcomes: Sequence[Outcome]) -> Path:
    """Put the report in place; one without a single success stands beside the earlier report."""
    failures = target.with_name(f"{target.name}.failed")
    place = failures if all(outcome.failed for outcome in outcomes) else target
    deliver(building, place)
    if place == target and (failures / RECORD).is_file():
        refuse_foreign(failures)
        shutil.rmtree(failures)
    return place


def _summary(run: Run, folder: Path, outcomes: Sequence[Outcome], tell: Progress) -> None:
    rejected = rejected_rows(folder)
    if rejected is not None:
        place = folder / "rejected.csv"
        tell(Text(f"未采用的数据行 {rejected} 行，原因见 {place}", f"{rejected} rows not used; reasons in {place}"))
    failed = [outcome.task.notebook for outcome in outcomes if outcome.failed]
    for name in failed:
        log, saved = folder / "logs" / f"{name}.log", folder / f"{name}.failed.ipynb"
        tell(Text(f"{name} 失败：日志 {log}，笔记本 {saved}", f"{name} failed: log {log}, notebook {saved}"))
    tell(Text(f"报告：{folder / 'index.html'}", f"Report: {folder / 'index.html'}"))

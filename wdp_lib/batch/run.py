"""A whole run: the plan of the work, its execution, the report put in place."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wdp_lib.batch.check import check_run
from wdp_lib.batch.execute import Outcome, Task, execute
from wdp_lib.batch.folders import RECORD, building_folder, deliver, refuse_foreign
from wdp_lib.batch.lock import sole_run
from wdp_lib.batch.matrix import PlannedRun, plan_runs
from wdp_lib.batch.pace import Pace
from wdp_lib.batch.params import Run
from wdp_lib.batch.record import as_json, digests, is_whole, run_record
from wdp_lib.batch.report import (
    Entry,
    data_mark,
    entry_of,
    rejected_rows,
    write_index,
    write_outcome,
)
from wdp_lib.batch.resume import (
    STATE,
    Origin,
    carry_over,
    done_notebooks,
    notebook_key,
    remember,
    why_again,
)
from wdp_lib.batch.stop import Stop
from wdp_lib.batch.warm.pool import private_folder, warm_ahead
from wdp_lib.batch.work import plan_work, report_folder, selected_run
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.core.files import write_atomic
from wdp_lib.core.home import find_home

WORK = ".work"  # in a folder under construction: what a notebook has written so far
FAULTS = {
    "timeout": Text("单元格超时：", "a cell took too long: "),
    "kernel_died": Text(
        "内核意外终止（可能内存不足），已重试一次：",
        "the kernel died (memory?), also when tried again: ",
    ),
}
Progress = Callable[[Text], None]


@dataclass(frozen=True)
class RunResult:
    """What a run came to: where its report stands, and one outcome a notebook, in order."""

    run: Run
    folder: Path
    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the notebooks that did not run to their end."""
        return tuple(outcome.task.notebook for outcome in self.outcomes if outcome.failed)


@dataclass(frozen=True)
class Shared:
    """What runs side by side share: room for ``lanes`` notebooks, the wish to stop, the pace.

    ``studies`` is where their notebooks keep for each other what a study has computed.
    """

    lanes: int
    slots: threading.Semaphore
    stop: Stop
    pace: Pace
    studies: Path


@contextmanager
def shared(notebooks: int, lanes: int) -> Iterator[Shared]:
    """Open what runs share, with a private folder that goes at the end."""
    with private_folder() as studies:
        slots, pace = threading.Semaphore(lanes), Pace(notebooks, lanes)
        yield Shared(lanes, slots, Stop(), pace, Path(studies))


def run_batch(
    path: Path | str,
    *,
    home: Path | str | None = None,
    overrides: Mapping[str, str] | None = None,
    selected: Mapping[str, Sequence[str]] | None = None,
    **settings: Any,
) -> RunResult:
    """Run the notebooks of a parameter file and put their report in place.

    Parameters
    ----------
    path : path
        The parameter file; one with a matrix must be narrowed to one run by ``selected``.
    home : path, optional
        The project folder; found from the current one by default.
    overrides, selected : mapping, optional
        As of `plan_runs`.
    **settings
        ``out, only, resume, go_on, timeout, progress`` of `run_planned`.

    Raises
    ------
    ParameterError
        Before the first cell runs, with every problem of file, parameters and folders.
    """
    planned = plan_runs([path], overrides=overrides, selected=selected)
    if len(planned) != 1:
        zh, en = (
            f"{path} 展开为 {len(planned)} 次运行，这里只能运行一次。",
            (f"{path} stands for {len(planned)} runs, not one."),
        )
        raise ParameterError(Text(zh, en))
    result = run_planned(planned[0], home=Path(home).resolve() if home else find_home(), **settings)
    if tell := settings.get("progress"):
        tell_result(result, tell)
    return result


def run_planned(
    planned: PlannedRun,
    *,
    home: Path,
    out: Path | str | None = None,
    only: Sequence[str] = (),
    resume: bool = False,
    go_on: bool = False,
    timeout: float | None = None,
    among: Shared | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Make the report of one run.

    Its notebooks are begun in their order; none reads what another wrote, so that several may run
    at a time. One that fails is reported and the others still run. When none succeeds, or an
    earlier report has no failure, the report goes to ``<run>.failed`` and the earlier one stays; a
    run of some notebooks only goes to ``<run>.part``.

    Parameters
    ----------
    planned : PlannedRun
        The run and its file.
    home : pathlib.Path
        The project folder.
    out : path, optional
        Folder of the report folders; ``reports`` of the project by default.
    only : sequence of str, optional
        The notebooks to run, of those the file names; empty = all.
    resume : bool
        Take over the notebooks of the earlier report, or of a run that was killed, that would come
        out the same.
    go_on : bool
        Take over those of a run that was killed only.
    timeout : float, optional
        Seconds a single cell may take.
    among : Shared, optional
        What it shares with other runs; alone, one notebook runs at a time.
    progress : callable, optional
        Is told, in both languages, what happens.

    Raises
    ------
    ParameterError
        Before the first cell runs: parameters, notebooks or folders are wrong, or the same report
        is being made.
    KeyboardInterrupt
        When interrupted or asked to stop; what is done is kept for a run that resumes.
    """
    if not resume:  # it gets warm while the rest is read and checked
        warm_ahead(os.environ)
    run = selected_run(planned.run, only)
    check_run(run, home)
    mark, target = data_mark(run, home), report_folder(run, home, out, only)
    with (
        nullcontext(among) if among else shared(len(run.notebooks), 1) as common,
        sole_run(target),
    ):
        common.stop.check()
        building = building_folder(target, keep=resume or go_on)
        earlier, tell = target if resume else building, progress or (lambda text: None)
        origin = Origin.of(run, home)
        site = _Site(run, home, building, earlier, origin, mark, timeout, common, tell)
        try:
            outcomes, entries = _work(site)
            _write(site, planned.file, outcomes, entries)
            target = _deliver(building, target, outcomes)
        except Exception:
            shutil.rmtree(building, ignore_errors=True)
            raise
    return RunResult(run, target, tuple(outcomes))


@dataclass(frozen=True)
class _Site:
    """Where a run is being made, and from what."""

    run: Run
    home: Path
    building: Path
    earlier: Path
    origin: Origin
    mark: str
    timeout: float | None
    common: Shared
    tell: Progress


def _work(site: _Site) -> tuple[list[Outcome], list[Entry]]:
    """Run what must be run, begun in order; pages are written while other kernels work."""
    tasks = plan_work(site.run, site.home)
    done = {folder: done_notebooks(folder) for folder in (site.building, site.earlier)}

    def one(number: int, task: Task) -> tuple[Outcome, Entry | Future]:
        place, key = f"[{number}/{len(tasks)}] {task.notebook}", notebook_key(task, site.origin)
        try:
            if (outcome := _taken_over(site, done, task, key)) is not None:
                site.tell(Text(f"{place} 未变化，沿用已有结果", f"{place} unchanged, kept"))
                site.common.pace.dropped()
                return outcome, entry_of(task.notebook, outcome.node)
            site.tell(Text(f"{place} 正在运行……", f"{place} running ..."))
            outcome = _run_one(site, task)
        finally:
            site.common.slots.release()
        site.common.pace.ended(outcome.seconds)
        site.tell(_told(place, outcome, site.common.pace.left()))
        return outcome, writer.submit(_put_in_place, site, outcome, key)

    with ThreadPoolExecutor(1) as writer, ThreadPoolExecutor(site.common.lanes) as runner:
        try:
            asked = []
            for number, task in enumerate(tasks, 1):
                site.common.slots.acquire()  # waited for here, so that the order is kept
                asked.append(runner.submit(one, number, task))
            ended = [future.result() for future in asked]
        except KeyboardInterrupt:
            site.common.stop.ask()
            raise
        entries = [entry.result() if isinstance(entry, Future) else entry for _, entry in ended]
    return [outcome for outcome, _ in ended], entries


def _taken_over(
    site: _Site, done: Mapping[Path, Mapping[str, Any]], task: Task, key: Mapping[str, str]
) -> Outcome | None:
    """The earlier results of a notebook when they are as they would be now."""
    import nbformat

    for folder, known in done.items():
        if not why_again(folder, known, task.notebook, key):
            carry_over(folder, site.building, task.notebook, known[task.notebook])
            made = nbformat.read(str(site.building / f"{task.notebook}.ipynb"), as_version=4)
            return Outcome(task, made, 0.0)
    return None


def _run_one(site: _Site, task: Task) -> Outcome:
    workplace = site.building / WORK / task.notebook
    shutil.rmtree(workplace, ignore_errors=True)
    (workplace / "tables").mkdir(parents=True)
    log = site.building / "logs" / f"{task.notebook}.log"
    log.unlink(missing_ok=True)
    return execute(
        task,
        home=site.home,
        log=log,
        report=workplace,
        studies=site.common.studies,
        timeout=site.timeout,
        stop=site.common.stop,
    )


def _put_in_place(site: _Site, outcome: Outcome, key: Mapping[str, str]) -> Entry:
    """Write a notebook's page, move its tables into the report, and only then note it as done."""
    name, workplace = outcome.task.notebook, site.building / WORK / outcome.task.notebook
    made = [path.relative_to(workplace) for path in sorted(workplace.rglob("*")) if path.is_file()]
    for path in made:
        (site.building / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(workplace / path, site.building / path)
    entry, missing = write_outcome(outcome, site.run, site.building, site.mark)
    if not outcome.failed:
        made += [Path(f"{name}.ipynb"), Path(f"{name}.html")]
        files = digests(site.building, [site.building / path for path in made])
        remember(site.building, name, key, files)
    if missing:
        listed = " ".join(missing[:20])
        site.tell(
            Text(f"{name}：内嵌字体缺字 {listed}", f"{name}: not in the embedded font: {listed}")
        )
    return entry


def _told(place: str, outcome: Outcome, left: float) -> Text:
    seconds = outcome.seconds
    zh, en = f"{place} 完成，用时 {seconds:.1f} 秒", f"{place} done in {seconds:.1f} s"
    if outcome.failed:
        cell, fault = outcome.cell or "?", FAULTS.get(outcome.fault, Text("", ""))
        zh = f"{place} 失败（第 {cell} 个单元格）：{fault.zh}{outcome.error}"
        en = f"{place} failed (cell {cell}): {fault.en}{outcome.error}"
    elif outcome.warned:
        zh, en = f"{zh}；有警告，见日志", f"{en}; with warnings, see the log"
    if left:
        zh, en = f"{zh}；约还需 {left:.0f} 秒", f"{en}; about {left:.0f} s left"
    return Text(zh, en)


def _write(
    site: _Site, params: Path, outcomes: Sequence[Outcome], entries: Sequence[Entry]
) -> None:
    run, home, building = site.run, site.home, site.building
    record = run_record(run, home, params, outcomes, building, done_notebooks(building))
    data_hash = record["data_sha256"]
    write_index(run, home, entries, building, data_hash=data_hash, mark=site.mark)
    for part in (WORK, STATE):
        shutil.rmtree(building / part, ignore_errors=True)
    write_atomic(building / RECORD, as_json(record))


def _deliver(building: Path, target: Path, outcomes: Sequence[Outcome]) -> Path:
    """Put the report in place; one with failures stands beside an earlier report that has none."""
    failures = target.with_name(f"{target.name}.failed")
    failed = [outcome.failed for outcome in outcomes]
    place = failures if all(failed) or (any(failed) and is_whole(target)) else target
    deliver(building, place)
    if place == target and (failures / RECORD).is_file():
        refuse_foreign(failures)
        shutil.rmtree(failures)
    return place


def tell_result(result: RunResult, tell: Progress) -> None:
    """Say where the report stands, which rows were rejected, and where to look for what failed."""
    folder, rejected = result.folder, rejected_rows(result.folder)
    if rejected is not None:
        why = folder / "rejected.csv"
        zh, en = (
            f"退回的数据行 {rejected} 行，原因见 {why}",
            f"{rejected} rows rejected; reasons in {why}",
        )
        tell(Text(zh, en))
    for name in result.failed:
        log, saved = folder / "logs" / f"{name}.log", folder / f"{name}.failed.ipynb"
        zh = f"{name} 失败：日志 {log}，笔记本 {saved}"
        tell(Text(zh, f"{name} failed: log {log}, notebook {saved}"))
    tell(Text(f"报告：{folder / 'index.html'}", f"Report: {folder / 'index.html'}"))

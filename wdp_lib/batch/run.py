"""A whole run: the plan of the work, its execution, the report put in place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wdp_lib.batch.check import Task, check_run, plan_work, selected_run
from wdp_lib.batch.execute import Outcome, execute
from wdp_lib.batch.folders import (
    RECORD,
    building_folder,
    deliver,
    refuse_foreign,
    report_folder,
    sole_run,
)
from wdp_lib.batch.params import Run, plan_runs
from wdp_lib.batch.record import (
    STATE,
    as_json,
    carry_over,
    digests,
    done_notebooks,
    is_whole,
    notebook_key,
    remember,
    run_keys,
    run_record,
    stands,
    why_again,
)
from wdp_lib.batch.report import (
    Entry,
    data_mark,
    entry_of,
    rejected_rows,
    write_index,
    write_outcome,
)
from wdp_lib.batch.shared import Shared, shared
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


def run_batch(
    path: Path | str,
    *,
    home: Path | str | None = None,
    overrides: Mapping[str, str] | None = None,
    selected: Mapping[str, Sequence[str]] | None = None,
    **settings: Any,
) -> RunResult:
    """Run the notebooks of a parameter file and put their report in place.

    ``path``: the parameter file; one with a matrix must be narrowed to one run by ``selected``.
    ``home``: the project folder; found from the current one by default. ``overrides, selected``: as
    of `plan_runs`. ``**settings``: ``out, only, if_changed, resume, go_on, timeout, progress`` of
    `run_planned`. Raises `ParameterError` before the first cell runs, with every problem of file,
    parameters and folders.
    """
    planned = plan_runs([path], overrides=overrides, selected=selected)
    if len(planned) != 1:
        zh = f"{path} 展开为 {len(planned)} 次运行，这里只能运行一次。"
        raise ParameterError.of(zh, f"{path} stands for {len(planned)} runs, not one.")
    result = run_planned(planned[0], home=Path(home).resolve() if home else find_home(), **settings)
    if tell := settings.get("progress"):
        tell_result(result, tell)
    return result


def run_planned(
    run: Run,
    *,
    home: Path,
    out: Path | str | None = None,
    only: Sequence[str] = (),
    if_changed: bool = False,
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
    run of some notebooks only goes to ``<run>.part``. ``out``: folder of the report folders;
    ``reports`` of the project by default. ``only``: the notebooks to run, of those the file names;
    empty = all. ``if_changed``: leave a whole report as it is where nothing it rests on changed; it
    has no outcomes then. ``resume``: take over the notebooks of the earlier report, or of a run
    that was killed, that would come out the same. ``go_on``: take over those of a run that was
    killed only.
    ``timeout``: seconds a single cell may take. ``among``: what it shares with other runs; alone,
    one notebook runs at a time. ``progress``: is told, in both languages, what happens. Raises
    `ParameterError` before the first cell runs: parameters, notebooks or folders are wrong, or the
    same report is being made. Raises `KeyboardInterrupt` when interrupted or asked to stop; what is
    done is kept for a run that resumes.
    """
    run, target = selected_run(run, only), report_folder(run, home, out, only)
    alone = None if among else shared(len(run.notebooks), 1)
    with alone or nullcontext(among) as common, common.lanes.beginning(run.run):
        check_run(run, home)
        mark = data_mark(run, home)
        with sole_run(target):
            common.stop.check()
            tell = progress or (lambda text: None)
            if if_changed and stands(run, home, target):
                tell(Text("没有变化，报告保持原样", "nothing changed, the report stands"))
                common.pace.dropped(len(run.notebooks))
                return RunResult(run, target, ())
            building = building_folder(target, keep=resume or go_on)
            earlier = target if resume else building
            making = _Making(run, home, building, earlier, mark, timeout, common, tell)
            outcomes = making.work()
            target = _deliver(building, target, outcomes)
    return RunResult(run, target, tuple(outcomes))


@dataclass(frozen=True)
class _Making:
    run: Run
    home: Path
    building: Path
    earlier: Path
    mark: str
    timeout: float | None
    common: Shared
    tell: Progress

    def work(self) -> list[Outcome]:
        """Run what must be run, begun in order; pages are written while other kernels work."""
        tasks, common, run = plan_work(self.run, self.home), self.common, self.run.run
        shared_keys = run_keys(self.run, self.home)
        done = {folder: done_notebooks(folder) for folder in (self.building, self.earlier)}
        with ThreadPoolExecutor(1) as writer, ThreadPoolExecutor(len(tasks)) as runner:

            def one(number: int, task: Task) -> tuple[Outcome, Future[Entry]]:
                place, key = f"[{number}/{len(tasks)}] {task.notebook}", notebook_key(task)
                try:
                    outcome = self._one(place, task, key | shared_keys, done)
                finally:
                    common.lanes.give(run)
                if outcome.seconds:
                    self.tell(_told(place, outcome, common.pace.left()))
                return outcome, writer.submit(self._put_in_place, outcome, key | shared_keys)

            try:
                asked = []
                for number, task in enumerate(tasks, 1):
                    common.lanes.take(run)  # waited for here, so that the order is kept
                    asked.append(runner.submit(one, number, task))
                common.lanes.leave(run)
                ended = [future.result() for future in asked]
            except KeyboardInterrupt:
                common.stop.ask()
                raise
            entries = [entry.result() for _, entry in ended]
        outcomes = [outcome for outcome, _ in ended]
        self._write(outcomes, entries)
        return outcomes

    def _one(
        self, place: str, task: Task, key: Mapping[str, str], done: Mapping[Path, Mapping[str, Any]]
    ) -> Outcome:
        import nbformat

        name, pace = task.notebook, self.common.pace
        for folder, known in done.items():
            if not why_again(folder, known, name, key):
                carry_over(folder, self.building, name, known[name])
                self.tell(Text(f"{place} 未变化，沿用已有结果", f"{place} unchanged, kept"))
                pace.dropped()
                made = nbformat.read(str(self.building / f"{name}.ipynb"), as_version=4)
                return Outcome(task, made, 0.0)
        self.tell(Text(f"{place} 正在运行……", f"{place} running ..."))
        workplace, log = self.building / WORK / name, self.building / "logs" / f"{name}.log"
        shutil.rmtree(workplace, ignore_errors=True)
        (workplace / "tables").mkdir(parents=True)
        log.unlink(missing_ok=True)
        outcome = execute(
            task,
            home=self.home,
            log=log,
            report=workplace,
            studies=self.common.studies,
            timeout=self.timeout,
            stop=self.common.stop,
        )
        pace.ended(outcome.seconds)
        return outcome

    def _put_in_place(self, outcome: Outcome, key: Mapping[str, str]) -> Entry:
        """Write a page, move the notebook's tables into the report, and only then note it done."""
        name, building = outcome.task.notebook, self.building
        if not outcome.seconds:  # taken over, and in place
            return entry_of(name, outcome.node)
        workplace = building / WORK / name
        made = [one.relative_to(workplace) for one in sorted(workplace.rglob("*")) if one.is_file()]
        for path in made:
            (building / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(workplace / path, building / path)
        entry, missing = write_outcome(outcome, self.run, building, self.mark)
        if not outcome.failed:
            made += [Path(f"{name}.ipynb"), Path(f"{name}.html")]
            remember(building, name, key, digests(building, [building / path for path in made]))
        if missing:
            shown = " ".join(missing[:20])
            zh = f"{name}：内嵌字体缺字 {shown}"
            self.tell(Text(zh, f"{name}: not in the embedded font: {shown}"))
        return entry

    def _write(self, outcomes: Sequence[Outcome], entries: Sequence[Entry]) -> None:
        building = self.building
        record = run_record(self.run, self.home, outcomes, building)
        data_hash = record["data_sha256"]
        write_index(self.run, self.home, entries, building, data_hash=data_hash, mark=self.mark)
        for part in (WORK, STATE):
            shutil.rmtree(building / part, ignore_errors=True)
        write_atomic(building / RECORD, as_json(record))


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
        zh = f"退回的数据行 {rejected} 行，原因见 {why}"
        tell(Text(zh, f"{rejected} rows rejected; reasons in {why}"))
    for name in result.failed:
        log, saved = folder / "logs" / f"{name}.log", folder / f"{name}.failed.ipynb"
        zh = f"{name} 失败：日志 {log}，笔记本 {saved}"
        tell(Text(zh, f"{name} failed: log {log}, notebook {saved}"))
    tell(Text(f"报告：{folder / 'index.html'}", f"Report: {folder / 'index.html'}"))

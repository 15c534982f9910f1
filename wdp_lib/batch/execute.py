"""One notebook: run by papermill in a kernel of its own; what it did is returned."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from wdp_lib.batch.clean import clean_notebook
from wdp_lib.batch.kernels import WARM, kernel_environment, kernel_manager
from wdp_lib.batch.stop import Stop
from wdp_lib.batch.translate import SOURCE, localised
from wdp_lib.batch.warm.pool import private_folder

KERNEL = WARM


@dataclass(frozen=True)
class Task:
    """A piece of work: one notebook with its parameters.

    Parameters
    ----------
    notebook : str
        Name without ending.
    source : pathlib.Path
        The notebook to run.
    parameters : mapping
        What is injected after its parameters cell; empty = its defaults.
    language : {"zh", "en"}
        Language of the report.
    """

    notebook: str
    source: Path
    parameters: Mapping[str, Any]
    language: str = SOURCE


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    Parameters
    ----------
    node : nbformat.NotebookNode
        The notebook with the results it has, cleaned of times and paths.
    seconds : float
        Wall time, for the console only.
    cell : int or None
        Position of the cell that failed, the first being 1.
    error : str
        Name and words of the error; ``""`` = none.
    warned : bool
        Whether the notebook wrote to the error stream.
    fault : {"", "error", "timeout", "kernel_died"}
        What stopped it.
    """

    task: Task
    node: Any
    seconds: float
    cell: int | None = None
    error: str = ""
    warned: bool = False
    fault: str = ""

    @property
    def failed(self) -> bool:
        """Whether the notebook did not run to its end."""
        return bool(self.error)


def execute(
    task: Task,
    *,
    home: Path,
    log: Path,
    report: Path | None = None,
    studies: Path | None = None,
    timeout: float | None = None,
    stop: Stop | None = None,
) -> Outcome:
    """Run one notebook to its end or to its first error, which is in the outcome, not raised.

    A kernel that dies is given one more try: what the system took away once, it may give the
    second time.

    Parameters
    ----------
    task : Task
        What to run.
    home : pathlib.Path
        The project folder; the notebook runs in its folder ``notebooks``.
    log : pathlib.Path
        File for the times, the streams, the kernel's own words and the traceback.
    report, studies : pathlib.Path, optional
        Where tables, and what notebooks compute for each other, go for the time being.
    timeout : float, optional
        Seconds a single cell may take.
    stop : Stop, optional
        When asked, the kernel is ended.

    Raises
    ------
    KeyboardInterrupt
        When asked to stop.
    """
    stop, seconds = stop or Stop(), 0.0
    for last_try in (False, True):
        stop.check()
        with log.open("ab", buffering=0) as stream, private_folder() as private:
            environment = kernel_environment(
                home=home,
                language=task.language,
                private=Path(private),
                report=report,
                studies=studies,
            )
            manager = kernel_manager(
                environment=environment, folder=task.source.parent, log=stream, stop=stop
            )
            outcome = _execute(task, home, manager, stream, timeout)
        stop.check()
        seconds += outcome.seconds
        if last_try or outcome.fault != "kernel_died":
            break
    return replace(outcome, seconds=seconds)


def _execute(
    task: Task, home: Path, manager: type, stream: IO[bytes], timeout: float | None
) -> Outcome:
    begun, trace = time.monotonic(), _Trace()
    source = localised(task.source, task.language)
    error = _run(task, source, manager, trace, stream, timeout)
    seconds = time.monotonic() - begun
    _say(stream, f"{task.notebook}: {'failed' if error else 'done'} after {seconds:.1f} s")
    node = clean_notebook(trace.node if trace.node is not None else source, home=home)
    cell, told = trace.where(node, error)
    if (fault := _fault(error)) == "timeout":  # the cell only knows that it was interrupted
        told = f"CellTimeoutError: > {timeout:g} s"
    return Outcome(task, node, seconds, cell, told.replace(str(home), "."), _warned(node), fault)


class _Trace:
    """Keeps hold of the notebook at work, which papermill does not return when a kernel dies."""

    def __init__(self) -> None:
        self.node: Any = None
        self.cell_id: str = ""

    def started(self, notebook: Any) -> None:
        self.node = notebook

    def at(self, cell: Any, cell_index: int) -> None:
        self.cell_id = cell.get("id", "")

    def where(self, node: Any, error: Exception | None) -> tuple[int | None, str]:
        if error is None:
            return None, ""
        for number, cell in enumerate(node.cells, 1):
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    return number, _one_line(f"{output.ename}: {output.evalue}")
        ids = [cell.get("id") for cell in node.cells]
        at = ids.index(self.cell_id) + 1 if self.cell_id in ids else None
        return at, _one_line(f"{type(error).__name__}: {error}")


def _fault(error: Exception | None) -> str:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    if error is None:
        return ""
    return {CellTimeoutError: "timeout", DeadKernelError: "kernel_died"}.get(type(error), "error")


def _run(
    task: Task,
    source: Any,
    manager: type,
    trace: _Trace,
    stream: IO[bytes],
    timeout: float | None,
) -> Exception | None:
    import papermill

    words = TextIOWrapper(stream, "utf-8", "replace", write_through=True)
    _keep_off_the_console()
    try:
        papermill.execute_notebook(
            source,
            None,
            parameters=dict(task.parameters),
            kernel_name=KERNEL,
            language="python",
            progress_bar=False,
            stdout_file=words,
            stderr_file=words,
            request_save_on_cell_execute=False,
            kernel_manager_class=manager,
            execution_timeout=timeout,
            on_notebook_start=trace.started,
            on_cell_start=trace.at,
        )
    except Exception as error:  # what stops one notebook must not stop the others: it is reported
        _say(stream, "".join(traceback.format_exception(error)))
        return error
    finally:
        words.detach()  # the log stays open
        _close_loop()
    return None


@cache
def _keep_off_the_console() -> None:
    """Give the executor's loggers a handler: without one Python prints what the log says."""
    for name in ("papermill", "traitlets"):
        logging.getLogger(name).addHandler(logging.NullHandler())


def _close_loop() -> None:
    """Close the event loop that Jupyter opens in a thread and leaves open: three open files."""
    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    if not loop.is_running():  # else it is not ours: the caller works in one
        loop.close()


def _say(stream: IO[bytes], text: str) -> None:
    stream.write((text.rstrip("\n") + "\n").encode("utf-8", errors="replace"))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def _warned(node: Any) -> bool:
    return any(
        o.output_type == "stream" and o.name == "stderr"
        for c in node.cells
        for o in c.get("outputs", [])
    )

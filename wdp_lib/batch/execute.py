"""One notebook: run by papermill in a kernel of its own; what it did is returned."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from wdp_lib.batch.clean import clean_notebook
from wdp_lib.batch.kernels import WARM, kernel_environment, kernel_manager
from wdp_lib.batch.shared import Stop
from wdp_lib.batch.translate import SOURCE, localised
from wdp_lib.batch.warm.pool import private_folder

KERNEL = WARM
# for the last outputs of a cell to arrive: a busy machine takes its time, and a kernel that died
# meanwhile is seen within a second
_LAST_OUTPUTS = 60
# without a handler Python prints on the console what the executor's loggers say
for _name in ("papermill", "traitlets"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Task:
    """A piece of work: one notebook with its parameters.

    Parameters
    ----------
    source : pathlib.Path
        The notebook to run.
    parameters : mapping
        What is injected after its parameters cell; empty = its defaults.
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
    begun, source = time.monotonic(), localised(task.source, task.language)
    # papermill does not return the notebook at work when a kernel dies, nor the cell it was at
    seen = {"node": source, "cell": ""}
    error = _run(task, source, manager, seen, stream, timeout)
    seconds = time.monotonic() - begun
    _say(stream, f"{task.notebook}: {'failed' if error else 'done'} after {seconds:.1f} s")
    node = clean_notebook(seen["node"], home=home)
    outputs = [(number, o) for number, c in enumerate(node.cells, 1) for o in c.get("outputs", [])]
    warned = any(o.output_type == "stream" and o.name == "stderr" for _, o in outputs)
    if error is None:
        return Outcome(task, node, seconds, warned=warned)
    ids = [cell.get("id") for cell in node.cells]
    cell = ids.index(seen["cell"]) + 1 if seen["cell"] in ids else None
    told, fault = f"{type(error).__name__}: {error}", _fault(error, timeout)
    for number, output in outputs[::-1]:
        if output.output_type == "error":
            cell, told = number, f"{output.ename}: {output.evalue}"
    if fault == "timeout":  # the cell only knows that it was interrupted
        told = f"CellTimeoutError: > {timeout:g} s"
    told = " ".join(told.split())[:300].replace(str(home), ".")
    return Outcome(task, node, seconds, cell, told, warned, fault)


def _fault(error: Exception, timeout: float | None) -> str:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    late = isinstance(error, CellTimeoutError)
    if isinstance(error, DeadKernelError) or (late and "IOPub" in str(error)):
        return "kernel_died"  # also when its last outputs never came
    return "timeout" if late and timeout else "error"


def _run(
    task: Task,
    source: Any,
    manager: type,
    seen: dict[str, Any],
    stream: IO[bytes],
    timeout: float | None,
) -> Exception | None:
    import papermill
    from jupyter_core.utils import ensure_event_loop

    words = TextIOWrapper(stream, "utf-8", "replace", write_through=True)
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
            iopub_timeout=_LAST_OUTPUTS,
            on_notebook_start=lambda notebook: seen.update(node=notebook),
            on_cell_start=lambda cell, cell_index: seen.update(cell=cell.get("id", "")),
        )
    except Exception as error:  # what stops one notebook must not stop the others: it is reported
        _say(stream, "".join(traceback.format_exception(error)))
        return error
    finally:
        words.detach()  # the log stays open
        # Jupyter opens an event loop in a thread and leaves it open: three open files
        loop = ensure_event_loop()
        if not loop.is_running():  # else it is not ours: the caller works in one
            loop.close()
    return None


def _say(stream: IO[bytes], text: str) -> None:
    stream.write((text.rstrip("\n") + "\n").encode("utf-8", errors="replace"))

"""Many runs side by side: in processes of this machine, or on the workers of a cluster."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wdp_lib.batch.cluster import LOST, cluster, ended_tasks
from wdp_lib.batch.matrix import PlannedRun
from wdp_lib.batch.run import run_planned
from wdp_lib.errors import Text, WdpError, user_language

TRIES = 3  # of a run whose process is taken away; the last with no other run beside it


@dataclass(frozen=True)
class RunEnd:
    """How one of many runs ended.

    Parameters
    ----------
    run : str
        The run.
    folder : str
        Where its report stands; ``""`` = there is none.
    failed : tuple of str
        Notebooks that did not run to their end.
    error : str
        Why there is no report, in the user's language; ``""`` = there is one.
    wrong_input : bool
        Whether parameters, plan or data were wrong.
    """

    run: str
    folder: str = ""
    failed: tuple[str, ...] = ()
    error: str = ""
    wrong_input: bool = False


@dataclass(frozen=True)
class Order:
    """What a process is asked to do: one run with the settings of all.

    Parameters
    ----------
    planned : PlannedRun
        The run.
    home : pathlib.Path
        The project folder.
    settings : dict
        ``out, only, resume, timeout, lanes, slots`` of `run_planned`.
    quiet : bool
        Whether no progress is told.
    named : bool
        Whether each line of progress begins with the run's name.
    """

    planned: PlannedRun
    home: Path
    settings: dict[str, Any]
    quiet: bool = False
    named: bool = False


def run_all(
    orders: Sequence[Order], *, jobs: int = 1, scheduler: str = "", ended: Callable[[RunEnd, int, float], None]
) -> list[RunEnd]:
    """Make all reports; whatever happens to one, the others are made.

    Parameters
    ----------
    orders : sequence of Order
        The runs.
    jobs : int
        Notebooks at a time; runs are spread over as many processes.
    scheduler : str
        Address of a Dask scheduler whose workers see the project folder at the same place; ``""`` = this machine.
    ended : callable
        Is told of each run that has ended, how many there are to go, and the seconds that may take.

    Returns
    -------
    list of RunEnd
        One for each order, in the same sequence.
    """
    if scheduler:
        stream = _on_cluster(orders, scheduler)
    elif min(jobs, len(orders)) <= 1:
        stream = (make_report(_with(order, lanes=jobs)) for order in orders)
    else:
        stream = _in_processes(orders, jobs)
    begun, found = time.monotonic(), {}
    for end in stream:
        found[end.run] = end
        left = len(orders) - len(found)
        ended(end, left, (time.monotonic() - begun) / len(found) * left)
    return [found[order.planned.run.run] for order in orders]


def make_report(order: Order) -> RunEnd:
    """Make one report and say how it ended; nothing is raised but an interruption."""
    name = order.planned.run.run
    tell = None if order.quiet else (lambda text: _say(text, name if order.named else ""))
    try:
        result = run_planned(order.planned, home=order.home, progress=tell, **order.settings)
    except WdpError as error:
        return RunEnd(name, error=error.render(), wrong_input=True)
    except Exception as error:  # a defect of ours in one run must not stop the others; it is told in full
        traceback.print_exception(error, file=sys.stderr)
        return RunEnd(name, error=f"{type(error).__name__}: {error}")
    return RunEnd(name, str(result.folder), result.failed)


def _in_processes(orders: Sequence[Order], jobs: int) -> Iterator[RunEnd]:
    """Runs in a pool of fresh interpreters; those that a lost process took with it are resumed in a new pool."""
    with tempfile.TemporaryDirectory(prefix="wdp-slots-") as slots:
        yield from _in_pools([_with(order, lanes=jobs, slots=Path(slots)) for order in orders], jobs)


def _in_pools(waiting: list[Order], jobs: int) -> Iterator[RunEnd]:
    from multiprocessing import get_context

    for attempt in range(1, TRIES + 1):
        lost: list[Order] = []
        # the last time each run has a pool of its own, so that the one at fault takes no other with it
        for group in [waiting] if attempt < TRIES else [[order] for order in waiting]:
            with ProcessPoolExecutor(min(jobs, len(group)), mp_context=get_context("spawn")) as pool:
                asked = {pool.submit(make_report, order): order for order in group}
                for future in as_completed(asked):
                    if isinstance(future.exception(), BrokenProcessPool):
                        lost.append(asked[future])
                    else:
                        yield future.result()
        waiting = [_resumed(order) for order in lost]
        if not waiting:
            return
    yield from (RunEnd(order.planned.run.run, error=LOST.in_language(user_language())) for order in waiting)


def _resumed(order: Order) -> Order:
    return _with(order, resume=True)


def _with(order: Order, **settings: Any) -> Order:
    return replace(order, settings={**order.settings, **settings})


def _on_cluster(orders: Sequence[Order], address: str) -> Iterator[RunEnd]:
    """Runs on the workers of a scheduler; one whose worker dies is resumed on another."""
    with cluster(address) as client:
        # resumed at once: what a lost worker had finished stands in the folder under construction
        asked = {client.submit(make_report, _resumed(order), pure=False): order for order in orders}
        for future, error in ended_tasks(asked):
            yield RunEnd(asked[future].planned.run.run, error=error) if error else future.result()


def _say(text: Text, run: str) -> None:
    print(f"{run} {text.in_language(user_language())}".lstrip(), flush=True)


def usual_jobs() -> int:
    """Return how many notebooks run at a time unless told otherwise: one for each processor this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

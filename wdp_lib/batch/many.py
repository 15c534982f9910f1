"""Many runs side by side: on this machine, or on the workers of a cluster."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wdp_lib.batch.cluster import cluster, ended_tasks
from wdp_lib.batch.params import Run
from wdp_lib.batch.run import run_planned, tell_result
from wdp_lib.batch.shared import shared
from wdp_lib.batch.studies import keep_studies
from wdp_lib.core.console import explained, say
from wdp_lib.core.errors import Text, WdpError, user_language

_console = threading.Lock()


@dataclass(frozen=True)
class RunEnd:
    """How one of many runs ended."""

    run: str
    folder: str = ""  # where its report stands; ``""`` = there is none
    failed: tuple[str, ...] = ()  # notebooks that did not run to their end
    error: str = ""  # why there is no report, in the user's language; ``""`` = there is one
    wrong_input: bool = False  # whether parameters, plan or data were wrong


@dataclass(frozen=True)
class Order:
    """One run with the settings of all."""

    run: Run
    home: Path
    settings: dict[str, Any]  # ``out, only, resume, timeout`` of `run_planned`
    quiet: bool = False  # whether no progress is told
    named: bool = False  # whether each line of progress begins with the run's name

    @property
    def notebooks(self) -> int:
        """How many notebooks it runs."""
        return len(self.settings.get("only") or self.run.notebooks)


def run_all(
    orders: Sequence[Order],
    *,
    jobs: int = 1,
    scheduler: str = "",
    insecure: bool = False,
    ended: Callable[[RunEnd, int, float], None],
    keep: Path | None = None,
) -> list[RunEnd]:
    """Make all reports, and return how each ended; whatever happens to one, the others are made.

    ``orders``: the runs. ``jobs``: notebooks at a time, of as many runs at most. ``scheduler``:
    address of a Dask scheduler whose workers see the project folder at the same place; ``""`` =
    this machine. ``insecure``: whether the scheduler may be one that
    `wdp_lib.batch.cluster.cluster` refuses. ``ended``: is told of each run that has ended, how many
    there are to go, and the seconds that may take. ``keep``: folder of the reports, beside which
    what the studies computed is kept for the documents.
    """
    begun, found = time.monotonic(), {}
    stream = _on_cluster(orders, scheduler, insecure) if scheduler else _here(orders, jobs, keep)
    for end, seconds in stream:
        found[end.run] = end
        left = len(orders) - len(found)
        if seconds is None:
            seconds = (time.monotonic() - begun) / len(found) * left
        ended(end, left, seconds)
    return [found[order.run.run] for order in orders]


def make_report(order: Order, **more: Any) -> RunEnd:
    """Make one report and say how it ended; nothing is raised but an interruption."""
    name, settings = order.run.run, order.settings | more
    tell = None if order.quiet else (lambda text: _say(text, name if order.named else ""))
    try:
        result = run_planned(order.run, home=order.home, progress=tell, **settings)
        if tell:
            tell_result(result, tell)
    except Exception as error:  # whatever happens to one run must not stop the others
        told = explained(error).render()
        named = f"{name}: {told}" if order.named else told
        return RunEnd(name, error=named, wrong_input=isinstance(error, WdpError))
    return RunEnd(name, str(result.folder), result.failed)


def _here(
    orders: Sequence[Order], jobs: int, keep: Path | None = None
) -> Iterator[tuple[RunEnd, float]]:
    """In threads of this process, which mostly wait: the work is done by their kernels."""
    with (
        shared(sum(order.notebooks for order in orders), jobs) as among,
        ThreadPoolExecutor(max(1, min(jobs, len(orders)))) as pool,
    ):
        try:
            asked = {pool.submit(make_report, one, among=among): one for one in orders}
            for future in as_completed(asked):
                if future.result().error:
                    among.pace.dropped(asked[future].notebooks)
                yield future.result(), among.pace.left()
        except KeyboardInterrupt:
            among.stop.ask()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        if keep:
            keep_studies(among.studies, keep)


def _on_cluster(
    orders: Sequence[Order], address: str, insecure: bool
) -> Iterator[tuple[RunEnd, None]]:
    """Runs on the workers of a scheduler; one whose worker dies is resumed on another."""
    with cluster(address, insecure=insecure) as client:
        # what a lost worker had finished stands in the folder under construction
        asked = {
            client.submit(make_report, order, go_on=True, pure=False): order for order in orders
        }
        for future, error in ended_tasks(asked):
            name = asked[future].run.run
            yield RunEnd(name, error=error) if error else future.result(), None


def _say(text: Text, run: str) -> None:
    with _console:
        say(f"{run} {text.in_language(user_language())}".lstrip())


def usual_jobs() -> int:
    """Return how many notebooks run at a time by default: one for each processor we may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

"""What runs side by side share: room for notebooks, the wish to stop, the pace, a folder."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wdp_lib.batch.warm.pool import private_folder


class Stop:
    """Asked for once, by an interruption: nothing new begins and kernels at work are ended."""

    def __init__(self) -> None:
        self.asked = False
        self._at_work: weakref.WeakSet[Any] = weakref.WeakSet()
        self._lock = threading.Lock()

    def ask(self) -> None:
        """End every kernel at work, and those that start from now on."""
        with self._lock:
            self.asked = True
            at_work = list(self._at_work)
        for process in at_work:
            process.kill()

    def check(self) -> None:
        """Raise `KeyboardInterrupt` when asked to stop."""
        if self.asked:
            raise KeyboardInterrupt

    def reaches(self, process: Any) -> None:
        """Have a kernel's process, which has ``kill()``, ended when asked, if it still runs."""
        with self._lock:
            self._at_work.add(process)
        if self.asked:
            process.kill()


class Pace:
    """How long the rest may take, from notebooks and their seconds; used by many threads.

    Parameters
    ----------
    notebooks : int
        How many there are to run.
    lanes : int
        How many run at a time.
    """

    def __init__(self, notebooks: int, lanes: int) -> None:
        self.waiting, self.lanes = notebooks, lanes
        self._run, self._seconds = 0, 0.0
        self._lock = threading.Lock()

    def ended(self, seconds: float) -> None:
        """Note a notebook that was run."""
        with self._lock:
            self.waiting -= 1
            self._run += 1
            self._seconds += seconds

    def dropped(self, notebooks: int = 1) -> None:
        """Note notebooks that need not, or cannot, be run."""
        with self._lock:
            self.waiting -= notebooks

    def left(self) -> float:
        """Return the seconds that what waits or is at work may take; 0 while nothing is known."""
        with self._lock:
            return self._seconds / self._run * self.waiting / self.lanes if self._run else 0.0


@dataclass(frozen=True)
class Shared:
    """Room for ``lanes`` notebooks, the wish to stop, the pace.

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

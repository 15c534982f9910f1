"""What runs side by side share: room for notebooks, the wish to stop, the pace, a folder."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wdp_lib.batch.warm.client import private_folder


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
    """How long the rest may take, from notebooks and their seconds, ``lanes`` at a time."""

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


class Lanes:
    """Room for so many notebooks at a time, given to the run that has the fewest at work.

    Notebooks of one study wait for each other's results; those of two runs do not.
    """

    def __init__(self, lanes: int) -> None:
        self.free = lanes
        self._at_work: dict[str, int] = {}
        self._beginning: set[str] = set()
        self._changed = threading.Condition()

    @contextmanager
    def beginning(self, run: str) -> Iterator[None]:
        """Have a run counted until it leaves: it has notebooks to begin."""
        with self._changed:
            self._beginning.add(run)
        try:
            yield
        finally:
            self.leave(run)

    def leave(self, run: str) -> None:
        """Count a run no more."""
        with self._changed:
            self._beginning.discard(run)
            self._changed.notify_all()

    def take(self, run: str) -> None:
        """Wait for room for a notebook of a run."""
        with self._changed:
            self._changed.wait_for(lambda: self.free and not self._others_first(run))
            self.free -= 1
            self._at_work[run] = self._at_work.get(run, 0) + 1
            self._changed.notify_all()

    def give(self, run: str) -> None:
        """Give back the room of a notebook that has ended."""
        with self._changed:
            self.free += 1
            self._at_work[run] -= 1
            self._changed.notify_all()

    def _others_first(self, run: str) -> bool:
        at_work = self._at_work.get(run, 0)
        return any(self._at_work.get(other, 0) < at_work for other in self._beginning - {run})


@dataclass(frozen=True)
class Shared:
    """Room for notebooks, the wish to stop, the pace.

    ``studies`` is where their notebooks keep for each other what a study has computed.
    """

    lanes: Lanes
    pace: Pace
    studies: Path
    stop: Stop = field(default_factory=Stop)


@contextmanager
def shared(notebooks: int, lanes: int) -> Iterator[Shared]:
    """Open what runs share, with a private folder that goes at the end."""
    with private_folder() as studies:
        yield Shared(Lanes(lanes), Pace(notebooks, lanes), Path(studies))

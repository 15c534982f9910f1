"""How fast notebooks go, and how long the rest may take, over all runs that share a machine."""

from __future__ import annotations

import threading


class Pace:
    """Counts notebooks and their seconds; used by many threads.

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
            self.waiting, self._run, self._seconds = (
                self.waiting - 1,
                self._run + 1,
                self._seconds + seconds,
            )

    def dropped(self, notebooks: int = 1) -> None:
        """Note notebooks that need not, or cannot, be run."""
        with self._lock:
            self.waiting -= notebooks

    def left(self) -> float:
        """Return the seconds that what waits or is at work may take; 0 while nothing is known."""
        with self._lock:
            return self._seconds / self._run * self.waiting / self.lanes if self._run else 0.0

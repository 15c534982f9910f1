"""The wish to stop, which reaches every run and every kernel at work."""

from __future__ import annotations

import threading
import weakref
from typing import Any


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
        """Go no further when asked to stop.

        Raises
        ------
        KeyboardInterrupt
            When asked.
        """
        if self.asked:
            raise KeyboardInterrupt

    def reaches(self, process: Any) -> None:
        """Have a kernel's process, which has ``kill()``, ended when asked, if it still runs."""
        with self._lock:
            self._at_work.add(process)
        if self.asked:
            process.kill()

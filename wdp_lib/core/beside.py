"""A work in a process of its own, beside the one that goes on."""

from __future__ import annotations

import gc
import multiprocessing
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any


def beside(work: Callable[..., Any], *given: Any) -> Callable[[], Any]:
    """Begin a work in a fork of this process, on Linux; return what waits for its result.

    The fork has all that was read and computed before, and no thread. A work that failed there is
    done here, where its error is told; elsewhere it is done here when it is asked for.
    """
    if sys.platform != "linux":
        return lambda: work(*given)
    here, there = multiprocessing.Pipe(duplex=False)

    def told() -> None:
        with suppress(Exception, KeyboardInterrupt):  # it is done again, and then raises
            there.send(work(*given))

    process = multiprocessing.get_context("fork").Process(target=told, daemon=True)
    gc.freeze()  # memory that both have is looked through by neither, and stays shared
    process.start()
    there.close()

    def result() -> Any:
        try:
            found = here.recv()
        except EOFError:
            found = work(*given)
        process.join()
        gc.unfreeze()
        return found

    return result

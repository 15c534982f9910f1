"""A fork of the warm process becomes an ordinary kernel: own session, surroundings, randomness."""

from __future__ import annotations

import atexit
import ctypes
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Mapping
from importlib.util import find_spec
from typing import NoReturn

import numpy as np

from wdp_lib.batch.warm.server import Request

_PR_SET_PDEATHSIG = 1
_LAST_WORD = 1.0  # seconds; it takes thousandths


def become_kernel(request: Request, set_by_imports: Mapping[str, str]) -> NoReturn:
    """Run a kernel to its end in this process, which was forked for it."""
    # lead a session of its own, and die with the warm process
    os.setsid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != request.parent:  # it went before the line above could see it
        os._exit(1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for place, stream in enumerate(request.streams):
        os.dup2(stream, place)
        os.close(stream)
    _take_surroundings(request, set_by_imports)
    # other numbers than the sister kernels: both generators were copied with the process
    random.seed()
    np.random.seed()
    _run(request.arguments)


def _take_surroundings(request: Request, set_by_imports: Mapping[str, str]) -> None:
    import matplotlib

    os.environ.clear()
    os.environ.update({**set_by_imports, **request.environment})
    os.environ["JPY_PARENT_PID"] = str(request.parent)
    time.tzset()
    os.chdir(request.folder)
    sys.argv = [str(find_spec("ipykernel_launcher").origin), *request.arguments]
    if backend := os.environ.get("MPLBACKEND"):
        matplotlib.rcParams["backend"] = backend


def _run(arguments: list[str]) -> NoReturn:
    from ipykernel.kernelapp import IPKernelApp

    # the trait's default was read from the warm process's environment
    application = IPKernelApp.instance(parent_handle=os.getppid())
    application.initialize(arguments)
    application.start()
    # its last word goes through a thread that an exit function stops: unsaid, it would hang
    application.control_thread.join(_LAST_WORD)
    # end as an interpreter does, without taking the copied memory apart piece by piece
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)

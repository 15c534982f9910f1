"""A fork of the warm process becomes an ordinary kernel: own session, surroundings, randomness.

Run by itself, this file is the kernel where there is no warm process to fork.
"""

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
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

if TYPE_CHECKING:
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
    # the trait's default was read from the warm process's environment
    application = private_kernel(parent_handle=os.getppid())
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


def private_kernel(**settings: Any) -> Any:
    """Return an IPython kernel that opens no port where its client asked for files.

    IPython takes the words of processes that a notebook forks through a port that every user of
    the machine can reach.
    """
    import zmq
    from ipykernel import iostream, kernelapp

    class PrivatePipe(iostream.IOPubThread):
        def __init__(self, socket: Any, **settings: Any) -> None:
            # a cell that speaks faster than its client reads waits; by default its words are lost
            socket.setsockopt(zmq.XPUB_NODROP, 1)
            super().__init__(socket, **settings)

        def _setup_pipe_in(self) -> None:
            self.address = self.socket.getsockopt_string(zmq.LAST_ENDPOINT) + "p"
            if not self.address.startswith("ipc:"):
                return super()._setup_pipe_in()
            self._pipe_uuid = os.urandom(16)
            pipe = self.socket.context.socket(zmq.PULL)
            pipe.linger = 0
            pipe.bind(self.address)
            self._pipe_in = iostream.ZMQStream(pipe, self.io_loop)
            self._pipe_in.on_recv(self._handle_pipe_msg)

        def _setup_pipe_out(self) -> tuple[Any, Any]:
            if not self.address.startswith("ipc:"):
                return super()._setup_pipe_out()
            context = zmq.Context()  # a new one after a fork
            pipe = context.socket(zmq.PUSH)
            pipe.linger = 3000
            pipe.connect(self.address)
            return context, pipe

        def _handle_pipe_msg(self, message: list[bytes]) -> None:
            if message[0] == self._pipe_uuid:  # what strangers say is not printed either
                super()._handle_pipe_msg(message)

    kernelapp.IOPubThread = PrivatePipe
    application = kernelapp.IPKernelApp.instance(**settings)
    # it is interrupted whenever it is asked to end; what a cell makes of that, the cell says
    application.log.addFilter(lambda record: "KeyboardInterrupt caught" not in str(record.msg))
    return application


if __name__ == "__main__":
    if sys.path[0] == os.getcwd():  # as the usual launcher does
        del sys.path[0]
    kernel = private_kernel()
    kernel.initialize(sys.argv[1:])
    kernel.start()

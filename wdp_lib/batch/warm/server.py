"""The warm process: imports everything, then forks a kernel a connection, whose end takes it along.

The end of its owner takes all of them along.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import selectors
import shutil
import signal
import socket
import sys
import warnings
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pandas as pd

import wdp_lib
from wdp_lib.batch.warm.client import RETIRE, Channel
from wdp_lib.batch.warm.library import library_digest

_OWNER = 0  # the owner holds the other end of the standard input
_GONE = 0  # no process has this number
_LOOK_UP = 1.0  # seconds between looks at the owner, whose pipe a fork of it may hold open
_LIBRARIES = """
    seaborn matplotlib.pyplot matplotlib.backends.backend_agg scipy.stats ruamel.yaml
    pylopdf_fonts_zh_cn PIL.PngImagePlugin ipykernel.kernelapp
    ipykernel.ipkernel ipykernel.zmqshell ipykernel.debugger ipykernel.displayhook
    IPython.core.pylabtools IPython.core.magics IPython.display comm psutil threadpoolctl
    zmq.utils.garbage encodings.gb18030 encodings.utf_8_sig importlib.readers sqlite3 asyncio
"""


def warm_up(digest: str) -> dict[str, str]:
    """Import everything a notebook does, and exercise what is slow the first time.

    Returns environment variables that the imports have set, as they do in every kernel. Raises
    `RuntimeError` when another library was imported than the client has, or a thread is left: a
    fork would hang on it.
    """
    before = dict(os.environ)
    own = [module.name for module in walk_packages(wdp_lib.__path__, "wdp_lib.")]
    for name in (*_LIBRARIES.split(), *own):
        if not name.endswith(".__main__"):
            import_module(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is shown once must still be shown in the kernel
        _exercise()
    if library_digest() != digest:
        raise RuntimeError("the imported library is not the client's")
    if why := refusal():
        raise RuntimeError(why)
    gc.collect()
    gc.freeze()
    return {name: value for name, value in os.environ.items() if before.get(name) != value}


def refusal() -> str:
    """Return why this process must not be forked: its threads, those of compiled libraries too."""
    threads = len(os.listdir("/proc/self/task"))
    return f"{threads} threads, where a fork allows one" if threads > 1 else ""


def _exercise() -> None:
    """Draw, lay out, forecast and show once, leaving no setting changed."""
    import matplotlib as mpl
    import seaborn as sns
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from wdp_lib.core.words import vocabulary
    from wdp_lib.forecasting.models.default import forecaster
    from wdp_lib.publish.charts.style import chart_style

    forecaster()
    vocabulary()
    with mpl.rc_context(), chart_style():
        figure = Figure()  # of its own: the kernel's choice of a backend stays open
        axes = figure.subplots()
        sns.lineplot(x=[1, 2, 3], y=[1.0, 3.0, 2.0], ax=axes)
        axes.set_title("年份 Year")
        FigureCanvasAgg(figure).print_png(io.BytesIO())
    frame = pd.DataFrame({"year": [2024, 2025], "value": [1.5, 2.5], "name": ["甲", "乙"]})
    frame.groupby("name")["value"].mean().to_frame()._repr_html_()
    repr(frame.merge(frame, on="year"))
    frame.to_csv(io.StringIO())
    pd.read_csv(io.StringIO("a,b\n1,x\n"))


@dataclass(frozen=True)
class Request:
    """What a fork is to become."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    streams: tuple[int, ...]
    parent: int


@dataclass(frozen=True)
class _Kernel:
    pid: int
    ended: int  # a descriptor that becomes readable when the process has ended
    channel: Channel


class Server:
    """A warm process at work."""

    def __init__(self, folder: Path, door: str, owner: int) -> None:
        self.folder, self.owner = folder, owner
        self.path = folder / door
        self.door = _listen(self.path)
        self.selector = selectors.PollSelector()  # an epoll would be shared with the forks
        self.kernels: dict[Channel, _Kernel] = {}
        self.retired = False
        self.selector.register(self.door, selectors.EVENT_READ, self._accept)
        self.selector.register(_OWNER, selectors.EVENT_READ, self._hear_owner)

    def serve(self) -> Request | None:
        """Answer until the owner has gone or needs us no more; in a fork, return its request."""
        while os.getppid() == self.owner and not (self.retired and not self.kernels):
            for key, _ in self.selector.select(_LOOK_UP):
                request = key.data(key.fileobj)
                if request is not None:
                    return request
        for kernel in self.kernels.values():
            _signal(kernel.pid, signal.SIGKILL)
            os.waitpid(kernel.pid, 0)
        self.path.unlink(missing_ok=True)
        if os.getppid() != self.owner:
            shutil.rmtree(self.folder, ignore_errors=True)
        return None

    def _accept(self, door: socket.socket) -> None:
        channel = Channel(door.accept()[0])
        self.selector.register(channel, selectors.EVENT_READ, self.hear)

    def _hear_owner(self, pipe: int) -> None:
        if os.read(pipe, 1) == RETIRE:
            self.retired = True
        else:
            self.owner = _GONE

    def hear(self, channel: Channel) -> Request | None:
        """Do what a client says; in a fork, return its request."""
        for message in channel.arrived():
            if "fork" in message:
                request = self._fork(channel, message["fork"])
                if request is not None:
                    return request
            elif channel in self.kernels:
                _signal(self.kernels[channel].pid, message["signal"])
        if not channel.open:
            self.selector.unregister(channel)
            channel.close()
            if channel in self.kernels:
                _signal(self.kernels[channel].pid, signal.SIGKILL)
        return None

    def _fork(self, channel: Channel, wanted: dict[str, Any]) -> Request | None:
        if why := refusal():
            channel.send({"refused": why})
            return None
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            streams, channel.files = tuple(channel.files), []
            for key in list(self.selector.get_map().values()):  # what is the warm process's
                if key.fd != _OWNER:
                    os.close(key.fd)
            self.selector.close()
            return Request(**wanted, streams=streams, parent=parent)
        channel.close_files()
        ended = os.pidfd_open(pid)
        self.kernels[channel] = kernel = _Kernel(pid, ended, channel)
        self.selector.register(ended, selectors.EVENT_READ, lambda _: self._ended(kernel))
        channel.send({"pid": pid})
        return None

    def _ended(self, kernel: _Kernel) -> None:
        self.selector.unregister(kernel.ended)
        os.close(kernel.ended)
        status = os.waitstatus_to_exitcode(os.waitpid(kernel.pid, 0)[1])
        del self.kernels[kernel.channel]
        if kernel.channel.open:
            self.selector.unregister(kernel.channel)
            with contextlib.suppress(OSError):  # a client that has gone asks for no status
                kernel.channel.send({"status": status})
            kernel.channel.close()


def _listen(path: Path) -> socket.socket:
    door = socket.socket(socket.AF_UNIX)
    hidden = path.with_suffix(".new")
    door.bind(str(hidden))
    os.chmod(hidden, 0o600)
    door.listen(64)
    os.rename(hidden, path)
    return door


def _signal(pid: int, number: int) -> None:
    """Signal a kernel's process group; just after the fork there is only the process."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        os.kill(pid, number)

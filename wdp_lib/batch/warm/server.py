"""Serving forks: one kernel a connection, whose end takes it along; so does the owner's end."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wdp_lib.batch.warm.messages import Channel
from wdp_lib.batch.warm.ready import threads

RETIRE = b"r"
_OWNER = 0  # the owner holds the other end of the standard input
_GONE = 0  # no process has this number
_LOOK_UP = (
    1.0  # seconds between looks at the owner, whose end of the pipe a fork of it may hold open
)


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
        self._end()
        return None

    def _accept(self, door: socket.socket) -> None:
        channel = Channel(door.accept()[0])
        self.selector.register(channel, selectors.EVENT_READ, self._hear)

    def _hear_owner(self, pipe: int) -> None:
        if os.read(pipe, 1) == RETIRE:
            self.retired = True
        else:
            self.owner = _GONE

    def _hear(self, channel: Channel) -> Request | None:
        for message in channel.arrived():
            if "fork" in message:
                request = self._fork(channel, message["fork"])
                if request is not None:
                    return request
            elif channel in self.kernels:
                _signal(self.kernels[channel].pid, message["signal"])
        if not channel.open:
            self._hung_up(channel)
        return None

    def _fork(self, channel: Channel, wanted: dict[str, Any]) -> Request | None:
        if threads() > 1:
            channel.send({"refused": f"{threads()} threads, where a fork allows one"})
            return None
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            streams, channel.files = tuple(channel.files), []
            self._leave()
            return Request(**wanted, streams=streams, parent=parent)
        channel.close_files()
        ended = os.pidfd_open(pid)
        self.kernels[channel] = kernel = _Kernel(pid, ended, channel)
        self.selector.register(ended, selectors.EVENT_READ, lambda _: self._ended(kernel))
        channel.send({"pid": pid})
        return None

    def _leave(self) -> None:
        """In a fork: let go of everything that is the warm process's."""
        for key in list(self.selector.get_map().values()):
            if key.fd != _OWNER:
                os.close(key.fd)
        self.selector.close()

    def _hung_up(self, channel: Channel) -> None:
        self.selector.unregister(channel)
        channel.close()
        if channel in self.kernels:
            _signal(self.kernels[channel].pid, signal.SIGKILL)

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

    def _end(self) -> None:
        for kernel in self.kernels.values():
            _signal(kernel.pid, signal.SIGKILL)
        for kernel in self.kernels.values():
            os.waitpid(kernel.pid, 0)
        self.path.unlink(missing_ok=True)
        if os.getppid() != self.owner:
            shutil.rmtree(self.folder, ignore_errors=True)


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

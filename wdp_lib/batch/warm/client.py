"""The client's side: the warm processes of this process, and the kernels they fork for it."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import itertools
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from array import array
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from wdp_lib.batch.warm.library import library_digest, start_environment, start_key
from wdp_lib.core.errors import Text

LIMIT = 60.0  # seconds for a warm process to get ready; a busy machine takes ten
RETIRE = b"r"
_PATIENCE = 0.01
_GRACE = 3.0
_LONGEST_PATH = 80  # a socket's path may have 107 characters
_PIECE = 1 << 16
_ROOM = socket.CMSG_SPACE(3 * array("i").itemsize) if hasattr(socket, "CMSG_SPACE") else 0
_UNKNOWN = -9  # the warm process died, and its kernels with it


class Unavailable(Exception):
    """No warm kernel can be had; an ordinary one can."""

    def __init__(self, zh: str, en: str) -> None:
        self.reason = Text(zh, en)
        super().__init__(en)


class Channel:
    """One end of a conversation: lines of JSON over a unix socket, open files beside them."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.files: list[int] = []
        self.open = True
        self._begun = b""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self.connection.fileno()

    def send(self, message: dict[str, Any], files: Sequence[int] = ()) -> None:
        """Send a message and duplicates of open files.

        Raises `OSError` when the other side has gone.
        """
        line = json.dumps(message).encode("ascii") + b"\n"
        sent = socket.send_fds(self.connection, [line], list(files)) if files else 0
        self.connection.sendall(line[sent:])

    def arrived(self) -> list[dict[str, Any]]:
        """Return the messages complete by now, without waiting; files collect in ``files``.

        After the other side has gone, ``open`` is false.
        """
        flags = socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC  # socket.recv_fds would ignore them
        while self.open:
            try:
                piece, beside, _, _ = self.connection.recvmsg(_PIECE, _ROOM, flags)
            except BlockingIOError:
                break
            except ConnectionError:
                piece, beside = b"", []
            for _, _, files in beside:
                self.files += array("i", files)
            self._begun += piece
            self.open = bool(piece)
        *lines, self._begun = self._begun.split(b"\n")
        return [json.loads(line) for line in lines]

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until something has arrived; ``False`` when nothing did within ``seconds``."""
        return bool(select.select([self.connection], [], [], seconds)[0])

    def close(self) -> None:
        """End the conversation."""
        self.open = False
        self.connection.close()
        self.close_files()

    def close_files(self) -> None:
        """Close the files that came with messages."""
        while self.files:
            os.close(self.files.pop())


class ForkedKernel:
    """A kernel that a warm process started: the part of ``subprocess.Popen`` that Jupyter uses."""

    stdin = stdout = stderr = None

    def __init__(self, channel: Channel, pid: int) -> None:
        self.channel = channel
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal, or ``None`` while the kernel runs."""
        if self.returncode is None:
            for message in self.channel.arrived():
                self.returncode = message["status"]
            if self.returncode is None and not self.channel.open:
                self.returncode = _UNKNOWN
            if self.returncode is not None:
                self.channel.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the kernel's end and return its exit status.

        Raises `subprocess.TimeoutExpired` when it still runs after ``timeout`` seconds.
        """
        while (status := self.poll()) is None:
            if not self.channel.wait(timeout):
                raise subprocess.TimeoutExpired(f"kernel {self.pid}", timeout)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel's process group, if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ConnectionError):  # it ended meanwhile: poll will tell
                self.channel.send({"signal": int(number)})

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)


class WarmProcess:
    """A process that forks kernels for this one."""

    def __init__(
        self, folder: Path, name: str, environment: Mapping[str, str], library: str
    ) -> None:
        self.library, self.door, self.log = library, folder / f"{name}.door", folder / f"{name}.log"
        self.was_ready = False
        command = [sys.executable, str(Path(__file__).with_name("__main__.py"))]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, str(folder), self.door.name, str(os.getpid()), library],
                stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder, env=dict(environment),
                start_new_session=True, bufsize=0,
            )  # fmt: skip

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    async def connect(self, limit: float) -> Channel:
        """Return a channel for one kernel, waiting until the process is ready.

        Raises
        ------
        Unavailable
            When it ended or did not get ready within ``limit`` seconds.
        """
        end = time.monotonic() + limit
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(str(self.door))
                self.was_ready = True
                return Channel(connection)
            except (FileNotFoundError, ConnectionRefusedError):  # not there yet, or no more
                connection.close()
            except OSError as error:
                connection.close()
                raise Unavailable(f"套接字：{error}", f"its socket: {error}") from error
            if not self.alive:
                said = self.last_words()
                raise Unavailable(f"预热进程已退出（{said}）", f"its process ended ({said})")
            if time.monotonic() > end:
                zh = f"预热进程 {limit:.0f} 秒内未就绪"
                raise Unavailable(zh, f"not ready within {limit:.0f} s")
            await asyncio.sleep(_PATIENCE)

    def last_words(self) -> str:
        """Return the last line the process wrote."""
        said = self.log.read_bytes() if self.log.exists() else b""
        lines = said.decode("utf-8", "replace").splitlines()
        return lines[-1][:200] if lines else f"status {self.process.poll()}"

    def retire(self) -> None:
        """Let it end with its last kernel."""
        with contextlib.suppress(OSError):  # it has ended
            self.process.stdin.write(RETIRE)

    def end(self) -> None:
        """End it and its kernels now."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        if not self.door.exists():  # not ready, and deaf
            self.process.kill()
        try:
            self.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Pool:
    """The warm processes of one process, told apart by what they come from; its private folder."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        place = tempfile.gettempdir()
        if len(os.fsencode(place)) > _LONGEST_PATH - 20 and os.access("/tmp", os.W_OK):
            place = "/tmp"
        self.folder = Path(tempfile.mkdtemp(prefix="wdp-warm-", dir=place))
        self.processes: dict[str, WarmProcess] = {}
        self._retired: list[WarmProcess] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        atexit.register(self.close)

    def kernel_folder(self) -> Path:
        """Return a new private folder for one kernel's sockets.

        Raises `Unavailable` when its path is too long for a socket.
        """
        folder = self.folder / f"k{next(self._numbers)}"
        if len(os.fsencode(folder)) > _LONGEST_PATH:
            en = "the path of the folder for temporary files is too long"
            raise Unavailable("临时文件夹的路径过长", en)
        folder.mkdir(mode=0o700, parents=True)
        return folder

    def close(self) -> None:
        """End every warm process, and with it every kernel of this process."""
        if os.getpid() != self.owner:  # a fork of the owner ends: nothing here is its own
            return
        for process in (*self.processes.values(), *self._retired):
            process.end()
        self.processes.clear()
        self._retired.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def fitting(self, environment: Mapping[str, str]) -> WarmProcess:
        """Return a warm process that fits environment and library now, started if there is none."""
        library = library_digest()
        key = start_key(environment, library)
        with self._lock:
            self._retire_others(library)
            known = self.processes.get(key)
            # one that never got ready would not get ready the next time either
            if known is None or (known.was_ready and not known.alive):
                self.folder.mkdir(mode=0o700, exist_ok=True)
                name = f"w{next(self._numbers)}"
                known = WarmProcess(self.folder, name, start_environment(environment), library)
                self.processes[key] = known
            return known

    def _retire_others(self, library: str) -> None:
        for key, process in list(self.processes.items()):
            if process.library != library:
                process.retire()
                self._retired.append(self.processes.pop(key))
        for process in [process for process in self._retired if not process.alive]:
            process.end()
            self._retired.remove(process)


_pool = cache(lambda owner: Pool())


def own_pool() -> Pool:
    """Return the pool of this process; a fork of it gets one of its own."""
    return _pool(os.getpid())


def warm_ahead(environment: Mapping[str, str]) -> None:
    """Start the warm process that kernels of an environment will need, and do not wait for it."""
    if forks():
        own_pool().fitting(environment)


def private_folder() -> tempfile.TemporaryDirectory:
    """Return a new folder for the time being; it goes also when this process is killed."""
    folder = own_pool().folder
    folder.mkdir(mode=0o700, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="p", dir=folder)


def forks() -> bool:
    """Whether processes can be forked and watched here."""
    return sys.platform == "linux" and hasattr(os, "fork") and hasattr(os, "pidfd_open")

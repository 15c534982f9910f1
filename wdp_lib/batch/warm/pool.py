"""The warm processes of this process: started when needed, told apart by what they come from."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from wdp_lib.batch.warm.library import library_digest, start_environment, start_key
from wdp_lib.batch.warm.messages import Channel
from wdp_lib.batch.warm.server import RETIRE
from wdp_lib.core.errors import Text

LIMIT = 60.0  # seconds for a warm process to get ready; a busy machine takes ten
_PATIENCE = 0.01
_GRACE = 3.0
_LONGEST_PATH = 80  # a socket's path may have 107 characters


class Unavailable(Exception):
    """No warm kernel can be had; an ordinary one can."""

    def __init__(self, zh: str, en: str) -> None:
        self.reason = Text(zh, en)
        super().__init__(en)


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
        try:
            self.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Pool:
    """The warm processes of one process, and its private folder."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.folder = Path(tempfile.mkdtemp(prefix="wdp-warm-"))
        self.processes: dict[str, WarmProcess] = {}
        self._retired: list[WarmProcess] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        atexit.register(self.close)

    def kernel_folder(self) -> Path:
        """Return a new private folder for one kernel's sockets.

        Raises
        ------
        Unavailable
            When its path is too long for a socket.
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

"""What Jupyter finds under the kernel's name: a warm kernel, or else an ordinary one."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from wdp_lib.batch.warm.client import LIMIT, ForkedKernel, Unavailable, forks, own_pool
from wdp_lib.core.errors import Text, user_language

_LAUNCHER = ["-m", "ipykernel_launcher"]
_PLAIN = "wdp_lib.batch.warm.child"
_ANSWER = 10.0  # seconds for a fork, which takes hundredths
_LISTENING = 10.0
_ENDING = 1.0
_STEP = 0.004


class WarmProvisioner(LocalProvisioner):
    """Starts a warm kernel, or else an ordinary one."""

    folder: Path | None = None
    limit: float = LIMIT

    async def pre_launch(self, **settings: Any) -> dict[str, Any]:
        """Prepare the start; the kernel will talk through files in a private folder, not ports."""
        if self.folder is None and self.parent is not None and forks():
            try:
                self.folder = own_pool().kernel_folder()
            except Unavailable as missing:
                self._say(missing.reason, settings)
            else:
                manager, address = self.parent, str(self.folder / "s")
                manager.transport, manager.ip, manager.cache_ports = "ipc", address, False
                if not manager.connection_file:
                    manager.connection_file = str(self.folder / "connection.json")
        return await super().pre_launch(**settings)

    async def launch_kernel(self, cmd: list[str], **settings: Any) -> dict[str, Any]:
        """Fork the kernel, or start an ordinary one and say why."""
        try:
            self.process = await fork_kernel(cmd, settings, self.limit)
        except Unavailable as missing:
            self._say(missing.reason, settings)
            if cmd[1:3] == _LAUNCHER:
                cmd = [cmd[0], "-m", _PLAIN, *cmd[3:]]
            return await super().launch_kernel(cmd, **settings)
        self.pid, self.pgid = self.process.pid, None
        self.cwd = settings.get("cwd") or Path.cwd()
        await self._until(self._listens, _LISTENING)
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        """See the kernel end as soon as it does: the manager looks every tenth of a second."""
        await self._until(lambda: False, _ENDING)

    async def cleanup(self, restart: bool = False) -> None:
        """Let go of what was the kernel's."""
        await super().cleanup(restart=restart)
        if self.folder is not None and not restart:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    async def _until(self, reached: Any, limit: float) -> None:
        end = time.monotonic() + limit
        while (
            self.process is not None
            and self.process.poll() is None
            and not reached()
            and time.monotonic() < end
        ):
            await asyncio.sleep(_STEP)

    def _listens(self) -> bool:
        """Whether every socket is there: a client that comes too early waits a while."""
        manager = self.parent
        return manager is None or all(
            os.path.exists(f"{manager.ip}-{port}") for port in manager.ports
        )

    def _say(self, reason: Text, settings: Mapping[str, Any]) -> None:
        told = Text(
            f"未用预热内核，改用普通内核：{reason.zh}",
            f"An ordinary kernel instead of a warm one: {reason.en}",
        ).in_language(user_language())
        self.log.warning(told)
        stream = settings.get("stderr")
        if hasattr(stream, "fileno"):
            os.write(stream.fileno(), f"{told}\n".encode())


async def fork_kernel(
    command: list[str], settings: Mapping[str, Any], limit: float
) -> ForkedKernel:
    """Have a kernel forked.

    Raises
    ------
    Unavailable
        When there is no fork, no warm process, or the command is not one of a Python kernel.
    """
    if not forks():
        raise Unavailable("本系统不支持进程分叉", "this system cannot fork them")
    if command[1:3] != _LAUNCHER or command[0] != sys.executable:
        en = "the command is not that of a Python kernel of this environment"
        raise Unavailable("启动命令不是本环境的 Python 内核", en)
    environment = dict(settings.get("env") or os.environ)
    folder = str(Path(settings.get("cwd") or Path.cwd()).resolve())
    wanted = {"arguments": command[3:], "folder": folder, "environment": environment}
    channel = await own_pool().fitting(environment).connect(limit)
    try:
        with _streams(settings) as files:
            channel.send({"fork": wanted}, files)
        answer = await _answer(channel)
    except BaseException:
        channel.close()
        raise
    return ForkedKernel(channel, answer["pid"])


async def _answer(channel: Any) -> dict[str, Any]:
    end = time.monotonic() + _ANSWER
    while not (messages := channel.arrived()):
        if not channel.open or time.monotonic() > end:
            raise Unavailable("预热进程没有应答", "the warm process does not answer")
        await asyncio.sleep(_STEP)
    if why := messages[0].get("refused"):
        raise Unavailable(f"预热进程拒绝分叉（{why}）", f"refused ({why})")
    return messages[0]


@contextmanager
def _streams(settings: Mapping[str, Any]) -> Iterator[list[int]]:
    """Open files for the kernel's standard streams; by default there is nothing to read."""
    given = [settings.get(name) for name in ("stdin", "stdout", "stderr")]
    if subprocess.PIPE in given:
        raise Unavailable("客户端要求以管道连接内核", "the client asks for pipes")
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        files = [_descriptor(stream, place, nothing) for place, stream in enumerate(given)]
        yield [files[1] if file == subprocess.STDOUT else file for file in files]
    finally:
        os.close(nothing)


def _descriptor(stream: Any, place: int, nothing: int) -> int:
    if stream == subprocess.DEVNULL or (stream is None and place == 0):
        return nothing
    if stream is None:
        return place
    return stream if isinstance(stream, int) else stream.fileno()

"""A forked kernel in the eyes of its client: the part of ``subprocess.Popen`` that Jupyter uses."""

from __future__ import annotations

import contextlib
import signal
import subprocess

from wdp_lib.batch.warm.messages import Channel

_UNKNOWN = -int(signal.SIGKILL)  # the warm process died, and its kernels with it


class ForkedKernel:
    """A kernel process that the warm process started, watches and signals."""

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

        Raises
        ------
        subprocess.TimeoutExpired
            When it still runs after ``timeout`` seconds.
        """
        while (status := self.poll()) is None:
            if not self.channel.wait(timeout):
                raise subprocess.TimeoutExpired(f"kernel {self.pid}", timeout)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel's process group, if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(
                BrokenPipeError, ConnectionResetError
            ):  # it ended meanwhile: poll will tell
                self.channel.send({"signal": int(number)})

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)

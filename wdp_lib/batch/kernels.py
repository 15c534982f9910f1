"""The surroundings a notebook runs in: its own kernel, the same on every machine."""

from __future__ import annotations

import os
import time
from pathlib import Path
from queue import Empty
from typing import IO, Any

from wdp_lib.batch.stop import Stop
from wdp_lib.batch.warm.library import SETTINGS

PLAIN = "python3"
WARM = "wdp"


def kernel_environment(
    *, home: Path, language: str, private: Path, report: Path | None
) -> dict[str, str]:
    """Return the environment variables of a kernel.

    Hashing is fixed, numerical libraries use one thread (equal sums, and no contention between runs), charts are drawn
    into the notebook, and the user's own IPython start-up files are left out.

    Parameters
    ----------
    home : pathlib.Path
        The project folder.
    language : {"zh", "en"}
        Language of the library's messages.
    private : pathlib.Path
        An empty folder for IPython's own files.
    report : pathlib.Path or None
        Where the notebook's tables go for the time being.
    """
    environment = {
        **os.environ,
        **SETTINGS,
        "IPYTHONDIR": str(private),
        "WDP_HOME": str(home),
        "WDP_LANGUAGE": language,
    }
    environment.pop("WDP_REPORT_PATH", None)
    if report is not None:
        environment["WDP_REPORT_PATH"] = str(report)
    return environment


def kernel_manager(
    *, environment: dict[str, str], folder: Path, log: IO[bytes], stop: Stop | None = None
) -> type:
    """Return a kernel manager class that starts kernels in ``folder`` and keeps what they say in ``log``.

    The folder is given to the kernel alone, so that this process never changes its own. Any kernel of this
    environment can be asked for by name, `PLAIN` and `WARM` among them. ``stop`` reaches every kernel it starts.
    """
    from jupyter_client import AsyncKernelManager

    class NotebookKernelManager(AsyncKernelManager):
        """Starts kernels in given surroundings."""

        ipykernel = True  # warm ones are, too: no history is kept on disk

        async def start_kernel(self, **settings: Any) -> None:
            settings.update(env=environment, cwd=str(folder), stdout=log, stderr=log)
            await super().start_kernel(**settings)
            if stop is not None:
                stop.reaches(self.provisioner.process)

        def client(self, **settings: Any) -> Any:
            return _prompt(super().client(**settings))

    return NotebookKernelManager


def _prompt(client: Any) -> Any:
    """Let a client go on when the kernel has answered, not when it has been silent for a fifth of a second."""

    async def wait_for_ready(timeout: float | None = None) -> None:
        end = time.monotonic() + (timeout or float("inf"))
        while not await _answers(client):
            if not await client._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > end:
                raise RuntimeError(f"Kernel didn't respond in {timeout:.0f} seconds")

    client.wait_for_ready = wait_for_ready
    return client


async def _answers(client: Any, patience: float = 1.0) -> bool:
    """Ask the kernel who it is; ``True`` when the answer and the end of its work have both come."""
    asked, replied = client.kernel_info(), False
    try:
        while not replied:
            reply = await client.get_shell_msg(timeout=patience)
            replied = reply["parent_header"].get("msg_id") == asked
        while True:
            told = await client.get_iopub_msg(timeout=patience / 5)
            if (
                told["parent_header"].get("msg_id") == asked
                and told["content"].get("execution_state") == "idle"
            ):
                client._handle_kernel_info_reply(reply)
                return True
    except Empty:
        return False

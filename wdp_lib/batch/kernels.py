"""The surroundings a notebook runs in: its own kernel, the same on every machine."""

from __future__ import annotations

import os
import time
from pathlib import Path
from queue import Empty
from typing import IO, Any

from wdp_lib.batch.shared import Stop
from wdp_lib.batch.warm.library import SETTINGS

PLAIN = "python3"
WARM = "wdp"
SPECIFICATIONS = Path(__file__).parent / "warm" / "kernels"


def kernel_environment(
    *,
    home: Path,
    language: str,
    private: Path,
    report: Path | None = None,
    studies: Path | None = None,
) -> dict[str, str]:
    """Return the environment variables of a kernel.

    Hashing is fixed, numerical libraries use one thread (equal sums, and no contention between
    runs), charts are drawn into the notebook, the user's IPython start-up files are left out.

    Parameters
    ----------
    home : pathlib.Path
        The project folder.
    language : {"zh", "en"}
        Language of the library's messages.
    private : pathlib.Path
        An empty folder for IPython's own files.
    report : pathlib.Path, optional
        Where the notebook's tables go for the time being.
    studies : pathlib.Path, optional
        Where the notebooks of one batch keep for each other what a study has computed.
    """
    own = {"WDP_REPORT_PATH": report, "WDP_STUDIES": studies}
    return {
        **{name: value for name, value in os.environ.items() if name not in own},
        **SETTINGS,
        "IPYTHONDIR": str(private),
        "WDP_HOME": str(home),
        "WDP_LANGUAGE": language,
        **{name: str(path) for name, path in own.items() if path is not None},
    }


def kernel_manager(
    *, environment: dict[str, str], folder: Path, log: IO[bytes], stop: Stop | None = None
) -> type:
    """Return a kernel manager class that starts kernels in ``folder``, their words in ``log``.

    The folder is given to the kernel alone: this process never changes its own. Any kernel of this
    environment can be asked for by name, and our own `WARM`. ``stop`` reaches all that it starts.
    """
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager

    class NotebookKernelManager(AsyncKernelManager):
        """Starts kernels in given surroundings."""

        ipykernel = True  # warm ones are, too: no history is kept on disk

        def _kernel_spec_manager_default(self) -> KernelSpecManager:
            found = KernelSpecManager(data_dir=self.data_dir)
            # the warm kernel stands in the package, installed or not
            found.kernel_dirs = [str(SPECIFICATIONS), *found.kernel_dirs]
            return found

        async def start_kernel(self, **settings: Any) -> None:
            settings.update(env=environment, cwd=str(folder), stdout=log, stderr=log)
            await super().start_kernel(**settings)
            if stop is not None:
                stop.reaches(self.provisioner.process)

        def client(self, **settings: Any) -> Any:
            return _prompt(super().client(**settings))

    return NotebookKernelManager


def _prompt(client: Any) -> Any:
    """Let a client go on when the kernel has answered, not after a fifth of a second of silence."""
    from nbclient.exceptions import DeadKernelError

    async def wait_for_ready(timeout: float | None = None) -> None:
        end = time.monotonic() + (timeout or float("inf"))
        while not await _answers(client):
            if not await client._async_is_alive():
                raise DeadKernelError("Kernel died before replying to kernel_info")
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

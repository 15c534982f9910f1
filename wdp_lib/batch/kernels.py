"""The surroundings a notebook runs in: its own kernel, the same on every machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def kernel_environment(*, home: Path, language: str, private: Path, report: Path | None) -> dict[str, str]:
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
        **{name: "1" for name in _ONE_THREAD},
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "IPYTHONDIR": str(private),
        "WDP_HOME": str(home),
        "WDP_LANGUAGE": language,
        "WDP_RUNNER": str(os.getpid()),
    }
    environment.pop("WDP_REPORT_PATH", None)
    if report is not None:
        environment["WDP_REPORT_PATH"] = str(report)
    return environment


def kernel_manager(*, environment: dict[str, str], folder: Path, log: IO[bytes]) -> type:
    """Return a kernel manager class that starts kernels in ``folder`` and keeps what they say in ``log``.

    The folder is given to the kernel alone, so that this process never changes its own.
    """
    from jupyter_client import AsyncKernelManager

    class NotebookKernelManager(AsyncKernelManager):
        """Starts kernels in given surroundings."""

        async def start_kernel(self, **settings: Any) -> None:
            settings.update(env=environment, cwd=str(folder), stdout=log, stderr=log)
            await super().start_kernel(**settings)

    return NotebookKernelManager

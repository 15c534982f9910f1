"""Commands that begin at once: forks of a process that has imported everything.

A command in a new interpreter takes five seconds of a processor before it does anything. What it
does then is the same here, in processes of its own that can be killed: the command, its warm
process and its kernels.
"""

import multiprocessing
import os
from multiprocessing import forkserver
from pathlib import Path
from unittest.mock import patch

from wdp_lib.batch.warm.library import start_environment

_FORKS = multiprocessing.get_context("forkserver")


def start(arguments, *, folder, said, environment=None, largest=None):
    """Start ``wdp`` in a project, leading a process group; its words go to the file ``said``.

    No file it writes may be of more bytes than ``largest``.
    """
    _prepare()
    given = {**os.environ, "WDP_HOME": str(folder), **(environment or {})}
    told = (list(map(str, arguments)), str(folder), given, str(said), largest)
    process = _FORKS.Process(target=_begin, args=told)
    process.start()
    return process


def _prepare():
    """Start the process that has imported everything, if it does not run."""
    paths = (str(Path(__file__).parent), os.environ.get("PYTHONPATH", ""))
    with patch.dict(os.environ, start_environment(os.environ), clear=True):
        os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # no words of its own
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        _FORKS.set_forkserver_preload(["fork_child"])
        forkserver.ensure_running()


def _begin(*told):
    import fork_child

    fork_child.command(*told)

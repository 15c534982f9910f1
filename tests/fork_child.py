"""What a fork of the prepared process does: see ``fork_kit``."""

import atexit
import gc
import importlib
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from wdp_lib.batch.record import versions
from wdp_lib.batch.warm import client
from wdp_lib.batch.warm.child import become_kernel
from wdp_lib.batch.warm.library import library_digest
from wdp_lib.batch.warm.server import Server, warm_up
from wdp_lib.cli import main
from wdp_lib.publish.html.page import export_html

LATE = "pytest papermill nbconvert.exporters.html jupyter_client.asynchronous wdp_lib.batch.run babel.core"
SET = warm_up(library_digest())
for _name in LATE.split():
    importlib.import_module(_name)
# what the first page and the first record of a process take long over
export_html(
    new_notebook(cells=[new_markdown_cell("# 一"), new_code_cell()]), language="zh", title=""
)
versions()
gc.freeze()


class Spare:
    """A process that has not begun yet, and becomes the warm process when one is asked for."""

    def __init__(self):
        self.words, words = socket.socketpair()
        reading, writing = os.pipe()
        if not (pid := os.fork()):
            self.words.close()
            os.close(writing)
            os.dup2(reading, 0)
            _serve(words)
        words.close()
        os.close(reading)
        self.pid, self.stdin, self.code = pid, os.fdopen(writing, "wb", 0), None

    def begin(self, command, *, stdout, cwd, env, **settings):
        self.words.sendall(pickle.dumps((command, stdout.name, str(cwd), env)))
        self.words.close()
        return self

    def poll(self):
        if self.code is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if ended else None
        return self.code

    def wait(self, timeout=None):
        until = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if until and time.monotonic() > until:
                raise subprocess.TimeoutExpired("wdp", timeout)
            time.sleep(0.01)
        return self.code

    def kill(self):
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def _serve(words):
    os.setsid()
    told = b"".join(iter(lambda: words.recv(1 << 16), b""))
    if not told:
        os._exit(0)
    (*_, folder, door, owner, _digest), log, place, environment = pickle.loads(told)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(place)
    said = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    request = Server(Path(folder), door, int(owner)).serve()
    if request is not None:
        become_kernel(request, SET)
    os._exit(0)


def command(arguments, folder, environment, said, largest):
    """Be ``wdp`` with these arguments."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    tempfile.tempdir = None
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    spare = Spare()
    client.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": spare.begin})
    sys.argv = ["wdp", *arguments]
    try:
        code = main(list(arguments))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        atexit._run_exitfuncs()
    sys.exit(code)

"""One notebook: run by papermill in a kernel of its own; what it did is returned, cleaned."""

from __future__ import annotations

import logging
import os
import re
import time
import traceback
from copy import deepcopy
from dataclasses import dataclass, replace
from io import TextIOWrapper
from itertools import groupby
from pathlib import Path
from queue import Empty
from typing import IO, Any

from wdp_lib.batch.check import Task
from wdp_lib.batch.shared import Stop
from wdp_lib.batch.translate import localised
from wdp_lib.batch.warm.client import private_folder
from wdp_lib.batch.warm.library import SETTINGS
from wdp_lib.core.errors import Text

PLAIN, WARM = "python3", "wdp"
KERNEL = WARM
_SPECIFICATIONS = Path(__file__).parent / "warm" / "kernels"
# for the last outputs of a cell to arrive: a busy machine takes its time, and a kernel that died
# meanwhile is seen within a second
_LAST_OUTPUTS = 60
_ANSWER = 1.0  # seconds a kernel that has started may take to say so before it is asked again
MOST_SAID, MOST_SHOWN = 1_000_000, 20_000_000  # characters of a cell's words, of what it displays
MOST_LOGGED = 10_000_000  # bytes
_CUT = Text("……（输出过长，其余略去）", "… (too much output: the rest is left out)")
_PAPERMILL_MARK = "papermill-error-cell-tag"
# from the first character of a word on: tried at each one, a long line would take minutes
_CELL_FILE = re.compile(r"(?<!\S)\S*ipykernel_\d+[/\\]\d+\.py")
# without a handler Python prints on the console what the executor's loggers say
for _name in ("papermill", "traitlets"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Outcome:
    """What became of a task."""

    task: Task
    node: Any  # the notebook with the results it has, cleaned of times and paths
    seconds: float  # wall time, for the console only
    cell: int | None = None  # position of the cell that failed, the first being 1
    error: str = ""  # name and words of the error; ``""`` = none
    warned: bool = False  # whether the notebook wrote to the error stream
    fault: str = ""  # {"", "error", "timeout", "kernel_died"}: what stopped it

    @property
    def failed(self) -> bool:
        """Whether the notebook did not run to its end."""
        return bool(self.error)


def execute(
    task: Task,
    *,
    home: Path,
    log: Path,
    report: Path | None = None,
    studies: Path | None = None,
    timeout: float | None = None,
    stop: Stop | None = None,
) -> Outcome:
    """Run one notebook to its end or to its first error, which is in the outcome, not raised.

    A kernel that dies is given one more try: what the system took away once, it may give the second
    time. ``home``: the project folder; the notebook runs in its folder ``notebooks``. ``log``: file
    for the times, the streams, the kernel's own words and the traceback. ``report, studies``: where
    tables, and what notebooks compute for each other, go for the time being. ``timeout``: seconds a
    single cell may take. ``stop``: when asked, the kernel is ended. Raises `KeyboardInterrupt` when
    asked to stop.
    """
    stop, seconds = stop or Stop(), 0.0
    settings = {"home": home, "language": task.language, "report": report, "studies": studies}
    for last_try in (False, True):
        stop.check()
        with log.open("ab", buffering=0) as stream, private_folder() as private:
            environment = kernel_environment(private=Path(private), **settings)
            folder = task.source.parent
            manager = kernel_manager(environment=environment, folder=folder, log=stream, stop=stop)
            outcome = _execute(task, home, manager, stream, timeout)
            if stream.tell() > MOST_LOGGED:
                stream.truncate(MOST_LOGGED)
                _say(stream, "\n" + _CUT.in_language(task.language))
        stop.check()
        seconds += outcome.seconds
        if last_try or outcome.fault != "kernel_died":
            break
    return replace(outcome, seconds=seconds)


def _execute(
    task: Task, home: Path, manager: type, stream: IO[bytes], timeout: float | None
) -> Outcome:
    begun, source = time.monotonic(), localised(task.source, task.language)
    # papermill does not return the notebook at work when a kernel dies, nor the cell it was at
    seen = {"node": source, "cell": ""}
    error = _run(task, source, manager, seen, stream, timeout)
    seconds = time.monotonic() - begun
    _say(stream, f"{task.notebook}: {'failed' if error else 'done'} after {seconds:.1f} s")
    node = clean_notebook(seen["node"], home=home)
    outputs = [(number, o) for number, c in enumerate(node.cells, 1) for o in c.get("outputs", [])]
    warned = any(o.output_type == "stream" and o.name == "stderr" for _, o in outputs)
    if error is None:
        return Outcome(task, node, seconds, warned=warned)
    ids = [cell.get("id") for cell in node.cells]
    cell = ids.index(seen["cell"]) + 1 if seen["cell"] in ids else None
    told, fault = f"{type(error).__name__}: {error}", _fault(error, timeout)
    for number, output in outputs[::-1]:
        if output.output_type == "error":
            cell, told = number, f"{output.ename}: {output.evalue}"
    if fault == "timeout":  # the cell only knows that it was interrupted
        told = f"CellTimeoutError: > {timeout:g} s"
    told = " ".join(told.split())[:300].replace(str(home), ".")
    return Outcome(task, node, seconds, cell, told, warned, fault)


def _fault(error: Exception, timeout: float | None) -> str:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    late = isinstance(error, CellTimeoutError)
    if isinstance(error, DeadKernelError) or (late and "IOPub" in str(error)):
        return "kernel_died"  # also when its last outputs never came
    return "timeout" if late and timeout else "error"


def _run(
    task: Task,
    source: Any,
    manager: type,
    seen: dict[str, Any],
    stream: IO[bytes],
    timeout: float | None,
) -> Exception | None:
    import papermill
    from jupyter_core.utils import ensure_event_loop

    words = TextIOWrapper(stream, "utf-8", "replace", write_through=True)
    try:
        papermill.execute_notebook(
            source,
            None,
            parameters=dict(task.parameters),
            kernel_name=KERNEL,
            language="python",
            progress_bar=False,
            stdout_file=words,
            stderr_file=words,
            request_save_on_cell_execute=False,
            kernel_manager_class=manager,
            execution_timeout=timeout,
            iopub_timeout=_LAST_OUTPUTS,
            on_notebook_start=lambda notebook: seen.update(node=notebook),
            on_cell_start=lambda cell, cell_index: seen.update(cell=cell.get("id", "")),
        )
    except Exception as error:  # what stops one notebook must not stop the others: it is reported
        _say(stream, "".join(traceback.format_exception(error)))
        return error
    finally:
        words.detach()  # the log stays open
        # Jupyter opens an event loop in a thread and leaves it open: three open files
        loop = ensure_event_loop()
        if not loop.is_running():  # else it is not ours: the caller works in one
            loop.close()
    return None


def _say(stream: IO[bytes], text: str) -> None:
    stream.write((text.rstrip("\n") + "\n").encode("utf-8", errors="replace"))


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
    runs), charts are drawn into the notebook, the user's IPython start-up files are left out:
    ``private`` is an empty folder for IPython's own files. Nobody looks at the kernel, also where
    the batch is started from a notebook: the name of its session is left out.
    """
    own = {"WDP_REPORT_PATH": report, "WDP_STUDIES": studies, "JPY_SESSION_NAME": None}
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
            found.kernel_dirs = [str(_SPECIFICATIONS), *found.kernel_dirs]
            return found

        async def start_kernel(self, **settings: Any) -> None:
            settings.update(env=environment, cwd=str(folder), stdout=log, stderr=log)
            await super().start_kernel(**settings)
            if stop is not None:
                stop.reaches(self.provisioner.process)

        def client(self, **settings: Any) -> Any:
            language = environment["WDP_LANGUAGE"]
            return _prompt(super().client(**settings), _CUT.in_language(language))

    return NotebookKernelManager


def _prompt(client: Any, cut: str) -> Any:
    """Let a client go on when the kernel has answered, and hear no more of a cell than is bearable.

    By itself it would wait for a fifth of a second of silence.
    """
    from nbclient.exceptions import DeadKernelError

    async def wait_for_ready(timeout: float | None = None) -> None:
        end = time.monotonic() + (timeout or float("inf"))
        while not await _answers(client):
            if not await client._async_is_alive():
                raise DeadKernelError("Kernel died before replying to kernel_info")
            if time.monotonic() > end:
                raise RuntimeError(f"Kernel didn't respond in {timeout:.0f} seconds")
        channel, bounded = client.iopub_channel, _Bounded(cut)
        hear = channel.get_msg

        async def get_msg(timeout: float | None = None) -> dict[str, Any]:
            while not bounded.admits(told := await hear(timeout=timeout)):
                pass
            return told

        channel.get_msg = get_msg

    client.wait_for_ready = wait_for_ready
    return client


async def _answers(client: Any) -> bool:
    """Ask the kernel who it is; ``True`` when the answer and the end of its work have both come."""
    asked, replied, idle = client.kernel_info(), False, False
    try:
        while not replied:
            reply = await client.get_shell_msg(timeout=_ANSWER)
            replied = reply["parent_header"].get("msg_id") == asked
        while not idle:
            told = await client.get_iopub_msg(timeout=_ANSWER / 5)
            ours = told["parent_header"].get("msg_id") == asked
            idle = ours and told["content"].get("execution_state") == "idle"
    except Empty:
        return False
    client._handle_kernel_info_reply(reply)
    return True


class _Bounded:
    """What a kernel says, of each cell no more than its share; one sentence stands for the rest."""

    def __init__(self, cut: str) -> None:
        self.cut, self.cell, self.said, self.shown = cut, "", 0, 0

    def admits(self, message: dict[str, Any]) -> bool:
        """Shorten a message that is too long; ``False`` when nothing of it is to be heard."""
        cell, content = message["parent_header"].get("msg_id", ""), message["content"]
        if cell != self.cell:
            self.cell, self.said, self.shown = cell, 0, 0
        if message["msg_type"] == "stream":
            left, self.said = MOST_SAID - self.said, self.said + len(content["text"])
            if 0 <= left < len(content["text"]):
                content["text"] = f"{content['text'][:left]}\n{self.cut}\n"
            return left >= 0
        if message["msg_type"] == "error":
            content["evalue"] = self._short(content["evalue"])
            content["traceback"] = [self._short(line) for line in content["traceback"]]
        elif "data" in content:
            self.shown += sum(len(str(value)) for value in content["data"].values())
            if self.shown > MOST_SHOWN:
                content["data"], content["metadata"] = {"text/plain": self.cut}, {}
        return True

    def _short(self, text: str) -> str:
        return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]}\n{self.cut}"


def clean_notebook(node: Any, *, home: Path) -> Any:
    """Return a copy of an executed notebook without traces of when and where it ran.

    Taken away: run times, papermill's paths and error marks, widget state, the patch version of
    Python, empty tags. Streams that arrived in pieces are joined; the injected cell gets a fixed
    id; the project folder is cut off the paths in errors and streams.
    """
    node = deepcopy(node)
    node.cells = [
        cell for cell in node.cells if _PAPERMILL_MARK not in cell.metadata.get("tags", [])
    ]
    given = node.metadata.pop("papermill", {}).get("parameters")
    if given:
        node.metadata["papermill"] = {"parameters": dict(given)}
    node.metadata.pop("widgets", None)
    node.metadata.get("language_info", {}).pop("version", None)
    for cell in node.cells:
        _clean_cell(cell, str(home))
    return node


def _clean_cell(cell: Any, home: str) -> None:
    for name in ("papermill", "execution", "ExecuteTime"):
        cell.metadata.pop(name, None)
    if not cell.metadata.get("tags", True):
        del cell.metadata["tags"]
    if "injected-parameters" in cell.metadata.get("tags", []):
        cell["id"] = "injected-parameters"
    if cell.cell_type == "code":
        cell.outputs = _joined(cell.outputs)
        for output in cell.outputs:
            if output.output_type == "error":
                output.traceback = [_without(home, line) for line in output.traceback]
                output.evalue = _without(home, output.evalue)
            elif output.output_type == "stream":
                output.text = _without(home, output.text)


def _joined(outputs: list[Any]) -> list[Any]:
    joined: list[Any] = []
    for stream, pieces in groupby(outputs, key=lambda o: o.output_type == "stream" and o.name):
        first, *others = pieces
        if stream:
            first.text += "".join(piece.text for piece in others)
            others = []
        joined += [first, *others]
    return joined


def _without(home: str, text: str) -> str:
    """The text without the project's folder and the numbered file a kernel gives to each cell."""
    return _CELL_FILE.sub("cell", text.replace(home + "/", "").replace(home + "\\", ""))

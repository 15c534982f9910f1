"""One run of a report at a time: a right that a killed process gives back."""

from __future__ import annotations

import getpass
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from wdp_lib.core.errors import ParameterError, Text


@contextmanager
def sole_run(target: Path) -> Iterator[None]:
    """Hold the only right on this machine to make the report ``target``; a killed run gives it back by itself.

    Raises
    ------
    ParameterError
        When another process is making the same report.
    """
    folder = Path(tempfile.gettempdir()) / f"wdp-locks-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    name = hashlib.sha256(str(target.resolve()).encode("utf-8")).hexdigest()[:32]
    with (folder / name).open("a+b") as stream:
        if not _taken(stream):
            raise ParameterError(
                Text(
                    f"另一个程序正在生成 {target}，请等它结束，或用 --out 另指位置。",
                    f"Another process is making {target}. Wait until it has ended, or use --out.",
                )
            )
        yield  # closing the file gives the right back


def _taken(stream: IO[bytes]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

"""One run of a report at a time: a right that a killed process gives back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wdp_lib.core.errors import ParameterError, Text

_BY_NAME = getattr(os, "O_NOFOLLOW", 0)  # a link left by somebody else is not followed


@contextmanager
def sole_run(target: Path) -> Iterator[None]:
    """Hold the only right to make the report ``target``; a killed run gives it back by itself.

    It is a lock on a hidden file beside the report, so that it holds whatever ``TMPDIR`` is, across
    users, and across machines as far as their shared file system passes file locks on (NFS 4 does;
    NFS 3 with its lock service; a mount with ``nolock`` does not).

    Raises
    ------
    ParameterError
        When another process is making the same report, or the file cannot be made.
    """
    path = target.parent / f".{target.name}.lock"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = _locked(path)
    except OSError as error:
        told = f"{path}: {error.strerror}"
        raise ParameterError(Text(f"不能锁定报告：{told}", f"Cannot lock: {told}")) from error
    if handle is None:
        raise ParameterError(
            Text(
                f"另一个程序正在生成 {target}，请等它结束，或用 --out 另指位置。",
                f"Another process is making {target}. Wait until it has ended, or use --out.",
            )
        )
    try:
        yield
    finally:
        with suppress(OSError):  # another user's, or Windows: it stays, and is no hindrance
            path.unlink()
        os.close(handle)


def _locked(path: Path) -> int | None:
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | _BY_NAME, 0o666)
        except PermissionError:  # another user's, left by a run that was killed or still goes on
            handle = os.open(path, os.O_RDONLY | _BY_NAME)
        if not _taken(handle):
            os.close(handle)
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        os.close(handle)  # the run before us has taken the file away: lock the one there is now


def _taken(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

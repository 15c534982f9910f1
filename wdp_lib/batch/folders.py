"""Report folders: made by one process at a time, aside, put in place in one step."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from wdp_lib.batch.params import Run
from wdp_lib.core.errors import ParameterError
from wdp_lib.core.files import remove_unfinished

RECORD = "run.json"
_HERE, _EXCHANGE = -100, 2  # of renameat2(2)
_BY_NAME = getattr(os, "O_NOFOLLOW", 0)  # a link left by somebody else is not followed


def report_folder(
    run: Run, home: Path, out: Path | str | None = None, only: Sequence[str] = ()
) -> Path:
    """Return where the report of a run stands, or will stand.

    Raises `ParameterError` when a file stands where the folder of the reports should.
    """
    folder = Path(out).resolve() if out else home / "reports"
    if folder.exists() and not folder.is_dir():
        zh = f"{folder} 是文件，不是文件夹。请用 --out 另指位置。"
        en = f"{folder} is a file, not a folder. Name another place by --out."
        raise ParameterError.of(zh, en)
    return folder / (f"{run.run}.part" if only else run.run)


def building_folder(target: Path, *, keep: bool = False) -> Path:
    """Return an empty folder beside ``target``, after putting right what a killed run left.

    With ``keep``, what that run had already made stays in it.

    Raises `ParameterError` when ``target`` holds files that are not a report, or the folders are
    not the user's own.
    """
    building, previous = _beside(target, "building"), _beside(target, "previous")
    for folder in (building, previous):
        mine = not hasattr(os, "getuid") or not folder.exists()
        if folder.is_symlink() or not (mine or folder.stat().st_uid == os.getuid()):
            raise _untouched(folder, "是链接或属于其他用户", "is a link or belongs to another user")
    if previous.is_dir() and not target.exists():
        os.replace(previous, target)
    refuse_foreign(target)
    for left in [previous] if keep else [building, previous]:
        if left.is_dir():
            shutil.rmtree(left)
    remove_unfinished(building)
    for part in ("logs", "tables"):
        (building / part).mkdir(parents=True, exist_ok=True)
    return building


def deliver(building: Path, target: Path) -> None:
    """Put a finished report in place of an earlier one, of which nothing remains.

    There is a report at every moment, where the system can exchange two folders in one step.
    """
    refuse_foreign(target)
    put_in_place(building, target)


def put_in_place(building: Path, target: Path) -> None:
    """Put a folder in place of another, of which nothing remains; see `deliver`."""
    previous = _beside(target, "previous")
    if target.exists() and _exchanged(building, target):
        os.replace(building, previous)
    elif target.exists():
        os.replace(target, previous)
        os.replace(building, target)
    else:
        os.replace(building, target)
    if previous.is_dir():
        shutil.rmtree(previous)


def _exchanged(one: Path, other: Path) -> bool:
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None), "renameat2", None)  # not in every C library
    names = os.fsencode(one), os.fsencode(other)
    return rename is not None and rename(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0


def refuse_foreign(target: Path) -> None:
    """Refuse to replace a folder (or file) that no run has made.

    Raises `ParameterError` when ``target`` is a file, or a folder with files but no ``run.json``.
    """
    is_report = target.is_dir() and ((target / RECORD).is_file() or not any(target.iterdir()))
    if target.exists() and not is_report:
        zh, en = "已存在且不是由 wdp run 生成的报告", "exists and is no report made by wdp run"
        raise _untouched(target, zh, en)


def _untouched(folder: Path, zh: str, en: str) -> ParameterError:
    return ParameterError.of(
        f"{folder} {zh}，未作改动。请移走它，或用 --out 另指位置。",
        f"{folder} {en}; it was not touched. Move it away, or use --out.",
    )


def _beside(target: Path, kind: str) -> Path:
    return target.parent / f".{target.name}.{kind}"


@contextmanager
def sole_run(target: Path) -> Iterator[None]:
    """Hold the only right to make the report ``target``; a killed run gives it back by itself.

    It is a lock on a hidden file beside the report, so that it holds whatever ``TMPDIR`` is, across
    users, and across machines as far as their shared file system passes file locks on (NFS 4 does;
    NFS 3 with its lock service; a mount with ``nolock`` does not). Raises `ParameterError` when
    another process is making the same report, or the file cannot be made.
    """
    path = _beside(target, "lock")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = _locked(path)
    except OSError as error:
        told = f"{path}: {error.strerror}"
        raise ParameterError.of(f"不能锁定报告：{told}", f"Cannot lock: {told}") from error
    if handle is None:
        raise ParameterError.of(
            f"另一个程序正在生成 {target}，请等它结束，或用 --out 另指位置。",
            f"Another process is making {target}. Wait until it has ended, or use --out.",
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

"""Report folders: built aside, put in place in one step, never over something else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from wdp_lib.core.errors import ParameterError, Text

RECORD = "run.json"


def building_folder(target: Path, *, keep: bool = False) -> Path:
    """Return an empty folder beside ``target``, after putting right what a killed run left.

    With ``keep``, what that run had already made stays in it.

    Raises
    ------
    ParameterError
        When ``target`` holds files that are not a report, or the folders are not the user's own.
    """
    building, previous = _beside(target, "building"), _beside(target, "previous")
    for folder in (building, previous):
        mine = not hasattr(os, "getuid") or not folder.exists()
        if folder.is_symlink() or not (mine or folder.stat().st_uid == os.getuid()):
            raise ParameterError(
                Text(
                    f"{folder} 是链接或属于其他用户，未作改动。请移走它，或用 --out 另指位置。",
                    f"{folder} is a link or belongs to another user; it was not touched. "
                    "Move it away, or use --out.",
                )
            )
    if previous.is_dir() and not target.exists():
        os.replace(previous, target)
    refuse_foreign(target)
    for left in [previous] if keep else [building, previous]:
        if left.is_dir():
            shutil.rmtree(left)
    for part in ("logs", "tables"):
        (building / part).mkdir(parents=True, exist_ok=True)
    return building


def deliver(building: Path, target: Path) -> None:
    """Put a finished report in place of an earlier one, of which nothing remains."""
    refuse_foreign(target)
    previous = _beside(target, "previous")
    if target.exists():
        os.replace(target, previous)
    os.replace(building, target)
    if previous.is_dir():
        shutil.rmtree(previous)


def refuse_foreign(target: Path) -> None:
    """Refuse to replace a folder (or file) that no run has made.

    Raises
    ------
    ParameterError
        When ``target`` is a file, or a folder with files but no ``run.json``.
    """
    is_report = target.is_dir() and ((target / RECORD).is_file() or not any(target.iterdir()))
    if target.exists() and not is_report:
        raise ParameterError(
            Text(
                f"{target} 已存在且不是由 wdp run 生成的报告，未作改动。"
                "请移走它，或用 --out 另指位置。",
                f"{target} exists and is no report made by wdp run; it was not touched. "
                "Move it away, or use --out.",
            )
        )


def _beside(target: Path, kind: str) -> Path:
    return target.parent / f".{target.name}.{kind}"

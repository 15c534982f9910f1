"""Where the project's folders are."""

from __future__ import annotations

import os
from pathlib import Path

from wdp_lib.core.errors import ParameterError

MARKER = ".wdp"


def find_home(start: Path | str | None = None) -> Path:
    """Return the project folder, which holds ``data/plans``, ``notebooks`` and the file ``.wdp``.

    It is the one that the environment variable ``WDP_HOME`` names; else looked for upwards from
    ``start`` (the current folder), then beside the installed package. Its notebooks are executed:
    one that belongs neither to the user nor to root, or without the file ``.wdp``, is passed by.
    Raises `ParameterError` when none of these holds a project.
    """
    named = os.environ.get("WDP_HOME")
    if named and _is_project(Path(named)):
        return Path(named).resolve()
    begin = Path(start or Path.cwd()).resolve()
    above = [folder for folder in (begin, *begin.parents) if _is_project(folder)]
    installed = Path(__file__).resolve().parents[2]
    for folder in (*filter(_is_ours, above), *filter(_is_project, [installed])):
        return folder
    zh = f"；{above[0]} 没有文件 {MARKER}，或属于其他用户，未采用" if above else ""
    en = f"; {above[0]} has no file {MARKER} or belongs to another user" if above else ""
    raise ParameterError.of(
        f"找不到项目文件夹（其中应有 data/plans 和文件 {MARKER}）{zh}。"
        "请在项目文件夹内运行，或用环境变量 WDP_HOME 指明。",
        f"No project folder (with data/plans and a file {MARKER}) was found{en}. "
        "Run inside it, or name it in WDP_HOME.",
    )


def _is_project(folder: Path) -> bool:
    return (folder / "data" / "plans").is_dir()


def _is_ours(folder: Path) -> bool:
    """Whether a folder has the marker, both being the user's or root's."""
    marker = folder / MARKER
    if not hasattr(os, "getuid"):
        return marker.is_file()
    trusted = {0, os.getuid()}
    return marker.is_file() and {folder.stat().st_uid, marker.stat().st_uid} <= trusted


def report_path(report_folder: str, home: Path | str | None = None) -> Path | None:
    """Return the folder a notebook writes its tables to, or ``None`` when it is to write nothing.

    ``report_folder``: folder seen from the project folder, e.g. ``"reports/county-midterm"``;
    ``""`` = write nothing. While a batch builds a report, the environment variable
    ``WDP_REPORT_PATH`` says where that folder is at present. ``home``: the project folder; found by
    `find_home` by default.
    """
    if not report_folder:
        return None
    building = os.environ.get("WDP_REPORT_PATH")
    return Path(building) if building else Path(home or find_home()) / report_folder

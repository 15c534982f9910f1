"""Where the project's folders are."""

from __future__ import annotations

import os
from pathlib import Path

from wdp_lib.core.errors import ParameterError, Text


def find_home(start: Path | str | None = None) -> Path:
    """Return the folder that holds ``data/plans`` and ``notebooks``.

    Looked for in the environment variable ``WDP_HOME``, then upwards from ``start`` (the current
    folder), then beside the installed package.

    Raises
    ------
    ParameterError
        When none of these holds a project.
    """
    named = os.environ.get("WDP_HOME")
    if named and (Path(named) / "data" / "plans").is_dir():
        return Path(named).resolve()
    begin = Path(start or Path.cwd()).resolve()
    for folder in (begin, *begin.parents, Path(__file__).resolve().parents[2]):
        if (folder / "data" / "plans").is_dir():
            return folder
    raise ParameterError(
        Text(
            "找不到项目文件夹（其中应有 data/plans）。"
            "请在项目文件夹内运行，或用环境变量 WDP_HOME 指明。",
            "No project folder (with data/plans in it) was found. "
            "Run inside it, or name it in WDP_HOME.",
        )
    )


def report_path(report_folder: str, home: Path | str | None = None) -> Path | None:
    """Return the folder a notebook writes its tables to, or ``None`` when it is to write nothing.

    Parameters
    ----------
    report_folder : str
        Folder seen from the project folder, e.g. ``"reports/ruyuan-midterm-2025"``; ``""`` = write
        nothing. While a batch builds a report, the environment variable ``WDP_REPORT_PATH`` says
        where that folder is at present.
    home : path, optional
        The project folder; found by `find_home` by default.
    """
    if not report_folder:
        return None
    building = os.environ.get("WDP_REPORT_PATH")
    return Path(building) if building else Path(home or find_home()) / report_folder

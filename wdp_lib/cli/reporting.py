"""``wdp report``: the report of each run as a Word document."""

from __future__ import annotations

import argparse
from pathlib import Path

from wdp_lib.cli.actions import DONE
from wdp_lib.core.console import say
from wdp_lib.core.errors import ParameterError, Text


def write_reports(options: argparse.Namespace) -> int:
    """Carry out ``wdp report``: the last notebook of a run is its report, unless one is named."""
    from wdp_lib.batch import check_run, plan_runs
    from wdp_lib.batch.translate import localised
    from wdp_lib.core.home import find_home
    from wdp_lib.documents import read_document, write_word

    home = find_home()
    for run in plan_runs(options.params):
        check_run(run, home)
        name = options.notebook or run.notebooks[-1]
        if name not in run.notebooks:
            known = ", ".join(run.notebooks)
            zh, en = (
                f"{run.run} 没有笔记本 {name}，有：{known}",
                f"{run.run} has {known}, not {name}",
            )
            raise ParameterError(Text(zh, en))
        notebook = localised(home / "notebooks" / f"{name}.ipynb", run.language)
        document = read_document(notebook, run.parameters_of(name))
        folder = Path(options.out or home / "reports") / run.run / "documents"
        write_word(document, folder / f"{name}.docx")
        say(Text(f"已写入 {folder / name}.docx", f"written: {folder / name}.docx"))
    return DONE

"""``wdp report``: what a round gives to be circulated and signed."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wdp_lib.cli.actions import DONE
from wdp_lib.core.console import say
from wdp_lib.core.errors import Text, user_language
from wdp_lib.core.home import find_home

_RECORD = ".written.json"
_SITE = ("index.html", "site")


def write_reports(options: argparse.Namespace) -> int:
    """Carry out ``wdp report``: report, summary, letters and tables of each run."""
    from wdp_lib.batch import check_run, plan_runs
    from wdp_lib.documents import write_all
    from wdp_lib.site import place_site, write_runs

    home = find_home()
    runs = plan_runs(options.params, language=getattr(options, "language", None))
    for run in runs:
        check_run(run, home)
    reports = Path(options.out or home / "reports")
    for run in runs:
        folder = reports / f"{run.run}.documents"  # beside the report, which a run replaces whole
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=reports, prefix=f".{run.run}.") as made:
            study = _study(run, home)
            state = _state(study, run, home, reports / run.run)
            names = write_all(study, Path(made), state=state, formats=options.format)
            written = _place(names, Path(made), folder)
        first = place_site(
            study,
            run,
            home,
            report=reports / run.run,
            documents=folder,
            names=written,
            state=state,
        )
        zh, en = f"已写入 {folder}：", f"written to {folder}:"
        say("\n  ".join([Text(zh, en).in_language(user_language()), *written]))
        say(Text(f"网页：{first}", f"pages: {first}"))
        if first.parent == folder and (reports / run.run).is_dir():
            zh = f"{reports / run.run} 与现有数据或程序不一致，网页未放入其中；请先重新运行 wdp run"
            en = f"{reports / run.run} rests on other data or programs; the pages stand apart: "
            say(Text(zh, f"{en}make it anew by wdp run"))
        others = {path.name for path in folder.iterdir()} - {*written, _RECORD, *_SITE}
        if others := sorted(others):
            zh, en = (
                f"其中原有、未改动：{'、'.join(others)}",
                f"there before, as it was: {', '.join(others)}",
            )
            say(Text(zh, en))
    write_runs(reports, language=user_language())
    return DONE


def _place(names: list[str], made: Path, folder: Path) -> list[str]:
    """Move new documents into the folder; an edited one stays, and the new one stands beside it.

    The folder keeps the digests of what was written: a document with another digest was edited.
    """
    import json

    from wdp_lib.core.files import write_atomic
    from wdp_lib.data.read.stored import digest

    record = folder / _RECORD
    ours = json.loads(record.read_text("utf-8")) if record.is_file() else {}
    placed, taken = [], {}
    for name in names:
        new, place = made / name, folder / name
        number = 1
        while place.is_file() and digest(place) not in (ours.get(place.name), digest(new)):
            number += 1
            place = folder / f"{new.stem}-{number}{new.suffix}"
        taken[place.name] = digest(new)
        if place.name != name:
            kept, told = folder / name, place.name
            zh = f"{kept.name} 已被修改，原样保留；新的一份为 {told}"
            say(Text(zh, f"{kept.name} was edited and stays as it is; the new one is {told}"))
        os.replace(new, place)
        placed.append(place.name)
    write_atomic(record, json.dumps({**ours, **taken}, ensure_ascii=False, indent=1))
    return placed


def _study(run: Any, home: Path) -> Any:
    """The study of a run, opened as its last notebook, the report, opens it."""
    import inspect

    import wdp_lib as wdp

    known = inspect.signature(wdp.open_study).parameters
    given = run.parameters_of(run.notebooks[-1])
    settings = {name: value for name, value in given.items() if name in known}
    return wdp.open_study(**settings, home=home)


def _state(study: Any, run: Any, home: Path, folder: Path) -> str:
    """The state on record, if it is of the figures that the study has now; else nothing."""
    from wdp_lib.batch.report import report_approval
    from wdp_lib.publish.text.paragraphs import approval_text

    approval = report_approval(run, home, folder)
    if approval.state == "draft" or not _same(study, folder):
        return ""
    return approval_text(approval, language=study.language)


def _same(study: Any, folder: Path) -> bool:
    """Whether the report holds the verdicts that the study has now."""
    import io

    import pandas as pd

    from wdp_lib.core.files import table_text

    path = folder / "tables" / "verdicts.csv"
    if not path.is_file():
        return False
    settings: dict[str, Any] = {"dtype": str, "keep_default_na": False}
    then = pd.read_csv(path, encoding="utf-8-sig", **settings)
    now = pd.read_csv(io.StringIO(table_text(study.verdicts)), **settings)
    return then.reindex(columns=now.columns).equals(now)

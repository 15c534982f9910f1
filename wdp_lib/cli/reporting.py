"""``wdp report``: what a round gives to be circulated and signed."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wdp_lib.cli.actions import DONE
from wdp_lib.core.console import say
from wdp_lib.core.errors import Text, user_language
from wdp_lib.core.home import find_home

_RECORD = ".written.json"
_WRITERS = ("jinja2", "openpyxl", "python-docx", "typst")  # packages that shape documents
_SITE = ("index.html", "site")


def write_reports(options: argparse.Namespace) -> int:
    """Carry out ``wdp report``: report, summary, letters, tables and pages of each run."""
    from wdp_lib.batch import check_run, plan_runs
    from wdp_lib.site import write_runs

    home = find_home()
    asked = {"language": getattr(options, "language", None), "edition": options.edition}
    runs = plan_runs(options.params, **asked)
    for run in runs:
        check_run(run, home)
    reports = Path(options.out or home / "reports")
    with _computed(reports):
        for run in runs:
            _report(run, home, reports, options.format)
    write_runs(reports, language=user_language())
    return DONE


@contextmanager
def _computed(reports: Path) -> Iterator[None]:
    """Have studies read what the notebooks of the last runs computed, if nothing changed since."""
    from wdp_lib.batch.studies import kept_studies
    from wdp_lib.study.store import FOLDER

    kept = None if FOLDER in os.environ else kept_studies(reports)
    if kept is None:
        yield
        return
    os.environ[FOLDER] = str(kept)
    try:
        yield
    finally:
        del os.environ[FOLDER]


def _report(run: Any, home: Path, reports: Path, formats: list[str]) -> None:
    """Write documents and pages of one run, but not what is there and would come out the same."""
    from wdp_lib.batch.record import input_hashes
    from wdp_lib.core.beside import beside
    from wdp_lib.core.files import write_atomic
    from wdp_lib.site import inner_pages, place_site

    report, folder = reports / run.run, reports / f"{run.run}.documents"
    folder.mkdir(parents=True, exist_ok=True)  # beside the report, which a run replaces whole
    hashes, known = input_hashes(run, home), _known(folder)
    inputs = _inputs(run, hashes, report, formats)
    kept = known.get("inputs") == inputs and _there(known.get("placed", []), folder)
    study = None if kept and _paged(known, reports, report) else run_study(run, home)
    if study is not None:
        state = _state(study, run, home, report)
        _ = study.problems, study.annual_table, study.verdicts  # what all show, once for both
        pages = beside(inner_pages, study, run.title.in_language(study.language))
        if not kept:
            known = _write(study, state, formats, folder, known)
        stand = {"report": report, "documents": folder, "names": known["placed"], "state": state}
        first = place_site(study, run, hashes, **stand, made=pages())
        known |= {"inputs": inputs, "pages": first.relative_to(reports).as_posix()}
        write_atomic(folder / _RECORD, json.dumps(known, ensure_ascii=False, indent=1))
    _tell(folder, known, report, first=reports / known["pages"], kept=kept)


def _tell(folder: Path, known: dict[str, Any], report: Path, *, first: Path, kept: bool) -> None:
    head = Text(f"已写入 {folder}：", f"written to {folder}:")
    if kept:
        head = Text(f"{folder} 没有变化，未重写：", f"{folder}: nothing changed, not written anew:")
    say("\n  ".join([head.in_language(user_language()), *known["placed"]]))
    say(Text(f"网页：{first}", f"pages: {first}"))
    if first.parent == folder and report.is_dir():
        zh = f"{report} 与现有数据或程序不一致，网页未放入其中；请先重新运行 wdp run"
        en = f"{report} rests on other data or programs; the pages stand apart: "
        say(Text(zh, f"{en}make it anew by wdp run"))
    others = {path.name for path in folder.iterdir()} - {*known["placed"], _RECORD, *_SITE}
    if others:
        listed = sorted(others)
        zh, en = "其中原有、未改动：", "there before, as it was: "
        say(Text(zh + "、".join(listed), en + ", ".join(listed)))


def _inputs(run: Any, hashes: dict[str, str], report: Path, formats: list[str]) -> str:
    from wdp_lib.batch.record import combined, versions
    from wdp_lib.data.read.stored import digest

    made = [report / one for one in ("run.json", "tables/verdicts.csv")]  # what is approved
    approved = [digest(path) for path in made if path.is_file()]
    settings = [run.run, run.language, dict(run.parameters), formats, approved]
    return combined([hashes, versions(), list(map(version, _WRITERS)), *settings])


def _known(folder: Path) -> dict[str, Any]:
    """What was written before: from what, the names, a digest of each file, the first page."""
    record = folder / _RECORD
    return json.loads(record.read_text("utf-8")) if record.is_file() else {}


def _there(names: list[str], folder: Path) -> bool:
    return bool(names) and all((folder / name).is_file() for name in names)


def _paged(known: dict[str, Any], reports: Path, report: Path) -> bool:
    """Whether the pages are still where they were put: a run that is made anew has none."""
    from wdp_lib.site.place import BASIS

    first = reports / known.get("pages", "")
    return first.is_file() and (first.parent != report or (report / BASIS).is_file())


def _write(
    study: Any, state: str, formats: list[str], folder: Path, known: dict[str, Any]
) -> dict[str, Any]:
    """Write the documents; an edited one stays, and the new one stands beside it.

    A document with another digest than the one it was written with was edited.
    """
    from wdp_lib.data.read.stored import digest
    from wdp_lib.documents import write_all

    ours, placed, taken = known.get("files", {}), [], {}
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as made:
        for name in write_all(study, Path(made), state=state, formats=formats):
            new, place = Path(made) / name, folder / name
            number = 1
            while place.is_file() and digest(place) not in (ours.get(place.name), digest(new)):
                number += 1
                place = folder / f"{new.stem}-{number}{new.suffix}"
            taken[place.name] = digest(new)
            if place.name != name:
                told = place.name
                zh = f"{name} 已被修改，原样保留；新的一份为 {told}"
                say(Text(zh, f"{name} was edited and stays as it is; the new one is {told}"))
            os.replace(new, place)
            placed.append(place.name)
    return {"placed": placed, "files": {**ours, **taken}}


def run_study(run: Any, home: Path) -> Any:
    """The study of a run, opened as its last notebook, the report, opens it."""
    import inspect

    import wdp_lib as wdp

    known = inspect.signature(wdp.open_study).parameters
    given = run.parameters_of(run.notebooks[-1])
    settings = {name: value for name, value in given.items() if name in known}
    return wdp.open_study(**settings, home=home)


def _state(study: Any, run: Any, home: Path, folder: Path) -> str:
    """The state on record, if it is of the figures that the study has now; else nothing."""
    from wdp_lib.batch.report import report_approval, submitted
    from wdp_lib.publish.text.paragraphs import approval_text

    if not submitted(run, home):
        return ""
    approval = report_approval(run, home, folder)
    if approval.state == "draft" or not _same(study, folder):
        return ""
    return approval_text(approval, language=study.language)


def _same(study: Any, folder: Path) -> bool:
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

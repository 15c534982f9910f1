"""The files of a report folder: notebooks, pages, the first page."""

from __future__ import annotations

import csv
import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.batch.execute import Outcome
from wdp_lib.batch.params import EDITION, Run
from wdp_lib.core.dates import END_OF_TIME
from wdp_lib.core.errors import Text
from wdp_lib.core.files import write_atomic
from wdp_lib.core.settings import read_yaml
from wdp_lib.core.words import code_name, word
from wdp_lib.data.read.metadata import read_metadata
from wdp_lib.data.records import read_records
from wdp_lib.disclosure import INTERNAL
from wdp_lib.publish.charts.fonts import missing_characters
from wdp_lib.publish.html.index import Entry, index_page
from wdp_lib.publish.html.page import export_html, finding_of, heading_of
from wdp_lib.publish.text.facts import ORDER
from wdp_lib.publish.text.paragraphs import approval_text
from wdp_lib.supervision.bodies import Approval, approval_state
from wdp_lib.supervision.tables import APPROVALS

_LABELS = {
    "plan": Text("规划", "plan"),
    "dataset": Text("数据集", "data set"),
    "as_of": Text("数据截止日期", "data known by"),
    "through": Text("预测至（年）", "forecasts through"),
    "stage": Text("评估阶段", "stage"),
    "language": Text("语言", "language"),
    "seed": Text("随机种子", "seed"),
}
_LANGUAGE_NAMES = {"zh": "中文", "en": "English"}
_SIMULATED = Text("模拟数据", "Simulated data")


def data_mark(run: Run, home: Path) -> str:
    """Return the words printed on everything made from the run's data set; ``""`` = none.

    A simulated data set is marked also when its description forgets to say how.

    Raises `DataError` when the description of the data set is wrong.
    """
    metadata = read_metadata(_description(home, run.parameters["dataset"]))
    mark = metadata.mark if metadata.mark.zh or not metadata.simulated else _SIMULATED
    return " · ".join(dict.fromkeys(filter(None, (mark.zh, mark.en))))


def write_outcome(outcome: Outcome, run: Run, folder: Path, mark: str) -> tuple[Entry, list[str]]:
    """Write a notebook's files; return its line for the first page and characters no font shows."""
    import nbformat

    name, language = outcome.task.notebook, run.language
    text = nbformat.writes(outcome.node) + "\n"
    if outcome.failed:
        write_atomic(folder / f"{name}.failed.ipynb", text)
        return Entry(name, state="failed", cell=outcome.cell, error=outcome.error), []
    title = run.title.in_language(language)
    page = export_html(outcome.node, language=language, title=title, mark=mark)
    write_atomic(folder / f"{name}.ipynb", text)
    write_atomic(folder / f"{name}.html", page)
    return entry_of(name, outcome.node), missing_characters(html.unescape(page))


def entry_of(name: str, node: Any) -> Entry:
    """Return the line on the first page of a notebook, from what its cells say."""
    return Entry(name, heading_of(node), finding_of(node))


def write_index(
    run: Run, home: Path, entries: Sequence[Entry], folder: Path, *, data_hash: str, mark: str
) -> None:
    """Write ``index.html`` of the report."""
    language, approval = run.language, report_approval(run, home, folder)
    words = Text("{}。数据表校验值：{}", "{}. Hash of the tables: {}").in_language(language)
    page = index_page(
        title=run.title.in_language(language),
        purpose=run.purpose.in_language(language),
        parameters={
            _LABELS.get(name, Text(name, name)).in_language(language): _readable(
                name, str(value), run, home
            )
            for name, value in run.parameters.items()
        },
        entries=entries,
        tables=sorted(path.name for path in (folder / "tables").glob("*.csv")),
        rejected=rejected_rows(folder),
        data_hash=data_hash if run.parameters.get(EDITION, INTERNAL) == INTERNAL else "",
        standing=_standing(folder, language),
        language=language,
        mark=mark,
        approval=words.format(approval_text(approval, language=language), approval.tables_hash),
    )
    write_atomic(folder / "index.html", page)


def _standing(folder: Path, language: str) -> list[tuple[str, int]]:
    """How many goals stand where, in words; nothing without their table."""
    path = folder / "tables" / "verdicts.csv"
    if not path.is_file():
        return []
    counted = pd.read_csv(path, encoding="utf-8-sig")["verdict"].value_counts()
    order = [code for code in ORDER if code in counted]
    return [(word("standing", code, language), int(counted[code])) for code in order]


def _readable(name: str, value: str, run: Run, home: Path) -> str:
    if name == "plan":
        title = read_yaml(home / "data" / "plans" / value / "plan.yaml").content.get("title")
        known = isinstance(title, dict) and run.language in title
        return f"{title[run.language]} ({value})" if known else value
    if name == "dataset":
        title = read_metadata(_description(home, value)).title
        return f"{title.in_language(run.language)} ({value})"
    if name == "language":
        return _LANGUAGE_NAMES[value]
    return code_name(name, value).in_language(run.language) if name == "stage" else value


def submitted(run: Run, home: Path) -> bool:
    """Return whether the records of its data set say anything of the report of a run."""
    record = read_records(run.parameters["dataset"], APPROVALS, home=home)
    return run.run in set(record.frame["report"])


def report_approval(run: Run, home: Path, folder: Path) -> Approval:
    """Return what the records of its data set say of a report's tables as they stand now."""
    record = read_records(run.parameters["dataset"], APPROVALS, home=home)
    settings = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
    paths = sorted((folder / "tables").glob("*.csv"))
    tables = {path.stem: pd.read_csv(path, **settings) for path in paths}
    return approval_state(record.frame, run.run, tables, as_of=END_OF_TIME)[0]


def rejected_rows(folder: Path) -> int | None:
    """Return the number of data rows in ``rejected.csv``, or ``None`` without such a file."""
    path = folder / "rejected.csv"
    if not path.is_file():
        return None
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return max(sum(1 for row in csv.reader(stream) if row) - 1, 0)


def _description(home: Path, dataset: str) -> Path:
    return home / "data" / "observations" / dataset / "dataset.yaml"

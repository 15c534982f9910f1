"""The first page over all reports: what each round says, and rounds of one plan side by side."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from string import printable
from typing import Any
from urllib.parse import quote

import pandas as pd

from wdp_lib.assessment.scheme import COUNTED, GROUPS
from wdp_lib.batch.folders import RECORD
from wdp_lib.batch.record import read_record, run_of
from wdp_lib.core.errors import ParameterError
from wdp_lib.core.files import write_atomic
from wdp_lib.core.words import word
from wdp_lib.publish.charts.fonts import subset_woff
from wdp_lib.site.blocks import Page, templates
from wdp_lib.site.render import INDEX, html

VERDICTS = Path("tables") / "verdicts.csv"
FACTS = ("plan", "dataset", "area", "as_of", "stage", "stage_words", "language")


@dataclass(frozen=True)
class Round:
    """What the report of a run says of the goals."""

    name: str
    title: str
    target: str
    facts: Mapping[str, str]
    counted: Mapping[str, int]  # goals by where they stand; empty for a report that judges no goals
    mark: str  # words that mark simulated data

    @property
    def line(self) -> tuple[str, ...]:
        """What it has in common with the rounds it is compared with."""
        return tuple(self.facts[name] for name in ("plan", "dataset", "area"))


def write_runs(reports: Path, *, language: str) -> Path:
    """Write ``index.html`` of the folder of reports, from what stands in the reports.

    ``language`` ({"zh", "en"}): language of the page.
    """
    found = sorted(path.parent for path in reports.glob(f"[!.]*/{RECORD}"))
    rounds = [_round(folder, language) for folder in found]
    lines: dict[tuple[str, ...], list[Round]] = {}
    for one in sorted(rounds, key=lambda one: (one.facts["as_of"], one.name)):
        if one.counted:
            lines.setdefault(one.line, []).append(one)
    compared = [_compared(rows, language) for rows in lines.values() if len(rows) > 1]
    groups = [(name, _words(language)(f"stands.{name}")) for name in COUNTED]
    groups = [pair for pair in groups if any(one.counted.get(pair[0]) for one in rounds)]
    facts = {"rounds": [(one, shares(one.counted, groups)) for one in rounds], "groups": groups}
    title = _words(language)("runs")
    page = Page(INDEX, title, "runs", facts=facts | {"compared": compared})
    settings: dict[str, Any] = {
        "title": title,
        "lang": "zh-CN" if language == "zh" else "en",
        "mark": "",
        "subject": "",
        "menu": (),
        "names": {},
        "words": _words(language),
    }
    bare = html(page, settings, inside=False, font="data:")
    woff = subset_woff("".join(sorted({*printable, *unescape(bare)})), "sans")
    font = f"data:font/woff;base64,{b64encode(woff).decode('ascii')}"
    path = reports / INDEX
    write_atomic(path, html(page, settings, inside=False, font=font))
    return path


def shares(counted: Mapping[str, int], groups: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the parts of a bar: where each begins and how wide it is, in per cent."""
    total, parts, left = sum(counted.values()), [], 0.0
    for name, words in groups:
        n = int(counted.get(name, 0))
        wide = 100 * n / total if total else 0.0
        parts.append({"name": name, "words": words, "n": n, "x": left, "w": wide})
        left += wide
    return parts


def _words(language: str):
    def words(key: str, **facts: object) -> str:
        return templates()[key].in_language(language).format(**facts)

    return words


def _round(folder: Path, language: str) -> Round:
    target = f"./{quote(folder.name)}/{INDEX}"
    try:
        run = run_of(read_record(folder))
    except ParameterError as error:  # whatever one folder holds, the others are listed
        title = f"{folder.name}: {error.summary.in_language(language)}"
        return Round(folder.name, title, target, dict.fromkeys(FACTS, ""), {}, "")
    given = {name: str(value) for name, value in run.parameters.items()}
    facts = {name: given.get(name, "") for name in FACTS}
    facts["stage_words"] = word("stage", facts["stage"], language) if facts["stage"] else ""
    counted, mark = _verdicts(folder / VERDICTS)
    title = run.title.in_language(language)
    return Round(run.run, title, target, facts, counted, mark)


def _verdicts(path: Path) -> tuple[dict[str, int], str]:
    if not path.is_file():
        return {}, ""
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    counted = Counter(GROUPS.get(verdict, "not_assessable") for verdict in table["verdict"])
    return dict(counted), table["mark"].iloc[0] if "mark" in table and len(table) else ""


def _compared(rounds: list[Round], language: str) -> dict[str, Any]:
    groups = [name for name in COUNTED if any(one.counted.get(name) for one in rounds)]
    rows = [
        (_words(language)(f"stands.{name}"), [one.counted.get(name, 0) for one in rounds])
        for name in groups
    ]
    return {"title": rounds[-1].title, "rounds": rounds, "rows": rows}

"""Write docs/fields.md (every column of every table) and docs/terms.md (the short list of terms).

``python docs/make_dictionary.py``; both are made from the CSV files of the library,
and a test keeps them in step.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import wdp_lib
from wdp_lib.core.columns import Column, Contract, fields
from wdp_lib.core.files import write_atomic
from wdp_lib.core.words import vocabulary
from wdp_lib.data.record_contracts import RecordContract

TOPICS = ("term", "state", "risk", "warning_level", "grade", "volatility", "status", "origin")
TOPICS += ("evidence", "claim_level", "design", "model", "interval_method")
MADE = "Made by `python docs/make_dictionary.py` from"


def terms() -> str:
    """Return the short list of terms as Markdown."""
    lines = ["# Terms · 术语", "", f"{MADE} `wdp_lib/core/vocabulary.csv`."]
    for topic in TOPICS:
        rows = [
            f"| `{code}` | {text.zh} | {text.en} |"
            for (listed, code), text in vocabulary().items()
            if listed == topic
        ]
        lines += ["", f"## {topic}", "", "| identifier | 中文 | English |", "|---|---|---|", *rows]
    return "\n".join(lines) + "\n"


def dictionary() -> str:
    """Return the field dictionary as Markdown: the columns, and which table has which."""
    lines = ["# Fields · 字段说明", "", f"{MADE} `wdp_lib/core/fields.csv`"]
    lines += ["and `wdp_lib/data/records.csv`. `table.column` goes before `column`.", ""]
    lines += ["| column | 中文 | English | kind | unit | allowed |", "|---|---|---|---|---|---|"]
    lines += [_row(name, column) for name, column in fields().items()]
    lines += ["", "## Tables · 数据表", "", "| table | columns |", "|---|---|"]
    lines += [f"| `{c.name}` | {', '.join(c.names)} |" for c in every(Contract)]
    lines += ["", "## Files of records · 记录文件"]
    for contract in every(RecordContract):
        lines += ["", f"### {contract.file}", "", "| column | 中文 | English | kind |"]
        lines += ["|---|---|---|---|"]
        lines += [
            f"| `{c.name}` | {c.meaning.zh} | {c.meaning.en} | {c.topic or c.kind} |"
            for c in contract.columns
        ]
    return "\n".join(lines) + "\n"


def _row(name: str, column: Column) -> str:
    allowed = " / ".join(value or '""' for value in column.allowed)
    cells = (f"`{name}`", column.meaning.zh, column.meaning.en, column.kind, column.unit, allowed)
    return f"| {' | '.join(cells)} |"


def every(kind: type) -> list:
    """Return every contract (`Contract` or `RecordContract`) of the library, each once, by name."""
    names = [
        m.name for m in walk_packages(wdp_lib.__path__, "wdp_lib.") if ".training" not in m.name
    ]
    values = [value for name in names for value in vars(import_module(name)).values()]
    found = {getattr(v, "name", "") or v.file: v for v in values if type(v) is kind}
    return [found[name] for name in sorted(found)]


if __name__ == "__main__":
    write_atomic(Path(__file__).with_name("fields.md"), dictionary())
    write_atomic(Path(__file__).with_name("terms.md"), terms())

"""The glossary: every identifier used in tables, with its Chinese and English word.

``python -m wdp_lib.publish.glossary`` writes ``docs/glossary.md`` anew.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import wdp_lib
from wdp_lib.core.columns import Contract
from wdp_lib.core.errors import Text
from wdp_lib.core.files import write_atomic
from wdp_lib.core.home import find_home
from wdp_lib.publish.text.words import vocabulary

TERMS = {
    "plan": Text("规划、纲要", "plan, outline"),
    "goal": Text("主要目标", "main goal"),
    "indicator": Text("指标", "indicator"),
    "target": Text("目标值、目标要求", "what is promised for an indicator"),
    "measure": Text("策略措施", "strategy, measure"),
    "project": Text("重点工程（实事项目）", "key project"),
    "commitment": Text("工程承诺", "commitment of a project"),
    "baseline": Text("基期（值）", "value a direction is judged against"),
    "cut-off (as_of)": Text("截止日期", "only what was known then is used"),
    "return": Text("报送数据（报表）", "file a unit delivers"),
    "break": Text("口径变动", "change of definition or scope"),
    "evidence grade": Text("证据等级", "by the number of points behind a forecast"),
    "attainment rate": Text("达标率", "always with numerator and denominator"),
    "hindcast": Text("回溯检验", "forecast from an earlier day, compared with what came"),
}


def glossary() -> str:
    """Return the glossary as Markdown: general terms, the words by topic, the columns of each table."""
    lines = [
        "# Glossary · 术语表",
        "",
        "Made by `python -m wdp_lib.publish.glossary` from `wdp_lib/core/vocabulary.csv` and",
    ]
    lines += ["the column contracts of the library; a test keeps it in step.", "", "## Terms", ""]
    lines += _table(TERMS)
    topics: dict[str, dict[str, Text]] = {}
    for (topic, code), text in vocabulary().items():
        topics.setdefault(topic, {})[code] = text
    for topic, words in topics.items():
        lines += ["", f"## {topic}", "", *_table(words)]
    for contract in contracts():
        lines += [
            "",
            f"## Table {contract.name}",
            "",
            *_table({c.name: c.meaning for c in contract.columns}),
        ]
    return "\n".join(lines) + "\n"


def contracts() -> list[Contract]:
    """Return the contract of every table of the library, those of `wdp_lib.core.columns` first, then by name of their module."""
    names = [
        module.name
        for module in walk_packages(wdp_lib.__path__, "wdp_lib.")
        if ".training" not in module.name
    ]
    found: dict[str, Contract] = {}
    for name in ["wdp_lib.core.columns", *sorted(names)]:
        for value in vars(import_module(name)).values():
            if isinstance(value, Contract):
                found.setdefault(value.name, value)
    return list(found.values())


def _table(words: dict[str, Text]) -> list[str]:
    rows = [f"| `{code}` | {text.zh} | {text.en} |" for code, text in words.items()]
    return ["| identifier | 中文 | English |", "|---|---|---|", *rows]


if __name__ == "__main__":
    write_atomic(Path(find_home()) / "docs" / "glossary.md", glossary())

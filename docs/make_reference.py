"""Write docs/reference.md (names, tables, commands) and docs/methods.md (methods and limits).

``python docs/make_reference.py``; both are made from the library, and a test keeps them in step.
"""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from csv import DictReader
from pathlib import Path

import wdp_lib as wdp
from wdp_lib.core.files import write_atomic
from wdp_lib.publish.views import SEVERAL, views
from wdp_lib.study import shown
from wdp_lib.study.findings import Findings
from wdp_lib.study.rounds import Rounds
from wdp_lib.study.store import computed
from wdp_lib.study.study import Study

PARTS = {"{part}": "part", "{parts}": "parts"}
MADE = "Made by `python docs/make_reference.py`; not to be edited. 由程序生成，请勿手改。"
METHODS = Path(wdp.__file__).parent / "publish" / "text" / "methods.csv"
TASK = re.compile(r"^ {4}([a-z][a-z-]*) ", re.MULTILINE)


def reference() -> str:
    """Return names, tables, views, charts and commands as Markdown."""
    parts = ["# Reference · 参考", "", MADE, ""]
    parts += ["- [The study · 一轮研究](#the-study)", "- [Tables of a study · 研究的表](#tables)"]
    parts += ["- [Views and charts · 显示和图](#views)", "- [Names by task · 名称](#names)"]
    parts += ["- [Commands · 命令](#commands)", "- [Fields · 字段](fields.md)"]
    parts += ["- [Terms · 术语](terms.md)", "- [Methods · 方法](methods.md)", ""]
    sections = (_study(), _tables(), _views(), _names(), _commands())
    return "\n".join([*parts, *(line for section in sections for line in section)]) + "\n"


def _study() -> Iterator[str]:
    yield from ("## The study", "", "```python")
    yield f"study = wdp.{_call('open_study', wdp.open_study)}"
    yield from ("```", "", "| call | does |", "|---|---|")
    for name, member in vars(Study).items():
        if inspect.isfunction(member) and not name.startswith("_"):
            yield f"| `study.{_call(name, member)}` | {_first_line(member)} |"
    yield ""


def _tables() -> Iterator[str]:
    yield from ("## Tables", "", "Each is computed when first asked for, and once: `study.risks`.")
    yield from ("", "| `study.…` | what it says |", "|---|---|")
    for room in (Findings, Rounds):
        for name, member in vars(room).items():
            if isinstance(member, (computed, property)) and not name.startswith("_"):
                yield f"| `{name}` | {_first_line(member)} |"
    yield ""


def _views() -> Iterator[str]:
    yield from ("## Views", "", '`study.show("risks")` shows a table in words.', "")
    yield from ("| view | 中文 | English |", "|---|---|---|")
    for name, view in views().items():
        chinese, english = (_title(view.caption.in_language(one)) for one in ("zh", "en"))
        yield f"| `{name}` | {chinese.replace('part', '下属地区')} | {english} |"
    several = [f"`{name}` ({', '.join(parts)})" for name, parts in SEVERAL.items()]
    yield from ("", f"Several tables at once: {'; '.join(several)}.")
    yield f"Paragraphs: {', '.join(f'`{name}`' for name in shown.PARAGRAPHS)}."
    yield from ("", '`study.chart("domains")` draws a chart:', "")
    yield ", ".join(f"`{name}`" for name in sorted(shown.CHARTS)) + "."
    yield ""


def _title(caption: str) -> str:
    """A caption without what is filled in when it is shown."""
    for name, words in PARTS.items():
        caption = caption.replace(name, words)
    shorter = re.sub(r"[（(][^（(]*\{[^）)]*[）)]", "", caption)
    return re.sub(r"([:：]? *…)+$", "", re.sub(r"\{\w+\}", "…", shorter)).strip() or "…"


def _names() -> Iterator[str]:
    """The public names by task, as `wdp_lib.TASKS` groups them."""
    yield from ("## Names", "", "`import wdp_lib as wdp`, then `wdp.<name>`.", "")
    for task, names in wdp.TASKS.items():
        yield from (f"### {task[0].upper()}{task[1:]}", "")
        yield from ("| name | does | room |", "|---|---|---|")
        for name, room in names.items():
            member = getattr(wdp, name)
            title = _call(name, member) if inspect.isfunction(member) else name
            yield f"| `{title}` | {_first_line(member)} | `wdp_lib.{room}` |"
        yield ""


def _commands() -> Iterator[str]:
    yield from ("## Commands", "")
    for words in ([], *([task] for task in TASK.findall(_help([])))):
        name = " ".join(["wdp", *words])
        yield from (f"### `{name}`", "", "```text", _help(words), "```", "")


def _help(words: list[str]) -> str:
    """The help of a command as it is printed, in English, for a page of 100 characters."""
    settings = {"COLUMNS": "100", "WDP_LANGUAGE": "en", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "wdp_lib.cli", *words, "--language", "en", "--help"]
    done = subprocess.run(command, capture_output=True, env=os.environ | settings, check=True)
    return done.stdout.decode("utf-8").strip()


def _call(name: str, function: object) -> str:
    """A name with its parameters, without types: ``forecast(observations, plan, *, through)``."""
    words, starred = [], False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            words, starred = [*words, f"*{parameter.name}"], True
        elif parameter.kind is parameter.VAR_KEYWORD:
            words.append(f"**{parameter.name}")
        else:
            if parameter.kind is parameter.KEYWORD_ONLY and not starred:
                words, starred = [*words, "*"], True
            words.append(parameter.name)
    return f"{name}({', '.join(words)})"


def _first_line(member: object) -> str:
    lines = (inspect.getdoc(member) or "").strip().splitlines()
    return lines[0].replace("|", "\\|") if lines else ""


def methods() -> str:
    """Return what each method takes for granted, its limits and its sources as Markdown."""
    lines = ["# Methods · 方法", "", MADE, ""]
    lines += ["The page of a report names these below each result: what each takes for granted,"]
    lines += ["where it ends, and where it comes from. Choices and what was tried stand in the"]
    lines += [
        "[decisions](decisions/README.md), the forecaster in its [model card](model-card.md)."
    ]
    with METHODS.open(encoding="utf-8", newline="") as file:
        for row in DictReader(file):
            lines += ["", f"## {row['method']} {row['name_zh']} · {row['name_en']}", ""]
            lines += [f"{row['assumptions_zh']} {row['limits_zh']}", ""]
            lines += [f"{row['assumptions_en']} {row['limits_en']}", ""]
            lines += [f"依据 · Source: {row['source']}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    folder = Path(__file__).parent
    write_atomic(folder / "reference.md", reference())
    write_atomic(folder / "methods.md", methods())

"""The first page of a report: what the run was for, what it was made from, what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from wdp_lib.publish.html.page import page

_WORDS = {
    "zh": {
        "parameters": "运行参数",
        "notebooks": "内容",
        "tables": "数据表（CSV）",
        "rejected": "退回的数据行：{count} 行，原因见 {link}。",
        "failed": "第 {cell} 个单元格运行出错：{error}",
        "failed_whole": "运行中断：{error}",
        "summary": "{failed} 个笔记本运行出错，本报告不完整。",
        "executed": "运行后的笔记本",
        "log": "运行日志",
        "fingerprint": "数据指纹（SHA-256）：{data_hash}",
        "record": "全部输入、版本与结果的指纹见 {link}。",
        "none": "无",
        "links": "（{notebook}、{log}）",
    },
    "en": {
        "parameters": "Parameters",
        "notebooks": "Contents",
        "tables": "Tables (CSV)",
        "rejected": "Rows that were rejected: {count}; reasons in {link}.",
        "failed": "Error in cell {cell}: {error}",
        "failed_whole": "Stopped: {error}",
        "summary": "{failed} notebook(s) failed; this report is incomplete.",
        "executed": "executed notebook",
        "log": "log",
        "fingerprint": "Fingerprint of the data (SHA-256): {data_hash}",
        "record": "Fingerprints of every input, version and result: {link}.",
        "none": "none",
        "links": " ({notebook}, {log})",
    },
}


@dataclass(frozen=True)
class Entry:
    """One notebook of the report; without a heading its name is shown."""

    name: str
    heading: str = ""
    finding: str = ""
    state: str = "done"
    cell: int | None = None
    error: str = ""


def index_page(
    *,
    title: str,
    purpose: str,
    parameters: Mapping[str, str],
    entries: Sequence[Entry],
    tables: Sequence[str],
    rejected: int | None,
    data_hash: str,
    language: str,
    mark: str = "",
    approval: str = "",
) -> str:
    """Return ``index.html`` of a run.

    ``parameters`` are labels and values as they are to be read; ``rejected`` counts the rows of
    ``rejected.csv``, ``None`` without such a file; ``approval`` is the state of the report in one
    line, from `wdp_lib.publish.views.organisation_pages.approval_text`.
    """
    words = _WORDS[language]
    failed = sum(entry.state == "failed" for entry in entries)
    parts = [f"<p>{escape(purpose)}</p>" if purpose else ""]
    parts.append(f'<p class="approval">{escape(approval)}</p>' if approval else "")
    if failed:
        parts.append(
            '<p class="mark state-failed" role="alert">'
            f"{words['summary'].format(failed=failed)}</p>"
        )
    parts += [
        f"<h2>{words['notebooks']}</h2><ol>",
        *(_entry(entry, words) for entry in entries),
        "</ol>",
    ]
    parts += [f"<h2>{words['tables']}</h2>", _tables(tables, words), _rejected(rejected, words)]
    parts += [f"<h2>{words['parameters']}</h2>", _facts(parameters)]
    parts.append(
        f'<p class="fingerprint">{words["fingerprint"].format(data_hash=escape(data_hash))}</p>'
    )
    parts.append(f"<p>{words['record'].format(link=_link('run.json', 'run.json'))}</p>")
    return page("\n".join(filter(None, parts)), language=language, title=title, mark=mark)


def _entry(entry: Entry, words: Mapping[str, str]) -> str:
    failed = entry.state == "failed"
    notebook = _link(
        f"{entry.name}.failed.ipynb" if failed else f"{entry.name}.ipynb", words["executed"]
    )
    links = words["links"].format(
        notebook=notebook, log=_link(f"logs/{entry.name}.log", words["log"])
    )
    shown = entry.heading or entry.name
    if not failed:
        finding = f"<p>{escape(entry.finding)}</p>" if entry.finding else ""
        return f"<li>{_link(f'{entry.name}.html', shown)}{links}{finding}</li>"
    told = words["failed" if entry.cell else "failed_whole"].format(
        cell=entry.cell, error=entry.error
    )
    return f'<li>{escape(shown)} <span class="state-failed">{escape(told)}</span>{links}</li>'


def _tables(tables: Sequence[str], words: Mapping[str, str]) -> str:
    if not tables:
        return f"<p>{words['none']}</p>"
    return (
        "<ul>" + "".join(f"<li>{_link(f'tables/{name}', name)}</li>" for name in tables) + "</ul>"
    )


def _rejected(rejected: int | None, words: Mapping[str, str]) -> str:
    if rejected is None:
        return ""
    link = _link("rejected.csv", "rejected.csv")
    return f"<p>{words['rejected'].format(count=rejected, link=link)}</p>"


def _facts(facts: Mapping[str, str]) -> str:
    rows = "".join(
        f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in facts.items()
    )
    return f'<dl class="facts">{rows}</dl>'


def _link(target: str, shown: str) -> str:
    return f'<a href="{escape(target)}">{escape(shown)}</a>'

"""The first page of a report: what the run was for, what it was made from, what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wdp_lib.publish.html.page import page, template

_WORDS = {
    "zh": {
        "standing": "目标达标情况（项）",
        "lead": "总的结论",
        "next": "本页是计算依据。一页看清的首页、各领域和各指标的网页，"
        "以及 Word、PDF、Excel 文件，由 {command} 生成。",
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
        "standing": "Goals by where they stand",
        "lead": "In short",
        "next": "This page is the evidence. The first page that says it on one screen, a page for "
        "each domain and indicator, and Word, PDF and Excel files are made by {command}.",
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
    standing: Sequence[tuple[str, int]] = (),
) -> str:
    """Return ``index.html`` of a run.

    ``parameters`` are labels and values as they are to be read; ``rejected`` counts the rows of
    ``rejected.csv``, ``None`` without such a file; ``approval`` is the state of the report in one
    line, from `wdp_lib.publish.views.organisation_pages.approval_text`; ``standing`` counts the
    goals by words. An edition that leaves the house has no ``data_hash``: with it, anybody could
    confirm what they guess of hidden figures.
    """
    body = template("report.html.j2").render(
        words=_WORDS[language],
        purpose=purpose,
        approval=approval,
        standing=standing,
        lead=next((entry for entry in reversed(entries) if entry.finding), None),
        failed=sum(entry.state == "failed" for entry in entries),
        entries=entries,
        tables=tables,
        rejected=rejected,
        parameters=parameters,
        data_hash=data_hash,
    )
    return page(body, language=language, title=title, mark=mark)

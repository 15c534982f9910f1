"""What a report shows of the data: coverage, holes, rejected rows, warnings, choices and breaks."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.data import Dataset
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import bracketed, promise, published
from wdp_lib.publish.views.report_tables import heading, name_of
from wdp_lib.publish.views.show import Table

MOST = 40
WORDS = {
    "by_domain": Text("各领域指标的数据状况（项）", "Data by domain (number of indicators)"),
    "all": Text("指标", "indicators"),
    "numbered": Text("有数值目标", "with a number as target"),
    "long": Text("10 点及以上", "10 points or more"),
    "middle": Text("5–9 点", "5–9 points"),
    "short": Text("1–4 点", "1–4 points"),
    "nothing": Text("无数据", "no data"),
    "missing": Text("有数值目标而无数据的指标", "Indicators with a number as target and no data"),
    "availability": Text("数据可得性", "availability"),
    "frequency": Text("频率", "frequency"),
    "rejected": Text(
        "退回的记录（{shown}/{total} 条，全部见 rejected.csv）",
        "Rows sent back ({shown} of {total})",
    ),
    "warnings": Text(
        "需要核对的事项（每类至多列 {most} 条，全部见 checks 表）",
        "To be checked (at most {most} of a kind)",
    ),
    "kind": Text("类别", "kind"),
    "count": Text("条数", "number"),
    "message": Text("内容", "what"),
    "choices": Text("来源不一致时的取舍", "Choices where sources disagree"),
    "breaks": Text("口径变动", "Breaks in definition"),
    "year": Text("年份", "year"),
    "used_value": Text("采用", "used"),
    "other_value": Text("未采用", "not used"),
    "reason": Text("理由", "reason"),
    "description": Text("变动内容", "what changed"),
    "place": Text("位置", "place"),
}


def _word(name: str, language: str, **values: object) -> str:
    return WORDS[name].in_language(language).format(**values)


def coverage_table(coverage: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Count the indicators of each domain by the length of their series.

    Parameters
    ----------
    coverage : pandas.DataFrame
        Result of :func:`wdp_lib.data.coverage`.
    plan : Plan
        Domains and promises.
    language : {"zh", "en"}
        Language.
    """
    numbered = {i.id for i in plan.indicators if i.target.is_number}
    domain = {i.id: plan.goal(i.goals[0]).domain for i in plan.indicators}
    table = coverage.assign(
        domain=coverage["indicator"].map(domain), number=coverage["indicator"].isin(numbered)
    )
    rows = [
        _coverage_row(table[table["domain"] == d.id], d.name.in_language(language), language)
        for d in plan.domains
    ]
    rows.append(_coverage_row(table, heading("whole", language), language))
    return Table(pd.DataFrame(rows), _word("by_domain", language))


def _coverage_row(rows: pd.DataFrame, name: str, language: str) -> dict[str, str]:
    n = rows["n"]
    counts = {
        "all": len(rows),
        "numbered": rows["number"].sum(),
        "long": (n >= 10).sum(),
        "middle": n.between(5, 9).sum(),
        "short": n.between(1, 4).sum(),
        "nothing": (n == 0).sum(),
    }
    return {
        heading("domain", language): name,
        **{_word(k, language): str(int(v)) for k, v in counts.items()},
    }


def missing_table(coverage: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """List the indicators with a number as target that have no value at all."""
    empty = set(coverage.loc[coverage["n"] == 0, "indicator"])
    rows = [
        {
            heading("indicator", language): entry.name.in_language(language),
            heading("goal", language): "、".join(entry.goals)
            if language == "zh"
            else ", ".join(entry.goals),
            heading("target", language): promise(entry, language),
            _word("availability", language): word("availability", entry.availability, language),
            _word("frequency", language): word("frequency", entry.frequency, language),
            heading("units", language): _units(entry.lead_units, plan, language),
        }
        for entry in plan.indicators
        if entry.target.is_number and entry.id in empty
    ]
    return Table(pd.DataFrame(rows), _word("missing", language))


def _units(units: tuple[str, ...], plan: Plan, language: str) -> str:
    joined = {"zh": "、"}.get(language, ", ")
    return joined.join(plan.unit(u).name.in_language(language) for u in units)


def rejected_table(dataset: Dataset, *, language: str = "zh") -> Table:
    """List the problems for which a row or a file was kept out, as a clerk reads them."""
    problems = [p for p in dataset.problems if p.severity == "reject"]
    rows = [
        {
            _word("kind", language): word("rule", p.rule, language),
            _word("message", language): p.message(language),
        }
        for p in problems[:MOST]
    ]
    caption = _word("rejected", language, shown=len(rows), total=len(problems))
    return Table(pd.DataFrame(rows), caption)


def warning_table(dataset: Dataset, *, language: str = "zh", most: int = 3) -> Table:
    """List what should be checked, by kind: how many, and the first of each."""
    warnings = [p for p in dataset.problems if p.severity == "warn"]
    totals = Counter(p.rule for p in warnings)
    rows, seen = [], Counter()
    for problem in sorted(warnings, key=lambda p: -totals[p.rule]):
        seen[problem.rule] += 1
        if seen[problem.rule] <= most:
            rows.append(
                {
                    _word("kind", language): word("rule", problem.rule, language),
                    _word("count", language): f"{seen[problem.rule]}/{totals[problem.rule]}",
                    _word("message", language): problem.message(language),
                }
            )
    return Table(pd.DataFrame(rows), _word("warnings", language, most=most))


def problem_frame(dataset: Dataset) -> pd.DataFrame:
    """Return every problem of a data set as a table: rule, severity, place, and the message in both languages."""
    rows = [
        {
            "rule": p.rule,
            "severity": p.severity,
            "file": p.file,
            "row": p.row,
            "column": p.column or "",
            "message_zh": p.message("zh"),
            "message_en": p.message("en"),
        }
        for p in dataset.problems
    ]
    columns = ["rule", "severity", "file", "row", "column", "message_zh", "message_en"]
    return pd.DataFrame(rows, columns=columns).astype({"row": "Int64"})


def choice_table(dataset: Dataset, plan: Plan, *, language: str = "zh") -> Table:
    """Show, for the plan's area, the values that were kept but not used because sources disagree, beside the used one."""
    table = dataset.observations
    cell = ["indicator", "area", "sex", "age_group", "residence", "year"]
    used = table.loc[table["used"], [*cell, "value"]].rename(columns={"value": "used_value"})
    left = table[(table["unused_reason"] == "conflict") & (table["area"] == plan.area)]
    left = left.merge(dataset.choices, on=["file", "row", "indicator"], how="left").merge(
        used, on=cell, how="left"
    )
    rows = [
        {
            heading("indicator", language): name_of(r.indicator, plan, language)
            + _stratum(r, language),
            _word("year", language): str(r.year),
            _word("used_value", language): published(
                r.used_value, plan.indicator(r.indicator).unit
            ),
            _word("other_value", language): published(r.value, plan.indicator(r.indicator).unit),
            _word("reason", language): r.choice_en if language == "en" else r.choice_zh,
            heading("source", language): r.source,
        }
        for r in left.sort_values(cell).itertuples()
    ]
    return Table(pd.DataFrame(rows), _word("choices", language))


def _stratum(row, language: str) -> str:
    """Say the residence where it is not everybody's."""
    return (
        ""
        if row.residence == "all"
        else bracketed("", word("residence", row.residence, language), language)
    )


def break_table(dataset: Dataset, plan: Plan, *, language: str = "zh") -> Table:
    """List the breaks in definition of the plan's indicators in the plan's area."""
    rows = [
        {
            heading("indicator", language): name_of(r.indicator, plan, language),
            _word("year", language): str(r.year),
            _word("description", language): r.description_en
            if language == "en"
            else r.description_zh,
        }
        for r in dataset.breaks[dataset.breaks["area"].isin(["", plan.area])].itertuples()
    ]
    return Table(pd.DataFrame(rows), _word("breaks", language))

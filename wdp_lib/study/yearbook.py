"""The yearbook: five years by domain, sex, residence, age and part of the area, with definitions.

Every figure is one row of the observations, whose file and row stand beside it; sums of years and
of parts are sums of counts, never means of rates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from wdp_lib.comparison.tables import DIMENSIONS
from wdp_lib.core.columns import KEY, Contract, conform
from wdp_lib.core.errors import Text
from wdp_lib.core.words import code_name
from wdp_lib.disclosure.cells import GROUPS
from wdp_lib.disclosure.edition import SUPPRESSED
from wdp_lib.plan import Indicator
from wdp_lib.publish.context import Context
from wdp_lib.publish.views import Column
from wdp_lib.publish.views.show import Table, Tables

if TYPE_CHECKING:
    from wdp_lib.study.study import Study

YEARS = 5
SECTIONS = ("own", *DIMENSIONS, "area")
YEARBOOK = Contract(
    "yearbook",
    """
    section domain indicator area sex age_group residence year value numerator denominator status
    reason sum_value sum_reason source file row simulated
    """,
)
_POOLED = ("proportion", "share", "rare_rate", "ratio")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_HIDDEN, _NONE = "*", "…"
_SIGNS = Text(
    "“*”：人数少，不公开；“…”：无数据；带“†”：初步数或估计数。",
    "* few people: not shown; … no data; † provisional or estimated.",
)
_WORDS = {
    "indicator": Text("指标", "Indicator"),
    "unit": Text("单位", "Unit"),
    "group": Text("分组", "Group"),
    "years": Text("五年合并", "Five years pooled"),
    "sum": Text("各部分合计", "Sum of the parts"),
    "whole": Text("全域", "Whole area"),
    "note": Text("说明", "Note"),
    "numerator": Text("分子", "Numerator"),
    "denominator": Text("分母", "Denominator"),
    "wording": Text("目标", "Target"),
    "units": Text("责任单位", "Responsible units"),
    "source": Text("来源", "Source"),
}


def yearbook(study: Study) -> pd.DataFrame:
    """Return the figures of the yearbook, one row each.

    Contract ``YEARBOOK``: the five years up to the year of the data; section ``own`` (the plan's
    area, the group of the target), ``sex``, ``residence``, ``age_group`` (its other groups) or
    ``area`` (its parts, of the last year with a part). ``sum_value`` is what the counts of the
    parts add up to, ``sum_reason`` in what that differs, of the row of the whole. ``reason``:
    ``suppressed`` where the edition hides the value.
    """
    plan, rows = study.plan, study.observations
    rows = rows[rows["used"] | (rows["unused_reason"] == SUPPRESSED)]
    rows = rows[rows["year"].between(study.data_year - YEARS + 1, study.data_year)]
    own = {i.id: i.stratum for i in plan.indicators}
    rows = rows[rows["indicator"].isin(own)]
    differs = pd.DataFrame(
        {n: rows[n] != rows["indicator"].map(lambda i, n=n: own[i][n]) for n in DIMENSIONS}
    )
    below = set(study.data.areas.loc[study.data.areas["parent"] == plan.area, "area"])
    here, part = rows["area"] == plan.area, rows["area"].isin(below)
    section = pd.Series("", rows.index).mask(here & (differs.sum(axis=1) == 0), "own")
    for name in DIMENSIONS:
        section = section.mask(here & differs[name] & (differs.sum(axis=1) == 1), name)
    section = section.mask(part & (differs.sum(axis=1) == 0), "area")
    rows = rows.assign(section=section)[section != ""]
    last = rows[rows["section"] == "area"].groupby("indicator")["year"].transform("max")
    rows = rows[rows["year"] >= last.reindex(rows.index).fillna(0)]
    sums = study.roll_up.rename(columns={"value": "sum_value", "reason": "sum_reason"})
    rows = rows.merge(sums[[*KEY, "year", "sum_value", "sum_reason"]], "left", [*KEY, "year"])
    of_domain = {goal.id: goal.domain for goal in plan.goals}
    places = {one: place for place, one in enumerate(own)}
    rows = rows.assign(
        domain=[of_domain[plan.indicator(i).goals[0]] for i in rows["indicator"]],
        reason=np.where(rows["value"].isna(), rows["unused_reason"], ""),
        sum_reason=rows["sum_reason"].fillna(""),
        place=rows["indicator"].map(places),
        chapter=rows["section"].map(SECTIONS.index),
    )
    order = ["chapter", "place", *KEY[1:], "year"]
    return conform(rows.sort_values(order, kind="stable"), YEARBOOK)


def chapter(study: Study, section: str) -> Tables:
    """Return the tables of one section, one a domain."""
    context, book = study.context, study.yearbook
    whole = _apart(book[book["section"] == "own"].itertuples(), "indicator")
    rows = _apart(book[book["section"] == section].itertuples(), "domain")
    named = {context.area(area): area for area in study.data.areas["area"]}
    ends = [context.text(_WORDS[key]) for key in ("sum", "whole", "note")]
    said = context.text(code_name("yearbook", section))
    made = []
    for domain in study.plan.domains:
        lines = list(_lines(study, section, rows.get(domain.id, []), whole))
        frame = pd.DataFrame([line for line, *_ in lines])
        last = [name for name in (*named, *ends) if name in frame]
        frame = frame[[*frame.columns.difference(last, sort=False), *last]].fillna(_NONE)
        shown = pd.DataFrame(
            [
                [_written(cell, one) for cell in line]
                for line, (_, one, _) in zip(frame.to_numpy(), lines, strict=True)
            ],
            columns=frame.columns,
        )
        caption = f"{context.text(domain.name)} · {said}"
        behind = [_behind(name, named, context) for name in frame]
        columns = tuple(Column(name, "number" if name else "text", Text("", "")) for name in behind)
        table = Table(
            frame,
            caption,
            (context.text(_SIGNS),),
            shown=shown,
            rows=tuple(row for *_, row in lines),
            fields=tuple(behind),
            source="yearbook",
            made=columns,
        )
        made.append(table)
    return Tables(tuple(made))


def _written(cell: object, indicator: Indicator) -> str:
    """A figure with the decimals of its indicator, the same along a line."""
    return cell if isinstance(cell, str) else f"{cell:.{indicator.decimals}f}"


def _behind(heading: str, areas: dict[str, str], context: Context) -> str:
    """What the numbers of a column are: a year, an area, or ``years``, ``sum``, ``whole``."""
    words = {context.text(_WORDS[key]): key for key in ("years", "sum", "whole")}
    year = heading if heading.isdecimal() else ""
    return words.get(heading) or areas.get(heading) or year


def _lines(
    study: Study, section: str, rows: list[Any], whole: Mapping[str, list[Any]]
) -> Iterator[tuple[dict, Indicator, str]]:
    """Each line, its indicator, and its name: section, indicator, and the group or year."""
    context = study.context
    word = {key: context.text(text) for key, text in _WORDS.items()}
    years = range(study.data_year - YEARS + 1, study.data_year + 1)
    for name, own in _apart(rows, "indicator").items():
        one, total = study.plan.indicator(name), whole.get(name, [])
        head = {
            word["indicator"]: context.text(one.name),
            word["unit"]: context.word("unit", one.unit),
        }
        if section == "area":
            year = own[0].year
            areas = {context.area(row.area): _cell(row, one) for row in own}
            ends = _ends(study, [row for row in total if row.year == year], one, word)
            yield head | {word["group"]: str(year)} | areas | ends, one, f"{section}.{name}.{year}"
            continue
        note = {word["note"]: _difference(study, section, own, total)}
        for line in _apart(own, *KEY[1:]).values():
            code = getattr(line[0], section) if section != "own" else ""
            group = {word["group"]: context.text(code_name(section, code))} if code else {}
            cells = {row.year: _cell(row, one) for row in line}
            by_year = {str(year): cells.get(year, _NONE) for year in years}
            last = {word["years"]: _pooled(line, one)} if section == "own" else note
            yield head | group | by_year | last, one, f"{section}.{name}.{code}"


def _apart(rows: Iterable[Any], *columns: str) -> dict[Any, list[Any]]:
    """Rows by what they have in one or several columns, in the order of the rows."""
    parts: dict[Any, list[Any]] = {}
    of = attrgetter(*columns)
    for row in rows:
        parts.setdefault(of(row), []).append(row)
    return parts


def _difference(study: Study, section: str, own: list[Any], total: list[Any]) -> str:
    """The years in which the counts of both groups do not add up to those of the whole."""
    groups, counted = GROUPS.get(section, ()), {row.year: row for row in total}
    parts = _apart((row for row in own if getattr(row, section, "") in groups), "year")
    apart = [
        str(year)
        for year, two in sorted(parts.items())
        if len(two) == 2 and year in counted and _differs(two[0], two[1], counted[year])
    ]
    if not apart:
        return ""
    return f"{study.context.text(code_name('reason', 'counts_differ'))} ({', '.join(apart)})"


def _differs(first: Any, second: Any, whole: Any) -> bool:
    above = first.numerator + second.numerator - whole.numerator
    below = first.denominator + second.denominator - whole.denominator
    return abs(above) > 0.5 or abs(below) > 0.5


def _cell(row, indicator: Indicator) -> object:
    if row.reason == SUPPRESSED:
        return _HIDDEN
    value = round(row.value, indicator.decimals)
    return value if row.status == "final" else f"{_written(value, indicator)}†"


def _pooled(line: list[Any], indicator: Indicator) -> object:
    """The rate of the years together by their counts; nothing where those of a year are not shown.

    Numbers are not added up: of people there at the end of each year the same would count again.
    """
    above, below = np.array([(row.numerator, row.denominator) for row in line], float).T
    if indicator.data_kind == "count":
        return ""
    if indicator.data_kind not in _POOLED or len(line) < YEARS or np.isnan(above).any():
        return _HIDDEN if SUPPRESSED in (row.reason for row in line) else _NONE
    if np.isnan(below).any() or not below.sum() > 0 or not indicator.multiplier:
        return _NONE
    return round(above.sum() / below.sum() * indicator.multiplier, indicator.decimals)


def _ends(study: Study, total: list[Any], indicator: Indicator, word: dict) -> dict:
    """The whole beside the sum of its parts, and in what they differ."""
    added, said = word["sum"], word["whole"]
    if not total:
        return {added: _NONE, said: _NONE, word["note"]: ""}
    row = total[0]
    hidden = indicator.id in study.touched
    known = row.sum_value == row.sum_value
    value = round(row.sum_value, indicator.decimals) if known else _HIDDEN if hidden else _NONE
    reason = study.context.text(code_name("reason", row.sum_reason)) if row.sum_reason else ""
    return {added: value, said: _cell(row, indicator), word["note"]: reason}


def _folded(sources: Iterable[str]) -> str:
    """Sources in one text; those that differ in the year only are named once, with the years."""
    years: dict[tuple[str, ...], list[str]] = {}
    for source in sources:
        parts = _YEAR.split(source)
        alike = (parts[0], parts[2]) if len(parts) == 3 else (source,)
        years.setdefault(alike, []).extend(parts[1:2] if len(parts) == 3 else ())
    return "；".join(
        "、".join(sorted(found)).join(alike) if found else alike[0]
        for alike, found in years.items()
    )


def definitions(study: Study) -> Table:
    """Return what each indicator of the yearbook counts, who is responsible, and the sources."""
    context, rows = study.context, []
    said = study.yearbook.drop_duplicates(["indicator", "source"]).groupby("indicator")["source"]
    sources = said.agg(_folded)
    word = {key: context.text(text) for key, text in _WORDS.items()}
    for one in study.plan.indicators:
        if one.id in sources:
            units = [context.text(study.plan.unit(u).name) for u in one.lead_units]
            rows.append(
                {
                    word["indicator"]: context.text(one.name),
                    word["unit"]: context.word("unit", one.unit),
                    word["numerator"]: context.text(one.numerator),
                    word["denominator"]: context.text(one.denominator),
                    word["wording"]: context.text(one.target.wording),
                    word["units"]: "、".join(units),
                    word["source"]: sources[one.id],
                }
            )
    caption = context.text(code_name("yearbook", "definitions"))
    return Table(pd.DataFrame(rows), caption)

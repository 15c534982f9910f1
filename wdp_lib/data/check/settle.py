"""Which row counts for its cell: duplicates, agreeing and conflicting sources, revisions."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import attrgetter
from types import SimpleNamespace

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.names import fold
from wdp_lib.data.read.keys import CELL
from wdp_lib.data.read.table import Table, Words
from wdp_lib.data.read.words import codes
from wdp_lib.data.tell import problem, show, which

MOST_OTHERS = 5  # conflicting values that a message lists


@dataclass
class _Verdict:
    """By index of the table: why a row is not used, and which choice set it aside."""

    unused: dict[int, str] = field(default_factory=dict)
    choices: dict[int, Text] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def settle(
    table: Table, choices: pd.DataFrame, senders: Mapping[str, Text]
) -> tuple[Table, list[Problem]]:
    """Mark the row that counts for each cell; ``senders`` are the names of the units.

    In this order: a choice in `choices.csv` sets the other values aside; so does the indicator's
    leading unit those of other units; of values that agree within rounding the more precise source
    counts; rows of the same day that say the same are one; rows of the same day that say different
    things are all rejected; a later day replaces an earlier one. ``table``: with ``used``,
    ``unused_reason``, and the reason of the choice that set a row aside (``choice_zh, choice_en``).
    ``problems``: ``duplicate``, ``revision`` and ``units_differ`` (warn), ``conflict`` (reject).
    """
    verdict, choose = _Verdict(), _chooser(choices)
    for rows in _shared(table):
        _settle_cell(rows, choose, senders, verdict)
    n = len(table)
    unused, why_zh, why_en = np.full((3, n), "", dtype=object)
    if verdict.unused:
        unused[list(verdict.unused)] = list(verdict.unused.values())
    for place, why in verdict.choices.items():
        why_zh[place], why_en[place] = why.zh, why.en
    used = np.ones(n, dtype=bool)
    used[list(verdict.unused)] = False
    reasons = {"unused_reason": unused, "choice_zh": why_zh, "choice_en": why_en}
    words = {name: Words.of(texts) for name, texts in reasons.items()}
    return table.with_(used=used, **words), verdict.problems


def _shared(table: Table) -> Iterator[list[SimpleNamespace]]:
    """The rows of each cell that has several, by the day they were known."""
    cell = table.numbered("series", "year")
    several = np.flatnonzero(np.bincount(cell, minlength=1)[cell] > 1)
    if not len(several):
        return
    rows = table.take(several)
    columns = {name: rows[name].tolist() for name in _COMPARED}
    by_cell: dict[int, list[SimpleNamespace]] = {}
    for place, one, *cells in zip(several.tolist(), cell[several], *columns.values(), strict=True):
        row = SimpleNamespace(**dict(zip(columns, cells, strict=True)), Index=place)
        by_cell.setdefault(one, []).append(row)
    keys = [[getattr(same[0], name) for name in CELL] for same in by_cell.values()]
    for _, _, same in sorted(zip(keys, by_cell, by_cell.values(), strict=True)):
        yield sorted(same, key=attrgetter("as_of", "line"))


_COMPARED = (
    *(*CELL, "file", "row", "line", "as_of", "value", "numerator", "denominator", "decimals"),
    *("source", "key", "area_text", "given_sex", "name_zh", "name_en", "area_zh", "area_en"),
    *("sender", "rank"),
)


def _settle_cell(
    rows: list, choose: Callable, senders: Mapping[str, Text], verdict: _Verdict
) -> None:
    chosen, why = choose(rows)
    kept = {r.Index for r in chosen}
    verdict.unused |= {r.Index: "conflict" for r in rows if r.Index not in kept}
    verdict.choices |= {r.Index: why for r in rows if r.Index not in kept}
    if not why.zh:
        chosen = _of_the_lead(chosen, senders, verdict)
    coarse = _coarse(chosen)
    verdict.unused |= dict.fromkeys(sorted(coarse), "agrees")
    live = [r for r in chosen if r.Index not in coarse]
    winners = [
        w for _, day in groupby(live, key=attrgetter("as_of")) if (w := _winner(list(day), verdict))
    ]
    for earlier, later in pairwise(winners):
        verdict.unused[earlier.Index] = "revision"
        if earlier.value != later.value:
            told = _beside("revision", later, earlier, before=earlier.value, as_of=earlier.as_of)
            verdict.problems.append(told)


def _of_the_lead(rows: list, senders: Mapping[str, Text], verdict: _Verdict) -> list:
    """The rows without those of other units than the first-named one of those that sent any."""
    if len({r.sender for r in rows if r.sender}) < 2:
        return rows
    lead = min(rows, key=attrgetter("rank"))
    if lead.rank == max(r.rank for r in rows if r.sender):
        return rows
    kept = [r for r in rows if r.sender in (lead.sender, "")]
    last = max((r for r in kept if r.sender), key=attrgetter("as_of", "line"))
    for r in (r for r in rows if r.sender not in (lead.sender, "")):
        same = abs(r.value - last.value) <= 0.5 * 10.0 ** -min(r.decimals, last.decimals) + 1e-9
        verdict.unused[r.Index] = "agrees" if same else "conflict"
        if not same:
            name, other = senders[lead.sender], senders[r.sender]
            fill = {"value": last.value, "lead": name, "sender": other}
            verdict.problems.append(_beside("units_differ", r, last, **fill))
            verdict.choices[r.Index] = Text(
                f"采用牵头单位{name.zh}的数", f"figure of the leading unit, {name.en}"
            )
    return kept


def _coarse(rows: list) -> set[int]:
    """Return the rows that another source gives more precisely, to half their last unit."""
    coarse: set[int] = set()
    for decimals in {r.decimals for r in rows}:
        finer = sorted((r for r in rows if r.decimals > decimals), key=attrgetter("value"))
        values, other = [r.value for r in finer], list(range(1, len(finer) + 1))
        for i in range(len(finer) - 2, -1, -1):  # the next row of another source
            if finer[i].source == finer[i + 1].source:
                other[i] = other[i + 1]
        half = 0.5 * 10.0**-decimals * (1 + 1e-9)
        for r in rows:
            if r.decimals != decimals:
                continue
            low = bisect_left(values, True, key=lambda v, r=r: v - r.value >= -half)
            high = bisect_right(values, False, key=lambda v, r=r: v - r.value > half)
            if low < high and (finer[low].source != r.source or other[low] < high):
                coarse.add(r.Index)
    return coarse


def _winner(day: list, verdict: _Verdict):
    first = day[0]
    if any(not _same(first, r) for r in day[1:]):
        verdict.problems += [_conflict(r, day) for r in day]
        return None
    for r in day[1:]:
        again = r.source == first.source
        verdict.unused[r.Index] = "duplicate" if again else "agrees"
        if again:
            verdict.problems.append(_beside("duplicate", r, first, column=None))
    return first


def _same(a, b) -> bool:
    pairs = [(a.value, b.value), (a.numerator, b.numerator), (a.denominator, b.denominator)]
    if a.source != b.source:  # another source may give the value without its counts
        pairs = [pair for pair in pairs if not any(math.isnan(x) for x in pair)]
    return all(x == y or (math.isnan(x) and math.isnan(y)) for x, y in pairs)


def _chooser(choices: pd.DataFrame) -> Callable:
    by_key: dict[str, list] = {}
    for row in choices.itertuples():
        by_key.setdefault(fold(row.key), []).append(row)

    def choose(rows: list) -> tuple[list, Text]:
        for choice in by_key.get(fold(rows[0].key), by_key.get(fold(rows[0].indicator), [])):
            if _applies(choice, rows[0]):
                chosen = [r for r in rows if math.isclose(r.value, choice.use_value, rel_tol=1e-9)]
                if chosen:  # the chosen value may not have been known yet
                    return chosen, Text(choice.reason_zh, choice.reason_en)
        return rows, Text("", "")

    return choose


def _applies(choice, row) -> bool:
    if choice.year and choice.year != row.year:
        return False
    if choice.area and fold(choice.area) not in (fold(row.area), fold(row.area_text)):
        return False
    return all(
        not word or codes(topic).get(fold(word), frozenset()) & {given, own}
        for topic, word, given, own in (
            ("sex", choice.sex, row.given_sex, row.sex),
            ("residence", choice.residence, row.residence, row.residence),
        )
    )


def _beside(code: str, row, other, column: str | None = "value", **fill) -> Problem:
    fill |= {"other": other.file, "line": other.row, "where": which(row), "found": row.value}
    return problem(code, row.file, row.row, column, **fill)


def _conflict(row, day: list) -> Problem:
    others = [r for r in day[: MOST_OTHERS + 1] if r is not row][:MOST_OTHERS]
    zh = "、".join(f"{r.file} 第 {r.row} 行 {show(r.value)}" for r in others)
    en = ", ".join(f"{show(r.value)} in row {r.row} of {r.file}" for r in others)
    if len(day) > MOST_OTHERS + 1:
        zh, en = f"{zh} 等 {len(day) - 1} 行", f"{en} and others, {len(day) - 1} rows"
    return problem(
        "conflict",
        row.file,
        row.row,
        "value",
        found=row.value,
        others=Text(zh, en),
        where=which(row),
    )

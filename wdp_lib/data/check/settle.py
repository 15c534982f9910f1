"""Which row counts for its cell: duplicates, agreeing and conflicting sources, revisions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import attrgetter

import pandas as pd

from wdp_lib.core.errors import Problem, Text
from wdp_lib.data.check.rows import show, which
from wdp_lib.data.read.keys import CELL
from wdp_lib.data.read.words import codes, fold


@dataclass
class _Verdict:
    """Reason why a row is not used, and the choice that set it aside, by index of the table; and problems."""

    unused: dict[int, str] = field(default_factory=dict)
    choices: dict[int, Text] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def settle(table: pd.DataFrame, choices: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Mark the row that counts for each cell.

    In this order: a choice in `choices.csv` sets the other values aside; of values that agree within rounding the more
    precise source counts; rows of the same day that say the same are one; rows of the same day that say different
    things are all rejected; a later day replaces an earlier one.

    Parameters
    ----------
    table : pandas.DataFrame
        Good rows with a value.
    choices : pandas.DataFrame
        Rows of `choices.csv`; an empty cell of its key means any.

    Returns
    -------
    table : pandas.DataFrame
        With ``used``, ``unused_reason``, and the reason of the choice that set a row aside (``choice_zh, choice_en``).
        same value) or empty.
    problems : list of Problem
        ``duplicate`` and ``revision`` (warn), ``conflict`` (reject).
    """
    verdict, choose = _Verdict(), _chooser(choices)
    shared = table[table.duplicated(CELL, keep=False)].sort_values([*CELL, "as_of", "line"])
    for _, rows in groupby(shared.itertuples(), key=attrgetter(*CELL)):
        _settle_cell(list(rows), choose, verdict)
    reasons = pd.Series(
        [verdict.unused.get(index, "") for index in table.index], index=table.index, dtype=object
    )
    said = [verdict.choices.get(index, Text("", "")) for index in table.index]
    table = table.assign(choice_zh=[text.zh for text in said], choice_en=[text.en for text in said])
    return table.assign(used=reasons == "", unused_reason=reasons), verdict.problems


def _settle_cell(rows: list, choose: Callable, verdict: _Verdict) -> None:
    chosen, why = choose(rows)
    verdict.unused |= {r.Index: "conflict" for r in rows if r not in chosen}
    verdict.choices |= {r.Index: why for r in rows if r not in chosen}
    coarse = [r for r in chosen if any(_more_precise(s, r) for s in chosen)]
    verdict.unused |= {r.Index: "agrees" for r in coarse}
    live = [r for r in chosen if r not in coarse]
    winners = [
        w for _, day in groupby(live, key=attrgetter("as_of")) if (w := _winner(list(day), verdict))
    ]
    for earlier, later in pairwise(winners):
        verdict.unused[earlier.Index] = "revision"
        if earlier.value != later.value:
            verdict.problems.append(_revision(earlier, later))


def _winner(day: list, verdict: _Verdict):
    first = day[0]
    if any(not _same(first, r) for r in day[1:]):
        verdict.problems += [_conflict(r, [s for s in day if s is not r]) for r in day]
        return None
    for r in day[1:]:
        again = r.source == first.source
        verdict.unused[r.Index] = "duplicate" if again else "agrees"
        if again:
            verdict.problems.append(_duplicate(r, first))
    return first


def _same(a, b) -> bool:
    pairs = [(a.value, b.value), (a.numerator, b.numerator), (a.denominator, b.denominator)]
    if a.source != b.source:  # another source may give the value without its counts
        pairs = [pair for pair in pairs if not any(math.isnan(x) for x in pair)]
    return all(x == y or (math.isnan(x) and math.isnan(y)) for x, y in pairs)


def _more_precise(a, b) -> bool:
    # another source, more decimals, and equal within half a unit of the coarser one's last decimal
    half = 0.5 * 10.0**-b.decimals * (1 + 1e-9)
    return a.source != b.source and a.decimals > b.decimals and abs(a.value - b.value) <= half


def _chooser(choices: pd.DataFrame) -> Callable:
    by_key: dict[str, list] = {}
    for row in choices.itertuples():
        by_key.setdefault(fold(row.key), []).append(row)

    def choose(rows: list) -> tuple[list, Text]:
        for choice in by_key.get(fold(rows[0].key), by_key.get(fold(rows[0].indicator), [])):
            if _applies(choice, rows[0]):
                chosen = [
                    r for r in rows if math.isclose(r.value, float(choice.use_value), rel_tol=1e-9)
                ]
                if chosen:  # the chosen value may not have been known yet
                    return chosen, Text(choice.reason_zh, choice.reason_en)
        return rows, Text("", "")

    return choose


def _applies(choice, row) -> bool:
    if choice.year and int(choice.year) != row.year:
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


def _duplicate(row, first) -> Problem:
    name = which(row)
    return Problem(
        "duplicate",
        row.file,
        row.row,
        None,
        Text(
            f"与 {first.file} 第 {first.row} 行相同（{name.zh}）",
            f"the same as row {first.row} of {first.file} ({name.en})",
        ),
        Text("每个数只报一次", "each figure once"),
        Text(
            "已只采用一次；请删去多余的一行。", "It was used once: delete the row that is too many."
        ),
        "warn",
    )


def _conflict(row, others: list) -> Problem:
    name = which(row)
    zh = "、".join(f"{other.file} 第 {other.row} 行 {show(other.value)}" for other in others)
    en = ", ".join(f"{show(other.value)} in row {other.row} of {other.file}" for other in others)
    return Problem(
        "conflict",
        row.file,
        row.row,
        "value",
        Text(
            f"{show(row.value)}，而 {zh}（{name.zh}）", f"{show(row.value)}, but {en} ({name.en})"
        ),
        Text("同一可知日期只有一个数", "one value for one day"),
        Text(
            "均未采用；请留下正确的一行，或在 choices.csv 写明采用哪个及理由。",
            "None was used: keep the right row, or say in choices.csv which one is used and why.",
        ),
    )


def _revision(earlier, later) -> Problem:
    name = which(later)
    return Problem(
        "revision",
        later.file,
        later.row,
        "value",
        Text(f"{show(later.value)}（{name.zh}）", f"{show(later.value)} ({name.en})"),
        Text(
            f"{show(earlier.value)}（{earlier.as_of} 报，{earlier.file} 第 {earlier.row} 行）",
            f"{show(earlier.value)} (as known on {earlier.as_of}, row {earlier.row} of {earlier.file})",
        ),
        Text(
            "已按修订数采用；请确认确为修订。",
            "The revised value is used: confirm that it is a revision.",
        ),
        "warn",
    )

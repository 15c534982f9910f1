"""Quality rules between rows: each returns warnings.

The table has the used rows, with the attributes of their indicator and ``series``, a number for
each series.

"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from wdp_lib.core.dates import due_day, last_due_year
from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.words import code_name
from wdp_lib.data.read.keys import CELL
from wdp_lib.data.read.table import Row, Table, Words
from wdp_lib.data.tell import problem, show, told
from wdp_lib.plan.model import Plan

SERIES = CELL[:-1]
PAST_CHANGES = 5  # fewer changes say nothing of what is usual
OTHERS = 4  # fewer distances from the line between neighbours say nothing of what is usual
MAD_FACTOR = 5 * 1.4826  # five standard deviations, estimated by the median absolute deviation
LEVEL_FLOOR = 0.005  # a series that never moved may move by 5 * 1.4826 * 0.5 % of its level
NEAR_YEARS = 3  # years within which the level of a series stays of one size
AT_BOUND = 0.005  # share of the range of possible values that counts as at its bound
SMALL_BODY = 100  # below this denominator an unchanged value is nothing unusual
_BELOW = Text("下级地区合计", "sum of the areas below")
_GROUPS = (
    ("sex", ("female", "male"), Text("女、男合计", "sum of women and men")),
    ("residence", ("urban", "rural"), Text("城镇、农村合计", "sum of urban and rural")),
)


def between_rows(table: Table, areas: pd.DataFrame) -> list[Problem]:
    """Apply the rules that compare the used rows with one another."""
    slips = unit_slip(table)
    slipped = {(p.file, p.row) for p in slips}
    jumps = [p for p in jump(table) if (p.file, p.row) not in slipped]
    told_of = slipped | {(p.file, p.row) for p in jumps}
    far = [p for p in outlier(table) if (p.file, p.row) not in told_of]
    return [*slips, *jumps, *far, *copied(table), *parts_not_total(table, areas)]


def returns_due(table: Table, every: Table, plan: Plan, as_of: str, due: str) -> list[Problem]:
    """Apply the rules that say which returns are late or missing on a day.

    ``table`` has the used rows, ``every`` those that were replaced, too; ``due`` is the day of the
    following year (``MM-DD``) by which they are to be known.
    """
    last = min(last_due_year(as_of, due), plan.last_year)
    return [
        *late(every, plan.first_year, due),
        *missing_year(table),
        *missing_latest(table, last),
    ]


class _Wide:
    """Some rows as matrices: one line a series, one column a value, padded with NaN."""

    def __init__(self, table: Table, rows: np.ndarray) -> None:
        self.n, rows = len(table), np.flatnonzero(rows)
        series = pd.factorize(table["series"][rows])[0]
        order = np.lexsort((table["year"][rows], series))
        self.rows, self.series = rows[order], series[order]
        starts = np.flatnonzero(np.diff(self.series, prepend=-1))
        self.place = np.arange(len(series)) - starts[self.series]

    def matrix(self, values: np.ndarray) -> np.ndarray:
        """Return the values of the rows of the table as a matrix."""
        shape = (self.series.max(initial=-1) + 1, self.place.max(initial=-1) + 1)
        result = np.full(shape, np.nan)
        result[self.series, self.place] = values[self.rows]
        return result

    def column(self, matrix: np.ndarray) -> np.ndarray:
        """Return the cells of a matrix as a column of the table; nothing where it has none."""
        result = np.zeros(self.n, dtype=matrix.dtype)
        result[self.rows] = matrix[self.series, self.place]
        return result


def jump(table: Table) -> list[Problem]:
    """``jump``: a yearly change far from those before it, by more than 5 × 1.4826 × their MAD.

    At least five changes before it are needed. Changes no larger than one before, changes across a
    break, and changes that chance alone explains (within three standard errors of the counts) pass.
    """
    wide = _Wide(table, np.ones(len(table), dtype=bool))
    value, year = wide.matrix(table["value"]), wide.matrix(table["year"])
    broken = ~table.words("series_break").isin("")
    variance, new = wide.matrix(_variance(table)), wide.matrix(broken) == 1
    expected, limit = np.full_like(value, np.nan), np.full_like(value, np.nan)
    hits, step = np.zeros(value.shape, dtype=bool), np.diff(year)
    change = np.where(new[:, 1:], np.nan, np.diff(value) / step)
    for place in range(PAST_CHANGES + 1, value.shape[1]):
        past, last = change[:, : place - 1], change[:, place - 1]
        enough = (np.isfinite(past).sum(axis=1) >= PAST_CHANGES) & np.isfinite(last)
        usual, widest = _usual(past[enough], value[enough, place - 1])
        limit[enough, place] = widest * step[enough, place - 1]
        expected[enough, place] = value[enough, place - 1] + usual * step[enough, place - 1]
        chance = 3 * np.sqrt(variance[:, place] + variance[:, place - 1]) / step[:, place - 1]
        far = np.abs(value[:, place] - expected[:, place]) > limit[:, place]
        # back to where it was before a jump: the jump is the odd one
        back = np.abs(value[:, place] - value[:, place - 2]) <= limit[:, place]
        hits[:, place] = far & ~(np.abs(last) <= chance) & ~(hits[:, place - 1] & back)
    before = np.roll(value, 1, axis=1)
    return told(
        "jump",
        table,
        wide.column(hits),
        "value",
        {
            name: wide.column(matrix)
            for name, matrix in (("before", before), ("expected", expected), ("limit", limit))
        },
        found="value",
        before="before",
        low=lambda r: float(round(max(r.expected - r.limit, r.lower), 2)),
        high=lambda r: float(round(min(r.expected + r.limit, r.upper), 2)),
        hint=_swapped,
    )


def outlier(table: Table) -> list[Problem]:
    """``outlier``: a value above or below both its neighbours in time by more than is usual.

    By more than 5 × 1.4826 × the median distance of the other values from the line between their
    neighbours, and more than three times the largest one; of at least four others. It finds what
    `jump` cannot, having too few changes before it. Neighbours lie within three years; a value
    beside a break or of a small body, and what chance alone explains, passes.
    """
    wide = _Wide(table, ~(table["denominator"] < SMALL_BODY))
    value, year = wide.matrix(table["value"]), wide.matrix(table["year"])
    if value.shape[1] < OTHERS + 3:
        return []
    broken = wide.matrix(~table.words("series_break").isin("")) == 1
    variance, (old, now, new) = wide.matrix(_variance(table)), _shifted(value)
    gaps = np.diff(year)
    away = np.abs(now - old - gaps[:, :-1] / (gaps[:, :-1] + gaps[:, 1:]) * (new - old))
    away[broken[:, 1:-1] | broken[:, 2:]] = np.nan
    beyond = np.maximum(np.minimum(old, new) - now, now - np.maximum(old, new))
    beyond[np.maximum(gaps[:, :-1], gaps[:, 1:]) > NEAR_YEARS] = np.nan
    before, here, after = _shifted(variance)
    chance = 3 * np.sqrt(here + (before + after) / 4)
    limit, hits = np.full_like(value, np.nan), np.zeros(value.shape, dtype=bool)
    for place in range(away.shape[1]):
        # what lies beside an odd value is far from its line, too
        others = np.delete(away, slice(max(place - 1, 0), place + 2), axis=1)
        enough = (np.isfinite(others).sum(axis=1) >= OTHERS) & np.isfinite(away[:, place])
        if enough.any():
            level = LEVEL_FLOOR * np.abs(now[enough, place])
            usual = np.maximum(np.nanmedian(others[enough], axis=1), level)
            largest = 3 * np.nanmax(others[enough], axis=1)
            limit[enough, place + 1] = np.maximum(MAD_FACTOR * usual, largest)
        hits[:, place + 1] = beyond[:, place] > np.maximum(limit[:, place + 1], chance[:, place])
    beside = {"before": np.roll(value, 1, axis=1), "after": np.roll(value, -1, axis=1)}
    beside |= {"limit": limit, "expected": (beside["before"] + beside["after"]) / 2}
    return told(
        "outlier",
        table,
        wide.column(hits),
        "value",
        {name: wide.column(matrix) for name, matrix in beside.items()},
        found="value",
        before="before",
        after="after",
        low=lambda r: float(round(max(min(r.before, r.after) - r.limit, r.lower), 2)),
        high=lambda r: float(round(min(max(r.before, r.after) + r.limit, r.upper), 2)),
        hint=_swapped,
    )


def _shifted(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each value that has two neighbours, between the one before and the one after."""
    return matrix[:, :-2], matrix[:, 1:-1], matrix[:, 2:]


def _usual(past: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not len(past):
        return np.empty(0), np.empty(0)
    usual = _medians(past)
    away = np.abs(past - usual[:, None])
    spread = np.maximum(_medians(away), LEVEL_FLOOR * np.abs(level))
    return usual, np.maximum(MAD_FACTOR * spread, np.nanmax(away, axis=1))


def _medians(lines: np.ndarray) -> np.ndarray:
    """Median of each line without its NaN, which sort to its end; NumPy's own is far slower."""
    ordered, n = np.sort(lines, axis=1), np.isfinite(lines).sum(axis=1)
    every = np.arange(len(lines))
    return (ordered[every, (n - 1) // 2] + ordered[every, n // 2]) / 2


def _variance(rows: Table) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = rows["numerator"] / rows["denominator"]
        left = np.maximum(1 - share, 0)
        spread = share * left / rows["denominator"] * rows["multiplier"] ** 2
    counted = rows.words("data_kind").isin("count")
    counted &= rows.words("plan_unit").isin("count", "persons")
    return np.where(counted, rows["value"], np.nan_to_num(spread, nan=0, posinf=0, neginf=-np.inf))


def _swapped(row) -> Text:
    text = show(row.value)
    digits = [place for place, mark in enumerate(text) if mark.isdigit()]
    for a, b in pairwise(digits if len(digits) > 2 else ()):  # of two digits too many fit by chance
        swapped = list(text)
        swapped[a], swapped[b] = swapped[b], swapped[a]
        other = "".join(swapped)
        if (
            other != text
            and show(float(other)) == other
            and abs(float(other) - row.expected) <= row.limit
        ):
            return Text(
                f"是否把 {other} 错写成 {text}？", f"Is it {other} with two digits swapped? "
            )
    return Text("", "")


def unit_slip(table: Table) -> list[Problem]:
    """``unit_slip``: ten, a hundred or a thousand times the level of its series (0.95 among 95).

    The level is the median of the values at most three years away, at least two; they lie within a
    factor two of it. Values that counts vouch for pass.
    """
    wide = _Wide(table, table["value"] > 0)
    value, year = wide.matrix(table["value"]), wide.matrix(table["year"])
    uncounted = wide.matrix(np.isnan(table["denominator"])) == 1
    hits, level = np.zeros(value.shape, dtype=bool), np.full_like(value, np.nan)
    for place in range(value.shape[1]):
        away = np.abs(year - year[:, [place]])
        near = np.where((away > 0) & (away <= NEAR_YEARS), value, np.nan)
        enough = (np.isfinite(near).sum(axis=1) >= 2) & uncounted[:, place]
        near = near[enough]
        level[enough, place] = middle = np.nanmedian(near, axis=1) if len(near) else np.empty(0)
        steady = np.all(~np.isfinite(near) | (np.abs(np.log2(near / middle[:, None])) < 1), axis=1)
        power = np.log10(value[enough, place] / middle)
        hits[enough, place] = (
            steady & (np.abs(power - np.round(power)) < 0.1) & (np.abs(np.round(power)) >= 1)
        )
    return told(
        "unit_slip",
        table,
        wide.column(hits),
        "value",
        {"level": wide.column(level)},
        found="value",
        level="level",
        likely=_likely,
    )


def _likely(row) -> float:
    return float(round(row.value / 10.0 ** round(np.log10(row.value / row.level)), 10))


def copied(table: Table) -> list[Problem]:
    """``copied``: the same value in three or more consecutive years, counts included.

    Not for values at a bound (99.9 % stays 99.9 %), zero, figures of a term of office, and small
    bodies.
    """
    value, lower, upper = table["value"], table["lower"], table["upper"]
    reach = AT_BOUND * (upper - lower)
    reach[np.isinf(reach)] = 0
    odd = (value <= lower + reach) | (value >= upper - reach) | (value == 0)
    odd |= table.words("data_kind").isin("count") & (value < SMALL_BODY)
    odd |= (table["denominator"] < SMALL_BODY) | ~table.words("frequency").isin("annual")
    rows = np.flatnonzero(~odd)
    rows = rows[np.lexsort((table["year"][rows], table["series"][rows]))]
    now, before = rows[1:], rows[:-1]
    same = (table["series"][now] == table["series"][before]) & (
        table["year"][now] == table["year"][before] + 1
    )
    for name in ("value", "numerator", "denominator"):
        a, b = table[name][now], table[name][before]
        same &= (a == b) | (np.isnan(a) & np.isnan(b))
    same = np.concatenate([[False], same])[: len(rows)]
    place = np.arange(len(rows))
    length = place - np.maximum.accumulate(np.where(same, 0, place)) + 1
    last = ~np.append(same[1:], False)[: len(rows)] & (length >= 3)
    hits, years = np.zeros(len(table), dtype=bool), np.zeros(len(table), dtype="int64")
    hits[rows[last]], years[rows[last]] = True, length[last]
    return told("copied", table, hits, "value", {"length": years}, found="value", years="length")


def parts_not_total(table: Table, areas: pd.DataFrame) -> list[Problem]:
    """``parts_not_total``: counts of the areas below, or of two groups, do not add up.

    Compared only where every part is present.
    """
    table = table.take(~table.words("data_kind").isin("gap", "index"))
    parents = dict(zip(areas["area"], areas["parent"], strict=True))
    sizes = areas.groupby("parent")["area"].size().to_dict()
    parent = table.words("area").map(lambda area: parents.get(area, ""))
    size = parent.values(lambda area: sizes.get(area, np.nan))
    problems = _compare(table, "area", parent, ~parent.isin(""), size, _BELOW)
    for column, words, name in _GROUPS:
        parts = table.words(column).isin(*words)
        total, two = Words.all_of("all", len(table)), np.full(len(table), 2.0)
        problems += _compare(table, column, total, parts, two, name)
    return problems


def _compare(
    table: Table, column: str, total: Words, parts: np.ndarray, size: np.ndarray, name: Text
) -> list[Problem]:
    """Compare the counts of each cell with the sum of its parts, ``size`` in number.

    Each of the ``parts`` belongs to the cell that has ``total`` in a column and else its own words.
    """
    if not parts.any():
        return []
    whole = Table({name: table.columns[name] for name in CELL})
    both = Table.joined([whole.take(parts).with_(**{column: total.take(parts)}), whole])
    code = both.numbered(*CELL)
    found = code.max() + 1
    of_part, of_total = code[: parts.sum()], code[parts.sum() :]
    problems = []
    for count in ("numerator", "denominator"):
        value = table[count]
        given = ~np.isnan(value[parts])
        summed = np.bincount(of_part[given], value[parts][given], found)
        n = np.bincount(of_part[given], minlength=found)
        wanted = np.zeros(found)
        wanted[of_part] = size[parts]
        off = (n == wanted) & (n > 0)
        off = off[of_total] & (np.abs(summed[of_total] - value) > 0.5)
        sums = {"total": summed[of_total]}
        fill = {"found": count, "total": "total", "name": lambda r: name}
        problems += told("parts_not_total", table, off, count, sums, **fill)
    return problems


def late(table: Table, first_year: int, day: str) -> list[Problem]:
    """``late``: a yearly value of the plan's period first known after it was due."""
    rows = np.flatnonzero((table["year"] >= first_year) & table.words("frequency").isin("annual"))
    days = table.words("as_of")
    rank = np.argsort(np.argsort(days.words))[days.codes]
    rows = rows[np.lexsort((table["line"][rows], rank[rows]))]
    rows = rows[_first(table["series"][rows], table["year"][rows])]
    due = {year: due_day(year, day) for year in np.unique(table["year"][rows]).tolist()}
    late = [row for row in rows if days.words[days.codes[row]] > due[table["year"][row]]]
    hits = np.zeros(len(table), dtype=bool)
    hits[late] = True
    return told("late", table, hits, "as_of", found="as_of", due=lambda r: due[r.year])


def _first(*keys: np.ndarray) -> np.ndarray:
    """The places of the first of each combination of numbers."""
    return np.unique(np.stack(keys, axis=1), axis=0, return_index=True)[1]


def missing_year(table: Table) -> list[Problem]:
    """``missing_year``: years without value between the first and the last of a yearly series."""
    wide = _Wide(table, table.words("frequency").isin("annual"))
    year = table["year"][wide.rows]
    gap = np.flatnonzero((np.diff(wide.series) == 0) & (np.diff(year) > 1)) + 1
    absent: dict[int, list[int]] = {}
    last: dict[int, int] = {}
    for place in gap:
        absent.setdefault(wide.series[place], []).extend(range(year[place - 1] + 1, year[place]))
        last[wide.series[place]] = wide.rows[place]
    return _gaps("missing_year", table, list(last.values()), list(absent.values()))


def missing_latest(table: Table, due: int) -> list[Problem]:
    """``missing_latest``: a yearly series that stops before the last year due."""
    wide = _Wide(table, table.words("frequency").isin("annual"))
    newest = wide.rows[np.diff(wide.series, append=-1) != 0]
    behind = newest[table["year"][newest] < due].tolist()
    behind.sort(key=lambda place: [getattr(Row(table, place, {}), name) for name in SERIES])
    absent = [list(range(year + 1, due + 1)) for year in table["year"][behind].tolist()]
    return _gaps("missing_latest", table, behind, absent)


def _gaps(code: str, table: Table, rows: list[int], absent: list[list[int]]) -> list[Problem]:
    problems = []
    for place, years in zip(rows, absent, strict=True):
        row = Row(table, place, {})
        parts = [("sex", row.sex), ("age_group", row.age_group), ("residence", row.residence)]
        named = [code_name(topic, code) for topic, code in parts if code != "all"]
        series = Text(
            "，".join([row.name_zh, row.area_zh, *(text.zh for text in named)]),
            ", ".join([row.name_en, row.area_en, *(text.en for text in named)]),
        )
        listed = ", ".join(str(year) for year in years)
        problems.append(problem(code, row.file, None, "year", years=listed, series=series))
    return problems

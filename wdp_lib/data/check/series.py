"""Quality rules between rows: jumps, slips of the unit, copied values, parts against totals, late and missing returns.

Each returns warnings; a warned value stays in use until a person decides. The table has the used rows, with the
attributes of their indicator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem, Text
from wdp_lib.data.check.rows import show, which
from wdp_lib.data.read.keys import CELL
from wdp_lib.plan.model import Plan

SERIES = CELL[:-1]
PAST_CHANGES = 5  # fewer changes say nothing of what is usual
MAD_FACTOR = 5 * 1.4826  # five standard deviations, estimated by the median absolute deviation
LEVEL_FLOOR = 0.005  # a series that never moved may move by 5 * 1.4826 * 0.5 % of its level
NEAR_YEARS = 3  # years within which the level of a series stays of one size
AT_BOUND = (
    0.005  # share of the range of possible values within which a value counts as at its bound
)
SMALL_BODY = 100  # below this denominator an unchanged value is nothing unusual


def between_rows(table: pd.DataFrame, areas: pd.DataFrame) -> list[Problem]:
    """Apply the rules that compare values.

    Parameters
    ----------
    table : pandas.DataFrame
        The used rows.
    areas : pandas.DataFrame
        Areas with their parents.
    """
    slips = unit_slip(table)
    slipped = {(p.file, p.row) for p in slips}
    jumps = [p for p in jump(table) if (p.file, p.row) not in slipped]
    return [*slips, *jumps, *copied(table), *parts_not_total(table, areas)]


def returns_due(table: pd.DataFrame, every: pd.DataFrame, plan: Plan, as_of: str) -> list[Problem]:
    """Apply the rules that say which returns are late or missing; published figures are due on no day.

    Parameters
    ----------
    table, every : pandas.DataFrame
        The used rows; all good rows, replaced ones too.
    plan : Plan
        Its period says which returns are due.
    as_of : str
        Day of the run.
    """
    return [
        *late(every, plan.first_year),
        *missing_year(table),
        *missing_latest(table, plan.last_year, as_of),
    ]


@dataclass(frozen=True)
class _Wide:
    """Rows by series and year, and the same as matrices: one line a series, one column a value, padded with NaN."""

    rows: pd.DataFrame
    series: np.ndarray
    place: np.ndarray

    @classmethod
    def of(cls, table: pd.DataFrame) -> _Wide:
        series = table.groupby(SERIES, sort=False).ngroup()
        rows = table.assign(series=series).sort_values(["series", "year"])
        return cls(rows, rows["series"].to_numpy(), rows.groupby("series").cumcount().to_numpy())

    def matrix(self, values: pd.Series) -> np.ndarray:
        shape = (self.series.max(initial=-1) + 1, self.place.max(initial=-1) + 1)
        result = np.full(shape, np.nan)
        result[self.series, self.place] = values.to_numpy(dtype=float)
        return result

    def pick(self, hits: np.ndarray, **more: np.ndarray) -> Iterator:
        """Yield the rows that are marked in a matrix, with cells of further matrices."""
        columns = {name: matrix[self.series, self.place] for name, matrix in more.items()}
        return self.rows.assign(**columns)[hits[self.series, self.place]].itertuples()


def jump(table: pd.DataFrame) -> list[Problem]:
    """``jump``: a yearly change far from the changes before it, by more than 5 × 1.4826 × their MAD.

    The baseline are the changes before the one that is looked at, at least five of them, so no value vouches for
    itself. Changes no larger than one before, changes across a break, and changes that chance alone explains (within
    three standard errors of the counts) pass.
    """
    wide = _Wide.of(table)
    value, year = wide.matrix(wide.rows["value"]), wide.matrix(wide.rows["year"])
    variance, new = (
        wide.matrix(_variance(wide.rows)),
        wide.matrix(wide.rows["series_break"] != "") == 1,
    )
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
        far = (np.abs(value[:, place] - expected[:, place]) > limit[:, place]) & ~(
            np.abs(last) <= chance
        )
        # back to where it was before a jump: the jump is the odd one
        back = hits[:, place - 1] & (
            np.abs(value[:, place] - value[:, place - 2]) <= limit[:, place]
        )
        hits[:, place] = far & ~back
    before = np.roll(value, 1, axis=1)
    return [_jump(row) for row in wide.pick(hits, before=before, expected=expected, limit=limit)]


def _usual(past: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the usual yearly change of each series, and how far from it a change may be."""
    if not len(past):
        return np.empty(0), np.empty(0)
    usual = np.nanmedian(past, axis=1)
    away = np.abs(past - usual[:, None])
    spread = np.maximum(np.nanmedian(away, axis=1), LEVEL_FLOOR * np.abs(level))
    return usual, np.maximum(MAD_FACTOR * spread, np.nanmax(away, axis=1))


def _variance(rows: pd.DataFrame) -> pd.Series:
    """Return the binomial variance of each value, from its counts; of a count its own; 0 where there are none."""
    share = rows["numerator"] / rows["denominator"]
    spread = share * (1 - share).clip(lower=0) / rows["denominator"] * rows["multiplier"] ** 2
    counted = (rows["data_kind"] == "count") & rows["plan_unit"].isin(["count", "persons"])
    return spread.fillna(0).replace(np.inf, 0).where(~counted, rows["value"])


def _jump(row) -> Problem:
    name, swapped = which(row), _transposed(row.value, row.expected, row.limit)
    hint = Text("", "")
    if swapped is not None:
        hint = Text(
            f"是否把 {swapped} 错写成 {show(row.value)}？",
            f"Is it {swapped} with two digits swapped? ",
        )
    low = show(round(max(row.expected - row.limit, row.lower), 2))
    high = show(round(min(row.expected + row.limit, row.upper), 2))
    return Problem(
        "jump",
        row.file,
        row.row,
        "value",
        Text(
            f"{show(row.value)}，上次为 {show(row.before)}（{name.zh}）",
            f"{show(row.value)} after {show(row.before)} ({name.en})",
        ),
        Text(
            f"{low} 至 {high} 之间（按以往变动推算）",
            f"between {low} and {high}, going by its past changes",
        ),
        Text(
            f"{hint.zh}请向报送单位核实；该值暂予采用。",
            f"{hint.en}Ask the unit that sent it; the value is used meanwhile.",
        ),
        "warn",
    )


def _transposed(value: float, expected: float, limit: float) -> str | None:
    text = show(value)
    digits = [place for place, mark in enumerate(text) if mark.isdigit()]
    if len(digits) < 3:  # of two digits the swapped ones fit too often by chance
        return None
    for a, b in pairwise(digits):
        swapped = list(text)
        swapped[a], swapped[b] = swapped[b], swapped[a]
        other = "".join(swapped)
        if other != text and show(float(other)) == other and abs(float(other) - expected) <= limit:
            return other
    return None


def unit_slip(table: pd.DataFrame) -> list[Problem]:
    """``unit_slip``: a value ten, a hundred or a thousand times the level of its series (0.95 among 95).

    The level is the median of the values at most three years away, at least two; they lie within a factor two of it.
    Values that counts vouch for pass.
    """
    wide = _Wide.of(table[table["value"] > 0])
    value, year = wide.matrix(wide.rows["value"]), wide.matrix(wide.rows["year"])
    uncounted = wide.matrix(wide.rows["denominator"].isna()) == 1
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
    return [_slip(row) for row in wide.pick(hits, level=level)]


def _slip(row) -> Problem:
    name, likely = (
        which(row),
        show(round(row.value / 10.0 ** round(np.log10(row.value / row.level)), 10)),
    )
    return Problem(
        "unit_slip",
        row.file,
        row.row,
        "value",
        Text(f"{show(row.value)}（{name.zh}）", f"{show(row.value)} ({name.en})"),
        Text(
            f"{show(row.level)} 左右，与相邻年份相当",
            f"about {show(row.level)}, as in the years around it",
        ),
        Text(
            f"是否应为 {likely}？核实前不用于计算；确实无误的，在更正表中照原值登记。",
            f"Perhaps {likely}? It is not used until checked; if it is right, enter it unchanged in the corrections.",
        ),
        "warn",
    )


def copied(table: pd.DataFrame) -> list[Problem]:
    """``copied``: the same value to the last digit in three or more consecutive years, counts included.

    Not for values at a bound (99.9 % stays 99.9 %), zero, figures of a term of office, and small bodies.
    """
    reach = (AT_BOUND * (table["upper"] - table["lower"])).replace(np.inf, 0)
    at_bound = (table["value"] <= table["lower"] + reach) | (
        table["value"] >= table["upper"] - reach
    )
    at_bound |= table["value"] == 0
    small = (table["denominator"] < SMALL_BODY) | (
        (table["data_kind"] == "count") & (table["value"] < SMALL_BODY)
    )
    rows = table[~at_bound & ~small & (table["frequency"] == "annual")].sort_values(
        [*SERIES, "year"]
    )
    same = pd.Series(True, index=rows.index)
    for column in [*SERIES, "value", "numerator", "denominator"]:
        before = rows[column].shift()
        same &= (rows[column] == before) | (rows[column].isna() & before.isna())
    same &= rows["year"] == rows["year"].shift() + 1
    length = same.groupby((~same).cumsum()).cumsum() + 1
    last = ~same.shift(-1, fill_value=False)
    return [_copied(row) for row in rows.assign(length=length)[last & (length >= 3)].itertuples()]


def _copied(row) -> Problem:
    name = which(row)
    return Problem(
        "copied",
        row.file,
        row.row,
        "value",
        Text(
            f"连续 {row.length} 年均为 {show(row.value)}（{name.zh}）",
            f"{show(row.value)} in {row.length} years running ({name.en})",
        ),
        Text("每年重新统计的数", "a figure made anew each year"),
        Text("请核实是否沿用了上年数。", "Ask whether last year's figure was copied."),
        "warn",
    )


def parts_not_total(table: pd.DataFrame, areas: pd.DataFrame) -> list[Problem]:
    """``parts_not_total``: counts of all townships, of women and men, or of town and country do not add up.

    Compared only where every part is present.
    """
    rows = table[~table["data_kind"].isin(["gap", "index"])]
    parent = rows["area"].map(dict(zip(areas["area"], areas["parent"], strict=True))).fillna("")
    parts = rows.assign(area=parent)[parent != ""]
    size = areas.groupby("parent")["area"].size()
    problems = _compare(
        parts, rows, parts["area"].map(size), Text("下级地区合计", "sum of the areas below")
    )
    for column, words, name in (
        ("sex", ("female", "male"), Text("女、男合计", "sum of women and men")),
        ("residence", ("urban", "rural"), Text("城镇、农村合计", "sum of urban and rural")),
    ):
        parts = rows[rows[column].isin(words)].assign(**{column: "all"})
        problems += _compare(parts, rows, pd.Series(2, index=parts.index), name)
    return problems


def _compare(
    parts: pd.DataFrame, totals: pd.DataFrame, size: pd.Series, name: Text
) -> list[Problem]:
    problems = []
    for column in ("numerator", "denominator"):
        counted = parts.assign(size=size)[parts[column].notna()]
        summed = counted.groupby(CELL).agg(
            total=(column, "sum"), n=(column, "size"), size=("size", "first")
        )
        joined = totals.join(summed[summed["n"] == summed["size"]]["total"], on=CELL, how="inner")
        off = (joined["total"] - joined[column]).abs() > 0.5
        problems += [_parts(row, column, name) for row in joined[off].itertuples()]
    return problems


def _parts(row, column: str, name: Text) -> Problem:
    where, found = which(row), show(getattr(row, column))
    return Problem(
        "parts_not_total",
        row.file,
        row.row,
        column,
        Text(f"{found}（{where.zh}）", f"{found} ({where.en})"),
        Text(f"{name.zh} {show(row.total)}", f"{show(row.total)}, the {name.en}"),
        Text("请核对总数和各部分。", "Check the total and its parts."),
        "warn",
    )


def late(table: pd.DataFrame, first_year: int) -> list[Problem]:
    """``late``: a yearly value of the plan's period first known after 30 June of the following year."""
    rows = table[(table["year"] >= first_year) & (table["frequency"] == "annual")]
    first = rows.sort_values(["as_of", "line"]).drop_duplicates(CELL)
    due = (first["year"] + 1).astype("str") + "-06-30"
    return [_late(row) for row in first.assign(due=due)[first["as_of"] > due].itertuples()]


def _late(row) -> Problem:
    name = which(row)
    return Problem(
        "late",
        row.file,
        row.row,
        "as_of",
        Text(f"{row.as_of}（{name.zh}）", f"{row.as_of} ({name.en})"),
        Text(f"不晚于 {row.due}", f"not later than {row.due}"),
        Text("已采用；请提醒报送单位按时报送。", "It is used: remind the unit of the date."),
        "warn",
    )


def missing_year(table: pd.DataFrame) -> list[Problem]:
    """``missing_year``: years without value between the first and the last of a yearly series."""
    wide = _Wide.of(table[table["frequency"] == "annual"])
    rows = wide.rows
    before = rows.groupby("series")["year"].shift()
    gaps = rows.assign(before=before)[(rows["year"] - before > 1).fillna(False)]
    return [_missing_years(part) for _, part in gaps.groupby("series")]


def _missing_years(gaps: pd.DataFrame) -> Problem:
    absent = [
        year for a, b in zip(gaps["before"], gaps["year"], strict=True) for year in range(a + 1, b)
    ]
    advice = Text(
        "请补报；缺数不作 0 处理。", "Ask for them; a missing value is never taken as zero."
    )
    return _gap("missing_year", next(gaps.tail(1).itertuples()), absent, advice)


def missing_latest(table: pd.DataFrame, last_year: int, as_of: str) -> list[Problem]:
    """``missing_latest``: a yearly series that stops before the last year that is due on the day of the run."""
    due = min(int(as_of[:4]) - (1 if as_of[5:] >= "06-30" else 2), last_year)
    rows = table[table["frequency"] == "annual"].sort_values([*SERIES, "year"])
    newest = rows.drop_duplicates(SERIES, keep="last")
    advice = Text("请催报。", "Remind the unit.")
    behind = newest[newest["year"] < due].itertuples()
    return [
        _gap("missing_latest", row, list(range(row.year + 1, due + 1)), advice) for row in behind
    ]


def _gap(rule: str, row, absent: list[int], advice: Text) -> Problem:
    strata = "/".join((row.sex, row.age_group, row.residence))
    years = ", ".join(str(year) for year in absent)
    return Problem(
        rule,
        row.file,
        None,
        "year",
        Text(
            f"没有 {years} 年的数（{row.name_zh}，{row.area_zh}，{strata}）",
            f"no value of {years} ({row.name_en}, {row.area_en}, {strata})",
        ),
        Text("每年一个数", "one value a year"),
        advice,
        "warn",
    )

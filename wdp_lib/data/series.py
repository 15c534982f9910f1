"""Quality rules between rows: jumps, slips of the unit, copied values, parts against totals, late and missing returns.

Each returns warnings; a warned value stays in use until a person decides. The table has the used rows, with the
attributes of their indicator.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from wdp_lib.data.keys import CELL
from wdp_lib.data.rules import show, which
from wdp_lib.errors import Problem, Text
from wdp_lib.plan.model import Plan

SERIES = CELL[:-1]
PAST_CHANGES = 5  # fewer changes say nothing of what is usual
MAD_FACTOR = 5 * 1.4826  # five standard deviations, estimated by the median absolute deviation
LEVEL_FLOOR = 0.005  # a series that never moved may move by 5 * 1.4826 * 0.5 % of its level
NEAR_YEARS = 3  # years within which the level of a series stays of one size
AT_BOUND = 0.005  # share of the range of possible values within which a value counts as at its bound
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
    return [*late(every, plan.first_year), *missing_year(table), *missing_latest(table, plan.last_year, as_of)]


def _series(table: pd.DataFrame, least: int) -> Iterator[pd.DataFrame]:
    """Yield each series with at least so many values, by year."""
    size = table.groupby(SERIES, sort=False)["year"].transform("size")
    ordered = table[size >= least].sort_values([*SERIES, "year"])
    for _, rows in ordered.groupby(SERIES, sort=False):
        yield rows


def jump(table: pd.DataFrame) -> list[Problem]:
    """``jump``: a yearly change far from the changes before it, by more than 5 × 1.4826 × their MAD.

    The baseline are the changes before the one that is looked at, at least five of them, so no value vouches for
    itself. Changes across a break, and changes that chance alone explains (within three standard errors of the
    counts), pass.
    """
    problems = []
    for rows in _series(table[table["value"].notna()], PAST_CHANGES + 2):
        value, year = rows["value"].to_numpy(), rows["year"].to_numpy(dtype=float)
        change = np.diff(value) / np.diff(year)
        change[rows["series_break"].to_numpy()[1:] != ""] = np.nan
        chance = _chance(rows) / np.diff(year)
        for place in range(PAST_CHANGES, len(change)):
            past = change[:place][~np.isnan(change[:place])]
            if len(past) < PAST_CHANGES or np.isnan(change[place]):
                continue
            usual = np.median(past)
            limit = MAD_FACTOR * max(np.median(np.abs(past - usual)), LEVEL_FLOOR * abs(value[place]))
            if abs(change[place] - usual) > limit and abs(change[place]) > chance[place]:
                expected = value[place] + usual * (year[place + 1] - year[place])
                problems.append(_jump(next(rows.iloc[[place + 1]].itertuples()), value[place], expected, limit))
    return problems


def _chance(rows: pd.DataFrame) -> np.ndarray:
    """Three standard errors of each change, from the counts; 0 where there are none."""
    n, d = rows["numerator"].to_numpy(), rows["denominator"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = n * np.clip(1 - n / d, 0, None) / d**2 * rows["multiplier"].to_numpy() ** 2
    return np.nan_to_num(3 * np.sqrt(variance[1:] + variance[:-1]), posinf=0)


def _jump(row, before: float, expected: float, limit: float) -> Problem:
    name, swapped = which(row), _transposed(row.value, expected, limit)
    hint = Text("", "")
    if swapped is not None:
        hint = Text(f"是否把 {swapped} 错写成 {show(row.value)}？", f"Is it {swapped} with two digits swapped? ")
    return Problem(
        "jump",
        row.file,
        row.row,
        "value",
        Text(
            f"{show(row.value)}，上次为 {show(before)}（{name.zh}）",
            f"{show(row.value)} after {show(before)} ({name.en})",
        ),
        Text(
            f"{show(round(expected - limit, 2))} 至 {show(round(expected + limit, 2))} 之间，按以往变动推算",
            f"between {show(round(expected - limit, 2))} and {show(round(expected + limit, 2))} by its past changes",
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
    for a, b in zip(digits, digits[1:], strict=False):
        swapped = list(text)
        swapped[a], swapped[b] = swapped[b], swapped[a]
        other = "".join(swapped)
        if other != text and abs(float(other) - expected) <= limit:
            return other
    return None


def unit_slip(table: pd.DataFrame) -> list[Problem]:
    """``unit_slip``: a value ten, a hundred or a thousand times the level of its series (0.95 among 95).

    The level is the median of the values at most three years away, at least two; they lie within a factor two of it.
    Values that counts vouch for pass.
    """
    problems = []
    for rows in _series(table[table["value"] > 0], 3):
        value, year = rows["value"].to_numpy(), rows["year"].to_numpy(dtype=int)
        suspects = np.flatnonzero(rows["denominator"].isna() & (np.abs(np.log10(value / np.median(value))) > 0.5))
        for place in suspects:
            near = (np.abs(year - year[place]) <= NEAR_YEARS) & (year != year[place])
            if near.sum() < 2:
                continue
            level = np.median(value[near])
            power = np.log10(value[place] / level)
            steady = np.all((value[near] / level > 0.5) & (value[near] / level < 2))
            if steady and round(power) != 0 and abs(power - round(power)) < 0.1 and abs(power) < 3.5:
                problems.append(_slip(next(rows.iloc[[place]].itertuples()), level, round(power)))
    return problems


def _slip(row, level: float, power: int) -> Problem:
    name, likely = which(row), show(round(row.value / 10.0**power, 10))
    return Problem(
        "unit_slip",
        row.file,
        row.row,
        "value",
        Text(f"{show(row.value)}（{name.zh}）", f"{show(row.value)} ({name.en})"),
        Text(f"{show(level)} 左右，与其他年份相当", f"about {show(level)}, as in the other years"),
        Text(
            f"是否应为 {likely}？请核对单位；该值暂予采用。",
            f"Perhaps {likely}? Check the unit; the value is used meanwhile.",
        ),
        "warn",
    )


def copied(table: pd.DataFrame) -> list[Problem]:
    """``copied``: the same value to the last digit in three or more consecutive years, counts included.

    Not for values at a bound (99.9 % stays 99.9 %), zero, figures of a term of office, and small bodies.
    """
    reach = (AT_BOUND * (table["upper"] - table["lower"])).replace(np.inf, 0)
    at_bound = (table["value"] <= table["lower"] + reach) | (table["value"] >= table["upper"] - reach)
    at_bound |= table["value"] == 0
    small = (table["denominator"] < SMALL_BODY) | ((table["data_kind"] == "count") & (table["value"] < SMALL_BODY))
    rows = table[~at_bound & ~small & (table["frequency"] == "annual")].sort_values([*SERIES, "year"])
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
    problems = _compare(parts, rows, parts["area"].map(size), Text("下级地区合计", "sum of the areas below"))
    for column, words, name in (
        ("sex", ("female", "male"), Text("女、男合计", "sum of women and men")),
        ("residence", ("urban", "rural"), Text("城镇、农村合计", "sum of urban and rural")),
    ):
        parts = rows[rows[column].isin(words)].assign(**{column: "all"})
        problems += _compare(parts, rows, pd.Series(2, index=parts.index), name)
    return problems


def _compare(parts: pd.DataFrame, totals: pd.DataFrame, size: pd.Series, name: Text) -> list[Problem]:
    problems = []
    for column in ("numerator", "denominator"):
        counted = parts.assign(size=size)[parts[column].notna()]
        summed = counted.groupby(CELL).agg(total=(column, "sum"), n=(column, "size"), size=("size", "first"))
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
    problems = []
    for rows in _series(table[table["frequency"] == "annual"], 2):
        years = rows["year"].to_numpy(dtype=int)
        absent = sorted(set(range(years[0], years[-1])) - set(years))
        if absent:
            advice = Text("请补报；缺数不作 0 处理。", "Ask for them; a missing value is never taken as zero.")
            problems.append(_gap("missing_year", next(rows.iloc[[-1]].itertuples()), absent, advice))
    return problems


def missing_latest(table: pd.DataFrame, last_year: int, as_of: str) -> list[Problem]:
    """``missing_latest``: a yearly series that stops before the last year that is due on the day of the run."""
    due = min(int(as_of[:4]) - (1 if as_of[5:] >= "06-30" else 2), last_year)
    rows = table[table["frequency"] == "annual"].sort_values([*SERIES, "year"])
    newest = rows.drop_duplicates(SERIES, keep="last")
    advice = Text("请催报。", "Remind the unit.")
    behind = newest[newest["year"] < due].itertuples()
    return [_gap("missing_latest", row, list(range(row.year + 1, due + 1)), advice) for row in behind]


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

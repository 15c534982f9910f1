"""Quality rules between rows: each returns warnings.

The table has the used rows, with the attributes of their indicator and ``series``, a number for
each series.

"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from wdp_lib.core.dates import due_day, last_due_year
from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.words import code_name
from wdp_lib.data.read.keys import CELL
from wdp_lib.data.tell import problem, show, told
from wdp_lib.plan.model import Plan

SERIES = CELL[:-1]
PAST_CHANGES = 5  # fewer changes say nothing of what is usual
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


def between_rows(table: pd.DataFrame, areas: pd.DataFrame) -> list[Problem]:
    """Apply the rules that compare the used rows with one another."""
    slips = unit_slip(table)
    slipped = {(p.file, p.row) for p in slips}
    jumps = [p for p in jump(table) if (p.file, p.row) not in slipped]
    return [*slips, *jumps, *copied(table), *parts_not_total(table, areas)]


def returns_due(
    table: pd.DataFrame, every: pd.DataFrame, plan: Plan, as_of: str, due: str
) -> list[Problem]:
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


@dataclass(frozen=True)
class _Wide:
    """The rows as matrices: one line a series, one column a value, padded with NaN."""

    rows: pd.DataFrame
    order: np.ndarray
    series: np.ndarray
    place: np.ndarray

    @classmethod
    def of(cls, table: pd.DataFrame) -> _Wide:
        series = pd.factorize(table["series"])[0]
        order = np.lexsort((table["year"].to_numpy("int64"), series))
        series = series[order]
        starts = np.flatnonzero(np.diff(series, prepend=-1))
        return cls(table, order, series, np.arange(len(series)) - starts[series])

    def matrix(self, values: pd.Series) -> np.ndarray:
        shape = (self.series.max(initial=-1) + 1, self.place.max(initial=-1) + 1)
        result = np.full(shape, np.nan)
        result[self.series, self.place] = values.to_numpy(dtype=float)[self.order]
        return result

    def pick(self, hits: np.ndarray, **more: np.ndarray) -> pd.DataFrame:
        """Return the rows that are marked in a matrix, with cells of further matrices."""
        chosen = hits[self.series, self.place]
        series, place = self.series[chosen], self.place[chosen]
        columns = {name: matrix[series, place] for name, matrix in more.items()}
        return self.rows.iloc[self.order[chosen]].assign(**columns)


def jump(table: pd.DataFrame) -> list[Problem]:
    """``jump``: a yearly change far from those before it, by more than 5 × 1.4826 × their MAD.

    At least five changes before it are needed. Changes no larger than one before, changes across a
    break, and changes that chance alone explains (within three standard errors of the counts) pass.
    """
    wide = _Wide.of(table)
    value, year = wide.matrix(table["value"]), wide.matrix(table["year"])
    variance, new = wide.matrix(_variance(table)), wide.matrix(table["series_break"] != "") == 1
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
        wide.pick(hits, before=before, expected=expected, limit=limit),
        "value",
        found="value",
        before="before",
        low=lambda r: float(round(max(r.expected - r.limit, r.lower), 2)),
        high=lambda r: float(round(min(r.expected + r.limit, r.upper), 2)),
        hint=_swapped,
    )


def _usual(past: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not len(past):
        return np.empty(0), np.empty(0)
    usual = np.nanmedian(past, axis=1)
    away = np.abs(past - usual[:, None])
    spread = np.maximum(np.nanmedian(away, axis=1), LEVEL_FLOOR * np.abs(level))
    return usual, np.maximum(MAD_FACTOR * spread, np.nanmax(away, axis=1))


def _variance(rows: pd.DataFrame) -> pd.Series:
    share = rows["numerator"] / rows["denominator"]
    spread = share * (1 - share).clip(lower=0) / rows["denominator"] * rows["multiplier"] ** 2
    counted = (rows["data_kind"] == "count") & rows["plan_unit"].isin(["count", "persons"])
    return spread.fillna(0).replace(np.inf, 0).where(~counted, rows["value"])


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


def unit_slip(table: pd.DataFrame) -> list[Problem]:
    """``unit_slip``: ten, a hundred or a thousand times the level of its series (0.95 among 95).

    The level is the median of the values at most three years away, at least two; they lie within a
    factor two of it. Values that counts vouch for pass.
    """
    table = table[table["value"] > 0]
    wide = _Wide.of(table)
    value, year = wide.matrix(table["value"]), wide.matrix(table["year"])
    uncounted = wide.matrix(table["denominator"].isna()) == 1
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
        wide.pick(hits, level=level),
        "value",
        found="value",
        level="level",
        likely=_likely,
    )


def _likely(row) -> float:
    return float(round(row.value / 10.0 ** round(np.log10(row.value / row.level)), 10))


def copied(table: pd.DataFrame) -> list[Problem]:
    """``copied``: the same value in three or more consecutive years, counts included.

    Not for values at a bound (99.9 % stays 99.9 %), zero, figures of a term of office, and small
    bodies.
    """
    value, reach = table["value"], AT_BOUND * (table["upper"] - table["lower"])
    reach = reach.replace(np.inf, 0)
    at_bound = (value <= table["lower"] + reach) | (value >= table["upper"] - reach) | (value == 0)
    counted = (table["data_kind"] == "count") & (value < SMALL_BODY)
    small = (table["denominator"] < SMALL_BODY) | counted
    rows = table.loc[
        ~at_bound & ~small & (table["frequency"] == "annual"),
        ["series", "year", "value", "numerator", "denominator"],
    ].sort_values(["series", "year"])
    before = rows.shift()
    same = ((rows == before) | (rows.isna() & before.isna()))[
        ["series", "value", "numerator", "denominator"]
    ].all(axis=1) & (rows["year"] == before["year"] + 1)
    length = same.groupby((~same).cumsum()).cumsum() + 1
    last = ~same.shift(-1, fill_value=False) & (length >= 3)
    hits = table.loc[rows.index[last]].assign(length=length[last])
    return told("copied", hits, "value", found="value", years="length")


def parts_not_total(table: pd.DataFrame, areas: pd.DataFrame) -> list[Problem]:
    """``parts_not_total``: counts of the areas below, or of two groups, do not add up.

    Compared only where every part is present.
    """
    rows = table[~table["data_kind"].isin(["gap", "index"])]
    cells = rows[CELL].astype({"year": "int64"})
    parent = cells["area"].map(dict(zip(areas["area"], areas["parent"], strict=True))).fillna("")
    size = parent.map(areas.groupby("parent")["area"].size()).to_numpy(float)
    problems = _compare(rows, cells.assign(area=parent), (parent != "").to_numpy(), size, _BELOW)
    for column, words, name in _GROUPS:
        parts = cells[column].isin(words).to_numpy()
        two = np.full(len(cells), 2.0)
        problems += _compare(rows, cells.assign(**{column: "all"}), parts, two, name)
    return problems


def _compare(
    rows: pd.DataFrame, total: pd.DataFrame, parts: np.ndarray, size: np.ndarray, name: Text
) -> list[Problem]:
    keys = pd.concat([total[parts], rows[CELL].astype({"year": "int64"})])
    code = np.zeros(len(keys), dtype="int64")
    for column in CELL:
        number, words = pd.factorize(keys[column])
        code = code * (len(words) + 1) + number
    code, cells = pd.factorize(code)
    of_part, of_total = code[: parts.sum()], code[parts.sum() :]
    problems = []
    for column in ("numerator", "denominator"):
        value = rows[column].to_numpy()
        given = ~np.isnan(value[parts])
        summed = np.bincount(of_part[given], value[parts][given], len(cells))
        n = np.bincount(of_part[given], minlength=len(cells))
        wanted = np.zeros(len(cells))
        wanted[of_part] = size[parts]
        off = (n == wanted) & (n > 0)
        off = off[of_total] & (np.abs(summed[of_total] - value) > 0.5)
        hits = rows[off].assign(total=summed[of_total][off])
        problems += told(
            "parts_not_total", hits, column, found=column, total="total", name=lambda r: name
        )
    return problems


def late(table: pd.DataFrame, first_year: int, day: str) -> list[Problem]:
    """``late``: a yearly value of the plan's period first known after it was due."""
    of_plan = (table["year"] >= first_year) & (table["frequency"] == "annual")
    rows = table.loc[of_plan.astype(bool), ["series", "year", "as_of", "line"]]
    first = rows.sort_values(["as_of", "line"]).drop_duplicates(["series", "year"])
    due = first["year"].map({year: due_day(year, day) for year in first["year"].unique()})
    hits = table.loc[first.index[first["as_of"] > due]]
    return told("late", hits, "as_of", found="as_of", due=lambda r: due_day(r.year, day))


def missing_year(table: pd.DataFrame) -> list[Problem]:
    """``missing_year``: years without value between the first and the last of a yearly series."""
    wide = _Wide.of(table[(table["frequency"] == "annual").astype(bool)])
    year = wide.rows["year"].to_numpy("int64")[wide.order]
    gap = np.flatnonzero((np.diff(wide.series) == 0) & (np.diff(year) > 1)) + 1
    absent: dict[int, list[int]] = {}
    last = {}
    for place in gap:
        absent.setdefault(wide.series[place], []).extend(range(year[place - 1] + 1, year[place]))
        last[wide.series[place]] = wide.order[place]
    rows = wide.rows.iloc[list(last.values())]
    return _gaps("missing_year", rows, list(absent.values()))


def missing_latest(table: pd.DataFrame, due: int) -> list[Problem]:
    """``missing_latest``: a yearly series that stops before the last year due."""
    years = table.loc[(table["frequency"] == "annual").astype(bool), ["series", "year"]]
    newest = years.sort_values(["series", "year"]).drop_duplicates("series", keep="last")
    behind = table.loc[newest.index[(newest["year"] < due).astype(bool)]].sort_values(SERIES)
    absent = [list(range(year + 1, due + 1)) for year in behind["year"]]
    return _gaps("missing_latest", behind, absent)


def _gaps(code: str, rows: pd.DataFrame, absent: list[list[int]]) -> list[Problem]:
    problems = []
    for row, years in zip(rows.itertuples(), absent, strict=True):
        parts = [("sex", row.sex), ("age_group", row.age_group), ("residence", row.residence)]
        named = [code_name(topic, code) for topic, code in parts if code != "all"]
        series = Text(
            "，".join([row.name_zh, row.area_zh, *(text.zh for text in named)]),
            ", ".join([row.name_en, row.area_en, *(text.en for text in named)]),
        )
        listed = ", ".join(str(year) for year in years)
        problems.append(problem(code, row.file, None, "year", years=listed, series=series))
    return problems

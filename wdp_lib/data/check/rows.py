"""Quality rules within a row: each returns the problems it finds, over the whole table at once.

The table has the columns of a return, read, and the attributes of the row's indicator
(`wdp_lib.data.read.keys.indicator_attributes`).

"""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.names import fold
from wdp_lib.core.words import code_name
from wdp_lib.data.read.words import codes
from wdp_lib.data.tell import show, told

POWERS = (10.0, 100.0, 1000.0, 100000.0)
# a bare % after a gap between two percentages is what people write; a count of people is a number
# of persons
_SAME_UNIT = {
    "percentage_points": frozenset({"percent"}),
    "count": frozenset({"persons"}),
    "persons": frozenset({"count"}),
}


def within_rows(table: pd.DataFrame) -> list[Problem]:
    """Apply every rule of this module; order as listed, all problems at once."""
    return [problem for rule in ROW_RULES for problem in rule(table)]


def missing_word(table: pd.DataFrame) -> list[Problem]:
    """``missing_status``, ``missing_source``: a value needs a state and a source."""
    return [
        problem
        for column in ("status", "source")
        for problem in told(f"missing_{column}", table[table[column] == ""], column)
    ]


def year_after_as_of(table: pd.DataFrame) -> list[Problem]:
    """``year_after_as_of``: a value cannot be known before its year has begun."""
    known = {day: float(day[:4]) if day else np.nan for day in table["as_of"].unique()}
    hits = table["year"].astype("float64") > table["as_of"].map(known)
    return told("year_after_as_of", table[hits], "year", found=lambda r: str(r.year), as_of="as_of")


def unit_mismatch(table: pd.DataFrame) -> list[Problem]:
    """``unit_mismatch``: the unit of the row, or a % or ‰ sign, is not that of the indicator."""
    keys = list(zip(table["unit"], table["sign"], table["plan_unit"], strict=True))
    wrong = {key: fault for key in set(keys) if (fault := _misfit(*key))}
    if not wrong:
        return []
    fault = pd.Series([wrong.get(key, "") for key in keys], table.index, dtype=object)
    return [
        problem
        for column, found in (("unit", "unit"), ("value", "value_text"))
        for problem in told(
            "unit_mismatch",
            table[fault == column],
            column,
            found=found,
            code="plan_unit",
            unit=lambda r: code_name("unit", r.plan_unit),
        )
    ]


def _misfit(word: str, sign: str, unit: str) -> str | None:
    fitting = _SAME_UNIT.get(unit, frozenset()) | {unit}
    for column, given in (("unit", word), ("value", sign)):
        if given and fitting.isdisjoint(unit_codes(given)):
            return column
    return None


def unit_codes(word: str) -> frozenset[str]:
    """Return the units a word may stand for."""
    return codes("unit").get(fold(word), frozenset())


def convert_ten_thousands(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows with counts of people in the plan's unit; ``unit_converted`` warns."""
    words = {word: unit_codes(word) for word in table["unit"].unique()}
    given = table["unit"].map({word: "10k_persons" in found for word, found in words.items()})
    single = table["unit"].map({word: "persons" in found for word, found in words.items()})
    valued = table["value"].notna()
    down = given.astype(bool) & table["plan_unit"].isin(["persons", "count"]) & valued
    up = single.astype(bool) & (table["plan_unit"] == "10k_persons") & valued
    shift = down.astype(int) * 4 - up.astype(int) * 4
    if not shift.any():
        return table, []
    converted = table.assign(
        value=table["value"] * 10.0**shift,
        decimals=table["decimals"] - shift,
        unit=table["unit"].where(shift == 0, table["plan_unit"]),
    )
    return converted, told(
        "unit_converted",
        converted.assign(given=table["unit"])[shift != 0],
        "value",
        found=lambda r: f"{r.value_text} {r.given}",
        unit=lambda r: code_name("unit", r.plan_unit),
        code="plan_unit",
        value="value",
    )


def out_of_bounds(table: pd.DataFrame) -> list[Problem]:
    """``out_of_bounds``: impossible by the plan's bounds; the advice names the likely value."""
    hits = (table["value"] < table["lower"]) | (table["value"] > table["upper"])
    return told(
        "out_of_bounds",
        table[hits],
        "value",
        found="value",
        bounds=lambda r: bounds(r.lower, r.upper),
        hint=_perhaps,
    )


def bounds(lower: float, upper: float) -> Text:
    """Return what values lie within the bounds, in words."""
    if np.isinf(upper):
        return Text(f"不小于 {show(lower)} 的数", f"a number not below {show(lower)}")
    if np.isinf(lower):
        return Text(f"不大于 {show(upper)} 的数", f"a number not above {show(upper)}")
    return Text(
        f"{show(lower)} 至 {show(upper)} 之间的数",
        f"a number between {show(lower)} and {show(upper)}",
    )


def _perhaps(r) -> Text:
    candidates = [r.value / power for power in POWERS] + [-r.value]
    if r.denominator > 0 and r.numerator >= 0 and not np.isnan(r.multiplier):
        ratio = r.numerator / r.denominator * r.multiplier
        candidates = [c for c in candidates if abs(c - ratio) <= 0.01 * abs(ratio)] + [
            round(ratio, 2)
        ]
    likely = next((show(c) for c in candidates if r.lower <= c <= r.upper), None)
    return Text(f"是否应为 {likely}？", f"Perhaps {likely}? ") if likely else Text("", "")


def counts(table: pd.DataFrame) -> list[Problem]:
    """``negative_count``, ``incomplete_counts``, ``zero_denominator``: counts of no value."""
    problems = []
    for column in ("numerator", "denominator"):
        hits = table[column] < 0
        if column == "numerator":
            hits &= table["data_kind"] != "gap"
        problems += told("negative_count", table[hits], column, found=column)
    lacking = table[["numerator", "denominator", "multiplier"]].isna().any(axis=1)
    problems += told("incomplete_counts", table[table["value"].isna() & lacking], "value")
    empty = table[(table["denominator"] == 0) & table["value"].notna()]
    return problems + told("zero_denominator", empty, "denominator")


def numerator_over_denominator(table: pd.DataFrame) -> list[Problem]:
    """``numerator_over_denominator``: a part above its whole.

    Gross ratios, whose upper bound lies above the multiplier (104 % enrolment), may have it.
    """
    return told(
        "numerator_over_denominator",
        table[_part_above_whole(table)],
        "numerator",
        found="numerator",
        denominator="denominator",
    )


def _part_above_whole(table: pd.DataFrame) -> pd.Series:
    bounded = (table["upper"] <= table["multiplier"]) & (table["denominator"] > 0)
    return bounded & (table["numerator"] > table["denominator"])


def value_not_ratio(table: pd.DataFrame) -> list[Problem]:
    """``value_not_ratio``, ``unit_slip``: not numerator / denominator × multiplier.

    One unit of the last written decimal is allowed, so that rounded and truncated values both pass.
    A value off by exactly a power of ten is a slip of the unit: the counts prove it. Rows that
    another rule rejects for their value or counts are left to it.
    """
    usable = (table["denominator"] > 0) & ~table["data_kind"].isin(["gap", "index"])
    inside = table["value"].between(table["lower"], table["upper"]) & ~_part_above_whole(table)
    ratio = table["numerator"] / table["denominator"] * table["multiplier"]
    rounding = 10.0 ** -table["decimals"].astype("float64") + 1e-9 * ratio.abs().clip(lower=1)
    off = (table["value"] - ratio).abs() > rounding
    rows = table.assign(ratio=ratio)[usable & inside & (table["numerator"] >= 0) & off]
    slip = pd.Series([_slip(row) for row in rows.itertuples()], rows.index, float)
    shown = {
        "found": "value",
        "ratio": lambda r: float(round(r.ratio, max(int(r.decimals), 2))),
        "numerator": "numerator",
        "denominator": "denominator",
        "multiplier": "multiplier",
    }
    slips = rows.assign(slip=slip)[slip.notna()]
    return [
        *told(
            "unit_slip.counts", slips, "value", factor=lambda r: max(r.slip, 1 / r.slip), **shown
        ),
        *told("value_not_ratio", rows[slip.isna()], "value", **shown),
    ]


def _slip(r) -> float:
    factors = [factor for power in POWERS for factor in (power, 1 / power)]
    fits = (f for f in factors if r.value and abs(r.value * f - r.ratio) <= 10.0**-r.decimals * f)
    return next(fits, np.nan)


ROW_RULES = (
    missing_word,
    year_after_as_of,
    unit_mismatch,
    out_of_bounds,
    counts,
    numerator_over_denominator,
    value_not_ratio,
)

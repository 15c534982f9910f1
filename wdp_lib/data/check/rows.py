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
from wdp_lib.data.read.words import codes, counting_unit
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
        if given and fitting.isdisjoint(unit_codes(given)) and fold(given) != fold(unit):
            return column
    return None


def unit_codes(word: str) -> frozenset[str]:
    """Return the units a word may stand for."""
    return codes("unit").get(fold(word), frozenset())


_COUNTED_IN = {"persons": 1.0, "count": 1.0, "10k_persons": 1e4} | dict.fromkeys(
    ("yuan_per_month", "yuan_per_year", "yuan_per_case"), 1.0
)
_PEOPLE = frozenset({"persons", "count"})


def convert_units(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows with what is counted in ten thousands in the plan's unit, counts too.

    ``unit_converted`` warns; counts that are in neither unit are ``counts_in_other_unit``.
    """
    given = table["unit"].where(table["sign"] == "", table["sign"])
    pairs = list(zip(given, table["plan_unit"], strict=True))
    factors = {pair: _factor(*pair) for pair in set(pairs)}
    factor = pd.Series([factors[pair] for pair in pairs], table.index, dtype=float)
    understood = factor.notna() & table["value"].notna()
    table = table.assign(sign=table["sign"].where(~understood, ""))
    hits = understood & (factor != 1)
    if not hits.any():
        return table, []
    shift = np.log10(factor.where(hits, 1.0)).round().astype(int)
    written, converted = table["value"], table["value"] * 10.0**shift
    columns, odd = {}, pd.Series(False, table.index)
    for column in ("numerator", "denominator"):
        count = table[column]
        alike = hits & count.notna() & np.isclose(count, written)
        columns[column] = count.where(~alike, converted)
        whole = (column == "numerator") & hits & table["denominator"].isna()
        odd |= whole & count.notna() & ~alike & ~np.isclose(count, converted)
    result = table.assign(
        **columns,
        value=converted,
        decimals=table["decimals"] - shift,
        unit=table["unit"].where(~hits, table["plan_unit"]),
    )
    fill = {
        "unit": lambda r: code_name("unit", r.plan_unit),
        "code": "plan_unit",
        "value": "value",
        "found": lambda r: r.value_text if r.value_text.endswith(r.given) else _with(r),
    }
    rows = result.assign(given=given)
    wrong = told("counts_in_other_unit", rows[odd], "numerator", **fill | {"found": "numerator"})
    return result, [*told("unit_converted", rows[hits & ~odd], "value", **fill), *wrong]


def _with(row) -> str:
    return f"{row.value_text} {row.given}"


def _factor(given: str, plan_unit: str) -> float:
    """What turns a number in the unit given into the plan's; missing where that is no counting."""
    if not given or plan_unit not in _COUNTED_IN:
        return np.nan
    scale, unit = counting_unit(given)
    if "10k_persons" in unit_codes(given):
        scale, unit = 1e4, "persons"
    of_unit, people = unit_codes(unit), plan_unit in _PEOPLE or plan_unit == "10k_persons"
    fits = bool(of_unit & _PEOPLE) if people else plan_unit in of_unit
    return scale / _COUNTED_IN[plan_unit] if fits or (scale > 1 and not unit) else np.nan


def part_of_one(table: pd.DataFrame) -> list[Problem]:
    """``part_of_one``: a number of persons or cases that is not whole."""
    counted = table["plan_unit"].isin(_PEOPLE) & (table["data_kind"] == "count")
    hits = counted & (table["value"] % 1 != 0) & table["value"].notna()
    return told("part_of_one", table[hits], "value", found="value_text")


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
    part_of_one,
    out_of_bounds,
    counts,
    numerator_over_denominator,
    value_not_ratio,
)

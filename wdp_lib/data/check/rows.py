"""Quality rules within a row: each returns the problems it finds, over the whole table at once.

The table has the columns of a return, read, and the attributes of the row's indicator
(`wdp_lib.data.read.keys.complete_strata`).

"""

from __future__ import annotations

import numpy as np

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.names import fold
from wdp_lib.core.words import code_name
from wdp_lib.data.read.table import Table, Words
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


def within_rows(table: Table) -> list[Problem]:
    """Apply every rule of this module; order as listed, all problems at once."""
    return [problem for rule in ROW_RULES for problem in rule(table)]


def missing_word(table: Table) -> list[Problem]:
    """``missing_status``, ``missing_source``: a value needs a state and a source."""
    return [
        problem
        for column in ("status", "source")
        for problem in told(f"missing_{column}", table, table.words(column).isin(""), column)
    ]


def year_after_as_of(table: Table) -> list[Problem]:
    """``year_after_as_of``: a value cannot be known before its year has begun."""
    known = table.words("as_of").values(lambda day: float(day[:4]) if day else np.nan)
    hits = table["year"] > known
    return told("year_after_as_of", table, hits, "year", found=lambda r: str(r.year), as_of="as_of")


def unit_mismatch(table: Table) -> list[Problem]:
    """``unit_mismatch``: the unit of the row, or a % or ‰ sign, is not that of the indicator."""
    which, units = table.together("unit", "sign", "plan_unit")
    faults = np.array([_misfit(*one) or "" for one in units], dtype=object)
    if not any(faults):
        return []
    return [
        problem
        for column, found in (("unit", "unit"), ("value", "value_text"))
        for problem in told(
            "unit_mismatch",
            table,
            faults[which] == column,
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


def convert_units(table: Table) -> tuple[Table, list[Problem]]:
    """Return the rows with what is counted in ten thousands in the plan's unit, counts too.

    ``unit_converted`` warns; counts that are in neither unit are ``counts_in_other_unit``.
    """
    plain = table.words("sign").isin("")
    given = table.words("unit").where(plain, table.words("sign"))
    which, units = table.with_(given=given).together("given", "plan_unit")
    factor = np.array([_factor(*one) for one in units], float)[which]
    understood = ~np.isnan(factor) & ~np.isnan(table["value"])
    sign = table.words("sign").where(~understood, Words.all_of("", len(table)))
    table = table.with_(sign=sign)
    hits = understood & (factor != 1)
    if not hits.any():
        return table, []
    shift = np.log10(np.where(hits, factor, 1.0)).round().astype(int)
    written, converted = table["value"], table["value"] * 10.0**shift
    columns, odd = {}, np.zeros(len(table), dtype=bool)
    for column in ("numerator", "denominator"):
        count = table[column]
        alike = hits & ~np.isnan(count) & np.isclose(count, written)
        columns[column] = np.where(alike, converted, count)
        whole = (column == "numerator") & hits & np.isnan(table["denominator"])
        odd |= whole & ~np.isnan(count) & ~alike & ~np.isclose(count, converted)
    result = table.with_(
        **columns,
        value=converted,
        decimals=table["decimals"] - shift,
        unit=table.words("unit").where(~hits, table.words("plan_unit")),
    )
    fill = {
        "unit": lambda r: code_name("unit", r.plan_unit),
        "code": "plan_unit",
        "value": "value",
        "found": lambda r: r.value_text if r.value_text.endswith(r.given) else _with(r),
    }
    rows = result.with_(given=given)
    wrong = told("counts_in_other_unit", rows, odd, "numerator", **fill | {"found": "numerator"})
    return result, [*told("unit_converted", rows, hits & ~odd, "value", **fill), *wrong]


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


def part_of_one(table: Table) -> list[Problem]:
    """``part_of_one``: a number of persons or cases that is not whole."""
    counted = table.words("plan_unit").isin(*_PEOPLE) & table.words("data_kind").isin("count")
    hits = counted & (table["value"] % 1 != 0) & ~np.isnan(table["value"])
    return told("part_of_one", table, hits, "value", found="value_text")


def out_of_bounds(table: Table) -> list[Problem]:
    """``out_of_bounds``: impossible by the plan's bounds; the advice names the likely value."""
    hits = (table["value"] < table["lower"]) | (table["value"] > table["upper"])
    return told(
        "out_of_bounds",
        table,
        hits,
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


def counts(table: Table) -> list[Problem]:
    """``negative_count``, ``incomplete_counts``, ``zero_denominator``: counts of no value."""
    problems = []
    for column in ("numerator", "denominator"):
        hits = table[column] < 0
        if column == "numerator":
            hits &= ~table.words("data_kind").isin("gap")
        problems += told("negative_count", table, hits, column, found=column)
    parts = ("numerator", "denominator", "multiplier")
    lacking = np.any([np.isnan(table[part]) for part in parts], axis=0)
    valued = ~np.isnan(table["value"])
    problems += told("incomplete_counts", table, ~valued & lacking, "value")
    return problems + told(
        "zero_denominator", table, (table["denominator"] == 0) & valued, "denominator"
    )


def numerator_over_denominator(table: Table) -> list[Problem]:
    """``numerator_over_denominator``: a part above its whole.

    Gross ratios, whose upper bound lies above the multiplier (104 % enrolment), may have it.
    """
    return told(
        "numerator_over_denominator",
        table,
        _part_above_whole(table),
        "numerator",
        found="numerator",
        denominator="denominator",
    )


def _part_above_whole(table: Table) -> np.ndarray:
    bounded = (table["upper"] <= table["multiplier"]) & (table["denominator"] > 0)
    return bounded & (table["numerator"] > table["denominator"])


def value_not_ratio(table: Table) -> list[Problem]:
    """``value_not_ratio``, ``unit_slip``: not numerator / denominator × multiplier.

    One unit of the last written decimal is allowed, so that rounded and truncated values both pass.
    A value off by exactly a power of ten is a slip of the unit: the counts prove it. Rows that
    another rule rejects for their value or counts are left to it.
    """
    numerator, denominator, value = table["numerator"], table["denominator"], table["value"]
    usable = (denominator > 0) & ~table.words("data_kind").isin("gap", "index")
    inside = (value >= table["lower"]) & (value <= table["upper"]) & ~_part_above_whole(table)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = numerator / denominator * table["multiplier"]
    rounding = 10.0 ** -table["decimals"].astype("float64") + 1e-9 * np.fmax(np.abs(ratio), 1)
    off = usable & inside & (numerator >= 0) & (np.abs(value - ratio) > rounding)
    slip = np.full(len(table), np.nan)
    for row in table.rows(off, ratio=ratio):
        slip[row.place] = _slip(row)
    more = {"ratio": ratio, "slip": slip}
    shown = {
        "found": "value",
        "ratio": lambda r: float(round(r.ratio, max(int(r.decimals), 2))),
        "numerator": "numerator",
        "denominator": "denominator",
        "multiplier": "multiplier",
    }
    larger = {"factor": lambda r: max(r.slip, 1 / r.slip)}
    return [
        *told("unit_slip.counts", table, off & ~np.isnan(slip), "value", more, **larger, **shown),
        *told("value_not_ratio", table, off & np.isnan(slip), "value", more, **shown),
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

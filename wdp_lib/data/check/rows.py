"""Quality rules within a row: each returns the problems it finds, vectorised over the whole table.

The table has the columns of a return, read, and the attributes of the row's indicator
(`wdp_lib.data.read.keys.indicator_attributes`); ``decimals`` is the number of decimals of ``value`` as written.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.words import code_name
from wdp_lib.data.read.cells import EMPTY
from wdp_lib.data.read.words import codes, fold

POWERS = (10.0, 100.0, 1000.0, 100000.0)
# a bare % after a gap between two percentages is what people write; a count of people is a number of persons
_SAME_UNIT = {
    "percentage_points": frozenset({"percent"}),
    "count": frozenset({"persons"}),
    "persons": frozenset({"count"}),
}


def show(number: float) -> str:
    """Return the number as a person would write it, without a trailing ``.0``."""
    return f"{number:.10g}"


def which(row) -> Text:
    """Return indicator, area and year of a row, so that a message can be understood without the file."""
    return Text(
        f"{row.name_zh}，{row.area_zh}，{row.year} 年", f"{row.name_en}, {row.area_en}, {row.year}"
    )


def within_rows(table: pd.DataFrame) -> list[Problem]:
    """Apply every rule of this module; order as listed, all problems at once."""
    return [problem for rule in ROW_RULES for problem in rule(table)]


def missing_word(table: pd.DataFrame) -> list[Problem]:
    """``missing_status``, ``missing_source``: a value needs a state and a source."""
    listed = Text("最终、初步或估计", "final, provisional or estimated")
    return [
        *_empty(table, "status", listed, Text("请填写数据状态。", "Say how final the value is.")),
        *_empty(
            table,
            "source",
            Text("来源的标题", "the title of the source"),
            Text("请填写来源。", "Name the source."),
        ),
    ]


def _empty(table: pd.DataFrame, column: str, expected: Text, advice: Text) -> list[Problem]:
    hits = table[table[column] == ""]
    return [
        Problem(f"missing_{column}", r.file, r.row, column, EMPTY, expected, advice)
        for r in hits.itertuples()
    ]


def year_after_as_of(table: pd.DataFrame) -> list[Problem]:
    """``year_after_as_of``: a value cannot be known before its year has begun."""
    known = pd.to_numeric(table["as_of"].str[:4], errors="coerce")
    hits = table[table["year"].astype("float64") > known]
    return [
        Problem(
            "year_after_as_of",
            r.file,
            r.row,
            "year",
            str(r.year),
            Text(
                f"不晚于可知日期 {r.as_of} 的年份",
                f"a year not after {r.as_of}, when the value is said to be known",
            ),
            Text("请核对年份和可知日期。", "Check the year and the column as_of."),
        )
        for r in hits.itertuples()
    ]


def unit_mismatch(table: pd.DataFrame) -> list[Problem]:
    """``unit_mismatch``: the unit named in the row, or a % or ‰ sign, is not that of the plan's indicator."""
    words = set(zip(table["unit"], table["sign"], table["plan_unit"], strict=True))
    wrong = {key: fault for key in words if (fault := _misfit(*key))}
    faults = [
        wrong.get(key) for key in zip(table["unit"], table["sign"], table["plan_unit"], strict=True)
    ]
    problems = []
    for r in table.assign(fault=faults)[[fault is not None for fault in faults]].itertuples():
        column = r.fault
        found = r.unit if column == "unit" else r.value_text
        unit, name = code_name("unit", r.plan_unit), which(r)
        problems.append(
            Problem(
                "unit_mismatch",
                r.file,
                r.row,
                column,
                Text(f"{found}（{name.zh}）", f"{found} ({name.en})"),
                Text(f"单位“{unit.zh}”（{r.plan_unit}）", f"the unit {r.plan_unit} ({unit.en})"),
                Text("请换算成规划所用单位后填报。", "Convert the value to the unit of the plan."),
            )
        )
    return problems


def _misfit(word: str, sign: str, unit: str) -> str | None:
    if not _unit_fits(word, unit):
        return "unit"
    return None if _unit_fits(sign, unit) else "value"


def _unit_fits(word: str, unit: str) -> bool:
    return word == "" or not (_SAME_UNIT.get(unit, frozenset()) | {unit}).isdisjoint(
        unit_codes(word)
    )


def unit_codes(word: str) -> frozenset[str]:
    """Return the units a word may stand for."""
    return codes("unit").get(fold(word), frozenset())


def convert_ten_thousands(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows with counts of people in the plan's unit, persons or ten thousands; ``unit_converted`` warns."""
    words = {word: unit_codes(word) for word in table["unit"].unique()}
    given = (
        table["unit"]
        .map({word: "10k_persons" in found for word, found in words.items()})
        .astype(bool)
    )
    single = (
        table["unit"].map({word: "persons" in found for word, found in words.items()}).astype(bool)
    )
    down = given & table["plan_unit"].isin(["persons", "count"]) & table["value"].notna()
    up = single & (table["plan_unit"] == "10k_persons") & table["value"].notna()
    shift = down.astype(int) * 4 - up.astype(int) * 4
    converted = table.assign(
        value=table["value"] * 10.0**shift,
        decimals=table["decimals"] - shift,
        unit=table["unit"].where(shift == 0, table["plan_unit"]),
    )
    return converted, [
        _converted(r) for r in converted.assign(given=table["unit"])[shift != 0].itertuples()
    ]


def _converted(r) -> Problem:
    unit = code_name("unit", r.plan_unit)
    return Problem(
        "unit_converted",
        r.file,
        r.row,
        "value",
        f"{r.value_text} {r.given}",
        Text(f"单位“{unit.zh}”", f"the unit {r.plan_unit}"),
        Text(f"已换算为 {show(r.value)}。", f"It was converted to {show(r.value)}."),
        "warn",
    )


def out_of_bounds(table: pd.DataFrame) -> list[Problem]:
    """``out_of_bounds``: the value is impossible by the plan's bounds; the advice names the likely value."""
    hits = table[(table["value"] < table["lower"]) | (table["value"] > table["upper"])]
    return [_out_of_bounds(r) for r in hits.itertuples()]


def _out_of_bounds(r) -> Problem:
    perhaps, name = _perhaps(r), which(r)
    hint_zh, hint_en = (
        (f"是否应为 {show(perhaps)}？", f"Perhaps {show(perhaps)}? ")
        if perhaps is not None
        else ("", "")
    )
    return Problem(
        "out_of_bounds",
        r.file,
        r.row,
        "value",
        Text(f"{show(r.value)}（{name.zh}）", f"{show(r.value)} ({name.en})"),
        bounds(r.lower, r.upper),
        Text(f"{hint_zh}请核对后改正。", f"{hint_en}Check and correct it."),
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


def _perhaps(r) -> float | None:
    candidates = [r.value / power for power in POWERS] + [-r.value]
    if r.denominator > 0 and r.numerator >= 0 and not np.isnan(r.multiplier):
        ratio = r.numerator / r.denominator * r.multiplier
        candidates = [c for c in candidates if abs(c - ratio) <= 0.01 * abs(ratio)] + [
            round(ratio, 2)
        ]
    return next((float(show(c)) for c in candidates if r.lower <= c <= r.upper), None)


def counts(table: pd.DataFrame) -> list[Problem]:
    """``negative_count``, ``incomplete_counts``, ``zero_denominator``: counts that cannot stand behind a value."""
    problems = []
    for column in ("numerator", "denominator"):
        hits = table[
            (table[column] < 0) & ~((column == "numerator") & (table["data_kind"] == "gap"))
        ]
        expected, advice = (
            Text("不小于 0 的数", "a number not below 0"),
            Text("请核对后改正。", "Check and correct it."),
        )
        problems += [
            Problem(
                "negative_count", r.file, r.row, column, show(getattr(r, column)), expected, advice
            )
            for r in hits.itertuples()
        ]
    lacking = table[table["value"].isna() & table["multiplier"].notna()]
    problems += [
        _incomplete(r)
        for r in lacking.itertuples()
        if np.isnan(r.numerator) or np.isnan(r.denominator)
    ]
    problems += [
        _incomplete(r)
        for r in table[table["value"].isna() & table["multiplier"].isna()].itertuples()
    ]
    empty = table[(table["denominator"] == 0) & table["value"].notna()]
    return problems + [_zero_denominator(r) for r in empty.itertuples()]


def _incomplete(r) -> Problem:
    return Problem(
        "incomplete_counts",
        r.file,
        r.row,
        "value",
        EMPTY,
        Text("数值，或齐全的分子和分母", "a value, or both numerator and denominator"),
        Text(
            "请补齐；没有数据时三格都留空。",
            "Fill it in; if there is no figure leave all three cells empty.",
        ),
    )


def _zero_denominator(r) -> Problem:
    return Problem(
        "zero_denominator",
        r.file,
        r.row,
        "denominator",
        "0",
        Text(
            "大于 0 的数；分母为 0 时数值留空",
            "a number above 0; with a denominator of 0 the value stays empty",
        ),
        Text("请核对分母，或把数值留空。", "Check the denominator, or leave the value empty."),
    )


def numerator_over_denominator(table: pd.DataFrame) -> list[Problem]:
    """``numerator_over_denominator``: a part above its whole, where the plan's bound does not allow it.

    Gross ratios, whose upper bound lies above the multiplier (104 % enrolment), may have it.
    """
    hits = table[_part_above_whole(table)]
    advice = Text(
        "请核对分子、分母是否填反或口径不同。",
        "Check whether they were swapped or speak of different people.",
    )
    problems = []
    for r in hits.itertuples():
        name = which(r)
        problems.append(
            Problem(
                "numerator_over_denominator",
                r.file,
                r.row,
                "numerator",
                Text(f"{show(r.numerator)}（{name.zh}）", f"{show(r.numerator)} ({name.en})"),
                Text(
                    f"不大于分母 {show(r.denominator)}",
                    f"not more than the denominator {show(r.denominator)}",
                ),
                advice,
            )
        )
    return problems


def _part_above_whole(table: pd.DataFrame) -> pd.Series:
    bounded = (table["upper"] <= table["multiplier"]) & (table["denominator"] > 0)
    return bounded & (table["numerator"] > table["denominator"])


def value_not_ratio(table: pd.DataFrame) -> list[Problem]:
    """``value_not_ratio``, ``unit_slip``: the value is not numerator / denominator × multiplier, beyond rounding.

    One unit of the last written decimal is allowed, so that rounded and truncated values both pass. A value off by
    exactly a power of ten is a slip of the unit: the counts prove it. Rows that another rule rejects for their value or
    counts are left to it.
    """
    usable = (table["denominator"] > 0) & ~table["data_kind"].isin(["gap", "index"])
    inside = table["value"].between(table["lower"], table["upper"]) & ~_part_above_whole(table)
    rows = table[usable & inside & (table["numerator"] >= 0) & table["multiplier"].notna()]
    ratio = rows["numerator"] / rows["denominator"] * rows["multiplier"]
    off = (rows["value"] - ratio).abs() > _rounding(rows["decimals"], ratio)
    rows = rows.assign(ratio=ratio)[off]
    return [_not_ratio(r) for r in rows.itertuples()]


def _rounding(decimals: pd.Series, ratio: pd.Series) -> pd.Series:
    return 10.0 ** -decimals.astype("float64") + 1e-9 * ratio.abs().clip(lower=1)


def _not_ratio(r) -> Problem:
    factors = [factor for power in POWERS for factor in (power, 1 / power)]
    slip = next(
        (f for f in factors if r.value and abs(r.value * f - r.ratio) <= 10.0**-r.decimals * f),
        None,
    )
    name, ratio = which(r), show(round(r.ratio, max(int(r.decimals), 2)))
    if slip:
        off_zh, off_en = (
            f"与分子、分母相差 {show(max(slip, 1 / slip))} 倍",
            f"off by a factor {show(max(slip, 1 / slip))}",
        )
        advice = Text(
            f"{off_zh}，应是单位填错，请改正。", f"It is {off_en}, a slip of the unit: correct it."
        )
    else:
        advice = Text("请核对数值、分子和分母。", "Check value, numerator and denominator.")
    return Problem(
        "unit_slip" if slip else "value_not_ratio",
        r.file,
        r.row,
        "value",
        Text(f"{show(r.value)}（{name.zh}）", f"{show(r.value)} ({name.en})"),
        Text(
            f"{ratio}（{show(r.numerator)} ÷ {show(r.denominator)} × {show(r.multiplier)}）",
            f"{ratio} ({show(r.numerator)} / {show(r.denominator)} x {show(r.multiplier)})",
        ),
        advice,
    )


ROW_RULES = (
    missing_word,
    year_after_as_of,
    unit_mismatch,
    out_of_bounds,
    counts,
    numerator_over_denominator,
    value_not_ratio,
)

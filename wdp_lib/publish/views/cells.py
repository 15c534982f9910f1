"""How a cell is written, by name, and which numbers stand behind it.

A writer is ``f(value, row, context, *columns) -> str``; ``row`` has every column of the table
as an attribute.
"""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import (
    TO_CONFIRM,
    bracketed,
    near_probability,
    number,
    probability,
    promise,
    published,
    quantity,
    rounded,
    span,
    whole_percent,
)

NONE = "—"
HELD = "held_constant"  # said not to be extrapolated: no figure beside it
PARTS = {  # columns behind a cell of several figures, and what stands behind their headings
    "span": ("lower", "upper"),
    "ends": ("lower", "upper"),
    "counts": ("numerator", "denominator"),
    "part_of": ("numerator", "denominator"),
    "rate": ("numerator", "denominator"),
    "with_year": ("", "year"),
    "last": ("", "year"),
    "forecast": ("", "lower", "upper"),
    "ratio": ("", "lower", "upper"),
    "percents": ("", "lower", "upper"),
    "estimate": ("", "lower", "upper"),
    "grade": ("", "n"),
    "years": ("first", "last"),
    "ranks": ("", "lower", "upper"),
    "inside": ("50 %", "80 %", "95 %"),
    "figures": ("", "line"),
    "band": ("lower", "upper"),
    "last_short": ("", "year"),
}
PART_WORDS = {
    "lower": Text("下限", "lower end"),
    "upper": Text("上限", "upper end"),
    "numerator": Text("分子", "numerator"),
    "denominator": Text("分母", "denominator"),
    "year": Text("年份", "year"),
    "n": Text("点数", "points"),
    "first": Text("首年", "first year"),
    "last": Text("末年", "last year"),
    "line": Text("界线", "line"),
}


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing."""
    return value == "" if isinstance(value, str) else bool(pd.isna(value))


def last_text(row, context: Context) -> str:
    """Return the last value with unit and year."""
    if pd.isna(row.last_value):
        return NONE
    entry = context.plan.indicator(row.indicator)
    marks = [str(int(row.last_year))]
    if entry.data_kind == "rare_rate" and pd.notna(row.last_upper):
        marks.append(f"{row.numerator:.0f}/{row.denominator:.0f}")
        between = span(row.last_lower, row.last_upper, entry.unit)
        marks.append(context.pick(f"95% 区间 {between}", f"95 % interval {between}"))
    if row.stale:
        marks.append(context.pick("陈旧", "stale"))
    if row.definition_match == "partial":
        marks.append(context.pick("口径部分一致", "definition partly different"))
    value = quantity(row.last_value, entry.unit, context.language)
    return bracketed(value, context.pick("，", ", ").join(marks), context.language)


def target_text(row, context: Context) -> str:
    """Return the target of a risk row in words."""
    entry = context.plan.indicator(row.indicator)
    baseline = row.baseline_value if pd.notna(row.baseline_value) else None
    return promise(entry, context.language, baseline, row.baseline_year)


def why_text(row, context: Context) -> str:
    """Return the reasons behind state, outlook and volatility in words, each once."""
    codes = [row.state_reason, row.reason]
    codes += [row.volatility_reason] if row.volatility == "volatile" else []
    words = list(dict.fromkeys(context.word("reason", code) for code in codes if code))
    if row.dips:
        words.append(context.pick(f"跌破年份 {row.dips}", f"fell below in {row.dips}"))
    return context.joined(words, clauses=True)


def forecast_text(row, context: Context) -> str:
    """Return the median forecast for the target year with its 80 % interval."""
    unit = context.unit_of(row.indicator)
    if pd.isna(row.forecast_median) or (row.stale and row.grade == "D") or row.reason == HELD:
        return NONE
    between = span(row.forecast_lower, row.forecast_upper, unit)
    return bracketed(number(row.forecast_median, unit), between, context.language)


def ends(lower: float, upper: float, unit: str, language: str) -> str:
    """Return an interval whose ends may be negative: ``-6.6 至 -4.7``."""
    if pd.isna(lower) or pd.isna(upper):
        return NONE
    return (" to " if language == "en" else " 至 ").join((number(lower, unit), number(upper, unit)))


def _p_meet(value, row, context: Context) -> str:
    return NONE if row.reason == HELD else probability(value, context.language)


def _margin(value, row, context: Context) -> str:
    return ("+" if value > 0 else "") + published(value, context.unit_of(row.indicator))


def _grade(value, row, context: Context, *columns) -> str:
    return f"{NONE if value == 'none' else value}, n={int(row.n)}"


def _with_year(value, row, context: Context, column: str, year: str) -> str:
    shown = number(value, context.unit_of(row.indicator))
    return bracketed(shown, str(int(getattr(row, year))), context.language)


def _last_short(value, row, context: Context, *columns) -> str:
    shown = quantity(value, context.unit_of(row.indicator), context.language)
    return bracketed(shown, str(int(row.last_year)), context.language)


def _hardest(value, row, context: Context, *columns) -> str:
    return f"{context.name(value)} {probability(row.p_hardest, context.language)}"


def _goal(value, row, context: Context) -> str:
    name = f"{value} {context.text(context.plan.goal(value).title)}"
    if getattr(row, "evidence", "") != "to_confirm":
        return name
    return bracketed(name, context.text(TO_CONFIRM), context.language)


def _rate(value, row, context: Context, part: str, whole: str) -> str:
    part, whole = getattr(row, part), getattr(row, whole)
    return f"{part}/{whole} = {100 * part / whole:.1f}%" if whole else f"{part}/{whole}"


def _measure(value, context: Context) -> str:
    return f"{value} {context.text(context.plan.measure(value).title)}"


def _listed(name):
    """Return the writer of several names joined by ``;`` in a cell."""

    def write(value, row, context: Context) -> str:
        return context.joined(name(part, context) for part in str(value).split(";") if part)

    return write


def _first_measures(value, row, context: Context) -> str:
    found = [context.plan.measure(m) for m in value.split(";") if m]
    return context.joined((context.text(m.title) for m in found[:3]), clauses=True)


def warned_figure(value, row, context: Context, *columns) -> str:
    """Return a figure of a warning as its rule counts: a probability, years, or a value."""
    if pd.isna(value):
        return NONE
    if row.rule == "probability_of_missing":
        return near_probability(value, context.language)
    if row.rule in ("no_data", "stale", "estimates_only", "provisional", "status_flips"):
        return f"{value:.0f}"
    return number(value, context.unit_of(row.indicator))


def _figures(value, row, context: Context, *columns) -> str:
    return " / ".join(warned_figure(x, row, context) for x in (row.figure, row.threshold))


def _clears(value, row, context: Context) -> str:
    said, at = context.word("clears_when", value), warned_figure(row.clears_at, row, context)
    said = said if at == NONE else bracketed(said, at, context.language)
    if pd.isna(row.needed_next):
        return said
    next_value = rounded(row.needed_next, context.unit_of(row.indicator), context.language)
    return said + context.pick(f"；下一年须达 {next_value}", f"; next year {next_value}")


def _slope(value, row, context: Context) -> str:
    unit = context.unit_of(row.indicator)
    unit = "percentage_points" if unit == "percent" else unit
    return f"{value:+.3g} {context.word('unit', unit)}"


def _ratio(value, row, context: Context, *columns) -> str:
    low, high = (getattr(row, name) for name in columns[1:])
    return f"{value:.2f}" + ("" if pd.isna(low) else f" [{low:.2f}–{high:.2f}]")


def _percents(value, row, context: Context, *columns) -> str:
    low, high = (getattr(row, name) for name in columns[1:])
    between = "" if pd.isna(low) else f" [{whole_percent(low)}–{whole_percent(high)}]"
    return whole_percent(value) + between


def _inside(value, row, context: Context, *columns) -> str:
    values = [getattr(row, name) for name in columns]
    return NONE if pd.isna(values[0]) else " / ".join(map(whole_percent, values))


def _estimate(value, row, context: Context, *columns) -> str:
    unit = "ratio" if row.unit == "rate_ratio" else context.unit_of(row.indicator)
    shown = number(value, "ratio") if unit == "ratio" else f"{value:+.1f}"
    if pd.isna(row.lower) or pd.isna(row.upper):
        return shown
    inner = f"{number(row.lower, unit)}, {number(row.upper, unit)}"
    return bracketed(shown, inner, context.language)


def _ranks(value, row, context: Context, *columns) -> str:
    between = "" if pd.isna(row.rank_lower) else f" ({row.rank_lower}–{row.rank_upper})"
    return f"{value}{between}"


def _counts(value, row, context: Context, *columns) -> str:
    values = [getattr(row, name) for name in columns]
    return "/".join(f"{x:.0f}" for x in values if pd.notna(x)) or NONE


def _span(value, row, context: Context, lower: str, upper: str) -> str:
    return span(getattr(row, lower), getattr(row, upper), context.unit_of(row.indicator))


def _ends(value, row, context: Context, lower: str, upper: str) -> str:
    unit = context.unit_of(row.indicator)
    return ends(getattr(row, lower), getattr(row, upper), unit, context.language)


def _years(value, row, context: Context, first: str, last: str) -> str:
    return f"{int(getattr(row, first))}–{int(getattr(row, last))}"


def _numerator(value, row, context: Context) -> str:
    return context.text(context.plan.indicator(value).numerator) or NONE


def _needed(value, row, context: Context) -> str:
    known = pd.notna(row.change)
    return f"{row.change:+,.0f}" if known else context.word("reason", row.reason) or NONE


def _stratum(value, row, context: Context) -> str:
    """An indicator, with the residence where it is not everybody's."""
    if row.residence == "all":
        return context.name(value)
    return bracketed(
        context.name(value), context.word("residence", row.residence), context.language
    )


def _unit(name, context: Context) -> str:
    return context.text(context.plan.unit(name).name)


def _plan_target(value, row, context: Context) -> str:
    return promise(context.plan.indicator(value), context.language)


# figures: the column itself stands in the table of numbers
NUMBERS = {
    "whole": lambda v, row, c: f"{float(v):,.0f}",
    "year": lambda v, row, c: str(int(v)),
    "number": lambda v, row, c: f"{float(v):.3g}",
    "decimals": lambda v, row, c: f"{v:.3f}",
    "tenths": lambda v, row, c: f"{v:.1f}",
    "signed": lambda v, row, c: f"{v:+,.0f}",
    "value": lambda v, row, c: number(float(v), c.unit_of(row.indicator)),
    "published": lambda v, row, c: published(v, c.unit_of(row.indicator)),
    "quantity": lambda v, row, c: quantity(float(v), c.unit_of(row.indicator), c.language),
    "about": lambda v, row, c: rounded(v, c.unit_of(row.indicator), c.language),
    "probability": lambda v, row, c: probability(float(v), c.language),
    "share": lambda v, row, c: f"{100 * float(v):.1f}%",
    "percent": lambda v, row, c: whole_percent(v),
    "rounded_percent": lambda v, row, c: f"{100 * v:.0f}%",
    "p_meet": _p_meet,
    "margin": _margin,
    "slope": _slope,
    "needed": _needed,
}
# several figures in one cell: the columns behind it stand in the table of numbers
FIGURES = {
    "span": _span,
    "ends": _ends,
    "counts": _counts,
    "rate": _rate,
    "with_year": _with_year,
    "band": lambda v, row, c, *columns: f"{100 * row.lower:.0f}–{100 * row.upper:.0f}%",
    "last_short": _last_short,
    "last": lambda v, row, c, *columns: last_text(row, c),
    "forecast": lambda v, row, c, *columns: forecast_text(row, c),
    "ratio": _ratio,
    "percents": _percents,
    "inside": _inside,
    "estimate": _estimate,
    "grade": _grade,
    "years": _years,
    "ranks": _ranks,
    "figures": _figures,
    "part_of": lambda v, row, c, part, whole: f"{getattr(row, part)}/{getattr(row, whole)}",
}
# words: the same in both tables
WORDS = {
    "text": lambda v, row, c: str(v),
    "yes_no": lambda v, row, c: c.pick("是", "yes") if v else c.pick("否", "no"),
    "indicator": lambda v, row, c: c.name(v),
    "stratum": _stratum,
    "indicators": _listed(lambda part, c: c.name(part)),
    "goal": _goal,
    "ids": _listed(lambda part, c: part),
    "domain": lambda v, row, c: c.text(c.plan.domain(v).name),
    "units": _listed(_unit),
    "measure": lambda v, row, c: _measure(v, c),
    "measures": _listed(_measure),
    "first_measures": _first_measures,
    "project": lambda v, row, c: c.text(c.plan.project(v).name),
    "areas": _listed(lambda part, c: c.area(part)),
    "target": lambda v, row, c: target_text(row, c),
    "plan_target": _plan_target,
    "why": lambda v, row, c: why_text(row, c),
    "hardest": _hardest,
    "clears": _clears,
    "numerator": _numerator,
    "cautions": lambda v, row, c: c.joined(
        (c.word("caution", p) for p in v.split(";")), clauses=True
    ),
}
ALWAYS = {"why", "inside", "needed", "counts", "span", "ends", "rate", "last", "figures", "target"}


def write(column, row, context: Context) -> str:
    """Return the words of one cell; a missing value is a dash, a missing domain the whole plan."""
    kind, _, argument = column.cell.partition(":")
    value = getattr(row, column.name)
    if kind == "word":
        if is_missing(value):
            return NONE
        codes = [code for code in str(value).split(";") if code]
        return context.joined(word(argument, code, context.language) for code in codes)
    if kind not in ALWAYS and is_missing(value):
        return context.pick("合计", "whole plan") if kind == "domain" else NONE
    writer = NUMBERS.get(kind) or FIGURES.get(kind) or WORDS[kind]
    shown = writer(value, row, context, *(argument.split(",") if argument else ()))
    return " ".join(shown.split()) or NONE

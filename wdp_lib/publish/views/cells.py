"""How a cell is written, by name, and which numbers stand behind it.

A writer is ``f(value, row, context) -> str``; ``row`` has every column of the table as an
attribute.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import (
    NONE,
    TO_CONFIRM,
    bracketed,
    distance,
    near_probability,
    number,
    probability,
    published,
    quantity,
    rate_text,
    ratio,
    rounded,
    span,
    target_words,
    whole_percent,
)
from wdp_lib.publish.views.why import HELD, forecast_text, why_text

FEW = 100  # events of pooled years that are told beside a single year
EXACT = ("no_data", "stale", "estimates_only", "provisional", "status_flips")  # years, numbers
PARTS = {  # columns behind a cell of several figures, and what stands behind their headings
    "span": ("lower", "upper"),
    "ends": ("lower", "upper"),
    "counts": ("numerator", "denominator"),
    "part_of": ("numerator", "denominator"),
    "rate": ("numerator", "denominator"),
    "with_year": ("", "year"),
    "last": ("", "year"),
    "forecast": ("", "lower", "upper"),
    "forecast_without": ("", "lower", "upper"),
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
    if pd.notna(getattr(row, "pooled_events", None)) and row.pooled_events < FEW:
        since, until = int(row.pooled_from), int(row.last_year)
        events = f"{row.pooled_events:.0f}/{row.pooled_exposure:.0f}"
        marks.append(context.pick(f"{since}—{until} 年合计 ", f"{since}–{until} in all ") + events)
    if getattr(row, "stale", False):
        marks.append(context.pick("陈旧", "stale"))
    if getattr(row, "definition_match", "") == "partial":
        marks.append(context.pick("口径部分一致", "definition partly different"))
    value = quantity(row.last_value, entry.unit, context.language)
    return bracketed(value, context.pick("，", ", ").join(marks), context.language)


def target_text(row, context: Context) -> str:
    """Return the target of a risk row in words."""
    entry = context.plan.indicator(row.indicator)
    lines = [edge for edge in (row.target_lower, row.target_upper) if pd.notna(edge)]
    due = getattr(row, "target_year", entry.target.year)
    if entry.target.is_number and lines and due != entry.target.year:  # a milestone
        entry = replace(entry, target=replace(entry.target, value=sum(lines) / len(lines)))
    baseline = row.baseline_value if pd.notna(row.baseline_value) else None
    line = lines[0] if lines else None
    said = target_words(entry, context.language, baseline, row.baseline_year, line)
    if not entry.target.reference:
        return said
    name = context.name(entry.target.reference)
    said = said.replace(context.pick("参照指标", "the reference indicator"), name)
    least = "" if line is None else quantity(line, entry.unit, context.language)
    return said + (context.pick(f"，即 ≥ {least}", f": ≥ {least}") if least else "")


def chance_text(row, context: Context) -> str:
    """Return the probability of the target; with two edges, also the one the class rests on."""
    if row.reason == HELD:
        return NONE
    value = row.p_meet
    shown, enough = probability(value, context.language), getattr(row, "p_not_short", value)
    if pd.isna(enough) or enough - value < 0.005:
        return shown
    beside = probability(enough, context.language)
    inner = context.pick(f"不低于下限 {beside}", f"not below the lower edge {beside}")
    return bracketed(shown, inner, context.language)


def _margin(value, row, context: Context) -> str:
    """The distance from the line, of the lowest part of the area where that decides."""
    entry = context.plan.indicator(row.indicator)
    shown = distance(value, entry.unit)
    if entry.target.statistic != "lowest_area":
        return shown
    lowest = quantity(row.target_lower + value, entry.unit, context.language)
    part = context.facts["part"]
    inner = context.pick(f"最低{part} {lowest}", f"lowest {part} {lowest}")
    return bracketed(shown, inner, context.language)


def _change(value, row, context: Context) -> str:
    unchanged = context.pick("持平", "unchanged")
    return distance(value, context.unit_of(row.indicator)) if value else unchanged


def ends(lower: float, upper: float, unit: str, language: str) -> str:
    """Return an interval whose ends may be negative: ``-6.6 至 -4.7``."""
    if pd.isna(lower) or pd.isna(upper):
        return NONE
    return (" to " if language == "en" else " 至 ").join((number(lower, unit), number(upper, unit)))


def _goal(value, row, context: Context) -> str:
    name = f"{value} {context.text(context.plan.goal(value).title)}"
    if getattr(row, "evidence", "") != "to_confirm":
        return name
    return bracketed(name, context.text(TO_CONFIRM), context.language)


def _listed(name):
    def write(value, row, context: Context) -> str:
        return context.joined(name(part, context) for part in str(value).split(";") if part)

    return write


def _measure(value, context: Context) -> str:
    return context.text(context.plan.measure(value).title)


def _commitment(value, context: Context) -> str:
    made = next(one for one in context.plan.commitments if one.id == value)
    return context.text(made.wording)


def _first_measures(value, row, context: Context) -> str:
    found = [context.plan.measure(m) for m in value.split(";") if m]
    return context.joined((context.text(m.title) for m in found[:3]), clauses=True)


def _of_year(value, row, context: Context) -> str:
    """A value of the year; of few cases with the counts behind it, as where it is judged."""
    if pd.isna(row.pooled_events) or row.last_year != row.year:
        return quantity(float(value), context.unit_of(row.indicator), context.language)
    return last_text(SimpleNamespace(**vars(row) | {"last_value": value}), context)


def warned_figures(row, context: Context, *figures: float) -> str:
    """Return a figure beside its line, with the decimals it takes to tell them apart."""
    shown = [warned_figure(x, row, context) for x in figures]
    alike = len(set(shown)) < len(set(figures)) and row.rule not in EXACT
    return " / ".join([f"{x:.3g}" for x in figures] if alike else shown)


def warned_figure(value, row, context: Context) -> str:
    """Return a figure of a warning as its rule counts: a probability, years, or a value."""
    if pd.isna(value):
        return NONE
    if row.rule == "probability_of_missing":
        return near_probability(value, context.language)
    if row.rule in EXACT:
        return f"{value:.0f}"
    return number(value, context.unit_of(row.indicator))


def _clears(value, row, context: Context) -> str:
    said, at = context.word("clears_when", value), warned_figure(row.clears_at, row, context)
    said = said if at == NONE else bracketed(said, at, context.language)
    solved = pd.notna(row.clears_next)
    if not solved and pd.isna(row.needed_next):
        return said
    unit = context.unit_of(row.indicator)
    if solved:
        value = quantity(float(row.clears_next), unit, context.language)
        return said + context.pick(
            f"；下一年为 {value} 时可解除", f"; a value of {value} next year clears it"
        )
    value = rounded(row.needed_next, unit, context.language)
    return said + context.pick(f"；序时进度下一年为 {value}", f"; on schedule next year: {value}")


def _slope(value, row, context: Context) -> str:
    unit = context.unit_of(row.indicator)
    unit = "percentage_points" if unit == "percent" else unit
    return f"{value:+.3g} {context.word('unit', unit)}"


def _needed(value, row, context: Context) -> str:
    if pd.isna(row.change):
        return context.word("reason", row.reason) or NONE
    at_once = context.pick("（换届时）", " (at an election)")
    return f"{row.change:+.0f}{at_once if row.assumption == 'at_an_election' else ''}"


def _stratum(value, row, context: Context) -> str:
    """An indicator, with the residence where it is not everybody's."""
    if row.residence == "all":
        return context.name(value)
    residence = context.word("residence", row.residence)
    return bracketed(context.name(value), residence, context.language)


def _last_short(row, context: Context, value, year) -> str:
    shown = quantity(value, context.unit_of(row.indicator), context.language)
    return bracketed(shown, str(int(year)), context.language)


def _percents(row, context: Context, value, low, high) -> str:
    between = "" if pd.isna(low) else f" [{whole_percent(low)}–{whole_percent(high)}]"
    return whole_percent(value) + between


def _estimate(row, context: Context, value, low, high) -> str:
    unit = "ratio" if row.unit == "rate_ratio" else context.unit_of(row.indicator)
    shown = number(value, "ratio") if unit == "ratio" else f"{value:+.1f}"
    if pd.isna(low) or pd.isna(high):
        return shown
    inner = f"{number(low, unit)}, {number(high, unit)}"
    return bracketed(shown, inner, context.language)


# figures: the column itself stands in the table of numbers
NUMBERS = {
    "whole": lambda v, row, c: f"{float(v):.0f}",
    "year": lambda v, row, c: str(int(v)),
    "number": lambda v, row, c: f"{float(v):.3g}",
    "decimals": lambda v, row, c: f"{v:.3f}",
    "tenths": lambda v, row, c: f"{v:.1f}",
    "signed": lambda v, row, c: f"{v:+.0f}",
    "value": lambda v, row, c: number(float(v), c.unit_of(row.indicator)),
    "published": lambda v, row, c: published(v, c.unit_of(row.indicator)),
    "quantity": lambda v, row, c: quantity(float(v), c.unit_of(row.indicator), c.language),
    "about": lambda v, row, c: rounded(v, c.unit_of(row.indicator), c.language),
    "probability": lambda v, row, c: probability(float(v), c.language),
    "share": lambda v, row, c: f"{100 * float(v):.1f}%",
    "percent": lambda v, row, c: whole_percent(v),
    "rounded_percent": lambda v, row, c: f"{100 * v:.0f}%",
    "p_meet": lambda v, row, c: chance_text(row, c),
    "p_value": lambda v, row, c: "<0.01" if v < 0.005 else f"{v:.2f}",
    "deviations": lambda v, row, c: f"{v:+.2f}",
    "of_year": _of_year,
    "margin": _margin,
    "change": _change,
    "distance": lambda v, row, c: distance(v, c.unit_of(row.indicator)),
    "slope": _slope,
    "needed": _needed,
}
# several figures in one cell, ``f(row, context, *figures)``: the columns behind it stand in
# the table of numbers
FIGURES = {
    "span": lambda row, c, low, high: span(low, high, c.unit_of(row.indicator)),
    "ends": lambda row, c, low, high: ends(low, high, c.unit_of(row.indicator), c.language),
    "counts": lambda row, c, *n: "/".join(f"{x:.0f}" for x in n if pd.notna(x)) or NONE,
    "rate": lambda row, c, part, whole: rate_text(part, whole),
    "with_year": lambda row, c, value, year: bracketed(
        number(value, c.unit_of(row.indicator)), str(int(year)), c.language
    ),
    "band": lambda row, c, low, high: f"{100 * low:.0f}–{100 * high:.0f}%",
    "last_short": _last_short,
    "last": lambda row, c, value, year: last_text(row, c),
    "forecast": lambda row, c, *figures: forecast_text(row, c),
    "forecast_without": lambda row, c, middle, low, high: bracketed(
        number(middle, c.unit_of(row.indicator)),
        span(low, high, c.unit_of(row.indicator)),
        c.language,
    ),
    "ratio": lambda row, c, *figures: ratio(*figures),
    "percents": _percents,
    "inside": lambda row, c, *shares: (
        NONE if pd.isna(shares[0]) else " / ".join(map(whole_percent, shares))
    ),
    "estimate": _estimate,
    "grade": lambda row, c, grade, n: f"{NONE if grade == 'none' else grade}, n={int(n)}",
    "years": lambda row, c, first, last: f"{int(first)}–{int(last)}",
    "ranks": lambda row, c, rank, low, high: (
        f"{rank}" + ("" if pd.isna(low) else f" ({low}–{high})")
    ),
    "figures": warned_figures,
    "part_of": lambda row, c, part, whole: f"{part}/{whole}",
}
# words: the same in both tables
WORDS = {
    "text": lambda v, row, c: str(v),
    "yes_no": lambda v, row, c: c.pick("是", "yes") if v else c.pick("否", "no"),
    "indicator": lambda v, row, c: c.name(v),
    "stratum": _stratum,
    "indicators": _listed(lambda part, c: c.name(part)),
    "goal": _goal,
    "goal_titles": _listed(lambda part, c: c.text(c.plan.goal(part).title)),
    "domain": lambda v, row, c: c.text(c.plan.domain(v).name),
    "units": _listed(lambda part, c: c.text(c.plan.unit(part).name)),
    "commitments": _listed(_commitment),
    "measure": lambda v, row, c: _measure(v, c),
    "measures": _listed(_measure),
    "first_measures": _first_measures,
    "project": lambda v, row, c: c.text(c.plan.project(v).name),
    "areas": _listed(lambda part, c: c.area(part)),
    "target": lambda v, row, c: target_text(row, c),
    "plan_target": lambda v, row, c: target_words(c.plan.indicator(v), c.language),
    "why": lambda v, row, c: why_text(row, c),
    "hardest": lambda v, row, c: f"{c.name(v)} {probability(row.p_hardest, c.language)}",
    "hardest_of_all": lambda v, row, c: f"{c.name(v)} {probability(row.p_all_hardest, c.language)}",
    "clears": _clears,
    "numerator": lambda v, row, c: c.text(c.plan.indicator(v).numerator) or NONE,
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
    if kind in FIGURES:
        figures = (getattr(row, name) for name in argument.split(","))
        shown = FIGURES[kind](row, context, *figures)
    else:
        shown = (NUMBERS.get(kind) or WORDS[kind])(value, row, context)
    return " ".join(shown.split()) or NONE

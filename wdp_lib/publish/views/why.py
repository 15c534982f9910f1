"""Why a target is judged as it is, in words."""

from __future__ import annotations

import pandas as pd

from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import NONE, bracketed, number, rounded, span

HELD = "held_constant"  # said not to be extrapolated: no figure beside it


def why_text(row, context: Context) -> str:
    """Return the reasons behind state, outlook and volatility in words, each once."""
    codes = [row.state_reason, row.reason]
    codes += [row.volatility_reason] if row.volatility == "volatile" else []
    words = list(dict.fromkeys(context.word("reason", code) for code in codes if code))
    if context.plan.indicator(row.indicator).unit == "percent" and row.forecast_upper > 100:
        words.append(context.pick("按定义可超过 100%", "may exceed 100 % by definition"))
    if _in_time_and_yet_unlikely(row):
        ahead, year, unit = (
            f"{row.schedule_gap:.0f}",
            row.target_year,
            context.unit_of(row.indicator),
        )
        median = rounded(row.forecast_median, unit, context.language)
        expected = bracketed(
            median, span(row.forecast_lower, row.forecast_upper, unit), context.language
        )
        said = context.pick(
            f"完成的路程比时间进度多 {ahead} 个百分点，但照近年走势，{year} 年预计为 {expected}",
            f"{ahead} points ahead of schedule, but as it moves now {year} brings {expected}",
        )
        words.append(said)
    if row.dips:
        words.append(context.pick(f"跌破年份 {row.dips}", f"fell below in {row.dips}"))
    if doubt := getattr(row, "doubt", ""):
        years = context.joined(doubt.split(";"))
        words.append(
            context.pick(f"{years} 年数值存疑，待核实", f"value of {years} to be confirmed")
        )
    return context.joined(words, clauses=True)


def _in_time_and_yet_unlikely(row) -> bool:
    """Whether more of the way is done than of the time, and the target is unlikely all the same.

    Beside a reference method that says *on schedule* the reader must see why the class does not.
    """
    return row.standing in ("hard", "behind") and row.schedule_gap >= 1 and row.p_not_short < 0.5


def forecast_text(row, context: Context) -> str:
    """Return the median forecast for the target year with its 80 % interval."""
    unit = context.unit_of(row.indicator)
    if pd.isna(row.forecast_median) or (row.stale and row.grade == "D") or row.reason == HELD:
        return NONE
    between = span(row.forecast_lower, row.forecast_upper, unit)
    return bracketed(number(row.forecast_median, unit), between, context.language)

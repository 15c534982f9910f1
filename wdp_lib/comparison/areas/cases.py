"""One indicator of a plan in one year, with its promise, for the comparison of areas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from wdp_lib.assessment.risk.case import Case, collect
from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.core.columns import FORECASTS, conform
from wdp_lib.plan import Indicator, Plan, Range

_WORST = {"higher_better": -1, "lower_better": 1}
LEVELS = ("level", "lowest_area")  # statistics whose line can be held against the value of one area


def cases_until(
    rows: pd.DataFrame, plan: Plan, year: int, names: list[str], scheme: Scheme | None = None
) -> list[Case]:
    """Return the cases of some indicators as they stood with the values up to a year; nothing is forecast.

    Parameters
    ----------
    rows : pandas.DataFrame
        Observations that count, of every area.
    plan : Plan
        The plan.
    year : int
        Last year whose values are looked at.
    names : list of str
        Indicators.
    scheme : Scheme, optional
        Thresholds; the default scheme unless given.
    """
    wanted = set(names) | {plan.indicator(name).target.reference for name in names}
    part = replace(plan, indicators=tuple(i for i in plan.indicators if i.id in wanted))
    none = conform(pd.DataFrame(columns=FORECASTS.names), FORECASTS)
    cases = collect(none, rows[rows["year"] <= year], part, year, scheme or load_scheme())
    return [case for case in cases if case.indicator.id in names]


def is_proportion(indicator: Indicator) -> bool:
    """Whether the numerator of an indicator cannot exceed its denominator: a proportion, or a rare rate per cent."""
    return indicator.data_kind == "proportion" or indicator.unit == "percent"


def worst_side(indicator: Indicator) -> int:
    """Return on which side the worst value of an indicator lies: +1 the highest, -1 the lowest, 0 neither."""
    return -indicator.target.improving or _WORST.get(indicator.direction, 0)


def line_of(case: Case) -> Range | None:
    """Return the range that the value of a part can be held against, or ``None``.

    There is none where the promise is not about a level, nor for a plain number of persons or cases: the county's number says
    nothing of what a township owes.
    """
    per_head = case.indicator.data_kind != "count"
    return case.promise if per_head and case.indicator.target.statistic in LEVELS else None


def shortfall(rows: pd.DataFrame, promise: Range | None, indicator: Indicator) -> pd.DataFrame:
    """Return how far each row is from the line: ``gap`` in the unit, ``contribution`` in persons or cases, and its share.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns ``value, denominator``.
    promise : Range or None
        The line.
    indicator : Indicator
        For its multiplier.

    Returns
    -------
    pandas.DataFrame
        ``gap`` and ``contribution`` (positive = short of the line; NaN without a line or a denominator) and
        ``contribution_share``: of all that the rows which are short lack, 0-1; NaN where none is short.
    """
    gap = -promise.margin(rows["value"].to_numpy(float)) if promise else np.full(len(rows), np.nan)
    cases = gap * rows["denominator"].to_numpy(float) / (indicator.multiplier or np.nan)
    short = np.clip(np.nan_to_num(cases), 0.0, None)
    share = short / short.sum() if short.sum() > 0 else np.full(len(rows), np.nan)
    return pd.DataFrame(
        {"gap": gap, "contribution": cases, "contribution_share": share}, index=rows.index
    )


def own_stratum(rows: pd.DataFrame, indicator: Indicator, *, but: str = "") -> pd.DataFrame:
    """Return the rows of an indicator in the stratum its promise speaks of, one item of it perhaps left open."""
    rows = rows[rows["indicator"] == indicator.id]
    for name, word in indicator.stratum.items():
        if name != but:
            rows = rows[rows[name] == word]
    return rows

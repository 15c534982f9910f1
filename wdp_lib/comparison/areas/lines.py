"""The line that a part of an area can be held against, and how much it is short of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wdp_lib.assessment.risk.case import Case, Collected
from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.assessment.series import Rows
from wdp_lib.plan import Indicator, Plan, Range

OF_LEVEL = (
    "level",
    "lowest_area",
)  # statistics whose line can be held against the value of one area


def cases_until(
    rows: pd.DataFrame, plan: Plan, years: Mapping[str, int], scheme: Scheme | None = None
) -> dict[str, Case]:
    """Return the cases of some indicators as they stood in a year each; nothing is forecast.

    Parameters
    ----------
    rows : pandas.DataFrame
        Observations that count, of every area.
    years : mapping of str to int
        Last year looked at, by indicator.
    """
    collected, scheme = Collected(rows, plan, until=years), scheme or load_scheme()
    return {
        name: collected.case(plan.indicator(name), plan, year, scheme)
        for name, year in years.items()
    }


def line_of(case: Case) -> Range | None:
    """Return the range that the value of a part can be held against, or ``None``.

    There is none where the target is not about a level, nor for a plain number of persons or cases:
    the number of the whole says nothing of what a part owes.
    """
    per_head = case.indicator.data_kind != "count"
    return case.target_range if per_head and case.indicator.target.statistic in OF_LEVEL else None


def shortfall(rows: Rows, line: Range | None, indicator: Indicator) -> Rows:
    """Return how far each row is from the line: in the unit, in persons or cases, as a share.

    Positive is short of the line; NaN without a line or a denominator. ``contribution_share`` is of
    all that the rows which are short lack, 0-1; NaN where none is short.
    """
    unknown = np.full(len(rows["value"]), np.nan)
    gap = -line.margin(rows["value"]) if line else unknown
    cases = gap * rows["denominator"] / (indicator.multiplier or np.nan)
    short = np.clip(np.nan_to_num(cases), 0.0, None)
    share = short / short.sum() if short.sum() > 0 else unknown
    return {"gap": gap, "contribution": cases, "contribution_share": share}

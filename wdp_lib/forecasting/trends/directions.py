"""The direction of every indicator of a plan, in five classes, with what speaks for it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import OBSERVATIONS, conform
from wdp_lib.data import headline, on_latest_definition
from wdp_lib.forecasting.observations import NOT_ANNUAL
from wdp_lib.forecasting.trends.growth import growth_change
from wdp_lib.forecasting.trends.trend import FEWEST_POINTS, trend, trend_class
from wdp_lib.plan import Indicator, Plan

NAMES = """
    indicator area n first_year last_year slope p_rising p_improving direction_class growth_before
    growth_after n_provisional n_estimated reason
"""
COLUMNS = tuple(NAMES.split())
WHOLE = ("n", "first_year", "last_year", "n_provisional", "n_estimated")
BETTER = {"higher_better": 1, "lower_better": -1, "narrow_gap": -1}


def directions(observations: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Say of every indicator of a plan whether it improves, without a model.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``; used rows count, in the latest definition. Estimates
        are counted, but enter no test. Years before the baseline count only where slower growth is
        the target.

    Returns
    -------
    pandas.DataFrame
        One row an indicator, in the plan's order and area, in the stratum its target speaks of:
        ``n`` points from ``first_year`` to ``last_year``; ``slope`` (Theil-Sen, unit a year; of a
        gap that of its size; of a growth its change), ``p_rising`` and ``p_improving`` (0-1),
        ``direction_class`` (`CLASSES`), ``growth_before, growth_after`` (only where slower growth
        is the target), ``n_provisional, n_estimated``. Where no class can be given it is empty and
        ``reason`` says why: no_data, estimates_only, not_annual, too_few_points, no_better_side (a
        band, or no target; slope and ``p_rising`` are given).
    """
    rows = headline(conform(observations, OBSERVATIONS), plan)
    rows = on_latest_definition(rows[rows["value"].notna()]).sort_values("year", kind="stable")
    none, made = rows.iloc[:0], []
    by_indicator = dict(list(rows.groupby("indicator", sort=False)))
    for indicator in plan.indicators:
        own = by_indicator.get(indicator.id, none)
        year, value, status = (own[name].to_numpy() for name in ("year", "value", "status"))
        slower = indicator.target.statistic == "slope"
        inside, estimated = (year >= plan.baseline_year) | slower, status == "estimated"
        known = inside & ~estimated
        said = {"indicator": indicator.id, "area": plan.area, "n": int(known.sum())}
        said["n_provisional"] = int((known & (status == "provisional")).sum())
        said["n_estimated"] = int((inside & estimated).sum())
        if known.any():
            said |= {"first_year": year[known][0], "last_year": year[known][-1]}
        said["reason"] = _no_class(indicator, len(year), estimated.all(), said["n"])
        if not said["reason"]:
            points = year[known], value[known].astype("float64")
            said |= _growth(*points, plan.baseline_year) if slower else _trend(indicator, *points)
        made.append(said)
    table = pd.DataFrame(made, columns=list(COLUMNS))
    texts = table[["direction_class", "reason"]].astype("object").fillna("").astype("str")
    return table.assign(**texts).astype(dict.fromkeys(WHOLE, "Int64"))


def _no_class(indicator: Indicator, n_all: int, only_estimates: bool, n: int) -> str:
    if not n_all:
        return "no_data"
    if only_estimates:
        return "estimates_only"
    if indicator.frequency in NOT_ANNUAL:
        return "not_annual"
    return "too_few_points" if n < FEWEST_POINTS else ""


def _trend(indicator: Indicator, years: np.ndarray, values: np.ndarray) -> dict[str, object]:
    found = trend(years, indicator.target.measure(values))
    said = {"slope": found.slope, "p_rising": found.p_rising}
    better = indicator.target.improving or BETTER.get(indicator.direction, 0)
    if not better:
        return {**said, "reason": "no_better_side"}
    name = trend_class(found.p_rising, len(values), higher_is_better=better > 0)
    improving = found.p_rising if better > 0 else 1 - found.p_rising
    return {**said, "p_improving": improving, "direction_class": name}


def _growth(years: np.ndarray, values: np.ndarray, pivot: int) -> dict[str, object]:
    found = growth_change(years, values, pivot)
    if found.reason:
        return {"reason": found.reason}
    return {
        "slope": found.after - found.before,
        "p_rising": 1 - found.p_slower,
        "p_improving": found.p_slower,
        "direction_class": trend_class(1 - found.p_slower, len(years), higher_is_better=False),
        "growth_before": found.before,
        "growth_after": found.after,
    }

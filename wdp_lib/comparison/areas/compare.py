"""Townships side by side, with the caution that small areas need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import Scheme
from wdp_lib.comparison.areas.cases import (
    cases_until,
    is_proportion,
    line_of,
    own_stratum,
    shortfall,
    worst_side,
)
from wdp_lib.comparison.areas.measures import (
    dispersion,
    empirical_bayes,
    funnel_limits,
    rank_interval,
)
from wdp_lib.comparison.areas.tables import AREA_COMPARISON
from wdp_lib.comparison.groups.known import as_known
from wdp_lib.core.columns import conform
from wdp_lib.forecasting.counts.rates import count_interval
from wdp_lib.plan import Indicator, Plan, Range

_COUNTED = ("proportion", "rare_rate")


def compare_areas(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    indicator: str,
    year: int,
    areas: Sequence[str] | None = None,
    as_of: str | None = None,
    seed: int = 0,
    scheme: Scheme | None = None,
) -> pd.DataFrame:
    """Compare the areas below the plan's area in one indicator and year.

    Each has its value with interval; funnel limits around the value of all areas together; the value drawn towards that common
    value; its rank with interval; whether it keeps the promise, and how many persons or cases it is short of it.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    plan : Plan
        The plan.
    indicator : str
        Identifier; compared in the stratum of its promise.
    year : int
        Year of the values; a baseline is taken from this year or before.
    areas : sequence of str, optional
        Areas compared; all but the plan's own unless given.
    as_of : str, optional
        Cut-off date, as for :func:`wdp_lib.group_gaps`.
    seed : int
        Seed of the draws behind the ranks.
    scheme : Scheme, optional
        Thresholds; the default scheme unless given.

    Returns
    -------
    pandas.DataFrame
        Contract ``AREA_COMPARISON``, worst first; empty when no area has a value. Areas without usable counts have value, rank and promise only, and a
        ``reason``; an indicator without a better side, or that is a plain number, has no rank. Limits are those of chance alone unless the areas differ beyond
        it (``p_dispersion`` below 0.05); then they are widened by ``inflation``, so that only areas unlike the others stand out.

    Raises
    ------
    ParameterError
        When the plan has no such indicator or ``as_of`` is no date.
    """
    wanted = plan.indicator(indicator)
    known = as_known(observations, as_of)
    rows = own_stratum(known[known["year"] == year], wanted)
    rows = rows[
        rows["area"].isin(list(areas)) if areas is not None else rows["area"] != plan.area
    ].reset_index(drop=True)
    promise = line_of(cases_until(known, plan, year, [indicator], scheme)[0])
    table = rows.assign(reason=_reasons(rows, wanted), **_promised(rows, promise, wanted))
    table = _ranked(_in_funnel(table, wanted), wanted, seed)
    table = table.sort_values(["rank", "area"], na_position="last").reindex(
        columns=AREA_COMPARISON.names
    )
    return conform(table, AREA_COMPARISON)


def _reasons(rows: pd.DataFrame, indicator: Indicator) -> np.ndarray:
    events, exposure = rows["numerator"], rows["denominator"]
    over = (events > exposure) & is_proportion(indicator)
    return np.select(
        [
            np.full(len(rows), indicator.data_kind == "share"),
            events.isna() | exposure.isna() | (indicator.data_kind not in _COUNTED),
            exposure <= 0,
            over,
        ],
        ["full_count", "counts_missing", "zero_denominator", "not_a_proportion"],
        "",
    )


def _promised(rows: pd.DataFrame, promise: Range | None, indicator: Indicator) -> dict:
    short = shortfall(rows, promise, indicator)
    kept = promise.contains(rows["value"].to_numpy(float)) if promise else np.zeros(len(rows), bool)
    return {
        "line_lower": promise.lower if promise and np.isfinite(promise.lower) else np.nan,
        "line_upper": promise.upper if promise and np.isfinite(promise.upper) else np.nan,
        "keeps": np.where(kept, "yes", "no") if promise else "",
        "share_below": float(1 - np.mean(kept)) if promise and len(rows) else np.nan,
        "contribution": short["contribution"],
        "contribution_share": short["contribution_share"],
    }


def _in_funnel(table: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """Add intervals, limits and shrunken values of the areas with counts."""
    counted = table[table["reason"] == ""]
    if counted.empty:
        return table
    trials, scale = is_proportion(indicator), indicator.multiplier or 1.0
    events, exposure = counted["numerator"].to_numpy(float), counted["denominator"].to_numpy(float)
    spread = dispersion(events, exposure, trials=trials)
    common = events.sum() / exposure.sum()
    found = {
        "common_value": common * scale,
        "dispersion": spread.factor,
        "p_dispersion": spread.p_value,
    }
    found["inflation"] = spread.inflation
    for name, coverage in (("95", 0.95), ("998", 0.998)):
        limits = funnel_limits(
            common, exposure, coverage=coverage, trials=trials, inflation=spread.inflation
        )
        found[f"limit_{name}_lower"], found[f"limit_{name}_upper"] = (end * scale for end in limits)
    drawn = empirical_bayes(events, exposure, trials=trials)
    found |= {
        "shrunken": drawn.value * scale,
        "shrunken_lower": drawn.lower * scale,
        "shrunken_upper": drawn.upper * scale,
    }
    found |= {
        "shrinkage": 1 - drawn.weight,
        **_outside(events / exposure * scale, found, indicator),
    }
    kind = "proportion" if trials else "rare_rate"
    own = [count_interval(e, n, scale, kind) for e, n in zip(events, exposure, strict=True)]
    found |= dict(zip(("lower", "upper", "interval_method"), zip(*own, strict=True), strict=True))
    return table.join(pd.DataFrame(found, index=counted.index))


def _outside(values: np.ndarray, found: dict, indicator: Indicator) -> dict:
    """Whether the value by the counts, not the rounded one, lies outside, and on which side."""
    low, high = (values < found["limit_95_lower"]), (values > found["limit_95_upper"])
    far = (values < found["limit_998_lower"]) | (values > found["limit_998_upper"])
    worst = worst_side(indicator)
    names = {-1: ("worse", "better"), 1: ("better", "worse"), 0: ("low", "high")}[worst]
    return {
        "outside": np.select([far, low | high], ["99.8", "95"], ""),
        "side": np.select([low, high], names, ""),
    }


def _ranked(table: pd.DataFrame, indicator: Indicator, seed: int) -> pd.DataFrame:
    worst = worst_side(indicator)
    table = table.assign(rank=pd.NA, rank_lower=pd.NA, rank_upper=pd.NA)
    if worst == 0 or indicator.data_kind == "count" or table.empty:
        return table
    table["rank"] = (-worst * table["value"]).rank(method="min").astype("Int64")
    if (table["reason"] != "").any():
        return table
    counts = table["numerator"].to_numpy(float), table["denominator"].to_numpy(float)
    lower, upper = rank_interval(*counts, trials=is_proportion(indicator), worst=worst, seed=seed)
    return table.assign(rank_lower=lower, rank_upper=upper)

"""Gaps between two groups: how large, how sure, and whether they narrow."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.assessment.series import Rows, pick
from wdp_lib.comparison.groups.measures import (
    difference_interval,
    group_interval,
    parity_index,
    probability_narrower,
    ratio_interval,
)
from wdp_lib.comparison.groups.tables import DIMENSIONS, GROUP_GAPS
from wdp_lib.comparison.known import COUNTED, Known, is_proportion
from wdp_lib.core.columns import conform
from wdp_lib.data.read.derived_gaps import GROUPS
from wdp_lib.forecasting.trends.trend import FEWEST_POINTS, trend_probability
from wdp_lib.plan import Indicator, Plan

TWO_SIDED_95 = 1.959964
STATUS = ("", "final", "provisional", "estimated")  # the worse comes later
_NUMBERS = ("value", "numerator", "denominator")
_TEXTS = ("status", "series_break")


def group_gaps(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    as_of: str | None = None,
    scheme: Scheme | None = None,
) -> pd.DataFrame:
    """Compare the two groups of each indicator reported by sex, residence, or two ages.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    as_of : str, optional
        Cut-off date ``YYYY-MM-DD``: later rows are left aside, and a value revised later counts as
        it stood.
    scheme : Scheme, optional
        How far from the baseline year another may stand in for it; the default scheme unless given.

    Returns
    -------
    pandas.DataFrame
        Contract ``GROUP_GAPS``, in the plan's order, then dimension and year. Female less male,
        rural less urban, the younger less the older group. A share of women is compared with the
        share of men that its own counts give. An indicator that the plan wants by both sexes has a
        row with a ``reason`` for each year in which one sex or both are missing, and one row
        without a year when it has no value at all: a figure of women alone is never a gap.
        Indicators that are gaps themselves, and those that know no groups, have no row. Without
        counts there is no interval (``counts_missing``); shares of a body are full counts.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    known, reach = Known(observations, as_of), (scheme or load_scheme()).baseline_reach
    parts = [
        {**part, "indicator": indicator.id, "area": plan.area, **_facts(indicator)}
        for indicator in plan.indicators
        for part in _pairs(indicator, known, plan)
    ]
    if not parts:
        return conform(pd.DataFrame(columns=GROUP_GAPS.names), GROUP_GAPS)
    blocks = [pd.DataFrame(part) for part in parts]
    table = _compared(pd.concat(blocks, keys=range(len(blocks)), names=["block"]))
    changes = [_changes(part, plan.baseline_year, reach) for part in _blocks(table)]
    changes = {name: np.concatenate([part[name] for part in changes]) for name in changes[0]}
    later = table["difference"].notna() & ~np.isnan(changes["baseline_year"])
    apart = table["difference"].abs() - np.abs(changes["baseline_difference"])
    lacks = changes.pop("no_baseline") & table["difference"].notna() & table["reason"].eq("")
    return conform(
        table.assign(
            **changes,
            change=apart.where(later).round(9),
            reason=table["reason"].mask(lacks, "no_baseline"),
        ),
        GROUP_GAPS,
    )


def _facts(indicator: Indicator) -> dict:
    return {
        "trials": is_proportion(indicator),
        "counted": indicator.data_kind in COUNTED,
        "scale": indicator.multiplier or 1.0,
    }


def _pairs(indicator: Indicator, known: Known, plan: Plan) -> Iterator[dict]:
    """Yield the two groups of each dimension side by side."""
    if indicator.data_kind == "gap":
        return
    if indicator.data_kind == "share":
        if indicator.sex_scope == "share_female":
            yield from _share_pair(indicator, known, plan)
        return
    found = False
    for by in DIMENSIONS:
        rows = known.stratum(indicator, but=by)
        pair = _pair(indicator, pick(rows, rows["area"] == plan.area), by)
        if pair:
            found = True
            yield pair
    if not found and indicator.sex_scope == "both_by_sex":
        nothing = pick(known.stratum(indicator), slice(0, 0))
        hole = _sides((nothing, nothing), np.array([np.nan]), ("", ""))
        yield {**hole, **indicator.stratum, "dimension": "sex", "sex": "all", "reason": "no_data"}


def _pair(indicator: Indicator, rows: Rows, by: str) -> dict:
    """Both groups of one dimension, one row a year; a missing group is missing, with a reason."""
    wanted = by == "sex" and indicator.sex_scope == "both_by_sex"
    present = sorted(set(rows[by]))
    ages = tuple(age for age in present if age != "all")
    groups = GROUPS.get(by) or (ages if len(ages) == 2 else ())
    if not len(present) or not wanted and (not groups or not set(groups) <= set(present)):
        return {}
    sides = tuple(pick(rows, rows[by] == group) for group in groups)
    years = np.unique(rows["year"] if wanted else np.concatenate([s["year"] for s in sides]))
    pair = _sides(sides, years, groups)
    missing = np.isnan(pair["first_value"]).astype(int) + np.isnan(pair["second_value"])
    holes = np.select([missing == 2, missing == 1], ["not_by_sex", "other_group_missing"], "")
    return {**pair, **indicator.stratum, "dimension": by, by: "all", "reason": holes}


def _sides(sides: tuple[Rows, Rows], years: np.ndarray, groups: tuple[str, str]) -> dict:
    pair: dict = {"year": years}
    for name, side, group in zip(("first", "second"), sides, groups, strict=True):
        pair[name] = group
        place = np.searchsorted(side["year"], years)
        place[~np.isin(years, side["year"])] = len(side["year"])  # beyond the end: nothing
        for figure, nothing in (
            *((figure, np.nan) for figure in _NUMBERS),
            *((figure, "") for figure in _TEXTS),
            ("simulated", False),
        ):
            pair[f"{name}_{figure}"] = np.append(side[figure], nothing)[place]
    return pair


def _share_pair(indicator: Indicator, known: Known, plan: Plan) -> Iterator[dict]:
    """Women and men of one body: both counts come from the share itself."""
    rows = known.stratum(indicator)
    rows = pick(rows, rows["area"] == plan.area)
    if not len(rows["year"]):
        return
    women, everyone = rows["numerator"], rows["denominator"]
    counted = np.isfinite(women) & (everyone > 0)
    share = np.where(counted, women / np.where(counted, everyone, 1.0), np.nan) * 100
    pair = {"year": rows["year"], "first": "female", "second": "male", "dimension": "sex"}
    for name, count, part in (("first", women, share), ("second", everyone - women, 100 - share)):
        pair |= {
            f"{name}_value": part,
            f"{name}_numerator": count,
            f"{name}_denominator": everyone,
            **{f"{name}_{figure}": rows[figure] for figure in (*_TEXTS, "simulated")},
        }
    yield {**pair, **indicator.stratum, "reason": np.where(counted, "full_count", "counts_missing")}


def _compared(table: pd.DataFrame) -> pd.DataFrame:
    """Add difference, ratio and parity with their intervals."""
    first, second = table["first_value"].to_numpy(float), table["second_value"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((second > 0) & (first >= 0), first / second, np.nan)
    intervals = _intervals(table)
    complete = table["reason"].eq("") & np.isfinite(first - second)
    known = np.isfinite(intervals["difference_lower"])
    both_zero = complete & (first == 0) & (second == 0)
    reason = table["reason"].mask(complete & ~known, "counts_missing").mask(both_zero, "both_zero")
    worst = np.maximum(*(table[f"{g}_status"].map(STATUS.index) for g in ("first", "second")))
    method = np.where(table["trials"], "newcombe", "square_and_add")
    return table.assign(
        difference=first - second,
        ratio=ratio,
        parity=parity_index(ratio),
        **intervals,
        method=np.where(known, method, ""),
        reason=reason,
        status=np.array(STATUS)[worst],
        simulated=table["first_simulated"] | table["second_simulated"],
    )


def _intervals(table: pd.DataFrame) -> dict[str, np.ndarray]:
    trials, scale = table["trials"].to_numpy(bool), table["scale"].to_numpy(float)
    counts = [
        table[f"{group}_{count}"].to_numpy(float)
        for group in ("first", "second")
        for count in ("numerator", "denominator")
    ]
    impossible = trials & ((counts[0] > counts[1]) | (counts[2] > counts[3]))
    counts = np.where(impossible | ~table["counted"].to_numpy(bool), np.nan, counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = counts[0] / counts[1], counts[2] / counts[3]
    one, other = (group_interval(*counts[k : k + 2], trials=trials) for k in (0, 2))
    difference = difference_interval(first, second, one, other)
    ratio = ratio_interval(first, second, one, other)
    return {
        "difference_lower": difference[0] * scale,
        "difference_upper": difference[1] * scale,
        "ratio_lower": ratio[0],
        "ratio_upper": ratio[1],
    }


def _blocks(table: pd.DataFrame) -> Iterator[Rows]:
    """Yield, by indicator and dimension, what the change of a gap is judged by."""
    numbers = ("year", "difference", "difference_lower", "difference_upper")
    columns = {name: table[name].to_numpy(float) for name in numbers}
    columns["estimated"] = (table["status"] == "estimated").to_numpy()
    columns["broken"] = (
        table["first_series_break"] + table["second_series_break"] != ""
    ).to_numpy()
    block = table.index.get_level_values("block").to_numpy()
    for rows in np.split(np.arange(len(table)), np.flatnonzero(np.diff(block)) + 1):
        yield pick(columns, rows)


def _changes(rows: Rows, baseline_year: int, reach: int) -> Rows:
    """Compare each year with the baseline: how sure a change is, and whether the gap narrows."""
    size = len(rows["year"])
    found = {
        **{
            name: np.full(size, np.nan)
            for name in ("baseline_year", "baseline_difference", "p_narrowed", "p_narrowing", "n")
        },
        "no_baseline": np.zeros(size, dtype=bool),
    }
    known = ~np.isnan(rows["difference"])
    if not known.any():
        return found
    base = _baseline(rows, known, baseline_year, reach)
    if base is None:
        return {**found, "no_baseline": np.ones(size, dtype=bool)}
    later = known & (rows["year"] > rows["year"][base])
    found["baseline_year"][later] = rows["year"][base]
    found["baseline_difference"][later] = rows["difference"][base]
    sd = (rows["difference_upper"] - rows["difference_lower"]) / (2 * TWO_SIDED_95)
    before = rows["difference"][base], sd[base]
    found["p_narrowed"][later] = probability_narrower(rows["difference"][later], sd[later], *before)
    # by the test that also judges the goal, on the sizes from the baseline up to each year
    since = known & (rows["year"] >= rows["year"][base]) & ~rows["estimated"]
    for place in np.flatnonzero(later):
        part = since & (rows["year"] <= rows["year"][place])
        found["n"][place] = part.sum()
        if part.sum() >= FEWEST_POINTS:
            sizes = np.abs(rows["difference"][part])
            found["p_narrowing"][place] = trend_probability(rows["year"][part], sizes, direction=-1)
    return found


def _baseline(rows: Rows, known: np.ndarray, year: int, reach: int) -> int | None:
    """Place of the year nearest to the baseline (the earlier of two) of the same definition."""
    if rows["broken"].any():
        known = known & (rows["year"] >= rows["year"][rows["broken"]].max())
    apart = np.where(known, np.abs(rows["year"] - year), np.inf)
    return int(apart.argmin()) if apart.min() <= reach else None

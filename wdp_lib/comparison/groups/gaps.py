"""Gaps between two groups, women and men, country and town: how large, how sure, and whether they narrow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.comparison.groups.known import as_known
from wdp_lib.comparison.groups.measures import (
    difference_interval,
    group_interval,
    parity_index,
    probability_narrower,
    ratio_interval,
)
from wdp_lib.comparison.groups.tables import GROUP_GAPS
from wdp_lib.core.columns import KEY, conform
from wdp_lib.data.read.derived_gaps import GROUPS
from wdp_lib.forecasting.trends.trend import FEWEST_POINTS, trend_probability
from wdp_lib.plan import Indicator, Plan

TWO_SIDED_95 = 1.959964
BASELINE_REACH = (
    2  # years around the baseline year that may stand in for it, as in the default scheme
)
STATUS = ("final", "provisional", "estimated")  # the worse comes later
_FIGURES = ("value", "numerator", "denominator", "status", "series_break", "simulated")
_COUNTED = ("proportion", "rare_rate")


def group_gaps(observations: pd.DataFrame, plan: Plan, *, as_of: str | None = None) -> pd.DataFrame:
    """Compare the two groups of each indicator that is reported by sex, by town and country, or by two ages.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    plan : Plan
        Its indicators and its area.
    as_of : str, optional
        Cut-off date ``YYYY-MM-DD``: later rows are left aside, and a value revised later counts as it stood.

    Returns
    -------
    pandas.DataFrame
        Contract ``GROUP_GAPS``, in the plan's order, then dimension and year. Female less male, rural less urban, the younger
        less the older group. A share of women is compared with the share of men that its own counts give. An indicator that the
        plan wants by both sexes has a row with a ``reason`` for each year in which one sex or both are missing, and one row without
        a year when it has no value at all: a figure of women alone is never a gap. Indicators that are gaps themselves, and those that
        know no groups, have no row. Without counts there is no interval (``counts_missing``); shares of a body are full counts.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    rows = as_known(observations, as_of)
    rows = rows.loc[rows["area"] == plan.area, [*KEY, "year", *_FIGURES]]
    by_indicator = dict(list(rows.groupby("indicator", sort=False)))
    parts = [
        _indicator_gaps(i, by_indicator.get(i.id, rows.iloc[:0]), plan)
        for i in plan.indicators
        if i.data_kind != "gap"
    ]
    filled = [part for part in parts if len(part)]
    table = (
        pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=GROUP_GAPS.names)
    )
    table = table.reindex(columns=GROUP_GAPS.names)
    return conform(table.assign(simulated=table["simulated"].eq(True)), GROUP_GAPS)


def _indicator_gaps(indicator: Indicator, rows: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    if indicator.data_kind == "share":
        of_women = indicator.sex_scope == "share_female"
        return _with_change(_share_pairs(indicator, rows), plan) if of_women else rows.iloc[:0]
    parts = [
        _with_change(_pairs(indicator, rows, by), plan) for by in ("sex", "residence", "age_group")
    ]
    parts = [part for part in parts if len(part)]
    if not parts and indicator.sex_scope == "both_by_sex":
        parts = [
            pd.DataFrame(
                [{**indicator.stratum, "dimension": "sex", "sex": "all", "reason": "no_data"}]
            )
        ]
    if not parts:
        return rows.iloc[:0]
    return pd.concat(parts, ignore_index=True).assign(indicator=indicator.id, area=plan.area)


def _pairs(indicator: Indicator, rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Both groups of one dimension side by side, one row a year; a missing group is missing, with a reason."""
    stratum = {name: word for name, word in indicator.stratum.items() if name != by}
    for name, word in stratum.items():
        rows = rows[rows[name] == word]
    wanted = by == "sex" and indicator.sex_scope == "both_by_sex"
    if not wanted and rows[by].nunique() < 2:
        return pd.DataFrame()
    groups = GROUPS.get(by) or _two_ages(rows)
    sides = [rows[rows[by] == group].set_index("year") for group in groups]
    if not wanted and (len(groups) != 2 or any(side.empty for side in sides)):
        return pd.DataFrame()
    years = (
        sorted(set(rows["year"])) if wanted else sorted(set(sides[0].index) | set(sides[1].index))
    )
    table = pd.DataFrame({"year": years, "first": groups[0], "second": groups[1]})
    for name, side in zip(("first", "second"), sides, strict=True):
        for figure in _FIGURES:
            table[f"{name}_{figure}"] = side[figure].reindex(years).to_numpy()
    table["reason"] = _holes(table)
    if not years:
        return pd.DataFrame()
    return _compared(table.assign(dimension=by, **stratum, **{by: "all"}), indicator)


def _two_ages(rows: pd.DataFrame) -> tuple[str, ...]:
    ages = sorted(set(rows["age_group"]) - {"all"})
    return tuple(ages) if len(ages) == 2 else ()


def _holes(table: pd.DataFrame) -> np.ndarray:
    missing = table[["first_value", "second_value"]].isna().sum(axis=1).to_numpy()
    return np.select([missing == 2, missing == 1], ["not_by_sex", "other_group_missing"], "")


def _share_pairs(indicator: Indicator, rows: pd.DataFrame) -> pd.DataFrame:
    """Women and men of one body: both counts come from the share itself."""
    for name, word in indicator.stratum.items():
        rows = rows[rows[name] == word]
    rows = rows.sort_values("year")
    women, everyone = rows["numerator"].to_numpy(float), rows["denominator"].to_numpy(float)
    counted = np.isfinite(women) & (everyone > 0)
    share = np.where(counted, women / np.where(counted, everyone, 1.0), np.nan) * 100
    table = pd.DataFrame({"year": rows["year"].to_numpy(), "first": "female", "second": "male"})
    for name, count, part in (("first", women, share), ("second", everyone - women, 100 - share)):
        table = table.assign(
            **{f"{name}_value": part, f"{name}_numerator": count, f"{name}_denominator": everyone}
        )
        table = table.assign(
            **{
                f"{name}_{figure}": rows[figure].to_numpy()
                for figure in ("status", "series_break", "simulated")
            }
        )
    table["reason"] = np.where(counted, "full_count", "counts_missing")
    return _compared(
        table.assign(
            indicator=indicator.id,
            area=rows["area"].to_numpy(),
            dimension="sex",
            **indicator.stratum,
        ),
        indicator,
    )


def _compared(table: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """Add difference, ratio and parity with their intervals."""
    first, second = table["first_value"].to_numpy(float), table["second_value"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((second > 0) & (first >= 0), first / second, np.nan)
    intervals, method = _intervals(table, indicator)
    complete = table["reason"].eq("") & np.isfinite(first - second)
    bare = complete & ~np.isfinite(intervals["difference_lower"])
    both_zero = complete & (first == 0) & (second == 0)
    reason = table["reason"].mask(bare, "counts_missing").mask(both_zero, "both_zero")
    simulated = table[["first_simulated", "second_simulated"]].eq(True).any(axis=1)
    return table.assign(
        difference=first - second,
        ratio=ratio,
        parity=parity_index(ratio),
        **intervals,
        method=np.where(np.isfinite(intervals["difference_lower"]), method, ""),
        reason=reason,
        status=_worse(table["first_status"], table["second_status"]),
        simulated=simulated,
    )


def _intervals(table: pd.DataFrame, indicator: Indicator) -> tuple[dict[str, np.ndarray], str]:
    scale, trials = (
        indicator.multiplier or 1.0,
        indicator.data_kind == "proportion" or indicator.unit == "percent",
    )
    counts = (
        table[[f"{g}_{c}" for g in ("first", "second") for c in ("numerator", "denominator")]]
        .to_numpy(float)
        .T
    )
    impossible = trials & ((counts[0] > counts[1]) | (counts[2] > counts[3]))
    counts = np.where(impossible | (indicator.data_kind not in _COUNTED), np.nan, counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = counts[0] / counts[1], counts[2] / counts[3]
    one, other = (group_interval(*counts[k : k + 2], trials=trials) for k in (0, 2))
    difference, ratio = (
        difference_interval(first, second, one, other),
        ratio_interval(first, second, one, other),
    )
    ends = {
        f"difference_{end}": part * scale
        for end, part in zip(("lower", "upper"), difference, strict=True)
    }
    ends |= {f"ratio_{end}": part for end, part in zip(("lower", "upper"), ratio, strict=True)}
    return ends, "newcombe" if trials else "square_and_add"


def _worse(first: pd.Series, second: pd.Series) -> pd.Series:
    rank = {word: place for place, word in enumerate(STATUS)}
    worst = np.fmax(first.map(rank).to_numpy(float), second.map(rank).to_numpy(float))
    return pd.Series(
        [STATUS[int(place)] if place == place else "" for place in worst], index=first.index
    )


def _with_change(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Add the comparison with the baseline: the change in size, and how sure it is."""
    known = table[table["difference"].notna()] if len(table) else table
    if known.empty:
        return table
    base = _baseline(table, known, plan.baseline_year)
    if base is None:
        return table.assign(
            reason=table["reason"].mask(
                table["difference"].notna() & table["reason"].eq(""), "no_baseline"
            )
        )
    later = table["difference"].notna() & (table["year"] > base["year"])
    return table.assign(
        baseline_year=pd.Series(int(base["year"]), index=table.index, dtype="Int64").where(later),
        baseline_difference=table["difference"].where(later).mul(0) + float(base["difference"]),
        change=(table["difference"].abs() - abs(base["difference"])).where(later).round(9),
        p_narrowed=[
            _narrowed(row, base) if fine else np.nan
            for row, fine in zip(table.to_dict("records"), later, strict=True)
        ],
        **_narrowing(table, int(base["year"]), later),
    )


def _baseline(table: pd.DataFrame, known: pd.DataFrame, year: int) -> pd.Series | None:
    """The year nearest to the baseline (the earlier of two) with the definition of the last value, or ``None``."""
    broken = table[["first_series_break", "second_series_break"]].fillna("").ne("").any(axis=1)
    known = known[known["year"] >= table.loc[broken, "year"].max()] if broken.any() else known
    apart = (known["year"] - year).abs()
    return known.loc[apart.idxmin()] if len(known) and apart.min() <= BASELINE_REACH else None


def _narrowed(row: dict, base: pd.Series) -> float:
    def sd(of) -> float:
        return (of["difference_upper"] - of["difference_lower"]) / (2 * TWO_SIDED_95)

    return probability_narrower(row["difference"], sd(row), base["difference"], sd(base))


def _narrowing(table: pd.DataFrame, start: int, later: pd.Series) -> dict[str, list]:
    """By the test that also judges the goal: Kendall's, on the size of the gap from the baseline up to each year."""
    since = table[
        table["difference"].notna() & (table["year"] >= start) & (table["status"] != "estimated")
    ]
    chances, numbers = [], []
    for year, fine in zip(table["year"], later, strict=True):
        part = since[since["year"] <= year]
        numbers.append(len(part) if fine else pd.NA)
        enough = fine and len(part) >= FEWEST_POINTS
        chances.append(
            trend_probability(part["year"], part["difference"].abs(), direction=-1)
            if enough
            else np.nan
        )
    return {"p_narrowing": chances, "n": numbers}

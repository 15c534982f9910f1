"""From townships to the county: sums of counts, the parts that are short of the line, and the lowest area."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.risk.case import Case
from wdp_lib.assessment.risk.state import judge
from wdp_lib.assessment.scheme import Scheme
from wdp_lib.comparison.areas.cases import cases_until, line_of, own_stratum, shortfall
from wdp_lib.comparison.areas.tables import DRILL_DOWN, LOWEST_AREA, ROLL_UP
from wdp_lib.comparison.groups.known import as_known
from wdp_lib.core.columns import conform
from wdp_lib.plan import Indicator, Plan, Range

_STRATUM = ["indicator", "sex", "age_group", "residence"]
_ADDED_UP = ("proportion", "share", "rare_rate", "ratio", "count", "mean")


def roll_up(observations: pd.DataFrame, plan: Plan, *, as_of: str | None = None) -> pd.DataFrame:
    """Add up the areas below the plan's area: the county's counts are the sums of theirs, and its value their quotient.

    A mean of the areas' rates is never taken: it would give a hamlet the weight of a town.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    plan : Plan
        The plan.
    as_of : str, optional
        Cut-off date, as for :func:`wdp_lib.group_gaps`.

    Returns
    -------
    pandas.DataFrame
        Contract ``ROLL_UP``: one row for each indicator, stratum and year that any area below reports, in the plan's order, beside what
        the plan's area itself reports. Areas are expected that report the stratum in any year; with one missing, or without
        counts, there is no value, and a ``reason``. Gaps and indices cannot be added up and have no row.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    known = as_known(observations, as_of)
    order = {i.id: place for place, i in enumerate(plan.indicators) if i.data_kind in _ADDED_UP}
    known = known[known["indicator"].isin(list(order))]
    below, own = known[known["area"] != plan.area], known[known["area"] == plan.area]
    if below.empty:
        return conform(pd.DataFrame(columns=ROLL_UP.names), ROLL_UP)
    table = _sums(below, plan).merge(_reported(own), on=[*_STRATUM, "year"], how="left")
    table["reason"] = [_disagreement(row) for row in table.to_dict("records")]
    table.loc[
        table["reason"].isin(["areas_missing", "counts_missing"]),
        ["value", "numerator", "denominator"],
    ] = np.nan
    table = table.assign(area=plan.area, place=table["indicator"].map(order))
    return conform(table.sort_values(["place", *_STRATUM[1:], "year"]), ROLL_UP)


def _sums(below: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    expected = below.groupby(_STRATUM)["area"].nunique().rename("n_expected")
    counted = below.assign(
        counts=below["numerator"].notna().astype(int),
        sizes=below["denominator"].notna().astype(int),
    )
    sums = counted.groupby([*_STRATUM, "year"], as_index=False).agg(
        n_areas=("area", "nunique"),
        numerator=("numerator", "sum"),
        denominator=("denominator", "sum"),
        counts=("counts", "sum"),
        sizes=("sizes", "sum"),
        simulated=("simulated", "any"),
    )
    table = sums.join(expected, on=_STRATUM)
    kinds = table["indicator"].map({i.id: i.data_kind for i in plan.indicators})
    scale = (
        table["indicator"]
        .map({i.id: i.multiplier for i in plan.indicators})
        .astype("float64")
        .fillna(1.0)
    )
    is_count = (kinds == "count") & (table["sizes"] == 0)
    quotient = table["numerator"] / table["denominator"].where(table["denominator"] > 0) * scale
    table["value"] = np.where(is_count, table["numerator"], quotient)
    complete = (table["counts"] == table["n_areas"]) & (
        is_count | (table["sizes"] == table["n_areas"])
    )
    return table.assign(denominator=table["denominator"].where(~is_count), complete=complete)


def _reported(own: pd.DataFrame) -> pd.DataFrame:
    names = {name: f"reported_{name}" for name in ("value", "numerator", "denominator")}
    return own[[*_STRATUM, "year", *names]].rename(columns=names)


def _disagreement(row: dict) -> str:
    if row["n_areas"] < row["n_expected"]:
        return "areas_missing"
    if not row["complete"] or np.isnan(row["value"]):
        return "counts_missing"
    if np.isnan(row["reported_value"]):
        return "not_reported"
    for name in ("numerator", "denominator"):
        if abs(row[name] - row[f"reported_{name}"]) > 0.5:
            return "counts_differ"
    return (
        ""
        if abs(row["value"] - row["reported_value"]) <= half_a_digit(row["reported_value"])
        else "value_differs"
    )


def half_a_digit(value: float) -> float:
    """Return half a unit of the last digit that is written, and a hair for binary fractions."""
    _, _, decimals = f"{value:.10g}".partition(".")
    return 0.5 * 10.0 ** -len(decimals) + 1e-9


def drill_down(
    observations: pd.DataFrame, plan: Plan, *, indicator: str, year: int, as_of: str | None = None
) -> pd.DataFrame:
    """Say which township, sex, part (town or country) and age contributes most to what the county is short of its line.

    Parameters
    ----------
    observations, plan, as_of
        As for :func:`wdp_lib.compare_areas`.
    indicator : str
        Identifier.
    year : int
        Year of the values.

    Returns
    -------
    pandas.DataFrame
        Contract ``DRILL_DOWN``: one row a part, by dimension (areas, then sex, residence, age), the largest contribution first; where there
        are no counts the largest gap. Contribution = persons or cases the part is short of the line. Only dimensions in which the promise
        itself speaks of all. Without a line that holds for a level (monitored only, growth, gap, no baseline) gap and contribution are NaN.

    Raises
    ------
    ParameterError
        When the plan has no such indicator or ``as_of`` is no date.
    """
    wanted = plan.indicator(indicator)
    known = as_known(observations, as_of)
    promise = line_of(cases_until(known, plan, year, [indicator])[0])
    parts = _parts(known[known["year"] == year], plan, wanted)
    parts = [_contributions(rows, wanted, promise) for rows in parts if len(rows)]
    if not parts:
        return conform(pd.DataFrame(columns=DRILL_DOWN.names), DRILL_DOWN)
    return conform(pd.concat(parts, ignore_index=True), DRILL_DOWN)


def _parts(rows: pd.DataFrame, plan: Plan, indicator: Indicator) -> list[pd.DataFrame]:
    below = own_stratum(rows[rows["area"] != plan.area], indicator)
    parts = [below.assign(dimension="area", part=below["area"])]
    own = rows[rows["area"] == plan.area]
    for name in ("sex", "residence", "age_group"):
        if indicator.stratum[name] == "all":
            groups = own_stratum(own, indicator, but=name)
            groups = groups[groups[name] != "all"]
            parts.append(groups.assign(dimension=name, part=groups[name]))
    return parts


def _contributions(rows: pd.DataFrame, indicator: Indicator, promise: Range | None) -> pd.DataFrame:
    table = rows.join(shortfall(rows, promise, indicator))
    table["reason"] = np.where(table["denominator"].isna(), "counts_missing", "")
    for name in ("gap", "contribution"):
        table[f"rank_{name}"] = table[name].rank(method="min", ascending=False).astype("Int64")
    return table.sort_values(["rank_contribution", "rank_gap", "part"], na_position="last")


def lowest_area(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    year: int,
    as_of: str | None = None,
    scheme: Scheme | None = None,
) -> pd.DataFrame:
    """Return the lowest area of each indicator that must reach its line in every area, and the verdict on it.

    Parameters
    ----------
    observations, plan, as_of
        As for :func:`wdp_lib.compare_areas`.
    year : int
        Last year whose values are looked at.
    scheme : Scheme, optional
        Thresholds; the default scheme unless given.

    Returns
    -------
    pandas.DataFrame
        Contract ``LOWEST_AREA``: one row an indicator with the promise ``every_area``. State and reason are those of
        :func:`wdp_lib.assess`, which judges the lowest area of the county's last year, never the mean.
    """
    known = as_known(observations, as_of)
    names = [i.id for i in plan.indicators if i.target.statistic == "lowest_area"]
    rows = (
        [_lowest(case) for case in cases_until(known, plan, year, names, scheme)] if names else []
    )
    return conform(pd.DataFrame(rows, columns=LOWEST_AREA.names), LOWEST_AREA)


def _lowest(case: Case) -> dict:
    state, reason = judge(case)
    last = case.last
    row = {
        "indicator": case.indicator.id,
        "state": state,
        "state_reason": reason,
        "line": case.indicator.target.value,
    }
    if last is None:
        return {**row, "area": "", "n_areas": 0, "n_below": 0, "simulated": False}
    areas = case.areas[(case.areas["year"] == last["year"]) & (case.areas["status"] != "estimated")]
    row |= {"year": int(last["year"]), "county_value": float(last["value"]), "n_areas": len(areas)}
    kept = np.array([bool(case.promise.contains(value)) for value in areas["value"]], dtype=bool)
    lowest = areas[areas["value"] == areas["value"].min()]
    return {
        **row,
        "area": ";".join(sorted(lowest["area"])),
        "lowest_value": lowest["value"].min(),
        "n_below": int((~kept).sum()),
        "share_keeping": float(kept.mean()) if len(kept) else np.nan,
        "simulated": bool(areas["simulated"].any() or last["simulated"]),
    }

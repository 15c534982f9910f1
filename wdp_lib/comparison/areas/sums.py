"""From the areas below to the whole: sums of counts, and the lowest area."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.risk.case import Case
from wdp_lib.assessment.risk.state import judge
from wdp_lib.assessment.scheme import Scheme
from wdp_lib.comparison.areas.lines import cases_until
from wdp_lib.comparison.areas.tables import LOWEST_AREA, ROLL_UP
from wdp_lib.comparison.known import STRATUM, as_known
from wdp_lib.core.columns import conform
from wdp_lib.plan import Plan

_ADDED_UP = ("proportion", "share", "rare_rate", "ratio", "count", "mean")


def roll_up(observations: pd.DataFrame, plan: Plan, *, as_of: str | None = None) -> pd.DataFrame:
    """Add up the areas below the plan's area: counts are summed, the value is their quotient.

    A mean of the areas' rates is never taken: it would give a hamlet the weight of a town.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    as_of : str, optional
        Cut-off date, as for :func:`wdp_lib.group_gaps`.

    Returns
    -------
    pandas.DataFrame
        Contract ``ROLL_UP``: one row for each indicator, stratum and year that any area below
        reports, in the plan's order, beside what the plan's area itself reports. Areas are expected
        that report the stratum in any year; with one missing, or without counts, there is no value,
        and a ``reason``. Gaps and indices cannot be added up and have no row.

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
    table = _sums(below, plan).merge(_reported(own), on=[*STRATUM, "year"], how="left")
    table["reason"] = _disagreements(table)
    incomplete = table["reason"].isin(["areas_missing", "counts_missing"])
    table.loc[incomplete, ["value", "numerator", "denominator"]] = np.nan
    table = table.assign(area=plan.area, place=table["indicator"].map(order))
    return conform(table.sort_values(["place", *STRATUM[1:], "year"]), ROLL_UP)


def _sums(below: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    expected = below.groupby(list(STRATUM))["area"].nunique().rename("n_expected")
    counted = below.assign(
        counts=below["numerator"].notna().astype(int),
        sizes=below["denominator"].notna().astype(int),
    )
    sums = counted.groupby([*STRATUM, "year"], as_index=False).agg(
        n_areas=("area", "nunique"),
        numerator=("numerator", "sum"),
        denominator=("denominator", "sum"),
        counts=("counts", "sum"),
        sizes=("sizes", "sum"),
        simulated=("simulated", "any"),
    )
    table = sums.join(expected, on=list(STRATUM))
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
    return own[[*STRATUM, "year", *names]].rename(columns=names)


def _disagreements(table: pd.DataFrame) -> np.ndarray:
    """Why areas cannot be added up, or in what the sum differs from what was reported."""
    differs = [
        (table[name] - table[f"reported_{name}"]).abs() > 0.5
        for name in ("numerator", "denominator")
    ]
    digit = table["reported_value"].map(half_a_digit)
    return np.select(
        [
            table["n_areas"] < table["n_expected"],
            ~table["complete"] | table["value"].isna(),
            table["reported_value"].isna(),
            differs[0] | differs[1],
            ~((table["value"] - table["reported_value"]).abs() <= digit),
        ],
        ["areas_missing", "counts_missing", "not_reported", "counts_differ", "value_differs"],
        "",
    )


def half_a_digit(value: float) -> float:
    """Return half a unit of the last digit that is written, and a hair for binary fractions."""
    _, _, decimals = f"{value:.10g}".partition(".")
    return 0.5 * 10.0 ** -len(decimals) + 1e-9


def lowest_area(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    year: int,
    as_of: str | None = None,
    scheme: Scheme | None = None,
) -> pd.DataFrame:
    """Return the lowest area of each indicator with a line for every area, and the verdict.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    year : int
        Last year whose values are looked at.
    as_of : str, optional
        Cut-off date, as for :func:`wdp_lib.group_gaps`.

    Returns
    -------
    pandas.DataFrame
        Contract ``LOWEST_AREA``: one row an indicator with the target ``every_area``. State and
        reason are those of :func:`wdp_lib.assess`, which judges the lowest area of the last year of
        the plan's area, never the mean.
    """
    known = as_known(observations, as_of)
    years = {i.id: year for i in plan.indicators if i.target.statistic == "lowest_area"}
    cases = cases_until(known[known["year"] <= year], plan, years, scheme)
    rows = [_lowest(case) for case in cases.values()]
    return conform(pd.DataFrame(rows, columns=LOWEST_AREA.names), LOWEST_AREA)


def _lowest(case: Case) -> dict:
    state, reason = judge(case)
    row = {
        "indicator": case.indicator.id,
        "state": state,
        "state_reason": reason,
        "line": case.indicator.target.value,
    }
    if case.last is None:
        return {**row, "area": "", "n_areas": 0, "n_below": 0, "simulated": False}
    areas = case.areas_now
    values, kept = areas["value"], np.asarray(case.target_range.contains(areas["value"]), bool)
    lowest = float(values.min()) if len(values) else np.nan
    return {
        **row,
        "year": case.last["year"],
        "county_value": case.last["value"],
        "area": ";".join(sorted(areas["area"][values == lowest])),
        "lowest_value": lowest,
        "n_areas": len(values),
        "n_below": int((~kept).sum()),
        "share_keeping": float(kept.mean()) if len(kept) else np.nan,
        "simulated": bool(areas["simulated"].any() or case.last["simulated"]),
    }

"""From the areas below to the whole: sums of counts, and the lowest area."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.case import Case
from wdp_lib.assessment.scheme import Scheme
from wdp_lib.assessment.state import judge
from wdp_lib.comparison.areas.contributions import cases_until
from wdp_lib.comparison.known import STRATUM, Known
from wdp_lib.comparison.tables import LOWEST_AREA, ROLL_UP
from wdp_lib.core.columns import conform
from wdp_lib.plan import Plan

_ADDED_UP = ("proportion", "share", "rare_rate", "ratio", "count", "mean")
_NUMBERS = ["value", "numerator", "denominator"]
_CELL = [*STRATUM, "year"]


def roll_up(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    areas: pd.DataFrame | None = None,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Add up the areas below the plan's area: counts are summed, the value is their quotient.

    A mean of the areas' rates is never taken: it would give a hamlet the weight of a town.

    Parameters
    ----------
    areas : pandas.DataFrame, optional
        As for :func:`wdp_lib.compare_areas`.

    Returns
    -------
    pandas.DataFrame
        Contract ``ROLL_UP``: one row for each indicator, stratum and year that any area below
        reports, in the plan's order, beside what the plan's area itself reports. Areas are expected
        that report the stratum in any year; with one missing, or without counts, there is no value,
        and a ``reason``. Gaps and indices cannot be added up and have no row.
    """
    known = Known(observations, plan, as_of, areas)
    kinds = pd.DataFrame(
        [(i.id, k, i.data_kind, i.multiplier or 1.0) for k, i in enumerate(plan.indicators)],
        columns=["indicator", "place", "kind", "scale"],
    )
    rows = known.table.merge(kinds[kinds["kind"].isin(_ADDED_UP)], on="indicator")
    below, own = rows[known.is_below(rows["area"])], rows[rows["area"] == plan.area]
    if below.empty:
        return conform(pd.DataFrame(columns=ROLL_UP.names), ROLL_UP)
    table = _sums(below).merge(
        own[[*_CELL, *_NUMBERS]].rename(columns={name: f"reported_{name}" for name in _NUMBERS}),
        on=_CELL,
        how="left",
    )
    table["reason"] = _disagreements(table)
    incomplete = table["reason"].isin(["areas_missing", "counts_missing"])
    table.loc[incomplete, _NUMBERS] = np.nan
    order = ["place", *STRATUM[1:], "year"]
    return conform(table.assign(area=plan.area).sort_values(order), ROLL_UP)


def _sums(below: pd.DataFrame) -> pd.DataFrame:
    table = below.groupby([*_CELL, "place", "kind", "scale"], as_index=False).agg(
        n_areas=("area", "nunique"),
        numerator=("numerator", "sum"),
        denominator=("denominator", "sum"),
        counts=("numerator", "count"),
        sizes=("denominator", "count"),
        simulated=("simulated", "any"),
    )
    expected = below.groupby(list(STRATUM))["area"].nunique().rename("n_expected")
    is_count = (table["kind"] == "count") & (table["sizes"] == 0)
    people = table["denominator"].where(table["denominator"] > 0)
    quotient = table["numerator"] / people * table["scale"]
    sized = is_count | (table["sizes"] == table["n_areas"])
    return table.join(expected, on=list(STRATUM)).assign(
        value=np.where(is_count, table["numerator"], quotient),
        denominator=table["denominator"].where(~is_count),
        complete=(table["counts"] == table["n_areas"]) & sized,
    )


def _disagreements(table: pd.DataFrame) -> np.ndarray:
    """Why areas cannot be added up, or in what the sum differs from what was reported."""
    apart = {name: (table[name] - table[f"reported_{name}"]).abs() for name in _NUMBERS}
    cases = {
        "areas_missing": table["n_areas"] < table["n_expected"],
        "counts_missing": ~table["complete"] | table["value"].isna(),
        "not_reported": table["reported_value"].isna(),
        "counts_differ": (apart["numerator"] > 0.5) | (apart["denominator"] > 0.5),
        "value_differs": ~(apart["value"] <= table["reported_value"].map(half_a_digit)),
    }
    return np.select(list(cases.values()), list(cases), "")


def half_a_digit(value: float) -> float:
    """Return half a unit of the last digit that is written, and a hair for binary fractions."""
    _, _, decimals = f"{value:.10g}".partition(".")
    return 0.5 * 10.0 ** -len(decimals) + 1e-9


def lowest_area(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    year: int,
    areas: pd.DataFrame | None = None,
    as_of: str | None = None,
    scheme: Scheme | None = None,
) -> pd.DataFrame:
    """Return the lowest area of each indicator with a line for every area, and the verdict.

    Parameters
    ----------
    year : int
        Last year whose values are looked at.
    areas : pandas.DataFrame, optional
        As for :func:`wdp_lib.compare_areas`.

    Returns
    -------
    pandas.DataFrame
        Contract ``LOWEST_AREA``: one row an indicator with the target ``every_area``. State and
        reason are those of :func:`wdp_lib.assess`, which judges the lowest area of the last year of
        the plan's area, never the mean.
    """
    known = Known(observations, plan, as_of, areas)
    years = {i.id: year for i in plan.indicators if i.target.statistic == "lowest_area"}
    rows = known.table[known.table["year"] <= year]
    cases = cases_until(rows, plan, years, scheme, known.smaller)
    found = [_lowest(case) for case in cases.values()]
    return conform(pd.DataFrame(found, columns=LOWEST_AREA.names), LOWEST_AREA)


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

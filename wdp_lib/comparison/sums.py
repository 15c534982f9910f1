"""The whole and its parts: sums of the areas below, the lowest of them, who lacks the most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from wdp_lib.assessment.case import Case, Collected
from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.assessment.series import Rows, pick
from wdp_lib.assessment.state import judge
from wdp_lib.comparison.known import STRATUM, Known, stacked
from wdp_lib.comparison.tables import DIMENSIONS, DRILL_DOWN, LOWEST_AREA, ROLL_UP
from wdp_lib.core.columns import conform
from wdp_lib.plan import Indicator, Plan, Range

HALF = 0.5  # a part that is short by less than half a person or case lacks nobody
OF_LEVEL = ("level", "lowest_area")  # statistics whose line holds for the value of one area
_ADDED_UP = ("proportion", "share", "rare_rate", "ratio", "count", "mean")
_NUMBERS = ["value", "numerator", "denominator"]
_CELL = [*STRATUM, "year"]


def roll_up(
    observations: pd.DataFrame | Known,
    plan: Plan,
    *,
    areas: pd.DataFrame | None = None,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Add up the areas below the plan's area: counts are summed, the value is their quotient.

    A mean of the areas' rates is never taken: it would give a hamlet the weight of a town.
    ``areas`` is as for :func:`wdp_lib.compare_areas`.

    Returns
    -------
    pandas.DataFrame
        Contract ``ROLL_UP``: one row for each indicator, stratum and year that any area below
        reports, in the plan's order, beside what the plan's area itself reports. Areas are expected
        that report the stratum in any year, of those within each other the largest; with one
        missing, or without counts, there is no value, and a ``reason``. Gaps and indices cannot be
        added up and have no row.
    """
    known = Known.of(observations, plan, as_of, areas)
    kinds = pd.DataFrame(
        [(i.id, k, i.data_kind, i.multiplier or 1.0) for k, i in enumerate(plan.indicators)],
        columns=["indicator", "place", "kind", "scale"],
    )
    rows = known.table[["area", *_CELL, *_NUMBERS, "simulated"]]
    rows = rows.merge(kinds[kinds["kind"].isin(_ADDED_UP)], on="indicator")
    below, own = rows[known.is_below(rows["area"])], rows[rows["area"] == plan.area]
    if below.empty:
        return conform(pd.DataFrame(columns=ROLL_UP.names), ROLL_UP)
    below = _counted_once(below, known)
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


def _counted_once(below: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Leave out an area that is part of another which reports the same stratum itself."""
    inner = [(area, around) for area, many in known.within.items() for around in many]
    if not inner:
        return below
    reported = below[["area", *STRATUM]].drop_duplicates()
    around = pd.DataFrame(inner, columns=["area", "around"]).merge(
        reported.rename(columns={"area": "around"}), on="around"
    )
    twice = pd.MultiIndex.from_frame(around[["area", *STRATUM]])
    return below[~pd.MultiIndex.from_frame(below[["area", *STRATUM]]).isin(twice)]


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
    observations: pd.DataFrame | Known,
    plan: Plan,
    *,
    year: int,
    areas: pd.DataFrame | None = None,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Return the lowest area of each indicator with a line for every area, and the verdict.

    ``year`` is the last whose values are looked at; ``areas`` as for `wdp_lib.compare_areas`.

    Returns
    -------
    pandas.DataFrame
        Contract ``LOWEST_AREA``: one row an indicator with the target ``every_area``. State and
        reason are those of :func:`wdp_lib.assess`, which judges the lowest area of the last year of
        the plan's area, never the mean.
    """
    known = Known.of(observations, plan, as_of, areas)
    years = {i.id: year for i in plan.indicators if i.target.statistic == "lowest_area"}
    rows = known.table[known.table["year"] <= year]
    cases = cases_until(rows, plan, years, below=known.smaller)
    found = [_lowest(case) for case in cases.values()]
    return conform(pd.DataFrame(found, columns=LOWEST_AREA.names), LOWEST_AREA)


def _lowest(case: Case) -> dict:
    state, reason = judge(case)
    row = {"indicator": case.indicator.id, "state": state, "state_reason": reason}
    row["line"] = case.indicator.target.value
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


def drill_down(
    observations: pd.DataFrame | Known,
    plan: Plan,
    *,
    indicator: str,
    year: int,
    areas: pd.DataFrame | None = None,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Say which area, sex, residence and age contributes most to what is short of the line.

    Returns
    -------
    pandas.DataFrame
        Contract ``DRILL_DOWN``: one row a part, by dimension (areas, then sex, residence, age), the
        largest contribution first; where there are no counts the largest gap. Contribution =
        persons or cases the part is short of the line. Only dimensions in which the target itself
        speaks of all. Without a line that holds for a level (monitored only, growth, gap, no
        baseline) gap and contribution are NaN.

    Raises
    ------
    ParameterError
        When the plan has no such indicator or ``as_of`` is no date.
    """
    indicator = plan.indicator(indicator).id
    return _contributions(Known.of(observations, plan, as_of, areas), plan, {indicator: year})


def largest_contributions(
    observations: pd.DataFrame | Known,
    plan: Plan,
    indicators: Sequence[str],
    *,
    areas: pd.DataFrame | None = None,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Return, by indicator and dimension, the part that adds most to what is missing.

    Each indicator is taken in the last year of the plan's area. At most one row of `drill_down` an
    indicator and dimension (equal parts: the first by name); none where no part is short of the
    line by half a person or case, or the dimension is not reported.
    """
    known = Known.of(observations, plan, as_of, areas)
    names = [plan.indicator(name).id for name in indicators]
    seen = {name: known.own(plan.indicator(name))["year"] for name in names}
    years = {name: int(found.max()) for name, found in seen.items() if len(found)}
    table = _contributions(known, plan, years)
    large = table[table["contribution"] >= HALF]
    return large.drop_duplicates(["indicator", "dimension"]).reset_index(drop=True)


def _contributions(known: Known, plan: Plan, years: Mapping[str, int]) -> pd.DataFrame:
    """Return the parts of some indicators, each in a year of its own."""
    cases, parts = cases_until(known.table, plan, years), []
    for name, year in years.items():
        indicator, line = plan.indicator(name), line_of(cases[name])
        for dimension, rows in _parts(known, indicator, year):
            more = {"indicator": name, "dimension": dimension, "part": rows[dimension]}
            parts.append({**rows, **shortfall(rows, line, indicator), **more})
    table = stacked(parts, DRILL_DOWN)
    for name in ("gap", "contribution"):
        table[f"rank_{name}"] = table.groupby("block")[name].rank(method="min", ascending=False)
    order = ["block", "rank_contribution", "rank_gap", "part"]
    table = table.assign(reason=np.where(table["denominator"].isna(), "counts_missing", ""))
    return conform(table.sort_values(order, na_position="last"), DRILL_DOWN)


def _parts(known: Known, indicator: Indicator, year: int) -> list[tuple[str, Rows]]:
    parts = [("area", known.below(indicator, year))]
    for name in DIMENSIONS:
        if indicator.stratum[name] == "all":
            rows = known.own(indicator, but=name)
            parts.append((name, pick(rows, (rows["year"] == year) & (rows[name] != "all"))))
    return [(name, rows) for name, rows in parts if len(rows["year"])]


def cases_until(
    rows: pd.DataFrame,
    plan: Plan,
    years: Mapping[str, int],
    scheme: Scheme | None = None,
    below: Sequence[str] | None = None,
) -> dict[str, Case]:
    """Return the cases of some indicators as they stood in a year each; nothing is forecast."""
    collected, scheme = (
        Collected(rows, plan, areas=[plan.area], until=years),
        scheme or load_scheme(),
    )
    return {
        name: collected.case(plan.indicator(name), plan, year, scheme, below)
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

    Positive is short of the line; NaN without a line or a denominator. Persons and cases are those
    of the counts, where these are known, and not of the printed percentage: 132 of 2,827 are short
    where 95.3 % would say 133. ``contribution_share`` is of all that the rows which are short lack,
    0-1; NaN where none is short.
    """
    unknown = np.full(len(rows["value"]), np.nan)
    gap = -line.margin(rows["value"]) if line else unknown
    per = rows["denominator"] / (indicator.multiplier or np.nan)
    counted = np.isfinite(rows["numerator"]) & (rows["denominator"] > 0)
    exact = np.divide(rows["numerator"], per, out=np.array(rows["value"], float), where=counted)
    cases = -line.margin(exact) * per if line else unknown
    short = np.clip(np.nan_to_num(cases), 0.0, None)
    share = short / short.sum() if short.sum() > 0 else unknown
    return {"gap": gap, "contribution": cases, "contribution_share": share}

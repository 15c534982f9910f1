"""Areas side by side, with the caution that small areas need, and beside the areas above."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wdp_lib.assessment.case import Case
from wdp_lib.assessment.scheme import Scheme
from wdp_lib.assessment.series import Rows, pick
from wdp_lib.comparison.known import COUNTED, Known, is_proportion, stacked, worst_side
from wdp_lib.comparison.measures import dispersion, empirical_bayes, funnel_limits, rank_interval
from wdp_lib.comparison.sums import cases_until, line_of, shortfall
from wdp_lib.comparison.tables import AREA_COMPARISON, AREA_OVERVIEW, PARENT_COMPARISON
from wdp_lib.core.columns import conform
from wdp_lib.data.read.metadata import parent_areas
from wdp_lib.forecasting.counts.rates import proportion_interval, rate_interval
from wdp_lib.plan import Indicator, Plan

FAR = "99.8"
_SIDES = {"worse_areas": ("worse",), "better_areas": ("better",), "apart_areas": ("low", "high")}
_NEEDS_COUNTS = ("common", "dispersion", "p_dispersion", "inflation", "shrinkage")
_NEEDS_COUNTS += ("shrunken", "shrunken_lower", "shrunken_upper")


def compare_areas(
    observations: pd.DataFrame | Known,
    plan: Plan,
    *,
    indicator: str,
    year: int,
    areas: pd.DataFrame | None = None,
    as_of: str | None = None,
    seed: int = 0,
    scheme: Scheme | None = None,
) -> pd.DataFrame:
    """Compare the areas below the plan's area in one indicator and year.

    Each has its value with interval; funnel limits around the value of all areas together; the
    value drawn towards that common value; its rank with interval; whether it meets the target, and
    how many persons or cases it is short of it.

    Parameters
    ----------
    indicator : str
        Identifier or name; compared in the stratum of its target.
    year : int
        Year of the values; a baseline is taken from this year or before.
    areas : pandas.DataFrame, optional
        ``area, parent`` of the data set: only areas whose parents lead to the plan's are compared;
        without it all but the plan's own.
    seed : int
        Seed of the draws behind the ranks.

    Returns
    -------
    pandas.DataFrame
        Contract ``AREA_COMPARISON``, worst first; empty when no area has a value. Areas without
        usable counts have value, rank and target only, and a ``reason``; an indicator without a
        better side, or that is a plain number, has no rank. Limits are those of chance alone unless
        the areas differ beyond it (``p_dispersion`` below 0.05); then they are widened by
        ``inflation``, so that only areas unlike the others stand out.

    Raises
    ------
    ParameterError
        When the plan has no such indicator or ``as_of`` is no date.
    """
    indicator = plan.indicator(indicator).id
    known = Known.of(observations, plan, as_of, areas)
    return _compared(known, plan, {indicator: year}, seed, scheme)


def compare_all_areas(
    observations: pd.DataFrame | Known,
    plan: Plan,
    *,
    areas: pd.DataFrame | None = None,
    as_of: str | None = None,
    seed: int = 0,
    scheme: Scheme | None = None,
) -> pd.DataFrame:
    """Compare the areas below the plan's area in every indicator, each in its last year.

    In the plan's order, and otherwise as `compare_areas`; plain numbers of persons or cases, of
    which a large area always has more, have no row.
    """
    known = Known.of(observations, plan, as_of, areas)
    seen = {i.id: known.below(i)["year"] for i in plan.indicators if i.data_kind != "count"}
    years = {name: int(found.max()) for name, found in seen.items() if len(found)}
    return _compared(known, plan, years, seed, scheme)


def _compared(
    known: Known, plan: Plan, years: Mapping[str, int], seed: int, scheme: Scheme | None
) -> pd.DataFrame:
    cases = cases_until(known.table, plan, years, scheme)
    parts = [(known.below(plan.indicator(name), year), cases[name]) for name, year in years.items()]
    table = stacked(
        [_of_one(rows, case, seed) for rows, case in parts if len(rows["year"])], AREA_COMPARISON
    )
    if len(table):
        table = _with_limits(table)
    order = ["block", "rank", "area"]
    return conform(table.sort_values(order, na_position="last"), AREA_COMPARISON)


def _of_one(rows: Rows, case: Case, seed: int) -> Rows:
    """Everything but the limits, which are the same function of many areas at once."""
    indicator, line = case.indicator, line_of(case)
    trials, worst, scale = is_proportion(indicator), worst_side(indicator), indicator.multiplier
    kept = line.contains(rows["value"]) if line else np.zeros(len(rows["value"]), bool)
    reason = reasons(rows, indicator.data_kind, trials)
    counted = reason == ""
    ranks = dict.fromkeys(("rank", "rank_lower", "rank_upper"), np.nan)
    if worst and indicator.data_kind != "count":
        ranks["rank"] = pd.Series(-worst * rows["value"]).rank(method="min").to_numpy()
        if counted.all():
            ranks["rank_lower"], ranks["rank_upper"] = rank_interval(
                rows["numerator"], rows["denominator"], trials=trials, worst=worst, seed=seed
            )
    return {
        **rows,
        **shortfall(rows, line, indicator),
        "indicator": indicator.id,
        "trials": trials,
        "scale": scale or 1.0,
        "worst": worst,
        "line_lower": line.lower if line and np.isfinite(line.lower) else np.nan,
        "line_upper": line.upper if line and np.isfinite(line.upper) else np.nan,
        "keeps": np.where(kept, "yes", "no") if line else "",
        "share_below": float(1 - np.mean(kept)) if line else np.nan,
        "reason": reason,
        **_drawn_in(pick(rows, counted), counted, trials, scale or 1.0),
        **ranks,
    }


def reasons(rows: Rows, data_kind: str, trials: bool) -> np.ndarray:
    """Return why rows have no counts with a sampling error, ``""`` where they have."""
    events, exposure = rows["numerator"], rows["denominator"]
    unknown = np.isnan(events) | np.isnan(exposure) | (data_kind not in COUNTED)
    cases = {
        "full_count": np.full(len(events), data_kind == "share"),
        "counts_missing": unknown,
        "zero_denominator": exposure <= 0,
        "not_a_proportion": (events > exposure) & trials,
    }
    return np.select(list(cases.values()), list(cases), "")


def _drawn_in(rows: Rows, counted: np.ndarray, trials: bool, scale: float) -> Rows:
    """Common value, spread and shrunken values of the areas with counts; NaN of the others."""
    filled = {name: np.full(len(counted), np.nan) for name in _NEEDS_COUNTS}
    if counted.any():
        counts = rows["numerator"], rows["denominator"]
        spread, drawn = (of(*counts, trials=trials) for of in (dispersion, empirical_bayes))
        common = counts[0].sum() / counts[1].sum()
        values = (common, *spread, 1 - drawn.weight)
        values += tuple(part * scale for part in (drawn.value, drawn.lower, drawn.upper))
        for name, value in zip(_NEEDS_COUNTS, values, strict=True):
            filled[name][counted] = value
    return filled


def _with_limits(table: pd.DataFrame) -> pd.DataFrame:
    """Add intervals and funnel limits of all areas with counts, and their side of the limits."""
    known = (table["reason"] == "").to_numpy()
    rows = table[known]
    events, exposure, scale, common = (
        rows[name].to_numpy(float) for name in ("numerator", "denominator", "scale", "common")
    )
    trials, inflation = rows["trials"].to_numpy(bool), rows["inflation"].to_numpy(float)
    found = {"common_value": common * scale}
    for name, coverage in (("95", 0.95), ("998", 0.998)):
        limits = funnel_limits(
            common, exposure, coverage=coverage, trials=trials, inflation=inflation
        )
        found[f"limit_{name}_lower"], found[f"limit_{name}_upper"] = (end * scale for end in limits)
    found["lower"], found["upper"], found["interval_method"] = (
        np.where(trials, one, other)
        for one, other in zip(
            proportion_interval(events, exposure, multiplier=scale),
            rate_interval(events, exposure, multiplier=scale),
            strict=True,
        )
    )
    # by the counts, not by the rounded value
    values, worst = events / exposure * scale, rows["worst"].to_numpy()
    low, high = values < found["limit_95_lower"], values > found["limit_95_upper"]
    far = (values < found["limit_998_lower"]) | (values > found["limit_998_upper"])
    found["outside"] = np.select([far, low | high], [FAR, "95"], "")
    found["side"] = np.where(low | high, side_of(np.where(low, -1, 1), worst), "")
    return table.join(pd.DataFrame(found, index=rows.index))


def side_of(difference: np.ndarray, worst: np.ndarray | int) -> np.ndarray:
    """Return codes of differences: better, worse, equal; low or high without a better side."""
    sides = {
        "equal": difference == 0,
        "worse": difference * worst > 0,
        "better": difference * worst < 0,
        "low": difference < 0,
    }
    return np.select(list(sides.values()), list(sides), "high")


def area_overview(compared: pd.DataFrame) -> pd.DataFrame:
    """Say of each indicator which area is worst, and which lie outside the 99.8 % limits.

    ``compared`` comes from `wdp_lib.compare_all_areas` or `wdp_lib.compare_areas`.

    Contract ``AREA_OVERVIEW``, one row an indicator, in the order of the table. Without a better
    side, or where all areas have the same value, no area is the worst. ``n_below`` is missing where
    no line holds for an area. ``left_out_areas`` lack usable counts (such as more people reached
    than there are) where others have them: no limits hold for them.
    """
    table = conform(compared, AREA_COMPARISON)
    table = table.assign(
        has_line=table["keeps"] != "", short=table["keeps"] == "no", counted=table["reason"] == ""
    )
    rows = table.groupby("indicator", sort=False).agg(
        year=("year", "first"),
        n_areas=("area", "size"),
        common_value=("common_value", "max"),
        inflation=("inflation", "max"),
        n_below=("short", "sum"),
        has_line=("has_line", "all"),
        counted=("counted", "any"),
        reason=("reason", "first"),
        simulated=("simulated", "any"),
    )
    first, far = table[table["rank"] == 1], table[table["outside"] == FAR]
    n_first = first.groupby("indicator").size().reindex(rows.index, fill_value=0)
    worst = first[first["indicator"].map(n_first < rows["n_areas"]).astype(bool)]
    alone = worst[~worst.duplicated("indicator", keep=False)].set_index("indicator")

    def names(areas: pd.DataFrame) -> pd.Series:
        return areas.groupby("indicator")["area"].agg(";".join).reindex(rows.index, fill_value="")

    rows = rows.assign(
        worst_area=names(worst),
        worst_value=worst.drop_duplicates("indicator").set_index("indicator")["value"],
        **{f"worst_{name}": alone[name] for name in ("lower", "upper", "shrunken")},
        **{name: names(far[far["side"].isin(sides)]) for name, sides in _SIDES.items()},
        left_out_areas=names(table[~table["counted"]]).where(rows["counted"], ""),
        n_below=rows["n_below"].where(rows["has_line"]),
        reason=rows["reason"].mask(rows["counted"], ""),
    )
    return conform(rows.reset_index(), AREA_OVERVIEW)


def most_unlike(compared: pd.DataFrame) -> str:
    """Return the indicator with the area farthest on the worse side, in widths of 99.8 % limits.

    Returns ``""`` where none does. ``compared`` comes from `wdp_lib.compare_all_areas`.
    """
    table = conform(compared, AREA_COMPARISON)
    bad = table[table["side"] == "worse"]
    limit = bad["limit_998_upper"].where(bad["value"] > bad["common_value"], bad["limit_998_lower"])
    apart = ((bad["value"] - bad["common_value"]) / (limit - bad["common_value"])).dropna()
    return "" if apart.empty else str(bad.loc[apart.idxmax(), "indicator"])


def compare_parents(
    observations: pd.DataFrame | Known,
    plan: Plan,
    areas: pd.DataFrame,
    *,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Set the plan's area beside the areas above it, in the last year that both have.

    This is context, never part of a verdict, risk or warning. ``areas`` has the columns ``area,
    level, parent``.

    Returns
    -------
    pandas.DataFrame
        Contract ``PARENT_COMPARISON``, in the plan's order: one row an indicator and parent area
        for which the data set has any value, with a ``reason`` where the two have no year in
        common; none for plain numbers of persons or cases.
    """
    known, above, rows = Known.of(observations, plan, as_of), parent_areas(areas, plan.area), []
    levels = dict(zip(areas["area"], areas["level"].fillna(""), strict=True))
    compared = [i for i in plan.indicators if above and i.data_kind != "count"]
    for indicator in compared:
        values, own = known.stratum(indicator), known.own(indicator)
        for name in above:
            theirs = pick(values, values["area"] == name)
            if len(theirs["year"]):
                named = {"area": plan.area, "parent_area": name, "level": levels.get(name, "")}
                rows.append(named | _beside(indicator, own, theirs))
    return conform(pd.DataFrame(rows, columns=PARENT_COMPARISON.names), PARENT_COMPARISON)


def _beside(indicator: Indicator, own: Rows, theirs: Rows) -> dict:
    row = {"indicator": indicator.id, **indicator.stratum, "use": "context"}
    years, ours, others = np.intersect1d(own["year"], theirs["year"], return_indices=True)
    if not len(years):
        return {**row, "side": "", "reason": "no_common_year", "simulated": False}
    value, parent = own["value"][ours[-1]], theirs["value"][others[-1]]
    difference = round(float(value - parent), 9)
    return {
        **row,
        "year": years[-1],
        "value": value,
        "parent_value": parent,
        "difference": difference,
        "side": str(side_of(np.array(difference), worst_side(indicator))),
        "reason": "",
        "simulated": own["simulated"][ours[-1]] or theirs["simulated"][others[-1]],
    }

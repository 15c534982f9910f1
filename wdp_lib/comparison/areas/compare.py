"""Areas side by side, with the caution that small areas need."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wdp_lib.assessment.case import Case
from wdp_lib.assessment.scheme import Scheme
from wdp_lib.assessment.series import Rows
from wdp_lib.comparison.areas.contributions import cases_until, line_of, shortfall
from wdp_lib.comparison.areas.measures import (
    dispersion,
    empirical_bayes,
    funnel_limits,
    rank_interval,
)
from wdp_lib.comparison.known import COUNTED, Known, is_proportion, worst_side
from wdp_lib.comparison.tables import AREA_COMPARISON
from wdp_lib.core.columns import conform
from wdp_lib.forecasting.counts.rates import proportion_interval, rate_interval
from wdp_lib.plan import Plan

_HELPERS = ["common", "trials", "scale", "worst"]


def compare_areas(
    observations: pd.DataFrame,
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
        Identifier; compared in the stratum of its target.
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
    plan.indicator(indicator)
    known = Known(observations, plan, as_of, areas)
    return _compared(known, plan, {indicator: year}, seed, scheme)


def compare_all_areas(
    observations: pd.DataFrame,
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
    known = Known(observations, plan, as_of, areas)
    seen = {i.id: known.below(i)["year"] for i in plan.indicators if i.data_kind != "count"}
    years = {name: int(found.max()) for name, found in seen.items() if len(found)}
    return _compared(known, plan, years, seed, scheme)


def _compared(
    known: Known, plan: Plan, years: Mapping[str, int], seed: int, scheme: Scheme | None
) -> pd.DataFrame:
    cases = cases_until(known.table, plan, years, scheme)
    parts = [(known.below(plan.indicator(name), year), name) for name, year in years.items()]
    tables = [pd.DataFrame(_unlimited(p, cases[n], seed)) for p, n in parts if len(p["year"])]
    if not tables:
        return conform(pd.DataFrame(columns=AREA_COMPARISON.names), AREA_COMPARISON)
    table = _limited(pd.concat(tables, keys=range(len(tables)), names=["place"]))
    return conform(
        table.sort_values(["place", "rank", "area"], na_position="last"), AREA_COMPARISON
    )


def _unlimited(rows: Rows, case: Case, seed: int) -> Rows:
    """Everything but the limits, which are the same function of many areas at once."""
    indicator, line = case.indicator, line_of(case)
    kept = line.contains(rows["value"]) if line else np.zeros(len(rows["value"]), bool)
    found = {
        **rows,
        **shortfall(rows, line, indicator),
        "indicator": indicator.id,
        "trials": is_proportion(indicator),
        "scale": indicator.multiplier or 1.0,
        "worst": worst_side(indicator),
        "line_lower": line.lower if line and np.isfinite(line.lower) else np.nan,
        "line_upper": line.upper if line and np.isfinite(line.upper) else np.nan,
        "keeps": np.where(kept, "yes", "no") if line else "",
        "share_below": float(1 - np.mean(kept)) if line else np.nan,
        "reason": reasons(rows, indicator.data_kind, is_proportion(indicator)),
    }
    if (found["reason"] == "").any():
        found |= _shrunken(found, found["reason"] == "")
    if found["worst"] and indicator.data_kind != "count":
        found |= _ranked(found, seed)
    return found


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


def _shrunken(found: Rows, counted: np.ndarray) -> Rows:
    """Common value, spread and shrunken values of the areas with counts."""
    counts, trials = [found[n][counted] for n in ("numerator", "denominator")], found["trials"]
    spread, drawn = dispersion(*counts, trials=trials), empirical_bayes(*counts, trials=trials)
    made = {
        "common": counts[0].sum() / counts[1].sum(),
        "dispersion": spread.factor,
        "p_dispersion": spread.p_value,
        "inflation": spread.inflation,
        "shrunken": drawn.value * found["scale"],
        "shrunken_lower": drawn.lower * found["scale"],
        "shrunken_upper": drawn.upper * found["scale"],
        "shrinkage": 1 - drawn.weight,
    }
    filled = {name: np.full(len(counted), np.nan) for name in made}
    for name, values in made.items():
        filled[name][counted] = values
    return filled


def _ranked(found: Rows, seed: int) -> Rows:
    ranks = {"rank": pd.Series(-found["worst"] * found["value"]).rank(method="min").to_numpy()}
    if (found["reason"] == "").all():
        ranks["rank_lower"], ranks["rank_upper"] = rank_interval(
            found["numerator"],
            found["denominator"],
            trials=found["trials"],
            worst=found["worst"],
            seed=seed,
        )
    return ranks


def _limited(table: pd.DataFrame) -> pd.DataFrame:
    """Add intervals and funnel limits of all areas with counts, and their side of the limits."""
    table = table.reindex(columns=[*AREA_COMPARISON.names, *_HELPERS])
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
    of_trials = proportion_interval(events, exposure, multiplier=scale)
    of_events = rate_interval(events, exposure, multiplier=scale)
    found["lower"], found["upper"], found["interval_method"] = (
        np.where(trials, one, other) for one, other in zip(of_trials, of_events, strict=True)
    )
    found |= _outside(events / exposure * scale, found, rows["worst"].to_numpy())
    for name, values in found.items():
        table[name] = table[name].astype("object" if values.dtype.kind in "UO" else "float64")
        table.loc[known, name] = values
    return table


def _outside(values: np.ndarray, found: Rows, worst: np.ndarray) -> Rows:
    """Whether the value by the counts, not the rounded one, lies outside, and on which side."""
    low, high = values < found["limit_95_lower"], values > found["limit_95_upper"]
    far = (values < found["limit_998_lower"]) | (values > found["limit_998_upper"])
    return {
        "outside": np.select([far, low | high], ["99.8", "95"], ""),
        "side": np.where(low | high, side_of(np.where(low, -1, 1), worst), ""),
    }


def side_of(difference: np.ndarray, worst: np.ndarray | int) -> np.ndarray:
    """Return codes of differences: better, worse, equal; low or high without a better side."""
    sides = {
        "equal": difference == 0,
        "worse": difference * worst > 0,
        "better": difference * worst < 0,
        "low": difference < 0,
    }
    return np.select(list(sides.values()), list(sides), "high")

"""Areas side by side, with the caution that small areas need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import Scheme
from wdp_lib.assessment.series import Rows, pick
from wdp_lib.comparison.areas.lines import cases_until, line_of, shortfall
from wdp_lib.comparison.areas.measures import (
    dispersion,
    empirical_bayes,
    funnel_limits,
    rank_interval,
)
from wdp_lib.comparison.areas.tables import AREA_COMPARISON
from wdp_lib.comparison.known import COUNTED, Known, is_proportion, worst_side
from wdp_lib.core.columns import conform
from wdp_lib.forecasting.counts.rates import proportion_interval, rate_interval
from wdp_lib.plan import Indicator, Plan, Range


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

    Each has its value with interval; funnel limits around the value of all areas together; the
    value drawn towards that common value; its rank with interval; whether it meets the target, and
    how many persons or cases it is short of it.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    indicator : str
        Identifier; compared in the stratum of its target.
    year : int
        Year of the values; a baseline is taken from this year or before.
    areas : sequence of str, optional
        Areas compared; all but the plan's own unless given.
    as_of : str, optional
        Cut-off date, as for :func:`wdp_lib.group_gaps`.
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
    wanted, known = plan.indicator(indicator), Known(observations, as_of)
    rows = known.stratum(wanted)
    below = rows["area"] != plan.area if areas is None else np.isin(rows["area"], list(areas))
    rows = pick(rows, below & (rows["year"] == year))
    return _compared([(wanted, rows)], known, plan, {indicator: year}, seed, scheme)


def compare_all_areas(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    as_of: str | None = None,
    seed: int = 0,
    scheme: Scheme | None = None,
) -> pd.DataFrame:
    """Compare the areas below the plan's area in every indicator, each in its last year.

    Parameters as for `compare_areas`.

    Returns
    -------
    pandas.DataFrame
        Contract ``AREA_COMPARISON``, in the plan's order; indicators no area below reports have no
        row, nor have plain numbers of persons or cases, of which a large area always has more.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    known, parts, years = Known(observations, as_of), [], {}
    for indicator in plan.indicators:
        rows = known.stratum(indicator)
        below = rows["area"] != plan.area
        if indicator.data_kind != "count" and below.any():
            years[indicator.id] = int(rows["year"][below].max())
            parts.append((indicator, pick(rows, below & (rows["year"] == years[indicator.id]))))
    return _compared(parts, known, plan, years, seed, scheme)


def _compared(
    parts: list[tuple[Indicator, Rows]],
    known: Known,
    plan: Plan,
    years: dict[str, int],
    seed: int,
    scheme: Scheme | None,
) -> pd.DataFrame:
    cases = cases_until(known.table, plan, years, scheme)
    tables = [
        pd.DataFrame(_of_indicator(rows, indicator, line_of(cases[indicator.id]), seed))
        for indicator, rows in parts
        if len(rows["value"])
    ]
    if not tables:
        return conform(pd.DataFrame(columns=AREA_COMPARISON.names), AREA_COMPARISON)
    table = _limited(pd.concat(tables, keys=range(len(tables)), names=["place"]))
    table = table.sort_values(["place", "rank", "area"], na_position="last")
    return conform(table, AREA_COMPARISON)


def _of_indicator(rows: Rows, indicator: Indicator, line: Range | None, seed: int) -> Rows:
    """Everything but the limits, which are the same function of many areas at once."""
    short = shortfall(rows, line, indicator)
    kept = line.contains(rows["value"]) if line else np.zeros(len(rows["value"]), bool)
    found = {
        **rows,
        "indicator": indicator.id,
        "reason": _reasons(rows, indicator),
        "trials": is_proportion(indicator),
        "scale": indicator.multiplier or 1.0,
        "worst": worst_side(indicator),
        "line_lower": line.lower if line and np.isfinite(line.lower) else np.nan,
        "line_upper": line.upper if line and np.isfinite(line.upper) else np.nan,
        "keeps": np.where(kept, "yes", "no") if line else "",
        "share_below": float(1 - np.mean(kept)) if line else np.nan,
        "contribution": short["contribution"],
        "contribution_share": short["contribution_share"],
    }
    return found | _shrunken(found) | _ranked(found, indicator, seed)


def _reasons(rows: Rows, indicator: Indicator) -> np.ndarray:
    events, exposure = rows["numerator"], rows["denominator"]
    unknown = np.isnan(events) | np.isnan(exposure) | (indicator.data_kind not in COUNTED)
    return np.select(
        [
            np.full(len(events), indicator.data_kind == "share"),
            unknown,
            exposure <= 0,
            (events > exposure) & is_proportion(indicator),
        ],
        ["full_count", "counts_missing", "zero_denominator", "not_a_proportion"],
        "",
    )


def _shrunken(found: Rows) -> Rows:
    """Common value, spread and shrunken values of the areas with counts."""
    counted = found["reason"] == ""
    if not counted.any():
        return {}
    events, exposure = found["numerator"][counted], found["denominator"][counted]
    spread = dispersion(events, exposure, trials=found["trials"])
    drawn, scale = empirical_bayes(events, exposure, trials=found["trials"]), found["scale"]
    made = {
        "common": events.sum() / exposure.sum(),
        "dispersion": spread.factor,
        "p_dispersion": spread.p_value,
        "inflation": spread.inflation,
        "shrunken": drawn.value * scale,
        "shrunken_lower": drawn.lower * scale,
        "shrunken_upper": drawn.upper * scale,
        "shrinkage": 1 - drawn.weight,
    }
    blank = np.full(len(counted), np.nan)
    filled = {name: blank.copy() for name in made}
    for name, values in made.items():
        filled[name][counted] = values
    return filled


def _ranked(found: Rows, indicator: Indicator, seed: int) -> dict:
    worst = found["worst"]
    if worst == 0 or indicator.data_kind == "count":
        return {}
    ranks = {"rank": pd.Series(-worst * found["value"]).rank(method="min").to_numpy()}
    if (found["reason"] == "").all():
        counts = found["numerator"], found["denominator"]
        ends = rank_interval(*counts, trials=found["trials"], worst=worst, seed=seed)
        ranks |= dict(zip(("rank_lower", "rank_upper"), ends, strict=True))
    return ranks


def _limited(table: pd.DataFrame) -> pd.DataFrame:
    """Add intervals and funnel limits of all areas with counts, and their side of the limits."""
    table = table.reindex(columns=[*AREA_COMPARISON.names, "common", "trials", "scale", "worst"])
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
    for name, one, other in zip(
        ("lower", "upper", "interval_method"), of_trials, of_events, strict=True
    ):
        found[name] = np.where(trials, one, other)
    found |= _outside(events / exposure * scale, found, rows["worst"].to_numpy())
    for name, values in found.items():
        table[name] = table[name].astype("object" if values.dtype.kind in "UO" else "float64")
        table.loc[known, name] = values
    return table


def _outside(values: np.ndarray, found: Rows, worst: np.ndarray) -> Rows:
    """Whether the value by the counts, not the rounded one, lies outside, and on which side."""
    low, high = values < found["limit_95_lower"], values > found["limit_95_upper"]
    far = (values < found["limit_998_lower"]) | (values > found["limit_998_upper"])
    below = np.select([worst < 0, worst > 0], ["worse", "better"], "low")
    above = np.select([worst < 0, worst > 0], ["better", "worse"], "high")
    return {
        "outside": np.select([far, low | high], ["99.8", "95"], ""),
        "side": np.select([low, high], [below, above], ""),
    }

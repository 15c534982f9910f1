"""The risk table: for each target its state, its distance, its outlook, and how sure we are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from wdp_lib.assessment.case import Case, Collected
from wdp_lib.assessment.outlook import outlook, probabilities_inside
from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.assessment.standing import standing
from wdp_lib.assessment.state import dips, judge
from wdp_lib.assessment.volatility import volatility
from wdp_lib.core.columns import FORECASTS, OBSERVATIONS, RISKS, conform
from wdp_lib.core.dates import data_year
from wdp_lib.data import current
from wdp_lib.data.read.metadata import areas_below
from wdp_lib.forecasting.counts.rates import count_interval
from wdp_lib.forecasting.models.registry import DEFAULT
from wdp_lib.forecasting.observations import forecast, observed_areas
from wdp_lib.forecasting.paths import forecast_paths
from wdp_lib.plan import Plan

_NUMBERS = ("numerator", "denominator")
_TEXTS = ("definition_match", "source", "source_address")


def assess(
    forecasts: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    *,
    as_of: str,
    scheme: Scheme | None = None,
    paths: pd.DataFrame | None = None,
    areas: pd.DataFrame | None = None,
    suspects: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Judge every target of a plan: state, distance, probability, class of difficulty, volatility.

    Parameters
    ----------
    forecasts : pandas.DataFrame
        Forecast table (contract ``FORECASTS``).
    observations : pandas.DataFrame
        Observation table (contract ``OBSERVATIONS``) known at the cut-off.
    as_of : str
        Cut-off date ``YYYY-MM-DD``; the year before it is the last whose value can be expected.
    scheme : Scheme, optional
        Thresholds; ``data/schemes/default.yaml`` unless given.
    paths : pandas.DataFrame, optional
        Joint paths of the indicators to be held every year (:func:`wdp_lib.forecast_paths`);
        without them the probability of such a target is the lowest of its single years, an upper
        bound.
    areas : pandas.DataFrame, optional
        ``area, parent`` of the data set: a target of every smaller area is judged by those whose
        parents lead to the plan's area; without it by all but the plan's own.

    suspects : pandas.DataFrame, optional
        Values that wait to be confirmed: the verdict carries their years in ``doubt``.

    Returns
    -------
    pandas.DataFrame
        One row for each indicator of the plan, in the plan's order (contract ``RISKS``). An
        indicator that cannot be judged has its row too, with a ``reason``; nothing is left out.

    Raises
    ------
    ParameterError
        When ``as_of`` is not a date.
    """
    year = data_year(as_of)
    used = current(conform(observations, OBSERVATIONS))
    collected = Collected(used, plan, conform(forecasts, FORECASTS), paths, [plan.area])
    below = areas_below(areas, plan.area)
    rows = risk_rows(collected, plan, year, scheme or load_scheme(), below)
    if suspects is not None and len(suspects):
        years = suspects.astype({"year": "str"}).groupby("indicator")["year"].agg(list)
        rows = [
            found | {"doubt": _doubt(found, years.get(found["indicator"], []))} for found in rows
        ]
    return _risks(rows)


def _risks(rows: list[dict]) -> pd.DataFrame:
    table = {name: [row.get(name, np.nan) for row in rows] for name in RISKS.names}
    return conform(pd.DataFrame(table), RISKS)


def _doubt(found: dict, years: list[str]) -> str:
    """Doubted years that bear on a verdict; when its year is over, that year's value alone does."""
    over = found["standing_by"] == "final_value"
    return ";".join(year for year in years if not over or year == str(found["last_year"]))


def risk_rows(
    collected: Collected,
    plan: Plan,
    data_year: int,
    scheme: Scheme,
    below: Iterable[str] | None = None,
) -> list[dict]:
    """Return the rows of the risk table of one area, from tables grouped once."""
    cases = collected.cases(plan, data_year, scheme, below)
    together = zip(cases, probabilities_inside(cases), _intervals(cases), strict=True)
    return [_row(case, plan, inside, interval) for case, inside, interval in together]


def _row(case: Case, plan: Plan, inside: float, interval: tuple) -> dict:
    indicator, target, found = case.indicator, case.indicator.target, case.target_range
    state, state_reason = judge(case)
    fluctuation = volatility(case.series, indicator, case.scheme.volatility_points)
    judged = found is not None and case.statistic is not None and not _told_by_counts(case)
    ahead = outlook(case, state_reason, inside)
    return {
        "indicator": indicator.id,
        "area": plan.area,
        **indicator.stratum,
        "target_kind": target.kind,
        "target_lower": found.lower if found and np.isfinite(found.lower) else np.nan,
        "target_upper": found.upper if found and np.isfinite(found.upper) else np.nan,
        "target_year": target.year,
        "evidence": target.evidence,
        "baseline_year": case.baseline["year"] if case.baseline else None,
        "baseline_value": case.baseline["value"] if case.baseline else np.nan,
        "state": state,
        "state_reason": state_reason,
        "dips": ";".join(map(str, dips(case))),
        "margin": float(found.margin(case.statistic)) if judged else np.nan,
        "volatility": fluctuation.kind,
        "volatility_reason": fluctuation.reason,
        "stale": case.stale,
        "simulated": bool(case.series["simulated"].any() or case.forecast["simulated"].any()),
        **_last(case, interval),
        **ahead,
        **standing(case, state, state_reason, ahead),
        **_shown_only(case),
    }


def _told_by_counts(case: Case) -> bool:
    """Whether the last year has too few cases for a distance to say anything."""
    only_direction = case.indicator.target.line_from == "baseline"
    return case.case_by_case or (only_direction and case.of_few_cases)


def class_probability(risks: pd.DataFrame) -> pd.Series:
    """Return the probability that the class and colour of each target rest on.

    Of a target with two edges that of not falling short; of every other that of meeting it.
    """
    return risks.get("p_not_short", risks["p_meet"]).fillna(risks["p_meet"])


def _shown_only(case: Case) -> dict:
    """What stands beside the verdict and does not decide: pooled counts, a later value."""
    later = case.later or {"year": None, "value": np.nan}
    events, exposure, since = (
        (case.pooled or (np.nan, np.nan, None)) if case.counts_pooled else (np.nan, np.nan, None)
    )
    return {
        "pooled_events": events,
        "pooled_exposure": exposure,
        "pooled_from": since,
        "later_year": later["year"],
        "later_value": later["value"],
    }


def _last(case: Case, interval: tuple) -> dict:
    row = case.last
    if row is None:
        return dict.fromkeys(_NUMBERS, np.nan) | dict.fromkeys(("interval_method", *_TEXTS), "")
    lower, upper, method = interval
    return {
        "last_year": row["year"],
        "last_value": row["value"],
        "last_lower": lower,
        "last_upper": upper,
        "interval_method": method,
        **{name: row[name] for name in (*_NUMBERS, *_TEXTS)},
    }


def _intervals(cases: Sequence[Case]) -> list[tuple[float, float, str]]:
    """Interval of each last value that is a rate or proportion with counts, computed together."""
    found = [(np.nan, np.nan, "")] * len(cases)
    for kind in ("rare_rate", "proportion"):
        own = [place for place, case in enumerate(cases) if case.last and _kind(case) == kind]
        last = [(cases[n].last, cases[n].indicator.multiplier or 1.0) for n in own]
        counts = [(row["numerator"], row["denominator"], times) for row, times in last]
        made = count_interval(*np.array(counts, float).reshape(-1, 3).T, kind)
        for place, *interval in zip(own, *(part.tolist() for part in made), strict=True):
            found[place] = tuple(interval)
    return found


def _kind(case: Case) -> str:
    """How its counts vary: a share of a small body is a full count, and does not."""
    rare = case.indicator.data_kind == "rare_rate"
    # of three children none can be infected more than once
    return "proportion" if rare and case.indicator.unit == "percent" else case.indicator.data_kind


PIECE = 50  # areas at a time


def assess_many(
    observations: pd.DataFrame,
    plan: Plan,
    areas: Sequence[str],
    *,
    as_of: str,
    through: int,
    below: Mapping[str, Sequence[str]] | None = None,
    scheme: Scheme | None = None,
    model: str = DEFAULT,
    seed: int = 0,
) -> pd.DataFrame:
    """Forecast and judge every target of a plan in many areas, as `wdp_lib.assess` does in one.

    Parameters
    ----------
    observations : pandas.DataFrame
        Observation table (contract ``OBSERVATIONS``) of all areas, known at the cut-off.
    as_of : str
        Cut-off date ``YYYY-MM-DD``.
    through : int
        Last year forecast.
    below : mapping of str to sequence of str, optional
        Smaller areas of each area, for targets that every smaller area must meet.

    Returns
    -------
    pandas.DataFrame
        Contract ``RISKS``: one row an area and indicator, in the order given and the plan's.

    Raises
    ------
    ParameterError
        When ``as_of`` is not a date or there is no such model.
    """
    year, scheme = data_year(as_of), scheme or load_scheme()
    used = current(conform(observations, OBSERVATIONS))
    areas = observed_areas(used, plan, areas)
    held = [i.id for i in plan.indicators if i.target.every_year and i.target.statistic == "level"]
    rows = []
    for part, names in pieces(used, areas, below or {}):
        made = forecast(part, plan, through=through, model=model, seed=seed, areas=names)
        kept = dict(list(part[part["indicator"].isin(held)].groupby("area")))
        ahead = [
            forecast_paths(kept[name], replace(plan, area=name), held, through=through, seed=seed)
            for name in names
            if name in kept
        ]
        paths = pd.concat(ahead) if ahead else None
        collected = Collected(part, plan, made, paths, names)
        for name in names:
            smaller = (below or {}).get(name, ())
            rows += risk_rows(collected, replace(plan, area=name), year, scheme, smaller)
    return _risks(rows)


def pieces(
    observations: pd.DataFrame, areas: Sequence[str], below: Mapping[str, Sequence[str]]
) -> Iterator[tuple[pd.DataFrame, list[str]]]:
    """Yield some areas at a time with the rows of these and of their smaller areas."""
    for start in range(0, len(areas), PIECE):
        names = list(areas[start : start + PIECE])
        smaller = [part for name in names for part in below.get(name, ())]
        yield observations[observations["area"].isin([*names, *smaller])], names

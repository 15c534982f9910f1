"""Rates for the same age mix: direct standardisation, of any rate and of those of a plan."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from wdp_lib.assessment.series import Rows, grouped
from wdp_lib.comparison.known import COUNTED, Known
from wdp_lib.comparison.tables import AGE_STANDARDISED
from wdp_lib.core.columns import conform
from wdp_lib.core.errors import ParameterError, Problem, Text
from wdp_lib.forecasting.counts.rates import ENOUGH_EVENTS, poisson_byar, poisson_exact
from wdp_lib.plan import Indicator, Plan

_SLICE = ("area", "sex", "residence", "year")
_NAMES = ("age_group", "numerator", "denominator", "simulated")


def age_standardised(
    observations: pd.DataFrame | Known, plan: Plan, *, as_of: str | None = None
) -> pd.DataFrame:
    """Standardise, for the age mix of the plan's area, every proportion and rate by age.

    The standard is the denominators of the plan's own area, in the stratum of the target, in the
    last year with age groups. Areas, sexes, town and country, and years can then be compared
    although some are older than others. Direct standardisation, interval of Dobson; for a
    proportion near 100 % it is wider than need be.

    Returns
    -------
    pandas.DataFrame
        Contract ``AGE_STANDARDISED``, in the plan's order: one row for each area, sex, residence
        and year with age groups; an indicator without any (``no_age_values``), without a standard
        (``counts_missing``) or whose standard has overlapping age groups has a single row with the
        reason.
    """
    known = Known.of(observations, plan, as_of).table
    known = known[known["age_group"] != "all"]
    slices: dict[str, dict[tuple, Rows]] = {}
    by_slice = grouped(known, ["indicator", *_SLICE], _NAMES, rising="age_group")
    for (name, *where), rows in by_slice.items():
        if len(rows["age_group"]) > 1:
            slices.setdefault(name, {})[tuple(where)] = rows
    rows = [
        row
        for i in plan.indicators
        if i.data_kind in COUNTED
        for row in _rows(i, slices.get(i.id, {}), plan)
    ]
    return conform(pd.DataFrame(rows, columns=AGE_STANDARDISED.names), AGE_STANDARDISED)


def _rows(indicator: Indicator, slices: dict[tuple, Rows], plan: Plan) -> Iterator[dict]:
    own = (plan.area, indicator.sex, indicator.residence)
    hole = dict(zip(("area", "sex", "residence"), own, strict=True))
    hole |= {"indicator": indicator.id, "simulated": False}
    if not slices:
        if "age_group" in indicator.disaggregations:
            yield {**hole, "reason": "no_age_values"}
        return
    years = [where[3] for where in slices if where[:3] == own]
    standard = slices[(*own, max(years))] if years else None
    if standard is None or not (standard["denominator"] > 0).all():
        yield {**hole, "reason": "counts_missing"}
    elif overlapping(list(standard["age_group"])):
        yield {**hole, "reason": "ages_overlap"}
    else:
        for where in sorted(slices):
            row = {"indicator": indicator.id, "standard_year": max(years)}
            row |= dict(zip(_SLICE, where, strict=True))
            yield row | _standardised(slices[where], standard, indicator)


def _standardised(part: Rows, standard: Rows, indicator: Indicator) -> dict:
    row = {"ages": ";".join(part["age_group"]), "simulated": bool(part["simulated"].any())}
    events, people = part["numerator"], part["denominator"]
    if list(part["age_group"]) != list(standard["age_group"]):
        return {**row, "reason": "ages_differ"}
    if np.isnan(events).any() or np.isnan(people).any():
        return {**row, "reason": "counts_missing"}
    if not (people > 0).all():
        return {**row, "reason": "zero_denominator"}
    found = standardised_rate(
        events, people, standard["denominator"], multiplier=indicator.multiplier or 1.0
    )
    return row | found._asdict()


def overlapping(ages: list[str]) -> bool:
    """Say whether two age groups, such as ``35-64``, ``65+`` or ``0``, overlap.

    Those written otherwise are taken to be apart.
    """
    found = [re.fullmatch(r"(\d+)(?:-(\d+)|(\+))?", age) for age in ages]
    spans = sorted((int(m[1]), np.inf if m[3] else int(m[2] or m[1])) for m in found if m)
    return any(after[0] <= before[1] for before, after in zip(spans, spans[1:], strict=False))


class StandardisedRate(NamedTuple):
    """A directly standardised rate in the unit of the multiplier; ``variance`` in its square.

    ``lower, upper`` are Dobson's, NaN (``reason``: ``no_events``) without a single event.
    ``method``: ``dobson_exact`` under 10 events, else ``dobson_byar``.
    """

    rate: float
    lower: float
    upper: float
    crude: float
    variance: float
    events: float
    population: float
    method: str
    reason: str


def standardised_rate(
    counts: ArrayLike,
    populations: ArrayLike,
    standard_weights: ArrayLike,
    *,
    multiplier: float = 100_000.0,
) -> StandardisedRate:
    """Return the rate an area would have with the age mix of a standard population.

    The rates of the age groups are weighted by the standard population. The interval is that of the
    total number of events (exact under 10, Byar's from there on), moved and stretched to the
    weighted rate (Dobson, Kuulasmaa, Eberle & Scherer 1991).

    Parameters
    ----------
    counts, populations, standard_weights : array_like, shape (k,)
        Events, persons and standard population of each age group, in one order; weights in any
        unit.

    Raises
    ------
    ParameterError
        When the three differ in length, or an age group lacks a count, a positive population or a
        weight; every group at once.
    """
    counts, populations, weights = (
        np.asarray(x, dtype="float64").ravel() for x in (counts, populations, standard_weights)
    )
    _require_groups(counts, populations, weights)
    share = weights / weights.sum() / populations
    events, rate = float(counts.sum()), float(share @ counts)
    variance = float(share**2 @ counts)
    few = events < ENOUGH_EVENTS
    lower, upper = (float(x) for x in (poisson_exact if few else poisson_byar)(events))
    stretch = math.sqrt(variance / events) if events > 0 else math.nan
    return StandardisedRate(
        rate=rate * multiplier,
        lower=(rate + stretch * (lower - events)) * multiplier,
        upper=(rate + stretch * (upper - events)) * multiplier,
        crude=events / float(populations.sum()) * multiplier,
        variance=variance * multiplier**2,
        events=events,
        population=float(populations.sum()),
        method="" if events == 0 else "dobson_exact" if few else "dobson_byar",
        reason="no_events" if events == 0 else "",
    )


def _require_groups(counts: np.ndarray, populations: np.ndarray, weights: np.ndarray) -> None:
    sizes = len(counts), len(populations), len(weights)
    if len(set(sizes)) > 1 or not sizes[0]:
        raise ParameterError.of(
            "事件数、人口数和标准人口须各年龄组一一对应，"
            f"现有 {sizes[0]}、{sizes[1]}、{sizes[2]} 组。",
            "Counts, populations and weights must have the same age groups, "
            f"not {sizes[0]}, {sizes[1]} and {sizes[2]}.",
        )
    not_negative = Text("不小于 0 的数", "a number of at least 0")
    tests = (
        ("counts", counts, counts >= 0, not_negative),
        ("populations", populations, populations > 0, Text("大于 0 的数", "a number above 0")),
        ("standard_weights", weights, weights >= 0, not_negative),
    )
    problems = [
        _problem(name, place, values[place], expected)
        for name, values, fine, expected in tests
        for place in np.flatnonzero(~(fine & np.isfinite(values)))
    ]
    if not problems and not weights.sum() > 0:
        problems.append(_problem("standard_weights", 0, 0.0, Text("合计大于 0", "a sum above 0")))
    if problems:
        raise ParameterError.of(
            "年龄组数据不全，不能标准化", "The age groups are not complete", problems
        )


def _problem(column: str, place: int, found: float, expected: Text) -> Problem:
    advice = Text(
        f"请补齐第 {place + 1} 个年龄组，或与相邻年龄组合并。",
        f"Complete age group {place + 1}, or merge it with the next one.",
    )
    return Problem("age_groups", "standardised_rate", None, column, f"{found:g}", expected, advice)

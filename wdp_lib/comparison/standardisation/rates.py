"""Rates that can be compared although the age mix differs: direct standardisation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wdp_lib.core.errors import ParameterError, Problem, Text
from wdp_lib.forecasting.counts.rates import ENOUGH_EVENTS, poisson_byar, poisson_exact


@dataclass(frozen=True)
class StandardisedRate:
    """A directly standardised rate.

    Parameters
    ----------
    rate, lower, upper : float
        In the unit of the multiplier; the interval is Dobson's and NaN without a single event.
    crude : float
        All events over all persons, same unit.
    variance : float
        Of ``rate``, in the squared unit.
    events, population : float
        Sums over the age groups.
    method : str
        ``dobson_exact`` (under 10 events), ``dobson_byar``, or ``""`` without an interval.
    reason : str
        ``""``, or ``no_events`` where there is no interval.
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
    level: float = 0.95,
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
    multiplier : float
        Unit of the rate.
    level : float
        Coverage of the interval.

    Returns
    -------
    StandardisedRate
        The rate with its interval and the crude rate.

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
    lower, upper = (float(x) for x in (poisson_exact if few else poisson_byar)(events, level))
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
        raise ParameterError(
            Text(
                "事件数、人口数和标准人口须各年龄组一一对应，"
                f"现有 {sizes[0]}、{sizes[1]}、{sizes[2]} 组。",
                "Counts, populations and weights must have the same age groups, "
                f"not {sizes[0]}, {sizes[1]} and {sizes[2]}.",
            )
        )
    tests = (
        ("counts", counts, counts >= 0, Text("不小于 0 的数", "a number of at least 0")),
        ("populations", populations, populations > 0, Text("大于 0 的数", "a number above 0")),
        (
            "standard_weights",
            weights,
            weights >= 0,
            Text("不小于 0 的数", "a number of at least 0"),
        ),
    )
    problems = [
        _problem(name, place, values[place], expected)
        for name, values, fine, expected in tests
        for place in np.flatnonzero(~(fine & np.isfinite(values)))
    ]
    if not problems and not weights.sum() > 0:
        problems.append(_problem("standard_weights", 0, 0.0, Text("合计大于 0", "a sum above 0")))
    if problems:
        raise ParameterError(
            Text("年龄组数据不全，不能标准化", "The age groups are not complete"), problems
        )


def _problem(column: str, place: int, found: float, expected: Text) -> Problem:
    advice = Text(
        f"请补齐第 {place + 1} 个年龄组，或与相邻年龄组合并。",
        f"Complete age group {place + 1}, or merge it with the next one.",
    )
    return Problem("age_groups", "standardised_rate", None, column, f"{found:g}", expected, advice)

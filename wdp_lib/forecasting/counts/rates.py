"""Small counts: intervals, pooled rates, and what a county of a given size can verify at all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wdp_lib.core.errors import ParameterError, Text

ENOUGH_EVENTS = 10
POOLED_YEARS = (1, 3, 5)
JEFFREYS = (0.5, 0.0)


def poisson_exact(events: ArrayLike, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact interval of a Poisson mean (Garwood 1936, by chi-square).

    Parameters
    ----------
    events : array_like
        Observed counts, 0 or more.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    lower, upper : numpy.ndarray
        In events; NaN where the count is missing.
    """
    from scipy.special import gammaincinv

    events, tail = np.asarray(events, dtype="float64"), (1 - level) / 2
    lower = np.where(events > 0, gammaincinv(np.where(events > 0, events, 1.0), tail), 0.0 * events)
    return lower, gammaincinv(events + 1, 1 - tail)


def poisson_byar(events: ArrayLike, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return Byar's interval of a Poisson mean, in events (Breslow & Day 1987); meant for 10 events or more."""
    events, z = np.asarray(events, dtype="float64"), _normal(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = events * (1 - 1 / (9 * events) - z / (3 * np.sqrt(events))) ** 3
    more = events + 1
    upper = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return np.where(events == 0, 0.0, lower), upper


def poisson_jeffreys(events: ArrayLike, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of a Poisson mean under the Jeffreys prior, in events."""
    from scipy.special import gammaincinv

    shape, tail = np.asarray(events, dtype="float64") + JEFFREYS[0], (1 - level) / 2
    return gammaincinv(shape, tail), gammaincinv(shape, 1 - tail)


def poisson_score(events: ArrayLike, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return the score interval of a Poisson mean, in events."""
    events, z = np.asarray(events, dtype="float64"), _normal(level)
    middle, half = events + z**2 / 2, z * np.sqrt(events + z**2 / 4)
    return middle - half, middle + half


def binomial_exact(
    events: ArrayLike, trials: ArrayLike, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact interval of a proportion, 0-1 (Clopper & Pearson 1934); NaN where there were no trials."""
    from scipy.special import betaincinv

    events, trials = _pair(events, trials)
    tail, rest = (1 - level) / 2, trials - events
    lower = betaincinv(np.where(events > 0, events, 1.0), rest + 1, tail)
    upper = betaincinv(events + 1, np.where(rest > 0, rest, 1.0), 1 - tail)
    return np.where(events == 0, 0.0, lower), np.where(rest == 0, 1.0, upper)


def binomial_wilson(
    events: ArrayLike, trials: ArrayLike, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of a proportion, 0-1 (Wilson 1927); NaN where there were no trials."""
    events, trials = _pair(events, trials)
    z = _normal(level)
    middle = (events + z**2 / 2) / (trials + z**2)
    half = z / (trials + z**2) * np.sqrt(events * (trials - events) / trials + z**2 / 4)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def binomial_jeffreys(
    events: ArrayLike, trials: ArrayLike, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of a proportion, 0-1, under the Jeffreys prior; NaN where there were no trials."""
    from scipy.special import betaincinv

    events, trials = _pair(events, trials)
    tail, rest = (1 - level) / 2, trials - events
    lower = np.where(events == 0, 0.0, betaincinv(events + 0.5, rest + 0.5, tail))
    upper = np.where(rest == 0, 1.0, betaincinv(events + 0.5, rest + 0.5, 1 - tail))
    return lower + 0 * trials, upper + 0 * trials


def rate_interval(
    events: ArrayLike, exposure: ArrayLike, *, multiplier: float = 1.0, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the interval of a rate: exact under 10 events, Byar's from 10 on.

    Parameters
    ----------
    events, exposure : array_like
        Counts and what they are counted among (births, persons).
    multiplier : float
        Unit of the rate, e.g. 100,000.

    Returns
    -------
    lower, upper : numpy.ndarray
        In the unit of the rate; NaN where the exposure is zero or missing.
    method : numpy.ndarray of str
        ``"poisson_exact"``, ``"byar"``, or ``""`` where there is no interval.
    """
    events, exposure = _pair(events, exposure)
    few = events < ENOUGH_EVENTS
    exact, byar = poisson_exact(events, level), poisson_byar(events, level)
    lower, upper = (np.where(few, exact[i], byar[i]) / exposure * multiplier for i in (0, 1))
    return lower, upper, np.where(np.isnan(upper), "", np.where(few, "poisson_exact", "byar"))


def proportion_interval(
    events: ArrayLike, trials: ArrayLike, *, multiplier: float = 1.0, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the interval of a proportion: Wilson's, exact where none or all of the trials count.

    Parameters and returns as for `rate_interval`, with the methods ``"wilson"`` and ``"binomial_exact"``.
    """
    events, trials = _pair(events, trials)
    edge = (events == 0) | (events == trials)
    wilson, exact = binomial_wilson(events, trials, level), binomial_exact(events, trials, level)
    lower, upper = (np.where(edge, exact[i], wilson[i]) * multiplier for i in (0, 1))
    return lower, upper, np.where(np.isnan(upper), "", np.where(edge, "binomial_exact", "wilson"))


def count_interval(
    events: float, exposure: float, multiplier: float, data_kind: str, *, level: float = 0.95
) -> tuple[float, float, str]:
    """Return the interval of one value from its counts, by the method that suits its kind.

    Parameters
    ----------
    events, exposure : float
        Numerator and denominator; NaN where not known.
    multiplier : float
        Unit of the value, e.g. 100 or 100,000.
    data_kind : str
        Of the plan's indicator: ``proportion`` and ``share`` go by `proportion_interval`, ``rare_rate`` by
        `rate_interval`; other kinds are not counts among so many, and have no such interval.

    Returns
    -------
    lower, upper, method : float, float, str
        In the unit of the value; NaN, NaN, ``""`` where there is no interval.
    """
    of_kind = {
        "proportion": proportion_interval,
        "share": proportion_interval,
        "rare_rate": rate_interval,
    }
    events, exposure = float(events), float(exposure)
    impossible = data_kind != "rare_rate" and events > exposure
    if data_kind not in of_kind or impossible or math.isnan(events) or not exposure > 0:
        return math.nan, math.nan, ""
    lower, upper, method = of_kind[data_kind](events, exposure, multiplier=multiplier, level=level)
    return float(lower), float(upper), str(method)


@dataclass(frozen=True)
class PooledRate:
    """A rate over the shortest run of latest years that holds enough events.

    Parameters
    ----------
    first_year, last_year : int
        Years pooled (both included).
    events, exposure : float
        Sums over these years.
    rate, lower, upper : float
        In the unit of ``multiplier``, with its interval.
    enough : bool
        Whether there are enough events; if not, all years were pooled and no rate class may be given.
    """

    first_year: int
    last_year: int
    events: float
    exposure: float
    rate: float
    lower: float
    upper: float
    enough: bool


def pooled_rate(
    years: ArrayLike,
    events: ArrayLike,
    exposure: ArrayLike,
    *,
    multiplier: float = 1.0,
    minimum: int = ENOUGH_EVENTS,
    level: float = 0.95,
) -> PooledRate:
    """Pool the latest year, then the latest 3, then 5, then all, until there are ``minimum`` events.

    Parameters
    ----------
    years, events, exposure : array_like, shape (n,)
        One entry a year, all known, exposures above zero in total.
    multiplier, level : float
        As for `rate_interval`.
    minimum : int
        Events needed; 10 is the standard of the US National Center for Health Statistics (2023).
    """
    years = np.asarray(years, dtype="int64")
    events, exposure = _pair(events, exposure, keep_zero=True)
    if not len(years) or not np.nansum(exposure) > 0:
        raise ParameterError(
            Text("没有可合并的年份或分母为零。", "No years to pool, or no exposure in them.")
        )
    last = int(years.max())
    for span in (*POOLED_YEARS, last - int(years.min()) + 1):
        inside = years > last - span
        total, among = float(events[inside].sum()), float(exposure[inside].sum())
        if total >= minimum and among > 0:
            break
    lower, upper, _ = rate_interval(total, among, multiplier=multiplier, level=level)
    first = int(years[inside].min())
    rate = total / among * multiplier if among > 0 else math.nan
    return PooledRate(first, last, total, among, rate, float(lower), float(upper), total >= minimum)


def probability_at_most(
    target: ArrayLike,
    events: ArrayLike,
    exposure: ArrayLike,
    *,
    multiplier: float = 1.0,
    prior: tuple[float, float] = JEFFREYS,
) -> np.ndarray:
    """Return the probability that the underlying rate is at most the target, by the gamma posterior.

    Parameters
    ----------
    target : array_like
        In the unit of the rate.
    events, exposure : array_like
        What was observed.
    multiplier : float
        Unit of the rate.
    prior : (float, float)
        Events and exposure the prior is worth: Jeffreys ``(0.5, 0)`` unless the parent area's rate is borrowed, e.g.
        ``(1, 1 / its rate per birth)``. State it beside the result.
    """
    from scipy.special import gammainc

    events, exposure = _pair(events, exposure, keep_zero=True)
    shape, rate = prior
    if shape <= 0 or rate < 0:
        raise ParameterError(
            Text(
                f"先验事件数须大于 0、分母不小于 0，现为 {prior}。",
                f"The prior needs events > 0, exposure >= 0: {prior}.",
            )
        )
    total = exposure + rate
    with np.errstate(invalid="ignore"):
        share = gammainc(
            events + shape, np.where(total > 0, total, np.nan) * np.asarray(target) / multiplier
        )
    return share


@dataclass(frozen=True)
class Verifiability:
    """What an area of a given size could show about a target for a rare event.

    Parameters
    ----------
    exposure_one_sided, exposure_two_sided : int
        Births (persons) without a single event after which the upper end of the one-sided, or the two-sided,
        interval is at most the target.
    years_one_sided, years_two_sided : float
        The same in years of the area's exposure.
    chance_of_event : float
        Chance of at least one event in a year although the true rate equals the target.
    """

    exposure_one_sided: int
    exposure_two_sided: int
    years_one_sided: float
    years_two_sided: float
    chance_of_event: float


def verifiability(
    target: float, exposure: float, *, multiplier: float, level: float = 0.95, trials: bool = False
) -> Verifiability:
    """Return what a year's exposure can verify about ``target`` (exact).

    Parameters
    ----------
    target : float
        In the unit of the rate, above zero.
    exposure : float
        Births (persons) a year, above zero.
    multiplier, level : float
        Unit of the rate; coverage.
    trials : bool
        Whether each of the exposure has the event at most once and often enough to matter (binomial, for per cent);
        else Poisson. ``-ln 0.05 / rate`` births without an event show the rate by Poisson, one-sided at 95 %.
    """
    per_one = target / multiplier
    if not target > 0 or not exposure > 0 or (trials and per_one >= 1):
        raise ParameterError(
            Text(
                "目标值和每年分母须大于 0。",
                "The target and the yearly exposure must be above zero.",
            )
        )
    none = (
        -math.log1p(-per_one) if trials else per_one
    )  # minus the log of the chance that one birth has no event
    one, two = (math.ceil(-math.log(tail) / none) for tail in (1 - level, (1 - level) / 2))
    return Verifiability(one, two, one / exposure, two / exposure, -math.expm1(-exposure * none))


def events_allowed(
    target: float, exposure: float, *, multiplier: float, level: float = 0.95
) -> tuple[int, int]:
    """Return how many events among an exposure a target allows.

    Parameters
    ----------
    target, multiplier, level : float
        As for `verifiability`.
    exposure : float
        Births (persons) over all years meant.

    Returns
    -------
    met, possible : int
        The most events with which the observed rate is still at most the target; the most with which the lower end of the
        exact two-sided interval is, so that the target is not yet shown to be missed.
    """
    met = math.floor(target * exposure / multiplier + 1e-9)
    candidates = np.arange(0, 2 * met + 20)
    lower = poisson_exact(candidates, level)[0] / exposure * multiplier
    return met, int(candidates[lower <= target].max())


def _pair(
    events: ArrayLike, exposure: ArrayLike, *, keep_zero: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    events, exposure = np.broadcast_arrays(
        np.asarray(events, dtype="float64"), np.asarray(exposure, dtype="float64")
    )
    if keep_zero:
        return events, exposure
    known = exposure > 0
    return np.where(known, events, np.nan), np.where(known, exposure, np.nan)


def _normal(level: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)

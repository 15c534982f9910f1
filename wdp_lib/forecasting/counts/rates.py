"""Small counts: intervals, pooled rates, and what a county of a given size can verify at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from wdp_lib.core.errors import ParameterError

ENOUGH_EVENTS = 10
POOLED_YEARS = (1, 3, 5)
LEVEL = 0.95  # of every interval here
_TAIL, _Z = (1 - LEVEL) / 2, NormalDist().inv_cdf((1 + LEVEL) / 2)


def poisson_exact(events: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact interval of a Poisson mean (Garwood 1936, by chi-square)."""
    from scipy.special import gammaincinv

    events = np.asarray(events, dtype="float64")
    some = np.where(events > 0, events, 1.0)
    lower = np.where(events > 0, gammaincinv(some, _TAIL), 0.0 * events)
    return lower, gammaincinv(events + 1, 1 - _TAIL)


def poisson_byar(events: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return Byar's interval of a Poisson mean (Breslow & Day 1987), for 10 events or more."""
    events = np.asarray(events, dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = events * (1 - 1 / (9 * events) - _Z / (3 * np.sqrt(events))) ** 3
    more = events + 1
    upper = more * (1 - 1 / (9 * more) + _Z / (3 * np.sqrt(more))) ** 3
    return np.where(events == 0, 0.0, lower), upper


def binomial_exact(events: ArrayLike, trials: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact interval of a proportion, 0-1 (Clopper & Pearson 1934); NaN of no trials."""
    from scipy.special import betaincinv

    events, trials = _pair(events, trials)
    rest = trials - events
    lower = betaincinv(np.where(events > 0, events, 1.0), rest + 1, _TAIL)
    upper = betaincinv(events + 1, np.where(rest > 0, rest, 1.0), 1 - _TAIL)
    return np.where(events == 0, 0.0, lower), np.where(rest == 0, 1.0, upper)


def binomial_wilson(events: ArrayLike, trials: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of a proportion, 0-1 (Wilson 1927); NaN where there were no trials."""
    events, trials = _pair(events, trials)
    middle = (events + _Z**2 / 2) / (trials + _Z**2)
    half = _Z / (trials + _Z**2) * np.sqrt(events * (trials - events) / trials + _Z**2 / 4)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def rate_interval(
    events: ArrayLike, exposure: ArrayLike, *, multiplier: ArrayLike = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lower, upper and method of a rate: exact under 10 events, Byar's from 10 on."""
    events, exposure = _pair(events, exposure)
    few = events < ENOUGH_EVENTS
    exact, byar = poisson_exact(events), poisson_byar(events)
    lower, upper = (np.where(few, exact[i], byar[i]) / exposure * multiplier for i in (0, 1))
    return lower, upper, np.where(np.isnan(upper), "", np.where(few, "poisson_exact", "byar"))


def proportion_interval(
    events: ArrayLike, trials: ArrayLike, *, multiplier: ArrayLike = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lower, upper and method of a proportion: Wilson's, exact where none or all count."""
    events, trials = _pair(events, trials)
    edge = (events == 0) | (events == trials)
    wilson, exact = binomial_wilson(events, trials), binomial_exact(events, trials)
    lower, upper = (np.where(edge, exact[i], wilson[i]) * multiplier for i in (0, 1))
    return lower, upper, np.where(np.isnan(upper), "", np.where(edge, "binomial_exact", "wilson"))


def count_interval(
    events: ArrayLike, exposure: ArrayLike, multiplier: ArrayLike, data_kind: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lower, upper and method of values from their counts, by what suits their kind.

    NaN and ``""`` where there is none: more events than exposure, or another kind.
    """
    of_kind = {"rare_rate": rate_interval}
    of_kind |= dict.fromkeys(("proportion", "share"), proportion_interval)
    events, exposure = _pair(events, exposure)
    possible = (events <= exposure) | (data_kind == "rare_rate")
    events = np.where(possible & (data_kind in of_kind), events, np.nan)
    return of_kind.get(data_kind, rate_interval)(events, exposure, multiplier=multiplier)


@dataclass(frozen=True)
class PooledRate:
    """A rate over the shortest run of latest years that holds enough events, with its interval.

    Without ``enough`` events all years were pooled and no rate class may be given.
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
) -> PooledRate:
    """Pool the latest year, 3, 5 or all until there are 10 events (US NCHS 2023)."""
    years, events, exposure = np.asarray(years, "int64"), np.asarray(events), np.asarray(exposure)
    if not len(years) or not np.nansum(exposure) > 0:
        raise ParameterError.of(
            "没有可合并的年份或分母为零。", "No years to pool, or no exposure in them."
        )
    last = int(years.max())
    for span in (*POOLED_YEARS, last - int(years.min()) + 1):
        inside = years > last - span
        total, among = float(events[inside].sum()), float(exposure[inside].sum())
        if total >= ENOUGH_EVENTS and among > 0:
            break
    lower, upper, _ = rate_interval(total, among, multiplier=multiplier)
    first, enough = int(years[inside].min()), total >= ENOUGH_EVENTS
    rate = total / among * multiplier if among > 0 else math.nan
    return PooledRate(first, last, total, among, rate, float(lower), float(upper), enough)


def probability_at_most(
    target: ArrayLike, events: ArrayLike, exposure: ArrayLike, *, multiplier: float = 1.0
) -> np.ndarray:
    """Return the probability of an underlying rate at most the target (Jeffreys prior)."""
    from scipy.special import gammainc

    events, exposure = _pair(events, exposure)
    return gammainc(events + 0.5, exposure * np.asarray(target) / multiplier)


@dataclass(frozen=True)
class Verifiability:
    """What an area of a given size could show about a target for a rare event."""

    # births (persons) without an event after which the one-sided upper end is within the target
    exposure: int
    years: float  # of the area's own exposure, for the same
    chance_of_event: float  # in a year, although the true rate equals the target


def verifiability(
    target: float, exposure: float, *, multiplier: float, trials: bool = False
) -> Verifiability:
    """Return what a year's exposure can verify about ``target`` (exact)."""
    per_one = target / multiplier
    if not target > 0 or not exposure > 0 or (trials and per_one >= 1):
        raise ParameterError.of(
            "目标值和每年分母须大于 0。", "The target and the yearly exposure must be above zero."
        )
    # minus the log of the chance that one birth has no event
    none = -math.log1p(-per_one) if trials else per_one
    needed = math.ceil(-math.log(1 - LEVEL) / none)
    return Verifiability(needed, needed / exposure, -math.expm1(-exposure * none))


def events_allowed(target: float, exposure: float, *, multiplier: float) -> tuple[int, int]:
    """Return how many events among an exposure a target allows."""
    met = math.floor(target * exposure / multiplier + 1e-9)
    candidates = np.arange(0, 2 * met + 20)
    lower = poisson_exact(candidates)[0] / exposure * multiplier
    return met, int(candidates[lower <= target].max())


def _pair(events: ArrayLike, exposure: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Events and exposure as floats, NaN where there was no exposure."""
    events, exposure = (np.asarray(part, dtype="float64") for part in (events, exposure))
    return np.where(exposure > 0, events, np.nan), np.where(exposure > 0, exposure, np.nan)

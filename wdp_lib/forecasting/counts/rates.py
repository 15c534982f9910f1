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
    """Return the exact interval of a Poisson mean (Garwood 1936, by chi-square)."""
    from scipy.special import gammaincinv

    events, tail = np.asarray(events, dtype="float64"), (1 - level) / 2
    lower = np.where(events > 0, gammaincinv(np.where(events > 0, events, 1.0), tail), 0.0 * events)
    return lower, gammaincinv(events + 1, 1 - tail)


def poisson_byar(events: ArrayLike, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return Byar's interval of a Poisson mean, in events (Breslow & Day 1987).

    Meant for 10 events or more.
    """
    events, z = np.asarray(events, dtype="float64"), _normal(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = events * (1 - 1 / (9 * events) - z / (3 * np.sqrt(events))) ** 3
    more = events + 1
    upper = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return np.where(events == 0, 0.0, lower), upper


def binomial_exact(
    events: ArrayLike, trials: ArrayLike, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact interval of a proportion, 0-1 (Clopper & Pearson 1934).

    NaN where there were no trials.
    """
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


def rate_interval(
    events: ArrayLike, exposure: ArrayLike, *, multiplier: float = 1.0, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the interval of a rate: exact under 10 events, Byar's from 10 on."""
    events, exposure = _pair(events, exposure)
    few = events < ENOUGH_EVENTS
    exact, byar = poisson_exact(events, level), poisson_byar(events, level)
    lower, upper = (np.where(few, exact[i], byar[i]) / exposure * multiplier for i in (0, 1))
    return lower, upper, np.where(np.isnan(upper), "", np.where(few, "poisson_exact", "byar"))


def proportion_interval(
    events: ArrayLike, trials: ArrayLike, *, multiplier: float = 1.0, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the interval of a proportion: Wilson's, exact where none or all of the trials count.

    Parameters and returns as for `rate_interval`, with the methods ``"wilson"`` and
    ``"binomial_exact"``.
    """
    events, trials = _pair(events, trials)
    edge = (events == 0) | (events == trials)
    wilson, exact = binomial_wilson(events, trials, level), binomial_exact(events, trials, level)
    lower, upper = (np.where(edge, exact[i], wilson[i]) * multiplier for i in (0, 1))
    return lower, upper, np.where(np.isnan(upper), "", np.where(edge, "binomial_exact", "wilson"))


def count_interval(
    events: float, exposure: float, multiplier: float, data_kind: str, *, level: float = 0.95
) -> tuple[float, float, str]:
    """Return the interval of one value from its counts, by the method that suits its kind."""
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
        Whether there are enough events; if not, all years were pooled and no rate class may be
        given.
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
    """Pool the latest year, then the latest 3, then 5, then all.

    Until there are ``minimum`` events (10: US NCHS 2023).
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
    """Return the probability that the underlying rate is at most the target.

    By the gamma posterior.
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
        Births (persons) without a single event after which the upper end of the one-sided, or the
        two-sided, interval is at most the target.
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
    """Return what a year's exposure can verify about ``target`` (exact)."""
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
    """Return how many events among an exposure a target allows."""
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

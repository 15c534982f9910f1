"""Statistics of small areas and of two groups: limits, spread, shrinkage, ranks, intervals.

Counts are arrays of shape (areas,) or (groups,), exposures above zero; ``trials``: each of the
exposure counts at most once (binomial), else Poisson.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wdp_lib.forecasting.counts.rates import (
    binomial_exact,
    binomial_wilson,
    poisson_exact,
    rate_interval,
)

FEWEST_EXPECTED = 1.0  # events in every area below which the spread cannot be tested
FEWEST_AREAS = 5
OVERDISPERSED = 0.05
RANK_DRAWS = 2000


class Dispersion(NamedTuple):
    """How much areas differ beyond chance: about 1 by chance alone, NaN where it cannot be said.

    ``p_value``: chance of so large a chi-square if the areas were alike. ``inflation``: factor on
    the variance of the limits, 1 unless the areas differ beyond chance.
    """

    factor: float = math.nan
    p_value: float = math.nan
    inflation: float = 1.0


def dispersion(events: ArrayLike, exposure: ArrayLike, *, trials: bool) -> Dispersion:
    """Return the spread of areas around their common value, with a test (Spiegelhalter 2005).

    The factor is the mean squared standardised difference, the extreme area at each end drawn in to
    its neighbour; NaN with too few areas or events.
    """
    from scipy.stats import chi2

    events, exposure, common = _counts(events, exposure)
    spare = exposure * (1 - common) if trials else np.inf
    expected = np.minimum(exposure * common, spare)
    if len(events) < FEWEST_AREAS or expected.min() < FEWEST_EXPECTED:
        return Dispersion()
    variance = exposure * common * ((1 - common) if trials else 1.0)
    score = (events - exposure * common) / np.sqrt(variance)
    ordered = np.sort(score)
    factor = float((np.clip(score, ordered[1], ordered[-2]) ** 2).mean())
    p_value = float(chi2.sf(float((score**2).sum()), len(score) - 1))
    beyond = p_value < OVERDISPERSED and factor > 1
    return Dispersion(factor, p_value, factor if beyond else 1.0)


def _counts(events: ArrayLike, exposure: ArrayLike) -> tuple[np.ndarray, np.ndarray, float]:
    events, exposure = np.asarray(events, dtype="float64"), np.asarray(exposure, dtype="float64")
    return events, exposure, float(events.sum() / exposure.sum())


def funnel_limits(
    common: ArrayLike,
    exposure: ArrayLike,
    *,
    coverage: float,
    trials: ArrayLike,
    inflation: ArrayLike = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits within which an area of a given size lies if it is like all others.

    Exact quantiles of the binomial or Poisson law, interpolated between whole counts; where the
    areas differ beyond chance, the normal limits with the inflated variance (Spiegelhalter 2005).

    ``common``: value of all areas together, per one of the exposure, as are the limits, which are
    NaN without exposure. ``coverage``: 0.95 or 0.998. ``inflation``: factor on the variance, 1 for
    chance alone.
    """
    from scipy.stats import binom, poisson

    exposure, tail = np.asarray(exposure, dtype="float64"), (1 - coverage) / 2
    sized = np.where(exposure > 0, np.round(np.maximum(exposure, 1.0)), 1.0)
    common, trials, inflation = (
        np.broadcast_to(np.asarray(x), sized.shape) for x in (common, trials, inflation)
    )
    variance = common * np.where(trials, 1 - common, 1.0) * inflation / sized
    arm = -NormalDist().inv_cdf(tail) * np.sqrt(variance)
    low, high = (common - arm) * sized, (common + arm) * sized
    for chance, law in (
        (trials & (inflation <= 1), lambda part: binom(sized[part], common[part])),
        (~trials & (inflation <= 1), lambda part: poisson(sized[part] * common[part])),
    ):
        if chance.any():
            low[chance], high[chance] = _exact_limits(law(chance), tail)
    largest = np.where(trials, 1.0, np.inf)
    lower, upper = (
        np.where(exposure > 0, np.clip(end / sized, 0.0, largest), np.nan) for end in (low, high)
    )
    return lower, upper


def _exact_limits(law, tail: float) -> tuple[np.ndarray, np.ndarray]:
    """Limits in events, between whole counts: outside is what, with all beyond, is rarer."""
    low, high = law.ppf(tail), law.isf(tail)
    low = low - (law.cdf(low) - tail) / law.pmf(low)
    return low, high + (law.sf(high - 1) - tail) / law.pmf(high)


class Shrunken(NamedTuple):
    """Means and 95 % intervals drawn towards the common value; weight of each area's own figure."""

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    weight: np.ndarray


def between_variance(events: ArrayLike, exposure: ArrayLike, *, trials: bool = False) -> float:
    """Return the variance between areas by moments (Marshall 1991), not cut off at zero."""
    events, exposure, common = _counts(events, exposure)
    spread = float(exposure @ (events / exposure - common) ** 2 / exposure.sum())
    return spread - common * ((1 - common) if trials else 1.0) / exposure.mean()


def empirical_bayes(events: ArrayLike, exposure: ArrayLike, *, trials: bool = False) -> Shrunken:
    """Draw the values of areas towards their common value, the more the smaller they are.

    The prior (gamma for rates, beta for proportions) has the common value as mean and the variance
    between the areas, estimated by moments and cut off at zero; with zero every area is given the
    common value with its exact interval. The uncertainty of the prior itself is not counted: with
    few areas the intervals are somewhat too narrow.
    """
    from scipy.special import betaincinv, gammaincinv

    events, exposure, common = _counts(events, exposure)
    between, k = between_variance(events, exposure, trials=trials), len(events)
    if between <= 0 or not 0 < common < (1.0 if trials else np.inf):
        exact = (
            binomial_exact(events.sum(), exposure.sum())
            if trials
            else [end / exposure.sum() for end in poisson_exact(events.sum())]
        )
        same = (np.full(k, float(number)) for number in (common, *exact, 0.0))
        return Shrunken(*same)
    worth = max(common * (1 - common) / between - 1, 1e-9) if trials else common / between
    weight, shape = exposure / (exposure + worth), events + common * worth
    lower, upper = (
        betaincinv(shape, exposure - events + worth - common * worth, level)
        if trials
        else gammaincinv(shape, level) / (exposure + worth)
        for level in (0.025, 0.975)
    )
    return Shrunken(weight * events / exposure + (1 - weight) * common, lower, upper, weight)


def rank_interval(
    events: ArrayLike, exposure: ArrayLike, *, trials: bool, worst: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return between which ranks an area lies with 95 % probability, 1 being the worst.

    Each area's underlying value is drawn from its own counts alone under the Jeffreys prior.
    ``worst``: +1 the highest value is the worst, -1 the lowest.
    """
    events, exposure, _ = _counts(events, exposure)
    rng, size = np.random.default_rng(seed), (RANK_DRAWS, len(events))
    draws = (
        rng.beta(events + 0.5, exposure - events + 0.5, size)
        if trials
        else rng.gamma(events + 0.5, 1.0, size) / exposure
    )
    ranks = np.argsort(np.argsort(-worst * draws, axis=1), axis=1) + 1
    lower, upper = np.quantile(ranks, [0.025, 0.975], axis=0, method="nearest")
    return lower, upper


def group_interval(
    events: ArrayLike, exposure: ArrayLike, *, trials: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of one group that differences and ratios are built from.

    Wilson's where ``trials`` (each of the exposure counts at most once), else the exact one or
    Byar's; NaN without counts.
    """
    wilson, rate = binomial_wilson(events, exposure), rate_interval(events, exposure)[:2]
    lower, upper = (np.where(trials, one, other) for one, other in zip(wilson, rate, strict=True))
    return lower, upper


def difference_interval(
    first: ArrayLike, second: ArrayLike, one: tuple, other: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of ``first - second`` by squaring and adding the arms of both.

    With Wilson's intervals this is Newcombe's method 10 (Newcombe 1998); with those of rates its
    counterpart (Zou & Donner 2008). It holds with small counts and with none. ``one`` and ``other``
    are the ends of the interval of each group, in the unit of the values.
    """
    first, second = np.asarray(first, dtype="float64"), np.asarray(second, dtype="float64")
    difference = first - second
    lower = difference - np.hypot(first - one[0], other[1] - second)
    return lower, difference + np.hypot(one[1] - first, second - other[0])


def ratio_interval(
    first: ArrayLike, second: ArrayLike, one: tuple, other: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of ``first / second`` from the two intervals (Donner & Zou 2012).

    Parameters as for `difference_interval`. The upper end is infinite where the second group may be
    zero, and both ends are NaN where both groups are zero: of nothing against nothing no ratio can
    be said.
    """
    first, second = np.asarray(first, dtype="float64"), np.asarray(second, dtype="float64")
    low, high = one
    product = first * second

    def root(end: np.ndarray, far: np.ndarray) -> np.ndarray:
        inside = product**2 - end * far * (2 * first - end) * (2 * second - far)
        return product + np.sqrt(np.maximum(inside, 0))

    with np.errstate(divide="ignore", invalid="ignore"):
        # the usual formula, widened by its own root: it stands where the second group is small
        lower = np.where(
            (low > 0) & (first > 0), low * (2 * first - low) / root(low, other[1]), 0.0
        )
        upper = np.where(
            (other[0] > 0) & (second > 0),
            root(high, other[0]) / (other[0] * (2 * second - other[0])),
            np.inf,
        )
    unknown = ~(np.isfinite(low) & np.isfinite(other[0])) | ((first == 0) & (second == 0))
    return np.where(unknown, np.nan, lower), np.where(unknown, np.nan, upper)


def parity_index(ratio: ArrayLike) -> np.ndarray:
    """Return the adjusted parity index: the ratio, above 1 two less its inverse (UNESCO)."""
    ratio = np.asarray(ratio, dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(ratio > 1, 2 - 1 / ratio, ratio)


def probability_narrower(
    now: ArrayLike, now_sd: ArrayLike, before: ArrayLike, before_sd: ArrayLike
) -> np.ndarray:
    """Return the probability that a gap is smaller in size, whatever its sign, than it was.

    Both differences are independent and about normal. ``|now| < |before|``: the sum and the
    difference of the two must have the same sign, which of two correlated normal variables is read
    from Owen's function.
    """
    from scipy.special import owens_t

    now, now_sd, before, before_sd = np.broadcast_arrays(
        *(np.asarray(x, dtype="float64") for x in (now, now_sd, before, before_sd))
    )
    total, apart = now_sd**2 + before_sd**2, before_sd**2 - now_sd**2
    certain = np.where(np.abs(now) == np.abs(before), 0.5, np.abs(now) < np.abs(before))
    with np.errstate(divide="ignore", invalid="ignore"):
        rho, size = apart / total, np.sqrt(total)
        one, other, rest = (before - now) / size, (before + now) / size, np.sqrt(1 - rho**2)

        def tail(h: np.ndarray, k: np.ndarray) -> np.ndarray:
            slope = (k - rho * h) / (h * rest)
            return np.where(h == 0, 0.25, owens_t(h, np.where(np.isnan(slope), 0.0, slope)))

        share = 1 - 2 * (tail(one, other) + tail(other, one)) - (one * other < 0)
        share = np.where((one == 0) & (other == 0), 0.5 + np.arcsin(rho) / np.pi, share)
    return np.where(total == 0, certain, np.clip(share, 0.0, 1.0))

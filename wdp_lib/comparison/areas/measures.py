"""Comparing small areas fairly: funnel limits, over-dispersion, shrinkage, ranks.

Counts are arrays of shape (areas,), all known, exposures above zero; ``trials``: each of the
exposure counts at most once (binomial), else Poisson.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wdp_lib.forecasting.counts.rates import binomial_exact, poisson_exact

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
    draws = underlying(events, exposure, RANK_DRAWS, np.random.default_rng(seed), trials=trials)
    ranks = np.argsort(np.argsort(-worst * draws, axis=1), axis=1) + 1
    lower, upper = np.quantile(ranks, [0.025, 0.975], axis=0, method="nearest")
    return lower, upper


def underlying(
    events: ArrayLike, exposure: ArrayLike, n: int, rng: np.random.Generator, *, trials: bool
) -> np.ndarray:
    """Draw underlying values from counts under the Jeffreys prior, shape (n, areas)."""
    events, exposure, _ = _counts(events, exposure)
    size = (n, len(events))
    if trials:
        return rng.beta(events + 0.5, exposure - events + 0.5, size)
    return rng.gamma(events + 0.5, 1.0, size) / exposure

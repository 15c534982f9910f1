"""Comparing small areas fairly: funnel limits, over-dispersion, shrinkage, ranks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from wdp_lib.forecasting.counts.rates import binomial_exact, poisson_exact

FEWEST_EXPECTED = (
    1.0  # expected events in every area below which the spread between areas cannot be tested
)
FEWEST_AREAS = 5
OVERDISPERSED = 0.05
RANK_DRAWS = 2000


@dataclass(frozen=True)
class Dispersion:
    """How much the areas differ beyond chance.

    Parameters
    ----------
    factor : float
        Mean squared standardised difference from the overall value, the extreme area at each end
        drawn in to its neighbour; about 1 by chance alone. NaN where it cannot be said.
    p_value : float
        Chance of so large a chi-square over all areas if they were alike.
    reason : str
        ``""``, ``too_few_areas`` or ``too_few_events``.
    """

    factor: float
    p_value: float
    reason: str

    @property
    def inflation(self) -> float:
        """Factor on the variance of the limits: 1 unless the areas differ beyond chance."""
        shown = self.p_value < OVERDISPERSED and self.factor > 1
        return self.factor if shown else 1.0


def dispersion(events: ArrayLike, exposure: ArrayLike, *, trials: bool) -> Dispersion:
    """Return the spread of areas around their common value, with a test (Spiegelhalter 2005).

    Parameters
    ----------
    events, exposure : array_like, shape (k,)
        Counts of each area, all known, exposures above zero.
    trials : bool
        Whether each of the exposure counts at most once (binomial), else Poisson.
    """
    from scipy.stats import chi2

    events, exposure = np.asarray(events, dtype="float64"), np.asarray(exposure, dtype="float64")
    if len(events) < FEWEST_AREAS:
        return Dispersion(math.nan, math.nan, "too_few_areas")
    common = events.sum() / exposure.sum()
    spare = exposure * (1 - common) if trials else np.inf
    if np.minimum(exposure * common, spare).min() < FEWEST_EXPECTED:
        return Dispersion(math.nan, math.nan, "too_few_events")
    variance = exposure * common * ((1 - common) if trials else 1.0)
    score = (events - exposure * common) / np.sqrt(variance)
    ordered = np.sort(score)
    drawn_in = np.clip(score, ordered[1], ordered[-2])
    p_value = float(chi2.sf(float((score**2).sum()), len(score) - 1))
    return Dispersion(float((drawn_in**2).mean()), p_value, "")


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

    Parameters
    ----------
    common : array_like
        Value of all areas together, per one of the exposure.
    exposure : array_like, shape (k,)
        Size of each area.
    coverage : float
        0.95 or 0.998.
    trials : array_like of bool
        Binomial, else Poisson.
    inflation : array_like
        Factor on the variance for over-dispersion; 1 = chance alone.

    Returns
    -------
    lower, upper : numpy.ndarray, shape (k,)
        Per one of the exposure; NaN without exposure.
    """
    from scipy.stats import binom, poisson

    exposure = np.asarray(exposure, dtype="float64")
    tail = (1 - coverage) / 2
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


@dataclass(frozen=True)
class Shrunken:
    """Values of areas drawn towards their common value.

    Parameters
    ----------
    value, lower, upper : numpy.ndarray, shape (k,)
        Mean and 95 % interval of the underlying value, per one of the exposure.
    weight : numpy.ndarray, shape (k,)
        Weight of the area's own figure, 0-1; 1 less it is how much it was drawn in.
    common, between : float
        Value of all areas together; estimated variance between areas, 0 where chance explains
        everything.
    """

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    weight: np.ndarray
    common: float
    between: float


def between_variance(events: ArrayLike, exposure: ArrayLike, *, trials: bool = False) -> float:
    """Return the variance between areas by moments (Marshall 1991), not cut off at zero."""
    events, exposure = np.asarray(events, dtype="float64"), np.asarray(exposure, dtype="float64")
    common = events.sum() / exposure.sum()
    spread = float(exposure @ (events / exposure - common) ** 2 / exposure.sum())
    return spread - common * ((1 - common) if trials else 1.0) / exposure.mean()


def empirical_bayes(events: ArrayLike, exposure: ArrayLike, *, trials: bool = False) -> Shrunken:
    """Draw the values of areas towards their common value, the more the smaller they are.

    The prior (gamma for rates, beta for proportions) has the common value as mean and the variance
    between the areas, estimated by moments and cut off at zero; with zero every area is given the
    common value with its exact interval. The uncertainty of the prior itself is not counted: with
    few areas the intervals are somewhat too narrow.

    Parameters
    ----------
    events, exposure : array_like, shape (k,)
        Counts of each area, all known, exposures above zero.
    trials : bool
        Whether each of the exposure counts at most once.
    """
    events, exposure = np.asarray(events, dtype="float64"), np.asarray(exposure, dtype="float64")
    common = float(events.sum() / exposure.sum())
    between = max(between_variance(events, exposure, trials=trials), 0.0)
    if between == 0 or not 0 < common < (1.0 if trials else np.inf):
        interval = (
            binomial_exact(events.sum(), exposure.sum()) if trials else poisson_exact(events.sum())
        )
        ends = [
            np.full(len(events), float(end) / (1.0 if trials else exposure.sum()))
            for end in interval
        ]
        return Shrunken(np.full(len(events), common), *ends, np.zeros(len(events)), common, 0.0)
    worth = max(common * (1 - common) / between - 1, 1e-9) if trials else common / between
    weight = exposure / (exposure + worth)
    lower, upper = (
        _posterior(events, exposure, common * worth, worth, level, trials)
        for level in (0.025, 0.975)
    )
    return Shrunken(
        weight * events / exposure + (1 - weight) * common, lower, upper, weight, common, between
    )


def _posterior(
    events: np.ndarray,
    exposure: np.ndarray,
    prior_events: float,
    prior_exposure: float,
    level: float,
    trials: bool,
) -> np.ndarray:
    from scipy.special import betaincinv, gammaincinv

    shape = events + prior_events
    if trials:
        return betaincinv(shape, exposure - events + prior_exposure - prior_events, level)
    return gammaincinv(shape, level) / (exposure + prior_exposure)


def rank_interval(
    events: ArrayLike, exposure: ArrayLike, *, trials: bool, worst: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return between which ranks an area lies with 95 % probability, 1 being the worst.

    Each area's underlying value is drawn from its own counts alone under the Jeffreys prior.

    Parameters
    ----------
    events, exposure : array_like, shape (k,)
        Counts of each area.
    trials : bool
        Binomial, else Poisson.
    worst : {1, -1}
        +1: the highest value is the worst, -1: the lowest.
    seed : int
        Seed of the draws.
    """
    events, exposure = np.asarray(events, dtype="float64"), np.asarray(exposure, dtype="float64")
    rng = np.random.default_rng(seed)
    size = (RANK_DRAWS, len(events))
    draws = (
        rng.beta(events + 0.5, exposure - events + 0.5, size)
        if trials
        else rng.gamma(events + 0.5, 1.0, size) / exposure
    )
    ranks = np.argsort(np.argsort(-worst * draws, axis=1), axis=1) + 1
    lower, upper = np.quantile(ranks, [0.025, 0.975], axis=0, method="nearest")
    return lower, upper

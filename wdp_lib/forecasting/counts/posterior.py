"""What counts say of the underlying rate: gamma-Poisson with a growth, beta-binomial without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wdp_lib.core.errors import ParameterError

# this share of what a year of a rate, of a proportion says still counts a year later
MEMORY, MEMORY_OF_SHARE = 0.98, 0.9
# mean and standard deviation of the yearly growth of a rare rate, before the counts are seen
GROWTH = (-0.025, 0.03)
NODES = 7
STEPS = 40


@dataclass(frozen=True)
class Prior:
    """What is known of a rate before its counts are seen: as if ``events`` among ``exposure``.

    Of a proportion, ``exposure`` counts trials and is above ``events``.
    """

    events: float
    exposure: float
    origin: str = "given"  # jeffreys, upper_area, given: shown beside the result

    @property
    def mean(self) -> float:
        """Rate (per one of the exposure) expected; infinite under the Jeffreys prior of a rate."""
        return self.events / self.exposure if self.exposure > 0 else np.inf


JEFFREYS = {
    "gamma_poisson": Prior(0.5, 0.0, "jeffreys"),
    "beta_binomial": Prior(0.5, 1.0, "jeffreys"),
}


def borrowed_prior(events: float, exposure: float, *, law: str, worth: float = 1.0) -> Prior:
    """Return the prior borrowed from the parent area: its rate, worth a stated amount of evidence.

    ``law``: {"gamma_poisson", "beta_binomial"}. ``worth``: expected events (of a rate) or trials
    (of a proportion) that the prior is worth. Raises `ParameterError` when the parent area has no
    event (or, of a proportion, nothing but events), or the worth is not above zero.
    """
    certain = law == "beta_binomial" and events >= exposure
    if not (exposure > 0 and events > 0 and worth > 0) or certain:
        raise ParameterError.of(
            f"上级地区的事件数 {events:g} 和分母 {exposure:g} 不足以作先验。",
            f"{events:g} events among {exposure:g} of the parent area make no prior.",
        )
    rate = events / exposure
    counts = (worth, worth / rate) if law == "gamma_poisson" else (worth * rate, worth)
    return Prior(*counts, "upper_area")


@dataclass(frozen=True)
class RatePosterior:
    """Gamma distributions of the underlying rate, one for each growth; shape (..., growths)."""

    shape: np.ndarray
    rate: np.ndarray
    weight: np.ndarray

    def below(self, rate: np.ndarray) -> np.ndarray:
        """Return the probability that the underlying rate is at most ``rate`` (shape (...))."""
        from scipy.special import gammainc

        parts = gammainc(self.shape, np.asarray(rate)[..., None] * self.rate)
        return (self.weight * parts).sum(axis=-1)

    def quantiles(self, levels: np.ndarray) -> np.ndarray:
        """Return quantiles (..., levels) by bisection between those of the parts."""
        from scipy.special import gammainc, gammaincinv

        levels = np.asarray(levels, dtype="float64")[:, None]
        shape, rate, weight = (part[..., None, :] for part in (self.shape, self.rate, self.weight))
        parts = gammaincinv(shape, levels) / rate
        low, high = parts.min(axis=-1), parts.max(axis=-1)
        for _ in range(STEPS):
            middle = (low + high) / 2
            reached = (weight * gammainc(shape, middle[..., None] * rate)).sum(axis=-1)
            above = reached >= levels[:, 0]
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return (low + high) / 2

    def count_below(self, count: np.ndarray, exposure: np.ndarray) -> np.ndarray:
        """Return the probability of at most ``count`` events among ``exposure``, shapes (...)."""
        from scipy.special import betainc

        count, exposure = (np.asarray(part, "float64")[..., None] for part in (count, exposure))
        share = self.rate / (self.rate + exposure)
        cdf = betainc(self.shape, np.maximum(count, 0) + 1, share)
        return np.where(count[..., 0] < 0, 0.0, (self.weight * cdf).sum(axis=-1))


@dataclass(frozen=True)
class SharePosterior:
    """Beta distribution of the underlying proportion: events, non-events, the prior's included."""

    shape: np.ndarray
    rest: np.ndarray

    def below(self, rate: np.ndarray) -> np.ndarray:
        """Return the probability that the underlying proportion is at most ``rate``."""
        from scipy.special import betainc

        return betainc(self.shape, self.rest, np.clip(rate, 0, 1))

    def quantiles(self, levels: np.ndarray) -> np.ndarray:
        """Return quantiles of the underlying proportion, shape (..., levels)."""
        from scipy.special import betaincinv

        return betaincinv(
            self.shape[..., None], self.rest[..., None], np.asarray(levels, "float64")
        )

    def count_below(self, count: np.ndarray, exposure: np.ndarray) -> np.ndarray:
        """Return the probability of at most ``count`` events among ``exposure`` trials."""
        from scipy.stats import betabinom

        return betabinom.cdf(count, np.round(exposure), self.shape, self.rest)


def rate_posterior(
    events: np.ndarray,
    exposure: np.ndarray,
    ahead: np.ndarray,
    prior: Prior = JEFFREYS["gamma_poisson"],
    growth: tuple[float, float] = GROWTH,
) -> RatePosterior:
    """Return what is known of the underlying rate some years ahead.

    Given a growth g, ``events_t ~ Poisson(rate * exposure_t * exp(g * age))`` is conjugate to a
    gamma distribution; the growths are the nodes of a Gauss-Hermite rule, weighted by how well they
    explain the counts. Each year counts 0.98 times as much with every year that passes (Harvey &
    Fernandes 1989), so that the interval widens.
    """
    from scipy.special import roots_hermitenorm

    nodes, weight = roots_hermitenorm(NODES) if growth[1] > 0 else (np.zeros(1), np.ones(1))
    steps = growth[0] + growth[1] * nodes
    age = np.arange(events.shape[1])[::-1]
    counted = np.isfinite(events) & (exposure > 0)
    kept = np.where(counted, MEMORY**age, 0.0)
    seen, among = kept * np.nan_to_num(events), kept * np.nan_to_num(exposure)
    total = seen.sum(axis=1)[:, None] + 0 * steps
    scaled = among @ np.exp(-np.outer(age, steps))
    fit = np.log(weight) - (seen @ age)[:, None] * steps
    fit = fit - (total + prior.events) * np.log(scaled + prior.exposure)
    fit = np.exp(fit - fit.max(axis=1, keepdims=True))
    fade = (MEMORY**ahead)[None, :, None]
    shape = (total[:, None, :] + prior.events) * fade
    rate = (scaled[:, None, :] + prior.exposure) * fade * np.exp(-np.outer(ahead, steps))[None]
    share = (fit / fit.sum(axis=1, keepdims=True))[:, None, :]
    return RatePosterior(shape, rate, np.broadcast_to(share, shape.shape))


def share_posterior(
    events: np.ndarray,
    trials: np.ndarray,
    ahead: np.ndarray,
    prior: Prior = JEFFREYS["beta_binomial"],
) -> SharePosterior:
    """Return what is known of the underlying proportion some years ahead, (series, horizon).

    As `rate_posterior`, without a growth, and each year counting 0.9 times as much.
    """
    age = np.arange(events.shape[1])[::-1]
    counted = np.isfinite(events) & (trials > 0)
    kept = np.where(counted, MEMORY_OF_SHARE**age, 0.0)
    fade = (MEMORY_OF_SHARE**ahead)[None, :]
    hits = (kept * np.nan_to_num(events)).sum(axis=1)[:, None] * fade
    rest = (kept * np.nan_to_num(trials - events)).sum(axis=1)[:, None] * fade
    return SharePosterior(hits + prior.events, rest + prior.exposure - prior.events)

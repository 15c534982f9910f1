"""Series forecast from counts: rare rates, shares of few cases, counts that are often zero."""

from __future__ import annotations

import numpy as np

from wdp_lib.forecasting.counts.posterior import rate_posterior, share_posterior
from wdp_lib.forecasting.counts.rates import ENOUGH_EVENTS
from wdp_lib.forecasting.panel import Panel
from wdp_lib.forecasting.trends.trend import mann_kendall_p

FEWEST_YEARS = 3
FEW_TRIALS = 30
# a multiplier up to this (per cent) makes a proportion, whose events cannot exceed its trials
MOST_OF_SHARE = 100
COUNTED = ("rare_rate", "rare_percent")
UNDERLYING = ("gamma_poisson", "beta_binomial")
SPORADIC = "sporadic_counts"
NO_TREND = 0.05
LEVELS = np.exp(np.linspace(np.log(0.02), np.log(60.0), 60))
DISPERSIONS = np.array([0.05, 0.5, 1.0, 2.0, 4.0])
MEMORY = 0.95


def law_of(panel: Panel) -> np.ndarray:
    """Return how each series is forecast from its counts, shape (series,).

    ``""``: like any other series.

    ``gamma_poisson``: kind ``rare_rate``, counts for at least 3 years, a known unit, on average
    fewer than 10 events a year; with more events the trend says more than the counting error hides.
    ``beta_binomial``: kind ``rare_percent`` or ``rare_rate`` per cent, likewise with fewer than 10
    events or fewer than 10 non-events a year among fewer than 30 trials (a rate of events: among
    any number), and no trend. ``sporadic_counts``: kind ``count``, whole numbers below 10 on
    average, none in at least two years and a quarter of them, and no trend.
    """
    laws = np.full(len(panel), "", dtype=object)
    for law, kinds in ((_sporadic, ["count"]), (_counted_law, COUNTED)):
        for row in np.flatnonzero(np.isin(panel.kind, kinds)):
            laws[row] = law(panel, row)
    return laws


def _counted_law(panel: Panel, row: int) -> str:
    events, exposure = panel.events[row], panel.exposure[row]
    counted = np.isfinite(events) & (exposure > 0)
    if counted.sum() < FEWEST_YEARS or not np.isfinite(panel.multiplier[row]):
        return ""
    events, exposure = events[counted], exposure[counted]
    if panel.multiplier[row] > MOST_OF_SHARE:
        return "gamma_poisson" if events.mean() < ENOUGH_EVENTS else ""
    if (events > exposure).any():
        return ""
    rate = panel.kind[row] == "rare_rate"
    few = events.mean() < ENOUGH_EVENTS if rate else exposure.mean() < FEW_TRIALS
    return "beta_binomial" if few and _no_trend(events / exposure) else ""


def _sporadic(panel: Panel, row: int) -> str:
    values = panel.values[row][np.isfinite(panel.values[row])]
    none = (values == 0).sum()
    whole = (values == np.round(values)).all() and (values >= 0).all()
    few = none >= max(2, len(values) / 4) and values.mean() < ENOUGH_EVENTS
    return SPORADIC if whole and few and _no_trend(values) else ""


def _no_trend(values: np.ndarray) -> bool:
    first, second = np.triu_indices(len(values), k=1)
    score = int(np.sign(values[second] - values[first]).sum())
    return mann_kendall_p(score, values) >= NO_TREND


def is_thin(panel: Panel) -> np.ndarray:
    """Return which series have too few counts in all years for a class of risk, shape (series,).

    Fewer than 10 events (NCHS 2023, rates); of a proportion (``rare_percent``) fewer than 30 trials
    (NCHS 2017).
    """
    counted = np.isfinite(panel.events) & (panel.exposure > 0)
    events, trials = (
        np.where(counted, part, 0.0).sum(axis=1) for part in (panel.events, panel.exposure)
    )
    return np.where(panel.kind == "rare_percent", trials < FEW_TRIALS, events < ENOUGH_EVENTS)


def count_quantiles(
    panel: Panel, laws: np.ndarray, horizon: int, quantiles: np.ndarray
) -> np.ndarray:
    """Return quantiles (series, horizon, quantiles) where `law_of` names a law, else NaN."""
    ahead = np.arange(1, horizon + 1)
    values = np.full((len(panel), horizon, len(quantiles)), np.nan)
    for law, posterior in (("gamma_poisson", rate_posterior), ("beta_binomial", share_posterior)):
        rows = np.flatnonzero(laws == law)
        if len(rows):
            part = panel.take(rows)
            known = posterior(part.events, part.exposure, ahead)
            values[rows] = known.quantiles(quantiles) * part.multiplier[:, None, None]
    for row in np.flatnonzero(laws == SPORADIC):
        values[row] = sporadic_quantiles(panel.values[row], quantiles)[None, :]
    return values


def sporadic_quantiles(values: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Return quantiles of the next count of a series that is often zero, shape (quantiles,).

    Negative binomial, averaged over a grid of means and dispersions by how well they explain the
    counts; the grid of means is even in the logarithm. Each year counts 0.95 times as much with
    every year that passes. Zeros in excess of the Poisson law are taken up by the dispersion.
    """
    seen = np.isfinite(values)
    age = np.arange(len(values))[::-1][seen]
    fit = np.einsum("t,tmd->md", MEMORY**age, np.log(_negative_binomial(values[seen])))
    weight = np.exp(fit - fit.max())
    counts = np.arange(0, max(200, int(10 * np.nanmax(values)) + 1))
    chance = np.einsum("md,tmd->t", weight / weight.sum(), _negative_binomial(counts))
    return counts[np.minimum(np.searchsorted(chance.cumsum(), quantiles), len(counts) - 1)].astype(
        "float64"
    )


def _negative_binomial(counts: np.ndarray) -> np.ndarray:
    """Chance of each count by mean and dispersion (variance = mean + dispersion * mean²)."""
    from scipy.special import gammaln

    y, size = counts[:, None, None].astype("float64"), 1 / DISPERSIONS[None, None, :]
    mean = LEVELS[None, :, None]
    log = gammaln(y + size) - gammaln(size) - gammaln(y + 1)
    return np.exp(log + size * np.log(size / (size + mean)) + y * np.log(mean / (size + mean)))

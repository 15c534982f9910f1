"""Forecast of one series of small counts: underlying rate, count of a year, chance of a target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wdp_lib.core.columns import QUANTILES
from wdp_lib.core.errors import ParameterError, suggestion
from wdp_lib.forecasting.counts.posterior import (
    JEFFREYS,
    Prior,
    RatePosterior,
    SharePosterior,
    rate_posterior,
    share_posterior,
)
from wdp_lib.forecasting.trends.trend import trend

POSTERIORS = {"gamma_poisson": rate_posterior, "beta_binomial": share_posterior}
RECENT = 10
NAMES = """
    year exposure quantile rate count p_underlying p_year law prior prior_events prior_exposure
    prior_rate
"""
COLUMNS = tuple(NAMES.split())


def forecast_counts(
    frame: pd.DataFrame,
    *,
    through: int,
    multiplier: float,
    law: str = "gamma_poisson",
    at_most: float | None = None,
    at_least: float | None = None,
    prior: Prior | None = None,
    exposure: float | None = None,
    quantiles: Sequence[float] = QUANTILES,
) -> pd.DataFrame:
    """Forecast a rate of few events (among births, persons), and the number of events itself.

    Parameters
    ----------
    frame : pandas.DataFrame
        One series: ``year, numerator, denominator``, one row a year; rows without both are missing
        years.
    multiplier : float
        Unit of the rate, e.g. 100,000 or 100.
    law : {"gamma_poisson", "beta_binomial"}
        Events among births, or successes among the patients of a year.
    at_most, at_least : float, optional
        The target, in the unit of the rate.
    prior : Prior, optional
        Jeffreys unless given; from the parent area by `borrowed_prior`.
    exposure : float, optional
        Births (patients) of each year ahead; by `project_exposure` unless given.

    Returns
    -------
    pandas.DataFrame
        One row a year and quantile: ``year, exposure, quantile``; ``rate`` (underlying) and
        ``count`` (of that year, a whole number) at the quantile; ``p_underlying`` and ``p_year``,
        the chance that the underlying rate, that the rate observed in that year is within the
        target (missing without one); ``law``; and the prior: its origin, events, exposure and mean
        rate (missing under the Jeffreys prior of a rate).

    Raises
    ------
    ParameterError
        When there is no such law, no year with counts, or no year ahead; when successes exceed the
        trials.
    """
    years, events, among = _counted(frame, law)
    ahead = np.arange(1, through - int(years[-1]) + 1)
    if not len(ahead):
        raise ParameterError.of(
            f"{through} 年没有可预测的年份。", f"There is no year to forecast up to {through}."
        )
    future = np.full(len(ahead), exposure, dtype="float64")
    if exposure is None:
        future = project_exposure(years, among, len(ahead))
    prior = prior or JEFFREYS[law]
    grid = np.full((2, 1, int(years[-1] - years[0]) + 1), np.nan)
    grid[0, 0, years - years[0]], grid[1, 0, years - years[0]] = events, among
    known = POSTERIORS[law](grid[0], grid[1], ahead, prior)
    levels = np.asarray(quantiles, dtype="float64")
    counts, cdf = _count_law(known, future)
    picked = np.array(
        [counts[np.minimum(np.searchsorted(row, levels), len(counts) - 1)] for row in cdf]
    )
    each = len(levels)
    table = pd.DataFrame(
        {
            "year": np.repeat(years[-1] + ahead, each),
            "exposure": np.repeat(future, each),
            "quantile": np.tile(levels, len(ahead)),
            "rate": known.quantiles(levels)[0].ravel() * multiplier,
            "count": picked.ravel(),
        }
    )
    limits = -np.inf if at_least is None else at_least, np.inf if at_most is None else at_most
    chances = _chances(known, future, counts, cdf, multiplier, *limits)
    table["p_underlying"], table["p_year"] = (np.repeat(chance, each) for chance in chances)
    return table.assign(
        law=law,
        prior=prior.origin,
        prior_events=prior.events,
        prior_exposure=prior.exposure,
        prior_rate=prior.mean * multiplier if np.isfinite(prior.mean) else np.nan,
    )[list(COLUMNS)]


def project_exposure(years: np.ndarray, exposure: np.ndarray, horizon: int) -> np.ndarray:
    """Return births (persons) of the coming years: the last value, moved on by half its trend.

    The trend is the Theil-Sen slope of the logarithm over the latest ten points; half of it, as
    short trends seldom last.
    """
    years, exposure = np.asarray(years)[-RECENT:], np.asarray(exposure, dtype="float64")[-RECENT:]
    slope = trend(years, np.log(exposure)).slope if len(years) >= 3 else 0.0
    return exposure[-1] * np.exp(slope / 2 * np.arange(1, horizon + 1))


def _counted(frame: pd.DataFrame, law: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if law not in POSTERIORS:
        advice = suggestion(str(law), list(POSTERIORS))
        raise ParameterError.of(
            f"没有计数模型“{law}”。{advice.zh}", f"There is no law '{law}'. {advice.en}"
        )
    rows = frame[frame["numerator"].notna() & (frame["denominator"] > 0)].sort_values("year")
    if rows.empty or rows["year"].duplicated().any():
        raise ParameterError.of(
            "须有分子、分母俱全且年份不重复的数据。",
            "Counts are needed, each year once, with their exposure.",
        )
    if law == "beta_binomial" and (rows["numerator"] > rows["denominator"]).any():
        raise ParameterError.of("分子大于分母。", "There are more successes than trials.")
    columns = {"year": int, "numerator": float, "denominator": float}
    return tuple(rows[name].to_numpy(kind) for name, kind in columns.items())


def _count_law(
    known: RatePosterior | SharePosterior, future: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Counts 0, 1, … and, in every year, the chance of at most each, shape (horizon, counts)."""
    if isinstance(known, SharePosterior):
        counts = np.arange(0, int(np.round(future.max())) + 1)
    else:
        most = float(known.quantiles(np.array([0.9999])).max() * future.max())
        counts = np.arange(0, int(most + 8 * np.sqrt(most) + 10))
    same = np.ones((1, len(future)))
    return counts, np.stack([known.count_below(k * same, future[None])[0] for k in counts], axis=1)


def _chances(known, future, counts, cdf, multiplier, at_least, at_most):
    """Chance that the underlying rate, and that the rate of the year, is within the target."""
    if np.isinf(at_least) and np.isinf(at_most):
        return np.full((2, len(future)), np.nan)
    same, whole = np.ones((1, len(future))), np.round(future)
    underlying = known.below(same * at_most / multiplier)[0] if np.isfinite(at_most) else 1.0
    if np.isfinite(at_least):
        underlying = underlying - known.below(same * at_least / multiplier)[0]
    rate = counts[None, :] / np.maximum(whole, 1)[:, None] * multiplier
    inside = (rate <= at_most + 1e-9) & (rate >= at_least - 1e-9)
    chance = np.diff(cdf, axis=1, prepend=0.0)
    return underlying, (chance * inside).sum(axis=1)

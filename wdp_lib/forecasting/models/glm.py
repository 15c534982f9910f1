"""Generalised linear models of statsmodels with a line in time; counts are modelled as counts."""

from __future__ import annotations

import numpy as np

from wdp_lib.forecasting.models.classic import from_fits
from wdp_lib.forecasting.panel import Panel, reporting_unit

FEWEST_FOR_GLM = 4
PERCENT = 100.0
AGREES = 0.01
SMALLEST_SIZE = 1e-3


def glm_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return a generalised linear model with linear time.

    Rates whose events, exposure and multiplier are known in every observed year: Poisson, log link,
    log exposure as offset. Percentages with counts: binomial, logit link. All others: Gaussian.
    Assumes that the line (of the logarithm, of the logit, of the value) goes on, and independent
    years. NaN where the fit does not converge: no events at all, or nothing but events.

    Over-dispersion: the Pearson statistic over its n - 2 degrees of freedom, 1 at the least,
    multiplies the variance of the counts (a negative binomial whose variance is linear in its mean)
    and of the coefficients. The future exposure is the last known one. Rates are given the gamma,
    shares the beta distribution with the mean of the line, and the variance of the coefficients
    (delta method) plus that of the count; Gaussian values the t interval of prediction. The
    distributions are continuous although counts are whole.
    """
    result = np.full((len(panel), horizon, len(quantiles)), np.nan)
    kinds = families(panel)
    for row in range(len(panel)):
        if kinds[row] != "gaussian":
            result[row] = _counted(panel, row, kinds[row], horizon, np.asarray(quantiles))
    plain = np.flatnonzero(kinds == "gaussian")
    result[plain] = from_fits(panel.take(plain), horizon, quantiles, _line)
    return result


def families(panel: Panel) -> np.ndarray:
    """Return poisson, binomial or gaussian for each series.

    Counts are used only when they reproduce every observed value to 1 % (or half a reporting unit).
    """
    seen = np.isfinite(panel.values)
    with np.errstate(invalid="ignore", divide="ignore"):
        implied = _unit(panel)[:, None] * panel.events / panel.exposure
        off = np.abs(implied - panel.values)
    rounding = reporting_unit(panel.values)[:, None] / 2 * (1 + 1e-9)
    allowed = np.maximum(AGREES * np.abs(panel.values), rounding)
    counted = ((off <= allowed) | ~seen).all(axis=1)
    share = np.isin(panel.kind, ("percent", "facility")) & (
        (panel.events <= panel.exposure) | ~seen
    ).all(axis=1)
    rate = np.isin(panel.kind, ["rate", "rare_rate"])
    found = np.select([counted & share, counted & rate], ["binomial", "poisson"], "gaussian")
    return found.astype(object)


def _unit(panel: Panel) -> np.ndarray:
    unknown = np.isnan(panel.multiplier) & np.isin(panel.kind, ("percent", "facility"))
    return np.where(unknown, PERCENT, panel.multiplier)


def _line(values: np.ndarray, horizon: int):
    from statsmodels.api import OLS

    years = np.flatnonzero(np.isfinite(values)) - (len(values) - 1)
    design, ahead = _designs(years, horizon)
    # the Gaussian model is ordinary least squares
    fit = OLS(values[np.isfinite(values)], design).fit()
    curve = np.einsum("hi,ij,hj->h", ahead, np.asarray(fit.cov_params()), ahead)
    return ahead @ fit.params, np.sqrt(fit.scale + curve), len(years) - 2


def _counted(
    panel: Panel, row: int, family: str, horizon: int, quantiles: np.ndarray
) -> np.ndarray:
    from scipy.stats import beta, gamma

    years, _ = panel.history(row)
    seen = np.isfinite(panel.values[row])
    events, exposure = panel.events[row, seen], panel.exposure[row, seen]
    fit = _fit(years, events, exposure, family)
    if fit is None:
        return np.full((horizon, len(quantiles)), np.nan)
    dispersion = max(1.0, fit.pearson_chi2 / (len(years) - 2))
    _, ahead = _designs(years, horizon)
    eta = ahead @ fit.params
    curve = dispersion * np.einsum("hi,ij,hj->h", ahead, np.asarray(fit.cov_params()), ahead)
    if family == "poisson":
        mean = np.exp(eta)
        shape = mean**2 / (mean**2 * curve + dispersion * mean / exposure[-1])
        share = gamma.ppf(quantiles, shape[:, None], scale=(mean / shape)[:, None])
    else:
        mean = 1 / (1 + np.exp(-eta))
        # a variance above mean (1 - mean) does not exist for a share
        variance = mean * (1 - mean) * curve + dispersion / exposure[-1]
        size = np.maximum(1 / variance - 1, SMALLEST_SIZE)
        share = beta.ppf(quantiles, (mean * size)[:, None], ((1 - mean) * size)[:, None])
    return _unit(panel)[row] * share


def _fit(years: np.ndarray, events: np.ndarray, exposure: np.ndarray, family: str):
    """Return the fit with the plain variance of counts, or None where there is none."""
    import warnings

    from statsmodels import api
    from statsmodels.tools.sm_exceptions import DomainWarning, PerfectSeparationWarning

    if events.sum() == 0 or (family == "binomial" and (events == exposure).all()):
        return None
    design, _ = _designs(years, 1)
    if family == "poisson":
        model = api.GLM(events, design, family=api.families.Poisson(), offset=np.log(exposure))
    else:
        both = np.column_stack([events, exposure - events])
        model = api.GLM(both, design, family=api.families.Binomial())
    with warnings.catch_warnings():
        # separation and steps out of range end without convergence, which is looked at below
        for known in (PerfectSeparationWarning, DomainWarning, RuntimeWarning):
            warnings.simplefilter("ignore", known)
        fit = model.fit(scale=1.0)
    return fit if fit.converged and np.isfinite(fit.params).all() else None


def _designs(years: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return constant and years since the last, of the history and of the years ahead."""
    times = (years - years[-1], np.arange(1.0, horizon + 1))
    return tuple(np.column_stack([np.ones(len(t)), t]).astype("float64") for t in times)

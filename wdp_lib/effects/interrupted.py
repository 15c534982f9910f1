"""Interrupted time series: a line with a step (in long series also a bend) at the start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from wdp_lib.effects.estimate import GUARDS, NAN, Estimate, Guards, refused

LARGEST_RHO = 0.95  # beyond it the transformed constant vanishes


def interrupted_series(
    years: np.ndarray, values: np.ndarray, start: int, *, guards: Guards = GUARDS
) -> Estimate:
    """Estimate the mean effect since the start from one series alone.

    ``value = a + b year + c step``, with a change of slope besides when both sides are long; the
    estimate is the mean of the step (and slope change) over the years since the start.

    Returns
    -------
    Estimate
        In the unit of the values, with Student's t for interval and p-value; refused with
        ``too_few_before`` or ``too_few_after``. Short series: ordinary least squares, independent
        years assumed; from ``serial_years`` on Prais-Winsten with an autocorrelation of order one.
    """
    years, values = years[np.isfinite(values)], values[np.isfinite(values)]
    after = years >= start
    made = refused(after, guards.step_before, guards.step_after)
    if made.reason:
        return made
    since = years - float(start)
    columns, mean_effect = [np.ones(len(years)), since, after.astype(float)], [0, 0, 1]
    if min(made.n_before, made.n_after) >= guards.slope_each_side:
        columns.append(np.where(after, since, 0.0))
        mean_effect.append(since[after].mean())
    fitted = _prais_winsten if len(years) >= guards.serial_years else _least_squares
    estimate, error = fitted(np.column_stack(columns), values, years, np.array(mean_effect, float))
    return _with_t(made, estimate, error, len(years) - len(columns))


def bend_before(years: np.ndarray, values: np.ndarray, start: int) -> float:
    """Return the p-value that a series ran straight before the start.

    Student's t of a square term over the years before; NaN with fewer than five of them.
    """
    before = np.isfinite(values) & (years < start)
    years, values = years[before] - float(start), values[before]
    if len(years) < 5:
        return NAN
    design = np.column_stack([np.ones(len(years)), years, years**2])
    bend, error = _least_squares(design, values, years, np.array([0.0, 0.0, 1.0]))
    return _with_t(Estimate(), bend, error, len(years) - 3).p_value


def interrupted_counts(
    time: np.ndarray,
    events: np.ndarray,
    exposure: np.ndarray,
    start: float,
    *,
    guards: Guards = GUARDS,
) -> Estimate:
    """Estimate the rate ratio of a step in a series of counts.

    Poisson with log link, log exposure as offset, a line in time and a step; the variance is
    multiplied by the Pearson dispersion where that is above 1 (quasi-Poisson), and Student's t is
    used.

    Parameters
    ----------
    time, events, exposure : numpy.ndarray, shape (n,)
        Time (years, or numbered months), counted events, and the people or cases they come from
        (above 0).

    Returns
    -------
    Estimate
        A ratio, 1 = no effect; refused with ``too_few_before``, ``too_few_after`` or, without an
        event on one side, ``too_few_events``.
    """
    after = time >= start
    made = refused(after, guards.step_before, guards.step_after)
    if not made.reason and (events[after].sum() == 0 or events[~after].sum() == 0):
        made = replace(made, reason="too_few_events")
    if made.reason:
        return made
    from statsmodels import api

    design = np.column_stack([np.ones(len(time)), time - time.mean(), after.astype(float)])
    fit = api.GLM(events, design, family=api.families.Poisson(), offset=np.log(exposure)).fit()
    free = len(time) - design.shape[1]
    error = fit.bse[2] * np.sqrt(max(1.0, fit.pearson_chi2 / free))
    made = _with_t(made, float(fit.params[2]), float(error), free)
    ratios = {name: np.exp(getattr(made, name)) for name in ("estimate", "lower", "upper")}
    return replace(made, **ratios)


def _least_squares(
    design: np.ndarray, values: np.ndarray, years: np.ndarray, mean_effect: np.ndarray
) -> tuple[float, float]:
    inverse = np.linalg.inv(design.T @ design)
    found = inverse @ design.T @ values
    residuals = values - design @ found
    variance = residuals @ residuals / (len(values) - design.shape[1])
    error = np.sqrt(variance * (mean_effect @ inverse @ mean_effect))
    return float(mean_effect @ found), float(error)


def _prais_winsten(
    design: np.ndarray, values: np.ndarray, years: np.ndarray, mean_effect: np.ndarray
) -> tuple[float, float]:
    """One step from least squares; a year after a hole stands alone, as the first does."""
    residuals = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    next_years, whole = np.diff(years) == 1, max((residuals**2).sum(), np.finfo(float).tiny)
    rho = (residuals[1:] * residuals[:-1])[next_years].sum() / whole
    rho = float(np.clip(rho, 0.0, LARGEST_RHO))
    change, alone = np.eye(len(values)), np.concatenate([[True], ~next_years])
    change[alone] *= np.sqrt(1 - rho**2)
    rows = np.flatnonzero(~alone)
    change[rows, rows - 1] = -rho
    return _least_squares(change @ design, change @ values, years, mean_effect)


def _with_t(made: Estimate, estimate: float, error: float, free: int) -> Estimate:
    from scipy.special import stdtr, stdtrit  # Student's t without the weight of scipy.stats

    half = stdtrit(free, 0.975) * error
    # a series without any noise has an error of zero
    p_value = 2 * stdtr(free, -abs(estimate) / error) if error > 0 else float(estimate == 0)
    return replace(
        made,
        **{"estimate": estimate, "lower": estimate - half, "upper": estimate + half},
        **{"p_value": float(p_value), "p_method": "model"},
    )

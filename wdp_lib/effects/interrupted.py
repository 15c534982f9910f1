"""Interrupted time series: a line in time with a step (and, in long series, a change of slope) at the start."""

from __future__ import annotations

import numpy as np

from wdp_lib.effects.estimate import GUARDS, Estimate, Guards, both_sides, refusal

LARGEST_RHO = 0.95  # beyond it the transformed constant vanishes


def interrupted_series(
    years: np.ndarray, values: np.ndarray, start: int, *, guards: Guards = GUARDS
) -> Estimate:
    """Estimate the mean effect since the start from one series alone.

    ``value = a + b year + c step``, with a change of slope besides when both sides are long; the estimate is the mean of
    the step (and slope change) over the years since the start.

    Parameters
    ----------
    years, values : numpy.ndarray, shape (n,)
        The series, years rising; NaN is a missing year.
    start : int
        First year under the measure.
    guards : Guards
        Fewest years; see `Guards`.

    Returns
    -------
    Estimate
        In the unit of the values, with Student's t for interval and p-value; refused with ``too_few_before`` or
        ``too_few_after``. Short series: ordinary least squares, independent years assumed; from ``serial_years`` on
        Prais-Winsten with an autocorrelation of order one.
    """
    years, values, after = both_sides(years, values, start)
    counts = {"n_before": int((~after).sum()), "n_after": int(after.sum())}
    reason = refusal(after, guards.step_before, guards.step_after)
    if reason:
        return Estimate(reason=reason, **counts)
    design, mean_effect = _design(years, after, start, guards)
    fitted = _prais_winsten if len(years) >= guards.serial_years else _least_squares
    estimate, error = fitted(design, values, years, mean_effect)
    return _with_t(estimate, error, len(years) - design.shape[1], counts)


def bend_before(years: np.ndarray, values: np.ndarray, start: int) -> float:
    """Return the p-value that a series ran straight before the start: a bend there passes for a step later.

    Parameters
    ----------
    years, values, start
        As for `interrupted_series`.

    Returns
    -------
    float
        Student's t of a square term over the years before; NaN with fewer than five of them.
    """
    years, values, after = both_sides(years, values, start)
    years, values = years[~after] - float(start), values[~after]
    if len(years) < 5:
        return float("nan")
    design = np.column_stack([np.ones(len(years)), years, years**2])
    bend, error = _least_squares(design, values, years, np.array([0.0, 0.0, 1.0]))
    return _with_t(bend, error, len(years) - 3, {}).p_value


def interrupted_counts(
    time: np.ndarray,
    events: np.ndarray,
    exposure: np.ndarray,
    start: float,
    *,
    guards: Guards = GUARDS,
) -> Estimate:
    """Estimate the rate ratio of a step in a series of counts.

    Poisson with log link, log exposure as offset, a line in time and a step; the variance is multiplied by the Pearson
    dispersion where that is above 1 (quasi-Poisson), and Student's t is used.

    Parameters
    ----------
    time, events, exposure : numpy.ndarray, shape (n,)
        Time (years, or numbered months), counted events, and the people or cases they come from (above 0).
    start : float
        First time under the measure.
    guards : Guards
        Fewest points; see `Guards`.

    Returns
    -------
    Estimate
        A ratio, 1 = no effect; refused with ``too_few_before``, ``too_few_after`` or, without an event on one side,
        ``too_few_events``.
    """
    time, events, after = both_sides(time, events, start)
    counts = {"n_before": int((~after).sum()), "n_after": int(after.sum())}
    reason = refusal(after, guards.step_before, guards.step_after)
    if not reason and (events[after].sum() == 0 or events[~after].sum() == 0):
        reason = "too_few_events"
    if reason:
        return Estimate(reason=reason, **counts)
    step, error, free = _poisson_step(time, events, exposure, after)
    made = _with_t(step, error, free, counts)
    return Estimate(
        **{
            **made.__dict__,
            "estimate": np.exp(step),
            "lower": np.exp(made.lower),
            "upper": np.exp(made.upper),
        }
    )


def _poisson_step(
    time: np.ndarray, events: np.ndarray, exposure: np.ndarray, after: np.ndarray
) -> tuple[float, float, int]:
    from statsmodels import api

    design = np.column_stack([np.ones(len(time)), time - time.mean(), after.astype(float)])
    fit = api.GLM(events, design, family=api.families.Poisson(), offset=np.log(exposure)).fit()
    free = len(time) - design.shape[1]
    dispersion = max(1.0, fit.pearson_chi2 / free)
    return float(fit.params[2]), float(fit.bse[2] * np.sqrt(dispersion)), free


def _design(
    years: np.ndarray, after: np.ndarray, start: int, guards: Guards
) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns, and the weights that turn their coefficients into the mean effect since the start."""
    columns = [np.ones(len(years)), years - float(start), after.astype(float)]
    mean_effect = [0.0, 0.0, 1.0]
    if min(after.sum(), (~after).sum()) >= guards.slope_each_side:
        columns.append(np.where(after, years - float(start), 0.0))
        mean_effect.append(float((years[after] - start).mean()))
    return np.column_stack(columns), np.array(mean_effect)


def _least_squares(
    design: np.ndarray, values: np.ndarray, years: np.ndarray, mean_effect: np.ndarray
) -> tuple[float, float]:
    inverse = np.linalg.inv(design.T @ design)
    found = inverse @ design.T @ values
    residuals = values - design @ found
    variance = residuals @ residuals / (len(values) - design.shape[1])
    return float(mean_effect @ found), float(
        np.sqrt(variance * (mean_effect @ inverse @ mean_effect))
    )


def _prais_winsten(
    design: np.ndarray, values: np.ndarray, years: np.ndarray, mean_effect: np.ndarray
) -> tuple[float, float]:
    """One step from least squares; the first year is kept (Prais and Winsten 1954)."""
    found = np.linalg.lstsq(design, values, rcond=None)[0]
    residuals = values - design @ found
    next_years = np.diff(years) == 1
    rho = (residuals[1:] * residuals[:-1])[next_years].sum() / max(
        (residuals**2).sum(), np.finfo(float).tiny
    )
    rho = float(np.clip(rho, 0.0, LARGEST_RHO))
    change = _transform(len(values), next_years, rho)
    return _least_squares(change @ design, change @ values, years, mean_effect)


def _transform(n: int, next_years: np.ndarray, rho: float) -> np.ndarray:
    """Matrix that makes the errors independent; after a hole a year stands alone, as the first one does."""
    matrix = np.eye(n)
    alone = np.concatenate([[True], ~next_years])
    matrix[alone] *= np.sqrt(1 - rho**2)
    rows = np.flatnonzero(~alone)
    matrix[rows, rows - 1] = -rho
    return matrix


def _with_t(estimate: float, error: float, free: int, counts: dict[str, int]) -> Estimate:
    from scipy.stats import t

    half = t.ppf(0.975, free) * error
    # a series without any noise has an error of zero
    p_value = 2 * t.sf(abs(estimate) / error, free) if error > 0 else float(estimate == 0)
    return Estimate(estimate, estimate - half, estimate + half, float(p_value), "model", **counts)

"""Designs that need one series alone: forecast from before, step in a line, step in counts.

All answer with an `Estimate`, and refuse below the numbers of `Guards`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wdp_lib.forecasting.counts.series import law_of
from wdp_lib.forecasting.frame import panel_of
from wdp_lib.forecasting.models.registry import DEFAULT, MODELS
from wdp_lib.forecasting.paths import joint_paths

NAN = float("nan")
DRAWS = 2000
LARGEST_RHO = 0.95  # beyond it the transformed constant vanishes


@dataclass(frozen=True)
class Estimate:
    """One estimate of what a measure changed."""

    # mean effect over the years since the start, in the unit of the values (a ratio for counts);
    # NaN when refused
    estimate: float = NAN
    # lower, upper: ends of the 95 % interval; NaN where the design gives none
    lower: float = NAN
    upper: float = NAN
    # two-sided probability of an estimate as far from no effect, were there none
    p_value: float = NAN
    p_method: str = ""  # ``model``, ``forecast``, ``randomisation`` or ``placebo_areas``
    # n_before, n_after, n_treated, n_controls: years before the start and from it on; areas with
    # the measure and to compare with
    n_before: int = 0
    n_after: int = 0
    n_treated: int = 1
    n_controls: int = 0
    reason: str = ""  # code of the reason why there is no estimate; empty when there is one


@dataclass(frozen=True)
class Guards:
    """Below which numbers a design refuses, and what lowers a claim (decision 044)."""

    forecast_before: int = 5  # fewest years before the start for the counterfactual forecast
    forecast_after: int = 1  # and since the start
    step_before: int = 6  # the same for a step in an interrupted series
    step_after: int = 3
    step_counted: float = 10  # mean of a plain number below which it is decided, not drawn
    slope_each_side: int = 8  # years on each side from which a change of slope is fitted besides
    serial_years: int = 12  # years in all from which serial correlation is estimated
    treated_areas: int = 3  # fewest areas with the measure for difference in differences
    control_areas: int = 5  # and without it
    synthetic_before: int = 8  # fewest years before the start for a synthetic control
    donors: int = 8  # fewest areas to compose it from
    worst_fit: float = 1.0  # its largest error before the start, as a share of the series' spread
    placebo_folds: int = 3  # fewest made-up starts for a placebo in time to say anything
    significance: float = 0.05
    disturbed_years: tuple[int, ...] = (2020,)  # everything changed at once
    lag_years: int = 0  # before an effect is expected; fixed before the data are looked at
    permutations: int = 5000  # most assignments enumerated; beyond, as many are drawn
    dose_areas: int = 4  # fewest areas with different doses for a relation of dose and change


GUARDS = Guards()


def refused(after: np.ndarray, before_needed: int, after_needed: int, **numbers) -> Estimate:
    """Return an answer without an estimate, with a reason where years are too few."""
    n_before, n_after = int((~after).sum()), int(after.sum())
    reason = "too_few_after" if n_after < after_needed else ""
    reason = "too_few_before" if n_before < before_needed else reason
    return Estimate(**{"n_before": n_before, "n_after": n_after, "reason": reason} | numbers)


def with_placebo(
    design: Callable[[np.ndarray, int], Estimate],
    years: np.ndarray,
    first: int,
    guards: Guards = GUARDS,
) -> tuple[Estimate, float]:
    """Return the answer of a design and its placebo's p-value: the same at made-up starts.

    ``design`` takes a mask of the years (rising) to use, and a start.
    """
    made, before = design(np.ones(len(years), bool), first), years < first
    if made.reason:
        return made, NAN
    return made, placebo_in_time([design(before, int(y)) for y in years[before][1:]], guards)


def placebo_in_time(estimates: list[Estimate], guards: Guards = GUARDS) -> float:
    """Return the p-value of effects at made-up starts, from the years before the true one.

    The smallest p-value times the number of starts (Bonferroni), at most 1; NaN with fewer than
    ``placebo_folds`` starts.
    """
    found = [e.p_value for e in estimates if not e.reason]
    return min(1.0, min(found) * len(found)) if len(found) >= max(guards.placebo_folds, 1) else NAN


def counterfactual_forecasts(
    asked: Sequence[tuple[pd.DataFrame, int]],
    *,
    guards: Guards = GUARDS,
    draws: int = DRAWS,
    seed: int = 0,
) -> list[Estimate]:
    """Compare the years since the start with the default model's forecast from the years before.

    Parameters
    ----------
    asked : sequence of pairs
        Series (``year, value`` and, where known, the further columns of `wdp_lib.forecast_frame`;
        values known, by year) and start.
    draws : int
        Joint paths drawn.

    Returns
    -------
    list of Estimate
        Mean of the observed values since the start less the median of the same mean over the paths;
        the interval takes the central 95 % of the paths, the p-value the smaller tail twice.
        Refused with ``too_few_before``, ``too_few_after``, or ``too_few_events`` where counts are
        so small that there are no paths.
    """
    answers, after, before = [], [], []
    for place, (rows, start) in enumerate(asked):
        years = rows["year"].to_numpy(int)
        since = years >= start
        answers.append(refused(since, guards.forecast_before, guards.forecast_after))
        after.append((years[since], rows["value"].to_numpy(float)[since]))
        if not answers[-1].reason:
            before.append(rows.iloc[: (~since).sum()].assign(series_id=place))
    if not before:
        return answers
    panel = panel_of(pd.concat(before, ignore_index=True))
    counted = law_of(panel) != ""
    for place in np.array(panel.names)[counted]:
        answers[place] = replace(answers[place], reason="too_few_events")
    panel = panel.take(~counted).recent(MODELS[DEFAULT].memory, 3)
    steps = [
        after[place][0] - last - 1 for place, last in zip(panel.names, panel.last_year, strict=True)
    ]
    ahead = np.array([int(own.max()) + 1 for own in steps], int)
    for horizon in np.unique(ahead):
        rows = np.flatnonzero(ahead == horizon)
        paths = joint_paths(panel.take(rows), int(horizon), draws=draws, seed=[seed] * len(rows))
        for row, own in zip(rows, paths, strict=True):
            place = panel.names[row]
            values = after[place][1]
            # central 95 % of the paths, and the smaller tail twice
            observed, expected = values.mean(), own[:, steps[row]].mean(axis=1)
            tails = ((expected >= observed).sum(), (expected <= observed).sum())
            p_value = min(1.0, 2 * (1 + min(tails)) / (1 + len(expected)))
            low, middle, high = observed - np.quantile(expected, [0.975, 0.5, 0.025])
            answers[place] = replace(
                answers[place],
                **{"estimate": middle, "lower": low, "upper": high},
                **{"p_value": float(p_value), "p_method": "forecast"},
            )
    return answers


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

"""What every design answers with, and the smallest numbers each design needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NAN = float("nan")


@dataclass(frozen=True)
class Estimate:
    """One estimate of what a measure changed.

    Parameters
    ----------
    estimate : float
        Mean effect over the years since the start, in the unit of the values (a ratio for counts); NaN when refused.
    lower, upper : float
        Ends of the 95 % interval; NaN where the design gives none.
    p_value : float
        Two-sided probability of an estimate as far from no effect, were there none.
    p_method : str
        ``model``, ``forecast``, ``randomisation`` or ``placebo_areas``.
    n_before, n_after : int
        Years used before the start, and from the start on.
    n_treated, n_controls : int
        Areas with the measure, and areas to compare with.
    reason : str
        Code of the reason why there is no estimate; empty when there is one.
    """

    estimate: float = NAN
    lower: float = NAN
    upper: float = NAN
    p_value: float = NAN
    p_method: str = ""
    n_before: int = 0
    n_after: int = 0
    n_treated: int = 1
    n_controls: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Guards:
    """Below which numbers a design refuses, and what lowers the level of a claim.

    Parameters
    ----------
    forecast_before, forecast_after : int
        Fewest years before and since the start for the counterfactual forecast.
    step_before, step_after : int
        The same for a step in an interrupted time series.
    slope_each_side : int
        Years on each side from which a change of slope is fitted besides the step.
    serial_years : int
        Years in all from which serial correlation is estimated (Prais-Winsten).
    treated_areas, control_areas : int
        Fewest areas with and without the measure for difference in differences.
    synthetic_before, donors : int
        Fewest years before the start, and fewest areas to compose a synthetic control from.
    worst_fit : float
        Largest error of the synthetic control before the start, as a share of the series' own spread.
    placebo_folds : int
        Fewest earlier starts that must be possible for a placebo in time to say anything.
    significance : float
        Probability below which an effect is said to be shown, or a placebo to have failed.
    disturbed_years : tuple of int
        Years in which everything changed at once; a start within one year of them lowers claims from one series.
    lag_years : int
        Years after the start before an effect is expected; fixed before the data are looked at.
    permutations : int
        Most assignments that are enumerated; beyond, as many are drawn.
    dose_areas : int
        Fewest areas with different doses for the relation of dose and change.
    """

    forecast_before: int = 5
    forecast_after: int = 1
    step_before: int = 6
    step_after: int = 3
    slope_each_side: int = 8
    serial_years: int = 12
    treated_areas: int = 3
    control_areas: int = 5
    synthetic_before: int = 8
    donors: int = 8
    worst_fit: float = 1.0
    placebo_folds: int = 3
    significance: float = 0.05
    disturbed_years: tuple[int, ...] = (2020,)
    lag_years: int = 0
    permutations: int = 5000
    dose_areas: int = 4


GUARDS = Guards()


def both_sides(
    years: np.ndarray, values: np.ndarray, start: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the years and values of one series without its holes, and which of them are from the start on."""
    known = np.isfinite(values)
    return years[known], values[known], years[known] >= start


def refusal(after: np.ndarray, before_needed: int, after_needed: int) -> str:
    """Return the reason why a series cannot be used: too few years on one side of the start, or empty."""
    if (~after).sum() < before_needed:
        return "too_few_before"
    return "too_few_after" if after.sum() < after_needed else ""


def placebo_in_time(estimates: list[Estimate], guards: Guards = GUARDS) -> float:
    """Return the p-value of effects found at earlier starts, where there was no measure.

    Parameters
    ----------
    estimates : list of Estimate
        Answers of one design for starts that are made up, from the years before the true start alone.
    guards : Guards
        ``placebo_folds``: fewer possible starts say nothing.

    Returns
    -------
    float
        The smallest p-value times the number of starts (Bonferroni), at most 1; NaN with too few starts.
    """
    found = [e.p_value for e in estimates if not e.reason]
    return min(1.0, min(found) * len(found)) if len(found) >= max(guards.placebo_folds, 1) else NAN

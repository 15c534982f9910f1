"""What every design answers with, and the smallest numbers each design needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

NAN = float("nan")


@dataclass(frozen=True)
class Estimate:
    """One estimate of what a measure changed.

    Parameters
    ----------
    estimate : float
        Mean effect over the years since the start, in the unit of the values (a ratio for counts);
        NaN when refused.
    lower, upper : float
        Ends of the 95 % interval; NaN where the design gives none.
    p_value : float
        Two-sided probability of an estimate as far from no effect, were there none.
    p_method : str
        ``model``, ``forecast``, ``randomisation`` or ``placebo_areas``.
    n_before, n_after, n_treated, n_controls : int
        Years before the start and from it on; areas with the measure and to compare with.
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
    """Below which numbers a design refuses, and what lowers a claim (decision 044)."""

    forecast_before: int = 5  # fewest years before the start for the counterfactual forecast
    forecast_after: int = 1  # and since the start
    step_before: int = 6  # the same for a step in an interrupted series
    step_after: int = 3
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
    return Estimate(n_before=n_before, n_after=n_after, reason=reason, **numbers)


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

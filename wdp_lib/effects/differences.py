"""Difference in differences over areas, with randomisation inference."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations
from math import comb, factorial

import numpy as np

from wdp_lib.effects.estimate import GUARDS, NAN, Estimate, Guards, refused


def difference_in_differences(
    years: np.ndarray,
    values: np.ndarray,
    treated: np.ndarray,
    start: int,
    *,
    guards: Guards = GUARDS,
    seed: int = 0,
) -> Estimate:
    """Compare the change of areas with the measure with that of areas without it.

    Parameters
    ----------
    values : numpy.ndarray, shape (areas, years)
        A year in which one area has none is left out for all.
    treated : numpy.ndarray of bool, shape (areas,)
        Which areas have the measure.
    seed : int
        Of the draws, where there are too many assignments to go through them all.

    Returns
    -------
    Estimate
        Mean change (mean since the start less mean before) of the treated less that of the others.
        The p-value is the share of all assignments of the measure to as many areas with a
        difference as large (Fisher); the interval holds every constant effect that this test does
        not reject. Refused with ``too_few_areas``, ``too_few_before`` or ``too_few_after`` (one
        year of each).
    """
    years, values = _complete(years, values)
    after, n_treated, n_controls = years >= start, int(treated.sum()), int((~treated).sum())
    made = refused(after, 1, 1, n_treated=n_treated, n_controls=n_controls)
    if n_treated < guards.treated_areas or n_controls < guards.control_areas:
        made = replace(made, reason="too_few_areas")
    if made.reason:
        return made
    change = values[:, after].mean(axis=1) - values[:, ~after].mean(axis=1)
    ways = assignments(treated, guards.permutations, seed)
    estimate, p_value = randomisation_test(change, treated, ways)
    lower, upper = _interval(change, treated, ways, guards.significance)
    return replace(
        made,
        **{"estimate": estimate, "lower": lower, "upper": upper},
        **{"p_value": p_value, "p_method": "randomisation"},
    )


def trend_before(
    years: np.ndarray,
    values: np.ndarray,
    treated: np.ndarray,
    start: int,
    *,
    guards: Guards = GUARDS,
    seed: int = 0,
) -> float:
    """Return the p-value that both groups of areas moved alike before the start, as a placebo.

    The same test as of the difference, on the slope of each area over the years before; NaN with
    fewer than three years.
    """
    years, values = _complete(years, values)
    before = years < start
    if before.sum() < 3:
        return NAN
    centred = years[before] - years[before].mean()
    slopes = values[:, before] @ centred / (centred @ centred)
    return randomisation_test(slopes, treated, assignments(treated, guards.permutations, seed))[1]


def dose_response(
    change: np.ndarray, dose: np.ndarray, *, guards: Guards = GUARDS, seed: int = 0
) -> tuple[float, float]:
    """Return slope and p-value of change on dose, doses permuted; NaN with too few areas.

    Change and dose (in one unit for all) are of the treated areas, shape (areas,).
    """
    known = np.isfinite(dose) & np.isfinite(change)
    change, dose = change[known], dose[known]
    n, most = len(dose), guards.permutations
    if n < guards.dose_areas or len(np.unique(dose)) < 2:
        return NAN, NAN
    if factorial(n) <= most:
        orders = np.array(list(permutations(range(n))), dtype=int)
    else:
        drawn = np.random.default_rng(seed).random((most - 1, n))
        orders = np.vstack([np.arange(n), np.argsort(drawn, axis=1)])
    centred = dose - dose.mean()
    slopes = centred[orders] @ change / (centred @ centred)
    observed = float(centred @ change / (centred @ centred))
    return observed, _share_as_large(slopes, observed)


def assignments(treated: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Return the ways to give the measure to as many areas (ways, areas), the actual one first."""
    n, k = len(treated), int(treated.sum())
    if all_of_them := comb(n, k) <= most:
        chosen = np.array(list(combinations(range(n), k)), dtype=int)
    else:
        drawn = np.random.default_rng(seed).random((most - 1, n))
        chosen = np.argsort(drawn, axis=1)[:, :k]
    ways = np.zeros((len(chosen), n), dtype=bool)
    np.put_along_axis(ways, chosen, True, axis=1)
    # drawn ways may repeat the actual one; enumerated ones hold it exactly once
    other = ways[(ways != treated).any(axis=1)] if all_of_them else ways
    return np.vstack([treated[None, :], other])


def randomisation_test(
    statistic: np.ndarray, treated: np.ndarray, ways: np.ndarray
) -> tuple[float, float]:
    """Return the difference of the means of two groups and its two-sided p-value over ``ways``."""
    observed = float(statistic[treated].mean() - statistic[~treated].mean())
    return observed, _share_as_large(_differences(ways, statistic), observed)


def _complete(years: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = np.isfinite(values).all(axis=0)
    return years[known], values[:, known]


def _differences(ways: np.ndarray, statistic: np.ndarray) -> np.ndarray:
    chosen = ways.astype(float)
    k = chosen.sum(axis=1)
    inside = chosen @ statistic
    return inside / k - (statistic.sum() - inside) / (ways.shape[1] - k)


def _share_as_large(statistics: np.ndarray, observed: float) -> float:
    # equal statistics must count as equal although their sums are rounded
    slack = 1e-9 * np.abs(statistics).max(initial=0.0)
    return float(np.mean(np.abs(statistics) >= abs(observed) - slack))


def _interval(
    change: np.ndarray, treated: np.ndarray, ways: np.ndarray, significance: float
) -> tuple[float, float]:
    """Invert the test: with an effect e, a way differs by ``s - e t``, the actual by ``d - e``.

    Each way keeps the effects between two roots around d; an effect is rejected when at most the
    share ``significance`` of all ways keeps it.
    """
    differences, overlap = _differences(ways, change), _differences(ways, treated.astype(float))
    observed = differences[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        roots = (observed - differences) / (1 - overlap), (observed + differences) / (1 + overlap)
    always = np.isclose(np.abs(overlap), 1.0)
    lows = np.where(always, -np.inf, np.minimum(*roots))
    highs = np.where(always, np.inf, np.maximum(*roots))
    rank = int(np.floor(significance * len(ways)))
    return float(np.sort(lows)[rank]), float(np.sort(highs)[::-1][rank])

"""Designs that compare areas with the measure with areas without it."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations
from math import comb, factorial

import numpy as np

from wdp_lib.effects.designs import GUARDS, NAN, Estimate, Guards, refused

SUM_WEIGHT = 1e4  # how much more a unit of the sum of weights counts than a unit of the usual value
_TINY = np.finfo(float).tiny


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
    lower, upper = _not_rejected(change, treated, ways, guards.significance)
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


def _not_rejected(
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


def synthetic_control(
    years: np.ndarray,
    treated: np.ndarray,
    donors: np.ndarray,
    start: int,
    *,
    guards: Guards = GUARDS,
) -> Estimate:
    """Compare one area with a weighted mean of other areas that resembles it before the start.

    Parameters
    ----------
    treated : numpy.ndarray, shape (years,)
        Values of the area with the measure.
    donors : numpy.ndarray, shape (donors, years)
        Values of areas without it; a year in which one value is missing is left out.

    Returns
    -------
    Estimate
        Mean distance from the synthetic control since the start. The p-value is the rank of the
        ratio of the errors (root mean square since the start over that before) among the same ratio
        of every donor, each treated as if it had had the measure: with n donors it cannot be below
        1 / (n + 1). The interval is that of the donors' own mean distances, in units of their error
        before; it is missing with fewer than 19 donors, which cannot give 95 %. Refused with
        ``too_few_before``, ``too_few_after``, ``too_few_areas`` or ``poor_fit``.
    """
    known = np.isfinite(treated) & np.isfinite(donors).all(axis=0)
    treated, donors, after = treated[known], donors[:, known], years[known] >= start
    made = refused(after, guards.synthetic_before, 1, n_controls=len(donors))
    if len(donors) < guards.donors:
        made = replace(made, reason="too_few_areas")
    if made.reason:
        return made
    gap = _gap(treated, donors, after)
    if _root_mean_square(gap[~after]) > guards.worst_fit * treated[~after].std():
        return replace(made, reason="poor_fit")
    placebos = np.array(
        [_gap(row, np.delete(donors, place, axis=0), after) for place, row in enumerate(donors)]
    )
    lower, upper = _as_donors(gap, placebos, after, guards.significance)
    as_large = (_ratio(placebos, after) >= _ratio(gap, after)).sum()
    return replace(
        made,
        **{"estimate": float(gap[after].mean()), "lower": lower, "upper": upper},
        **{"p_value": float((1 + as_large) / (1 + len(donors))), "p_method": "placebo_areas"},
    )


def synthetic_weights(treated: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """Return the non-negative weights, summing to one, whose mixture of donors is closest.

    By non-negative least squares over the years before the start, the sum being one more, heavily
    weighted equation; ``donors`` has shape (donors, years).
    """
    from scipy.optimize import nnls

    heavy = SUM_WEIGHT * max(float(np.abs(donors).max()), _TINY)
    weights, _ = nnls(np.vstack([donors.T, np.full(len(donors), heavy)]), np.append(treated, heavy))
    return weights / weights.sum()


def _gap(own: np.ndarray, donors: np.ndarray, after: np.ndarray) -> np.ndarray:
    return own - synthetic_weights(own[~after], donors[:, ~after]) @ donors


def _root_mean_square(gaps: np.ndarray) -> np.ndarray:
    return np.sqrt((gaps**2).mean(axis=-1))


def _ratio(gaps: np.ndarray, after: np.ndarray) -> np.ndarray:
    before = np.maximum(_root_mean_square(gaps[..., ~after]), _TINY)
    return _root_mean_square(gaps[..., after]) / before


def _as_donors(
    gap: np.ndarray, placebos: np.ndarray, after: np.ndarray, significance: float
) -> tuple[float, float]:
    before = np.maximum(_root_mean_square(placebos[:, ~after]), _TINY)
    scaled = np.sort(np.abs(placebos[:, after].mean(axis=1)) / before)
    rank = int(np.ceil((len(scaled) + 1) * (1 - significance)))
    if rank > len(scaled):
        return NAN, NAN
    half = float(scaled[rank - 1] * _root_mean_square(gap[~after]))
    return float(gap[after].mean() - half), float(gap[after].mean() + half)

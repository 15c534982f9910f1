"""Synthetic control: a mixture of other areas that moved like the treated one until the start (Abadie 2010)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from wdp_lib.effects.estimate import GUARDS, Estimate, Guards, refusal

SUM_WEIGHT = 1e4  # how much more a unit of the sum of weights counts than a unit of the usual value


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
    years : numpy.ndarray, shape (years,)
        Years, rising.
    treated : numpy.ndarray, shape (years,)
        Values of the area with the measure.
    donors : numpy.ndarray, shape (donors, years)
        Values of areas without it; a year in which one value is missing is left out.
    start : int
        First year under the measure.
    guards : Guards
        Fewest years and donors, worst fit; see `Guards`.

    Returns
    -------
    Estimate
        Mean distance from the synthetic control since the start. The p-value is the rank of the ratio of the errors
        (root mean square since the start over that before) among the same ratio of every donor, each treated as if it
        had had the measure: with n donors it cannot be below 1 / (n + 1). The interval is that of the donors' own mean
        distances, in units of their error before; it is missing with fewer than 19 donors, which cannot give 95 %.
        Refused with ``too_few_before``, ``too_few_after``, ``too_few_areas`` or ``poor_fit``.
    """
    known = np.isfinite(treated) & np.isfinite(donors).all(axis=0)
    years, treated, donors = years[known], treated[known], donors[:, known]
    after = years >= start
    refused = Estimate(
        n_before=int((~after).sum()), n_after=int(after.sum()), n_controls=len(donors)
    )
    reason = refusal(after, guards.synthetic_before, 1)
    if len(donors) < guards.donors:
        reason = "too_few_areas"
    if reason:
        return replace(refused, reason=reason)
    gap = treated - synthetic_weights(treated[~after], donors[:, ~after]) @ donors
    if _root_mean_square(gap[~after]) > guards.worst_fit * treated[~after].std():
        return replace(refused, reason="poor_fit")
    placebos = np.array([_placebo_gap(donors, row, after) for row in range(len(donors))])
    lower, upper = _interval(gap, placebos, after, guards.significance)
    p_value = _rank(_ratio(gap, after), _ratio(placebos, after))
    mean = float(gap[after].mean())
    return replace(
        refused, estimate=mean, lower=lower, upper=upper, p_value=p_value, p_method="placebo_areas"
    )


def synthetic_weights(treated: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """Return the non-negative weights, summing to one, whose mixture of donors is closest to the treated area.

    Parameters
    ----------
    treated : numpy.ndarray, shape (years,)
        Values before the start.
    donors : numpy.ndarray, shape (donors, years)
        Those of the donors.

    Returns
    -------
    numpy.ndarray, shape (donors,)
        By non-negative least squares, the sum being one more, heavily weighted equation.
    """
    from scipy.optimize import nnls

    heavy = SUM_WEIGHT * max(float(np.abs(donors).max()), np.finfo(float).tiny)
    weights, _ = nnls(np.vstack([donors.T, np.full(len(donors), heavy)]), np.append(treated, heavy))
    return weights / weights.sum()


def _placebo_gap(donors: np.ndarray, row: int, after: np.ndarray) -> np.ndarray:
    others = np.delete(donors, row, axis=0)
    return donors[row] - synthetic_weights(donors[row, ~after], others[:, ~after]) @ others


def _root_mean_square(gaps: np.ndarray) -> np.ndarray:
    return np.sqrt((gaps**2).mean(axis=-1))


def _ratio(gaps: np.ndarray, after: np.ndarray) -> np.ndarray:
    floor = np.finfo(float).tiny
    return _root_mean_square(gaps[..., after]) / np.maximum(
        _root_mean_square(gaps[..., ~after]), floor
    )


def _rank(own: float, others: np.ndarray) -> float:
    return float((1 + (others >= own).sum()) / (1 + len(others)))


def _interval(
    gap: np.ndarray, placebos: np.ndarray, after: np.ndarray, significance: float
) -> tuple[float, float]:
    before = np.maximum(_root_mean_square(placebos[:, ~after]), np.finfo(float).tiny)
    scaled = np.sort(np.abs(placebos[:, after].mean(axis=1)) / before)
    rank = int(np.ceil((len(scaled) + 1) * (1 - significance)))
    if rank > len(scaled):
        return float("nan"), float("nan")
    half = float(scaled[rank - 1] * _root_mean_square(gap[~after]))
    return float(gap[after].mean() - half), float(gap[after].mean() + half)

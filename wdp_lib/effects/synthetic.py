"""Synthetic control: a mixture of areas that moved like the treated one (Abadie 2010)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from wdp_lib.effects.estimate import GUARDS, NAN, Estimate, Guards, refused

SUM_WEIGHT = 1e4  # how much more a unit of the sum of weights counts than a unit of the usual value
_TINY = np.finfo(float).tiny


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
    lower, upper = _interval(gap, placebos, after, guards.significance)
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


def _interval(
    gap: np.ndarray, placebos: np.ndarray, after: np.ndarray, significance: float
) -> tuple[float, float]:
    before = np.maximum(_root_mean_square(placebos[:, ~after]), _TINY)
    scaled = np.sort(np.abs(placebos[:, after].mean(axis=1)) / before)
    rank = int(np.ceil((len(scaled) + 1) * (1 - significance)))
    if rank > len(scaled):
        return NAN, NAN
    half = float(scaled[rank - 1] * _root_mean_square(gap[~after]))
    return float(gap[after].mean() - half), float(gap[after].mean() + half)

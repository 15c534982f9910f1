"""Recalibrate intervals on windows that the networks had not seen (split-conformal, by group)."""

from __future__ import annotations

import numpy as np

from wdp_lib.forecasting.learned.correction import KINDS, Calibration, interval_factors

LEVELS = {0.5: (2, 4), 0.8: (1, 5), 0.95: (0, 6)}
_SHRINK = 4  # a kind with this many indicators gets half of its own factor


def fit_calibration(quantiles, observed, kind, count, indicator, weight) -> Calibration:
    """Factors by horizon, kind and length under which each interval holds its nominal share.

    `quantiles` (w, horizons, 7) come from networks that saw neither the window's area or, in
    other rows, its indicator; `observed` (w, horizons) has NaN for years not yet known; `weight`
    gives every indicator the same total.
    """
    horizons = observed.shape[1]
    length = np.searchsorted(Calibration.LENGTHS, count, side="left") - 1
    groups = len(Calibration.LENGTHS) - 1
    factor = {
        "horizon": np.ones((3, horizons)),
        "kind": np.ones((3, len(KINDS))),
        "length": np.ones((3, groups)),
    }
    importance = np.isfinite(observed) * weight[:, None]
    for k, (level, (low, high)) in enumerate(LEVELS.items()):
        score = _conformity(quantiles, observed, low, high)
        for _ in range(3):
            h, s, n = factor["horizon"][k], factor["kind"][k], factor["length"][k]
            for j in range(horizons):
                near = slice(max(j - 1, 0), j + 2)
                rest = score[:, near] / (s[kind] * n[length])[:, None]
                h[j] = interval_factors(rest.ravel(), importance[:, near].ravel(), level)
            for j in np.unique(kind):
                rows = kind == j
                found = interval_factors(
                    (score[rows, :6] / (h[:6] * n[length[rows], None])).ravel(),
                    importance[rows, :6].ravel(),
                    level,
                )
                own = len(np.unique(indicator[rows]))
                s[j] = found ** (own / (own + _SHRINK))
            for j in range(groups):
                rows = length == j
                n[j] = interval_factors(
                    (score[rows, :6] / (h[:6] * s[kind[rows], None])).ravel(),
                    importance[rows, :6].ravel(),
                    level,
                )
    return Calibration(**factor)


def _conformity(quantiles, observed, low, high):
    """How many times its own arm the interval must have to reach what came; 0 where unknown."""
    centre = quantiles[..., 3]
    miss = observed - centre
    arm = np.where(miss > 0, quantiles[..., high] - centre, centre - quantiles[..., low])
    return np.nan_to_num(np.abs(miss) / arm)

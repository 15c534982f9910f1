"""What is chosen on series of left-out sources: strength of the correction, width of intervals.

And how long series stay at a natural limit.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from benchmarks.training.windows import equal_weight
from wdp_lib.forecasting.learned.correction import Calibration
from wdp_lib.forecasting.learned.limits import staying_features
from wdp_lib.forecasting.learned.mixture import QUANTILES

LEVELS = {0.5: (2, 4), 0.8: (1, 5), 0.95: (0, 6)}
NEAR = 6  # years ahead by which lengths are judged
STRENGTHS = np.linspace(0, 1, 11)
TOLERANCE = 0.005  # of the score, within which strengths count as equals
SHRINK = np.array([0.02, 0.3, 0.3, 0.3, 0.3])  # ridge of the regression of staying at a limit
EFFECTIVE = 200  # series that it counts as, as neighbouring windows say much the same


def fit_calibration(parts) -> dict[str, list]:
    """Strength by length of history, interval factors by horizon and length.

    ``parts``: for each left-out source the windows' facts, quantiles of the prior and of the
    networks that never saw it, and what came; in usual changes.
    """
    info, prior, made, observed = (list(part) for part in zip(*parts, strict=True))
    weight = np.concatenate([_weights(one) for one in info])
    count = np.concatenate([one["n"].to_numpy() for one in info])
    prior, made, observed = (np.concatenate(part) for part in (prior, made, observed))
    group = np.searchsorted(Calibration.LENGTHS, count, side="left") - 1
    groups = len(Calibration.LENGTHS) - 1
    known = np.isfinite(observed) * weight[:, None]
    scores = []
    for share in STRENGTHS:
        loss = _pinball(prior + share * (made - prior), observed) * known
        scores.append([loss[group == k, :NEAR].sum() for k in range(groups)])
    # the strongest of about equals: on sources that were learned from, the networks gain more
    good = np.array(scores) <= (1 + TOLERANCE) * np.min(scores, axis=0)
    strength = np.where(good, STRENGTHS[:, None], 0).max(axis=0)
    mixed = prior + strength[group][:, None, None] * (made - prior)
    horizon, length = np.ones((3, observed.shape[1])), np.ones((3, groups))
    for k, (level, (low, high)) in enumerate(LEVELS.items()):
        score = _conformity(mixed, observed, low, high)
        for _ in range(3):
            for j in range(observed.shape[1]):
                near = slice(max(j - 1, 0), j + 2)
                rest = score[:, near] / length[k, group][:, None]
                horizon[k, j] = interval_factor(rest.ravel(), known[:, near].ravel(), level)
            for j in range(groups):
                rows = group == j
                rest = score[rows, :NEAR] / horizon[k, :NEAR]
                length[k, j] = interval_factor(rest.ravel(), known[rows, :NEAR].ravel(), level)
    found = {"strength": strength, "horizon": horizon, "length": length}
    return {name: value.round(4).tolist() for name, value in found.items()}


def _weights(info) -> np.ndarray:
    """Indicators of a source equal; sources by their number of indicators."""
    weight = equal_weight(info)
    return weight / weight.sum() * info["indicator_code"].nunique()


def _pinball(quantiles, observed) -> np.ndarray:
    miss = np.nan_to_num(observed)[..., None] - quantiles
    return np.maximum(QUANTILES * miss, (QUANTILES - 1) * miss).mean(-1)


def _conformity(quantiles, observed, low, high):
    """How many times its own arm the interval must have to reach what came; 0 where unknown."""
    centre = quantiles[..., 3]
    miss = observed - centre
    arm = np.where(miss > 0, quantiles[..., high] - centre, centre - quantiles[..., low])
    return np.nan_to_num(np.abs(miss) / np.maximum(arm, 1e-6))


def interval_factor(scores: np.ndarray, weight: np.ndarray, level: float) -> float:
    """Weighted quantile of conformity scores: the factor that makes an interval hold."""
    order = np.argsort(scores)
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(scores[order][min(np.searchsorted(reached, level), len(scores) - 1)])


def fit_staying(series, split) -> dict[str, list[float]]:
    """Logistic regressions of standing at a limit, one for each side and kind.

    From all histories of 7 or 10 points (3 and more where a series is shorter) of learning areas
    and indicators that end at their limit; indicators weigh with the square root of their number.
    """
    learned = split[split["area_fold"].ge(0) & split["family_fold"].ge(0)]
    made: dict[str, list] = {"upper_percent": [], "lower_percent": [], "lower_other": []}
    for series_id, part in series.groupby("series_id", sort=False):
        if series_id not in learned.index:
            continue
        kind, code = learned.loc[series_id, ["unit_kind", "indicator_code"]]
        values, years = part["value"].to_numpy(), part["year"].to_numpy()
        limits = {"lower_percent" if kind == "percent" else "lower_other": 0.0}
        if kind == "percent" and values.max() <= 100:
            limits["upper_percent"] = 100.0
        for name, limit in limits.items():
            made[name] += _stays(values, years, limit, code)
    return {name: _regression(*_stacked(rows)) for name, rows in made.items()} | {
        "upper_facility": _of_facilities()
    }


def _of_facilities() -> list[float]:
    """The regression of percentages of institutions, from counts of real windows (facilities.csv).

    Primary schools with electricity (UNESCO UIS, SDG 4.a.1, mirror of October 2024), the 84 countries
    that ever stood at 100 % with three years known. Hungary 2019 is left out: it is the figure of
    Honduras to the last digit.
    """
    table = pd.read_csv(Path(__file__).with_name("facilities.csv"))
    history = [
        np.r_[np.full(9, 99.0) if share < 1 else [], np.full(years, 100.0)]
        for years, share in zip(table["years_there"], table["share_before"], strict=True)
    ]
    full = np.array([100.0])
    every = [staying_features(one[None], full, 15)[0] for one in history]
    x = np.array([one[ahead - 1] for one, ahead in zip(every, table["years_ahead"], strict=True)])
    x[:, 3] = table["share_before"]
    windows, stood = table["windows"].to_numpy(float), table["stood"].to_numpy(float)
    return _regression(windows / windows.sum() * EFFECTIVE, x, stood / windows)


def _stays(values, years, limit, code) -> list[tuple]:
    """Features and outcomes (15 years) of the histories of a series that end at its limit."""
    made = []
    for end in np.flatnonzero(values == limit):
        later = np.full(15, np.nan)
        ahead = years - years[end]
        after = (ahead > 0) & (ahead <= 15)
        later[ahead[after] - 1] = values[after] == limit
        for points in sorted({min(end + 1, 7), min(end + 1, 10)}):
            if points >= 3 and np.isfinite(later).any():
                past = values[end - points + 1 : end + 1]
                made.append((staying_features(past[None], np.array([limit]), 15)[0], later, code))
    return made


def _stacked(rows: list[tuple]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, features and outcomes of the windows of all indicators."""
    features, later = (np.stack(part) for part in list(zip(*rows, strict=True))[:2])
    codes, place, size = np.unique(
        [row[2] for row in rows], return_inverse=True, return_counts=True
    )
    known = np.isfinite(later)
    weight = known / known.sum(axis=1, keepdims=True) / np.sqrt(size)[place][:, None]
    return weight[known] / weight.sum() * EFFECTIVE, features[known], later[known]


def _regression(weight: np.ndarray, x: np.ndarray, y: np.ndarray) -> list[float]:
    def loss(b):
        z = x @ b
        miss = weight * (1 / (1 + np.exp(-z)) - y)
        value = (weight * (np.logaddexp(0, z) - y * z)).sum() + (SHRINK * b * b).sum() / 2
        return value, x.T @ miss + SHRINK * b

    bounds = [(None, None), *[(0, None)] * 4]
    found = minimize(loss, np.zeros(5), jac=True, bounds=bounds)
    return found.x.round(3).tolist()

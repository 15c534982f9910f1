"""Formulas by which others class progress towards a target: Open SDG, UN, ESCAP, UNICEF.

All are deterministic; none says how sure it is. They describe and decide nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

SUBSTANTIAL, MODERATE = 0.95, 0.60  # Open SDG: achieved growth as a share of the required one
FAST, SLOW = 0.015, 0.005  # Open SDG without a target: growth a year
LIMIT_POWER = 4.44  # Open SDG: how the cuts shrink towards a natural limit
UN_ON_TRACK, UN_FAIR = 0.95, 0.10  # UN progress chart: expected share of the distance
UN_FAST, UN_SLOW = 0.02, 0.005  # UN progress chart without a target: growth a year
# ESCAP indices, 0 to 10: above the first on the way, at or below the second backwards
GOOD, NONE = 9.0, 0.0


class Classed(NamedTuple):
    """A number (NaN where the method does not apply), its class, and its score if there is one."""

    value: float
    name: str
    score: float = np.nan


NOTHING = Classed(np.nan, "")


def path_share(first: float, last: float, target: float) -> float:
    """Return the covered share of the distance from ``first`` to ``target``; NaN without one."""
    return (last - first) / (target - first) if target != first else np.nan


def required_change(last, target, years_left):
    """Return the change a year needed to come to the target in the years left; also of columns."""
    return (target - last) / years_left


def growth_rate(first: float, last: float, years: float) -> float:
    """Return the compound growth a year; NaN without a positive start and an end of at least 0.

    Open SDG ``sdg-build`` replaces a start of zero by 0.001, which can move a class at will; here
    there is no rate then.
    """
    return (last / first) ** (1 / years) - 1 if first > 0 and last >= 0 and years > 0 else np.nan


def limit_factor(first: float, limit: float) -> float:
    """Return by how much the cuts shrink because a natural limit is near: 1 far from it, 0 on it.

    Statistics Canada in Open SDG ``sdg-build``: ``1 - (y/L) ** 4.44`` below the limit, mirrored
    above it, 1 from twice the limit on.
    """
    distance = first if first <= limit else 2 * limit - first
    return 1 - (max(distance, 0.0) / limit) ** LIMIT_POWER


def open_sdg(
    first: float,
    last: float,
    years: float,
    *,
    improving: int,
    target: float | None = None,
    target_years: float | None = None,
    limit: float | None = None,
) -> Classed:
    """Class progress as Open SDG and Statistics Canada do.

    ``value``: achieved growth as a share of the required one, without a target the growth a year in
    the wanted direction; ``name``: achieved, substantial, moderate, limited, deterioration;
    ``score`` from -5 to 5. Years count from the base year; ``limit`` is the natural limit of a
    series without a target. A target that is passed is achieved whatever the rate.

    Source: ``sdg-build``, ``sdg/ProgressMeasure.py`` (2.4); reproduces the 175 results that
    Statistics Canada publishes in ``indicator_calculation_components.yml``.
    """
    growth = improving * growth_rate(first, last, years)
    if np.isnan(growth):
        return NOTHING
    if target is None:
        return _open_sdg_growth(growth, 1.0 if limit is None else limit_factor(first, limit))
    required = growth_rate(first, target, target_years)
    ratio = growth / abs(required) if required else np.nan
    if improving * (last - target) >= 0:
        return Classed(ratio, "achieved", 5.0)
    if np.isnan(ratio):
        return NOTHING
    moderate = ratio >= MODERATE
    score = min(7.1429 * ratio - 4.2857, 5.0) if moderate else max(4.1667 * ratio - 2.5, -5.0)
    return Classed(ratio, _open_sdg_name(ratio, SUBSTANTIAL, MODERATE), score)


def _open_sdg_name(value: float, high: float, middle: float) -> str:
    if value >= high:
        return "substantial"
    if value >= middle:
        return "moderate"
    return "limited" if value >= 0 else "deterioration"


def _open_sdg_growth(growth: float, factor: float) -> Classed:
    name = _open_sdg_name(growth, FAST * factor, SLOW * factor)
    if growth < 0:
        return Classed(growth, name, max(125 * growth - 2.5, -5.0))
    if factor == 0:
        return Classed(growth, name, 5.0)
    scores = {
        "substantial": min(500 * growth / factor - 5, 5.0),
        "moderate": 250 * growth / factor - 1.25,
        "limited": 500 * growth / factor - 2.5,
    }
    return Classed(growth, name, scores[name])


def un_chart(
    first: float,
    last: float,
    years: float,
    *,
    improving: int,
    target: float | None = None,
    years_left: float | None = None,
    bounds: tuple[float, float] | None = None,
) -> Classed:
    """Class progress as the progress chart of the United Nations does.

    ``value``: share of the distance that will be covered in the target year if the growth goes on;
    without a target the growth a year in the wanted direction. ``name``: met, on_track, fair,
    stagnation. A last value that meets the target, or is within 1 % of the better of the natural
    ``bounds``, is met whatever the growth.

    Source: UN DESA, Technical Note on the Progress Chart (2023), as restated by Eustat.
    """
    growth = growth_rate(first, last, years)
    if target is None:
        value = improving * growth
        return NOTHING if np.isnan(value) else Classed(value, _un_name(value, UN_FAST, UN_SLOW))
    value = path_share(first, last * (1 + growth) ** years_left, target)
    if bounds is not None:
        better = bounds[1] if improving > 0 else bounds[0]
        at_bound = abs(last - better) <= 0.01 * (bounds[1] - bounds[0])
    if improving * (last - target) >= 0 or (bounds is not None and at_bound):
        return Classed(value, "met")
    return NOTHING if np.isnan(value) else Classed(value, _un_name(value, UN_ON_TRACK, UN_FAIR))


def _un_name(value: float, high: float, low: float) -> str:
    return "on_track" if value >= high else "fair" if value >= low else "stagnation"


def reduction_rate(first: float, last: float, years: float) -> float:
    """Return the annual rate of reduction between two points (UNICEF); positive = falling."""
    return -growth_rate(first, last, years) if last > 0 else np.nan


def reduction_trend(years: ArrayLike, values: ArrayLike) -> float:
    """Return the rate of reduction over all points, ``1 - exp(slope of ln y)`` (UNICEF).

    NaN with fewer than two different years, a year given twice, or any value of zero or below (as
    in the WHO package ``DSIR``).
    """
    t, y = np.asarray(years, dtype="float64"), np.asarray(values, dtype="float64")
    if len(set(t.tolist())) < max(len(t), 2) or not (np.isfinite(y).all() and (y > 0).all()):
        return np.nan
    return float(1 - np.exp(np.polyfit(t, np.log(y), 1)[0]))


def best_pace(years: ArrayLike, values: ArrayLike, window: int, *, improving: int) -> float:
    """Return the best mean change a year ever seen over ``window`` years.

    Only pairs of years exactly ``window`` apart count, so a gap hides what it hides; NaN without
    such a pair.
    """
    t, y = np.asarray(years, dtype=int), np.asarray(values, dtype="float64")
    _, later, earlier = np.intersect1d(t, t + window, return_indices=True)
    if window <= 0 or not len(later):
        return np.nan
    changes = (y[later] - y[earlier]) / window
    return float(changes[np.argmax(improving * changes)])


def weighted_line(years: ArrayLike, values: ArrayLike, target_year: int) -> float:
    """Return what the straight line fitted with ESCAP's weights says for the target year.

    The weights are heavier for recent years, ``(T - first) / (T - t)``; all years must lie before
    ``target_year``.
    """
    t, y = np.asarray(years, dtype="float64"), np.asarray(values, dtype="float64")
    weights = (target_year - t.min()) / (target_year - t)
    # numpy weighs residuals before they are squared
    slope, level = np.polyfit(t - target_year, y, 1, w=np.sqrt(weights))
    return float(level)


def weighted_growth(years: ArrayLike, values: ArrayLike, target_year: int) -> float:
    """Return ESCAP's prediction for positive values: the weighted line through their logarithms."""
    logs = np.log(np.asarray(values, dtype="float64"))
    return float(np.exp(weighted_line(years, logs, target_year)))


def mean_logit_slope(years: ArrayLike, values: ArrayLike) -> float:
    """Return the mean change a year of the logit of a percentage (UNICEF, MENA)."""
    share = np.asarray(values, dtype="float64") / 100
    return float(np.mean(np.diff(np.log(share / (1 - share))) / np.diff(np.asarray(years, float))))


def go_on_by_logit(years: ArrayLike, values: ArrayLike, target_year: int) -> float:
    """Return the percentage of the target year if the logit goes on by `mean_logit_slope`."""
    share = np.float64(values[-1]) / 100
    ahead = (target_year - float(years[-1])) * mean_logit_slope(years, values)
    return float(100 / (1 + np.exp(-(float(np.log(share / (1 - share))) + ahead))))


def escap_index(first: float, value: float, target: float, *, improving: int) -> float:
    """Return ESCAP's index: 10 x the share of the distance covered, 10 once the target is met.

    With the last value it is the current status index, with the predicted one the anticipated
    progress index. NaN where there is no distance.

    Source: UN ESCAP, Asia and the Pacific SDG Progress Report, technical notes, as carried out by
    UNICEF's regional office for the Middle East.
    """
    if improving * (value - target) >= 0:
        return 10.0
    return improving * 10 * (value - first) / abs(target - first) if target != first else np.nan

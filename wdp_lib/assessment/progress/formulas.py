"""Formulas by which others class progress towards a target: shares of the way, growth rates, Open SDG, UN progress chart.

All are deterministic, all look at two points only; none says how sure it is. They describe and decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

SUBSTANTIAL, MODERATE = 0.95, 0.60  # Open SDG: achieved growth as a share of the required one
FAST, SLOW = 0.015, 0.005  # Open SDG without a target: growth a year
LIMIT_POWER = 4.44  # Open SDG: how the cuts shrink towards a natural limit
UN_ON_TRACK, UN_FAIR = 0.95, 0.10  # UN progress chart: expected share of the way
UN_FAST, UN_SLOW = 0.02, 0.005  # UN progress chart without a target: growth a year


@dataclass(frozen=True)
class Classed:
    """A number, its class, and where the method has one its score.

    Parameters
    ----------
    value : float
        NaN where the method does not apply.
    name : str
        Code of the class, ``""`` without a value.
    score : float
        NaN where the method has none.
    """

    value: float
    name: str
    score: float = np.nan


NOTHING = Classed(np.nan, "")


def path_share(first: float, last: float, target: float) -> float:
    """Return the share of the way from ``first`` to ``target`` that is covered; NaN where there is no way to go."""
    return (last - first) / (target - first) if target != first else np.nan


def growth_rate(first: float, last: float, years: float) -> float:
    """Return the compound growth a year, ``(last / first) ** (1 / years) - 1``; NaN without a positive start and an end of at least 0.

    Open SDG ``sdg-build`` replaces a start of zero by 0.001, which can move a class at will; here there is no rate then.
    """
    return (last / first) ** (1 / years) - 1 if first > 0 and last >= 0 and years > 0 else np.nan


def limit_factor(first: float, limit: float) -> float:
    """Return by how much the cuts shrink because a natural limit is near: 1 far from it, 0 on it.

    Parameters
    ----------
    first, limit : float
        Value at the start and the limit, in one unit.

    Notes
    -----
    Statistics Canada in Open SDG ``sdg-build``: ``1 - (y/L) ** 4.44`` below the limit, mirrored above it, 1 from twice the limit on.
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

    Parameters
    ----------
    first, last : float
        Value of the base year and of the last year.
    years : float
        Years between them.
    improving : {1, -1}
        Whether more or less is better.
    target, target_years : float, optional
        Target and the years from the base year to it; without a target the growth itself is classed.
    limit : float, optional
        Natural limit of a series without a target, e.g. 100.

    Returns
    -------
    Classed
        ``value``: achieved growth as a share of the required one, without a target the growth a year in the wanted direction; ``name``:
        achieved, substantial, moderate, limited, deterioration; ``score`` from -5 to 5. NaN and ``""`` where a rate does not exist.

    Notes
    -----
    ``sdg-build``, ``sdg/ProgressMeasure.py`` (2.4); reproduces the 175 results that Statistics Canada publishes in
    ``indicator_calculation_components.yml``. A target that is passed is achieved whatever the rate.
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
    return (
        NOTHING
        if np.isnan(ratio)
        else Classed(ratio, _open_sdg_name(ratio, SUBSTANTIAL, MODERATE), _score(ratio))
    )


def _score(ratio: float) -> float:
    return (
        min(7.1429 * ratio - 4.2857, 5.0) if ratio >= MODERATE else max(4.1667 * ratio - 2.5, -5.0)
    )


def _open_sdg_name(value: float, high: float, middle: float) -> str:
    if value >= high:
        return "substantial"
    if value >= middle:
        return "moderate"
    return "limited" if value >= 0 else "deterioration"


def _open_sdg_growth(growth: float, factor: float) -> Classed:
    name = _open_sdg_name(growth, FAST * factor, SLOW * factor)
    if growth < 0:
        score = max(125 * growth - 2.5, -5.0)
    elif factor == 0:
        score = 5.0
    elif growth >= FAST * factor:
        score = min(500 * growth / factor - 5, 5.0)
    else:
        score = (
            250 * growth / factor - 1.25 if growth >= SLOW * factor else 500 * growth / factor - 2.5
        )
    return Classed(growth, name, score)


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

    Parameters
    ----------
    first, last, years, improving, target
        As for `open_sdg`.
    years_left : float, optional
        Years from the last value to the target year.
    bounds : tuple of float, optional
        Natural limits, e.g. (0, 100): a value within 1 % of the better one counts as met.

    Returns
    -------
    Classed
        ``value``: share of the way that will be covered in the target year if the growth goes on; without a target the growth a year in the
        wanted direction. ``name``: met, on_track, fair, stagnation.

    Notes
    -----
    UN DESA, Technical Note on the Progress Chart (2023), as restated by Eustat. A last value that meets the target is met whatever the growth.
    """
    growth = growth_rate(first, last, years)
    if target is None:
        value = improving * growth
        return NOTHING if np.isnan(value) else Classed(value, _un_name(value, UN_FAST, UN_SLOW))
    expected = last * (1 + growth) ** years_left
    value = path_share(first, expected, target)
    if improving * (last - target) >= 0 or (
        bounds is not None and _at_bound(last, improving, bounds)
    ):
        return Classed(value, "met")
    return NOTHING if np.isnan(value) else Classed(value, _un_name(value, UN_ON_TRACK, UN_FAIR))


def _at_bound(last: float, improving: int, bounds: tuple[float, float]) -> bool:
    better = bounds[1] if improving > 0 else bounds[0]
    return abs(last - better) <= 0.01 * (bounds[1] - bounds[0])


def _un_name(value: float, high: float, low: float) -> str:
    return "on_track" if value >= high else "fair" if value >= low else "stagnation"


def reduction_rate(first: float, last: float, years: float) -> float:
    """Return the average annual rate of reduction between two points, ``1 - (last / first) ** (1 / years)`` (UNICEF); positive = falling."""
    return -growth_rate(first, last, years) if last > 0 else np.nan


def reduction_trend(years: ArrayLike, values: ArrayLike) -> float:
    """Return the average annual rate of reduction over all points, ``1 - exp(slope of ln y on the year)`` (UNICEF).

    NaN with fewer than two different years, a year given twice, or any value of zero or below (as in the WHO package ``DSIR``).
    """
    t, y = np.asarray(years, dtype="float64"), np.asarray(values, dtype="float64")
    if len(np.unique(t)) < max(len(t), 2) or not (np.isfinite(y).all() and (y > 0).all()):
        return np.nan
    return float(1 - np.exp(np.polyfit(t, np.log(y), 1)[0]))


def best_pace(years: ArrayLike, values: ArrayLike, window: int, *, improving: int) -> float:
    """Return the best mean change a year ever seen over ``window`` years, in the unit of the values a year.

    Only pairs of years exactly ``window`` apart count, so a gap hides what it hides; NaN without such a pair.
    """
    by_year = dict(
        zip(
            np.asarray(years, dtype=int).tolist(),
            np.asarray(values, dtype="float64").tolist(),
            strict=True,
        )
    )
    changes = [
        (by_year[y + window] - by_year[y]) / window
        for y in by_year
        if window > 0 and y + window in by_year
    ]
    return max(changes, key=lambda change: improving * change, default=np.nan)

"""How likely the target is met in its year, and how hard it is to reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from wdp_lib.assessment.case import Case
from wdp_lib.forecasting.attainment import stated
from wdp_lib.forecasting.observations import counts_places
from wdp_lib.forecasting.probability import probability_inside

PER_CENT = 100


def outlook(case: Case, state_reason: str, inside: float) -> dict:
    """Return forecast for the target year, probability and class, or why there is none.

    ``inside``: probability of the target year's value, by `probabilities_inside`.
    """
    levels, values = case.ahead
    reason = _no_outlook(case)
    p_meet = np.nan if reason else _probability_of_target(case, inside)
    if not reason and case.lacks_target_year:  # its year is over: nothing is expected any more
        p_meet, reason = np.nan, "no_target_year_value"
    reason = reason or _doubt(case, state_reason)
    enough = np.nan if reason and np.isnan(p_meet) else _probability_not_short(case, p_meet)
    ends = np.interp([0.1, 0.5, 0.9], levels, values) if len(levels) else [np.nan] * 3
    forecast = len(case.forecast["year"]) > 0
    return {
        **dict(zip(("forecast_lower", "forecast_median", "forecast_upper"), ends, strict=True)),
        "p_meet": p_meet,
        "p_not_short": enough,
        "risk": "not_graded" if reason else case.scheme.risk_class(enough),
        "reason": reason,
        "n": case.forecast["n"][0] if forecast else 0,
        "grade": case.forecast["grade"][0] if forecast else "none",
        "model": case.forecast["model"][0] if forecast else "",
        "quantity": case.forecast["quantity"][0] if forecast else "",
    }


def _doubt(case: Case, state_reason: str) -> str:
    """Return why a forecast that was made gives no class."""
    if case.stale:
        return "stale"
    if state_reason in ("case_by_case", "estimates_only"):
        return state_reason
    # one mother-and-child institution, open for years: its number is decided, not drawn
    institutions = case.indicator.unit == "count" and case.indicator.data_kind == "count"
    recent = case.series["value"][-5:]
    unchanged = len(recent) == 5 and (recent == recent[0]).all()
    return "held_constant" if institutions and unchanged else ""


def _no_outlook(case: Case) -> str:
    target = case.indicator.target
    if not target.line_from:
        return "monitor_only"
    if case.last is None:
        return "no_data"
    if int(case.last["year"]) >= target.year:
        return "past_target_year"
    if target.statistic in ("lowest_area", "slope"):
        return f"{target.statistic}_not_forecast"
    if case.target_range is None:
        return target.missing(baseline=case.baseline_statistic, reference=case.reference)
    if not len(case.ahead[0]):
        holes = case.forecast["reason"][case.forecast["reason"] != ""]
        return holes[0] if len(holes) else "no_forecast"
    return ""


def _probability_of_target(case: Case, inside: float) -> float:
    """Return the probability, kept between floor and cap, that the target is met.

    A target for its year is read from the quantiles of that year. A level to be held every year is
    counted on the joint paths: kept is a path that ends inside and, once it has reached the level
    (now, or later), never leaves it. Without paths it is the lowest of the single years for a level
    already reached, an upper bound, and that of the target year for one not yet reached.
    """
    target = case.indicator.target
    if kept := _never_short(case):
        return _bounded(case, kept)
    if not (target.every_year and target.statistic == "level"):
        return inside
    if case.paths:
        edges = _edges(case)
        return _bounded(case, _stated([case], _share_of_paths(case), edges)[0])
    if not case.target_range.contains(case.statistic):
        return inside
    known = (case.forecast["year"] <= target.year) & ~np.isnan(case.forecast["value"])
    return min(probability_in(case, year) for year in np.unique(case.forecast["year"][known]))


def _never_short(case: Case) -> float:
    """Probability that nobody is short in the target year where nobody was for years, else 0.

    A target to reach everybody (or nobody, where less is better) with counts: who is not reached is
    a rare event. Its rate has the Jeffreys posterior of none in the years since it last occurred.
    """
    own, rows, found = case.indicator, case.judged, case.target_range
    whole, improving = own.multiplier or 0.0, own.target.improving
    all_of_them = found.lower >= whole if improving > 0 else found.upper <= 0
    if own.data_kind != "proportion" or not whole or not all_of_them or counts_places(own):
        return 0.0
    short = rows["denominator"] - rows["numerator"] if improving > 0 else rows["numerator"]
    since = np.flatnonzero(~(short == 0))
    exposure = rows["denominator"][since[-1] + 1 if len(since) else 0 :]
    if len(exposure) < case.scheme.steady_years or not exposure[-1] > 0:
        return 0.0
    return float(np.sqrt(exposure.sum() / (exposure.sum() + exposure[-1])))


def _share_of_paths(case: Case) -> float:
    ahead = case.paths["year"] <= case.indicator.target.year
    inside = np.asarray(case.target_range.contains(case.paths["value"][ahead]), dtype=bool)
    order = np.lexsort((case.paths["year"][ahead], case.paths["draw"][ahead]))
    inside = inside[order].reshape(len(np.unique(case.paths["draw"][ahead])), -1)
    now = bool(case.target_range.contains(case.statistic))
    reached = np.logical_or.accumulate(inside, axis=1) | now
    return (inside[:, -1] & ~(reached & ~inside).any(axis=1)).mean()


def _probability_not_short(case: Case, p_meet: float) -> float:
    """Return the probability that decides the class: with two edges, only falling short counts.

    A share of women above 左右 is no shortfall; the probability of meeting the target is printed as
    it is.
    """
    if not case.target_range.two_sided or case.indicator.target.statistic != "level":
        return p_meet
    return max(p_meet, probability_in(case, case.indicator.target.year, lower_only=True))


def probabilities_inside(cases: Sequence[Case]) -> np.ndarray:
    """Return the probability of each case that its target year's value meets the target.

    Kept between floor and cap; missing where there is no forecast or no target. Forecasts with the
    same levels are looked at together.
    """
    inside = np.full(len(cases), np.nan)
    alike: dict[tuple, list[int]] = {}
    for place, case in enumerate(cases):
        if case.target_range is not None and len(case.ahead[0]):
            alike.setdefault(tuple(case.ahead[0]), []).append(place)
    for levels, places in alike.items():
        scheme = cases[places[0]].scheme
        own = [cases[place] for place in places]
        edges = list(map(_edges, own))
        steps = pd.DataFrame(map(_steps, own, edges))
        values = np.array([case.ahead[1] for case in own])
        found = probability_inside(np.array(levels), values, **dict(steps.items()))
        open_ones = [row for row, case in enumerate(own) if case.baseline_lines is not None]
        if open_ones:
            lines = [own[row].baseline_lines for row in open_ones]
            sides = [own[row].indicator.target.improving > 0 for row in open_ones]
            found[open_ones] = _over_lines(np.array(levels), values[open_ones], lines, sides)
        found = _stated(own, found, pd.DataFrame(edges))
        inside[places] = np.clip(found, scheme.probability_floor, scheme.probability_cap)
    return inside


def _stated(cases: Sequence[Case], inside: ArrayLike, edges: Mapping[str, ArrayLike]) -> np.ndarray:
    found = [case.indicator for case in cases]
    return stated(
        inside,
        [case.forecast["model"][0] for case in cases],
        percent=[i.unit == "percent" and i.upper_bound <= PER_CENT for i in found],
        lower=edges["lower"],
        upper=edges["upper"],
    )


def probability_in(case: Case, year: int, *, lower_only: bool = False) -> float:
    """Return the probability, kept between floor and cap, that a year's value meets the target."""
    edges = _edges(case) | ({"upper": np.inf} if lower_only else {})
    inside = probability_inside(*case.forecast_of(year), **_steps(case, edges))
    return _bounded(case, _stated([case], inside, edges)[0])


def _over_lines(
    levels: np.ndarray, values: np.ndarray, lines: list[np.ndarray], rising: list[bool]
) -> np.ndarray:
    """Probability of targets whose baseline is known only up to the chance of its counts.

    ``lines``: equally likely baselines of each; ``rising``: whether more than them is better.
    """
    edge, above = np.array(lines), np.array(rising)[:, None]
    lower, upper = np.where(above, edge, -np.inf), np.where(above, np.inf, edge)
    each = np.repeat(values, edge.shape[1], axis=0)
    ends = {"lower": lower.ravel(), "upper": upper.ravel()}
    inside = probability_inside(levels, each, **ends, lower_open=True, upper_open=True)
    return inside.reshape(edge.shape).mean(axis=1)


def _edges(case: Case) -> dict:
    found = case.target_range
    lower, lower_open = found.lower, found.lower_open
    if case.indicator.target.statistic == "magnitude":
        lower, lower_open = -found.upper, found.upper_open
    upper = {"upper": found.upper, "upper_open": found.upper_open}
    return {"lower": lower, "lower_open": lower_open, **upper}


def _steps(case: Case, edges: dict) -> dict:
    """Return the edges half a unit before the first value that meets the target.

    A share of places comes in steps: of sixteen sites 100 % is reached when less than half a
    site is missing, and 95 % by nothing less. So do whole numbers: an institution is there or not.
    """
    total = case.last["denominator"] if case.last is not None else np.nan
    own = case.indicator
    stepped = own.unit == "percent" and counts_places(own)
    if own.unit == "count" and own.data_kind == "count":
        stepped, total = not (case.series["value"] % 1).any(), PER_CENT
    if not (stepped and own.target.is_number and total > 0):
        return edges
    low, high = (edges[side] * total / PER_CENT for side in ("lower", "upper"))
    least = np.floor(low) + 1 if edges["lower_open"] else np.ceil(low - 1e-9)
    most = np.ceil(high) - 1 if edges["upper_open"] else np.floor(high + 1e-9)
    inner = {"lower": (least - 0.5) * PER_CENT / total, "upper": (most + 0.5) * PER_CENT / total}
    return inner | {"lower_open": False, "upper_open": False}


def _bounded(case: Case, probability: float) -> float:
    return min(max(float(probability), case.scheme.probability_floor), case.scheme.probability_cap)

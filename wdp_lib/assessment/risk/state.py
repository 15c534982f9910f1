"""Is the promise kept now: attained, nearly attained, not attained, or not assessable; and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from wdp_lib.assessment.risk.case import Case
from wdp_lib.forecasting.probability import probability_inside
from wdp_lib.forecasting.terms import TERM, share_of
from wdp_lib.forecasting.trends.growth import growth_change
from wdp_lib.forecasting.trends.trend import trend_probability


def judge(case: Case) -> tuple[str, str]:
    """Return the state of a promise and the code of its reason.

    Values are compared exactly as published, without rounding. A promise that only names a direction is judged by
    Kendall's trend test, never by comparing two points; a promise of slower growth by a test of the bend in the baseline year; a
    rate of rare events by the underlying rate, never by one year; a body elected for a term by its seats. Estimates decide
    nothing; a provisional value decides, and is marked.

    Parameters
    ----------
    case : Case
        The indicator with its data.

    Returns
    -------
    tuple of str
        State (``attained, nearly, not_attained, not_assessable``) and reason code (``""`` where none is needed).
    """
    hole = _hole(case)
    if hole:
        return "not_assessable", hole
    state, reason = _judged_by(case)(case)
    provisional = state != "not_assessable" and not reason and case.last["status"] == "provisional"
    return state, "provisional_value" if provisional else reason


def _judged_by(case: Case) -> Callable[[Case], tuple[str, str]]:
    target = case.indicator.target
    if target.statistic == "slope":
        return _judge_growth
    if _is_rare(case):
        return _judge_rare
    if case.indicator.frequency == TERM and (
        target.line_from == "baseline" or case.last["denominator"] == 1
    ):
        return _judge_term
    return _judge_direction if target.line_from == "baseline" else _judge_level


def _judge_level(case: Case) -> tuple[str, str]:
    target = case.indicator.target
    promise, value = case.promise, case.statistic
    if bool(promise.contains(value)):
        return "attained", "dip" if dips(case) else ""
    edge = promise.lower if value <= promise.lower else promise.upper
    # the last digits of a binary difference must not decide: 70 - 69.3 is a hair above 0.7
    near = (
        target.is_number and -promise.margin(value) <= case.scheme.nearly_share * abs(edge) + 1e-9
    )
    return ("nearly", "") if near else ("not_attained", "dip" if dips(case) else "")


def _hole(case: Case) -> str:
    """Return the reason why nothing can be judged, or ``""``."""
    target = case.indicator.target
    if not target.line_from:
        return "monitor_only"
    if case.last is None:
        return "no_data"
    if case.judged.empty:
        return "estimates_only"
    if case.stale and int(case.last["year"]) < case.first_year:
        return "before_plan"
    if case.lacks_target_year:
        return "no_target_year_value"
    if case.last["denominator"] == 0:
        return "zero_denominator"
    if target.statistic == "slope":
        return ""  # its own test says what is missing
    if case.statistic is None:
        return "no_area_values" if target.statistic == "lowest_area" else "too_few_points"
    return target.missing(baseline=case.baseline_statistic, reference=case.reference)


def _is_rare(case: Case) -> bool:
    """Whether the rate stands on counts so small that its forecast is of the underlying rate, or there is none.

    A proportion of few cases only where the plan gives a number: its direction is tested like any other.
    """
    counted = case.last[["numerator", "denominator"]].notna().all()
    if case.indicator.data_kind == "rare_rate":
        return bool(counted and not (case.forecast["quantity"] == "observed_value").any())
    return bool(
        counted
        and case.indicator.target.is_number
        and (case.forecast["quantity"] == "underlying_rate").any()
    )


def _judge_rare(case: Case) -> tuple[str, str]:
    """Judge by the forecast of the underlying rate for the coming year; one event moves nothing by itself."""
    target = case.indicator.target
    if not target.is_number:
        return "not_assessable", "too_few_events"
    rows = case.forecast[case.forecast["value"].notna()]
    rows = rows[rows["year"] == rows["year"].min()].sort_values("quantile")
    if rows.empty or rows["quantity"].iloc[0] != "underlying_rate":
        return "not_assessable", "too_few_events"
    inside = probability_in(case, rows)
    if inside >= case.scheme.rare_confidence:
        return "attained", ""
    if inside <= 1 - case.scheme.rare_confidence:
        return "not_attained", ""
    return "not_assessable", "too_few_events"


def _judge_direction(case: Case) -> tuple[str, str]:
    points = case.points_since_baseline
    if len(points) < case.scheme.direction_points:
        return "not_assessable", "too_few_since_baseline"
    target = case.indicator.target
    values = target.measure(points["value"].to_numpy(float))
    improving = trend_probability(points["year"], values, direction=target.improving)
    if improving >= case.scheme.direction_confidence:
        return "attained", ""
    if improving <= 1 - case.scheme.direction_confidence:
        return "not_attained", "wrong_direction"
    return "not_assessable", "direction_not_shown"


def _judge_growth(case: Case) -> tuple[str, str]:
    found = growth_change(case.judged["year"], case.judged["value"], case.baseline_year)
    if found.reason:
        return "not_assessable", found.reason
    if found.p_slower >= case.scheme.direction_confidence:
        return "attained", ""
    if found.p_slower <= 1 - case.scheme.direction_confidence:
        return "not_attained", "wrong_direction"
    return "not_assessable", "growth_change_not_shown"


def _judge_term(case: Case) -> tuple[str, str]:
    """Compare the last election with the term in force in the baseline year: both are full counts, so the seats decide."""
    if case.last["denominator"] == 1:
        return "not_assessable", "one_seat"
    before, now = share_of(pd.DataFrame([case.baseline, case.last]).infer_objects())
    seats = case.last["denominator"]
    promise = case.indicator.target.range(baseline=before)
    kept = bool(promise.contains(now))
    step = 100 / seats if seats > 0 else 0.0
    narrow = kept != bool(
        promise.contains(np.round(now - case.indicator.target.improving * step, 9))
    )
    return ("attained" if kept else "not_attained"), "by_one_seat" if kept and narrow else ""


def dips(case: Case) -> tuple[int, ...]:
    """Return the years of the plan in which a level to be held every year was lost after it had been reached."""
    if (
        not case.indicator.target.every_year
        or case.promise is None
        or case.indicator.target.statistic != "level"
    ):
        return ()
    inside = np.array(
        [bool(case.promise.contains(value)) for value in case.judged["value"]], dtype=bool
    )
    reached = np.maximum.accumulate(inside) if inside.size else inside
    lost = reached & ~inside & (case.judged["year"].to_numpy() >= case.first_year)
    return tuple(int(year) for year in case.judged.loc[lost, "year"])


def probability_of_promise(case: Case) -> float:
    """Return the probability, kept between floor and cap, that the promise is kept.

    A promise for its year is read from the quantiles of that year. A level to be held every year is counted on the joint paths:
    kept is a path that ends inside and, once it has reached the level (now, or later), never leaves it. Without paths it is the
    lowest of the single years for a level already reached, an upper bound, and that of the target year for one not yet reached.
    """
    target = case.indicator.target
    if not (target.every_year and target.statistic == "level"):
        return probability_in(case, case.quantiles)
    if len(case.paths):
        ahead = case.paths[case.paths["year"] <= target.year]
        inside = ahead.assign(inside=case.promise.contains(ahead["value"].to_numpy()))
        inside = inside.pivot(index="draw", columns="year", values="inside").to_numpy(bool)
        reached = np.maximum.accumulate(inside, axis=1) | bool(
            case.promise.contains(case.statistic)
        )
        return _bounded(case, (inside[:, -1] & ~(reached & ~inside).any(axis=1)).mean())
    if not case.promise.contains(case.statistic):
        return probability_in(case, case.quantiles)
    ahead = case.forecast[(case.forecast["year"] <= target.year) & case.forecast["value"].notna()]
    return min(
        probability_in(case, rows.sort_values("quantile")) for _, rows in ahead.groupby("year")
    )


def probability_not_short(case: Case, p_meet: float) -> float:
    """Return the probability that decides the class: of a promise with two edges, only falling short is warned of.

    A share of women above 左右 is no shortfall; the probability of meeting the promise is printed as it is.
    """
    if not case.promise.two_sided or case.indicator.target.statistic != "level":
        return p_meet
    return max(p_meet, probability_in(case, case.quantiles, lower_only=True))


def probability_in(case: Case, rows: pd.DataFrame, *, lower_only: bool = False) -> float:
    """Return the probability, kept between floor and cap, that the quantiles of one year keep the promise.

    With ``lower_only`` the upper edge is left out.
    """
    promise = replace(case.promise, upper=np.inf) if lower_only else case.promise
    lower, lower_open = promise.lower, promise.lower_open
    if case.indicator.target.statistic == "magnitude":
        lower, lower_open = -promise.upper, promise.upper_open
    inside = probability_inside(
        rows["quantile"].to_numpy(float),
        rows["value"].to_numpy(float),
        lower=lower,
        upper=promise.upper,
        lower_open=lower_open,
        upper_open=promise.upper_open,
    )
    return _bounded(case, inside)


def _bounded(case: Case, probability: float) -> float:
    return float(np.clip(probability, case.scheme.probability_floor, case.scheme.probability_cap))

"""Is the target met now: attained, nearly attained, not attained, or not assessable; and why."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import numpy as np

from wdp_lib.assessment.case import Case
from wdp_lib.assessment.direction import judge_direction
from wdp_lib.assessment.outlook import probability_in
from wdp_lib.forecasting.terms import TERM
from wdp_lib.forecasting.trends.growth import growth_change

LIKELY = 200  # values of a rate by which it is judged


def judge(case: Case) -> tuple[str, str]:
    """Return the state of a target and the code of its reason.

    Values are compared exactly as published, without rounding. A target that only names a direction
    is judged by a trend test (`judge_direction`), at its natural limit by holding it; a target of
    slower growth by a test of the bend in the baseline year; a rate of rare events by the
    underlying rate, never by one year, and with few events in all not at all (``case_by_case``); a
    body elected for a term by its seats. Estimates decide nothing; a provisional value
    decides, and is marked. States: ``attained, nearly, not_attained, not_assessable``.
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
    if case.case_by_case:
        return _judge_cases
    only_direction = target.line_from == "baseline"
    if not only_direction and _is_rare(case):
        return _judge_rare
    if case.indicator.frequency == TERM and (only_direction or case.last["denominator"] == 1):
        return _judge_term
    # at its natural limit a target to rise is a target to hold
    held = only_direction and not (case.target_range.lower_open or case.target_range.upper_open)
    return judge_direction if only_direction and not held else _judge_level


def _judge_cases(case: Case) -> tuple[str, str]:
    return "not_assessable", "case_by_case"


def _judge_level(case: Case) -> tuple[str, str]:
    found, value = case.target_range, case.statistic
    if bool(found.contains(value)):
        return "attained", "dip" if dips(case) else ""
    edge = found.lower if value <= found.lower else found.upper
    # the last digits of a binary difference must not decide: 70 - 69.3 is a hair above 0.7
    allowed = min(case.scheme.nearly_share * abs(edge), _last_digit(edge)) + 1e-9
    if case.indicator.target.is_number and -found.margin(value) <= allowed:
        return "nearly", ""
    return "not_attained", "dip" if dips(case) else ""


def _last_digit(number: float) -> float:
    """One unit of the last digit a number is written with: 1 of 20, 0.1 of 98.5."""
    return (
        10.0 ** Decimal(repr(float(number))).normalize().as_tuple().exponent if number % 1 else 1.0
    )


def _hole(case: Case) -> str:
    """Return the reason why nothing can be judged, or ``""``."""
    target = case.indicator.target
    if not target.line_from:
        return "monitor_only"
    if case.last is None:
        return "no_data"
    if not len(case.judged["year"]):
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
    """Whether the counts are so small that only the underlying rate, or nothing, is forecast.

    A direction is tested like any other.
    """
    if np.isnan(case.last["numerator"]) or np.isnan(case.last["denominator"]):
        return False
    return case.of_few_cases


def _judge_rare(case: Case) -> tuple[str, str]:
    """Judge by the underlying rate, forecast or pooled: one event moves nothing by itself."""
    over = not (case.forecast["quantity"] != "").any()
    if over and case.indicator.target.is_number and case.pooled is not None:
        events, exposure, _ = case.pooled
        inside = case.target_range.contains(case.likely_rates(events, exposure, LIKELY)).mean()
        return _by_confidence(inside, case.scheme.rare_confidence, "", "rate_not_shown")
    underlying = ~np.isnan(case.forecast["value"]) & (
        case.forecast["quantity"] == "underlying_rate"
    )
    if not case.indicator.target.is_number or not underlying.any():
        return "not_assessable", "rate_not_shown"
    inside = probability_in(case, case.forecast["year"][underlying].min())
    return _by_confidence(inside, case.scheme.rare_confidence, "", "rate_not_shown")


def _by_confidence(p: float, confidence: float, wrong: str, open_reason: str) -> tuple[str, str]:
    """State from a probability: only one near 0 or 1 decides."""
    if p >= confidence:
        return "attained", ""
    return ("not_attained", wrong) if p <= 1 - confidence else ("not_assessable", open_reason)


def _judge_growth(case: Case) -> tuple[str, str]:
    found = growth_change(case.judged["year"], case.judged["value"], case.baseline_year)
    if found.reason:
        return "not_assessable", found.reason
    confidence = case.scheme.direction_confidence
    return _by_confidence(found.p_slower, confidence, "wrong_direction", "growth_change_not_shown")


def _judge_term(case: Case) -> tuple[str, str]:
    """Compare the last election with the term of the baseline year: the seats decide."""
    seats = case.last["denominator"]
    if seats == 1:
        return "not_assessable", "one_seat"
    before, now = seat_share(case.baseline), seat_share(case.last)
    found = case.indicator.target.range(baseline=before)
    kept = bool(found.contains(now))
    step = 100 / seats if seats > 0 else 0.0
    one_less = np.round(now - case.indicator.target.improving * step, 9)
    by_one = kept and not bool(found.contains(one_less))
    return ("attained" if kept else "not_attained"), "by_one_seat" if by_one else ""


def seat_share(elected: dict) -> float:
    """Share in per cent, from the counts if known: a rounded share must not decide a seat."""
    exact = (
        100 * elected["numerator"] / elected["denominator"]
        if elected["denominator"] > 0
        else np.nan
    )
    return float(np.round(elected["value"] if np.isnan(exact) else exact, 9))


def dips(case: Case) -> list[int]:
    """Return the years of the plan in which a level to be held was lost again."""
    target = case.indicator.target
    if not target.every_year or case.target_range is None or target.statistic != "level":
        return []
    inside = np.asarray(case.target_range.contains(case.judged["value"]), dtype=bool)
    lost = np.logical_or.accumulate(inside) & ~inside & (case.judged["year"] >= case.first_year)
    return case.judged["year"][lost].tolist()

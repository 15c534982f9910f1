"""Where each target stands: one class a target, looking ahead until its year is over."""

from __future__ import annotations

import numpy as np

from wdp_lib.assessment.case import Case
from wdp_lib.assessment.scheme import GRADES, STANDING_OF_CLASS, STANDINGS
from wdp_lib.assessment.state import seat_share
from wdp_lib.forecasting.terms import TERM

AHEAD = ("on_schedule", "behind", "hard")  # of a level not yet attained, the best first
POOLED = "underlying_rate"  # forecasts that rest on the counts of several years
COLOURS = {"hard": "red", "behind": "yellow"}
RED = ("hard", "worsened")  # classes that may be red: it says hard to reach, and nothing else
SHOWN = ("improved_not_shown", "no_change_shown", "worse_not_shown")


def standing(case: Case, state: str, reason: str, outlook: dict) -> dict:
    """Return the class of a target, what it rests on, and the colour that goes with it.

    The year of the target over, its value alone decides (``attained, nearly, not_attained``).
    Before, no target is missed yet. Met now: ``ahead``, or ``to_consolidate`` with a dip in the
    last years or a probability that is not high; ``nearly``; a direction by its own test; else
    ``on_schedule, behind, hard`` by the probability, the progress against the schedule, or the
    worse of both, by how many points there are. Few events are reviewed case by case.
    """
    if not case.indicator.target.line_from:
        return {"standing": "", "standing_by": ""}
    name, by, gap = _class(case, state, reason, outlook)
    return {
        "standing": name,
        "standing_by": by,
        "schedule_gap": gap,
        "risk": _colour(name, outlook["risk"]),
    }


def _class(case: Case, state: str, reason: str, outlook: dict) -> tuple[str, str, float]:
    target = case.indicator.target
    if reason == "case_by_case":
        return "case_by_case", "cases", np.nan
    over = case.data_year >= target.year
    if case.stale and not over:
        return "not_assessable", "missing", np.nan
    if target.line_from == "baseline":
        return *_of_direction(case, state, reason), np.nan
    if over or (state == "not_assessable" and reason != "rate_not_shown"):
        return state, "final_value" if state != "not_assessable" else "missing", np.nan
    if state == "nearly":
        return "nearly", "nearly", np.nan
    if state == "attained":
        sure = outlook["risk"] in ("clear", "not_graded") and not _dipped_lately(case)
        return ("ahead" if sure else "to_consolidate"), "value", np.nan
    return _ahead(case, outlook)


def _of_direction(case: Case, state: str, reason: str) -> tuple[str, str]:
    by = "seats" if case.indicator.frequency == TERM else "trend"
    by = reason if reason in ("exact_points", "pooled_trend") else by
    if state == "not_assessable":
        return (reason, by) if reason in SHOWN else ("not_assessable", "missing")
    if case.data_year >= case.indicator.target.year:
        return state, by
    if by == "seats" and seat_share(case.last) == seat_share(case.baseline):
        return "no_change_shown", by
    return ("improved" if state == "attained" else "worsened"), by


def _ahead(case: Case, outlook: dict) -> tuple[str, str, float]:
    """Class of a level that is not attained yet, by the evidence there is."""
    scheme, points = case.scheme, outlook["n"] or len(case.judged["year"])
    gap = _schedule_gap(case)
    if case.indicator.frequency == TERM:
        return "behind", "seats", np.nan  # the next election decides, and no trend leads there
    by_gap = "" if np.isnan(gap) else _by_gap(case, gap)
    likely, pooled = STANDING_OF_CLASS.get(outlook["risk"], ""), outlook["quantity"] == POOLED
    if not likely or (points < scheme.reference_points and not pooled):
        return "not_assessable", "reference" if by_gap else "missing", gap
    if not by_gap:
        return likely, "probability", gap
    worse = AHEAD.index(by_gap) - AHEAD.index(likely)
    if points >= scheme.sure_points or pooled:
        if worse < 2:
            return likely, "probability", gap
        return AHEAD[AHEAD.index(likely) + 1], "worse_of_both", gap
    return (by_gap, "worse_of_both", gap) if worse > 0 else (likely, "probability", gap)


def _schedule_gap(case: Case) -> float:
    """Share of the distance covered less share of time passed since the baseline, in points."""
    target, start = case.indicator.target, case.baseline
    usable = target.is_number and target.statistic == "level" and case.target_range is not None
    if start is None or not usable or case.target_range.contains(start["value"]):
        return np.nan
    first, now, found = float(start["value"]), case.statistic, case.target_range
    goal = found.lower if first < found.lower or np.isinf(found.upper) else found.upper
    began, last = int(start["year"]), int(case.last["year"])
    if goal == first or target.year <= began:
        return np.nan
    covered, passed = (now - first) / (goal - first), (last - began) / (target.year - began)
    return 100 * (covered - passed)


def _by_gap(case: Case, gap: float) -> str:
    if gap >= -case.scheme.behind_points:
        return "on_schedule"
    return "behind" if gap >= -case.scheme.hard_points else "hard"


def _dipped_lately(case: Case) -> bool:
    """Whether the level was attained and lost again in the last years looked at."""
    if case.indicator.target.statistic not in ("level", "magnitude"):
        return False
    values = case.indicator.target.measure(case.judged["value"])
    inside = np.asarray(case.target_range.contains(values), dtype=bool)
    lost = np.logical_or.accumulate(inside) & ~inside
    recent = case.judged["year"] > int(case.last["year"]) - case.scheme.steady_years
    return bool((lost & recent).any())


def _colour(name: str, colour: str) -> str:
    """Colour that says the same as the class: red is hard to reach, and nothing else is red."""
    if colour not in (*GRADES, "clear"):
        return colour
    if name in ("case_by_case", "not_assessable"):
        return "not_graded"
    if colour == "red" and name not in RED:
        return "orange"
    floor = COLOURS.get(name, "clear")
    return min(colour, floor, key=(*GRADES, "clear").index)


def worst(names: list[str]) -> str:
    """Return the worst of some classes, ``""`` of none."""
    return min(names, key=STANDINGS.index) if names else ""

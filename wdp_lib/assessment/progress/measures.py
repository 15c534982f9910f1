"""Every measure of the descriptive panel for one indicator: value, class, side, and the calculation in figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from wdp_lib.assessment.progress import formulas, predictions
from wdp_lib.assessment.progress.trajectory import Trajectory

ON, OFF = "on_track", "off_track"
SIDE_OF_CLASS = {
    "pace_ratio": {"ahead": ON, "behind": OFF, "reversed": OFF},
    "open_sdg": {
        "achieved": ON,
        "substantial": ON,
        "moderate": OFF,
        "limited": OFF,
        "deterioration": OFF,
    },
    "un_chart": {"met": ON, "on_track": ON, "fair": OFF, "stagnation": OFF},
    "escap_anticipated": {"will_meet": ON, "accelerate": OFF, "no_progress": OFF},
    "forecast": {"clear": ON, "blue": ON, "orange": OFF, "red": OFF},
}


@dataclass(frozen=True)
class Finding:
    """One measure of one indicator.

    Parameters
    ----------
    measure : str
        Code of the measure.
    value : float
        In ``unit``; NaN where ``reason`` says why.
    unit : str
        Code of the unit.
    trace : str
        The calculation in figures.
    name : str
        Code of the class.
    reason : str
        Why there is no value, or no class.
    """

    measure: str
    value: float
    unit: str
    trace: str = ""
    name: str = ""
    reason: str = ""

    @property
    def side(self) -> str:
        """What the class says: ``on_track``, ``off_track``, or ``""`` where it says neither."""
        return SIDE_OF_CLASS.get(self.measure, {}).get(self.name, "")


def findings(way: Trajectory) -> list[Finding]:
    """Return every measure of an indicator, in the order of ``progress_tables.MEASURES``."""
    made = [_measure(way, code, *MAKERS[code]) for code in MAKERS]
    return [_doubted(found, way.doubt) for found in made]


def _measure(
    way: Trajectory, code: str, make: Callable[[Trajectory], Finding], needs: tuple[str, ...]
) -> Finding:
    reason = next((reason for need in needs if (reason := NEEDS[need](way))), "")
    if reason:
        return Finding(code, np.nan, "", reason=reason)
    found = make(way)
    said = np.isfinite(found.value) or found.name or found.reason
    return found if said else Finding(code, np.nan, "", reason="not_positive")


def _doubted(found: Finding, doubt: str) -> Finding:
    # a rate of zero from no events keeps a promise only by chance
    shaky = found.name or found.reason == "baseline_meets_target"
    return replace(found, name="", reason=doubt) if doubt and shaky else found


def figure(x: float, digits: int = 6) -> str:
    """Return a number for a trace: six significant digits, a true minus sign."""
    return f"{x + 0.0:.{digits}g}".replace("-", "−")  # adding 0 turns −0 into 0


def _result(x: float) -> str:
    return figure(x, 4)


def _paired(x: float) -> str:
    return f"({figure(x)})" if x < 0 else figure(x)


def _less(a: float, b: float) -> str:
    return f"({figure(a)}−{_paired(b)})"


def given(way: Trajectory) -> str:
    """Return the figures a trace starts from; a year that stands in for the plan's baseline is marked ``≠``."""
    start = (
        f"{way.first_year}≠{way.named_year}"
        if way.first_year != way.named_year
        else str(way.first_year)
    )
    made = f"y:={way.measured}; " if way.measured else ""
    known = f"{made}y₀({start})={figure(way.first)}, y({way.last_year})={figure(way.last)}"
    return known if way.target is None else f"{known}, T({way.target_year})={figure(way.target)}"


def _found(
    way: Trajectory, measure: str, value: float, unit: str, steps: str, name: str = ""
) -> Finding:
    return Finding(measure, value, unit, f"{given(way)}: {steps}", name)


def _path_share(way: Trajectory) -> Finding:
    share = formulas.path_share(way.first, way.last, way.target)
    steps = f"{_less(way.last, way.first)}/{_less(way.target, way.first)} = {_result(share)}"
    return _found(way, "path_share", share, "share", steps)


def _time_share(way: Trajectory) -> Finding:
    share = way.passed / way.whole
    steps = f"{_less(way.last_year, way.first_year)}/{_less(way.target_year, way.first_year)} = {_result(share)}"
    return _found(way, "time_share", share, "share", steps)


def _pace_ratio(way: Trajectory) -> Finding:
    path, time = formulas.path_share(way.first, way.last, way.target), way.passed / way.whole
    name = "ahead" if way.met or path >= time else "behind" if path > 0 else "reversed"
    return _found(
        way,
        "pace_ratio",
        path / time,
        "ratio",
        f"{_result(path)}/{_result(time)} = {_result(path / time)}",
        name,
    )


def _required_change(way: Trajectory) -> Finding:
    change = (way.target - way.last) / way.left
    steps = f"{_less(way.target, way.last)}/{way.left} = {_result(change)}"
    return _found(way, "required_change", change, way.unit, steps)


def _achieved_change(way: Trajectory) -> Finding:
    change = (way.last - way.first) / way.passed
    steps = f"{_less(way.last, way.first)}/{way.passed} = {_result(change)}"
    return _found(way, "achieved_change", change, way.unit, steps)


def _best_pace(way: Trajectory) -> Finding:
    window = min(way.left, len(way.years) // 2)
    best = formulas.best_pace(way.years, way.values, window, improving=way.improving)
    if np.isnan(best):
        return Finding("best_pace", np.nan, "", reason="too_few_points")
    required = (way.target - way.last) / way.left
    within = way.improving * best >= way.improving * required
    steps = f"k={window}: {_result(best)} {'≥' if best >= required else '<'} {_result(required)}"
    return _found(
        way, "best_pace", best, way.unit, steps, "within_best" if within else "beyond_best"
    )


def _growth_steps(first: float, last: float, years: int) -> str:
    rate = formulas.growth_rate(first, last, years)
    return f"({figure(last)}/{figure(first)})^(1/{years})−1 = {_result(rate)}"


def _limit(way: Trajectory) -> float | None:
    """Natural limit for growth without a target: only upwards, as Statistics Canada uses it."""
    return way.bounds[1] if way.bounds and way.improving > 0 else None


def _open_sdg(way: Trajectory) -> formulas.Classed:
    return formulas.open_sdg(
        way.first,
        way.last,
        way.passed,
        improving=way.improving,
        target=way.target,
        target_years=way.whole,
        limit=_limit(way),
    )


def _within(way: Trajectory) -> str:
    return f"{figure(way.last)} {'≥' if way.improving > 0 else '≤'} {figure(way.target)}"


def _open_sdg_class(way: Trajectory) -> Finding:
    """Class by Open SDG; of a promise kept from the start there was no way to go, so only the class is said."""
    if way.met_at_start:
        return _found(way, "open_sdg", np.nan, "", _within(way), "achieved")
    found = _open_sdg(way)
    steps = _growth_steps(way.first, way.last, way.passed)
    if way.target is not None:
        steps += f"; {_growth_steps(way.first, way.target, way.whole)}; R = {_result(found.value)}"
    elif _limit(way) is not None:
        steps += f"; C = 1−({figure(way.first)}/100)^4.44 = {_result(formulas.limit_factor(way.first, _limit(way)))}"
    unit = "ratio" if way.target is not None else "share_a_year"
    # what is met needs no rate of growth
    return _found(way, "open_sdg", found.value, unit, steps, "achieved" if way.met else found.name)


def _open_sdg_score(way: Trajectory) -> Finding:
    if way.met:
        return _found(way, "open_sdg_score", 5.0, "score_5", f"{_within(way)} → 5")
    found = _open_sdg(way)
    name = "R" if way.target is not None else "g"
    return _found(
        way,
        "open_sdg_score",
        found.score,
        "score_5",
        f"{name} = {_result(found.value)} → {_result(found.score)}",
    )


def _un_chart(way: Trajectory) -> Finding:
    if way.met_at_start:
        return _found(way, "un_chart", np.nan, "", _within(way), "met")
    chart = formulas.un_chart(
        way.first,
        way.last,
        way.passed,
        improving=way.improving,
        target=way.target,
        years_left=way.left,
        bounds=way.bounds,
    )
    steps = _growth_steps(way.first, way.last, way.passed)
    if way.target is None:
        return _found(way, "un_chart", chart.value, "share_a_year", steps, chart.name)
    expected = way.last * (1 + formulas.growth_rate(way.first, way.last, way.passed)) ** way.left
    steps += (
        f"; {_less(expected, way.first)}/{_less(way.target, way.first)} = {_result(chart.value)}"
    )
    return _found(way, "un_chart", chart.value, "share", steps, chart.name)


def _index_steps(way: Trajectory, value: float, index: float) -> str:
    if way.improving * (value - way.target) >= 0:
        return f"{figure(value)} {'≥' if way.improving > 0 else '≤'} {figure(way.target)} → 10"
    difference = _less(value, way.first) if way.improving > 0 else _less(way.first, value)
    return f"10×{difference}/|{figure(way.target)}−{_paired(way.first)}| = {_result(index)}"


def _escap_status(way: Trajectory) -> Finding:
    index = predictions.escap_index(way.first, way.last, way.target, improving=way.improving)
    name = (
        "near" if index > predictions.GOOD else "slow" if index > predictions.NONE else "regression"
    )
    return _found(way, "escap_status", index, "score_10", _index_steps(way, way.last, index), name)


def _escap_anticipated(way: Trajectory) -> Finding:
    years, values = way.years[way.start :], way.values[way.start :]
    if way.bounds and (values <= 0).any() | (values >= 100).any():
        return Finding("escap_anticipated", np.nan, "", reason="at_limit")
    if (values <= 0).any():
        return Finding("escap_anticipated", np.nan, "", reason="not_positive")
    if way.bounds:
        slope = predictions.mean_logit_slope(years, values)
        ahead = predictions.go_on_by_logit(years, values, way.target_year)
        steps = f"Σ(Δlogit/Δt)/{len(years) - 1} = {_result(slope)}; logit⁻¹(logit {figure(way.last)}%+{way.left}×{_result(slope)})"
    else:
        ahead = predictions.weighted_growth(years, values, way.target_year)
        steps = f"ln y ~ t, w=({way.target_year}−{way.first_year})/({way.target_year}−t)"
    index = predictions.escap_index(way.first, ahead, way.target, improving=way.improving)
    name = (
        "will_meet"
        if index > predictions.GOOD
        else "accelerate"
        if index > predictions.NONE
        else "no_progress"
    )
    steps = f"{steps} → {figure(ahead)}; {_index_steps(way, ahead, index)}"
    return _found(way, "escap_anticipated", index, "score_10", steps, name)


def _reduction(way: Trajectory, measure: str, first: float, last: float, years: int) -> Finding:
    rate = formulas.reduction_rate(first, last, years)
    steps = f"1−({figure(last)}/{figure(first)})^(1/{years}) = {_result(rate)}"
    return _found(way, measure, rate, "share_a_year", steps)


def _reduction_achieved(way: Trajectory) -> Finding:
    return _reduction(way, "reduction_achieved", way.first, way.last, way.passed)


def _reduction_required(way: Trajectory) -> Finding:
    return _reduction(way, "reduction_required", way.last, way.target, way.left)


def _reduction_trend(way: Trajectory) -> Finding:
    years, values = way.years[way.start :], way.values[way.start :]
    if len(years) < 3:
        return Finding("reduction_trend", np.nan, "", reason="too_few_points")
    rate = formulas.reduction_trend(years, values)
    return _found(
        way,
        "reduction_trend",
        rate,
        "share_a_year",
        f"1−exp(Δln y/Δt), n={len(years)} = {_result(rate)}",
    )


NEEDS = {
    "number": lambda way: "" if way.target is not None else "target_not_a_number",
    "way": lambda way: "baseline_meets_target" if way.met_at_start else "",
    "unmet": lambda way: "target_met" if way.met else "",
    "time": lambda way: "past_target_year" if way.left <= 0 else "",
    "annual": lambda way: "" if way.annual else "not_annual",
    "class": lambda way: "baseline_meets_target" if way.met_at_start and not way.met else "",
}
MAKERS: dict[str, tuple[Callable[[Trajectory], Finding], tuple[str, ...]]] = {
    "path_share": (_path_share, ("number", "way")),
    "time_share": (_time_share, ()),
    "pace_ratio": (_pace_ratio, ("number", "way")),
    "required_change": (_required_change, ("number", "unmet", "time")),
    "achieved_change": (_achieved_change, ()),
    "best_pace": (_best_pace, ("number", "unmet", "annual", "time")),
    "open_sdg": (_open_sdg_class, ("annual", "class")),
    "open_sdg_score": (_open_sdg_score, ("annual", "class")),
    "un_chart": (_un_chart, ("annual", "class")),
    "escap_status": (_escap_status, ("number", "class")),
    "escap_anticipated": (_escap_anticipated, ("number", "annual", "class", "time")),
    "reduction_achieved": (_reduction_achieved, ("annual",)),
    "reduction_trend": (_reduction_trend, ("annual",)),
    "reduction_required": (_reduction_required, ("number", "unmet", "annual", "time")),
}

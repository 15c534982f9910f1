"""Every measure of the descriptive panel for one indicator, with its calculation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from wdp_lib.assessment import formulas
from wdp_lib.assessment.case import Case
from wdp_lib.assessment.series import pick
from wdp_lib.forecasting.observations import NOT_ANNUAL
from wdp_lib.plan import Target

FEW_EVENTS = 10  # fewer events than this at either end make no class


@dataclass(frozen=True)
class Trajectory:
    """Start, present and target of one indicator."""

    case: Case
    # years, values: shape (n,): all judged points up to the target year, rising; of a gap its size,
    # of a band the line mirrored (``line + |y - line|``)
    years: np.ndarray
    values: np.ndarray
    start: int  # place of the baseline among them
    target: float | None  # edge of the target where the plan gives a number
    bounds: tuple[float, float] | None  # natural limits of a percentage
    # met, met_at_start: whether the last value and the baseline meet the target
    met: bool
    met_at_start: bool
    measured: str  # how the values were made from those observed, ``""`` where they are the same

    @property
    def below(self) -> bool:
        """Whether the target is a band and the last value lies below its middle."""
        target = self.case.indicator.target
        return target.two_sided and float(self.case.last["value"]) < target.value

    def __post_init__(self):
        target, first_year = self.case.indicator.target, int(self.years[self.start])
        last_year = int(self.years[-1])
        made = {
            "first_year": first_year,
            "last_year": last_year,
            "target_year": target.year,
            "first": float(self.values[self.start]),
            "last": float(self.values[-1]),
            "passed": last_year - first_year,  # years since the baseline
            "whole": target.year - first_year,
            "left": target.year - last_year,
            "improving": target.improving or -1,
            "annual": self.case.indicator.frequency not in NOT_ANNUAL,
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    @cached_property
    def doubt(self) -> str:
        """Code of the reason why values are shown but not classed."""
        ends = self.case.baseline, self.case.last
        few = any(end["numerator"] < FEW_EVENTS for end in ends)
        rare = self.case.indicator.data_kind == "rare_rate"
        return "stale" if self.case.stale else "too_few_events" if rare and few else ""


def trajectory_of(case: Case) -> tuple[Trajectory | None, str]:
    """Return the trajectory of an indicator, or ``None`` and the reason why there is none."""
    target = case.indicator.target
    if not target.line_from:
        return None, "monitor_only"
    if target.line_from == "reference":
        return None, "moving_target"
    if target.statistic not in ("level", "magnitude"):
        return None, "not_a_level"
    if len(case.series["year"]) and case.series["year"][-1] > target.year:
        # what came after the target year belongs to no target of that year
        case = replace(case, series=pick(case.series, case.series["year"] <= target.year))
    hole = _hole(case)
    return (None, hole) if hole else (_trajectory(case), "")


def _hole(case: Case) -> str:
    if case.last is None:
        return "no_data"
    if not len(case.judged["year"]):
        return "estimates_only"
    if int(case.last["year"]) < case.first_year:
        return "before_plan"
    if case.last["denominator"] == 0:
        return "zero_denominator"
    return "no_baseline" if case.baseline is None else ""


def _trajectory(case: Case) -> Trajectory:
    indicator, target = case.indicator, case.indicator.target
    years, observed = case.judged["year"], case.judged["value"]
    values, measured = _comparable(target, observed)
    found = target.range() if target.is_number else None
    kept = np.zeros(len(values), dtype=bool) if found is None else found.contains(observed)
    start = int(np.searchsorted(years, case.baseline["year"]))
    percent = indicator.unit == "percent" and None not in indicator.limits
    return Trajectory(
        case=case,
        years=years,
        values=values,
        start=start,
        target=None if found is None else found.lower if target.improving > 0 else found.upper,
        bounds=indicator.limits if percent and not target.two_sided else None,
        met=bool(kept[-1]),
        met_at_start=bool(kept[start]),
        measured=measured,
    )


def _comparable(target: Target, observed: np.ndarray) -> tuple[np.ndarray, str]:
    """Return values of which more, or less, is better, and how they were made."""
    if target.two_sided:
        # Open SDG turns a band into "less is better" in the same way
        mirrored = target.value + np.abs(observed - target.value)
        return mirrored, f"{target.value:.6g}+|y−{target.value:.6g}|"
    return np.asarray(target.measure(observed)), "|y|" if target.statistic == "magnitude" else ""


ON, OFF = "on_track", "off_track"
SIDE_OF_CLASS = {
    "pace_ratio": {"ahead": ON, "behind": OFF, "reversed": OFF},
    "open_sdg": {
        **dict.fromkeys(("achieved", "substantial"), ON),
        **dict.fromkeys(("moderate", "limited", "deterioration"), OFF),
    },
    "un_chart": {"met": ON, "on_track": ON, "fair": OFF, "stagnation": OFF},
    "escap_anticipated": {"will_meet": ON, "accelerate": OFF, "no_progress": OFF},
    "forecast": {"clear": ON, "blue": ON, "orange": OFF, "red": OFF},
}


class Finding(NamedTuple):
    """One measure: value (NaN where ``reason`` says why), unit, calculation, class."""

    value: float
    unit: str = ""
    trace: str = ""
    name: str = ""
    reason: str = ""


def findings(path: Trajectory) -> dict[str, Finding]:
    """Return every measure of an indicator, by its code, in the order of ``MEASURES``."""
    start, found = given(path), {}
    for code, (make, needs) in MAKERS.items():
        hole = next(filter(None, (NEEDS[need](path) for need in needs)), "")
        one = Finding(np.nan, reason=hole) if hole else make(path)
        if not (np.isfinite(one.value) or one.name or one.reason):
            one = Finding(np.nan, reason="not_positive")
        if one.trace:  # what was computed is shown with the figures it starts from
            one = one._replace(trace=f"{start}: {one.trace}")
        # a rate of zero from no events meets a target only by chance
        shaky = one.name or one.reason == "baseline_meets_target"
        found[code] = one._replace(name="", reason=path.doubt) if path.doubt and shaky else one
    return found


def figure(x: float, digits: int = 6) -> str:
    """Return a number for a trace: six significant digits, a true minus sign."""
    return f"{x + 0.0:.{digits}g}".replace("-", "−")  # adding 0 turns −0 into 0


def _result(x: float) -> str:
    return figure(x, 4)


def _paired(x: float) -> str:
    return f"({figure(x)})" if x < 0 else figure(x)


def _less(a: float, b: float) -> str:
    return f"({figure(a)}−{_paired(b)})"


def given(path: Trajectory) -> str:
    """Return what a trace starts from; a year standing in for the baseline is marked ``≠``."""
    named = path.case.baseline_year
    stands_in = f"≠{named}" if path.first_year != named else ""
    made = f"y:={path.measured}; " if path.measured else ""
    start = f"y₀({path.first_year}{stands_in})={figure(path.first)}"
    known = f"{made}{start}, y({path.last_year})={figure(path.last)}"
    return known if path.target is None else f"{known}, T({path.target_year})={figure(path.target)}"


def _share(first: float, last: float, target: float) -> Finding:
    share = formulas.path_share(first, last, target)
    steps = f"{_less(last, first)}/{_less(target, first)} = {_result(share)}"
    return Finding(share, "share", steps)


def _pace_ratio(path: Trajectory) -> Finding:
    share, time = formulas.path_share(path.first, path.last, path.target), path.passed / path.whole
    name = "ahead" if path.met or share >= time else "behind" if share > 0 else "reversed"
    steps = f"{_result(share)}/{_result(time)} = {_result(share / time)}"
    return Finding(share / time, "ratio", steps, name)


def _change(path: Trajectory, first: float, last: float, years: int) -> Finding:
    change = formulas.required_change(first, last, years)
    steps = f"{_less(last, first)}/{years} = {_result(change)}"
    if path.below:  # of a band seen from below: what comes nearer to it rises
        change, steps = -change, f"{steps}; y<T: {_result(-change)}"
    return Finding(change, path.case.indicator.unit, steps)


def _best_pace(path: Trajectory) -> Finding:
    window = min(path.left, len(path.years) // 2)
    best = formulas.best_pace(path.years, path.values, window, improving=path.improving)
    if np.isnan(best):
        return Finding(np.nan, reason="too_few_points")
    required = formulas.required_change(path.last, path.target, path.left)
    within = path.improving * best >= path.improving * required
    steps = f"k={window}: {_result(best)} {'≥' if best >= required else '<'} {_result(required)}"
    best = -best if path.below else best
    return Finding(
        best, path.case.indicator.unit, steps, "within_best" if within else "beyond_best"
    )


def _growth_steps(first: float, last: float, years: int) -> str:
    rate = formulas.growth_rate(first, last, years)
    return f"({figure(last)}/{figure(first)})^(1/{years})−1 = {_result(rate)}"


def _compared(path: Trajectory, value: float) -> str:
    return f"{figure(value)} {'≥' if path.improving > 0 else '≤'} {figure(path.target)}"


def _limit(path: Trajectory) -> float | None:
    """Natural limit for growth without a target: only upwards, as Statistics Canada uses it."""
    return path.bounds[1] if path.bounds and path.improving > 0 else None


def _classed_by_open_sdg(path: Trajectory) -> formulas.Classed:
    return formulas.open_sdg(
        path.first,
        path.last,
        path.passed,
        improving=path.improving,
        target=path.target,
        target_years=path.whole,
        limit=_limit(path),
    )


def _open_sdg(path: Trajectory) -> Finding:
    """Class by Open SDG; of a target met from the start only the class is said."""
    if path.met_at_start:
        return Finding(np.nan, "", _compared(path, path.last), "achieved")
    found, limit = _classed_by_open_sdg(path), _limit(path)
    steps = _growth_steps(path.first, path.last, path.passed)
    if path.target is not None:
        required = _growth_steps(path.first, path.target, path.whole)
        steps += f"; {required}; R = {_result(found.value)}"
    elif limit is not None:
        factor = formulas.limit_factor(path.first, limit)
        steps += f"; C = 1−({figure(path.first)}/{figure(limit)})^4.44 = {_result(factor)}"
    unit = "ratio" if path.target is not None else "share_a_year"
    # what is met needs no rate of growth
    return Finding(found.value, unit, steps, "achieved" if path.met else found.name)


def _open_sdg_score(path: Trajectory) -> Finding:
    if path.met:
        return Finding(5.0, "score_5", f"{_compared(path, path.last)} → 5")
    found = _classed_by_open_sdg(path)
    name = "R" if path.target is not None else "g"
    steps = f"{name} = {_result(found.value)} → {_result(found.score)}"
    return Finding(found.score, "score_5", steps)


def _un_chart(path: Trajectory) -> Finding:
    if path.met_at_start:
        return Finding(np.nan, "", _compared(path, path.last), "met")
    chart = formulas.un_chart(
        path.first,
        path.last,
        path.passed,
        improving=path.improving,
        target=path.target,
        years_left=path.left,
        bounds=path.bounds,
    )
    steps = _growth_steps(path.first, path.last, path.passed)
    if path.target is None:
        return Finding(chart.value, "share_a_year", steps, chart.name)
    growth = formulas.growth_rate(path.first, path.last, path.passed)
    expected = _less(path.last * (1 + growth) ** path.left, path.first)
    steps += f"; {expected}/{_less(path.target, path.first)} = {_result(chart.value)}"
    return Finding(chart.value, "share", steps, chart.name)


def _escap(path: Trajectory, value: float, names: tuple[str, str, str]) -> Finding:
    """ESCAP's index of a value, with the names of its three classes."""
    index = formulas.escap_index(path.first, value, path.target, improving=path.improving)
    if path.improving * (value - path.target) >= 0:
        steps = f"{_compared(path, value)} → 10"
    else:
        ends = (value, path.first) if path.improving > 0 else (path.first, value)
        distance = f"|{figure(path.target)}−{_paired(path.first)}|"
        steps = f"10×{_less(*ends)}/{distance} = {_result(index)}"
    place = 0 if index > formulas.GOOD else 1 if index > formulas.NONE else 2
    return Finding(index, "score_10", steps, names[place])


def _escap_status(path: Trajectory) -> Finding:
    return _escap(path, path.last, ("near", "slow", "regression"))


def _escap_anticipated(path: Trajectory) -> Finding:
    years, values = path.years[path.start :], path.values[path.start :]
    if path.bounds and ((values <= path.bounds[0]) | (values >= path.bounds[1])).any():
        return Finding(np.nan, reason="at_limit")
    if (values <= 0).any():
        return Finding(np.nan, reason="not_positive")
    if path.bounds:
        slope = _result(formulas.mean_logit_slope(years, values))
        ahead = formulas.go_on_by_logit(years, values, path.target_year)
        steps = f"Σ(Δlogit/Δt)/{len(years) - 1} = {slope}"
        steps += f"; logit⁻¹(logit {figure(path.last)}%+{path.left}×{slope})"
    else:
        ahead = formulas.weighted_growth(years, values, path.target_year)
        steps = f"ln y ~ t, w=({path.target_year}−{path.first_year})/({path.target_year}−t)"
    found = _escap(path, ahead, ("will_meet", "accelerate", "no_progress"))
    return found._replace(trace=f"{steps} → {figure(ahead)}; {found.trace}")


def _reduction(first: float, last: float, years: int) -> Finding:
    rate = formulas.reduction_rate(first, last, years)
    steps = f"1−({figure(last)}/{figure(first)})^(1/{years}) = {_result(rate)}"
    return Finding(rate, "share_a_year", steps)


def _reduction_trend(path: Trajectory) -> Finding:
    years, values = path.years[path.start :], path.values[path.start :]
    if len(years) < 3:
        return Finding(np.nan, reason="too_few_points")
    rate = formulas.reduction_trend(years, values)
    steps = f"1−exp(Δln y/Δt), n={len(years)} = {_result(rate)}"
    return Finding(rate, "share_a_year", steps)


NEEDS = {
    "number": lambda path: "" if path.target is not None else "target_not_a_number",
    "distance": lambda path: "baseline_meets_target" if path.met_at_start else "",
    "unmet": lambda path: "target_met" if path.met else "",
    "time": lambda path: "past_target_year" if path.left <= 0 else "",
    "annual": lambda path: "" if path.annual else "not_annual",
    "class": lambda path: "baseline_meets_target" if path.met_at_start and not path.met else "",
}
MAKERS: dict[str, tuple[Callable[[Trajectory], Finding], tuple[str, ...]]] = {
    "path_share": (lambda p: _share(p.first, p.last, p.target), ("number", "distance")),
    "time_share": (lambda p: _share(p.first_year, p.last_year, p.target_year), ()),
    "pace_ratio": (_pace_ratio, ("number", "distance")),
    "required_change": (
        lambda p: _change(p, p.last, p.target, p.left),
        ("number", "unmet", "time"),
    ),
    "achieved_change": (lambda p: _change(p, p.first, p.last, p.passed), ()),
    "best_pace": (_best_pace, ("number", "unmet", "annual", "time")),
    "open_sdg": (_open_sdg, ("annual", "class")),
    "open_sdg_score": (_open_sdg_score, ("annual", "class")),
    "un_chart": (_un_chart, ("annual", "class")),
    "escap_status": (_escap_status, ("number", "class")),
    "escap_anticipated": (_escap_anticipated, ("number", "annual", "class", "time")),
    "reduction_achieved": (lambda p: _reduction(p.first, p.last, p.passed), ("annual",)),
    "reduction_trend": (_reduction_trend, ("annual",)),
    "reduction_required": (
        lambda p: _reduction(p.last, p.target, p.left),
        ("number", "unmet", "annual", "time"),
    ),
}
MEASURES = tuple(MAKERS)

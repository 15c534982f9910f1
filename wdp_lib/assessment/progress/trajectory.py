"""The trajectory of one indicator: where it started, where it stands, where the target lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from wdp_lib.assessment.risk.case import Case
from wdp_lib.assessment.series import pick
from wdp_lib.forecasting.observations import NOT_ANNUAL
from wdp_lib.plan import Target

FEW_EVENTS = 10  # fewer events than this at either end make no class


@dataclass(frozen=True)
class Trajectory:
    """Start, present and target of one indicator.

    Parameters
    ----------
    years, values : numpy.ndarray, shape (n,)
        All judged points up to the target year, rising; of a gap its size, of a band the line
        mirrored (``line + |y - line|``).
    start : int
        Place of the baseline among them.
    target : float or None
        Edge of the target where the plan gives a number.
    bounds : tuple of float or None
        Natural limits of a percentage.
    met, met_at_start : bool
        Whether the last value and the baseline meet the target.
    measured : str
        How the values were made from those observed, ``""`` where they are the same.
    """

    case: Case
    years: np.ndarray
    values: np.ndarray
    start: int
    target: float | None
    bounds: tuple[float, float] | None
    met: bool
    met_at_start: bool
    measured: str

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

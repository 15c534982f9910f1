"""The trajectory of one indicator: where it started, where it stands, where the target lies."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    named_year : int
        Baseline year of the plan, for which a neighbour may stand in.
    target : float or None
        Edge of the target where the plan gives a number.
    bounds : tuple of float or None
        (0, 100) for a percentage that ends there.
    met, met_at_start : bool
        Whether the last value and the baseline meet the target.
    annual : bool
        Whether the values come yearly; else no growth is drawn on.
    doubt : str
        Code of the reason why values are shown but not classed, ``""`` otherwise.
    measured : str
        How the values were made from those observed, ``""`` where they are the same.
    """

    years: np.ndarray
    values: np.ndarray
    start: int
    named_year: int
    target: float | None
    target_year: int
    improving: int
    unit: str
    bounds: tuple[float, float] | None
    met: bool
    met_at_start: bool
    annual: bool
    doubt: str
    measured: str = ""

    def __post_init__(self):
        first_year, last_year = int(self.years[self.start]), int(self.years[-1])
        made = {
            "first_year": first_year,
            "last_year": last_year,
            "first": float(self.values[self.start]),
            "last": float(self.values[-1]),
            "passed": last_year - first_year,  # years since the baseline
            "whole": self.target_year - first_year,
            "left": self.target_year - last_year,
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)


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
    percent = (indicator.unit, indicator.lower_bound, indicator.upper_bound) == ("percent", 0, 100)
    edge = None if found is None else found.lower if target.improving > 0 else found.upper
    return Trajectory(
        years=years,
        values=values,
        start=start,
        named_year=case.baseline_year,
        target=edge,
        target_year=target.year,
        improving=target.improving or -1,
        unit=indicator.unit,
        bounds=(0.0, 100.0) if percent and not target.two_sided else None,
        met=bool(kept[-1]),
        met_at_start=bool(kept[start]),
        annual=indicator.frequency not in NOT_ANNUAL,
        doubt="stale" if case.stale else _few_events(case),
        measured=measured,
    )


def _comparable(target: Target, observed: np.ndarray) -> tuple[np.ndarray, str]:
    """Return values of which more, or less, is better, and how they were made."""
    if target.two_sided:
        # Open SDG turns a band into "less is better" in the same way
        mirrored = target.value + np.abs(observed - target.value)
        return mirrored, f"{target.value:.6g}+|y−{target.value:.6g}|"
    return np.asarray(target.measure(observed)), "|y|" if target.statistic == "magnitude" else ""


def _few_events(case: Case) -> str:
    few = any(end["numerator"] < FEW_EVENTS for end in (case.baseline, case.last))
    return "too_few_events" if case.indicator.data_kind == "rare_rate" and few else ""

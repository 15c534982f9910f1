"""A plan as data, and each of its targets as a range of values."""

from __future__ import annotations

from wdp_lib.plan.load import load_plan, plan_names, read_plan
from wdp_lib.plan.model import (
    Commitment,
    Domain,
    Goal,
    Indicator,
    Measure,
    Plan,
    Project,
    Source,
    Unit,
)
from wdp_lib.plan.target import KINDS, Range, Target

__all__ = [
    "KINDS",
    "Commitment",
    "Domain",
    "Goal",
    "Indicator",
    "Measure",
    "Plan",
    "Project",
    "Range",
    "Source",
    "Target",
    "Unit",
    "load_plan",
    "plan_names",
    "read_plan",
]

"""Milestones (阶段性目标): values that a plan names for years before its last, judged as such."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from wdp_lib.assessment.risks import assess
from wdp_lib.core.columns import RISKS, conform
from wdp_lib.plan import Indicator, Plan


def milestones_of(indicator: Indicator) -> dict[int, float]:
    """Return the numbers that the plan names for years before that of the target."""
    target = indicator.target
    if not target.is_number:
        return {}
    return {y: value for y, value in target.milestones if target.year is None or y < target.year}


def assess_milestones(
    forecasts: pd.DataFrame, observations: pd.DataFrame, plan: Plan, **settings: Any
) -> pd.DataFrame:
    """Judge every milestone like a target of its own year: over, by that year's value alone.

    ``**settings``: as for `assess`. Returns one row a milestone (contract ``RISKS``;
    ``target_year`` is its year), by year.
    """
    lines = {i.id: milestones_of(i) for i in plan.indicators}
    rows = [pd.DataFrame(columns=RISKS.names)]
    for year in sorted({year for named in lines.values() for year in named}):
        own = [name for name, named in lines.items() if year in named]
        changed = tuple(
            replace(i, target=replace(i.target, value=lines[i.id][year], year=year))
            if i.id in own
            else i
            for i in plan.indicators
        )
        found = assess(forecasts, observations, replace(plan, indicators=changed), **settings)
        rows.append(found[found["indicator"].isin(own)])
    return conform(pd.concat(rows[1:] or rows), RISKS)

"""What is true in the simulated county, beside what its departments return."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.plan import Indicator, Plan
from wdp_lib.simulate.specification import Series

COLUMNS = ["indicator", "area", "sex", "age_group", "residence", "year"]
COLUMNS += ["true_level", "linked_level", "trend", "met_in_target_year"]


def trend_class(series: Series) -> str:
    """Return the kind of path: its own word, or of a plain one rising, falling, flat, ceiling."""
    word = series.path.partition("_")[0]
    if series.family == "fixed":
        return "steps"
    if word in ("break", "step", "turn"):
        return {"break": "break", "step": "jump", "turn": "turning"}[word]
    if series.shock >= 0.1 and series.link != "plain":
        return "volatile"
    if series.link == "logit" and min(series.level_2015, series.level_2030) >= 96:
        return "ceiling"
    if series.link == "logit" and word == "early" and series.level_2030 >= 95:
        return "saturating"
    change = series.level_2030 / series.level_2015 - 1
    if abs(change) < 0.03:
        return "flat"
    return "rising" if change > 0 else "falling"


def truth_table(cells: pd.DataFrame, series: tuple[Series, ...], plan: Plan) -> pd.DataFrame:
    """Return true levels of each series and year, its trend, and whether its target is met."""
    by_id = dict(list(cells.groupby("indicator", sort=False)))
    met = {s.indicator.id: _met(s.indicator, by_id, plan) for s in series}
    trends = {s.indicator.id: trend_class(s) for s in series}
    table = cells.assign(trend=cells["indicator"].map(trends), met_in_target_year="")
    own = pd.concat([_own(by_id[name], plan.indicator(name), plan.area) for name in by_id]).index
    table.loc[own, "met_in_target_year"] = table.loc[own, "indicator"].map(met)
    for column in ("true_level", "linked_level"):
        table[column] = [f"{level:.6g}" for level in table[column]]
    return table[COLUMNS].reset_index(drop=True)


def _own(cells: pd.DataFrame, indicator: Indicator, area: str | None = None) -> pd.DataFrame:
    fits = (cells["sex"] == indicator.sex) & (cells["residence"] == indicator.residence)
    return cells[fits & (cells["area"] == area)] if area else cells[fits]


def _met(indicator: Indicator, by_id: dict[str, pd.DataFrame], plan: Plan) -> str:
    target, rows = indicator.target, _own(by_id[indicator.id], indicator)
    levels = rows[rows["area"] == plan.area].set_index("year")["linked_level"]
    if target.statistic == "lowest_area":
        levels = rows[rows["area"] != plan.area].groupby("year")["linked_level"].min()
    last = target.year or plan.last_year
    reference = None
    if target.reference in by_id:
        other = _own(by_id[target.reference], plan.indicator(target.reference), plan.area)
        reference = float(other.set_index("year")["linked_level"][last])
    allowed = target.range(baseline=float(levels[plan.baseline_year]), reference=reference)
    if allowed is None:
        return ""
    years = range(plan.first_year, last + 1) if target.every_year else [last]
    kept = allowed.contains(target.measure(levels.loc[list(years)].to_numpy()))
    return "yes" if np.all(kept) else "no"

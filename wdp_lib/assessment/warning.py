"""Early warning (监测预警): what triggers each rule, by how much, and what clears it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from wdp_lib.assessment.case import Case, Collected
from wdp_lib.assessment.formulas import required_change
from wdp_lib.assessment.scheme import CLASSES, GRADES, HARD, RULES, Scheme, load_scheme
from wdp_lib.assessment.series import pick
from wdp_lib.assessment.volatility import (
    MATERIAL,
    Volatility,
    residuals,
    volatility,
    xmr_limits,
)
from wdp_lib.core.columns import OBSERVATIONS, RISKS, Contract, conform
from wdp_lib.data import current
from wdp_lib.forecasting.trends.trend import trend_probability
from wdp_lib.plan import Plan

WARNINGS = Contract(
    "warnings",
    """
    indicator area axis rule level level_zh level_en figure threshold clears_when clears_at
    needed_next clears_next last_year last_value grade units source simulated
    """,
)

CHANGES = Contract(
    "class_changes",
    """
    indicator change risk_before risk p_before p_meet state_before state last_year_before last_year
    """,
)

MET = ("attained", "nearly")


class Triggered(NamedTuple):
    """A rule that was triggered."""

    rule: str
    figure: float
    threshold: float
    clears_at: float


@dataclass(frozen=True)
class Facts:
    """What the rules look at."""

    case: Case
    risk: dict  # row of the risk table
    # its states in the rounds looked at, the oldest first, this round last
    history: tuple[str, ...]
    newest: int  # newest year of which the data set has any value

    @cached_property
    def volatility(self) -> Volatility:
        """How strongly the series fluctuates."""
        points = self.case.scheme.volatility_points
        return volatility(self.case.series, self.case.indicator, points)

    @property
    def line(self) -> float:
        """Edge of the target that is nearest to being crossed, or was crossed."""
        lower, upper = self.risk["target_lower"], self.risk["target_upper"]
        if np.isnan(lower) or np.isnan(upper):
            return lower if np.isnan(upper) else upper
        value = self.risk["last_value"]
        return lower if abs(value - lower) <= abs(value - upper) else upper

    @property
    def needed_change(self) -> float:
        """Change a year needed to come to the line by the target year, or missing."""
        last, due = self.risk["last_year"], self.risk["target_year"]
        of_level = (
            self.case.indicator.target.statistic == "level"
            and self.risk["quantity"] != "underlying_rate"
        )
        if not of_level or not self.risk["margin"] < 0 or pd.isna(last) or due <= last:
            return np.nan
        return required_change(self.risk["last_value"], self.line, int(due) - int(last))


def triggered(facts: Facts) -> Iterator[Triggered]:
    """Yield every rule that is triggered: hard to reach, strongly fluctuating, weak data."""
    yield from _hard_to_reach(facts)
    yield from _volatile(facts)
    if facts.risk["target_kind"] != "monitor_only":
        yield from _weak_data(facts)


def _hard_to_reach(facts: Facts) -> Iterator[Triggered]:
    risk, scheme = facts.risk, facts.case.scheme
    if risk["risk"] in GRADES:
        p = risk["p_meet"] if np.isnan(risk["p_not_short"]) else risk["p_not_short"]
        missing, edge = round(1 - p, 9), getattr(scheme, risk["risk"])
        yield Triggered("probability_of_missing", missing, edge, scheme.blue)
    if risk["dips"]:
        yield _dipped(facts)
    if facts.case.indicator.target.statistic == "lowest_area" and risk["margin"] < 0:
        line = risk["target_lower"]
        yield Triggered("area_below_line", line + risk["margin"], line, line)
    if _getting_worse(facts):
        lower = risk["target_lower"]
        line = facts.line if np.isnan(lower) else lower
        yield Triggered("getting_worse", risk["last_value"], line, np.nan)


def _getting_worse(facts: Facts) -> bool:
    """Whether a level inside its target has moved towards the line ever since the baseline."""
    case, target = facts.case, facts.case.indicator.target
    if target.statistic != "level" or target.line_from in ("", "baseline"):
        return False
    if case.last is None or not facts.risk["margin"] >= 0:
        return False
    since = pick(case.judged, case.judged["year"] >= case.baseline_year)
    towards = -1 if target.two_sided else -target.improving  # above a band is no shortfall
    p = trend_probability(since["year"], since["value"], direction=towards)
    enough = len(since["year"]) >= case.scheme.direction_points
    open_yet = int(case.last["year"]) < target.year
    return open_yet and enough and p >= case.scheme.falling_confidence


def _dipped(facts: Facts) -> Triggered:
    judged = facts.case.judged
    values = dict(zip(judged["year"].tolist(), judged["value"].tolist(), strict=True))
    years = [int(year) for year in facts.risk["dips"].split(";")]
    if years[-1] == facts.risk["last_year"]:
        return Triggered("below_held_line", values[years[-1]], facts.line, facts.line)
    worst = min(years, key=lambda year: facts.case.target_range.margin(values[year]))
    # a year that was lost stays lost: the row stands until the plan ends
    return Triggered("dipped_before", values[worst], facts.line, np.nan)


def _volatile(facts: Facts) -> Iterator[Triggered]:
    found, needed, scheme = facts.volatility, abs(facts.needed_change), facts.case.scheme
    if found.kind == "volatile":
        yield Triggered(found.reason, found.figure, found.threshold, found.threshold)
    # what is not judged, or is what small numbers give by themselves, triggers no more
    if found.reason not in ("too_few_points", "small_numbers"):
        yield from _unsure(facts, found, needed)
    judged = [state in MET for state in facts.history if state != "not_assessable"]
    judged = judged[-scheme.status_vintages :]
    flips = sum(a != b for a, b in zip(judged, judged[1:], strict=False))
    if flips >= scheme.status_flips:
        yield Triggered("status_flips", flips, scheme.status_flips, scheme.status_flips - 1)


def _unsure(facts: Facts, found: Volatility, needed: float) -> Iterator[Triggered]:
    risk, scheme = facts.risk, facts.case.scheme
    # as large as the change needed each year, every second change reversed
    large = found.spread >= max(needed, MATERIAL * abs(risk["last_value"]))
    of_number = facts.case.indicator.target.is_number and not np.isnan(needed)
    if of_number and large and found.reversals >= 0.5:
        yield Triggered("residual_spread", found.spread, needed, needed)
    # near one half, the line inside the limits of the series: each year hits or misses it
    if scheme.hit_or_miss_low <= risk["p_meet"] <= scheme.hit_or_miss_high:
        years, values = (facts.case.series[name][-10:] for name in ("year", "value"))
        limits = xmr_limits(residuals(years.astype(float), values))
        reach, distance = limits.upper - limits.mean, abs(risk["margin"])
        if distance <= reach:
            yield Triggered("hit_or_miss", distance, reach, reach)


def _weak_data(facts: Facts) -> Iterator[Triggered]:
    """Yield why a target cannot be judged, or only for the time being, for want of data."""
    newest = facts.newest
    if facts.case.last is None:
        yield Triggered("no_data", np.nan, newest, newest)
        return
    last = int(facts.case.last["year"])
    if facts.risk["stale"]:
        yield Triggered("stale", last, newest, newest)
    if not len(facts.case.judged["year"]):
        yield Triggered("estimates_only", last, newest, newest)
    elif facts.case.last["status"] == "provisional":
        yield Triggered("provisional", last, last, last)


_OF_RISK = ("indicator", "area", "last_year", "last_value", "grade", "source", "simulated")
_JUDGED = (  # what the rules look at
    *("target_kind", "target_lower", "target_upper", "target_year", "margin", "state", "risk"),
    *("p_meet", "p_not_short", "quantity", "dips", "stale"),
)
_CHANGES = ("worse", "better", "newly_graded", "no_longer_graded", "verdict_only")


def warnings(
    risks: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    *,
    scheme: Scheme | None = None,
    earlier: Sequence[pd.DataFrame] = (),
    clearing: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """List every triggered rule of early warning: hard to reach, fluctuating, weak data.

    The three stand side by side and are never averaged. Spread that binomial or Poisson sampling
    explains triggers no rule of fluctuation. A target without data, with old data or with estimates
    alone is grey, neither good nor bad.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``) of this round.
    observations : pandas.DataFrame
        The observations it was made from (contract ``OBSERVATIONS``).
    scheme : Scheme, optional
        Thresholds and colours; ``data/schemes/default.yaml`` unless given.
    earlier : sequence of pandas.DataFrame, optional
        Archived risk tables of earlier rounds, the oldest first, for changes of the verdict;
        without them that rule cannot be triggered.
    clearing : pandas.DataFrame, optional
        From `clearing_values`: what next year's value must be for the warning to clear.

    Returns
    -------
    pandas.DataFrame
        One row an indicator and rule (contract ``WARNINGS``), in the plan's order, within it by
        axis. ``figure`` and ``threshold`` have the unit of the rule: a probability of missing, a
        value of the indicator, a number of changes, or a year. Colour and figure of a target with
        two edges stand on falling short alone.
    """
    scheme = scheme or load_scheme()
    judged = conform(risks, RISKS)[list(dict.fromkeys(_OF_RISK + _JUDGED))]
    table = {row["indicator"]: row for row in judged.to_dict("records")}
    states = [
        dict(zip(old["indicator"], old["state"], strict=True))
        for old in (conform(table, RISKS) for table in earlier)
    ]
    used = current(conform(observations, OBSERVATIONS))
    newest = int(used["year"].max()) if len(used) else plan.baseline_year
    used = used[used["area"] == plan.area]  # what the rules look at
    rows = []
    for case in Collected(used, plan, areas=[plan.area]).cases(plan, newest, scheme):
        name, risk = case.indicator.id, table[case.indicator.id]
        history = (*(old[name] for old in states if name in old), risk["state"])
        facts = Facts(case, risk, history, newest)
        rows += [_row(facts, found) for found in triggered(facts)]
    found = pd.DataFrame({name: [row.get(name) for row in rows] for name in WARNINGS.names})
    if clearing is not None:
        solved = found["indicator"].map(clearing.set_index("indicator")["clears_next"])
        found["clears_next"] = solved.where(found["rule"] == "probability_of_missing")
    return conform(found, WARNINGS)


def _row(facts: Facts, found: Triggered) -> dict:
    risk, scheme = facts.risk, facts.case.scheme
    axis, clears_when = RULES[found.rule]
    level = scheme.rule_levels.get(found.rule, risk["risk"])
    needed = facts.needed_change if axis == HARD else np.nan
    return {
        **{name: risk[name] for name in _OF_RISK},
        "axis": axis,
        "rule": found.rule,
        "level": level,
        "level_zh": scheme.levels[level].zh,
        "level_en": scheme.levels[level].en,
        "figure": found.figure,
        "threshold": found.threshold,
        "clears_when": clears_when,
        "clears_at": found.clears_at,
        "needed_next": risk["last_value"] + needed,
        "units": ";".join(facts.case.indicator.lead_units),
    }


def class_changes(risks: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """List the targets whose class or state is not what it was in the last round.

    One row a target that changed (contract ``CHANGES``), the worsened first; indicators that only
    one of the two risk tables has are left out.
    """
    columns = ["indicator", "risk", "p_meet", "state", "last_year"]
    before = conform(earlier, RISKS)[columns].rename(columns={"p_meet": "p"}).add_suffix("_before")
    both = conform(risks, RISKS)[columns].merge(
        before, left_on="indicator", right_on="indicator_before"
    )
    changed = both[(both["risk"] != both["risk_before"]) | (both["state"] != both["state_before"])]
    was, now = (changed[name].map(CLASSES.index) for name in ("risk_before", "risk"))
    ungraded = CLASSES.index("not_graded")
    kinds = np.select(
        [was == now, was == ungraded, now == ungraded, now < was],
        ["verdict_only", "newly_graded", "no_longer_graded", "worse"],
        "better",
    )
    order = np.argsort([_CHANGES.index(kind) for kind in kinds], kind="stable")
    return conform(changed.assign(change=kinds).iloc[order], CHANGES)

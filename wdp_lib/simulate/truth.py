"""What is true in the simulated county, and what a final evaluation of it must find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wdp_lib.plan import Indicator, Plan
from wdp_lib.simulate.specification import Series

COLUMNS = ["indicator", "area", "sex", "age_group", "residence", "year"]
COLUMNS += ["true_level", "linked_level", "trend", "met_in_target_year"]
VERDICT_COLUMNS = ["indicator", "verdict", "why"]
FIGURES = ["indicator", "area", "sex", "residence", "order_year", "as_of", "status"]
FIGURES += ["value", "numerator", "denominator"]
TERM_YEARS = 5
SURE = 0.9
Z_SURE = 1.2816  # 90 % of a normal law lie below
FEW_EVENTS = 10
FEW_TRIALS = 30
DIRECTION_POINTS = 5


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


@dataclass(frozen=True)
class Figures:
    """What the final round knows of one indicator."""

    own: pd.DataFrame  # its own stratum in the plan's area, one row a year, rising
    towns: pd.DataFrame  # the same stratum in the towns

    @property
    def last(self) -> pd.Series:
        """Row of the last year."""
        return self.own.iloc[-1]


def planted_verdicts(
    records: pd.DataFrame, breaks: pd.DataFrame, plan: Plan, as_known: str
) -> pd.DataFrame:
    """Return the verdict that a final evaluation must reach for each target of the plan.

    Figures are those the departments hold, before any fault is planted in the returns, known by the
    day given. A target with a number, or relative to another indicator, is met when the figure of
    the target year keeps it. A direction is met when the Mann-Kendall test shows it with 90 % on
    the figures from the baseline on; of an elected body, when its last election beats the one in
    force in the baseline year. Planted as not assessable: no figure for the target year (for an
    elected body: no term in force then), estimates, a body of one seat, a direction that is not
    shown, and rare events unless the exact 80 % interval of all years from the baseline on lies on
    one side of the line.
    """
    rows = _known_figures(records.loc[records["as_of"] <= as_known, FIGURES], plan)
    figures = {i.id: _figures(rows[i.id], plan, breaks) for i in plan.indicators if i.id in rows}
    targeted = [i for i in plan.indicators if i.target.line_from]
    verdicts = [(i.id, *_verdict(i, figures, plan)) for i in targeted]
    return pd.DataFrame(verdicts, columns=VERDICT_COLUMNS)


def _known_figures(known: pd.DataFrame, plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the latest figures of each indicator's own stratum, in all areas, rising."""
    key = ["indicator", "area", "sex", "residence", "order_year"]
    last = known.sort_values("as_of", kind="stable").drop_duplicates(key, keep="last")
    own = [tuple(i.stratum[name] for name in ("sex", "residence")) for i in plan.indicators]
    own = dict(zip((i.id for i in plan.indicators), own, strict=True))
    given = zip(last["sex"], last["residence"], strict=True)
    same = [a == own[b] for a, b in zip(given, last["indicator"], strict=True)]
    numbers = {n: pd.to_numeric(last[n]) for n in ("value", "numerator", "denominator")}
    last = last.assign(year=last["order_year"].astype(int), **numbers)[same]
    return dict(list(last.sort_values("year").groupby("indicator", sort=False)))


def _figures(numbers: pd.DataFrame, plan: Plan, breaks: pd.DataFrame) -> Figures:
    inside = numbers["area"] == plan.area
    indicator = plan.indicator(numbers["indicator"].iloc[0])
    own = _one_definition(numbers[inside], indicator, breaks).reset_index(drop=True)
    return Figures(own, numbers[~inside])


def _one_definition(own: pd.DataFrame, indicator: Indicator, breaks: pd.DataFrame) -> pd.DataFrame:
    for change in breaks.itertuples():
        if change.indicator != indicator.id:
            continue
        before = own["year"] < int(change.year)
        if not change.link_factor:
            return own[~before]
        own = own.assign(
            value=own["value"].where(~before, own["value"] * float(change.link_factor))
        )
    return own


def _verdict(indicator: Indicator, figures: dict[str, Figures], plan: Plan) -> tuple[str, str]:
    target = indicator.target
    mine = figures.get(indicator.id)
    hole = _hole(indicator, mine)
    if hole:
        return "not_assessable", hole
    few = _few_events(indicator, mine.own)
    if few and target.is_number:
        return _pooled(indicator, mine.own[mine.own["year"] >= plan.baseline_year])
    if target.line_from == "baseline":
        if few and indicator.data_kind == "rare_rate":
            return "not_assessable", "few_events"
        return _direction(indicator, mine.own, plan)
    value = mine.last["value"]
    if target.statistic == "lowest_area":
        value = mine.towns.loc[mine.towns["year"] == mine.last["year"], "value"].min()
    other = figures.get(target.reference)
    allowed = target.range(reference=None if other is None else float(other.last["value"]))
    return ("met" if allowed.contains(value) else "not_met"), "value"


def _hole(indicator: Indicator, figures: Figures | None) -> str:
    if figures is None or figures.own.empty:
        return "no_return"
    last, due = figures.last, indicator.target.year
    in_force = TERM_YEARS if indicator.frequency == "term" else 1
    if not last["year"] <= due < last["year"] + in_force:
        return "no_return"
    if last["status"] == "estimated":
        return "estimate"
    return "one_seat" if indicator.frequency == "term" and last["denominator"] == 1 else ""


def _few_events(indicator: Indicator, own: pd.DataFrame) -> bool:
    counted = own.dropna(subset=["numerator", "denominator"])
    if counted.empty or indicator.frequency == "term" or indicator.data_kind in ("share", "count"):
        return False
    if indicator.data_kind == "rare_rate":
        return counted["numerator"].mean() < FEW_EVENTS
    return indicator.small_numbers == "yes" and counted["denominator"].mean() < FEW_TRIALS


def _pooled(indicator: Indicator, since: pd.DataFrame) -> tuple[str, str]:
    """Verdict by the exact interval of all years together: Poisson, of a percentage binomial."""
    from scipy.stats import beta, chi2

    n, d, tail = since["numerator"].sum(), since["denominator"].sum(), 1 - SURE
    if indicator.unit == "percent":
        ends = (
            beta.ppf(tail, n, d - n + 1) if n else 0.0,
            beta.ppf(SURE, n + 1, d - n) if n < d else 1.0,
        )
    else:
        ends = (chi2.ppf(tail, 2 * n) / 2 / d if n else 0.0, chi2.ppf(SURE, 2 * n + 2) / 2 / d)
    kept = indicator.target.range().contains(np.array(ends) * (indicator.multiplier or 1.0))
    if kept.all():
        return "met", "rate"
    return ("not_assessable", "few_events") if kept.any() else ("not_met", "rate")


def _direction(indicator: Indicator, own: pd.DataFrame, plan: Plan) -> tuple[str, str]:
    if indicator.frequency == "term":
        return _election(indicator, own, plan)
    since = own[(own["year"] >= plan.baseline_year) & (own["status"] != "estimated")]
    if len(since) < DIRECTION_POINTS:
        return "not_assessable", "few_points"
    z = _mann_kendall(indicator.target.measure(since["value"]).to_numpy())
    if abs(z) < Z_SURE:
        return "not_assessable", "not_shown"
    return ("met" if z * indicator.target.improving > 0 else "not_met"), "direction"


def _mann_kendall(values: np.ndarray) -> float:
    """Kendall's (1975) normal statistic with correction for ties and continuity."""
    n, ties = len(values), np.unique(values, return_counts=True)[1]
    score = int(np.sign(values[None, :] - values[:, None])[np.triu_indices(n, k=1)].sum())
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    return np.sign(score) * max(abs(score) - 1, 0) / np.sqrt(variance) if variance else 0.0


def _election(indicator: Indicator, own: pd.DataFrame, plan: Plan) -> tuple[str, str]:
    before = own[own["year"] <= plan.baseline_year]
    if before.empty:
        return "not_assessable", "few_points"
    (n0, d0), (n1, d1) = (
        row[["numerator", "denominator"]] for row in (before.iloc[-1], own.iloc[-1])
    )
    gain = (n1 * d0 - n0 * d1) * indicator.target.improving
    return ("met" if gain > 0 else "not_met"), "election"

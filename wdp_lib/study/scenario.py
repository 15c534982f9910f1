"""What if: one target of a study under an assumption, beside what is known; never a verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from wdp_lib.core.columns import OBSERVATIONS, Contract, conform
from wdp_lib.core.dates import data_year
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.data import headline
from wdp_lib.forecasting import forecast_counts
from wdp_lib.forecasting.counts.series import UNDERLYING
from wdp_lib.plan import Indicator
from wdp_lib.publish.charts.outlook import plot_outlook
from wdp_lib.study.store import Store
from wdp_lib.study.worded import in_words

if TYPE_CHECKING:
    from wdp_lib.study.study import Study

AS_KNOWN, ASSUMED = "as_known", "assumed"
WHAT_IF = Contract(
    "what_if",
    """
    case last_year last_value target_lower target_upper target_year state forecast_lower
    forecast_median forecast_upper p_meet p_year risk reason assumption
    """,
)
SAID = {
    "value": Text("{year} 年的值为 {value:g}", "the value of {year} is {value:g}"),
    "numerator": Text(
        "{year} 年分子 {numerator:g}、分母 {denominator:g}",
        "{numerator:g} among {denominator:g} in {year}",
    ),
    "target": Text("目标值改为 {target:g}", "the target is {target:g}"),
    "target_year": Text("目标年份改为 {target_year}", "the target is for {target_year}"),
    "effect": Text(
        "自 {starts} 年起措施使每年的值变化 {effect:+g}",
        "from {starts} on a measure changes each year's value by {effect:+g}",
    ),
    "exposure": Text(
        "今后每年分母（如活产数）为 {exposure:g}",
        "{exposure:g} births or persons in each year to come",
    ),
}
NOTE = Text("假设（不属于正式结论）：", "Assumed (no part of any verdict): ")


@dataclass(frozen=True, repr=False)
class WhatIf:
    """One target as known and under an assumption."""

    assumption: str  # what was assumed, in words; it also stands in every row of the tables
    # two rows (``case``: ``as_known``, ``assumed``) with value, target, forecast of the target
    # year, probability and class; with counts also ``p_year``, the chance that the rate observed in
    # the target year is within the target
    table: pd.DataFrame
    path: pd.DataFrame  # quantiles of each year to come, of both cases
    cases: dict[str, Study]
    indicator: str

    @property
    def study(self) -> Study:
        """The study under the assumption."""
        return self.cases[ASSUMED]

    @cached_property
    def warnings(self) -> pd.DataFrame:
        """Warnings of both cases and what would clear them, searched for when first asked for."""
        return _both(self.cases, lambda s: _own(s.warnings, self.indicator), self.assumption)

    def __repr__(self) -> str:
        shown = self.table.drop(columns="assumption")
        clears = self.warnings[["case", "rule", "clears_when", "clears_at", "clears_next"]]
        parts = [in_words(one, self.study.context).texts.T for one in (shown, clears) if len(one)]
        return "\n\n".join([self.assumption, *(part.to_string(header=False) for part in parts)])

    def plot(self) -> Any:
        """Draw the path under the assumption, which stands below it; return the axes."""
        study = self.study
        axes = plot_outlook(study.forecasts, study.observations, study.context, self.indicator)
        axes.figure.text(0.02, 0.02, self.assumption, fontsize=8)
        return axes


def what_if(
    study: Study,
    indicator: str,
    *,
    value: float | None = None,
    year: int | None = None,
    numerator: float | None = None,
    denominator: float | None = None,
    target: float | None = None,
    target_year: int | None = None,
    effect: float | None = None,
    starts: int | None = None,
    exposure: float | None = None,
) -> WhatIf:
    """Judge one target under an assumption; see `wdp_lib.Study.what_if`."""
    entry = study.plan.indicator(indicator)
    known = alone(study, entry)
    rows = headline(study.observations, known.plan)
    rows = rows[rows["indicator"] == entry.id]
    last = rows.iloc[-1] if len(rows) else None
    year = year or (int(last["year"]) + 1 if last is not None else study.year)
    if numerator is not None and denominator is None and last is not None:
        denominator = last["denominator"]
    starts = starts or year
    given = {"value": value, "numerator": numerator, "target": target, "target_year": target_year}
    given |= {"effect": effect, "exposure": exposure}
    given = {name: one for name, one in given.items() if one is not None}
    filled = given | {"year": year, "denominator": denominator, "starts": starts}
    _refuse(entry, known, given, filled)
    said = [Text(*(one.format(**filled) for one in vars(SAID[name]).values())) for name in given]
    assumption = study.context.text(NOTE) + study.context.joined(
        map(study.context.text, said), clauses=True
    )
    changed = known
    if {"target", "target_year"} & set(given):
        changed = _with_target(changed, entry, target, target_year)
    if {"value", "numerator"} & set(given):
        changed = _with_value(changed, entry, last, filled)
    if effect is not None:
        changed = _with_effect(changed, entry, effect, starts)
    cases = {AS_KNOWN: known, ASSUMED: changed}
    table = _both(cases, lambda s: _own(s.risks, entry.id), assumption)
    lots = (None, exposure)
    chances = [_p_year(one, entry, n) for one, n in zip(cases.values(), lots, strict=True)]
    table = conform(table.assign(p_year=chances), WHAT_IF)
    path = _both(cases, lambda s: _path(s, entry), assumption)
    return WhatIf(assumption, table, path, cases, entry.id)


def _own(table: pd.DataFrame, indicator: str) -> pd.DataFrame:
    return table[table["indicator"] == indicator]


def alone(study: Study, entry: Indicator) -> Study:
    """Return the study of one indicator and those its target refers to, computed by itself."""
    study = study.whole or study  # what a target refers to may be outside of a part
    apart: dict[str, Any] = {"whole": None, "folder": None, "earlier_round": ""}
    return replace(study, plan=study.plan.part([entry.id]), results={}, store=Store(None), **apart)


def _refuse(entry: Indicator, known: Study, given: dict, filled: dict) -> None:
    counted = set(known.forecasts["model"]) & set(UNDERLYING)
    faults = {
        "nothing": (not given, "没有给出任何假设。", "Nothing is assumed."),
        "line": (
            "target" in given and not entry.target.is_number,
            "该指标的目标不是一个数。",
            "The target of this indicator is no number.",
        ),
        "counts": (
            "value" in given and counted,
            "该指标按计数预测，请给出 numerator=（和 denominator=），而不是 value=。",
            "It is forecast from counts: give numerator= (and denominator=), not value=.",
        ),
        "no_counts": (
            "exposure" in given and not counted,
            "该指标不按计数预测，分母不起作用。",
            "It is not forecast from counts; births or persons change nothing.",
        ),
        "denominator": (
            "numerator" in given
            and not (filled["denominator"] or 0) > 0
            or "numerator" in given
            and entry.multiplier is None,
            "请给出 denominator=；该指标须由分子、分母得出。",
            "Give denominator=; the indicator must be a quotient.",
        ),
    }
    for wrong, zh, en in faults.values():
        if wrong:
            raise ParameterError.of(zh, en)


def _with_target(study: Study, entry: Indicator, value: float | None, year: int | None) -> Study:
    target = replace(entry.target, year=year or entry.target.year)
    target = target if value is None else replace(target, value=value)
    changed = [
        replace(one, target=target) if one.id == entry.id else one for one in study.plan.indicators
    ]
    plan = replace(study.plan, indicators=tuple(changed))
    return replace(study, plan=plan, through=max(study.through, target.year or 0), results={})


def _with_value(study: Study, entry: Indicator, last: pd.Series | None, filled: dict) -> Study:
    """Add a value that is known in the year after its own; the study moves there."""
    year, table = filled["year"], study.observations
    key = {"indicator": entry.id, "area": study.plan.area} | entry.stratum
    if last is None:
        raise ParameterError.of("该指标没有任何数据。", "The indicator has no value at all.")
    row = last.to_dict() | key | {"year": year, "status": "final", "series_break": ""}
    row |= {"numerator": np.nan, "denominator": np.nan, "value": filled.get("value")}
    if "numerator" in filled:
        counts = {name: filled[name] for name in ("numerator", "denominator")}
        row |= counts | {"value": entry.multiplier * counts["numerator"] / counts["denominator"]}
    as_of = max(study.as_of, f"{year + 1}{study.as_of[4:]}")
    row |= {"as_of": as_of, "source": ""}
    same = (table[list(key)] == pd.Series(key)).all(axis=1) & (table["year"] == year)
    table = pd.concat([table[~same], pd.DataFrame([row])[table.columns]], ignore_index=True)
    data = replace(study.data, observations=conform(table, OBSERVATIONS))
    return replace(study, data=data, as_of=as_of, year=data_year(as_of), results={})


def _with_effect(study: Study, entry: Indicator, effect: float, starts: int) -> Study:
    """Shift what is forecast from a year on, within the natural limits."""
    changed = replace(study, results={})
    for name in ("forecasts", "paths"):
        table = getattr(study, name)
        hit = (table["indicator"] == entry.id) & (table["year"] >= starts).fillna(False)
        moved = (table["value"] + effect).clip(entry.lower_bound, entry.upper_bound)
        changed.results[name] = table.assign(value=table["value"].mask(hit.astype(bool), moved))
    return changed


def _path(study: Study, entry: Indicator) -> pd.DataFrame:
    return _own(study.forecasts, entry.id)[["year", "quantile", "value", "reason"]]


def _p_year(study: Study, entry: Indicator, exposure: float | None) -> float:
    """Return the chance that the rate observed in the target year is within the target."""
    entry = study.plan.indicator(entry.id)  # its target may be assumed
    rows = headline(study.observations, study.plan)
    model = study.forecasts.loc[study.forecasts["indicator"] == entry.id, "model"].iloc[0]
    inside = entry.target.range() if entry.target.is_number else None
    if inside is None or model not in UNDERLYING:
        return np.nan
    made = forecast_counts(
        rows[rows["indicator"] == entry.id],
        through=max(study.through, entry.target.year or 0),
        multiplier=entry.multiplier or 1,
        law=model,
        at_most=inside.upper if np.isfinite(inside.upper) else None,
        at_least=inside.lower if np.isfinite(inside.lower) else None,
        exposure=exposure,
    )
    return float(made.loc[made["year"] == entry.target.year, "p_year"].iloc[0])


def _both(cases: dict[str, Study], table_of: Any, assumption: str) -> pd.DataFrame:
    parts = [table_of(study).assign(case=case) for case, study in cases.items()]
    table = pd.concat(parts, ignore_index=True)
    said = np.where(table["case"] == ASSUMED, assumption, "")
    return table[["case", *table.columns.drop("case")]].assign(assumption=said)

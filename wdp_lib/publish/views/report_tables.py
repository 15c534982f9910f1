"""Result tables in words: what a report shows of the risk, verdict, rate and forecast tables."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.plan import Goal, Plan
from wdp_lib.publish.text.words import (
    bracketed,
    number,
    probability,
    promise,
    published,
    quantity,
    span,
)
from wdp_lib.publish.views.show import Table, Tables

HEADINGS = {
    "indicator": Text("指标", "indicator"),
    "goal": Text("目标", "goal"),
    "domain": Text("领域", "domain"),
    "last": Text("最新值（年份）", "last value (year)"),
    "interval": Text("95% 区间", "95 % interval"),
    "counts": Text("分子/分母", "counts"),
    "target": Text("目标值", "target"),
    "margin": Text("距目标", "distance"),
    "state": Text("现状", "state"),
    "forecast": Text("预测（80% 区间）", "forecast (80 % interval)"),
    "p_meet": Text("达标概率", "probability of meeting it"),
    "risk": Text("预警", "warning"),
    "volatility": Text("波动", "volatility"),
    "grade": Text("证据", "evidence"),
    "source": Text("来源", "source"),
    "why": Text("说明", "why"),
    "axis": Text("预警方面", "warned of"),
    "rule": Text("触发的规则", "rule that fired"),
    "by": Text("实际/界线", "figure / line"),
    "clears": Text("解除条件", "what would clear it"),
    "level": Text("颜色", "colour"),
    "cases": Text("条数", "warnings"),
    "units": Text("责任单位（建议）", "responsible units (suggested)"),
    "measures": Text("相关策略措施", "linked measures"),
    "problem": Text("问题", "problem"),
    "verdict": Text("判定", "verdict"),
    "judged": Text("有目标要求", "with a promise"),
    "attained": Text("已达标", "attained"),
    "nearly": Text("基本达标", "nearly"),
    "not_attained": Text("未达标", "not attained"),
    "not_assessable": Text("无法判定", "not assessable"),
    "of_judged": Text("达标率（占有目标要求）", "rate of those with a promise"),
    "of_quantified": Text("达标率（占有数值目标）", "rate of those with a number"),
    "of_assessable": Text("达标率（占可判定）", "rate of those assessable"),
    "to_confirm": Text("目标待核实（未计入）", "target to be confirmed (left out)"),
    "whole": Text("合计", "whole plan"),
    "outlook": Text("最难指标", "hardest indicator"),
    "indicators": Text("指标（已达标/有目标要求）", "indicators (attained/with a promise)"),
    "title": Text("名称", "title"),
    "risk_caption": Text("指标判定与展望", "Promises: state and outlook"),
    "rate_caption": Text("各领域达标情况（项）", "Attainment by domain (number of indicators)"),
    "problem_caption": Text("主要问题（按轻重排列）", "Problems, the most pressing first"),
    "source_caption": Text("数据来源", "Sources"),
    "address": Text("地址", "address"),
}
HELD = "held_constant"  # said not to be extrapolated: no figure beside it
MAY_BE_EMPTY = ("units", "measures", "why")
NO_ROWS = Text("（无）", "(none)")


def heading(name: str, language: str) -> str:
    """Return a column heading in words."""
    return HEADINGS[name].in_language(language)


def build(
    rows: list[dict[str, str]], caption: str, language: str, notes: tuple[str, ...] = (), marks=None
) -> Table:
    """Return a display table from rows keyed by heading names; an empty one says so."""
    if not rows:
        return Table(pd.DataFrame({NO_ROWS.in_language(language): []}), caption, notes)
    frame = pd.DataFrame(rows)
    frame = frame.loc[
        :,
        [column not in MAY_BE_EMPTY or not frame[column].isin(["", "—"]).all() for column in frame],
    ]
    classes = None
    if marks is not None:
        classes = pd.DataFrame(
            [[mark.get(column, "") for column in frame.columns] for mark in marks]
        )
    frame.columns = [heading(column, language) for column in frame.columns]
    return Table(frame, caption, notes, classes)


def target_text(risk, plan: Plan, language: str) -> str:
    """Return the promise of a risk row in words, with its unit and the marks for what is not confirmed."""
    baseline = risk.baseline_value if pd.notna(risk.baseline_value) else None
    return promise(plan.indicator(risk.indicator), language, baseline, risk.baseline_year)


def name_of(indicator: str, plan: Plan, language: str) -> str:
    """Return the name of an indicator."""
    return plan.indicator(indicator).name.in_language(language)


def last_text(risk, plan: Plan, language: str) -> str:
    """Return the last value with unit and year, marked where stale or of a partly different definition."""
    if pd.isna(risk.last_value):
        return "—"
    entry = plan.indicator(risk.indicator)
    marks = [str(int(risk.last_year))]
    if entry.data_kind == "rare_rate" and pd.notna(risk.last_upper):
        marks.append(f"{risk.numerator:.0f}/{risk.denominator:.0f}")
        between = span(risk.last_lower, risk.last_upper, entry.unit)
        marks.append({"zh": f"95% 区间 {between}"}.get(language, f"95 % interval {between}"))
    if risk.stale:
        marks.append({"zh": "陈旧"}.get(language, "stale"))
    if risk.definition_match == "partial":
        marks.append({"zh": "口径部分一致"}.get(language, "definition partly different"))
    joined = {"zh": "，"}.get(language, ", ").join(marks)
    value = quantity(risk.last_value, entry.unit, language)
    return bracketed(value, joined, language)


def why_text(risk, language: str) -> str:
    """Return the reasons behind state, outlook and volatility in words, each once."""
    codes = [
        risk.state_reason,
        risk.reason,
        risk.volatility_reason if risk.volatility == "volatile" else "",
    ]
    words = list(dict.fromkeys(word("reason", code, language) for code in codes if code))
    if risk.dips:
        words.append({"zh": f"跌破年份 {risk.dips}"}.get(language, f"fell below in {risk.dips}"))
    return {"zh": "；"}.get(language, "; ").join(words)


def forecast_text(risk, plan: Plan, language: str) -> str:
    """Return the median forecast for the target year with its 80 % interval."""
    unit = plan.indicator(risk.indicator).unit
    if pd.isna(risk.forecast_median) or (risk.stale and risk.grade == "D") or risk.reason == HELD:
        return "—"
    between = span(risk.forecast_lower, risk.forecast_upper, unit)
    return bracketed(number(risk.forecast_median, unit), between, language)


def risk_table(
    risks: pd.DataFrame, plan: Plan, *, language: str = "zh", sources: bool = False
) -> Table:
    """Show promises with last value, target, distance, forecast with 80 % interval, probability, class and evidence grade.

    Parameters
    ----------
    risks : pandas.DataFrame
        Rows of the risk table, in the order in which they are to stand.
    plan : Plan
        Names and promises.
    language : {"zh", "en"}
        Language.
    sources : bool
        Whether a last column names the source of the last value by its number in :func:`source_table`.
    """
    numbers = source_numbers(risks)
    rows, marks = [], []
    for risk in risks.itertuples():
        unit = plan.indicator(risk.indicator).unit
        row = {
            "indicator": name_of(risk.indicator, plan, language),
            "last": last_text(risk, plan, language),
            "target": target_text(risk, plan, language),
            "margin": _margin(risk.margin, unit),
            "state": word("state", risk.state, language),
            "forecast": forecast_text(risk, plan, language),
            "p_meet": "—" if risk.reason == HELD else probability(risk.p_meet, language),
            "risk": word("risk_short", risk.risk, language),
            "grade": f"{'—' if risk.grade == 'none' else risk.grade}, n={int(risk.n)}",
            "why": why_text(risk, language),
        }
        if sources:
            found = numbers.get((risk.source, risk.source_address))
            row["source"] = f"[{found}]" if found else "—"
        rows.append(row)
        marks.append({"risk": f"risk-{risk.risk}", "state": f"is-{risk.state}"})
    return build(rows, heading("risk_caption", language), language, marks=marks)


def _margin(margin: float, unit: str) -> str:
    if pd.isna(margin):
        return "—"
    sign = "+" if margin > 0 else ""
    return sign + published(margin, unit)


def source_numbers(risks: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return a running number for each source of a last value, in order of first appearance."""
    pairs = dict.fromkeys(zip(risks["source"], risks["source_address"], strict=True))
    return {pair: place for place, pair in enumerate((p for p in pairs if p[0]), 1)}


def source_table(risks: pd.DataFrame, *, language: str = "zh") -> Table:
    """List the sources of the last values by number, title and address."""
    rows = [
        {"source": f"[{place}]", "title": title, "address": address or "—"}
        for (title, address), place in source_numbers(risks).items()
    ]
    return build(rows, heading("source_caption", language), language)


def goal_chapters(verdicts: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Tables:
    """Show the verdicts on the goals, one table a domain."""
    return Tables(
        tuple(goal_table(verdicts, plan, domain.id, language=language) for domain in plan.domains)
    )


def goal_table(verdicts: pd.DataFrame, plan: Plan, domain: str, *, language: str = "zh") -> Table:
    """Show the verdict on each goal of a domain, with the number of promises kept and the hardest indicator."""
    rows, marks = [], []
    for verdict in verdicts[verdicts["domain"] == domain].itertuples():
        goal = plan.goal(verdict.goal)
        hardest = verdict.hardest_indicator
        outlook = "—"
        if hardest:
            outlook = (
                f"{name_of(hardest, plan, language)} {probability(verdict.p_hardest, language)}"
            )
        rows.append(
            {
                "goal": _goal_name(goal, verdict.evidence, language),
                "indicators": f"{verdict.n_attained}/{verdict.n_judged}",
                "nearly": str(verdict.n_nearly),
                "not_attained": str(verdict.n_not_attained),
                "not_assessable": str(verdict.n_not_assessable),
                "verdict": word("state", verdict.verdict, language),
                "why": word("reason", verdict.verdict_reason, language),
                "outlook": outlook,
                "risk": word("risk_short", verdict.outlook, language),
            }
        )
        marks.append({"verdict": f"is-{verdict.verdict}", "risk": f"risk-{verdict.outlook}"})
    return build(rows, plan.domain(domain).name.in_language(language), language, marks=marks)


def _goal_name(goal: Goal, evidence: str, language: str) -> str:
    name = f"{goal.id} {goal.title.in_language(language)}"
    mark = "target to be confirmed" if language == "en" else "目标待核实"
    return bracketed(name, mark, language) if evidence == "to_confirm" else name


def rate_table(rates: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the attainment rate with numerators and all three denominators, by domain and for the whole plan."""
    rows = []
    for rate in rates.itertuples():
        name = (
            plan.domain(rate.domain).name.in_language(language)
            if rate.domain
            else heading("whole", language)
        )
        rows.append(
            {
                "domain": name,
                "judged": str(rate.judged),
                "attained": str(rate.attained),
                "nearly": str(rate.nearly),
                "not_attained": str(rate.not_attained),
                "not_assessable": str(rate.not_assessable),
                "of_judged": _rate(rate.attained, rate.judged),
                "of_quantified": _rate(rate.attained_quantified, rate.quantified),
                "of_assessable": _rate(rate.attained, rate.assessable),
                "to_confirm": str(rate.to_confirm),
            }
        )
    return build(rows, heading("rate_caption", language), language)


def _rate(part: int, whole: int) -> str:
    return f"{part}/{whole} = {100 * part / whole:.1f}%" if whole else f"{part}/{whole}"


def problem_table(problems: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the ranked problems with reasons, responsible units and linked measures."""
    rows, marks = [], []
    for row in problems.itertuples():
        units = [plan.unit(u).name.in_language(language) for u in row.units.split(";") if u]
        rows.append(
            {
                "indicator": name_of(row.indicator, plan, language),
                "problem": word("problem", row.problem, language),
                "last": last_text(row, plan, language),
                "target": target_text(row, plan, language),
                "p_meet": probability(row.p_meet, language),
                "risk": word("risk_short", row.risk, language),
                "why": why_text(row, language),
                "units": {"zh": "、"}.get(language, ", ").join(units),
                "measures": _measure_titles(row.measures, plan, language),
            }
        )
        marks.append({"risk": f"risk-{row.risk}"})
    return build(rows, heading("problem_caption", language), language, marks=marks)


def _measure_titles(measures: str, plan: Plan, language: str) -> str:
    titles = [plan.measure(m).title.in_language(language) for m in measures.split(";") if m]
    return {"zh": "；"}.get(language, "; ").join(titles[:3]) or "—"

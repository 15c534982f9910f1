"""What a report shows of forecasts and of their test against outcomes."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import bracketed, number, probability, span
from wdp_lib.publish.views.report_tables import (
    forecast_text,
    heading,
    last_text,
    name_of,
    target_text,
)
from wdp_lib.publish.views.show import Table

WORDS = {
    "trends": Text("逐项预测（末年 {year}）", "Forecasts by indicator (last year {year})"),
    "n": Text("点数", "points"),
    "years": Text("数据年份", "years of data"),
    "median": Text("预测中位数", "median forecast"),
    "interval80": Text("80% 区间", "80 % interval"),
    "interval95": Text("95% 区间", "95 % interval"),
    "method": Text("方法", "method"),
    "grade": Text("证据等级", "grade"),
    "hole": Text("无预测的原因", "why there is none"),
    "hindcast": Text("当时的预测与后来公布的结果", "What was predicted and what was published"),
    "outcome": Text("公布结果（年份）", "published outcome (year)"),
    "result": Text("是否达到", "met"),
    "inside": Text("落入 80% 区间", "inside the 80 % interval"),
    "brier": Text("平方误差", "squared error"),
    "bands": Text("预测概率分档与实现情况", "Predicted probability and what came true"),
    "band": Text("预测概率", "predicted probability"),
    "cases": Text("项数", "cases"),
    "met": Text("其中达到", "of these met"),
    "mean": Text("平均预测概率", "mean prediction"),
    "yes": Text("是", "yes"),
    "no": Text("否", "no"),
}


def _word(name: str, language: str, **values: object) -> str:
    return WORDS[name].in_language(language).format(**values)


def trend_table(forecasts: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show, for each indicator, sample, method and the forecast of the last year with 80 and 95 % intervals, or the reason.

    Indicators without any data are left out; they stand in the table of missing data.
    """
    own = forecasts[(forecasts["area"] == plan.area) & (forecasts["reason"] != "no_data")]
    rows = [
        _trend_row(name, rows, plan, language)
        for name, rows in own.groupby("indicator", sort=False)
    ]
    year = "" if own["year"].isna().all() else int(own["year"].max())
    return Table(pd.DataFrame(rows), _word("trends", language, year=year))


def _trend_row(indicator: str, rows: pd.DataFrame, plan: Plan, language: str) -> dict[str, str]:
    first, unit = rows.iloc[0], plan.indicator(indicator).unit
    last = rows[rows["year"] == rows["year"].max()].set_index("quantile")["value"].dropna()
    has = len(last) > 0
    return {
        heading("indicator", language): name_of(indicator, plan, language),
        _word("n", language): str(first["n"]),
        _word("years", language): "—"
        if pd.isna(first["first_year"])
        else f"{first['first_year']}–{first['last_year']}",
        _word("median", language): number(last[0.5], unit) if has else "—",
        _word("interval80", language): span(last[0.1], last[0.9], unit) if has else "—",
        _word("interval95", language): span(last[0.025], last[0.975], unit) if has else "—",
        _word("method", language): word("model", first["model"], language) if has else "—",
        _word("grade", language): first["grade"] if has else "—",
        _word("hole", language): word("reason", first["reason"], language),
    }


def hindcast_table(comparison: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show each promise of a finished plan: what was known, what was predicted, what was published."""
    rows = []
    for row in comparison.itertuples():
        entry = plan.indicator(row.indicator)
        published = "—"
        if pd.notna(row.outcome_value):
            published = bracketed(
                number(row.outcome_value, entry.unit), str(int(row.outcome_year)), language
            )
        rows.append(
            {
                heading("indicator", language): name_of(row.indicator, plan, language),
                heading("last", language): last_text(row, plan, language),
                heading("target", language): target_text(row, plan, language),
                heading("forecast", language): forecast_text(row, plan, language),
                heading("p_meet", language): probability(row.p_meet, language),
                heading(
                    "grade", language
                ): f"{'—' if row.grade == 'none' else row.grade}, n={int(row.n)}",
                _word("outcome", language): published,
                _word("result", language): word("outcome", row.outcome, language),
                _word("inside", language): _yes(row.within_80, language),
                _word("brier", language): "—" if pd.isna(row.brier) else f"{row.brier:.3f}",
                heading("why", language): word("reason", row.reason, language),
            }
        )
    return Table(pd.DataFrame(rows), _word("hindcast", language))


def _yes(value: object, language: str) -> str:
    return "—" if pd.isna(value) else _word("yes" if value else "no", language)


def reliability_table(bands: pd.DataFrame, *, language: str = "zh") -> Table:
    """Show the bands of predicted probability with the number of cases and how many came true."""
    rows = [
        {
            _word("band", language): f"{100 * r.lower:.0f}–{100 * r.upper:.0f}%",
            _word("cases", language): str(r.n),
            _word("met", language): str(r.met),
            _word("mean", language): "—"
            if pd.isna(r.mean_probability)
            else f"{100 * r.mean_probability:.0f}%",
        }
        for r in bands.itertuples()
    ]
    return Table(pd.DataFrame(rows), _word("bands", language))


def method_facts(forecasts: pd.DataFrame, language: str) -> dict[str, object]:
    """Return the models used, each with the number of indicators it forecast."""
    made = forecasts[forecasts["value"].notna()].drop_duplicates(
        ["indicator", "area", "sex", "residence", "age_group"]
    )
    counts = made["model"].value_counts()
    said = [
        f"{word('model', name, language)} {count} {'项' if language != 'en' else 'indicators'}"
        for name, count in sorted(counts.items())
    ]
    return {"forecast_method": {"zh": "；"}.get(language, "; ").join(said) or "—"}

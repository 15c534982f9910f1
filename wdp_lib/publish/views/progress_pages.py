"""What a report shows of progress by other methods: a panel beside the forecast, where they disagree, the composite score."""

from __future__ import annotations

import pandas as pd

from wdp_lib.assessment.composite_tables import COMPOSITE
from wdp_lib.assessment.progress.tables import PROGRESS, PROGRESS_SUMMARY
from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import number
from wdp_lib.publish.views.contract_table import contract_table
from wdp_lib.publish.views.report_tables import heading, name_of
from wdp_lib.publish.views.show import Table

CHANGES = ("required_change", "achieved_change", "best_pace")
SHARES = ("path_share", "time_share")
CLASSES = ("open_sdg", "un_chart", "escap_anticipated", "forecast")
PANEL = Text("进展描述（不作判定依据）", "Progress described (no ground for a verdict)")
TRACES = Text("计算过程", "Calculations")
DISAGREE = Text("各方法结论相左的指标", "Indicators on which the methods disagree")
SCORES = Text(
    "综合得分（只供宣传交流，不作判定）",
    "Composite score (for communication only, never a verdict)",
)
MEASURE, TRACE = Text("测度", "measure"), Text("计算过程", "calculation")


def progress_table(panel: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show one row an indicator: way covered against time passed, change needed against achieved, classes by each method.

    Parameters
    ----------
    panel : pandas.DataFrame
        From `wdp_lib.progress_panel`; indicators for which no measure has a value are left out, as are rates of rare events:
        one case more or less is no pace.
    """
    panel = conform(panel, PROGRESS)
    rows = []
    for name, part in panel.groupby("indicator", sort=False):
        found = part.set_index("measure")
        if plan.indicator(name).data_kind == "rare_rate":
            continue
        if found.loc[[m for m in (*SHARES, *CHANGES) if m in found.index], "value"].isna().all():
            continue
        unit = plan.indicator(name).unit
        row = {heading("indicator", language): name_of(name, plan, language)}
        row |= {word("progress_measure", m, language): _percent(found, m) for m in SHARES}
        row |= {
            word("progress_measure", m, language): number(_value(found, m), unit) for m in CHANGES
        }
        row |= {word("progress_measure", m, language): _class(found, m, language) for m in CLASSES}
        rows.append(row)
    return Table(pd.DataFrame(rows), PANEL.in_language(language))


def _value(found: pd.DataFrame, measure: str) -> float:
    return float(found["value"].get(measure, float("nan")))


def _percent(found: pd.DataFrame, measure: str) -> str:
    value = _value(found, measure)
    return "—" if pd.isna(value) else f"{100 * value:.0f}%"


def _class(found: pd.DataFrame, measure: str, language: str) -> str:
    code = found["class"].get(measure, "")
    return word("progress_class", code, language) if code else "—"


def trace_table(
    panel: pd.DataFrame, plan: Plan, indicators: list[str], *, language: str = "zh"
) -> Table:
    """Show the calculation of every measure of some indicators, in plain figures."""
    rows = [
        {
            heading("indicator", language): name_of(row.indicator, plan, language),
            MEASURE.in_language(language): word("progress_measure", row.measure, language),
            TRACE.in_language(language): row.trace or word("reason", row.reason, language) or "—",
        }
        for row in panel[panel["indicator"].isin(indicators)].itertuples()
    ]
    return Table(pd.DataFrame(rows), TRACES.in_language(language))


def disagreement_table(summary: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the indicators that one method finds on track and another does not.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `wdp_lib.progress_summary`.
    """
    summary = conform(summary, PROGRESS_SUMMARY)
    cells = {
        "indicator": "indicator",
        "on_track": "word:progress_measure",
        "off_track": "word:progress_measure",
    }
    rows = summary[summary["methods_disagree"]]
    return contract_table(rows, PROGRESS_SUMMARY, plan, cells, caption=DISAGREE, language=language)


def composite_table(scores: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show score and range of each domain, with how many indicators stand behind it and which of them are red.

    Parameters
    ----------
    scores : pandas.DataFrame
        From `wdp_lib.composite`.
    """
    scores = conform(scores, COMPOSITE)
    rows = scores.assign(shown=[_between(row) for row in scores.itertuples()])
    said = pd.DataFrame(
        {
            heading("domain", language): [
                _domain(row.domain, plan, language) for row in rows.itertuples()
            ],
            _meaning("time", language): [
                word("composite_time", row.time, language) for row in rows.itertuples()
            ],
            Text("得分（90% 区间）", "score (90 % range)").in_language(language): rows[
                "shown"
            ].tolist(),
            _meaning("n_scored", language): [
                f"{row.n_scored}/{row.n_indicators}" for row in rows.itertuples()
            ],
            _meaning("red", language): [
                _names(row.red, plan, language) for row in rows.itertuples()
            ],
            heading("why", language): [
                word("reason", row.reason, language) or "—" for row in rows.itertuples()
            ],
        }
    )
    return Table(said, SCORES.in_language(language))


def _between(row) -> str:
    return "—" if pd.isna(row.score) else f"{row.score:.0f}（{row.lower:.0f}–{row.upper:.0f}）"


def _domain(name: str, plan: Plan, language: str) -> str:
    return plan.domain(name).name.in_language(language) if name else heading("whole", language)


def _meaning(column: str, language: str) -> str:
    return next(c.meaning for c in COMPOSITE.columns if c.name == column).in_language(language)


def _names(joined: str, plan: Plan, language: str) -> str:
    names = [name_of(name, plan, language) for name in joined.split(";") if name]
    return {"zh": "、"}.get(language, ", ").join(names) or "—"

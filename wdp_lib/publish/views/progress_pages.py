"""What a report shows of progress by other methods: a panel beside the forecast, and where they disagree."""

from __future__ import annotations

import pandas as pd

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

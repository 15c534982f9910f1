"""What a study shows: tables by their views, charts, and paragraphs made of several tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.publish import views
from wdp_lib.publish.charts.backtest_charts import plot_interval_coverage, plot_reliability
from wdp_lib.publish.charts.gap_charts import plot_funnel, plot_gaps
from wdp_lib.publish.charts.outlook import (
    plot_coverage,
    plot_domains,
    plot_outlook,
    plot_probabilities,
    plot_small_multiples,
)
from wdp_lib.publish.text.choose import hardest
from wdp_lib.publish.text.method_notes import methods_of
from wdp_lib.publish.text.paragraphs import domain_briefs, letter_prose, record_problems
from wdp_lib.publish.text.rare_events import verifiability_prose
from wdp_lib.publish.text.say import escaped
from wdp_lib.publish.views.show import Figure, Figures, Prose, Shown, draw

if TYPE_CHECKING:
    from wdp_lib.study.study import Study

NOTHING = Text("（无）", "(none)")

# what a view is made from, where it is not the study's table of that name
MADE_FROM = {
    "missing": "coverage",
    "trends": "forecasts",
    "domains": "domain_summary",
    "goals": "verdicts",
    "projects": "project_summary",
    "commitments": "project_status",
    "annual": "annual_table",
    "rejected": "data",
    "checks": "data",
    "choices": "data",
    "breaks": "data",
    "sources": "sourced_risks",
    "risks_with_sources": "risks",
    "warning_counts": "warnings",
    "all_effects": "effects",
    "reliability": "backtest",
    "horizons": "backtest",
    "models": "backtest",
    "on_track": "backtest",
    "key_indicators": "keys",
    "traces": "progress",
    "areas": "focus_areas",
    "next_stage": "next_tables",
    "completeness": "completeness_tables",
    "groups_missing": "group_gaps",
    "age_completeness": "group_completeness",
    "lowest_areas": "lowest_area",
}
PARAGRAPHS: dict[str, Callable[[Study], Prose]] = {
    "verifiability": lambda study: verifiability_prose(study.observations, study.context),
    "briefs": lambda study: domain_briefs(study.verdicts, study.risks, study.context),
    "record_problems": lambda study: record_problems(study.record_problems, study.context),
    "letter": lambda study: (
        letter_prose(study.letters[0], study.context) if study.letters else _nothing(study)
    ),
}
CHARTS: dict[str, Callable[..., Any]] = {
    "coverage": lambda study: plot_coverage(study.coverage, study.observations, study.context),
    "domains": lambda study: plot_domains(study.forecasts, study.observations, study.context),
    "hardest": lambda study, most=6: plot_small_multiples(
        study.forecasts, study.observations, study.context, hardest(study.risks, most)
    ),
    "outlook": lambda study, indicator: plot_outlook(
        study.forecasts, study.observations, study.context, study.identifier(indicator)
    ),
    "probabilities": lambda study, **settings: plot_probabilities(
        study.risks, study.context, **settings
    ),
    "reliability": lambda study: plot_reliability(study.backtest, study.context),
    "interval_coverage": lambda study: plot_interval_coverage(study.backtest, study.context),
    "gaps": lambda study: plot_gaps(study.group_gaps, study.context),
    "funnel": lambda study, indicator: plot_funnel(
        study.area_comparison, study.context, indicator and study.identifier(indicator)
    ),
}
# the study's tables behind a paragraph or a chart, where they are not called like it
RESTS_ON = {
    "domains": ("forecasts",),
    "hardest": ("risks",),
    "outlook": ("forecasts",),
    "probabilities": ("risks",),
    "interval_coverage": ("backtest",),
    "reliability": ("backtest",),
    "gaps": ("group_gaps",),
    "funnel": ("area_comparison",),
    "areas": ("area_comparison", "lowest_area"),
    "completeness": ("group_completeness", "age_standardised"),
    "briefs": ("verdicts", "risks"),
    "letter": ("letters",),
    "sources": ("risks",),
    "key_indicators": ("risks",),
    "data": ("observations",),
    "needed_change": ("next_stage",),
    "draft_indicators": ("next_stage",),
}
# tables that are shown under another name
SHOWN_AS = {
    "verdicts": "goals",
    "forecasts": "trends",
    "domain_summary": "domains",
    "project_summary": "projects",
    "project_status": "commitments",
    "annual_table": "annual",
    "letters": "letter",
}
LOOKS_BACK = ("look_back", "warned_and_met", "interval_coverage", "verdict_history")


def view_names() -> list[str]:
    """Return the names of all views and paragraphs."""
    return [*views.views(), *views.SEVERAL, *PARAGRAPHS]


def show(study: Study, name: str, rows: pd.DataFrame | None) -> Shown:
    """Return the view of a table; see `Study.show`."""
    name = SHOWN_AS.get(name, name)
    if name not in view_names():
        raise _unknown(name, view_names())
    if name in LOOKS_BACK and study.earlier is None:
        return _nothing(study)
    table = MADE_FROM.get(name, name)
    if name in PARAGRAPHS:
        return _with_methods(PARAGRAPHS[name](study), name)
    made_from = getattr(study, table) if rows is None else rows
    return _with_methods(views.show(made_from, name, study.context), name, table)


def chart(study: Study, name: str, *chosen: Any, **settings: Any) -> Figure | Figures | Prose:
    """Return a chart as picture and text, or in words why there is none; see `Study.chart`."""
    if name not in CHARTS:
        raise _unknown(name, list(CHARTS))
    axes = CHARTS[name](study, *chosen, **settings)
    if isinstance(axes, list):
        return _with_methods(Figures(tuple(map(draw, axes))), name)
    empty = not any(panel.axison for panel in axes.figure.axes)
    drawn = draw(axes)
    return _with_methods(Prose(escaped(drawn.description)) if empty else drawn, name)


def _with_methods(shown: Any, *names: str) -> Any:
    tables = [table for name in names for table in RESTS_ON.get(name, (name,))]
    return replace(shown, about={"methods": list(methods_of(*tables)), **shown.about})


def _nothing(study: Study) -> Prose:
    return Prose(study.context.text(NOTHING))


def _unknown(name: str, known: list[str]) -> ParameterError:
    advice = suggestion(name, known)
    return ParameterError(
        Text(f"没有名为 {name} 的表或图。{advice.zh}", f"Nothing is called {name}. {advice.en}")
    )

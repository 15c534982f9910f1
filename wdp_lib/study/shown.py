"""What a study shows: tables by their views, charts, and sentences with the figures of its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.publish.charts import gap_charts, outlook
from wdp_lib.publish.text.choose import hardest, promised
from wdp_lib.publish.views import (
    area_pages,
    backtest_pages,
    brief_pages,
    data_tables,
    effect_pages,
    evaluation_pages,
    forecast_tables,
    gap_pages,
    organisation_pages,
    progress_pages,
    report_tables,
    round_pages,
    series_tables,
    supervision_pages,
    warning_pages,
)
from wdp_lib.publish.views.show import Prose, draw

if TYPE_CHECKING:
    from wdp_lib.study.study import Study

# a view of one table: the study's table, and how it is shown
_OF_TABLE = {
    "coverage": ("coverage", data_tables.coverage_table),
    "missing": ("coverage", data_tables.missing_table),
    "trends": ("forecasts", forecast_tables.trend_table),
    "explanations": ("explanations", series_tables.explanation_table),
    "terms": ("terms", series_tables.term_table),
    "directions": ("directions", series_tables.direction_table),
    "risks": ("risks", report_tables.risk_table),
    "problems": ("problems", report_tables.problem_table),
    "attainment_rates": ("attainment_rates", report_tables.rate_table),
    "domains": ("domain_summary", evaluation_pages.domain_table),
    "goals": ("verdicts", report_tables.goal_chapters),
    "progress": ("progress", progress_pages.progress_table),
    "disagreements": ("disagreements", progress_pages.disagreement_table),
    "projects": ("project_summary", evaluation_pages.project_table),
    "commitments": ("project_status", evaluation_pages.commitment_table),
    "needs": ("needs", evaluation_pages.need_table),
    "proposals": ("proposals", evaluation_pages.proposal_table),
    "warnings": ("warnings", warning_pages.warning_list),
    "class_changes": ("class_changes", warning_pages.change_table),
    "register": ("register", supervision_pages.register_table),
    "open_items": ("open_items", supervision_pages.register_table),
    "group_gaps": ("group_gaps", gap_pages.gap_tables),
    "gap_outlook": ("gap_outlook", gap_pages.gap_outlook_table),
    "roll_up": ("roll_up", area_pages.sum_table),
    "effects": ("effects", effect_pages.effect_table),
    "all_effects": ("effects", effect_pages.all_effects_table),
    "annual": ("annual_table", round_pages.annual_chapters),
    "hindcast": ("hindcast", forecast_tables.hindcast_table),
    "unit_scores": ("unit_scores", supervision_pages.unit_score_table),
    "self_evaluation_gaps": ("self_evaluation_gaps", supervision_pages.disagreement_of_claims),
    "error_rates": ("error_rates", supervision_pages.error_rate_table),
    "responsibilities": ("responsibilities", supervision_pages.responsibility_table),
    "bodies": ("bodies", organisation_pages.group_table),
    "dispatches": ("dispatches", organisation_pages.dispatch_table),
    "comments": ("comments", organisation_pages.comment_table),
    "periods": ("periods", organisation_pages.period_table),
    "brief": ("brief", round_pages.brief_table),
    "next_stage": ("next_stage", round_pages.next_stage_tables),
    "verifiability": ("observations", series_tables.verifiability_prose),
    "look_back": ("look_back", round_pages.look_back_table),
    "warned_and_met": ("warned_and_met", round_pages.warned_table),
    "interval_coverage": ("interval_coverage", round_pages.interval_table),
    "verdict_history": ("verdict_history", round_pages.history_table),
}
# the same for tables that name areas
_OF_AREAS = {
    "area_overview": ("area_overview", area_pages.area_overview_table),
    "largest_contributions": ("largest_contributions", area_pages.contribution_table),
    "parent_comparison": ("parent_comparison", area_pages.upper_table),
    "better_than_expected": ("better_than_expected", effect_pages.better_table),
    "spot_check_sample": ("spot_check_sample", supervision_pages.spot_check_table),
}
# views without names of the plan
_OF_FIGURES = {
    "reliability": ("backtest", backtest_pages.backtest_reliability_table),
    "horizons": ("backtest", backtest_pages.backtest_horizon_table),
    "models": ("backtest", backtest_pages.backtest_table),
    "on_track": ("backtest", backtest_pages.on_track_table),
    "rejected": ("data", data_tables.rejected_table),
    "checks": ("data", data_tables.warning_table),
    "sources": ("sourced_risks", report_tables.source_table),
    "warning_counts": ("warnings", warning_pages.warning_counts),
    "hindcast_reliability": ("hindcast_reliability", forecast_tables.reliability_table),
    "record_problems": ("record_problems", supervision_pages.record_problems),
}
_OF_SEVERAL = {
    "choices": lambda s: data_tables.choice_table(s.data, s.plan, language=s.language),
    "breaks": lambda s: data_tables.break_table(s.data, s.plan, language=s.language),
    "areas": lambda s: area_pages.area_tables(
        s.area_comparison, s.lowest_area, s.plan, s.focus, s.area_names(), language=s.language
    ),
    "completeness": lambda s: gap_pages.completeness_tables(
        s.group_gaps,
        s.group_completeness,
        s.unit_completeness,
        s.age_standardised,
        s.plan,
        language=s.language,
    ),
    "filed_schemes": lambda s: supervision_pages.filing_table(
        s.filed_schemes, s.plan, caption=supervision_pages.SCHEMES_CAPTION, language=s.language
    ),
    "filed_reports": lambda s: supervision_pages.filing_table(
        s.filed_reports, s.plan, caption=supervision_pages.REPORTS_CAPTION, language=s.language
    ),
    "letter": lambda s: (
        supervision_pages.letter_prose(s.letters[0], language=s.language)
        if s.letters
        else Prose(NOTHING.in_language(s.language))
    ),
    "final_verdicts": lambda s: round_pages.final_table(
        s.final_verdicts, s.plan, language=s.language, published=s.outcomes is not None
    ),
    "draft_indicators": lambda s: round_pages.next_stage_tables(
        s.next_stage, s.plan, language=s.language
    ).tables[1],
    "briefs": lambda s: brief_pages.domain_briefs(s.verdicts, s.risks, s.plan, language=s.language),
}
LOOKS_BACK = ("look_back", "warned_and_met", "interval_coverage", "verdict_history")
VIEWS = (*_OF_TABLE, *_OF_AREAS, *_OF_FIGURES, *_OF_SEVERAL)
NOTHING = Text("（无）", "(none)")


def show(study: Study, name: str, rows: pd.DataFrame | None, **settings: Any) -> Any:
    """Return the view of a table; see `Study.show`."""
    language = study.language
    if name in LOOKS_BACK and study.earlier is None:
        return Prose(NOTHING.in_language(language))
    if name in _OF_SEVERAL:
        return _OF_SEVERAL[name](study)
    for views, more in (
        (_OF_TABLE, (study.plan,)),
        (_OF_AREAS, (study.plan, study.area_names())),
        (_OF_FIGURES, ()),
    ):
        if name in views:
            table, view = views[name]
            frame = getattr(study, table) if rows is None else rows
            return view(frame, *more, language=language, **settings)
    raise _unknown(name, VIEWS)


def chart(study: Study, name: str, *chosen: Any, **settings: Any) -> Any:
    """Return a chart as picture and text; see `Study.chart`."""
    if name not in CHARTS:
        raise _unknown(name, tuple(CHARTS))
    drawn = CHARTS[name](study, *chosen, language=study.language, **settings)
    return Prose(NOTHING.in_language(study.language)) if drawn is None else draw(drawn)


def _several(study: Study, indicators: list[str], language: str) -> Any:
    if not indicators:
        return None
    frames = (study.forecasts, study.observations, study.plan)
    return outlook.plot_small_multiples(*frames, indicators, language=language)


def _by_domain(study: Study, *, language: str) -> Any:
    domains = [domain.id for domain in study.plan.domains]
    return _several(study, promised(study.plan, study.forecasts, domains), language)


CHARTS = {
    "coverage": lambda s, **k: outlook.plot_coverage(s.coverage, s.observations, s.plan, **k),
    "domains": _by_domain,
    "hardest": lambda s, most=6, **k: _several(s, hardest(s.risks, most), k["language"]),
    "outlook": lambda s, indicator, **k: outlook.plot_outlook(
        s.forecasts, s.observations, s.plan, indicator, **k
    ),
    "probabilities": lambda s, **k: outlook.plot_probabilities(s.risks, s.plan, **k),
    "reliability": lambda s, **k: backtest_pages.plot_reliability(s.backtest, **k),
    "interval_coverage": lambda s, **k: backtest_pages.plot_interval_coverage(s.backtest, **k),
    "gaps": lambda s, **k: gap_charts.plot_gaps(s.group_gaps, s.plan, **k),
    "funnel": lambda s, indicator, **k: gap_charts.plot_funnel(
        s.area_comparison, s.plan, indicator, s.area_names(), **k
    ),
}


def _unknown(name: str, known: tuple[str, ...]) -> ParameterError:
    advice = suggestion(name, list(known))
    return ParameterError(
        Text(f"没有名为 {name} 的表或图。{advice.zh}", f"Nothing is called {name}. {advice.en}")
    )

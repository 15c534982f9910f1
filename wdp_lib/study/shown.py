"""What a study says and shows: sentences, tables by their views, charts, paragraphs.

Each entry names the tables of the study it rests on, which tell its methods.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.evaluation.rounds import freeze
from wdp_lib.publish import views
from wdp_lib.publish.charts import comparisons, outlook
from wdp_lib.publish.text import evidence, facts, paragraphs
from wdp_lib.publish.text import say as words
from wdp_lib.publish.text.methods import methods_of
from wdp_lib.publish.views.choose import hardest
from wdp_lib.publish.views.show import Figure, Figures, Prose, Shown, Tables, draw
from wdp_lib.study.catalogue import scheme
from wdp_lib.study.yearbook import SECTIONS, chapter, definitions

if TYPE_CHECKING:
    from wdp_lib.study.study import Study

Entry = tuple[str, Callable[..., Any]]

NOTHING = Prose("")  # why stands in the sentence before
NO_ROUND = Text(
    "没有指定存档的轮次，不作回看。", "No archived round is named; nothing to look back on."
)
# families of figures in sentences
FACTS: dict[str, Entry] = {
    "data": ("coverage", lambda s: facts.data_facts(s.data, s.coverage, s.context)),
    "data_gaps": ("data_gaps surveys", lambda s: facts.missing_facts(s.data_gaps, s.surveys)),
    "forecasts": ("forecasts", lambda s: facts.forecast_facts(s.forecasts, s.context)),
    "example": ("risks", lambda s: facts.indicator_facts(s.risks, s.context, s.example)),
    "backtest": ("backtest", lambda s: evidence.backtest_facts(s.backtested, s.context)),
    "risks": ("risks", lambda s: facts.risk_facts(s.risks, s.context)),
    "milestones": ("milestones", lambda s: facts.milestone_facts(s.milestones, s.context)),
    "scheme": ("frozen", lambda s: facts.scheme_facts(s.scheme, s.context)),
    "warnings": ("warnings", lambda s: facts.warning_facts(s.warnings, s.context)),
    "register": ("register", lambda s: facts.register_facts(s.register, s.context)),
    "gaps": ("group_gaps", lambda s: evidence.gap_facts(s.group_gaps, s.context)),
    "outlook": ("gap_outlook", lambda s: evidence.outlook_facts(s.gap_outlook)),
    "areas": (
        "area_comparison roll_up",
        lambda s: evidence.area_facts(s.area_comparison, s.roll_up, s.context, s.focus),
    ),
    "parts": ("largest_contributions", lambda s: {"n_short": len(s.short_of_target)}),
    "completeness": (
        "group_completeness age_standardised",
        lambda s: evidence.completeness_facts(s.group_completeness, s.age_standardised, s.context),
    ),
    "parents": (
        "parent_comparison",
        lambda s: evidence.parent_facts(s.parent_comparison, s.context),
    ),
    "effects": (
        "effects better_than_expected",
        lambda s: evidence.effect_facts(s.effects, s.better_than_expected, s.context),
    ),
    "projects": (
        "project_summary",
        lambda s: facts.project_facts(s.project_summary, s.project_status, s.context),
    ),
    "verdicts": ("verdicts", lambda s: facts.verdict_facts(s.verdicts, s.context)),
    "rates": ("attainment_rates", lambda s: facts.rate_facts(s.attainment_rates)),
    "annual": ("annual_table", lambda s: facts.annual_facts(s.annual_table, s.context)),
    "frozen": ("frozen", lambda s: facts.frozen_facts(freeze(s.scheme, s.plan, s.settings))),
    "method": ("forecasts", lambda s: facts.method_facts(s.forecasts, s.context)),
    "hindcast": ("hindcast", lambda s: facts.hindcast_facts(s.hindcast, s.context)),
    "finals": ("final_verdicts", lambda s: facts.final_facts(s.final_verdicts, s.context)),
    "look_back": (
        "look_back",
        lambda s: (
            facts.look_back_facts(s.look_back, s.context)
            | {"round": s.earlier_round, "then_as_of": s.earlier.as_of}
        ),
    ),
    "next_stage": (
        "next_stage",
        lambda s: {
            "n_open": len(s.next_stage.carried),
            "n_needed": len(s.next_stage.needed),
            "n_draft": len(s.next_stage.draft),
        },
    ),
    "scope": ("scope", lambda s: {"scope": s.scope}),
    "round": ("", lambda s: {"through": s.through, "year": s.year, "since": s.year_ago}),
}
PARAGRAPHS: dict[str, Entry] = {
    "verifiability": (
        "verifiability",
        lambda s: evidence.verifiability_prose(s.observations, s.context),
    ),
    "briefs": (
        "verdicts risks",
        lambda s: paragraphs.domain_briefs(s.verdicts, s.problems, s.risks, s.context),
    ),
    "record_problems": (
        "",
        lambda s: paragraphs.record_problems(s.record_problems, s.context),
    ),
    "letter": (
        "letters",
        lambda s: paragraphs.letter_prose(s.letters[0], s.context) if s.letters else NOTHING,
    ),
}
PARAGRAPHS |= {
    f"yearbook_{section}": ("observations", partial(chapter, section=section))
    for section in SECTIONS
} | {"yearbook_definitions": ("observations", definitions), "scheme": ("", scheme)}
CHARTS: dict[str, Entry] = {
    "coverage": (
        "coverage",
        lambda s: outlook.plot_coverage(s.coverage, s.observations, s.context),
    ),
    "domains": (
        "forecasts",
        lambda s: outlook.plot_domains(s.forecasts, s.observations, s.context),
    ),
    "hardest": (
        "risks",
        lambda s, most=6: outlook.plot_small_multiples(
            s.forecasts, s.observations, s.context, hardest(s.risks, most)
        ),
    ),
    "outlook": ("forecasts", lambda s, indicator, **which: s.plot(indicator, **which)),
    "probabilities": (
        "risks",
        lambda s, **settings: outlook.plot_probabilities(s.risks, s.context, **settings),
    ),
    "reliability": ("backtest", lambda s: comparisons.plot_reliability(s.backtested, s.context)),
    "interval_coverage": (
        "backtest",
        lambda s: comparisons.plot_interval_coverage(s.backtested, s.context),
    ),
    "gaps": ("group_gaps", lambda s: comparisons.plot_gaps(s.group_gaps, s.context)),
    "funnel": (
        "area_comparison",
        lambda s, indicator: comparisons.plot_funnel(
            s.area_comparison, s.context, indicator and s.identifier(indicator)
        ),
    ),
}
# what a view is made from, where it is not the study's table of that name
MADE_FROM = {
    "missing": "coverage",
    "trends": "forecasts",
    "domains": "domain_summary",
    "goals": "verdicts",
    "projects": "project_summary",
    "commitments": "project_status",
    "annual": "annual_table",
    **dict.fromkeys(("rejected", "checks", "choices", "breaks"), "data"),
    "sources": "sourced_risks",
    "risks_with_sources": "risks",
    "warning_counts": "warnings",
    "all_effects": "effects",
    **dict.fromkeys(
        ("reliability", "reliability_before", "horizons", "models", "on_track"), "backtested"
    ),
    "key_indicators": "keys",
    "traces": "progress",
    "areas": "focus_areas",
    "next_stage": "next_tables",
    "completeness": "completeness_tables",
    "groups_missing": "group_gaps",
    "age_completeness": "group_completeness",
    "lowest_areas": "lowest_area",
}
RESTS_ON = {  # the tables behind what a view is made from, where that is none itself
    "data": "observations",
    "backtested": "backtest",
    "sourced_risks": "risks",
    "keys": "risks",
    "focus_areas": "area_comparison lowest_area",
    "completeness_tables": "group_completeness age_standardised",
    **dict.fromkeys(("next_tables", "needed_change", "draft_indicators"), "next_stage"),
}
# tables that are shown under another name
SHOWN_AS = {
    **{MADE_FROM[view]: view for view in ("goals", "trends", "domains", "projects", "annual")},
    "project_status": "commitments",
    "letters": "letter",
}
LOOKS_BACK = ("look_back", "warned_and_met", "interval_coverage", "verdict_history")
# the paragraph that states the main finding begins with its name in bold: "**Main finding.** ..."
FINDING = re.compile(r"^\*\*[^*\n]+[。.]\*\* .+$", re.MULTILINE)


def view_names() -> list[str]:
    """Return the names of all views and paragraphs."""
    return [*views.views(), *views.SEVERAL, *PARAGRAPHS]


def sentences() -> dict[str, words.Sentence]:
    """Return the sentences that a study says: those with families of facts."""
    return {key: one for key, one in words.sentences().items() if one.facts}


def say(study: Study, key: str) -> Prose:
    """Return a sentence with its figures; see `Study.say`."""
    named = words.sentence_named(key)
    families = named.facts
    if "look_back" in families and study.earlier is None:
        return Prose(study.context.text(NO_ROUND))
    tables = [table for family in families for table in FACTS[family][0].split()]
    otherwise = f"{key}.none" if f"{key}.none" in words.sentences() else ""
    figures: dict[str, Any] = {}
    if otherwise and all(getattr(study, name).empty for name in tables):
        named, families = words.sentence_named(otherwise), ()
    for family in families:
        figures |= FACTS[family][1](study)
    if otherwise and not words.has_matter(named.text, figures):
        named = words.sentence_named(otherwise)
    said = words.fill(named.text, study.context, figures)
    about: dict[str, Any] = {"methods": list(methods_of(*tables))} if tables else {}
    if found := FINDING.search(repr(said)):
        about["finding"] = found[0].replace("**", "")
    return replace(said, about=about)


def show(study: Study, name: str, rows: pd.DataFrame | None) -> Shown:
    """Return the view of a table; see `Study.show`."""
    name = SHOWN_AS.get(name, name)
    _known(name, view_names())
    if name in LOOKS_BACK and study.earlier is None:
        return NOTHING
    if name in PARAGRAPHS:
        tables, make = PARAGRAPHS[name]
        return _with_methods(make(study), tables)
    table = MADE_FROM.get(name, name)
    made_from = getattr(study, table) if rows is None else rows
    if callable(made_from):  # computed with settings, by default the usual ones
        made_from = made_from()
    shown = _sourced(views.show(made_from, name, study.context), table)
    return _with_methods(shown, RESTS_ON.get(table, table))


def _sourced(shown: Any, table: str) -> Any:
    """What is shown, with the name of the table whose rows it shows."""
    if isinstance(shown, Tables):
        return replace(shown, tables=tuple(_sourced(one, table) for one in shown.tables))
    return replace(shown, source=table)


def chart(study: Study, name: str, *chosen: Any, **settings: Any) -> Figure | Figures | Prose:
    """Return a chart as picture and text, or in words why there is none; see `Study.chart`."""
    _known(name, list(CHARTS))
    tables, make = CHARTS[name]
    axes = make(study, *chosen, **settings)
    if isinstance(axes, list):
        return _with_methods(Figures(tuple(map(draw, axes))), tables)
    figure = axes.figure
    empty = not (figure.artists or any(panel.axison for panel in figure.axes))
    drawn = draw(axes)
    return _with_methods(Prose(words.escaped(drawn.description)) if empty else drawn, tables)


def _with_methods(shown: Any, tables: str) -> Any:
    return replace(shown, about={"methods": list(methods_of(*tables.split())), **shown.about})


def _known(name: str, known: list[str]) -> None:
    if name not in known:
        advice = suggestion(name, known)
        raise ParameterError.of(
            f"没有名为 {name} 的表或图。{advice.zh}", f"Nothing is called {name}. {advice.en}"
        )

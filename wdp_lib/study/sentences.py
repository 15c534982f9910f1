"""Sentences of `wdp_lib.publish.text.say` with figures from the tables of a study."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wdp_lib.core.errors import Text
from wdp_lib.evaluation import freeze
from wdp_lib.publish.text import facts, group_facts
from wdp_lib.publish.text import say as words
from wdp_lib.publish.text.backtest_facts import backtest_facts
from wdp_lib.publish.text.method_notes import methods_of
from wdp_lib.publish.views.show import Prose

if TYPE_CHECKING:
    from wdp_lib.study.study import Study

NO_ROUND = Text(
    "没有指定存档的轮次，不作回看。", "No archived round is named; nothing to look back on."
)

FACTS: dict[str, Callable[[Study], dict[str, Any]]] = {
    "data": lambda s: facts.data_facts(s.data, s.coverage, s.context),
    "forecasts": lambda s: facts.forecast_facts(s.forecasts, s.context),
    "example": lambda s: facts.indicator_facts(s.risks, s.context, s.example),
    "backtest": lambda s: backtest_facts(s.backtest, s.context),
    "risks": lambda s: facts.risk_facts(s.risks, s.context),
    "scheme": lambda s: facts.scheme_facts(s.scheme, s.context),
    "warnings": lambda s: facts.warning_facts(s.warnings, s.context),
    "register": lambda s: facts.register_facts(s.register),
    "gaps": lambda s: group_facts.gap_facts(s.group_gaps, s.context),
    "outlook": lambda s: group_facts.outlook_facts(s.gap_outlook),
    "areas": lambda s: group_facts.area_facts(s.area_comparison, s.roll_up, s.context, s.focus),
    "parts": lambda s: {"n_short": len(s.short_of_target)},
    "completeness": lambda s: group_facts.completeness_facts(
        s.group_completeness, s.age_standardised, s.context
    ),
    "parents": lambda s: group_facts.parent_facts(s.parent_comparison, s.context),
    "effects": lambda s: group_facts.effect_facts(s.effects, s.better_than_expected),
    "projects": lambda s: facts.project_facts(s.project_summary, s.project_status),
    "verdicts": lambda s: facts.verdict_facts(s.verdicts),
    "rates": lambda s: facts.rate_facts(s.attainment_rates),
    "annual": lambda s: facts.annual_facts(s.annual_table, s.plan),
    "frozen": lambda s: facts.frozen_facts(freeze(s.scheme, s.plan, s.settings)),
    "method": lambda s: facts.method_facts(s.forecasts, s.context),
    "hindcast": lambda s: facts.hindcast_facts(s.hindcast, s.context),
    "finals": lambda s: facts.final_facts(s.final_verdicts, s.context),
    "look_back": lambda s: {
        **facts.look_back_facts(s.look_back, s.context),
        "round": s.earlier_round,
        "then_as_of": s.earlier.as_of,
    },
    "next_stage": lambda s: {
        "n_open": len(s.next_stage.carried),
        "n_needed": len(s.next_stage.needed),
        "n_draft": len(s.next_stage.draft),
    },
    "scope": lambda s: {"scope": s.scope},
    "round": lambda s: {"through": s.through, "year": s.year, "since": s.year_ago},
}
# the tables behind a family of facts, where they are not called like it
RESTS_ON = {
    "data": ("coverage",),
    "example": ("risks",),
    "scheme": ("frozen",),
    "gaps": ("group_gaps",),
    "outlook": ("gap_outlook",),
    "areas": ("area_comparison", "roll_up"),
    "parts": ("largest_contributions",),
    "completeness": ("group_completeness", "age_standardised"),
    "parents": ("parent_comparison",),
    "effects": ("effects", "better_than_expected"),
    "projects": ("project_summary",),
    "rates": ("attainment_rates",),
    "annual": ("annual_table",),
    "method": ("forecasts",),
    "finals": ("final_verdicts",),
    "round": (),
}
# the paragraph that states the main finding begins with its name in bold: "**Main finding.** ..."
FINDING = re.compile(r"^\*\*[^*\n]+[。.]\*\* .+$", re.MULTILINE)


def say(study: Study, key: str) -> Prose:
    """Return a sentence with its figures; see `Study.say`."""
    named = words.sentence_named(key)
    families = named.facts
    if "look_back" in families and study.earlier is None:
        return Prose(study.context.text(NO_ROUND))
    tables = [table for family in families for table in RESTS_ON.get(family, (family,))]
    if f"{key}.none" in words.sentences() and all(getattr(study, name).empty for name in tables):
        named, families = words.sentence_named(f"{key}.none"), ()
    figures: dict[str, Any] = {}
    for family in families:
        figures |= FACTS[family](study)
    said = words.fill(named.text, study.context, figures)
    about: dict[str, Any] = {"methods": list(methods_of(*tables))} if tables else {}
    if found := FINDING.search(repr(said)):
        about["finding"] = found[0].replace("**", "")
    return replace(said, about=about)


def sentences() -> dict[str, words.Sentence]:
    """Return the sentences that a study says: those with families of facts."""
    return {key: one for key, one in words.sentences().items() if one.facts}

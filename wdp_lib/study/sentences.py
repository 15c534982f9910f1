"""Sentences with figures: their words stand in ``sentences.csv``, their figures come from the tables of a study."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.evaluation import freeze
from wdp_lib.publish.text import facts
from wdp_lib.publish.text.method_notes import methods_of
from wdp_lib.publish.text.words import word
from wdp_lib.publish.views.area_pages import area_facts, upper_facts
from wdp_lib.publish.views.backtest_pages import backtest_facts
from wdp_lib.publish.views.effect_pages import effect_facts
from wdp_lib.publish.views.forecast_tables import method_facts
from wdp_lib.publish.views.gap_pages import completeness_facts, gap_facts, outlook_facts
from wdp_lib.publish.views.round_pages import (
    annual_facts,
    final_facts,
    frozen_facts,
    look_back_facts,
    project_facts,
)
from wdp_lib.publish.views.show import Prose
from wdp_lib.publish.views.supervision_pages import register_facts
from wdp_lib.publish.views.warning_pages import warning_facts

if TYPE_CHECKING:
    from wdp_lib.study.study import Study

NO_ROUND = Text(
    "没有指定存档的轮次，不作回看。", "No archived round is named; nothing to look back on."
)

FACTS = {
    "data": lambda s: facts.data_facts(s.data, s.coverage, s.plan, s.language),
    "forecasts": lambda s: facts.forecast_facts(s.forecasts, s.plan, s.language),
    "example": lambda s: facts.indicator_facts(s.risks, s.plan, s.example, s.language),
    "backtest": lambda s: backtest_facts(s.backtest, s.language),
    "risks": lambda s: facts.risk_facts(s.risks, s.plan, s.language),
    "scheme": lambda s: facts.scheme_facts(s.scheme, s.language),
    "warnings": lambda s: warning_facts(s.warnings, s.plan, s.language),
    "register": lambda s: register_facts(s.register),
    "gaps": lambda s: gap_facts(s.group_gaps, s.plan, s.language),
    "outlook": lambda s: outlook_facts(s.gap_outlook),
    "areas": lambda s: area_facts(
        s.area_comparison, s.roll_up, s.area_names(), s.plan, s.focus, s.language
    ),
    "parts": lambda s: {"n_short": len(s.short_of_target)},
    "completeness": lambda s: completeness_facts(
        s.group_completeness, s.age_standardised, s.language
    ),
    "parents": lambda s: upper_facts(s.parent_comparison, s.language),
    "effects": lambda s: effect_facts(s.effects, s.better_than_expected),
    "projects": lambda s: project_facts(s.project_summary, s.project_status),
    "verdicts": lambda s: facts.verdict_facts(s.verdicts),
    "rates": lambda s: facts.rate_facts(s.attainment_rates),
    "annual": lambda s: annual_facts(s.annual_table, s.plan, s.language),
    "frozen": lambda s: frozen_facts(freeze(s.scheme, s.plan, s.settings)),
    "method": lambda s: method_facts(s.forecasts, s.language),
    "hindcast": lambda s: facts.hindcast_facts(s.hindcast, s.plan, s.language),
    "finals": lambda s: final_facts(s.final_verdicts, s.language),
    "look_back": lambda s: (
        look_back_facts(s.look_back, s.language)
        | {"round": s.earlier_round, "then_as_of": s.earlier.as_of}
    ),
    "next_stage": lambda s: {
        "n_open": len(s.next_stage.carried),
        "n_needed": len(s.next_stage.needed),
        "n_draft": len(s.next_stage.draft),
    },
    "scope": lambda s: {"scope": s.scope},
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
}
# the paragraph that states the main finding begins with its name in bold: "**Main finding.** ..."
FINDING = re.compile(r"^\*\*[^*\n]+[。.]\*\* .+$", re.MULTILINE)


def say(study: Study, key: str) -> Prose:
    """Return a sentence with its figures; see `Study.say`."""
    known = sentences()
    if key not in known:
        advice = suggestion(key, list(known))
        raise ParameterError(
            Text(f"没有名为 {key} 的语句。{advice.zh}", f"No sentence is called {key}. {advice.en}")
        )
    families, text = known[key]
    language = study.language
    if "look_back" in families and study.earlier is None:
        return Prose(NO_ROUND.in_language(language))
    figures: dict[str, Any] = _always(study)
    for family in families:
        figures |= FACTS[family](study)
    said = text.in_language(language).format_map(figures)
    tables = [table for family in families for table in RESTS_ON.get(family, (family,))]
    about: dict[str, Any] = {"methods": list(methods_of(*tables))} if tables else {}
    if found := FINDING.search(said):
        about["finding"] = found[0].replace("**", "")
    return Prose(said, about=about)


def _always(study: Study) -> dict[str, Any]:
    plan, language = study.plan, study.language
    return {
        "plan_title": plan.title.in_language(language),
        "area": plan.area_name.in_language(language),
        "dataset_title": study.data.metadata.title.in_language(language),
        "as_of": study.as_of,
        "since": study.year_ago,
        "through": study.through,
        "year": study.year,
        "data_year": study.data_year,
        "stage": word("stage", study.stage, language),
        "last_plan_year": plan.last_year,
    }


@cache
def sentences() -> dict[str, tuple[tuple[str, ...], Text]]:
    """Return the sentences of ``sentences.csv`` with the families of facts each needs."""
    path = Path(__file__).with_name("sentences.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            row["key"]: (tuple(row["facts"].split()), Text(row["zh"], row["en"]))
            for row in csv.DictReader(stream)
        }

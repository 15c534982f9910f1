"""Sentences with figures: words from ``sentences.csv``, figures from the tables of a study."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.evaluation import freeze
from wdp_lib.publish.text import facts
from wdp_lib.publish.text.method_notes import methods_of
from wdp_lib.publish.text.say import fill
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
    "backtest": lambda s: facts.backtest_facts(s.backtest, s.context),
    "risks": lambda s: facts.risk_facts(s.risks, s.context),
    "scheme": lambda s: facts.scheme_facts(s.scheme, s.context),
    "warnings": lambda s: facts.warning_facts(s.warnings, s.context),
    "register": lambda s: facts.register_facts(s.register),
    "gaps": lambda s: facts.gap_facts(s.group_gaps, s.context),
    "outlook": lambda s: facts.outlook_facts(s.gap_outlook),
    "areas": lambda s: facts.area_facts(s.area_comparison, s.roll_up, s.context, s.focus),
    "parts": lambda s: {"n_short": len(s.short_of_target)},
    "completeness": lambda s: facts.completeness_facts(
        s.group_completeness, s.age_standardised, s.context
    ),
    "parents": lambda s: facts.parent_facts(s.parent_comparison, s.context),
    "effects": lambda s: facts.effect_facts(s.effects, s.better_than_expected),
    "projects": lambda s: facts.project_facts(s.project_summary, s.project_status),
    "verdicts": lambda s: facts.verdict_facts(s.verdicts),
    "rates": lambda s: facts.rate_facts(s.attainment_rates),
    "annual": lambda s: facts.annual_facts(s.annual_table, s.context),
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
    if "look_back" in families and study.earlier is None:
        return Prose(study.context.text(NO_ROUND))
    figures = {"through": study.through, "year": study.year, "since": study.year_ago}
    for family in families:
        figures |= FACTS[family](study)
    said = fill(text, study.context, figures)
    tables = [table for family in families for table in RESTS_ON.get(family, (family,))]
    about: dict[str, Any] = {"methods": list(methods_of(*tables))} if tables else {}
    if found := FINDING.search(repr(said)):
        about["finding"] = found[0].replace("**", "")
    return replace(said, about=about)


@cache
def sentences() -> dict[str, tuple[tuple[str, ...], Text]]:
    """Return the sentences of ``sentences.csv`` with the families of facts each needs."""
    path = Path(__file__).with_name("sentences.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            row["key"]: (tuple(row["facts"].split()), Text(row["zh"], row["en"]))
            for row in csv.DictReader(stream)
        }

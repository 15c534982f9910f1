"""The main section of a report: each domain, its goals sentence by sentence, with a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from wdp_lib.assessment.scheme import CLASSES
from wdp_lib.documents.content import Book
from wdp_lib.documents.keys import keyed, keyed_facts
from wdp_lib.documents.narrative import PANELS, Narrator
from wdp_lib.publish.charts.outlook import plot_small_multiples
from wdp_lib.publish.text import facts
from wdp_lib.publish.views.choose import domains
from wdp_lib.publish.views.citations import cited
from wdp_lib.publish.views.show import draw

if TYPE_CHECKING:
    from wdp_lib.study import Study

NAMED = 10  # names in a sentence


def progress(book: Book, narrator: Narrator) -> None:
    """Each domain: its goals, sentence by sentence, a figure, what is not known."""
    study, context = book.study, book.context
    book.heading("progress")
    book.say("progress.rule")
    if study.stage != "final":
        book.say("progress.chance")
    for domain in study.plan.domains:
        goals = study.verdicts[study.verdicts["domain"] == domain.id]
        if goals.empty:
            continue
        book.heading("domain", 2, domain=context.text(domain.name))
        chosen = panels(study, domain.id)
        own = study.risks[domains(study.plan, study.risks["indicator"]) == domain.id]
        figures = keyed_facts(facts.verdict_facts(goals, context), "verdicts", domain.id)
        figures |= keyed_facts(facts.risk_facts(own, context), "risks", domain.id)
        label = book.next("figure") if chosen else ""
        book.say("domain.head", **figures, label=label)
        if chosen:
            domain_figure(book, domain.id, chosen)
        told = {goal: narrator.told_of(goal) for goal in goals["goal"]}
        rated = (goals["kind"] == "qualitative") & (goals["verdict"] != "not_assessable")
        for goal in goals[goals["goal"].isin([g for g in told if told[g]]) | rated].itertuples():
            _goal(book, narrator, goal, told[goal.goal])
        _unknown(book, domain.id, own, goals, told)


def _goal(book: Book, narrator: Narrator, goal, indicators: list[str]) -> None:
    context, entry = book.context, book.study.plan.goal(goal.goal)
    years = [0, *(int(narrator.risks[name].last_year) for name in indicators)]
    lines = [
        narrator.indicator(name, after) for name, after in zip(indicators, years, strict=False)
    ]
    if goal.kind == "qualitative" and goal.verdict != "not_assessable":
        lines.append(book.words("goal.rated", standing=context.word("standing", goal.verdict)))
    text = context.pick("", " ").join(lines)
    standing = context.word("standing", goal.verdict)
    book.say("goal", title=context.text(entry.title), standing=standing, text=text)


def panels(study: Study, domain: str) -> list[str]:
    """Indicators of the figure of a domain: with a target, the hardest first."""
    risks = study.risks
    risks = risks[(domains(study.plan, risks["indicator"]) == domain) & (risks["n"] >= 3)]
    risks = risks[(risks["target_kind"] != "monitor_only") & risks["last_value"].notna()]
    key = risks["indicator"].isin(study.keys["indicator"])
    order = (
        risks["risk"].map({name: place for place, name in enumerate(CLASSES)}).fillna(len(CLASSES))
    )
    risks = risks.assign(key=~key, order=order).sort_values(
        ["key", "order", "p_meet"], kind="stable"
    )
    return list(risks["indicator"].head(PANELS))


def domain_figure(book: Book, domain: str, indicators: list[str]) -> None:
    """Add the figure of a domain, drawn once for all documents, and where its values come from."""
    study, context = book.study, book.context
    name = f"figure {domain} {study.language}"
    if name not in study.results:
        tables = (study.forecasts, study.observations, context)
        study.results[name] = draw(plot_small_multiples(*tables, indicators, columns=2))
    rows = study.observations[study.observations["indicator"].isin(indicators)]
    rows = rows[(rows["area"] == study.plan.area) & rows["value"].notna()]
    sources = rows[["source", "source_address"]].drop_duplicates()
    issuers = list(dict.fromkeys(filter(None, cited(sources, study.language)["issuer"])))
    title = context.text(study.plan.domain(domain).name)
    note = book.words("domain.source", n=len(issuers), names=some(book, issuers))
    book.figure(study.results[name], "domain.figure", note, domain=title)


def _unknown(
    book: Book, domain: str, own: pd.DataFrame, goals: pd.DataFrame, told: dict[str, list[str]]
) -> None:
    context = book.context
    empty = own[own["last_value"].isna() & (own["target_kind"] != "monitor_only")]
    names = some(book, [context.name(name) for name in empty["indicator"]])
    silent = goals[
        (goals["verdict"] == "not_assessable") & ~goals["goal"].map(lambda g: bool(told[g]))
    ]
    titles = some(book, [context.text(book.study.plan.goal(g).title) for g in silent["goal"]])
    n_goals = keyed(len(silent), "verdicts", domain, "n_silent") if len(silent) else ""
    book.say("domain.unknown", n_goals=n_goals, titles=titles)
    n = keyed(len(empty), "risks", domain, "n_without_data") if len(empty) else ""
    book.say("domain.missing", n=n, names=names)


def some(book: Book, names: list[str]) -> str:
    """Return the first names of a list in words, and how many there are in all."""
    more = book.words("others", n=len(names)) if len(names) > NAMED else ""
    return book.context.joined(names[:NAMED]) + book.context.pick("", " " * bool(more)) + more

"""Documents of a part of a round: a report to each lead unit, a brief of each domain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from wdp_lib.assessment.scheme import CLASSES
from wdp_lib.documents.content import Book, Document
from wdp_lib.documents.keys import keyed, keyed_facts
from wdp_lib.documents.narrative import Narrator
from wdp_lib.documents.progress import domain_figure, panels, some
from wdp_lib.documents.reports import needs_of
from wdp_lib.evaluation.problems import WARNED
from wdp_lib.plan import Unit
from wdp_lib.publish.text import facts
from wdp_lib.publish.text.paragraphs import domain_brief
from wdp_lib.publish.views import show as shown
from wdp_lib.publish.views import views
from wdp_lib.publish.views.choose import domains
from wdp_lib.publish.views.show import Table
from wdp_lib.supervision.letters import committee_office

if TYPE_CHECKING:
    from wdp_lib.study import Study

_COLUMNS = ("last:last_value,last_year", "target", "word:standing", "p_meet", "word:risk_short")
_FEW = 5  # rows of a table that stands on two pages
_EMPTY = "　" * 40


def unit_reports(study: Study, state: str = "", only: str = "") -> list[Document]:
    """Return a report to each unit that leads an indicator, of the indicators it leads.

    An indicator is told to one unit only, the first of those that lead it.

    ``only``: one unit; ``""``: all.
    """
    led: dict[str, list[str]] = {}
    for entry in study.plan.indicators:
        for unit in entry.lead_units[:1]:
            led.setdefault(unit, []).append(entry.id)
    return [
        _unit_report(study, unit, led[unit.id], state)
        for unit in study.plan.units
        if unit.id in led and only in ("", unit.id)
    ]


def _unit_report(study: Study, unit: Unit, led: list[str], state: str) -> Document:
    book = Book(study)
    narrator, context = Narrator(book), book.context
    name = context.text(unit.name)
    own = study.risks[study.risks["indicator"].isin(led)]
    _unit_head(book, led, own, unit, state)
    known = own[own["last_value"].notna()]
    book.heading("unit.indicators")
    for indicator in known["indicator"]:
        book.plain(narrator.indicator(indicator))
    book.table(_targets(study, own), "see.unit")
    lacking = own[own["last_value"].isna()]["indicator"]
    if len(lacking):
        names = context.joined(map(context.name, lacking))
        n = keyed(len(lacking), "risks", unit.id, "n_without_data")
        book.say("unit.lacking", n=n, names=names)
    rest = [context.name(one) for one in led if one not in set(own["indicator"])]
    n = keyed(len(rest), "indicators", unit.id, "n_not_judged")
    book.say("unit.rest", n=n if rest else "", names=context.joined(rest))
    _asked(book, narrator, unit, led)
    _work_plan(book, own)
    if study.data.metadata.simulated:
        book.say("simulated", "note")
    sender = context.text(committee_office(study.plan))
    title = book.words("title.unit", unit=name)
    return book.finished(title, sender=sender, compact=True)


def _unit_head(book: Book, led: list[str], own: pd.DataFrame, unit: Unit, state: str) -> None:
    study, context = book.study, book.context
    entries = [study.plan.indicator(one) for one in led]
    goals = study.verdicts[study.verdicts["goal"].isin({goal for i in entries for goal in i.goals})]
    book.say("summary.head", "note", state=state or book.words("draft"))
    book.heading("unit.goals")
    told = keyed_facts(facts.verdict_facts(goals, context), "verdicts", unit.id)
    told |= keyed_facts(facts.risk_facts(own, context), "risks", unit.id)
    name = context.text(unit.name)
    n = keyed(len(led), "indicators", unit.id, "n_led")
    book.say("unit.head", unit=name, n_indicators=n, **told)
    for verdict, part in goals.groupby("verdict", sort=False):
        titles = [context.text(study.plan.goal(goal).title) for goal in part["goal"]]
        said = context.word("standing", str(verdict))
        n = keyed(len(titles), "verdicts", unit.id, f"n_{verdict}")
        book.say("unit.goals.of", standing=said, n=n, names=some(book, titles))


def _targets(study: Study, own: pd.DataFrame) -> Table:
    """State and outlook of some indicators, in the columns that an upright page has room for."""
    view = views()["risks"]
    chosen = tuple(
        column for column in view.columns if column.name == "indicator" or column.cell in _COLUMNS
    )
    order = {name: place for place, name in enumerate(CLASSES)}
    rows = own.assign(order=own["risk"].map(order).fillna(len(CLASSES)))
    rows = rows.sort_values("order", kind="stable").drop(columns="order")
    return replace(shown(rows, replace(view, columns=chosen), study.context), source="risks")


def _asked(book: Book, narrator: Narrator, unit: Unit, led: list[str]) -> None:
    """What is asked of the unit: the items of its letter, and how many more by when."""
    study = book.study
    needs = study.needs[study.needs["indicator"].isin(led)]
    needs = needs[needs["change"].notna() & (needs["reason"] == "")]
    letters = [one for one in study.letters if one.unit == unit.id]
    if needs.empty and not letters:
        return
    book.heading("unit.asked")
    for letter in letters:
        names = book.context.joined(letter.items[f"name_{study.language}"])
        due = keyed(letter.items["due"].min(), "letters", unit.id, "due")
        n = keyed(len(letter.items), "letters", unit.id, "n_items")
        book.say("unit.letter", n=n, names=names, due=due)
    for number in range(len(needs)):
        text = needs_of(book, needs.iloc[[number]], narrator)
        book.say("unit.need", number=number + 1, text=text)


def _work_plan(book: Book, own: pd.DataFrame) -> None:
    """A table to fill in for next year, the indicators in danger named."""
    pressing = own[own["risk"].isin(WARNED) | own["state"].eq("not_attained")]["indicator"]
    names = [*map(book.context.name, pressing), _EMPTY, _EMPTY]
    keys = ("item", "aim", "measures", "responsible", "by")
    columns = [book.words(f"column.{key}") for key in keys]
    rows = [[name, *[_EMPTY] * (len(keys) - 1)] for name in names]
    book.heading("unit.plan")
    form = Table(pd.DataFrame(rows, columns=columns), book.words("unit.plan.caption"))
    book.table(form, "unit.plan.say", next_year=book.study.data_year + 1)


def domain_briefs(study: Study, state: str = "") -> list[Document]:
    """Return a brief of each domain that has goals: plain words, a figure, a small table."""
    return [
        _brief(study, domain.id, state)
        for domain in study.plan.domains
        if study.verdicts["domain"].eq(domain.id).any()
    ]


def _brief(study: Study, domain: str, state: str) -> Document:
    book, context = Book(study), study.context
    book.say("summary.head", "note", state=state or book.words("draft"))
    tables = (study.verdicts, study.problems, study.risks)
    prose = domain_brief(domain, *tables, context, most=5, marked=keyed_facts)
    book.prose(replace(prose, text=prose.text.partition("\n")[2]))
    own = study.risks[domains(study.plan, study.risks["indicator"]) == domain]
    keys = own["indicator"].isin(study.keys["indicator"]) & own["last_value"].notna()
    book.table(_targets(study, own[keys].head(_FEW)), "see.keys")
    chosen = panels(study, domain)
    if chosen:
        domain_figure(book, domain, chosen)
    sender = context.text(committee_office(study.plan))
    title = book.words("title.brief", domain=context.text(study.plan.domain(domain).name))
    return book.finished(title, sender=sender, compact=True)

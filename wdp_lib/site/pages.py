"""The pages of a round: one a domain, a goal, an indicator, and the list of indicators."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from wdp_lib.assessment.scheme import GROUPS
from wdp_lib.core.errors import Text
from wdp_lib.documents.narrative import Narrator
from wdp_lib.documents.reports import needs_of
from wdp_lib.plan import Goal, Indicator
from wdp_lib.publish.text import facts
from wdp_lib.publish.views.cells import last_text, target_text
from wdp_lib.publish.views.choose import domains
from wdp_lib.publish.views.why import why_text
from wdp_lib.site.blocks import Link, Page, Pill
from wdp_lib.site.chart import chart
from wdp_lib.site.find import keys
from wdp_lib.site.tables import Tables

if TYPE_CHECKING:
    from wdp_lib.study import Study

_UNSAFE = re.compile(r"[^\w-]+")
INDEX, LIST = "index.html", "indicators.html"


def files_of(pages: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the file of each page by its kind and identifier; no two share one."""
    taken: dict[str, tuple[str, str]] = {}
    for kind, one in pages:
        name, number = _UNSAFE.sub("_", f"{kind}-{one}"), 1
        while (found := f"{name}{f'-{number}' * (number > 1)}.html") in taken:
            number += 1
        taken[found] = (kind, one)
    return {key: file for file, key in taken.items()}


class Site(Tables):
    """The pages of a study, from its tables and in its words.

    ``study``: what is shown, and nothing that it does not show.
    """

    def __init__(self, study: Study):
        super().__init__(study)
        self.narrator = Narrator(self.book)
        self.risks = {row.indicator: row for row in study.risks.itertuples()}
        self.verdicts = {row.goal: row for row in study.verdicts.itertuples()}
        self._told: dict[str, str] = {}
        named = study.risks["indicator"]
        self.of = dict(zip(named, domains(study.plan, named), strict=True))

    def pages(self) -> Iterator[Page]:
        """Return every page but the first."""
        plan = self.study.plan
        yield self.listed()
        yield from map(self.domain, plan.domains)
        yield from map(self.goal, plan.goals)
        yield from map(self.indicator, plan.indicators)

    # --- where pages stand ---

    @cached_property
    def files(self) -> dict[tuple[str, str], str]:
        """The file of each page by kind and identifier."""
        plan = self.study.plan
        kinds = {"domain": plan.domains, "goal": plan.goals, "indicator": plan.indicators}
        return files_of((kind, one.id) for kind, entries in kinds.items() for one in entries)

    def link(self, kind: str, one: str, **more: Any) -> Link:
        """Return the link to a domain, goal or indicator."""
        entry = getattr(self.study.plan, kind)(one)
        name = getattr(entry, "name", None) or entry.title
        return Link(self.context.text(name), self.files[kind, entry.id], **more)

    @cached_property
    def names(self) -> dict[str, str]:
        """The page of each name of an indicator that only one has."""
        found: dict[str, list[str]] = {}
        for entry in self.study.plan.indicators:
            found.setdefault(self.context.text(entry.name), []).append(entry.id)
        return {
            name: self.files["indicator", ids[0]] for name, ids in found.items() if len(ids) == 1
        }

    # --- small things on many pages ---

    def pills(self, indicator: str) -> tuple[Pill, ...]:
        """Where an indicator stands and how it is warned of; a word each."""
        row = self.risks[indicator]
        shown = [self.stands(row.standing)] if row.standing else []
        if row.risk not in ("not_graded", "clear"):
            text = self.book.words("pill.risk", risk=self.context.word("risk_short", row.risk))
            shown.append(Pill(text, f"risk-{row.risk}"))
        return tuple(shown) or (Pill(self.book.words("pill.monitored"), ""),)

    def stands(self, standing: str) -> Pill:
        """Where a goal or an indicator stands."""
        group = GROUPS.get(standing, "not_assessable")
        return Pill(self.context.word("standing", standing), f"is-{group}")

    def line(self, indicator: str) -> Link:
        """Return the line of an indicator in a list."""
        row = self.risks[indicator]
        value = self.last(row) or self.book.words("no_data")
        more = self.book.words("line", value=value, target=self.target(row))
        return self.link("indicator", indicator, pills=self.pills(indicator), more=more)

    def last(self, row: Any) -> str:
        """Return the last value with its unit and year, in short."""
        return "" if pd.isna(row.last_value) else last_text(row, self.context)

    def target(self, row: Any) -> str:
        """Return the target in words; nothing where it is monitored only."""
        return "" if row.target_kind == "monitor_only" else target_text(row, self.context)

    def told(self, indicator: str) -> str:
        """Return an indicator in sentences, made once."""
        if indicator not in self._told:
            self._told[indicator] = self.narrator.indicator(indicator)
        return self._told[indicator]

    def units(self, ids: tuple[str, ...]) -> str:
        """Return the names of units."""
        return self.context.joined(self.context.text(self.study.plan.unit(u).name) for u in ids)

    # --- pages ---

    def listed(self) -> Page:
        """Return the list of all indicators, to be searched and filtered."""
        rows = [self._entry(entry) for entry in self.study.plan.indicators]
        filters = [
            (name, list(dict.fromkeys(filter(None, map(of, rows)))))
            for name, of in (
                ("domain", lambda row: row["domain"]),
                ("stands", lambda row: row["stands"].text),
                ("risk", lambda row: row["risk"]),
                ("unit", lambda row: row["unit"]),
            )
        ]
        first = (Link(self.book.words("first"), INDEX),)
        told = {"rows": rows, "filters": filters}
        return Page(LIST, self.book.words("list"), "list", trail=first, facts=told)

    def _entry(self, entry: Indicator) -> dict[str, Any]:
        context, row = self.context, self.risks[entry.id]
        domain = self.study.plan.domain(self.of[entry.id])
        pills = self.pills(entry.id)
        return {
            "link": self.link("indicator", entry.id),
            "domain": context.text(domain.name),
            "value": self.last(row),
            "target": self.target(row),
            "stands": pills[0],
            "risk": pills[1].text if pills[1:] else "",
            "pills": pills,
            "unit": self.units(entry.lead_units[:1]),
            "sought": keys(entry.name, entry.id, entry.clause),
        }

    def domain(self, domain: Any) -> Page:
        """Return the page of a domain: where it stands, its goals and their indicators."""
        study, book = self.study, self.book
        goals = study.verdicts[study.verdicts["domain"] == domain.id]
        own = study.risks[study.risks["indicator"].map(self.of) == domain.id]
        figures = facts.verdict_facts(goals, self.context) | facts.risk_facts(own, self.context)
        if len(goals):
            book.say("domain.head", **figures, label="")
        for goal in study.plan.goals_of(domain.id):
            book.blocks.append(self._goal_heading(goal))
            first = [i.id for i in study.plan.indicators_of(goal.id)]
            book.links(map(self.line, first))
        return self._page("domain", domain.id)

    def _goal_heading(self, goal: Goal) -> Any:
        pill = self.stands(self.verdicts[goal.id].verdict)
        return replace(self.link("goal", goal.id), pills=(pill,))

    def goal(self, goal: Goal) -> Page:
        """Return the page of a goal: the verdict and why, its indicators, its measures."""
        book, plan = self.book, self.study.plan
        verdict = self.verdicts[goal.id]
        own = [i.id for i in plan.indicators_of(goal.id)]
        context = self.context
        book.facts_list(
            [
                ("verdict", context.word("standing", verdict.verdict)),
                ("why", self._why(verdict.verdict_reason)),
                ("clause", goal.clause),
                ("kind", context.word("goal_kind", goal.kind)),
            ]
        )
        if own:
            book.heading("goal.indicators")
            book.links(map(self.line, own))
            told = [n for n in own if n in self.narrator.told and self._has_value(n)]
            for name in told:
                book.plain(self.told(name))
        self._measures(plan.measures_of(goal.id), [p for p in plan.projects if goal.id in p.goals])
        trail = (self.link("domain", goal.domain),)
        return self._page("goal", goal.id, trail, (self.stands(verdict.verdict),))

    def indicator(self, entry: Indicator) -> Page:
        """Return the page of an indicator: how it goes, why, what would clear it, on what data."""
        book, plan = self.book, self.study.plan
        self._outlook(entry)
        self._clearing(entry)
        found = [m for m in plan.measures if entry.id in m.indicators]
        found += [
            m for m in plan.measures_of(entry.goals[0]) if m not in found and not m.indicators
        ]
        self._measures(found, [p for p in plan.projects if entry.id in p.indicators])
        self._responsible(entry)
        self._data(entry)
        self._definition(entry)
        if entry.id in self.history:
            book.heading("history")
            book.grids(self.history[entry.id])
        goal = plan.goal(entry.goals[0])
        trail = (self.link("domain", goal.domain), self.link("goal", goal.id))
        return self._page("indicator", entry.id, trail, self.pills(entry.id))

    def _page(self, kind: str, one: str, trail=(), pills=()) -> Page:
        link = self.link(kind, one)
        first = Link(self.book.words("first"), INDEX)
        return Page(link.target, link.text, kind, self.book.taken(), (first, *trail), pills)

    # --- sections of an indicator ---

    def _outlook(self, entry: Indicator) -> None:
        book, row = self.book, self.risks[entry.id]
        if self._has_value(entry.id):
            book.plain(self.told(entry.id))
        else:
            book.say("no_value", why=why_text(row, self.context))
        book.chart(chart(*self.tables[entry.id], entry.id, self.context))

    def _clearing(self, entry: Indicator) -> None:
        """Why it stands where it stands, and what would clear its warnings."""
        book = self.book
        if entry.id not in self.judged:
            return
        book.heading("clearing")
        [judged] = self.judged[entry.id]
        book.labelled(zip(judged.headings, judged.rows[0], strict=True))
        if why := why_text(self.risks[entry.id], self.context):
            book.facts_list([("why", why)])
        if entry.id in self.warned:
            book.grids(self.warned[entry.id])
        else:
            book.say("not_warned")
        if entry.id in self.needs:
            book.say("need.line", text=needs_of(book, self.needs[entry.id], self.narrator))

    def _measures(self, measures: Any, projects: Any) -> None:
        book = self.book
        if not (measures or projects):
            return
        book.heading("measures.linked")
        items = [self._undertaking(m.clause, m.title) for m in measures]
        items += [self._undertaking(p.clause, p.name) for p in projects]
        book.listed(items)

    def _undertaking(self, clause: str, title: Text) -> str:
        return self.book.words("measure", clause=clause, title=self.context.text(title))

    def _responsible(self, entry: Indicator) -> None:
        book, origin = self.book, entry.lead_units_origin
        key = "suggested" if origin in ("", "suggested") else "stated"
        book.heading("responsible")
        units = self.units(entry.lead_units)
        book.say(f"responsible.{key if units else 'none'}", units=units)

    def _data(self, entry: Indicator) -> None:
        """The values with their sources; groups, parts, the areas above."""
        book = self.book
        book.heading("data")
        if entry.id not in self.series:
            book.say("data.none")
        book.grids(self.series.get(entry.id, ()), book.words("series.caption"))
        book.grids(self.gaps.get(entry.id, ()))
        book.grids(self.parts.get(entry.id, ()), book.words("parts.caption"))
        book.grids(self.parents.get(entry.id, ()))

    def _definition(self, entry: Indicator) -> None:
        book, context, target = self.book, self.context, entry.target
        book.heading("definition")
        word, text = context.word, context.text
        words = [word("sex", entry.sex), word("residence", entry.residence), entry.age_group]
        codes = (entry.sex, entry.residence, entry.age_group)
        stratum = [said for said, code in zip(words, codes, strict=True) if code != "all"]
        book.facts_list(
            [
                ("wording", text(target.wording)),
                ("second_line", text(target.second_line)),
                ("clause", context.joined([entry.clause, *entry.clause_also])),
                ("target_source", target.source),
                ("target_source_address", target.source_address),
                ("evidence", word("evidence", target.evidence)),
                ("unit", word("unit", entry.unit)),
                ("numerator", text(entry.numerator)),
                ("denominator", text(entry.denominator)),
                ("stratum", context.joined(stratum)),
                ("frequency", word("frequency", entry.frequency)),
                ("availability", word("availability", entry.availability)),
                ("note", text(entry.note)),
            ]
        )

    def _has_value(self, indicator: str) -> bool:
        return bool(pd.notna(self.risks[indicator].last_value))

    def _why(self, code: str) -> str:
        return self.context.word("reason", code) if code else ""

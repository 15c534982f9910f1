"""The reports of a round: annual monitoring, mid-term and final evaluation.

Each is a list of sections; a section that has nothing to say is left out with its heading.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from wdp_lib.documents.content import LONG, Book, Document
from wdp_lib.documents.keys import keyed, keyed_facts
from wdp_lib.documents.narrative import Narrator
from wdp_lib.documents.progress import progress, some
from wdp_lib.publish.views import show as shown
from wdp_lib.publish.views import views
from wdp_lib.publish.views.cells import chance_text, target_text
from wdp_lib.publish.views.show import Figure, Table
from wdp_lib.publish.views.why import why_text
from wdp_lib.supervision.letters import committee_office

if TYPE_CHECKING:
    from wdp_lib.study import Study

PRESSING = 10  # problems told one by one
FIRST = 3  # of what a unit has to do; the rest stands in the table
# columns of the annex on paper; the workbook has all
_OF_PROBLEMS = ("indicator.indicator", "last_value", "indicator.target", "p_meet", "risk", "units")
_OUTLOOK = ("p_meet", "risk", "outlook")  # of which a final round says nothing
_OF_NEEDS = ("indicator.indicator", "line", "change", "change_per_year", "units", "measures")
_OF_GOALS = ("goal", "n_attained", "verdict", "verdict_reason", "outlook")
_OF_PROJECTS = (
    *("project", "commitments", "done", "under_way", "behind", "not_started"),
    *("missed", "not_assessable", "complete"),
)
_OF_FINALS = ("indicator", "last_value", "last_year", "target_lower", "target_upper", "standing")
_OF_KEYS = (
    *("indicator.indicator", "last_value", "indicator.target"),
    *("standing", "forecast_median", "p_meet", "risk"),
)
GROUPS = (  # of the counts by domain
    *("attained", "nearly", "on_schedule", "behind", "hard", "unproven"),
    *("not_attained", "case_by_case", "not_assessable"),
)
_OF_INDICATORS = ("red", "orange", "yellow", "volatile", "failed_goals")  # not of goals
KEPT = ("ahead", "attained", "to_consolidate", "improved", "implemented")  # going well
Section = Callable[[Book, Narrator], None]


def report(study: Study, state: str = "") -> Document:
    """Return the report of a study's stage, as a document.

    ``state``: state of the report in words, for the cover; a draft where it is empty.
    """
    book = Book(study)
    narrator = Narrator(book)
    for section in SECTIONS[study.stage]:
        section(book, narrator)
    cover = cover_lines(book, state)
    sender = study.context.text(committee_office(study.plan))
    return book.finished(book.words(f"title.{study.stage}"), cover=cover, sender=sender)


def cover_lines(book: Book, state: str) -> list[tuple[str, str]]:
    """Return the lines of a cover: state, edition, cut-off, data, version."""
    study, context = book.study, book.context
    frozen = book.facts("frozen")
    values = {
        "state": state or book.words("draft"),
        "edition": book.words(f"edition.{study.edition_kind}", unit=study.edition_name),
        "as_of": study.as_of,
        "dataset": context.text(study.data.metadata.title),
        "version": book.words("version.value", **frozen),
    }
    return [(book.words(f"cover.{key}"), value) for key, value in values.items()]


def attention(study: Study) -> pd.DataFrame:
    """Return the problems that are problems of progress, the most pressing first."""
    problems = study.problems
    return problems[problems["problem"] != "no_usable_data"]


def _overview(book: Book, narrator: Narrator) -> None:
    study = book.study
    book.heading("overview")
    figures = book.facts("verdicts", "risks", "rates")
    figures |= {"year": study.year} | grouped(book)  # the year as a title has it
    book.say(f"overview.{study.stage}", **figures)
    if study.stage == "annual":
        book.say("overview.year", **book.facts("annual"))
    book.say("overview.goals", **figures)
    book.say("overview.rates", **figures)
    if study.stage != "final":
        book.say("overview.outlook", **figures)
    book.table(domain_table(book), "see.domains")


def domain_table(book: Book) -> Table:
    """Return the goals by domain and where they stand, without columns that count nothing."""
    study = book.study
    view = views()["domains"]
    chosen = tuple(column for column in view.columns if column.name not in _OF_INDICATORS)
    told = shown(study.domain_summary, replace(view, columns=chosen), study.context)
    texts, chosen = told.texts, told.made
    keep = [n for n in range(texts.shape[1]) if set(texts.iloc[:, n]) - {"0", "—"}]
    rows, made = tuple(study.domain_summary["domain"]), tuple(chosen[n] for n in keep)
    named = {"source": "domain_summary", "rows": rows, "made": made}
    return Table(texts.iloc[:, keep], book.words("domains.caption"), **named)


def grouped(book: Book) -> dict[str, object]:
    """Return how many goals and targets stand where, in few groups that add up."""
    return {
        "goals_grouped": _groups(book, book.study.domain_summary, "goals"),
        "targets_grouped": _groups(book, book.study.attainment_rates, "judged"),
    }


def _groups(book: Book, table: pd.DataFrame, total: str) -> str:
    whole = table[table["domain"] == ""].iloc[0]
    counted = [(name, int(whole[name])) for name in GROUPS if name in whole.index and whole[name]]
    source = "domain_summary" if total == "goals" else "attainment_rates"
    said = [book.words(f"group.{name}", n=keyed(n, source, "", name)) for name, n in counted]
    return book.context.joined(said) if sum(n for _, n in counted) == whole[total] else ""


def _problems(book: Book, narrator: Narrator) -> None:
    study, context = book.study, book.context
    found = attention(study)
    lacking = study.problems[study.problems["problem"] == "no_usable_data"]
    if found.empty and lacking.empty:
        return
    book.heading("problems")
    if len(found):
        book.heading("problems.pressing", 2)
        n = keyed(len(found), "problems", "", "n_of_progress")
        book.say("problems.head", n=n, shown=PRESSING if len(found) > PRESSING else "")
        for number, row in enumerate(found.head(PRESSING).itertuples(), 1):
            book.say("problem", number=number, **_problem(book, narrator, row))
    _weak_links(book)
    if len(lacking):
        book.heading("problems.data", 2)
        names = [context.name(name) for name in lacking["indicator"]]
        n = keyed(len(lacking), "problems", "", "n_no_usable_data")
        book.say("problems.lacking", n=n, names=some(book, names))
    columns = [one for one in _OF_PROBLEMS if study.stage != "final" or one not in _OUTLOOK]
    book.table(study.show("problems"), "see.problems", columns=columns)


def _problem(book: Book, narrator: Narrator, row) -> dict[str, object]:
    context, study = book.context, book.study
    entry = study.plan.indicator(row.indicator)
    short = row.margin if pd.notna(row.margin) and row.margin < 0 else None
    figures = {
        "last_year": int(row.last_year) if pd.notna(row.last_year) else "",
        "last_value": narrator.amount(row.last_value, row.indicator),
        "target": target_text(row, context),
        "margin": narrator.distance(-short, row.indicator) if short else "",
        "p_meet": ""
        if study.stage == "final" or pd.isna(row.p_meet)
        else chance_text(row, context),
        "why": why_text(row._replace(reason=""), context),
    }
    told = {name: keyed(value, "problems", row.indicator, name) for name, value in figures.items()}
    facts_of = {
        "name": context.name(row.indicator),
        "year": told["last_year"],
        "value": told["last_value"],
        "target": told["target"],
        "short": told["margin"],
        "chance": told["p_meet"],
        "why": told["why"],
        "part": _largest_part(book, row.indicator),
        "units": context.joined(context.text(study.plan.unit(u).name) for u in entry.lead_units),
        "measures": _measures(book, row.measures),
    }
    return facts_of


def _measures(book: Book, measures: str) -> str:
    titles = [book.context.text(book.study.plan.measure(m).title) for m in measures.split(";") if m]
    return book.context.joined(titles[:3])


def _largest_part(book: Book, indicator: str) -> str:
    """The part of the area that lacks the most persons, in words."""
    parts = book.study.largest_contributions
    rows = parts[
        (parts["indicator"] == indicator)
        & (parts["dimension"] == "area")
        & (parts["contribution"] >= 1)
    ]
    if rows.empty:
        return ""
    row = rows.iloc[0]
    lacking = f"{row['contribution']:.0f}"
    lacking = keyed(lacking, "largest_contributions", f"{indicator}.{row['part']}", "contribution")
    counted = book.context.text(book.study.plan.indicator(indicator).numerator)
    facts = {"area": book.context.area(row["part"]), "counted": counted, "lacking": lacking}
    return book.words("problem.part", **facts)


def _weak_links(book: Book) -> None:
    """Groups and areas that are behind, as far as the tables show it."""
    gaps = book.facts("gaps")
    areas = book.facts("areas")
    if not gaps["n_gaps"] and not areas["n_compared"]:
        return
    book.heading("problems.groups", 2)
    if gaps["n_gaps"]:
        book.say("problems.gaps", **gaps)
    if areas["n_compared"]:
        book.say("problems.areas", **areas)


def _measures_and_projects(book: Book, narrator: Narrator) -> None:
    study = book.study
    if study.project_summary.empty and study.effects.empty:
        return
    book.heading("measures")
    if len(study.project_summary):
        book.say(
            "measures.projects",
            **book.facts("projects"),
        )
        book.table(study.show("projects"), "see.projects", columns=_OF_PROJECTS)
        open_ones = study.project_status[
            study.project_status["status"].isin(["behind", "missed", "not_started"])
        ]
        if len(open_ones):
            book.table(study.show("commitments", open_ones), "see.commitments")
    if study.stage == "midterm" and len(study.effects):
        book.say("measures.effects", **book.facts("effects"))


def _countermeasures(book: Book, narrator: Narrator) -> None:
    """What is to be done, unit by unit: how many more by when, and by which measures."""
    study = book.study
    known = study.needs[study.needs["change"].notna() & (study.needs["reason"] == "")]
    if study.needs.empty:
        return
    book.heading("countermeasures")
    counts = keyed_facts({"n_worked_out": len(study.needs), "n_known": len(known)}, "needs")
    book.say("countermeasures.head", n=counts["n_worked_out"], n_known=counts["n_known"])
    led = known["units"].str.split(";").str[0]
    for unit in study.plan.units:
        own = known[led == unit.id]
        if len(own):
            needs = needs_of(book, own.head(FIRST), narrator)
            label = book.next("annex")
            n = keyed(len(own) - FIRST, "needs", unit.id, "n_more")
            also = book.words("need.also", n=n, label=label)
            named = {"unit": book.context.text(unit.name), "needs": needs}
            book.say("countermeasures.unit", **named, also=also if len(own) > FIRST else "")
    book.table(study.show("needs"), "see.needs", columns=_OF_NEEDS)
    if len(study.proposals):
        book.table(study.show("proposals"), "see.proposals")


def needs_of(book: Book, own: pd.DataFrame, narrator: Narrator, *, short: bool = False) -> str:
    """What one unit has to do, item by item; ``short``: without measures and other units."""
    context, plan = book.context, book.study.plan
    said = []
    for row in own.itertuples():
        entry = plan.indicator(row.indicator)

        def told(text: object, column: str, indicator: str = row.indicator) -> str:
            return keyed(text, "needs", indicator, column)

        over = row.years < 1 or book.study.stage == "final"  # nothing can be done by its year
        others = [context.text(plan.unit(unit).name) for unit in row.units.split(";")[1:] if unit]
        said.append(
            book.words(
                ("need" if row.change > 0 else "need.fewer") + (".missed" if over else ""),
                name=context.name(row.indicator),
                line=told(narrator.line(row.line, row.indicator), "line"),
                counted=context.text(entry.numerator),
                year=told(int(row.last_year), "last_year"),
                change=told(f"{abs(row.change):.0f}", "change"),
                per_year=told(f"{abs(row.change_per_year):.0f}", "change_per_year")
                if pd.notna(row.change_per_year) and row.years > 1
                else "",
                measures="" if short else _measures(book, row.measures),
                others="" if short else context.joined(others),
            )
        )
    # an indicator of two goals asks once
    return context.joined(list(dict.fromkeys(said)), clauses=True)


def _outlook(book: Book, narrator: Narrator) -> None:
    study, context = book.study, book.context
    told = book.facts("risks")
    if not told["n_graded"]:
        return
    book.heading("outlook")
    book.say("outlook.head", **told, label=book.next("figure"), through=study.plan.last_year)
    likely = study.risks[(study.risks["risk"] == "clear") & study.risks["evidence"].eq("confirmed")]
    names = [context.name(name) for name in likely["indicator"]]
    n = keyed(len(likely), "risks", "", "n_likely") if len(likely) else ""
    book.say("outlook.likely", n=n, names=some(book, names))
    figure = study.chart("probabilities", most=25)
    if isinstance(figure, Figure):
        book.figure(figure, "outlook.figure")


def _look_back(book: Book, narrator: Narrator) -> None:
    study = book.study
    if study.earlier is None:
        return
    book.heading("look_back")
    told = book.facts("look_back")
    book.say("look_back.head", **told)
    book.table(study.show("warned_and_met"), "see.warned")


def _handed_on(book: Book, narrator: Narrator) -> None:
    study, context = book.study, book.context
    missed = study.risks[study.risks["state"] == "not_attained"]
    if missed.empty and study.draft_indicators.empty:
        return
    book.heading("handed_on")
    names = [context.name(name) for name in missed["indicator"]]
    n = keyed(len(missed), "risks", "", "n_missed") if len(missed) else ""
    book.say("handed_on.head", n=n, names=some(book, names))
    book.table(study.show("draft_indicators"), "see.draft", paged=False)


def _method(book: Book, narrator: Narrator) -> None:
    study = book.study
    book.heading("method")
    book.say("method.data", **book.facts("data"))
    for key in ("80.goals", "80.method") + (() if study.stage == "final" else ("80.risks",)):
        book.prose(study.say(key))
    if study.stage == "midterm":
        book.say("method.trust", **book.facts("backtest"))
    columns = [one for one in _OF_GOALS if study.stage != "final" or one not in _OUTLOOK]
    book.table(study.show("goals"), "see.goals", columns=columns)
    if study.stage == "final":
        book.table(study.show("final_verdicts"), "see.finals", columns=_OF_FINALS)
    else:
        book.table(study.show("risks", study.key_risks), "see.keys", columns=_OF_KEYS)
    book.table(_sources(study), "see.sources")


def _sources(study: Study) -> Table:
    """The sources; a long list of one text an issuer has the issuers of the same text in a row."""
    table = study.show("sources", study.sourced_risks)
    texts = table.texts
    _, issuer, *others = (name for name in texts if set(texts[name]) - {"—"})
    if len(others) != 1 or len(texts) < LONG:
        return table
    told = texts.groupby(issuer, sort=False)[others].agg(lambda cells: "；".join(sorted({*cells})))
    joined = study.context.joined
    told = told.reset_index().groupby(others, sort=False)[issuer].agg(joined).reset_index()
    return Table(told[[issuer, *others]], table.caption, table.notes)


_TAIL: tuple[Section, ...] = (_measures_and_projects, _countermeasures)
SECTIONS: dict[str, tuple[Section, ...]] = {
    "annual": (_overview, progress, _problems, *_TAIL, _method),
    "midterm": (_overview, progress, _problems, *_TAIL, _outlook, _method),
    "final": (
        _overview,
        progress,
        _problems,
        _measures_and_projects,
        _look_back,
        _handed_on,
        _method,
    ),
}
SECTIONS["hindcast"] = SECTIONS["midterm"]

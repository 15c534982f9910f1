"""The short documents of a round: the summary for leaders, and a letter to each unit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.documents.content import Book, Document, Heading
from wdp_lib.documents.keys import keyed
from wdp_lib.documents.narrative import Narrator
from wdp_lib.documents.progress import some
from wdp_lib.documents.reports import KEPT, attention, domain_table, grouped, needs_of
from wdp_lib.publish.views import Column
from wdp_lib.publish.views.show import Table
from wdp_lib.supervision.letters import Letter, committee_office

if TYPE_CHECKING:
    from wdp_lib.study import Study

_BLANK = "　" * 60  # room to write in: spaces that take up a cell
MOST = 5  # rows and items, so that all stands on two pages


def summary(study: Study, state: str = "") -> Document:
    """Return what leaders read: what goes well, what is at risk, what must be done."""
    book = Book(study)
    narrator, context = Narrator(book), book.context
    book.say("summary.head", "note", state=state or book.words("draft"))
    figures = book.facts("verdicts", "risks", "rates") | grouped(book)
    book.heading("summary.judgement")
    book.say("summary.goals", **figures)
    if study.stage != "final":
        book.say("overview.outlook", **figures)
    book.table(domain_table(book), "see.domains")
    kept = study.verdicts[study.verdicts["verdict"].isin(KEPT)]
    if len(kept):
        book.heading("summary.well")
        titles = [context.text(study.plan.goal(goal).title) for goal in kept["goal"]]
        n = keyed(len(kept), "verdicts", "", "n_kept")
        book.say("summary.well.text", n=n, names=some(book, titles))
    risky = attention(study).head(MOST)
    if len(risky):
        book.heading("summary.risk")
        book.table(_brief(study, risky), "see.risky", close=True)
    _to_do(book, narrator, risky)
    open_goals = int((study.verdicts["verdict"] == "not_assessable").sum())
    chances = "" if study.stage == "final" else context.pick("概率", "Probabilities")
    n = keyed(open_goals, "verdicts", "", "n_not_assessable") if open_goals else ""
    book.say("summary.mind.text", "note", n=n, chances=chances)
    if study.data.metadata.simulated:
        book.say("simulated", "note")
    sender = context.text(committee_office(study.plan))
    return book.finished(book.words("title.summary"), sender=sender, compact=True)


def _brief(study: Study, risky: pd.DataFrame) -> Table:
    """The problem table without the columns that only a longer document has room for."""
    table = study.show(
        "problems",
        risky.assign(measures="", reason="", state_reason="", volatility_reason="", dips=""),
    )
    texts = table.texts
    silent = {"—", study.context.word("risk", "not_graded")}
    keep = [n for n in range(texts.shape[1]) if set(texts.iloc[:, n]) - silent]
    marks = None if table.marks is None else table.marks.iloc[:, keep]
    made = tuple(table.made[n] for n in keep)
    return replace(table, shown=texts.iloc[:, keep], notes=(), marks=marks, made=made)


def _to_do(book: Book, narrator: Narrator, risky: pd.DataFrame) -> None:
    """The needs behind the most pressing problems, and the data to be supplied."""
    study = book.study
    known = study.needs[study.needs["change"].notna() & (study.needs["reason"] == "")]
    known = known.set_index("indicator", drop=False)
    chosen = [name for name in risky["indicator"] if name in known.index]
    lacking = study.problems[study.problems["problem"] == "no_usable_data"]
    if not chosen and lacking.empty:
        return
    book.heading("summary.do")
    for number, name in enumerate(chosen, 1):
        row = known.loc[[name]]
        lead = row["units"].iloc[0].split(";")[0]
        unit = book.context.text(study.plan.unit(lead).name) if lead else ""
        text = needs_of(book, row, narrator, short=True)
        book.say("summary.do.item", unit=unit, number=number, text=text)
    if len(lacking):
        names = some(book, [book.context.name(name) for name in lacking["indicator"]])
        n = keyed(len(lacking), "problems", "", "n_no_usable_data")
        book.say("summary.do.data", number=len(chosen) + 1, n=n, names=names)


STATE = ("figures", "target", "missing")
_CELLS = ("text", "text", "figures", "figures", "figures", "year")  # which of them hold numbers
PARTS = ("name", "finding", *STATE, "wanted")


def letters(study: Study, only: str = "") -> list[Document]:
    """Return a supervision letter to each unit (or one) with an open warning, and its answer form.

    ``only``: one unit; ``""``: all.
    """
    return [_letter(study, one) for one in study.letters if only in ("", one.unit)]


def _letter(study: Study, letter: Letter) -> Document:
    book = Book(study)
    text, unit = book.context.text, book.context.text(letter.addressee)
    book.say("letter.number", "right", year=study.as_of[:4])
    book.say("letter.to", "left", unit=unit)
    book.plain(keyed(text(letter.opening), "letters", letter.unit, "opening"))
    book.table(items_of(book, letter), "see.letter")
    book.plain(keyed(text(letter.demand), "letters", letter.unit, "demand"), close=True)
    book.plain(text(letter.contact), close=True)
    book.plain(text(letter.sender), "right", close=True)
    book.say("letter.date", "right")
    if study.data.metadata.simulated:
        book.say("simulated", "note")
    book.blocks.append(Heading(book.words("letter.reply"), number=False))
    names = [book.words("column.field"), book.words("column.answer")]
    form = pd.DataFrame([(text(one), _BLANK) for one in letter.fields], columns=names)
    book.table(Table(form, book.words("letter.reply.caption")), "letter.reply.say")
    return book.finished(text(letter.title), name=book.words("title.letter", unit=unit))


def items_of(book: Book, letter: Letter) -> Table:
    """What the letter is about: state, target and what is missing stand in one cell."""
    language, rows = book.study.language, []
    for number, row in enumerate(letter.items.to_dict("records"), 1):
        told = {part: row[f"{part}_{language}"] for part in PARTS}
        state = book.context.joined(filter(None, map(told.pop, STATE)), clauses=True)
        rows.append([str(number), told["name"], told["finding"], state, told["wanted"], row["due"]])
    names = ("number", "item", "finding", "figures", "wanted", "due")
    columns = [book.words(f"column.{name}") for name in names]
    made = tuple(Column(name, cell, Text("", "")) for name, cell in zip(names, _CELLS, strict=True))
    named = tuple(f"{letter.unit}.{n}" for n in range(len(rows)))
    told = {"source": "letters", "rows": named, "made": made}
    return Table(pd.DataFrame(rows, columns=columns), book.words("letter.caption"), **told)

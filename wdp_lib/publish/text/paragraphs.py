"""Paragraphs that are more than a sentence: briefs, letters, the state of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from wdp_lib.assessment.scheme import FAILED
from wdp_lib.core.errors import Problem
from wdp_lib.core.words import word
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.facts import risk_facts, verdict_facts
from wdp_lib.publish.text.say import escaped, say, sentence, sentence_named, together
from wdp_lib.publish.text.words import NONE
from wdp_lib.publish.views.cells import chance_text, last_text, target_text
from wdp_lib.publish.views.choose import domains
from wdp_lib.publish.views.show import Prose
from wdp_lib.supervision.bodies import Approval
from wdp_lib.supervision.letters import Letter

MOST = 6
NAMED = 3
Marked = Callable[[Mapping[str, Any], str, str], Mapping[str, Any]]


def _unmarked(figures: Mapping[str, Any], table: str, row: str) -> Mapping[str, Any]:
    return figures


def domain_briefs(
    verdicts: pd.DataFrame, problems: pd.DataFrame, risks: pd.DataFrame, context: Context
) -> Prose:
    """Return the briefs of all domains, one below the other; see `domain_brief`."""
    tables, chapters = (verdicts, problems, risks), context.plan.domains
    return together((domain_brief(d.id, *tables, context) for d in chapters), "\n\n---\n\n")


def domain_brief(
    domain: str,
    verdicts: pd.DataFrame,
    problems: pd.DataFrame,
    risks: pd.DataFrame,
    context: Context,
    *,
    most: int = MOST,
    marked: Marked = _unmarked,
) -> Prose:
    """Return the brief of one domain: about a page, for readers who do not read tables.

    Every figure stands in the tables or is a count of their rows; failed goals are all named.

    ``verdicts, problems, risks``: of the whole plan, from `evaluate`, `rank_problems` and `assess`.
    ``most``: most problems and most attained targets that are named; how many there are is said.
    ``marked``: ``marked(figures, table, row)`` returns figures by name that carry where they were
    read. Raises `ParameterError` when the plan has no such domain.
    """
    plan, name = context.plan, context.text(context.plan.domain(domain).name)
    goals = verdicts[verdicts["domain"] == domain]
    failed = goals[goals["verdict"].isin(FAILED)]
    words = [context.word("standing", verdict) for verdict in dict.fromkeys(failed["verdict"])]
    problems, own = (
        table[domains(plan, table["indicator"]) == domain] for table in (problems, risks)
    )
    measures = dict.fromkeys(";".join(problems["measures"].head(most)).split(";"))
    blank = problems.loc[problems["problem"] == "no_usable_data", "indicator"]
    lists = {
        "failed": [_titled(plan.goal(goal), context) for goal in failed["goal"]],
        "kept": _kept(own, context, most, marked),
        "measures": [_titled(plan.measure(m), context) for m in measures if m],
    }
    joined = context.joined
    said = {
        key: [say(f"brief.{key}", context, names=joined(names, clauses=True), words=joined(words))]
        for key, names in lists.items()
        if names
    }
    facts = marked(verdict_facts(goals, context), "verdicts", domain)
    facts = {**facts, **marked(risk_facts(own, context), "risks", domain)}
    parts = [say("brief.title", context, domain=name), say("brief.head", context, **facts)]
    parts += said.get("failed", []) + _problems(problems, context, most, domain, marked)
    parts += said.get("kept", []) + said.get("measures", [])
    if len(blank):
        names = joined(map(context.name, blank[:NAMED]))
        names += context.pick("等", " and others") if len(blank) > NAMED else ""
        count = marked({"n_no_usable_data": len(blank)}, "problems", domain)["n_no_usable_data"]
        parts.append(say("brief.gaps", context, names=names, count=count))
    parts += [say("brief.simulated", context)] if own["simulated"].any() else []
    return together(parts)


def _titled(entry, context: Context) -> str:
    return context.text(entry.title)


def _problems(
    problems: pd.DataFrame, context: Context, most: int, domain: str, marked: Marked
) -> list[Prose]:
    if problems.empty:
        return [say("brief.no_problem", context)]
    shown = problems.head(most)
    items = [_problem(row, context, marked) for row in shown.itertuples()]
    first = len(shown) if len(shown) < len(problems) else ""
    count = marked({"n_listed": len(problems)}, "problems", domain)["n_listed"]
    head = say("brief.problems", context, shown=first, count=count)
    return [head, _numbered(items)]


def _numbered(items: list[Prose]) -> Prose:
    lines = [(f"{n}. {one.text}", f"{n}. {one!r}") for n, one in enumerate(items, 1)]
    return Prose(*("\n".join(texts) for texts in zip(*lines, strict=True)))


def _problem(row, context: Context, marked: Marked) -> Prose:
    units = [context.text(context.plan.unit(unit).name) for unit in row.units.split(";") if unit]
    figures = {"last_value": last_text(row, context), "target": target_text(row, context)}
    figures |= {"p_meet": chance_text(row, context)}
    told = marked(figures, "problems", row.indicator)
    p = told["p_meet"]
    return say(
        "brief.problem",
        context,
        name=context.name(row.indicator),
        last=told["last_value"],
        target=told["target"],
        problem=context.word("problem", row.problem),
        chance="" if pd.isna(row.p_meet) else sentence("brief.chance", context, p=p),
        units=context.joined(units) or NONE,
    )


def _kept(own: pd.DataFrame, context: Context, most: int, marked: Marked) -> list[str]:
    kept, names = own[own["state"] == "attained"], []
    for row in kept.head(most).itertuples():
        told = marked({"last_value": last_text(row, context)}, "risks", row.indicator)
        names.append(f"{context.name(row.indicator)} {told['last_value']}")
    more = len(kept) - most
    return names + ([sentence("brief.more", context, n=more)] if more > 0 else [])


def letter_prose(letter: Letter, context: Context) -> Prose:
    """Return a letter as text: each matter with state, target, what is missing, request, day."""
    parts = ("figures", "target", "missing", "finding", "wanted")
    items = []
    for row in letter.items.to_dict("records"):
        words = {key: row[f"{key}_{context.language}"] for key in parts} | {"due": row["due"]}
        clauses = [
            sentence(f"letter.{key}", context, words=text) for key, text in words.items() if text
        ]
        name, said = row[f"name_{context.language}"], context.pick("", " ").join(clauses)
        items.append(say("letter.item", context, name=name, said=said))
    title, addressee, opening, demand, sender, contact = (
        _from_data(context.text(getattr(letter, part)))
        for part in ("title", "addressee", "opening", "demand", "sender", "contact")
    )
    head = Prose(f"### {title.text}", f"### {title!r}")
    colon = context.pick("：", ": ")
    fields = [_from_data(f"{context.text(field)}{colon}＿＿＿＿＿＿") for field in letter.fields]
    blanks, date = together(fields, "\n", "- "), _from_data(letter.date)
    parts = [head, addressee, opening, _numbered(items), demand, blanks, contact, sender, date]
    return together(parts)


def _from_data(text: str) -> Prose:
    return Prose(escaped(text), text)


def approval_text(approval: Approval, *, language: str = "zh") -> str:
    """Return the state of a report in one line: the state, who gave it and when."""

    def said(key: str, **facts: str) -> str:
        return sentence_named(f"approval.{key}").text.in_language(language).format(**facts)

    text = said("state", state=word("approval_state", approval.state, language))
    if approval.reason:
        return text + said("why", reason=word("approval_reason", approval.reason, language))
    if not approval.body:
        return text
    body = word("approval_body", approval.body, language)
    return text + said("by", body=body, date=approval.date)


def record_problems(problems: tuple[Problem, ...] | list[Problem], context: Context) -> Prose:
    """Return every row of the records that could not be used, or a sentence that there is none."""
    if not problems:
        return say("records.none", context)
    return together((_from_data(p.message(context.language)) for p in problems), "\n", "- ")

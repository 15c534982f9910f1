"""The first page: where the plan stands by domain, ten things to do, what changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wdp_lib.assessment.scheme import COUNTED
from wdp_lib.documents.reports import attention, needs_of
from wdp_lib.publish import views
from wdp_lib.site.blocks import Link, Page
from wdp_lib.site.find import keys
from wdp_lib.site.history import changes
from wdp_lib.site.pages import INDEX, LIST, Site

TO_DO = 10
CHANGED = 5  # of a kind, named one by one


def front(site: Site, title: str, *, state: str, more: Mapping[str, Any]) -> Page:
    """Return the first page of a site.

    ``state``: state of the report in words; a draft where it is empty. ``more``: documents and
    evidence, as `wdp_lib.site.write_site` takes them.
    """
    facts = {
        "groups": _groups(site),
        "rows": _domains(site),
        "to_do": _to_do(site),
        "changes": _changes(site),
        "found": _found(site),
        "state": state or site.book.words("draft"),
        "more": list(more.items()),
        "list": Link(site.book.words("list"), LIST),
    }
    return Page(INDEX, title, "index", facts=facts)


def _groups(site: Site) -> list[tuple[str, str]]:
    """The groups of goals that count any, in words."""
    whole = site.study.domain_summary
    whole = whole[whole["domain"] == ""].iloc[0]
    return [(name, site.book.words(f"stands.{name}")) for name in COUNTED if whole[name]]


def _domains(site: Site) -> list[dict[str, Any]]:
    groups, rows = _groups(site), []
    for row in site.study.domain_summary.to_dict("records"):
        link = site.link("domain", row["domain"]) if row["domain"] else None
        parts, left = [], 0.0
        for name, words in groups:
            share = 100 * row[name] / row["goals"] if row["goals"] else 0.0
            parts.append({"name": name, "words": words, "n": int(row[name]), "x": left, "w": share})
            left += share
        rows.append({"link": link, "goals": int(row["goals"]), "parts": parts})
    return [rows[-1], *rows[:-1]]  # the whole plan first


def _to_do(site: Site) -> list[dict[str, Any]]:
    """The most pressing problems and what each asks for: persons, or what would clear it."""
    study, items = site.study, []
    for row in attention(study).head(TO_DO).itertuples():
        entry, need = study.plan.indicator(row.indicator), site.needs.get(row.indicator)
        text = (
            _clears(site, row)
            if need is None
            else needs_of(site.book, need, site.narrator, short=True)
        )
        link = site.link("indicator", row.indicator, pills=site.pills(row.indicator)[-1:])
        text = text.removeprefix(link.text).strip(" :")
        items.append({"link": link, "unit": site.units(entry.lead_units[:1]), "text": text})
    lacking = int((study.problems["problem"] == "no_usable_data").sum())
    if lacking and len(items) < TO_DO:
        text = Link(site.book.words("todo.data", n=lacking), LIST)
        items.append({"link": text, "unit": "", "text": ""})
    return items


def _clears(site: Site, row: Any) -> str:
    """What would clear the first warning of an indicator, else how far it is from its target."""
    warned = site.study.warnings
    warned = warned[warned["indicator"] == row.indicator].head(1)
    if warned.empty:
        return site.book.words("todo.target", target=site.target(row))
    view = views.views()["warnings"]
    cell = next(column for column in view.columns if column.cell == "clears")
    shown = views.show(warned, views.View(view.caption, (cell,)), site.context).texts.iloc[0, 0]
    return site.book.words("todo.clears", text=shown)


def _state(site: Site, code: str) -> str:
    """Where a value stands; before its year is over no target is missed."""
    context = site.context
    return (
        str(context.facts["missed_word"]) if code == "not_attained" else context.word("state", code)
    )


def _changes(site: Site) -> dict[str, Any]:
    since, table = changes(site.study)
    context = site.context
    parts = []
    for kind, rows in table.groupby("change", sort=False):
        named = [
            site.link(
                "indicator",
                row.indicator,
                more=site.book.words(
                    "changed",
                    before=context.word("risk_short", row.risk_before),
                    now=context.word("risk_short", row.risk),
                )
                if row.risk != row.risk_before
                else site.book.words(
                    "changed",
                    before=_state(site, row.state_before),
                    now=_state(site, row.state),
                ),
            )
            for row in rows.head(CHANGED).itertuples()
        ]
        parts.append({"kind": context.word("class_change", kind), "n": len(rows), "named": named})
    return {"since": since, "parts": parts}


def _found(site: Site) -> list[dict[str, Any]]:
    """What the search of the first page finds: domains, goals, indicators."""
    plan, found = site.study.plan, []
    for kind, entries in (
        ("domain", plan.domains),
        ("goal", plan.goals),
        ("indicator", plan.indicators),
    ):
        for entry in entries:
            name = getattr(entry, "name", None) or entry.title
            link = site.link(kind, entry.id, more=site.book.words(f"is.{kind}"))
            found.append({"link": link, "sought": keys(name, entry.id)})
    return found

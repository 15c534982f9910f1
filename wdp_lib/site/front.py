"""The first page: where the plan stands by domain, ten things to do, what changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from wdp_lib.assessment.scheme import COUNTED, GRADES
from wdp_lib.documents.keys import bare
from wdp_lib.documents.reports import attention, needs_of
from wdp_lib.publish.text.facts import REST, tally
from wdp_lib.publish.text.words import quantity
from wdp_lib.site.blocks import Link, Page
from wdp_lib.site.find import keys
from wdp_lib.site.history import changes
from wdp_lib.site.pages import INDEX, LIST, Site

TO_DO = 10
CARDS = {  # what a reader asks first, and the groups of goals that answer it
    "good": ("attained", "nearly", "on_schedule"),
    "risk": ("behind", "hard", "not_attained"),
    "open": ("unproven", "case_by_case", "not_assessable"),
}
CHANGED = 5  # of a kind, named one by one


def front(site: Site, title: str, *, state: str, more: Mapping[str, Any]) -> Page:
    """Return the first page of a site.

    ``state``: state of the report in words; a draft where it is empty. ``more``: documents and
    evidence, as `wdp_lib.site.write_site` takes them.
    """
    since, changed = changes(site.study)
    final = ".final" * (site.study.stage == "final")  # words of a round that looks ahead no more
    facts = {
        "cards": _cards(site, changed["change"], final),
        "groups": _groups(site, "head"),
        "rows": _domains(site),
        "to_do": _to_do(site),
        "final": final,
        "changes": {"since": since, "parts": _changes(site, changed)},
        "found": _found(site),
        "state": state or site.book.words("draft"),
        "more": list(more.items()),
        "list": Link(site.book.words("list"), LIST),
    }
    return Page(INDEX, title, "index", facts=facts)


def _cards(site: Site, changed: pd.Series, final: str) -> list[dict[str, Any]]:
    """What goes well, what is at risk, what nobody knows: how many goals, where most, and why."""
    study, words = site.study, site.book.words
    domains, whole = study.domain_summary, dict(_groups(site))
    told = {
        "good": [
            _most(site, domains, CARDS["good"]),
            words("front.better", n=int((changed == "better").sum())),
        ],
        "risk": [
            words("front.warned", said=_warned(site)),
            _most(site, domains, CARDS["risk"]),
            words("front.worse", n=int((changed == "worse").sum())),
        ],
        "open": [_unknown(site)],
    }
    counted = domains[domains["domain"] == ""].iloc[0]
    return [
        {
            "title": words(f"front.{card}{final}"),
            "n": int(sum(counted[name] for name in groups)),
            "groups": [(name, whole[name], int(counted[name])) for name in groups if name in whole],
            "text": site.context.joined(filter(None, told[card]), clauses=True),
        }
        for card, groups in CARDS.items()
    ]


def _warned(site: Site) -> str:
    risk = site.study.risks["risk"]
    return tally(risk[risk.isin(GRADES)], "risk_short", site.context, GRADES)


def _unknown(site: Site) -> str:
    verdicts = site.study.verdicts
    rest = verdicts.loc[verdicts["verdict"] == "not_assessable", "verdict_reason"]
    kinds = rest.map(REST).fillna("not_testable")
    main = kinds.value_counts().index[:2]
    said = tally(kinds[kinds.isin(main)], "rest", site.context, main)
    return site.book.words("front.rest", said=said)


def _most(site: Site, domains: pd.DataFrame, groups: tuple[str, ...]) -> str:
    """The domain with the largest share of some groups, if one alone has it."""
    rows = domains[domains["domain"] != ""]
    n = rows[list(groups)].sum(axis=1)
    share = n / rows["goals"]
    if not n.any() or (share == share.max()).sum() > 1:
        return ""
    most = share.idxmax()
    name = site.context.text(site.study.plan.domain(rows["domain"][most]).name)
    return site.book.words("front.most", domain=name, n=int(n[most]), goals=rows["goals"][most])


def _groups(site: Site, words: str = "stands") -> list[tuple[str, str]]:
    """The groups of goals that count any, in words; ``head``: those of a narrow column."""
    whole = site.study.domain_summary
    whole = whole[whole["domain"] == ""].iloc[0]
    return [(name, site.book.words(f"{words}.{name}")) for name in COUNTED if whole[name]]


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
            else bare(needs_of(site.book, need, site.narrator, short=True))
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
    """The target of an indicator, and what would clear its first warning."""
    words, warned = site.book.words, site.study.warnings
    target = words("todo.target", target=site.target(row))
    known = warned.loc[warned["indicator"] == row.indicator, "clears_next"].dropna()
    if known.empty:
        return target
    unit, language = site.context.unit_of(row.indicator), site.context.language
    clears = words("todo.next", value=quantity(float(known.iloc[0]), unit, language))
    return site.context.joined([target, clears], clauses=True)


def _changes(site: Site, changed: pd.DataFrame) -> list[dict[str, Any]]:
    context = site.context
    parts = []
    if site.study.stage == "final":  # what is over is graded no more, but judged
        judged = changed[changed["state"] != changed["state_before"]]
        changed = judged.assign(change="judged", risk="", risk_before="")
    for kind, rows in changed.groupby("change", sort=False):
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
                    before=context.word("state", row.state_before),
                    now=context.word("state", row.state),
                ),
            )
            for row in rows.head(CHANGED).itertuples()
        ]
        told = site.book.words("front.judged") if kind == "judged" else ""
        told = told or context.word("class_change", str(kind))
        parts.append({"kind": told, "n": len(rows), "named": named})
    return parts


def _found(site: Site) -> list[dict[str, Any]]:
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

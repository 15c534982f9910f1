"""Sentences with figures: words from a table, figures from facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter

from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.core.words import rows_beside
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import NONE
from wdp_lib.publish.views.show import Prose

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|!~$&]|:(?=//)")  # an address makes no link
_CLAUSE = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_OPENING = re.compile(r"^(\d+(?=[.)]\s)|[-+=])")


def escaped(text: str) -> str:
    """Return a text from data as Markdown that shows just this text, on one line."""
    line = " ".join(str(text).split())
    line = _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", line)
    return _OPENING.sub(lambda found: "".join(f"&#{ord(c)};" for c in found[0]), line)


@dataclass(frozen=True)
class Sentence:
    """Words with placeholders; ``facts`` names the families of figures that a study fills in."""

    facts: tuple[str, ...]
    text: Text


@cache
def sentences() -> dict[str, Sentence]:
    """Return the sentences of ``sentences.csv`` by key; see `sentence_named`."""
    return {
        row["key"]: Sentence(tuple(row["facts"].split()), Text(row["zh"], row["en"]))
        for row in rows_beside(__file__, "sentences.csv")
    }


def sentence_named(key: str) -> Sentence:
    """Return a sentence.

    Raises `ParameterError` when there is none; near names are told.
    """
    if key not in sentences():
        advice = suggestion(key, list(sentences()))
        raise ParameterError.of(
            f"没有名为 {key} 的语句。{advice.zh}", f"No sentence is called {key}. {advice.en}"
        )
    return sentences()[key]


def sentence(key: str, context: Context, **facts: object) -> str:
    """Return a sentence with its facts as a plain text, to be a fact of another one."""
    return say(key, context, **facts).plain


def say(key: str, context: Context, **facts: object) -> Prose:
    """Return a sentence with its facts; see `sentence_named` and `fill`."""
    return fill(sentence_named(key).text, context, facts)


def fill(template: Text, context: Context, facts: Mapping[str, object]) -> Prose:
    """Return a template filled with facts; texts among them are data, never Markdown.

    A clause in double square brackets is left out when its first fact is 0, empty or a dash.

    ``facts``: values of the placeholders; those of `Context.facts` are always there. A `Prose`
    keeps its Markdown. Raises `ParameterError` when a placeholder has no fact.
    """
    known, words = {**context.facts, **facts}, context.text(template)
    try:
        words = _CLAUSE.sub(lambda found: found[1] if _told(found[1], known) else "", words)
        marked = words.format_map({name: _marked(known[name]) for name in _names(words)})
        return Prose(marked, words.format_map(known))
    except KeyError as missing:
        name = missing.args[0]
        raise ParameterError.of(
            f"语句缺少内容 {name}：{words}", f"A sentence lacks the fact {name}: {words}"
        ) from None


def _told(clause: str, known: Mapping[str, object]) -> bool:
    """Whether a clause in double brackets has something to say: its first figure decides."""
    return next(known[name] for name in _names(clause)) not in (0, "", NONE)


def has_matter(template: Text, figures: Mapping[str, object]) -> bool:
    """Whether a sentence has something to say: the first of its figures decides."""
    first = next((figures[name] for name in _names(template.zh) if name in figures), True)
    return first not in (0, "", NONE)


def _names(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name]


def _marked(value: object) -> object:
    if isinstance(value, Prose):
        return value.text
    return escaped(value) if isinstance(value, str) else value


def together(parts: Iterable[Prose], between: str = "\n\n", before: str = "") -> Prose:
    """Return several paragraphs as one."""
    parts = list(parts)
    marked = between.join(before + part.text for part in parts)
    return Prose(marked, between.join(before + repr(part) for part in parts))

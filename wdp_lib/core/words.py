"""The word shown for each identifier used in tables: `vocabulary.csv`, by topic and code.

Further words that people write for them: `synonyms.csv`.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.core.names import fold


def rows_beside(module: str, name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file that lies beside a module, which is given by ``__file__``."""
    with Path(module).with_name(name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def words_beside(module: str) -> dict[str, Text]:
    """Return the words and sentences of ``words.csv`` beside a module by key."""
    return {row["key"]: Text(row["zh"], row["en"]) for row in rows_beside(module, "words.csv")}


@cache
def vocabulary() -> dict[tuple[str, str], Text]:
    """Return the words by topic and code."""
    rows = rows_beside(__file__, "vocabulary.csv")
    return {(row["topic"], row["code"]): Text(row["zh"], row["en"]) for row in rows}


def add_word(topic: str, code: str, text: Text) -> None:
    """Add a word for this session: of what a user brought along, such as a model."""
    vocabulary()[topic, code] = text


@cache
def synonyms(topic: str) -> dict[str, tuple[str, ...]]:
    """Return the further words of a topic by code; the first one of a heading is shown."""
    rows = [row for row in rows_beside(__file__, "synonyms.csv") if row["topic"] == topic]
    return {row["code"]: tuple(row["words"].split("|")) for row in rows}


@cache
def codes(topic: str) -> dict[str, frozenset[str]]:
    """Return for each folded word of a topic the codes it may stand for.

    Several are possible only for units: ``‰`` may be of women or of children.
    """
    words = {code: [code, *more] for code, more in synonyms(topic).items()}
    for (listed, code), names in vocabulary().items():
        if listed == topic:
            words[code] = [*words.get(code, ()), code, names.zh, names.en]
    result: dict[str, frozenset[str]] = {}
    for code, spelled in words.items():
        for word in map(fold, spelled):
            result[word] = result.get(word, frozenset()) | {code}
    return result


def code_name(topic: str, code: str) -> Text:
    """Return the word for a code in both languages; the code itself when it has none."""
    return vocabulary().get((topic, code), Text(code, code))


def word(topic: str, code: str, language: str) -> str:
    """Return the word for a code of a topic; the empty code is the empty word.

    Raises `ParameterError` when the vocabulary has no such word.
    """
    if code == "":
        return ""
    if (topic, code) not in vocabulary():
        advice = suggestion(code, [c for t, c in vocabulary() if t == topic])
        raise ParameterError.of(
            f"词表 {topic} 中没有 {code}。{advice.zh}",
            f"No word for {code} in topic {topic}. {advice.en}",
        )
    return vocabulary()[topic, code].in_language(language)

"""The word shown for each identifier used in tables: `vocabulary.csv`, by topic and code."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from wdp_lib.core.errors import ParameterError, Text, suggestion


@cache
def vocabulary() -> dict[tuple[str, str], Text]:
    """Return the words by topic and code."""
    path = Path(__file__).with_name("vocabulary.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        return {(r["topic"], r["code"]): Text(r["zh"], r["en"]) for r in csv.DictReader(stream)}


def add_word(topic: str, code: str, text: Text) -> None:
    """Add a word for this session: of what a user brought along, such as a model."""
    vocabulary()[topic, code] = text


def code_name(topic: str, code: str) -> Text:
    """Return the word for a code in both languages; the code itself when it has none."""
    return vocabulary().get((topic, code), Text(code, code))


def word(topic: str, code: str, language: str) -> str:
    """Return the word for a code of a topic; the empty code is the empty word.

    Raises
    ------
    ParameterError
        When the vocabulary has no such word.
    """
    if code == "":
        return ""
    if (topic, code) not in vocabulary():
        advice = suggestion(code, [c for t, c in vocabulary() if t == topic])
        raise ParameterError(
            Text(
                f"词表 {topic} 中没有 {code}。{advice.zh}",
                f"No word for {code} in topic {topic}. {advice.en}",
            )
        )
    return vocabulary()[topic, code].in_language(language)

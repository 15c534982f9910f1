"""Words that returns may use for columns, strata, states and units: Chinese or English.

`words.csv` lists them by topic and code, besides those of the vocabulary.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from wdp_lib.core.names import fold
from wdp_lib.core.words import vocabulary

REQUIRED = ("indicator", "area", "year", "value", "status", "as_of", "source")
OPTIONAL = (
    *("sex", "age_group", "residence", "numerator", "denominator", "source_address", "origin"),
    *("note", "unit"),
)


@cache
def synonyms(topic: str) -> dict[str, tuple[str, ...]]:
    """Return the further words of a topic by code; the first one of a heading is shown."""
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["topic"] == topic]
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
    for code, listed in words.items():
        for word in map(fold, listed):
            result[word] = result.get(word, frozenset()) | {code}
    return result


@cache
def missing_marks() -> dict[str, str]:
    """Return the kind of missing value by each folded mark that stands for it."""
    return {fold(word): code for code, words in synonyms("missing").items() for word in words}


def counting_unit(word: str) -> tuple[float, str]:
    """Return how many of a unit a word counts in, and that unit: 万人 is 10 000 of 人."""
    scales = {"亿": 1e8, "万": 1e4}
    return (scales[word[0]], word[1:]) if word[:1] in scales else (1.0, word)

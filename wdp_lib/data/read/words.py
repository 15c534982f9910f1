"""Words that returns may use for columns, strata, states and units: Chinese or English.

`core/synonyms.csv` lists them by topic and code, besides those of the vocabulary.
"""

from __future__ import annotations

from functools import cache, lru_cache

from wdp_lib.core.errors import Text
from wdp_lib.core.names import find_name, fold
from wdp_lib.core.words import codes, synonyms

__all__ = [
    *("OPTIONAL", "PRINTED", "REQUIRED", "code_named", "codes", "counting_unit", "missing_marks"),
    "synonyms",
]

_GROUP, _HERE = Text("分组", "group"), Text("此处", "This")

REQUIRED = ("indicator", "area", "year", "value", "status", "as_of", "source")
OPTIONAL = (
    *("sex", "age_group", "residence", "numerator", "denominator", "source_address", "origin"),
    *("note", "unit"),
)
# the columns of a printed form, in their order; what it prints beside them is for the eye only
PRINTED = (
    *("indicator", "area", "year", "sex", "age_group", "residence", "last_value", "value", "unit"),
    *("numerator", "denominator", "status", "as_of", "source", "note"),
)


@cache
def missing_marks() -> dict[str, str]:
    """Return the kind of missing value by each folded mark that stands for it."""
    return {fold(word): code for code, words in synonyms("missing").items() for word in words}


def counting_unit(word: str) -> tuple[float, str]:
    """Return how many of a unit a word counts in, and that unit: 万人 is 10 000 of 人."""
    scales = {"亿": 1e8, "万": 1e4}
    return (scales[word[0]], word[1:]) if word[:1] in scales else (1.0, word)


@lru_cache(maxsize=1000)
def code_named(topic: str, named: str) -> str:
    """Return the code of a group named in any way; an age group is what it is.

    Raises `ParameterError` when no group is called so; near names are told.
    """
    if topic == "age_group":
        return named
    known: dict[str, tuple[str, ...]] = {}
    for word, found in codes(topic).items():
        for code in found:
            known[code] = (*known.get(code, ()), word)
    return find_name(named, known, _GROUP, _HERE)

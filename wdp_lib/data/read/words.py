"""Words that returns may use for columns, strata, states and units: Chinese or English.

`core/synonyms.csv` lists them by topic and code, besides those of the vocabulary.
"""

from __future__ import annotations

from functools import cache

from wdp_lib.core.names import fold
from wdp_lib.core.words import codes, synonyms

__all__ = ["OPTIONAL", "PRINTED", "REQUIRED", "codes", "counting_unit", "missing_marks", "synonyms"]

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

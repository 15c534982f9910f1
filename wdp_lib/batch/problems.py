"""What can be wrong with a run: one template a code, in two languages, in ``problems.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from wdp_lib.core.errors import LANGUAGES, Problem, Text, suggestion


@cache
def _templates() -> dict[str, dict[str, str]]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row for row in csv.DictReader(stream)}


def problem(
    code: str,
    file: str,
    line: int | None = None,
    column: str | None = None,
    *,
    known: Iterable[str] | None = None,
    **words: Any,
) -> Problem:
    """Return a problem in the words of its template.

    Parameters
    ----------
    known : iterable of str, optional
        The words that would have been right in place of ``name``: the advice names the closest.
    **words : str or Text
        What the template leaves open.
    """
    row = _templates()[code]
    found, expected, advice = (
        Text(*(_filled(row[f"{part}_{language}"], words, language) for language in LANGUAGES))
        for part in ("found", "expected", "advice")
    )
    if known is not None:
        advice = suggestion(words["name"], list(known))
    return Problem(code, file, line, column, found, expected, advice)


def listed(words: Iterable[str]) -> Text:
    """Return words in a row, as each language joins them."""
    return Text("、".join(words), ", ".join(words))


def _filled(template: str, words: dict[str, Any], language: str) -> str:
    spoken = {k: v.in_language(language) if isinstance(v, Text) else v for k, v in words.items()}
    return template.format_map(spoken)

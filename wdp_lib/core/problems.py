"""Problems from templates: a table of code, found, expected and advice in both languages.

One function fills it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

from wdp_lib.core.errors import Problem, Text


def show(number: float) -> str:
    """Return the number as a person would write it, without a trailing ``.0``."""
    return f"{number:.10g}"


def templates(path: Path) -> Callable[..., Problem]:
    """Return the function that makes problems by the templates of a CSV file.

    It takes ``code`` (``rule`` or ``rule.variant``), ``file``, ``row``, ``column`` and what stands
    in braces in the template: a `Text` is filled in by its language, a float as `show` writes it.
    """

    def problem(
        code: str, file: str, row: int | None = None, column: str | None = None, /, **fill: object
    ) -> Problem:
        severity, found, expected, advice = _read(path)[code]
        zh = {name: _shown(value, "zh") for name, value in fill.items()}
        en = {name: _shown(value, "en") for name, value in fill.items()}
        seen, wanted, help_ = (
            Text(t.zh.format(**zh), t.en.format(**en)) for t in (found, expected, advice)
        )
        plain = found.zh == found.en and seen.zh == seen.en
        return Problem(
            code.partition(".")[0],
            file,
            None if row is None else int(row),
            column,
            seen.zh if plain else seen,
            wanted,
            help_,
            severity,
        )

    return problem


def _shown(value: object, language: str) -> object:
    if isinstance(value, Text):
        return value.in_language(language)
    return show(value) if isinstance(value, float) else value


@cache
def _read(path: Path) -> dict[str, tuple[str, Text, Text, Text]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            row["code"]: (
                row["severity"],
                _text(row, "found"),
                _text(row, "expected"),
                _text(row, "advice"),
            )
            for row in csv.DictReader(stream)
        }


def _text(row: dict[str, str], part: str) -> Text:
    return Text(row[f"{part}_zh"], row[f"{part}_en"])

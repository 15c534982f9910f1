"""Problems from templates: a table of code, found, expected and advice in both languages.

One function fills it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.words import rows_beside


def show(number: float) -> str:
    """Return the number as a person would write it, without a trailing ``.0``."""
    return f"{number:.10g}"


def templates(module: str) -> Callable[..., Problem]:
    """Return the function that makes problems by `problems.csv` beside a module (``__file__``).

    It takes ``code`` (``rule`` or ``rule.variant``), ``file``, ``row``, ``column`` and what stands
    in braces in the template: a `Text` is filled in by its language, a float as `show` writes it.
    """

    def problem(
        code: str, file: str, row: int | None = None, column: str | None = None, /, **fill: object
    ) -> Problem:
        severity, found, expected, advice = _read(module)[code]
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
def _read(module: str) -> dict[str, tuple[str, Text, Text, Text]]:
    return {
        row["code"]: (
            row["severity"],
            Text(row["found_zh"], row["found_en"]),
            Text(row["expected_zh"], row["expected_en"]),
            Text(row["advice_zh"], row["advice_en"]),
        )
        for row in rows_beside(module, "problems.csv")
    }

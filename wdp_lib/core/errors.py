"""The errors a user can meet: where, what was found, what is allowed, what to do.

In Chinese and English.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

LANGUAGES = ("zh", "en")


def user_language() -> str:
    """Language of messages.

    The environment variable ``WDP_LANGUAGE``, Chinese unless it says ``en``.
    """
    return "en" if os.environ.get("WDP_LANGUAGE", "").lower().startswith("en") else "zh"


@dataclass(frozen=True)
class Text:
    """One statement in both languages."""

    # zh, en: the statement in Chinese and in English
    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the statement in ``language`` (``"zh"`` or ``"en"``)."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True)
class Problem:
    """One thing wrong at one place."""

    rule: str  # identifier of the rule that was broken, e.g. ``"out_of_bounds"``
    file: str  # file name as the user knows it, without the folder of this machine
    # line in the file, the header being line 1; ``None`` when the whole file is meant
    row: int | None
    column: str | None  # column as written in the file; ``None`` when the whole row is meant
    found: Text | str  # what stands there
    expected: Text  # what is allowed there
    advice: Text  # what to do, as an imperative
    # {"reject", "ask", "warn"}: ``"reject"``: the row (or file) is kept out; ``"ask"``: it is kept
    # out until somebody answers; ``"warn"``: it is used and listed
    severity: str = "reject"

    @property
    def keeps_out(self) -> bool:
        """Whether the row or file is not used."""
        return self.severity != "warn"

    def message(self, language: str | None = None) -> str:
        """Return the problem as one line: place, found, expected, advice."""
        language = language or user_language()
        found = self.found.in_language(language) if isinstance(self.found, Text) else self.found
        expected, advice = self.expected.in_language(language), self.advice.in_language(language)
        if language == "en":
            row = f", row {int(self.row)}" if self.row is not None else ""
            column = f", column {self.column}" if self.column else ""
            return f"{self.file}{row}{column}: found {found}; expected {expected}. {advice}"
        row = f"，第 {int(self.row)} 行" if self.row is not None else ""
        column = f"，“{self.column}”列" if self.column else ""
        return f"{self.file}{row}{column}：现为 {found}；应为{expected}。{advice}"


class WdpError(Exception):
    """A task that cannot go on, with every problem that was found, not only the first.

    ``summary``: what could not be done. ``problems``: each thing that must be put right first.
    """

    def __init__(self, summary: Text, problems: tuple[Problem, ...] | list[Problem] = ()):
        self.summary = summary
        self.problems = tuple(problems)
        super().__init__(summary.en)

    @classmethod
    def of(cls, zh: str, en: str, problems: Sequence[Problem] = ()) -> Self:
        """Return the error that says so in either language."""
        return cls(Text(zh, en), tuple(problems))

    def render(self, language: str | None = None) -> str:
        """Return the summary and one line a problem in ``language``."""
        language = language or user_language()
        lines = [self.summary.in_language(language)]
        lines += [
            f"  {number}. {problem.message(language)}"
            for number, problem in enumerate(self.problems, 1)
        ]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render()


class PlanError(WdpError):
    """A plan folder that does not hold what a plan must hold."""


class DataError(WdpError):
    """Observations that cannot be read at all; single bad rows are rejected instead."""


class ParameterError(WdpError):
    """A setting that does not exist, or has the wrong type or value."""


def suggestion(name: str, known: list[str]) -> Text:
    """Return advice: the closest known word, else those that hold it, else the known ones.

    ``name``: the word that was not known. ``known``: the words that are.
    """
    close = _closest(name, tuple(known))
    close = close or [one for one in known if name and name.casefold() in one.casefold()][:5]
    if close:
        return Text(f"是否要写 {'、'.join(close)}？", f"Did you mean {' or '.join(close)}?")
    if not known:
        return Text("这里没有可用的值。", "There is none here.")
    listed = ", ".join(known[:20])
    return Text(f"可用的有：{listed}。", f"Known: {listed}.")


@lru_cache(1024)  # a data set is read for several days, with the same slips of the pen
def _closest(name: str, known: tuple[str, ...]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name, known, n=1, cutoff=0.6)

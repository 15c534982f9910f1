"""How a command ends, and how it speaks."""

from __future__ import annotations

from typing import TextIO

from wdp_lib.core.errors import Text, user_language

DONE, NOTEBOOK_FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def say(text: Text, stream: TextIO | None = None) -> None:
    """Print a line in the user's language, at once; by default to the standard output."""
    print(text.in_language(user_language()), file=stream, flush=True)

"""How a command ends, and how it speaks."""

from __future__ import annotations

from wdp_lib.core.errors import Text, user_language

DONE, NOTEBOOK_FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def say(text: Text) -> None:
    """Print a line in the user's language, at once."""
    print(text.in_language(user_language()), flush=True)

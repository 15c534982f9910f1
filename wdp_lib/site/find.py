"""What a search finds a name by: its letters, the pinyin of its characters, their initials."""

from __future__ import annotations

from wdp_lib.core.errors import Text


def keys(name: Text, *others: str) -> str:
    """Return what a name is found by, in small letters: both languages, pinyin, initials.

    ``others``: further words it is found by, e.g. the identifier.
    """
    from pypinyin import Style, lazy_pinyin

    chinese = "".join(letter for letter in name.zh if "\u4e00" <= letter <= "\u9fff")
    initials = "".join(lazy_pinyin(chinese, style=Style.FIRST_LETTER))
    whole = "".join(lazy_pinyin(chinese))
    said = dict.fromkeys([name.zh, name.en, initials, whole, *others])
    return " ".join(filter(None, said)).lower()

"""What people call things: the identifier, or the name in either language, finds an entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from wdp_lib.core.errors import ParameterError, Text, suggestion

if TYPE_CHECKING:
    import pandas as pd

AREA = Text("地区", "area")
# All that is folded: full-width forms of ASCII, and spaces. Compatibility folding (NFKC) would also
# make digits of footnote marks: 15① would become 151, and a name with a mark another name.
_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SPACES = "\u00a0\u2002\u2003\u2009\u202f\u3000"
FOLDED: dict[int, str] = {
    **_WIDE, ord("−"): "-", ord("﹪"): "%", **dict.fromkeys(map(ord, _SPACES), " "),
}  # fmt: skip


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """Return the word without spaces, case and full-width forms, for comparing only."""
    return "".join(word.translate(FOLDED).split()).casefold()


def find_name(named: object, names: Mapping[str, Iterable[str]], noun: Text, within: Text) -> str:
    """Return the identifier of what is named, whatever its spaces, case and full-width forms.

    ``named``: an identifier or a name. ``names``: identifier → its names. ``noun, within``: what is
    looked for, and where, in messages. Raises `ParameterError` when nothing is called so (near
    names are told), or more than one thing is.
    """
    if named in names:
        return str(named)
    wanted = fold(str(named))
    found = [one for one, called in names.items() if wanted in map(fold, (one, *called))]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(found)
        zh, en = f"有 {len(found)} 个：{listed}，请用标识。", f"{listed}: use the identifier."
        raise ParameterError.of(
            f"{within.zh}名为“{named}”的{noun.zh}{zh}",
            f"More than one {noun.en} is called '{named}': {en}",
        )
    known = [*names, *(name for called in names.values() for name in called if name)]
    advice = suggestion(str(named), list(dict.fromkeys(known)))
    raise ParameterError.of(
        f"{within.zh}没有{noun.zh}“{named}”。{advice.zh}",
        f"{within.en} has no {noun.en} '{named}'. {advice.en}",
    )


def find_area(named: str, areas: pd.DataFrame, **more: tuple[str, ...]) -> str:
    """Return the identifier of an area of a table of areas; ``more`` adds names of others."""
    if named in areas["area"].array and named not in more:
        return named
    columns = [areas[name].fillna("") for name in ("area", "name_zh", "name_en")]
    names = more | {one: called for one, *called in zip(*columns, strict=True)}
    return find_name(named, names, AREA, Text("数据集中", "The data set"))

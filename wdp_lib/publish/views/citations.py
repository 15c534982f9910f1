"""How a source is cited: issuing office and title; where it was read stands apart."""

from __future__ import annotations

import re
from functools import cache

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.core.words import rows_beside

MIRROR = re.compile(r"[（(]([^（）()]*(?:转载|镜像|转帖|mirror|摘要|论文引)[^（）()]*)[）)]\s*$")
MEDIUM = re.compile(r"^([^：《“”]{2,20})：(.+)$")
RETURN = re.compile(r"^(模拟：)?(\S+) (\d{4}年\S*)$")


@cache
def _issuers() -> list[tuple[re.Pattern, Text]]:
    rows = rows_beside(__file__, "issuers.csv")
    return [(re.compile(r["pattern"]), Text(r["issuer_zh"], r["issuer_en"])) for r in rows]


def cited(sources: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return the table with ``issuer``, ``title`` and ``found_at``, from source and address.

    The issuing office is known by the kind of publication (``issuers.csv``), else it is whom the
    source names before its title. Through whom it was read, and that it is a copy (转载、镜像),
    stands with the address.
    """
    rows = [_cited(*pair, language) for pair in sources[["source", "source_address"]].to_numpy()]
    return sources.assign(**pd.DataFrame(rows, sources.index, ["issuer", "title", "found_at"]))


def _cited(source: str, address: str, language: str) -> tuple[str, str, str]:
    if own := RETURN.match(source):
        return own[2], (own[1] or "") + own[3], address
    copy, title = MIRROR.search(source), MIRROR.sub("", source)
    medium = MEDIUM.match(title)
    title = medium[2] if medium else title
    office = next((office for pattern, office in _issuers() if pattern.search(source)), None)
    named = medium[1] if medium else ""
    issuer = office.in_language(language) if office else named
    read = (named if issuer != named else "", copy[1] if copy else "", address)
    return issuer, title, " ".join(filter(None, read))

"""What the text of a cell means: numbers, years, dates, words, names; and what is wrong with it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem, Text, suggestion
from wdp_lib.core.names import fold
from wdp_lib.core.words import code_name
from wdp_lib.data.read.words import codes
from wdp_lib.data.tell import problem

EMPTY = Text("空单元格", "an empty cell")
FIRST_YEAR, LAST_YEAR = 1949, 2100
# All that is folded in numbers, years, dates and ages. Compatibility folding (NFKC) would also
# make digits of footnote marks: 15① would become 151.
_WIDE = "０１２３４５６７８９＋－−．，％～／\u00a0\u2002\u2003\u2009\u202f\u3000"
_HALF = str.maketrans(_WIDE, "0123456789+--.,%~/      ")
_MARK = re.compile(r"\s*(?:[①-⑳¹²³⁰⁴-⁹*＊]|[\[［][0-9０-９]{1,2}[\]］])+$")
_PLAIN = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
_SIMPLE = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")  # most cells
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d\d)(\d\d)", re.ASCII)
_AGES = re.compile(
    r"(\d{1,3})[-–—~至](\d{1,3})岁?|(\d{1,3})(?:\+|岁及以上|岁以上|及以上)", re.ASCII
)
_NONE = re.compile(r"[-—–―…⋯.·/\\无缺]+|n/?a|nan|null|none", re.IGNORECASE)
_ABOUT = re.compile(r"([约近逾超大]|>|<|≥|≤|＞|＜|~|～).*|.*(左右|以上|以下|余|多)", re.DOTALL)


class Reading(NamedTuple):
    """What one text means.

    Parameters
    ----------
    value : object
        Its meaning; ``None`` when it has none.
    code : str
        Template of its problem (`wdp_lib.data.tell.problem`); ``""`` when nothing is wrong.
    fill : dict
        What the template is filled with, besides ``found``.
    """

    value: object
    code: str = ""
    fill: dict[str, Any] = {}  # noqa: RUF012 - never changed


class Number(NamedTuple):
    """A number as written: its value, its decimals and a percent or per-mille sign after it."""

    value: float
    decimals: int
    sign: str = ""


Reader = Callable[[str], Reading]


def read_column(table: pd.DataFrame, column: str, read: Reader) -> tuple[pd.Series, list[Problem]]:
    """Return the meaning of each cell of a text column and a problem for each cell at fault.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows with ``file``, ``row`` and the column as text.
    read : callable
        What one text means; called once for each different text.
    """
    number, texts = pd.factorize(table[column])
    readings = [read(text) for text in texts]
    meanings = np.empty(len(readings), dtype=object)
    for place, reading in enumerate(readings):
        meanings[place] = reading.value
    values = pd.Series(meanings[number], table.index, dtype=object)
    wrong = np.array([bool(reading.code) for reading in readings], dtype=bool)
    if not wrong.any():
        return values, []
    hits = table.loc[wrong[number], ["file", "row", column]].itertuples(index=False)
    faults = (readings[place] for place in number[wrong[number]])
    return values, [
        problem(r.code, file, row, column, **{"found": text or EMPTY, **r.fill})
        for (file, row, text), r in zip(hits, faults, strict=True)
    ]


def unmarked(text: str) -> tuple[str, bool]:
    """Return the text in half-width characters without footnote marks, and whether it had any."""
    body = _MARK.sub("", text) or text
    return body.translate(_HALF).strip(), body != text


def read_number(text: str) -> Reading:
    """Return a `Number`, or ``None`` for an empty cell.

    Full-width forms, thousands separators and footnote marks at the end are put right.
    """
    if not text:
        return Reading(None)
    if _SIMPLE.fullmatch(text):
        return Reading(Number(float(text), len(text.partition(".")[2])))
    half, marked = unmarked(text)
    sign = half[-1] if half[-1:] in ("%", "‰") else ""
    body = half.removesuffix(sign).strip()
    grouped = _GROUPED.fullmatch(body) is not None
    body = body.replace(",", "") if grouped else body
    if not _PLAIN.fullmatch(body) or abs(float(body)) == float("inf"):
        none, about = _NONE.fullmatch(text), _ABOUT.fullmatch(text)
        return Reading(None, f"text_in_number{'.none' if none else '.about' if about else ''}")
    mantissa, _, exponent = body.lower().partition("e")
    decimals = max(len(mantissa.partition(".")[2]) - int(exponent or 0), 0)
    code = "footnote_mark" if marked else "full_width" if half != text else ""
    if grouped and not code:
        code, half = "thousands_separator", body
    return Reading(Number(float(body), decimals, sign), code, {"read": half})


def read_year(text: str) -> Reading:
    """Return the year; ``2023年``, ``２０２３`` and ``2023.0`` are understood."""
    half, marked = unmarked(text)
    year = half.removesuffix(".0").removesuffix("年")
    fill = {"first": FIRST_YEAR, "last": LAST_YEAR, "read": year}
    if not re.fullmatch("[0-9]{4}", year) or not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return Reading(None, "bad_year", fill)
    wide = "" if year == text.removesuffix(".0") else "full_width.year"
    return Reading(int(year), "footnote_mark" if marked else wide, fill)


def read_date(text: str) -> Reading:
    """Return the date as ``YYYY-MM-DD``; other spellings of it are understood with a warning."""
    half = text.translate(_HALF).strip()
    match = _DATE.fullmatch(half)
    try:
        parts = [int(part) for part in match.groups() if part] if match else [0, 0, 0]
        iso = datetime.date(*parts).isoformat()
    except ValueError:
        if not re.fullmatch("[34][0-9]{4}", half):
            return Reading(None, "bad_date")
        # days since 1899-12-30, as Excel counts them
        day = datetime.date(1899, 12, 30) + datetime.timedelta(int(half))
        return Reading(None, "bad_date.excel", {"day": day.isoformat()})
    return Reading(iso, "" if iso == text else "date_not_iso", {"read": iso})


def read_word(topic: str, default: str | None, code: str = "") -> Reader:
    """Return a reader of the words of one topic of the vocabulary.

    Parameters
    ----------
    default : str or None
        Meaning of an empty cell; ``None``: it may not be empty.
    code : str
        Rule that an unknown word breaks, ``unknown_<topic>`` by default.
    """
    known = codes(topic)
    listed = sorted({word for found in known.values() for word in found})
    zh = "、".join(f"{code_name(topic, word).zh}（{word}）" for word in listed)
    words = Text(zh, ", ".join(listed))

    def read(text: str) -> Reading:
        if not text and default is not None:
            return Reading(default)
        found = known.get(fold(text))
        if found is None:
            return Reading(None, code or f"unknown_{topic}", {"words": words})
        return Reading(next(iter(found)))

    return read


def read_age_group(known: set[str]) -> Reader:
    """Return a reader of age groups: ``all``, ``15-49``, ``65+`` or a name the plan uses."""

    def read(text: str) -> Reading:
        half, marked = unmarked(text)
        half = half.replace(" ", "")
        match = _AGES.fullmatch(half)
        if not text or half in known:
            value = half
        elif fold(half) in ("all", "合计", "全部", "总计", "全年龄"):
            value = "all"
        elif match is None:
            return Reading(None, "unknown_age_group")
        else:
            low, high, least = match.groups()
            value = f"{int(least)}+" if least else f"{int(low)}-{int(high)}"
        return Reading(value, "footnote_mark" if marked else "", {"read": value})

    return read


def owners_of(entries: Iterable[tuple[str, ...]]) -> dict[str, dict[str, None]]:
    """Return the identifiers that each folded name may stand for; an identifier is its own alone.

    ``entries`` are the identifier and the names of each.
    """
    entries = list(entries)
    owners: dict[str, dict[str, None]] = {}
    for id, *names in entries:
        for name in filter(None, names):
            owners.setdefault(fold(name), {})[id] = None
    return owners | {fold(entry[0]): {entry[0]: None} for entry in entries}


def read_name(
    entries: Iterable[tuple[str, ...]], noun: str, expected: Text, listed: list[str] | None = None
) -> Reader:
    """Return a reader of names; a name that two entries share stands for neither.

    Parameters
    ----------
    entries : iterable of tuple of str
        Identifier and names of each.
    noun : str
        What they are; an unknown name breaks the rule ``unknown_<noun>``.
    expected : Text
        What stands there otherwise.
    listed : list of str, optional
        Words to suggest; by default the first name and the identifier of each.
    """
    entries = list(entries)
    owners = owners_of(entries)
    listed = listed or [word for entry in entries for word in entry[1::-1]]

    def read(text: str) -> Reading:
        ids = list(owners.get(fold(text), ()))
        if len(ids) == 1:
            return Reading(ids[0])
        if ids:
            return Reading(None, f"unknown_{noun}.ambiguous", {"ids": ", ".join(ids)})
        advice = suggestion(text, listed) if text else Text("请填写。", "Fill it in.")
        return Reading(None, f"unknown_{noun}", {"expected": expected, "advice": advice})

    return read


def read_area(areas: pd.DataFrame) -> Reader:
    """Return a reader of the areas of a data set, by identifier or Chinese or English name."""
    names = areas[["area", "name_zh", "name_en"]].itertuples(index=False, name=None)
    expected = Text("地区表（areas.csv）所列的地区", "an area listed in areas.csv")
    listed = list(dict.fromkeys([*areas["name_zh"], *areas["area"]]))
    return read_name(names, "area", expected, listed)

"""What the text of a cell means: numbers, years, dates, words, names; and what is wrong with it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import pandas as pd

from wdp_lib.core.errors import Text, suggestion
from wdp_lib.core.names import FOLDED, fold
from wdp_lib.core.words import code_name
from wdp_lib.data.read.words import codes, counting_unit, missing_marks

EMPTY = Text("空单元格", "an empty cell")
FIRST_YEAR, LAST_YEAR = 1949, 2100
LARGEST = 1e13  # nothing that is counted here comes near it
_SIGN = r"[①-⒇❶-❿¹²³⁰⁴-⁹ᵃᵇᶜᵈᵉ*＊#＃†‡§]|[\[［][0-9０-９]{1,2}[\]］]"
_NOTE = rf"(?:{_SIGN}|[（(]?注[0-9０-９]{{0,2}}[）)]?)"
_MARK = re.compile(rf"^(?:{_SIGN})+\s*(?=[0-9０-９])|\s*{_NOTE}+(?=\s*(?:[%％‰﹪/／万亿（(]|$))")
_PLAIN = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
SIMPLE = re.compile(r"[0-9]{1,13}(\.[0-9]{1,15})?")  # most cells
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_PARTS = re.compile(r"([+-]?[0-9.,]+(?:e[+-]?[0-9]+)?)\s*(.*)", re.IGNORECASE | re.DOTALL)
_TYPED = re.compile(r"""'|=?"(.*)"$|=(?=[0-9.+-]+$)""")  # how a spreadsheet marks text
_BRACKETS = re.compile(r"\((.*)\)")
_SPACED = re.compile(r"[+-]?[0-9]{1,3}( [0-9]{3})+(\.[0-9]+)?")
_DATE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[t ][\d:.]*z?)?|(\d{4})(\d\d)(\d\d)",
    re.ASCII | re.IGNORECASE,
)
_MONTH = re.compile(
    r"(\d{4})(?:[-/](\d{1,2})|\.(\d\d)|年(?:(\d{1,2})月?)?(?:份|底|末)?|年?)", re.ASCII
)
_YEAR = re.compile(r"([0-9]{4})(?:\.0+)?(?:年(?:度|末|底|终|全年)?)?")
_DECEMBER = re.compile(
    r"([0-9]{4})(?:[-/.]12|年(?:1月?[-–—~～至])?12月(?:份|底|末|31日)?|[-/.]12[-/.]31)"
)
_NUMERALS = str.maketrans("〇○零一二三四五六七八九", "000123456789")  # 二〇二一年
_SCHOOL = re.compile(r"([0-9]{4})(?:年?[-–—~～/至]([0-9]{4}|[0-9]{2}))?(?:学年度?|年度?)?")
_PART = re.compile(r"[0-9]{4}[-/.年].+")
_AGES = re.compile(
    r"(\d{1,3})[-–—~至](\d{1,3})岁?|(\d{1,3})(?:\+|岁及以上|岁以上|及以上)", re.ASCII
)
_NONE = re.compile(r"[-—–―…⋯.·/\\无缺]+")
_ERROR = re.compile(r"#[a-z0-9/]+[!?]?", re.IGNORECASE)
_BOUND = re.compile(
    r"(>|<|≥|≤|不足|不到|低于|少于|超|逾|大于|小于).*|.*(以上|以下|以内)"
    r"|[0-9.]+[%‰]?\s*[-–—~至]\s*[0-9.]+[%‰]?",
    re.DOTALL,
)
_ABOUT = re.compile(
    r"(大?约|近|[~≈]|预计|估计|大概).*|.*(左右|上下|余|多|多[人个件例名])", re.DOTALL
)


class Reading(NamedTuple):
    """What one text means."""

    value: object  # its meaning; ``None`` when it has none
    # template of its problem (`wdp_lib.data.tell.problem`); ``""`` when nothing is wrong
    code: str = ""
    # what the template is filled with, besides ``found``
    fill: dict[str, Any] = {}  # noqa: RUF012 - never changed


class Number(NamedTuple):
    """A number as written: its value, its decimals, and the unit and state written behind it."""

    value: float
    decimals: int
    unit: str = ""
    status: str = ""


class Missing(NamedTuple):
    """A mark that stands for no figure: its kind, e.g. ``not_collected``, as in `words.csv`."""

    kind: str


Reader = Callable[[str], Reading]


def read_unmarked(text: str, read: Reader) -> Reading:
    """Return what a text means, without footnote marks where it means nothing with them."""
    reading = read(text)
    if not reading.code or reading.value is not None:
        return reading
    body = without_mark(text)
    if body == text or (plain := read(body)).value is None:
        return reading
    return Reading(plain.value, "footnote_mark", {**plain.fill, "read": body})


def without_mark(text: str) -> str:
    """Return the text without the footnote marks around it or before its unit."""
    return _MARK.sub("", text) or text


def visible(text: str) -> str:
    """Return the text with line breaks and marks of writing direction shown by their numbers."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"‹U+{ord(c):04X}›" for c in text)


def _half(text: str) -> str:
    return text.translate(FOLDED).strip()


def read_number(text: str) -> Reading:
    """Return a `Number`, ``None`` for an empty cell, or `Missing` for a mark of no figure.

    Full-width forms, thousands separators, a unit and a state behind the number are understood;
    about how much or at most how much is a question, never a number.
    """
    if not text:
        return Reading(None)
    if SIMPLE.fullmatch(text):
        return Reading(Number(float(text), len(text.partition(".")[2])))
    half = _half(text)
    if kind := missing_marks().get(fold(half)):
        return Reading(Missing(kind))
    plain = _TYPED.sub(r"\1", half, count=1).strip()
    plain, status = _state(plain)
    parts = _PARTS.fullmatch(plain)
    figure, unit = parts.groups() if parts else ("", "")
    unit = _BRACKETS.sub(r"\1", unit).strip()
    grouped = _GROUPED.fullmatch(figure) is not None
    figure = figure.replace(",", "") if grouped else figure
    if not _PLAIN.fullmatch(figure) or (unit and not _is_unit(unit)):
        return Reading(None, f"text_in_number{_kind_of_text(half)}", {"read": plain})
    mantissa, _, exponent = figure.lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent[:6] or 0)
    if exponent and not 0 <= decimals <= 30:  # a spreadsheet shows 123456 as 1.23E+05
        return Reading(None, "text_in_number.exponent")
    value = float(figure)
    if abs(value) * counting_unit(unit)[0] > LARGEST:
        return Reading(None, "text_in_number.huge")
    shown = figure + unit
    code = "status_in_number" if status else "full_width" if half != text else ""
    if not code and (grouped or plain != half):
        code = "thousands_separator" if grouped else "full_width"
    fill = {"read": shown, "status": code_name("status", status)} if status else {"read": shown}
    return Reading(Number(value, decimals, unit, status), code, fill)


def _state(text: str) -> tuple[str, str]:
    """Split the state behind a number, such as （快报数）, from the rest."""
    body, opened, rest = text.partition("(")
    word = (
        rest.removesuffix(")") if opened and rest.endswith(")") else text.lstrip("+-0123456789.,%‰")
    )
    found = codes("status").get(fold(word), ()) if word else ()
    if len(found) != 1 or not text.removesuffix(word):
        return text, ""
    return (body if opened else text.removesuffix(word)).strip(), next(iter(found))


def _is_unit(word: str) -> bool:
    scale, rest = counting_unit(word)
    return bool(codes("unit").get(fold(word)) or (scale > 1 and not rest)) or bool(
        codes("unit").get(fold(rest))
    )


def _kind_of_text(half: str) -> str:
    kinds = {"error": _ERROR, "none": _NONE, "bound": _BOUND, "about": _ABOUT, "spaced": _SPACED}
    return next((f".{kind}" for kind, form in kinds.items() if form.fullmatch(half)), "")


def read_plain_number(text: str) -> Reading:
    """Return a number on its own, as side tables hold it: no unit, state or mark behind it."""
    reading = read_number(text)
    if isinstance(reading.value, Number) and not reading.value.unit and not reading.value.status:
        return reading._replace(value=reading.value.value)
    return Reading(None, reading.code or ("text_in_number" if text else ""))


def read_count(text: str) -> Reading:
    """Return a number of persons or cases, those of a cell in ten thousands as single ones."""
    reading = read_number(text)
    if not isinstance(reading.value, Number) or not reading.value.unit:
        return reading
    scale, unit = counting_unit(reading.value.unit)
    if unit and codes("unit").get(fold(unit), frozenset()).isdisjoint(("persons", "count")):
        return Reading(None, "text_in_number.rate")
    value = round(reading.value.value * scale, 6)
    read = {"read": f"{value:.15g}"}
    return Reading(Number(value, 0), reading.code or "read_as", read)


def year_reader(school_year: str = "") -> Reader:
    """Return a reader of years; ``2023年``, ``２０２３`` and ``2023.0`` are understood.

    ``school_year`` ({"", "begins", "ends"}): which year a school year 2021–2022 stands for; ``""``:
    it is asked.
    """

    def read(text: str) -> Reading:
        half = _half(text).replace(" ", "").translate(_NUMERALS)
        fill: dict[str, Any] = {"first": FIRST_YEAR, "last": LAST_YEAR}
        match = _YEAR.fullmatch(half) or _DECEMBER.fullmatch(half)
        year = match[1] if match else ""
        if not year and (school := _SCHOOL.fullmatch(half)):
            first = int(school[1])
            until = school[2] or str(first + 1)
            last = int(until if len(until) == 4 else school[1][:2] + until)
            fill |= {"begins": str(first), "ends": str(last)}
            if last != first + 1:
                return Reading(None, "bad_year", fill)
            if not school_year or "学年" not in half:
                return Reading(None, "bad_year.school" if "学年" in half else "bad_year.two", fill)
            year = fill[school_year]
        if not year or not FIRST_YEAR <= int(year) <= LAST_YEAR:
            return Reading(None, "bad_year.part" if _PART.fullmatch(half) else "bad_year", fill)
        clear = text in (year, f"{year}.0", f"{year}年", f"{year}年度")
        return Reading(int(year), "" if clear else "full_width.year", fill | {"read": year})

    return read


read_year = year_reader()


def read_date(text: str) -> Reading:
    """Return the date as ``YYYY-MM-DD``; other spellings of it are understood with a warning.

    A month or year alone is its last day: by then the figure was known.
    """
    half = _half(text)
    match, month = _DATE.fullmatch(half), _MONTH.fullmatch(half)
    try:
        if match:
            iso = datetime.date(*(int(part) for part in match.groups() if part)).isoformat()
        elif month:
            year, *given = (int(part) for part in month.groups() if part)
            iso = _last_day(year, *given).isoformat()
        else:
            iso = ""
    except ValueError:
        iso = ""
    if not iso or int(iso[:4]) < FIRST_YEAR:
        if not re.fullmatch("[34][0-9]{4}", half):
            return Reading(None, "bad_date")
        # days since 1899-12-30, as Excel counts them
        day = datetime.date(1899, 12, 30) + datetime.timedelta(int(half))
        return Reading(None, "bad_date.excel", {"day": day.isoformat()})
    code = "" if iso == text else "date_not_iso" if match else "date_not_iso.month"
    return Reading(iso, code, {"read": iso})


def _last_day(year: int, month: int = 12) -> datetime.date:
    first = datetime.date(year, month, 1)
    return (first + datetime.timedelta(31)).replace(day=1) - datetime.timedelta(1)


def read_word(topic: str, default: str | None, code: str = "") -> Reader:
    """Return a reader of the words of one topic of the vocabulary.

    ``default``: meaning of an empty cell; ``None``: it may not be empty. ``code``: rule that an
    unknown word breaks, ``unknown_<topic>`` by default.
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
        half = _half(text).replace(" ", "")
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
        return Reading(value, "", {"read": value})

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

    ``entries``: identifier and names of each. ``noun``: what they are; an unknown name breaks the
    rule ``unknown_<noun>``. ``expected``: what stands there otherwise. ``listed``: words to
    suggest; by default the first name and the identifier of each.
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

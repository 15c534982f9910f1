"""Targets as plans write them: 控制在8/10万以下, 比2020年提高5个百分点, 下降1/6."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from wdp_lib.core.names import FOLDED

_DIGITS = {word: n for n, word in enumerate("零一二三四五六七八九十")} | {"两": 2, "百": 100}
_NUMBER = r"([0-9][0-9,]*(?:\.[0-9]+)?)"
_UNIT = r"((?:1?/10万活产|[人例1]?/(?:10|十)?万|个?百分点|[%‰]|万?[人元件岁年个])?)"
_AMOUNT = re.compile(rf"([0-9]+/[0-9]+(?![0-9万十])|{_NUMBER}\s*{_UNIT})")
_WORDS = re.compile("([一二三四五六七八九十百])分之([一二三四五六七八九十]+)")
_YEAR = re.compile(r"(?:到|至)?(20[0-9]{2})年(?:底|末|前)*(?:时)?[,，:：]?")
_BASE = re.compile(r"[比较](?:基期|上期|(20[0-9]{2})年(?:水平)?)")
_RISE, _FALL = (
    re.compile("提高|上升|增加|增长|扩大|延长|提升"),
    re.compile("下降|降低|减少|压缩|缩短"),
)
_TO = re.compile("(?:提高|上升|增加|增长|提升|下降|降低|减少|降|达|延长|缩小)(?:到|至)|达到")
_FROM = re.compile(f"[由从].*?(?={_TO.pattern})")
_YEARLY = re.compile("年均|平均每年|每年(?=提高|上升|增加|增长|提升|下降|降低|减少)")
_EVERY_YEAR = re.compile("每年|各年|历年")
_RATIO = re.compile("[0-9]:[0-9]")
_RANGE = re.compile(rf"{_NUMBER}[%‰]?[-–—~至]{_NUMBER}\s*{_UNIT}")
_HOLD = re.compile("保持|稳定|维持")
_LIMITS = (
    ("at_least", re.compile("不低于|不少于|不小于|至少|≥|>=|以上|atleast|notbelow|ormore")),
    ("at_most", re.compile("不高于|不超过|不大于|≤|<=|以下|以内|atmost|notabove|orless")),
    ("more_than", re.compile("超过|高于|大于|>|morethan|above")),
    ("less_than", re.compile("低于|小于|<|lessthan|below")),
    ("at_most", re.compile("控制在|降(?:到|至)|(?:下降|降低|减少)(?:到|至)")),
    ("at_least", re.compile("达|(?:提高|上升|增加|增长|提升|延长)(?:到|至)")),
)


@dataclass(frozen=True)
class Wording:
    """What the words of a target say."""

    # kind of target; ``""`` where the words leave open which number it is or on which side of it
    # the target lies
    kind: str
    value: str = ""  # its number, as a table writes it
    unit: str = ""  # unit written behind the number
    # year, base_year: year the target is for, and the one it is compared with
    year: int | None = None
    base_year: int | None = None
    tolerance: str = ""  # half the width of a range such as 45—55%
    yearly: bool = False  # whether the number is the mean change of a year, as in 年均下降5%
    every_year: bool = False  # whether each year is to attain it, as in 每年不少于2次
    milestones: str = ""  # numbers of earlier years: all but the last of 2025年93%，2030年95%


def read_wording(words: str) -> Wording:
    """Return what the words of a target say; without any it is only monitored."""
    text = words.translate(FOLDED).replace(" ", "").strip("。;,").lower()
    if not text or text in ("监测", "仅监测", "-", "—", "/", "无"):
        return Wording("monitor_only")
    if dated := _by_year(text):
        return _schedule(dated)
    return _one(text)


def _by_year(text: str) -> list[tuple[int, str]]:
    """Year and words of each part, where every part has a year of its own and a number."""
    parts = [part for part in re.split("[,;、]", text) if part]
    years = [_YEAR.match(part) for part in parts]
    rests = [part[y.end() :] for part, y in zip(parts, years, strict=True) if y]
    if len(parts) < 2 or len(rests) < len(parts) or not all(map(_AMOUNT.search, rests)):
        return []
    return sorted((int(y[1]), rest) for y, rest in zip(years, rests, strict=True) if y)


def _schedule(dated: list[tuple[int, str]]) -> Wording:
    *earlier, (year, last) = dated
    said = replace(_one(last), year=year)
    steps = [(y, _one(rest).value) for y, rest in earlier]
    if not said.kind and said.value:  # on which side, the way from number to number says
        numbers = [Fraction(value) for _, value in steps if value] + [Fraction(said.value)]
        way = {b > a for a, b in pairwise(numbers) if a != b}
        kind = {True: "at_least", False: "at_most"}[way.pop()] if len(way) == 1 else ""
        said = replace(said, kind=kind)
    if said.kind.startswith(("rise_by", "fall_by")):  # a milestone is a level, no change
        return Wording("", year=year)
    return replace(said, milestones=";".join(f"{y}:{value}" for y, value in steps))


def _one(text: str) -> Wording:
    base = _BASE.search(text)
    text = _FROM.sub("", _BASE.sub("", text))
    year = _YEAR.search(text)
    text = _YEAR.sub("", text)
    text = _WORDS.sub(_in_digits, text)
    found: dict[str, Any] = {
        "year": int(year[1]) if year else None,
        "base_year": int(base[1]) if base and base[1] else None,
    }
    if "全覆盖" in text:
        return Wording("full_coverage", "100", "%", **found)
    if doubled := re.search("翻([一两])番", text):
        return Wording("rise_by_share", str(2 ** _DIGITS[doubled[1]] - 1), "", **found)
    way = +1 if _RISE.search(text) else -1 if _FALL.search(text) else 0
    amounts = _amounts(text)
    if not amounts:
        narrow = "缩小" in text or "narrow" in text
        kind = "narrow_gap" if narrow else {1: "rise", -1: "fall", 0: ""}[way]
        return Wording(kind, **found)
    if between := _RANGE.search(text):
        return _middle(between, found)
    if len({amount[0] for amount in amounts}) > 1 or _RATIO.search(text):
        return Wording("", **found)
    amount = amounts[0]
    if way and _changes(text, amount):
        return replace(_change(amount, way, found), yearly=bool(_YEARLY.search(text)))
    value, unit = (amount[2] or amount[1]).replace(",", ""), amount[3] or ""
    if re.search("左右|约|±", text):
        return Wording("around", value, unit, **found)
    kind = next((kind for kind, form in _LIMITS if form.search(text)), "")
    if kind == "at_least" and _HOLD.search(text):
        kind = "hold"
    return Wording(kind, value, unit, **found, every_year=bool(_EVERY_YEAR.search(text)))


def _amounts(text: str) -> list[re.Match]:
    """The numbers of a text; where it says to which level, not those by which it changes."""
    found = list(_AMOUNT.finditer(text))
    levels = [amount for amount in found if not _changes(text, amount)]
    return levels if _TO.search(text) and levels else found


def _changes(text: str, amount: re.Match) -> bool:
    """Whether a number is by how much: in 提高5个百分点, not in 4.5‰以下且逐步下降 or 提高到5."""
    before = re.split("[,;且并]", text[: amount.start()])[-1]
    return bool(_RISE.search(before) or _FALL.search(before)) and not _TO.search(before)


def _middle(between: re.Match, found: dict) -> Wording:
    low, high = (Fraction(number.replace(",", "")) for number in between.groups()[:2])
    middle, half = f"{float(low + high) / 2:.12g}", f"{float(high - low) / 2:.12g}"
    return Wording("around" if high > low else "", middle, between[3], **found, tolerance=half)


def _change(amount: re.Match, way: int, found: dict) -> Wording:
    move = "rise_by" if way > 0 else "fall_by"
    if not amount[2]:  # a fraction, such as 1/6
        return Wording(f"{move}_share", amount[1], "", **found)
    value, unit = amount[2].replace(",", ""), amount[3]
    if unit == "%":
        share = Fraction(value) / 100
        return Wording(f"{move}_share", f"{float(share):.12g}", "", **found)
    return Wording(move, value, "%" if "百分点" in unit else unit, **found)


def read_milestones(text: str) -> list[tuple[int, str]]:
    """Return year and number of each part of 2025年85%以上；2027年90%; year 0 for none."""
    found = []
    for part in filter(None, map(str.strip, re.split("[;；]", text.translate(FOLDED)))):
        year = re.match(r"(20[0-9]{2})年?[:,，]?", part)
        rest = part[year.end() :] if year else part
        found.append((int(year[1]) if year else 0, read_wording(rest).value))
    return found


def _in_digits(match: re.Match) -> str:
    part = _plain(match[2])
    return f"{part}%" if match[1] == "百" else f"{part}/{_plain(match[1])}"


def _plain(word: str) -> int:
    if len(word) == 1:
        return _DIGITS[word]
    tens, _, ones = word.partition("十")
    return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)

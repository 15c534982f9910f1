"""Targets as plans write them: 控制在8/10万以下, 比2020年提高5个百分点, 下降1/6."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
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
_HOLD = re.compile("保持|稳定|维持")
_LIMITS = (
    ("at_least", re.compile("不低于|不少于|不小于|至少|≥|>=|以上")),
    ("at_most", re.compile("不高于|不超过|不大于|≤|<=|以下|以内")),
    ("more_than", re.compile("超过|高于|大于|>")),
    ("less_than", re.compile("低于|小于|<")),
    ("at_most", re.compile("控制在|降(?:到|至)|(?:下降|降低|减少)(?:到|至)")),
    ("at_least", re.compile("达|(?:提高|上升|增加|增长|提升|延长)(?:到|至)")),
)


@dataclass(frozen=True)
class Wording:
    """What the words of a target say.

    Parameters
    ----------
    kind : str
        Kind of target; ``""`` where the words leave open on which side of the number it lies.
    value : str
        Its number, as a table writes it.
    unit : str
        Unit written behind the number.
    year, base_year : int or None
        Year the target is for, and the one it is compared with.
    """

    kind: str
    value: str = ""
    unit: str = ""
    year: int | None = None
    base_year: int | None = None


def read_wording(words: str) -> Wording:
    """Return what the words of a target say; without any it is only monitored."""
    text = words.translate(FOLDED).replace(" ", "").strip("。;,")
    if not text or text in ("监测", "仅监测", "-", "—", "/", "无"):
        return Wording("monitor_only")
    base = _BASE.search(text)
    text = _BASE.sub("", text)
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
    amount = _AMOUNT.search(text)
    way = +1 if _RISE.search(text) else -1 if _FALL.search(text) else 0
    if not amount:
        kind = "narrow_gap" if "缩小" in text else {1: "rise", -1: "fall", 0: ""}[way]
        return Wording(kind, **found)
    if way and not _TO.search(text):
        return _change(amount, way, found)
    value, unit = (amount[2] or amount[1]).replace(",", ""), amount[3] or ""
    if re.search("左右|约|±", text):
        return Wording("around", value, unit, **found)
    kind = next((kind for kind, form in _LIMITS if form.search(text)), "")
    if kind == "at_least" and _HOLD.search(text):
        kind = "hold"
    return Wording(kind, value, unit, **found)


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

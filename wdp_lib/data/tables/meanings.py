"""What a heading or label of a table speaks of: year, indicator, area, stratum or column."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from wdp_lib.core.names import fold
from wdp_lib.data.read.cells import owners_of, read_age_group, read_year, without_mark
from wdp_lib.data.read.returns import RETURN
from wdp_lib.data.read.words import codes
from wdp_lib.plan.model import Plan

IGNORED = "-"
LABELS = ("indicator", "area", "year", "sex", "age_group", "residence")
DIMENSIONS = (*LABELS, "unit")
_YEAR_FIRST = re.compile(r"((?:19|20)\d\d)年度?[（(]?(.+?)[）)]?")
_NUMBERING = re.compile(
    r"(?:[#＃*①-⑳]|其中[:：]?|[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[）)、.．])\s*"
)
_UNIT_LAST = re.compile(r"(.+?)\s*(?:[/／]\s*([^/／]{1,8})|([%％‰]))")
_OF_A_YEAR = re.compile(r".*(?:末|基期|基线|基数|现状).*")
_OF_ITSELF = re.compile(r"(?:基期|基线|基数|现状|实际)?(?:完成)?(?:情况|值|数)?")
_PLACE = re.compile(  # the place that a title begins with, or that follows a date in it
    r"(?:^|[\s\d年度:：）)、（(])(全[国省市县区]|(?![各分城按年度]|市县)"
    r"(?:(?![全本各该我])[一-龥](?=县)|(?:(?![全本各该我][市县区])[一-龥]){2,8}?)"
    r"(?:[省市县旗]|自治[区州]|(?<![地社城县市辖山园])区))"
    r"(?![区县域场民级直辖]|(?<=[国省区])[^，,。]*?(?:规划|纲要))",
    re.MULTILINE,
)
_IN_BRACKETS = re.compile(r"(.+?)\s*[（(\[［]([^（()）\[\]［］]+)[）)\]］]")
# years by their place to that of the title
RELATIVE = dict.fromkeys(("本年", "本年度", "今年", "当年"), 0) | dict.fromkeys(
    ("上年", "上年度", "去年", "上年同期", "去年同期"), 1
)
_TOTALS = {fold(word) for word in ("合计", "总计", "小计", "全部", "total", "all")}
BESIDE = {"序号", "编号", "no", "no.", "责任单位"}  # no figures: left out without a word
_LEFT_OUT = {
    *BESIDE,
    *("全国", "全省", "全市", "全区"),  # unless an area
    *("目标", "目标值", "目标数", "计划", "计划数", "规划", "规划目标", "预期", "预计", "预测"),
}
Meaning = dict[str, str]


class Meanings:
    """Understands the labels of one plan and its areas.

    ``plan``: names of indicators, in Chinese, English or by identifier. ``areas``: ``area, name_zh,
    name_en``; a name that two areas share stands for neither. ``names``: what the user says further
    labels mean: an indicator or area by any of its names, or ``-`` for a label to be left out.
    """

    def __init__(self, plan: Plan, areas: pd.DataFrame, names: dict[str, str] | None = None):
        self.indicators = _owners((i.id, i.name.zh, i.name.en) for i in plan.indicators)
        columns = ["area", "name_zh", "name_en"]
        self.areas = _owners(areas[columns].itertuples(index=False, name=None))
        own = areas.loc[areas["area"] == plan.area, "name_zh"]
        for name in (*own, plan.area_name.zh)[:1]:  # 全县 of a county, not of the province above
            for word in ("全", "本"):
                self.areas.setdefault(fold(word + name[-1:]), plan.area)
        self._ages = read_age_group(set())
        self.words = {topic: codes(topic) for topic in ("sex", "residence")}
        self.names = {fold(label): means for label, means in (names or {}).items()}
        self.shown = {i.id: i.name.zh for i in plan.indicators}
        self.shown |= dict(zip(areas["area"], areas["name_zh"], strict=True))
        self._known: dict[str, Meaning] = {}

    def of(self, label: str) -> Meaning:
        """Return what a label speaks of, by dimension; ``{}`` when it is not known.

        Dimensions are ``indicator, area, year, sex, residence, age_group, unit``, ``column``
        for the heading of a column of the long table, and ``total`` for "all".
        """
        folded = fold(label)
        if folded not in self._known:
            self._known[folded] = self._meaning(label.strip(), folded)
        return self._known[folded]

    def _meaning(self, label: str, folded: str) -> Meaning:
        if folded in self.names:
            means = self.names[folded]
            return {"column": IGNORED} if means == IGNORED else self._one(means, fold(means))
        if found := self._one(label, folded):
            return found
        plain = _NUMBERING.sub("", label, count=1)
        if plain != label and (found := self._one(plain, fold(plain))):
            return found
        if (plain := without_mark(label)) != label:
            return self.of(plain)
        if dated := _YEAR_FIRST.fullmatch(label):
            rest = self.of(dated[2])
            if rest.get("column") == IGNORED:  # the target of a year is no figure of it
                return rest
            known = rest or _OF_ITSELF.fullmatch(dated[2])
            return {**rest, "year": dated[1]} if known else {}
        if bracketed := _IN_BRACKETS.fullmatch(plain):
            outer, inner = self.of(bracketed[1]), self.of(bracketed[2])
            if outer and "column" not in inner:
                return {"unit": bracketed[2], **inner, **outer} if not inner else inner | outer
            if set(inner) == {"year"} and _OF_A_YEAR.fullmatch(bracketed[1]):
                return inner
        if (united := _UNIT_LAST.fullmatch(plain)) and "indicator" in (outer := self.of(united[1])):
            unit = united[2] or united[3]
            return {"unit": f"/{unit}" if unit[0].isdigit() else unit, **outer}
        bare = label.strip("（）()")
        return {"unit": bare} if bare != label and codes("unit").get(fold(bare)) else {}

    def _one(self, label: str, folded: str) -> Meaning:
        if not folded:
            return {}
        if (year := read_year(folded)).value:
            return {"year": str(year.value)}
        if folded in RELATIVE:
            return {"year": folded}
        if folded in self.indicators:
            return {"indicator": self.indicators[folded]}
        if folded in self.areas:
            return {"area": self.areas[folded]}
        if folded in _TOTALS:
            return {"total": "all"}
        for topic, known in self.words.items():
            if len(known.get(folded, ())) == 1:
                return {topic: next(iter(known[folded]))}
        # without 岁 it may be a range of anything
        if "岁" in folded and (ages := self._ages(folded)).value:
            return {"age_group": str(ages.value)}
        if folded in _LEFT_OUT or folded in RETURN.aside:
            return {"column": IGNORED}
        column = RETURN.headings.get(folded)
        return {"column": column} if column else {}

    def place(self, title: str) -> Meaning:
        """Return the area a title begins with; as ``place`` one that is none of the data set's."""
        for name in _PLACE.findall(title):
            near = {id for known, id in self.areas.items() if known.startswith(name[:2])}
            found = self.of(name).get("area") or (near.pop() if len(near) == 1 else "")
            return {"area": found} if found else {"place": name}
        return {}

    def within(self, text: str, dimension: str) -> str:
        """Return the one indicator or area whose name stands in a title; the longest wins.

        Of two indicators side by side neither.
        """
        known = {"indicator": self.indicators, "area": self.areas}[dimension]
        folded = fold(text)
        inside = sorted((name for name in known if name in folded), key=len)
        rest = folded.replace(inside[-1], "") if inside and dimension == "indicator" else ""
        if any(name in rest for name in inside):
            return ""
        return known[inside[-1]] if inside else ""


def _owners(entries: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Identifier by folded name, without names that two share."""
    return {name: next(iter(ids)) for name, ids in owners_of(entries).items() if len(ids) == 1}

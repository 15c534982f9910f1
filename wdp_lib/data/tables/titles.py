"""What the lines above a table and its sheet's name say of all its figures."""

from __future__ import annotations

import re
from itertools import chain

from wdp_lib.core.names import fold
from wdp_lib.data.read.cells import read_date
from wdp_lib.data.read.grids import Grid
from wdp_lib.data.read.words import codes
from wdp_lib.data.tables.meanings import DIMENSIONS, Meaning, Meanings

_SAID = {
    "unit": re.compile(r"(?<![报送责])(?:计量|计算)?单位\s*[:：]\s*([^\s，,；;（(）)]{1,12})"),
    "as_of": re.compile(
        r"(?:填报|报送|填表|制表)(?:时间|日期)\s*[:：]\s*([0-9０-９年月日./-]{6,14})"
    ),
    "source": re.compile(r"(?:填报单位|报送单位|数据来源|资料来源)\s*[:：]\s*([^\s（(]{2,40})"),
}
_PERIOD = re.compile(r"\d{4}年?\s*[—–~至-]+\s*\d{4}年?")
_OF_PART = re.compile(r"[上下]半年|季度|[年—–至~～-]\s*(?:[1-9]|1[01])\s*月")
_BRACKET = re.compile(r"[（(]([^（()）]{1,8})[）)]")
_LONGEST = 60  # characters of a title; a line beyond it is an explanation
# words for what is no figure of a year: what was to be, how it moved, who came first
_DOUBT = re.compile(
    r"目标|计划(?!生育|免疫)|任务|预测|预计|预期|同比|环比|增减|增长|增幅|降幅|排名|位次|名次|累计|完成率"
)
_DONE = re.compile(r"完成|实现|进展|监测|统计|评估|情况|现状|达标|执行|实施|落实")
_TO_BE = {"目标", "计划", "任务"}
_GROUP = re.compile(r"(男|女)[童生孩婴]$")


def say_of(grid: Grid, meanings: Meanings, first: int) -> Meaning:
    """Return what the sheet's name and the lines above a table say of all its figures.

    ``doubt`` where they say that the figures are targets, changes, ranks, or of several years.
    """
    said: Meaning = {}
    lines = [" ".join(dict.fromkeys(filter(None, row))) for row in grid.rows[:first]]
    lines = [line for line in lines if line]
    above = "\n".join(lines)
    for name, pattern in _SAID.items():
        if found := pattern.search(above):
            said[name] = found[1]
    if read := read_date(said.pop("as_of", "")).value:
        said["as_of"] = str(read)
    titles = "\n".join(_PERIOD.sub("", line) for line in lines if not _SAID["as_of"].search(line))
    years = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", titles))
    if len(years) == 1 and not _OF_PART.search(titles) and f"{(year := years.pop())}年" in titles:
        said["year"] = year
    if inside := meanings.within(titles, "indicator"):
        said |= {"indicator": inside} | _group(titles, meanings)
    if inside := meanings.within(titles, "area") or meanings.within(grid.sheet, "area"):
        said["area"] = inside
    if lines and "source" not in said:
        said["source"] = lines[0]
    said |= _words(lines, said)
    said |= {k: v for k, v in meanings.of(grid.sheet).items() if k in DIMENSIONS}
    if "area" not in said:
        said |= meanings.place(titles) or meanings.place(grid.sheet)
    if _doubtful([*lines, grid.sheet], grid.rows[first:], meanings):
        said["doubt"] = "doubt"
    return said


def _group(titles: str, meanings: Meanings) -> Meaning:
    """The group that stands beside the name of the indicator: 农村筛查率, 入学率（女）."""
    folded = fold(titles)
    name = max((n for n in meanings.indicators if n in folded), key=len)
    before, _, after = folded.partition(name)
    bracket = _BRACKET.match(after)
    beside = [before[-n:] for n in (4, 3, 2)] + ([bracket[1]] if bracket else [])
    if young := _GROUP.search(before):
        beside.append(young[1])
    found: Meaning = {}
    for text in beside:
        means = meanings.of(text)
        found |= {k: v for k, v in means.items() if k in ("sex", "residence") and v != "all"}
    return found


def _words(lines: list[str], said: Meaning) -> Meaning:
    """Unit in brackets, and state, as a title says them."""
    found: Meaning = {}
    for inner in _BRACKET.findall("\n".join(lines)):
        if codes("unit").get(fold(inner)) and "unit" not in said:
            found["unit"] = inner
    for word, code in codes("status").items():
        if code != {"final"} and len(word) > 1 and any(word in fold(line) for line in lines):
            found["status"] = word
    return found


def _doubtful(lines: list[str], rows: list[list[str]], meanings: Meanings) -> bool:
    beside = set(_DOUBT.findall("\n".join(chain(*rows))))
    for line in lines:
        bare = fold(line)
        for name in sorted((n for n in meanings.indicators if n in bare), key=len, reverse=True):
            bare = bare.replace(name, "")
        words = set(_DOUBT.findall(bare))
        if words & beside:  # a column or row of its own has them
            continue
        words -= _TO_BE if _DONE.search(bare) else set()
        words -= {"累计"} if not _PERIOD.search(bare) else set()
        if words and len(line) <= _LONGEST and fold(line) not in meanings.names:
            return True
    return False

"""Words that returns may use for columns, strata, states and units: Chinese or English."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from wdp_lib.core.words import vocabulary

REQUIRED = ("indicator", "area", "year", "value", "status", "as_of", "source")
OPTIONAL = (
    "sex",
    "age_group",
    "residence",
    "numerator",
    "denominator",
    "source_address",
    "origin",
    "note",
    "unit",
)

_HEADINGS = {
    "indicator": ("指标", "指标名称", "key"),
    "area": ("地区", "地区名称"),
    "year": ("年份", "年度", "数据年份"),
    "value": ("数值", "指标值"),
    "status": ("状态", "数据状态"),
    "as_of": ("可知日期",),
    "source": ("来源", "数据来源"),
    "sex": ("性别",),
    "age_group": ("年龄组", "年龄"),
    "residence": ("城乡",),
    "numerator": ("分子",),
    "denominator": ("分母",),
    "source_address": ("来源地址",),
    "origin": ("来历", "数值来历"),
    "note": ("备注",),
    "unit": ("单位", "计量单位"),
}

_SYNONYMS = {
    # what records of a county call it
    "approval_body": {
        "committee_office": ("县妇儿工委办公室", "office of the county committee"),
    },
    "sex": {
        "all": ("both", "total", "总计", "全部", "男女合计", "不分性别"),
        "female": ("f", "女性", "妇女"),
        "male": ("m", "男性"),
    },
    "residence": {
        "all": ("both", "total", "总计", "全部", "城乡合计", "不分城乡", "全县"),
        "urban": ("城市",),
        "rural": ("乡村",),
    },
    "status": {
        "final": ("最终", "终值", "正式", "正式数", "核定数"),
        "provisional": ("初步", "快报", "快报数", "暂定"),
        "estimated": ("估计", "估算", "估算数"),
    },
    "origin": {
        "reported": ("上报", "公布", "报告"),
        "derived": ("计算",),
        "inferred": (),
        "modelled": ("模型",),
    },
    "unit": {
        "percent": ("percentage", "pct", "百分比"),
        "percentage_points": ("pp", "百分点"),
        "per_100k_live_births": (
            "per 100k live births",
            "1/10万活产",
            "1/10万",
            "/10万",
            "十万分之",
        ),
        "per_1000_live_births": ("per 1000 live births", "‰", "千分之"),
        "per_100k": ("per 100k", "1/10万", "/10万", "十万分之"),
        "per_1000_women": ("per 1000 women", "‰", "千分之"),
        "per_1000_children": ("per 1000 children", "‰", "千分之", "个/千名儿童"),
        "per_1000_people": ("per 1000 people", "‰", "千分之"),
        "yuan_per_month": ("元/人月", "元每月"),
        "yuan_per_year": ("元/人年", "元每年"),
        "yuan_per_case": ("元每例",),
        "years": ("岁", "year"),
        "ratio": ("比", "倍"),
        "hours_per_day": ("小时/天", "小时"),
        "count": ("件", "家", "所", "次", "件数"),
        "persons": ("人数", "人次", "person"),
        "10k_persons": ("10k persons", "万人次"),
    },
}


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """Return the word without spaces, case and full-width forms, for comparing only."""
    return "".join(unicodedata.normalize("NFKC", word).split()).casefold()


@cache
def headings() -> dict[str, str]:
    """Return the column each folded heading stands for."""
    return {fold(word): column for column, words in _HEADINGS.items() for word in (column, *words)}


def heading_zh(column: str) -> str:
    """Return the Chinese heading of a column."""
    return _HEADINGS[column][0]


@cache
def codes(topic: str) -> dict[str, frozenset[str]]:
    """Return for each folded word of a topic the codes it may stand for.

    Parameters
    ----------
    topic : str
        A topic of the vocabulary. Several codes are possible only for units: ``‰`` may be of women
        or of children.
    """
    pairs = [
        (fold(word), code)
        for code, words in _SYNONYMS.get(topic, {}).items()
        for word in (code, *words)
    ]
    for (listed, code), names in vocabulary().items():
        if listed == topic:
            pairs += [(fold(code), code), (fold(names.zh), code), (fold(names.en), code)]
    result: dict[str, set[str]] = {}
    for word, code in pairs:
        result.setdefault(word, set()).add(code)
    return {word: frozenset(found) for word, found in result.items()}

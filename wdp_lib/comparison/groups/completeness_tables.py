"""Columns of the tables that say how regularly values come by sex and by age."""

from __future__ import annotations

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text

WANTED_BY = ("sex", "age_group")
_DIMENSION = Column("dimension", "text", Text("分组", "by what groups"), WANTED_BY)
_UNIT = Column(
    "unit", "text", Text("责任单位（建议的首位单位）", "responsible unit (the first suggested)")
)
_CELLS = (
    Column(
        "wanted",
        "integer",
        Text("应有分组数据的年份数", "years for which values by group are wanted"),
    ),
    Column("given", "integer", Text("已有分组数据的年份数", "of these with values by group")),
    Column("share", "number", Text("报送完整率（0–1）", "given / wanted, 0-1")),
)

GROUP_COMPLETENESS = Contract(
    "group_completeness",
    (
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        _UNIT,
        _DIMENSION,
        *_CELLS,
        Column("last_year", "integer", Text("分组数据最新年份", "last year with values by group")),
        Column(
            "reason",
            "text",
            Text("没有分组数据的原因代码", "code of the reason why there are none by group"),
            ("", "no_data", "not_by_sex", "not_by_age"),
        ),
    ),
)

UNIT_COMPLETENESS = Contract(
    "unit_completeness",
    (
        _UNIT,
        _DIMENSION,
        Column("indicators", "integer", Text("应分组的指标数", "indicators wanted by group")),
        Column(
            "indicators_given",
            "integer",
            Text("有分组数据的指标数", "of these with any value by group"),
        ),
        *_CELLS,
    ),
)

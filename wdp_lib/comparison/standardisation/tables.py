"""Columns of the table of rates standardised for age."""

from __future__ import annotations

from wdp_lib.core.columns import KEY, OBSERVATIONS, Column, Contract
from wdp_lib.core.errors import Text

REASONS = (
    "",
    "no_age_values",
    "counts_missing",
    "ages_overlap",
    "ages_differ",
    "zero_denominator",
    "no_events",
)

AGE_STANDARDISED = Contract(
    "age_standardised",
    (
        *(
            column
            for column in OBSERVATIONS.columns
            if column.name in KEY and column.name != "age_group"
        ),
        Column("year", "integer", Text("数据年份", "year the values speak of")),
        Column("ages", "text", Text("年龄组，以分号分隔", "age groups, joined by ;")),
        Column(
            "standard_year",
            "integer",
            Text("标准人口年份（本级）", "year of the standard, the plan's area itself"),
        ),
        Column(
            "crude", "number", Text("粗率，单位同指标", "crude rate, in the unit of the indicator")
        ),
        Column(
            "rate",
            "number",
            Text("标准化率，单位同指标", "standardised rate, in the unit of the indicator"),
        ),
        Column(
            "lower",
            "number",
            Text("标准化率的 95% 区间下限", "lower end of the 95 % interval of the rate"),
        ),
        Column(
            "upper",
            "number",
            Text("标准化率的 95% 区间上限", "upper end of the 95 % interval of the rate"),
        ),
        Column("method", "text", Text("区间方法", "method of that interval")),
        Column(
            "reason",
            "text",
            Text("缺少结果的原因代码", "code of the reason why figures are missing"),
            REASONS,
        ),
        Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values")),
    ),
)

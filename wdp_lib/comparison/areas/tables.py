"""Columns of the tables that compare, add up and break down areas."""

from __future__ import annotations

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text

_WHERE = (
    Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
    Column("area", "text", Text("地区标识", "identifier of the area")),
)
_STRATUM = (
    Column("sex", "text", Text("性别", "sex"), ("all", "female", "male")),
    Column("age_group", "text", Text("年龄组", "age group; all = every age")),
    Column("residence", "text", Text("城乡", "residence"), ("all", "urban", "rural")),
)
_YEAR = Column("year", "integer", Text("数据年份", "year the values speak of"))
_VALUES = (
    Column("value", "number", Text("数值，单位同指标", "value, in the unit of the indicator")),
    Column("numerator", "number", Text("分子（人数、件数）", "numerator (persons, cases)")),
    Column("denominator", "number", Text("分母（人数、件数）", "denominator (persons, cases)")),
)
_SIMULATED = Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values"))
_REASONS = ("", "counts_missing", "full_count", "not_a_proportion", "zero_denominator")

AREA_COMPARISON = Contract(
    "area_comparison",
    (
        *_WHERE,
        *_STRATUM,
        _YEAR,
        *_VALUES,
        Column(
            "lower",
            "number",
            Text("数值的 95% 区间下限", "lower end of the 95 % interval of the value"),
        ),
        Column(
            "upper",
            "number",
            Text("数值的 95% 区间上限", "upper end of the 95 % interval of the value"),
        ),
        Column("interval_method", "text", Text("区间方法", "method of that interval")),
        Column("common_value", "number", Text("各地区合计的数值", "value of all areas together")),
        Column("limit_95_lower", "number", Text("漏斗图 95% 控制下限", "lower 95 % funnel limit")),
        Column("limit_95_upper", "number", Text("漏斗图 95% 控制上限", "upper 95 % funnel limit")),
        Column(
            "limit_998_lower", "number", Text("漏斗图 99.8% 控制下限", "lower 99.8 % funnel limit")
        ),
        Column(
            "limit_998_upper", "number", Text("漏斗图 99.8% 控制上限", "upper 99.8 % funnel limit")
        ),
        Column(
            "outside",
            "text",
            Text("是否超出控制限", "is it outside the funnel"),
            ("", "95", "99.8"),
        ),
        Column(
            "side",
            "text",
            Text("超出的方向", "on which side"),
            ("", "better", "worse", "low", "high"),
        ),
        Column(
            "dispersion",
            "number",
            Text("离散系数（1 为仅有偶然波动）", "spread between areas, 1 = chance alone"),
        ),
        Column(
            "p_dispersion",
            "number",
            Text(
                "地区间实际相同时如此离散的概率（0–1）",
                "chance of such a spread if areas were alike, 0-1",
            ),
        ),
        Column(
            "inflation",
            "number",
            Text("控制限方差的放大倍数", "factor on the variance of the limits"),
        ),
        Column(
            "shrunken",
            "number",
            Text("向合计值收缩后的数值", "value drawn towards that of all areas"),
        ),
        Column(
            "shrunken_lower",
            "number",
            Text("收缩值的 95% 区间下限", "lower end of its 95 % interval"),
        ),
        Column(
            "shrunken_upper",
            "number",
            Text("收缩值的 95% 区间上限", "upper end of its 95 % interval"),
        ),
        Column(
            "shrinkage",
            "number",
            Text(
                "收缩程度（0 不收缩，1 完全取合计值）", "how far it was drawn in: 0 not, 1 wholly"
            ),
        ),
        Column(
            "rank",
            "integer",
            Text("位次（1 为最差）", "rank, 1 = worst; equal values share a rank"),
        ),
        Column(
            "rank_lower",
            "integer",
            Text("位次 95% 区间下限", "lower end of the 95 % interval of the rank"),
        ),
        Column(
            "rank_upper",
            "integer",
            Text("位次 95% 区间上限", "upper end of the 95 % interval of the rank"),
        ),
        Column("line_lower", "number", Text("目标下限", "lower edge of the promise")),
        Column("line_upper", "number", Text("目标上限", "upper edge of the promise")),
        Column(
            "keeps",
            "text",
            Text("是否达到目标线", "does the area keep the promise"),
            ("", "yes", "no"),
        ),
        Column(
            "share_below",
            "number",
            Text("未达目标线的地区占比（0–1）", "share of areas that do not keep it, 0-1"),
        ),
        Column(
            "contribution",
            "number",
            Text(
                "对未达目标的人数（件数）差额",
                "persons or cases short of the promise; negative = to spare",
            ),
        ),
        Column(
            "contribution_share",
            "number",
            Text("占各地区差额合计的比例（0–1）", "share of all that the areas are short of, 0-1"),
        ),
        Column(
            "reason",
            "text",
            Text("缺少结果的原因代码", "code of the reason why figures are missing"),
            _REASONS,
        ),
        _SIMULATED,
    ),
)

ROLL_UP = Contract(
    "roll_up",
    (
        *_WHERE,
        *_STRATUM,
        _YEAR,
        Column("n_areas", "integer", Text("有数的下级地区数", "areas below with a value")),
        Column(
            "n_expected", "integer", Text("应有的下级地区数", "areas below that ought to have one")
        ),
        *_VALUES,
        Column(
            "reported_value", "number", Text("本级上报的数值", "value reported for the area itself")
        ),
        Column(
            "reported_numerator",
            "number",
            Text("本级上报的分子", "numerator reported for the area itself"),
        ),
        Column(
            "reported_denominator",
            "number",
            Text("本级上报的分母", "denominator reported for the area itself"),
        ),
        Column(
            "reason",
            "text",
            Text("不能汇总或汇总不符的原因代码", "why it cannot be added up, or does not agree"),
            (
                "",
                "areas_missing",
                "counts_missing",
                "not_reported",
                "counts_differ",
                "value_differs",
            ),
        ),
        _SIMULATED,
    ),
)

DRILL_DOWN = Contract(
    "drill_down",
    (
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        Column(
            "dimension",
            "text",
            Text("分组", "by what it is broken down"),
            ("area", "sex", "residence", "age_group"),
        ),
        Column("part", "text", Text("组别或地区", "group or area")),
        _YEAR,
        *_VALUES,
        Column(
            "gap",
            "number",
            Text("距目标线的差距（正为未达）", "distance to the line, positive = short of it"),
        ),
        Column(
            "contribution",
            "number",
            Text("差额人数（件数）", "persons or cases short of the line; negative = to spare"),
        ),
        Column(
            "contribution_share",
            "number",
            Text(
                "占同一分组差额合计的比例（0–1）",
                "share of what the parts of a dimension are short of, 0-1",
            ),
        ),
        Column(
            "rank_gap",
            "integer",
            Text("差距位次（1 为最大）", "rank by gap within the dimension, 1 = largest"),
        ),
        Column(
            "rank_contribution",
            "integer",
            Text("差额位次（1 为最大）", "rank by contribution within the dimension, 1 = largest"),
        ),
        Column(
            "reason",
            "text",
            Text("缺少结果的原因代码", "code of the reason why figures are missing"),
            ("", "counts_missing"),
        ),
        _SIMULATED,
    ),
)

LOWEST_AREA = Contract(
    "lowest_area",
    (
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        _YEAR,
        Column(
            "area", "text", Text("最低的地区，并列以分号分隔", "lowest area; several joined by ;")
        ),
        Column("lowest_value", "number", Text("最低值", "its value")),
        Column("county_value", "number", Text("本级数值", "value of the plan's area")),
        Column("line", "number", Text("目标线", "line of the promise")),
        Column("n_areas", "integer", Text("有数的地区数", "areas with a value")),
        Column(
            "n_below", "integer", Text("未达目标线的地区数", "areas that do not keep the promise")
        ),
        Column(
            "share_keeping",
            "number",
            Text("达到目标线的地区占比（0–1）", "share of areas that keep it, 0-1"),
        ),
        Column(
            "state",
            "text",
            Text("现状", "state"),
            ("attained", "nearly", "not_attained", "not_assessable"),
        ),
        Column("state_reason", "text", Text("现状的原因代码", "code of the reason for the state")),
        _SIMULATED,
    ),
)

AREA_OVERVIEW = Contract(
    "area_overview",
    (
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        _YEAR,
        Column("n_areas", "integer", Text("有数的地区数", "areas with a value")),
        Column("common_value", "number", Text("各地区合计的数值", "value of all areas together")),
        Column(
            "worst_area",
            "text",
            Text("最差的地区，并列以分号分隔", "worst area; several joined by ;"),
        ),
        Column("worst_value", "number", Text("最差地区的数值", "its value")),
        Column(
            "worst_lower",
            "number",
            Text("该数值的 95% 区间下限", "lower end of the 95 % interval of that value"),
        ),
        Column(
            "worst_upper",
            "number",
            Text("该数值的 95% 区间上限", "upper end of the 95 % interval of that value"),
        ),
        Column(
            "worst_shrunken",
            "number",
            Text("该数值向合计值收缩后", "the same drawn towards that of all areas"),
        ),
        Column(
            "worse_areas",
            "text",
            Text(
                "差于 99.8% 控制限的地区，以分号分隔",
                "areas worse than the 99.8 % limits; joined by ;",
            ),
        ),
        Column(
            "better_areas",
            "text",
            Text(
                "好于 99.8% 控制限的地区，以分号分隔",
                "areas better than the 99.8 % limits; joined by ;",
            ),
        ),
        Column(
            "apart_areas",
            "text",
            Text(
                "无优劣方向、超出 99.8% 控制限的地区，以分号分隔",
                "areas beyond the 99.8 % limits, neither side better; joined by ;",
            ),
        ),
        Column(
            "inflation",
            "number",
            Text("控制限方差的放大倍数", "factor on the variance of the limits"),
        ),
        Column(
            "n_below", "integer", Text("未达目标线的地区数", "areas that do not keep the promise")
        ),
        Column(
            "reason",
            "text",
            Text("缺少控制限的原因代码", "code of the reason why there are no limits"),
            _REASONS,
        ),
        _SIMULATED,
    ),
)

UPPER_COMPARISON = Contract(
    "upper_comparison",
    (
        *_WHERE,
        *_STRATUM,
        _YEAR,
        Column(
            "value",
            "number",
            Text("本级数值，单位同指标", "value of the plan's area, in the unit of the indicator"),
        ),
        Column("upper_area", "text", Text("上级地区标识", "identifier of the upper area")),
        Column("level", "text", Text("上级地区级别", "level of the upper area")),
        Column(
            "upper_value",
            "number",
            Text("上级数值，单位同指标", "its value, in the unit of the indicator"),
        ),
        Column(
            "difference", "number", Text("本级减上级，单位同指标", "plan's area less upper area")
        ),
        Column(
            "side",
            "text",
            Text("与上级相比", "compared with the upper area"),
            ("", "better", "worse", "low", "high", "equal"),
        ),
        Column("use", "text", Text("用途", "what it is for"), ("context",)),
        Column(
            "reason",
            "text",
            Text("不能比较的原因代码", "code of the reason why they cannot be compared"),
            ("", "no_common_year"),
        ),
        _SIMULATED,
    ),
)

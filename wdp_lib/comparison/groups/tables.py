"""Columns of the tables of gaps between groups."""

from __future__ import annotations

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text

DIMENSIONS = ("sex", "residence", "age_group")
REASONS = (
    "",
    "no_data",
    "other_group_missing",
    "not_by_sex",
    "counts_missing",
    "full_count",
    "no_baseline",
    "both_zero",
)
_STRATUM = (
    Column(
        "sex",
        "text",
        Text("性别（按性别比较时为合计）", "sex; all where women and men are compared"),
    ),
    Column(
        "age_group",
        "text",
        Text("年龄组（按年龄比较时为合计）", "age group; all where ages are compared"),
    ),
    Column(
        "residence",
        "text",
        Text("城乡（按城乡比较时为合计）", "residence; all where town and country are compared"),
    ),
)


def _group(name: str, zh: str, en: str) -> tuple[Column, ...]:
    return (
        Column(name, "text", Text(f"{zh}组别", f"{en} group")),
        Column(
            f"{name}_value",
            "number",
            Text(f"{zh}组数值，单位同指标", "its value, in the unit of the indicator"),
        ),
        Column(
            f"{name}_numerator", "number", Text(f"{zh}组分子", "its numerator (persons, cases)")
        ),
        Column(
            f"{name}_denominator", "number", Text(f"{zh}组分母", "its denominator (persons, cases)")
        ),
    )


def _interval(name: str, zh: str, en: str) -> tuple[Column, Column]:
    return (
        Column(
            f"{name}_lower",
            "number",
            Text(f"{zh}的 95% 区间下限", f"lower end of the 95 % interval of {en}"),
        ),
        Column(
            f"{name}_upper",
            "number",
            Text(f"{zh}的 95% 区间上限", f"upper end of the 95 % interval of {en}"),
        ),
    )


GROUP_GAPS = Contract(
    "group_gaps",
    (
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        Column("area", "text", Text("地区标识", "identifier of the area")),
        Column(
            "dimension",
            "text",
            Text("比较的分组", "by what groups are compared"),
            (*DIMENSIONS, ""),
        ),
        *_STRATUM,
        Column("year", "integer", Text("数据年份", "year the values speak of")),
        *_group("first", "前一", "the first"),
        *_group("second", "后一", "the second"),
        Column(
            "difference",
            "number",
            Text("差距：前一组减后一组，单位同指标", "first less second, unit of the indicator"),
        ),
        *_interval("difference", "差距", "the difference"),
        Column("ratio", "number", Text("比值：前一组除以后一组", "first over second")),
        *_interval("ratio", "比值", "the ratio"),
        Column(
            "parity",
            "number",
            Text("均等指数（0–2，1 为均等）", "adjusted parity index, 0-2, 1 = parity"),
        ),
        Column(
            "method",
            "text",
            Text("区间方法", "method of both intervals"),
            ("", "newcombe", "square_and_add"),
        ),
        Column(
            "baseline_year", "integer", Text("对比的基期年份", "year of the baseline compared with")
        ),
        Column("baseline_difference", "number", Text("基期差距", "difference at the baseline")),
        Column(
            "change",
            "number",
            Text(
                "差距绝对值的变化（负为缩小）", "change in the size of the gap; negative = narrower"
            ),
        ),
        Column(
            "p_narrowed",
            "number",
            Text(
                "仅考虑抽样误差时差距小于基期的概率（0–1）",
                "probability of a smaller gap than at the baseline, counts alone, 0-1",
            ),
        ),
        Column(
            "p_narrowing",
            "number",
            Text(
                "基期以来差距趋于缩小的概率（0–1，趋势检验）",
                "probability by the trend test that it narrows since, 0-1",
            ),
        ),
        Column(
            "n",
            "integer",
            Text("基期以来两组都有数的年数", "years since the baseline with both groups"),
        ),
        Column(
            "status",
            "text",
            Text("数据状态", "state of the values"),
            ("final", "provisional", "estimated", ""),
        ),
        Column(
            "reason",
            "text",
            Text("无差距或无区间的原因代码", "code of the reason why figures are missing"),
            REASONS,
        ),
        Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values")),
    ),
)

GROUP_SPREAD = Contract(
    "group_spread",
    (
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        Column(
            "dimension",
            "text",
            Text("比较的分组", "by what groups are compared"),
            ("area", *DIMENSIONS),
        ),
        Column("year", "integer", Text("数据年份", "year the values speak of")),
        Column("measure", "text", Text("差异指标", "measure of the spread")),
        Column(
            "value",
            "number",
            Text("数值", "its value; in the unit of the indicator, its square, %, or a ratio"),
        ),
        *_interval("value", "该数值", "this value"),
        Column(
            "by_chance",
            "number",
            Text("各组实际相同时偶然出现的均值", "its mean if all groups were alike"),
        ),
        Column(
            "p_chance",
            "number",
            Text(
                "各组实际相同时出现如此大或更大数值的概率（0–1）",
                "probability of so large a value if all groups were alike",
            ),
        ),
        Column("n_groups", "integer", Text("组数", "groups")),
        Column(
            "reason",
            "text",
            Text("无数值的原因代码", "code of the reason why there are no figures"),
        ),
        Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values")),
    ),
)

GAP_OUTLOOK = Contract(
    "gap_outlook",
    (
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        Column("dimension", "text", Text("比较的分组", "by what groups are compared"), DIMENSIONS),
        Column("year", "integer", Text("展望年份", "year looked ahead to")),
        Column("last_year", "integer", Text("最新年份", "last year with both groups")),
        Column(
            "difference",
            "number",
            Text("最新差距，单位同指标", "last difference, unit of the indicator"),
        ),
        Column(
            "lower",
            "number",
            Text("差距的 80% 区间下限", "lower end of the 80 % interval of the difference"),
        ),
        Column("median", "number", Text("差距的预测中位数", "median of the difference")),
        Column(
            "upper",
            "number",
            Text("差距的 80% 区间上限", "upper end of the 80 % interval of the difference"),
        ),
        Column(
            "p_smaller",
            "number",
            Text(
                "届时差距小于最新差距的概率（0–1）",
                "probability of a smaller gap than the last one, 0-1",
            ),
        ),
        Column(
            "correlation",
            "number",
            Text("两组年际波动的相关系数", "correlation of the two groups' shocks"),
        ),
        Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values")),
    ),
)

"""The tables of effects: which measure started where, what was estimated, which townships did better than expected."""

from __future__ import annotations

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text
from wdp_lib.data.records import RecordColumn, RecordContract

DESIGNS = (
    "description",
    "counterfactual",
    "interrupted",
    "interrupted_counts",
    "differences",
    "synthetic",
)
LEVELS = ("L0", "L1", "L2", "L3", "L4")

STARTS = RecordContract(
    "measure_starts.csv",
    (
        RecordColumn(
            "measure",
            "measure",
            Text("策略措施", "the measure"),
            ("策略措施", "措施"),
            required=True,
        ),
        RecordColumn(
            "area",
            "area",
            Text("实施地区", "where it started"),
            ("地区", "实施地区"),
            required=True,
        ),
        RecordColumn(
            "start_year",
            "year",
            Text("开始实施年份", "first year under the measure"),
            ("开始年份",),
            required=True,
        ),
        RecordColumn(
            "end_year",
            "year",
            Text("结束年份；空为仍在实施", "last year; empty = goes on"),
            ("结束年份",),
        ),
        RecordColumn(
            "dose", "number", Text("力度（经费、覆盖等）", "dose: money, coverage"), ("力度",)
        ),
        RecordColumn("dose_unit", "text", Text("力度单位", "unit of the dose"), ("力度单位",)),
        RecordColumn(
            "evidence", "text", Text("佐证材料", "document that shows the start"), ("佐证材料",)
        ),
        RecordColumn("note", "text", Text("备注", "remark"), ("备注",)),
    ),
    key=("measure", "area", "start_year"),
)

EFFECTS = Contract(
    "effects",
    (
        Column("measure", "text", Text("策略措施编号", "identifier of the measure")),
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        Column(
            "areas",
            "text",
            Text("实施地区，以分号分隔", "areas with the measure, separated by semicolons"),
        ),
        Column("start_year", "integer", Text("开始实施年份", "first year under the measure")),
        Column("design", "text", Text("估计方法", "design"), DESIGNS),
        Column(
            "estimate",
            "number",
            Text("估计值，开始以来的平均", "estimate, mean over the years since the start"),
        ),
        Column("lower", "number", Text("95% 区间下限", "lower end of the 95 % interval")),
        Column("upper", "number", Text("95% 区间上限", "upper end of the 95 % interval")),
        Column(
            "unit",
            "text",
            Text("估计值的单位", "unit of the estimate; rate_ratio = a ratio, 1 = no effect"),
        ),
        Column("p_value", "number", Text("P 值（双侧）", "two-sided p-value")),
        Column(
            "p_adjusted",
            "number",
            Text("同法多次检验校正后的 P 值", "p-value, Holm over the rows of its design"),
        ),
        Column(
            "p_method",
            "text",
            Text("P 值来历", "where the p-value comes from"),
            ("", "model", "forecast", "randomisation", "placebo_areas"),
        ),
        Column("n_before", "integer", Text("实施前年数", "years before the start")),
        Column("n_after", "integer", Text("实施以来年数", "years since the start")),
        Column("n_treated", "integer", Text("实施地区数", "areas with the measure")),
        Column("n_controls", "integer", Text("对照地区数", "areas to compare with")),
        Column(
            "placebo",
            "text",
            Text("安慰剂检验", "placebo test"),
            ("", "passed", "failed", "not_possible"),
        ),
        Column("placebo_p", "number", Text("安慰剂检验 P 值", "p-value of the placebo test")),
        Column(
            "dose_slope",
            "number",
            Text("力度每增一单位的变化", "change for one more unit of the dose"),
        ),
        Column(
            "dose_p", "number", Text("力度关系的 P 值", "p-value of the relation with the dose")
        ),
        Column(
            "concurrent",
            "text",
            Text("同期开始的其他措施", "other measures that began at the same time"),
        ),
        Column("level", "text", Text("论断级别", "level of the claim"), LEVELS),
        Column(
            "reason", "text", Text("不能判断的原因代码", "code of the reason why it cannot be told")
        ),
        Column(
            "cautions",
            "text",
            Text("注意事项代码，以分号分隔", "codes of cautions, separated by semicolons"),
        ),
        Column("words", "text", Text("结论用语代码", "code of the sentence that may be written")),
        Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values")),
    ),
)

BETTER = Contract(
    "better_than_expected",
    (
        Column("area", "text", Text("地区标识", "identifier of the area")),
        Column("n_indicators", "integer", Text("所用指标数", "indicators used")),
        Column(
            "score",
            "number",
            Text("平均超出预期（标准差）", "mean excess over expectation, standard deviations"),
        ),
        Column(
            "p_adjusted",
            "number",
            Text("按全部地区校正的 P 值", "p-value, for the best of all areas"),
        ),
        Column("listed", "truth", Text("是否列入", "is it listed")),
        Column("best_indicators", "text", Text("最突出的指标", "indicators that stand out most")),
        Column(
            "reason", "text", Text("未计算的原因代码", "code of the reason why it was not computed")
        ),
        Column("caution", "text", Text("注意事项代码", "code of the caution")),
        Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values")),
    ),
)

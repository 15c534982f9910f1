"""The table of composite scores: what each column means."""

from __future__ import annotations

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text

TIMES = ("now", "target_year")

COMPOSITE = Contract(
    "composite",
    (
        Column("domain", "text", Text("领域；空为全部", "domain; empty = the whole plan")),
        Column("time", "text", Text("所指时点", "of which time"), TIMES),
        Column(
            "score",
            "number",
            Text("得分（0–100，100 为全部达标）", "score, 0-100; 100 = every target met"),
        ),
        Column("lower", "number", Text("90% 区间下限", "lower end of the 90 % range")),
        Column("upper", "number", Text("90% 区间上限", "upper end of the 90 % range")),
        Column(
            "geometric",
            "number",
            Text("几何平均得分（0–100）", "score by the geometric mean, 0-100"),
        ),
        Column("change", "number", Text("比基期提高的分数", "points gained since the baseline")),
        Column(
            "change_holds",
            "number",
            Text(
                "升降方向不变的抽样比例（0–1）",
                "share of draws in which the change has the same sign, 0-1",
            ),
        ),
        Column(
            "rank",
            "integer",
            Text("在可计分领域中的位次", "rank among the domains that have a score"),
        ),
        Column(
            "rank_holds",
            "number",
            Text("位次不变的抽样比例（0–1）", "share of draws with the same rank, 0-1"),
        ),
        Column(
            "n_indicators",
            "integer",
            Text("有数值目标的指标数", "indicators with a number as target"),
        ),
        Column("n_scored", "integer", Text("计分指标数", "of these scored")),
        Column("not_scored", "text", Text("未计分的指标", "those not scored")),
        Column("n_red", "integer", Text("红色预警指标数", "indicators graded red")),
        Column("red", "text", Text("红色预警指标", "the indicators graded red")),
        Column("draws", "integer", Text("抽样次数", "draws")),
        Column("seed", "integer", Text("随机种子", "seed")),
        Column(
            "reason", "text", Text("不计分的原因代码", "code of the reason why there is no score")
        ),
        Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values")),
    ),
)

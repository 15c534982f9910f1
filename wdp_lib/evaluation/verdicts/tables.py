"""Columns of the tables that the evaluation makes beside the verdicts."""

from __future__ import annotations

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text


def _counts(*pairs: tuple[str, str, str]) -> tuple[Column, ...]:
    return tuple(Column(name, "integer", Text(zh, en)) for name, zh, en in pairs)


DOMAINS = Contract(
    "domain_summary",
    (
        Column("domain", "text", Text("领域；空为全部", "domain; empty = the whole plan")),
        *_counts(
            ("goals", "目标数", "goals"),
            ("attained", "已达标目标数", "goals attained"),
            ("nearly", "基本达标目标数", "goals nearly attained"),
            ("not_attained", "未达标目标数", "goals not attained"),
            ("not_assessable", "无法判定目标数", "goals not assessable"),
            ("quantified", "量化目标数", "quantified goals"),
            ("directional", "方向性目标数", "directional goals"),
            ("qualitative", "定性目标数", "qualitative goals"),
            ("indicators", "指标数", "indicators"),
            ("monitor_only", "其中仅监测", "of these monitored only"),
            ("red", "红色指标数", "indicators red"),
            ("orange", "橙色指标数", "indicators orange"),
            ("yellow", "黄色指标数", "indicators yellow"),
            ("blue", "蓝色指标数", "indicators blue"),
            ("clear", "无预警指标数", "indicators without warning"),
            ("not_graded", "未评级指标数", "indicators not graded"),
            ("volatile", "波动较大指标数", "indicators strongly fluctuating"),
        ),
        Column(
            "failed_goals",
            "text",
            Text("未达标目标编号，以分号分隔", "goals not attained, joined by ;"),
        ),
        Column(
            "failed_indicators",
            "text",
            Text("未达标指标，以分号分隔", "indicators not attained, joined by ;"),
        ),
    ),
)

KEY_INDICATORS = Contract(
    "key_indicators",
    (
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        Column("goals", "text", Text("目标编号，以分号分隔", "goals, joined by ;")),
        Column(
            "why",
            "text",
            Text("列为重点的原因", "why it is a key indicator"),
            ("number", "coverage", "relative"),
        ),
        Column("target_kind", "text", Text("目标类型", "kind of promise")),
        Column("target_value", "number", Text("目标值", "number of the promise")),
        Column("units", "text", Text("责任单位，以分号分隔", "responsible units, joined by ;")),
        Column("frequency", "text", Text("频次", "how often it is returned")),
    ),
)

COMMITMENTS = Contract(
    "project_status",
    (
        Column("commitment", "text", Text("承诺编号", "identifier of the commitment")),
        Column("project", "text", Text("工程编号", "project")),
        Column("kind", "text", Text("承诺性质", "kind of commitment")),
        Column("indicators", "text", Text("对应指标，以分号分隔", "its indicators, joined by ;")),
        Column("goals", "text", Text("对应目标，以分号分隔", "its goals, joined by ;")),
        Column("value", "number", Text("承诺的数", "number of the commitment")),
        Column(
            "goal_value", "number", Text("所重申目标的数", "number of the goal that it restates")
        ),
        Column(
            "same_number",
            "truth",
            Text("两数是否一致（无数的为是）", "are the two the same; true where there is none"),
        ),
        *_counts(
            ("milestones", "节点任务数", "milestones recorded"),
            ("milestones_done", "其中已完成且有佐证", "of these done, with evidence"),
        ),
        Column("evidence", "text", Text("佐证材料，以分号分隔", "evidence, joined by ;")),
        Column(
            "status",
            "text",
            Text("完成情况", "how it stands"),
            ("done", "under_way", "not_started", "missed", "not_assessable"),
        ),
        Column("status_reason", "text", Text("原因代码", "code of the reason")),
    ),
)

PROJECTS = Contract(
    "project_summary",
    (
        Column("project", "text", Text("工程编号", "project")),
        *_counts(
            ("commitments", "承诺数", "commitments"),
            ("done", "已完成", "done"),
            ("under_way", "推进中", "under way"),
            ("not_started", "未启动", "not started"),
            ("missed", "未达到", "missed"),
            ("not_assessable", "无法判定", "not assessable"),
        ),
        Column("complete", "truth", Text("工程是否全部完成", "is every commitment done")),
        Column(
            "missed_commitments",
            "text",
            Text("未达到的承诺，以分号分隔", "commitments missed, joined by ;"),
        ),
    ),
)

NEEDS = Contract(
    "needs",
    (
        Column("goal", "text", Text("目标编号", "identifier of the goal")),
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        Column("problem", "text", Text("问题类别", "kind of problem")),
        Column("risk", "text", Text("完成难度等级", "class of difficulty")),
        Column("units", "text", Text("责任单位，以分号分隔", "responsible units, joined by ;")),
        Column(
            "measures",
            "text",
            Text("规划中的策略措施，以分号分隔", "measures of the plan, joined by ;"),
        ),
        Column("last_year", "integer", Text("最新年份", "last year with a value")),
        Column("last_value", "number", Text("最新值", "last value")),
        Column("line", "number", Text("目标线", "line of the promise")),
        Column("numerator", "number", Text("最新分子", "numerator of the last value")),
        Column("denominator", "number", Text("最新分母", "denominator of the last value")),
        Column("needed", "number", Text("目标年分子须为", "numerator that keeps the promise")),
        Column(
            "change",
            "number",
            Text(
                "须增（正）减（负）的人数、户数、席数或件数",
                "more (+) or fewer (-) persons, households, seats, cases",
            ),
        ),
        Column("years", "integer", Text("剩余年数", "years left")),
        Column("change_per_year", "number", Text("平均每年须增减", "of these each year")),
        Column("assumption", "text", Text("计算假定", "assumption")),
        Column(
            "reason",
            "text",
            Text("不能计算的原因代码", "code of the reason why there is no number"),
        ),
        Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values")),
    ),
)

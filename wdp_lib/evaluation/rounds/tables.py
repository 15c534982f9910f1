"""Columns of the tables that rounds make: final verdicts, look-back, history, yearly monitoring, next stage, brief."""

from __future__ import annotations

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text

STATES = ("attained", "nearly", "not_attained", "not_assessable")
OUTCOMES = ("met", "not_met", "unknown")
CLASSES = ("red", "orange", "yellow", "blue", "clear", "not_graded")

_INDICATOR = Column("indicator", "text", Text("指标标识", "identifier of the indicator"))
_LAST = (
    Column("last_year", "integer", Text("最新年份", "last year with a value")),
    Column("last_value", "number", Text("最新值", "last value")),
)
_SIMULATED = Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values"))

FINALS = Contract(
    "final_verdicts",
    (
        _INDICATOR,
        Column("target_kind", "text", Text("目标类型", "kind of promise")),
        Column("target_lower", "number", Text("目标下限", "lower edge of the promise")),
        Column("target_upper", "number", Text("目标上限", "upper edge of the promise")),
        Column("baseline_year", "integer", Text("基期年份", "year of the baseline")),
        Column("baseline_value", "number", Text("基期值", "value of the baseline")),
        *_LAST,
        Column("state", "text", Text("判定", "verdict"), STATES),
        Column("state_reason", "text", Text("判定的原因代码", "code of the reason")),
        Column(
            "direction",
            "text",
            Text(
                "方向判定；空为非方向性目标",
                "verdict on the direction; empty: the promise names none",
            ),
            ("kept", "reversed", "unchanged", "not_known", ""),
        ),
        Column(
            "direction_by",
            "text",
            Text("方向判定依据", "what the verdict on the direction rests on"),
            ("trend", "election", "two_points", ""),
        ),
        Column("outcome_year", "integer", Text("官方结果年份", "year of the published outcome")),
        Column("outcome_value", "number", Text("官方结果数值", "value of the published outcome")),
        Column("official", "text", Text("官方结论", "published verdict"), OUTCOMES),
        Column(
            "official_basis",
            "text",
            Text("官方结论的来历", "how it came about"),
            ("stated", "compared", ""),
        ),
        Column(
            "agreement",
            "text",
            Text("与官方结论是否一致", "does it agree"),
            ("agrees", "differs", "not_compared"),
        ),
        Column("difference", "text", Text("不一致的原因代码", "code of why it differs")),
        _SIMULATED,
    ),
)

HISTORY = Contract(
    "verdict_history",
    (
        _INDICATOR,
        Column("round", "text", Text("轮次", "round")),
        Column("stage", "text", Text("阶段", "stage")),
        Column("as_of", "text", Text("截止日期（年-月-日）", "cut-off (ISO)")),
        Column("state", "text", Text("判定", "verdict"), STATES),
        Column("state_reason", "text", Text("判定的原因代码", "code of the reason")),
        Column("risk", "text", Text("完成难度等级", "class of difficulty"), CLASSES),
        Column(
            "p_meet", "number", Text("达标概率（0–1）", "probability of meeting the promise, 0-1")
        ),
        *_LAST,
        _SIMULATED,
    ),
)

LOOK_BACK = Contract(
    "look_back",
    (
        _INDICATOR,
        Column("target_kind", "text", Text("目标类型", "kind of promise")),
        Column("risk", "text", Text("当时的等级", "class given then"), CLASSES),
        Column("warned", "truth", Text("当时是否预警", "was it warned of then")),
        Column("p_meet", "number", Text("当时的达标概率（0–1）", "probability given then, 0-1")),
        Column(
            "forecast_lower",
            "number",
            Text("当时目标年 80% 区间下限", "lower end of the 80 % interval then"),
        ),
        Column("forecast_median", "number", Text("当时目标年预测中位数", "median forecast then")),
        Column(
            "forecast_upper",
            "number",
            Text("当时目标年 80% 区间上限", "upper end of the 80 % interval then"),
        ),
        Column("observed", "number", Text("目标年实际值", "value of the target year")),
        Column(
            "within_80",
            "number",
            Text("是否落入 80% 区间（1 是 0 否）", "within the 80 % interval (1 yes, 0 no)"),
        ),
        Column("outcome", "text", Text("结果", "outcome"), OUTCOMES),
        Column("outcome_reason", "text", Text("无法判定的原因代码", "code of why it is unknown")),
        Column(
            "brier",
            "number",
            Text("概率的平方误差（0–1）", "squared error of the probability, 0-1"),
        ),
        _SIMULATED,
    ),
)

INTERVALS = Contract(
    "interval_coverage",
    (
        Column(
            "years_ahead", "integer", Text("预测提前年数；空为全部", "years ahead; empty = all")
        ),
        Column("n", "integer", Text("可对照的预测数", "forecasts that met a value")),
        Column(
            "within_80", "integer", Text("落入 80% 区间的数", "of these within the 80 % interval")
        ),
        Column(
            "within_95", "integer", Text("落入 95% 区间的数", "of these within the 95 % interval")
        ),
    ),
)

WARNED = Contract(
    "warned_and_met",
    (
        Column(
            "risk",
            "text",
            Text("当时的等级；空为合计", "class given then; empty = all"),
            (*CLASSES, ""),
        ),
        Column("warned", "truth", Text("是否预警", "was it warned of")),
        Column("met", "integer", Text("结果达标", "kept")),
        Column("not_met", "integer", Text("结果未达标", "not kept")),
        Column("unknown", "integer", Text("结果无法判定", "not known")),
        Column(
            "brier",
            "number",
            Text("概率的平均平方误差（0–1）", "mean squared error of the probability, 0-1"),
        ),
    ),
)

ANNUAL = Contract(
    "annual_table",
    (
        Column("domain", "text", Text("领域", "domain")),
        Column("goal", "text", Text("目标编号", "identifier of the goal")),
        Column(
            "indicator",
            "text",
            Text("指标标识；空为该目标无指标", "indicator; empty: the goal has none"),
        ),
        Column("year", "integer", Text("监测年度", "year monitored")),
        Column("value", "number", Text("当年数值", "value of the year")),
        Column("previous_year", "integer", Text("上次年份", "year of the value before")),
        Column("previous_value", "number", Text("上次数值", "value before")),
        Column("change", "number", Text("比上次增减", "change on the value before")),
        Column(
            "distance",
            "number",
            Text("与目标的距离（达标为正）", "distance to the target, positive inside"),
        ),
        Column("state", "text", Text("现状", "state"), (*STATES, "")),
        Column("state_reason", "text", Text("现状的原因代码", "code of the reason")),
        Column("risk", "text", Text("完成难度等级", "class of difficulty"), (*CLASSES, "")),
        Column(
            "data_status",
            "text",
            Text("数据状态", "state of the data"),
            ("final", "provisional", "estimated", "missing", "not_due", ""),
        ),
        Column("as_of", "text", Text("当年数值的可知日期", "day from which the value was known")),
        _SIMULATED,
    ),
)

CHANGES = Contract(
    "scheme_changes",
    (
        Column("setting", "text", Text("设置", "setting")),
        Column("frozen", "text", Text("冻结时", "when frozen")),
        Column("now", "text", Text("现在", "now")),
    ),
)

NEEDED = Contract(
    "needed_change",
    (
        _INDICATOR,
        Column("goals", "text", Text("目标编号，以分号分隔", "goals, joined by ;")),
        Column("problem", "text", Text("问题类别", "kind of problem")),
        *_LAST,
        Column("line", "number", Text("目标线", "line of the promise")),
        Column("target_year", "integer", Text("目标年份", "year the promise is for")),
        Column("years", "integer", Text("剩余年数", "years left")),
        Column("needed_per_year", "number", Text("今后平均每年须变化", "change needed each year")),
        Column(
            "change_per_year",
            "number",
            Text("基期以来平均每年变化", "change each year since the baseline"),
        ),
        Column("units", "text", Text("责任单位，以分号分隔", "responsible units, joined by ;")),
        Column(
            "reason",
            "text",
            Text("不能计算的原因代码", "code of the reason why there is no number"),
        ),
        _SIMULATED,
    ),
)

DRAFT = Contract(
    "draft_indicators",
    (
        _INDICATOR,
        Column("goals", "text", Text("目标编号，以分号分隔", "goals, joined by ;")),
        *_LAST,
        Column("state", "text", Text("判定", "verdict"), STATES),
        Column(
            "proposal",
            "text",
            Text("对下一规划的建议", "proposal for the next plan"),
            ("raise", "consolidate", "carry_over", "secure_data", "watch"),
        ),
        _SIMULATED,
    ),
)

BRIEF = Contract(
    "brief",
    (
        Column(
            "kind",
            "text",
            Text("事项", "what it is"),
            ("new_warning", "overdue_data", "open_problem"),
        ),
        Column("item", "text", Text("台账编号", "identifier in the register")),
        _INDICATOR,
        Column("before", "text", Text("上次等级", "class before")),
        Column("now", "text", Text("本次等级", "class now")),
        Column("last_year", "integer", Text("最新年份", "last year with a value")),
        Column("due", "text", Text("应完成或应报送日期", "day on which it is or was due")),
        Column("units", "text", Text("责任单位，以分号分隔", "responsible units, joined by ;")),
    ),
)

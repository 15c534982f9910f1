"""Tables of the supervision: the warning register and what follows from it."""

from __future__ import annotations

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text

STATES = ("open", "overdue", "answered", "cleared", "closed")
RECHECKS = ("", "still_warned", "no_longer_warned", "not_assessable")
CHANGE_KINDS = ("opened", "answered", "closed", "became_overdue", "worse", "better")
_UNIT = Column("unit", "text", Text("责任单位", "responsible unit"))


def _text(name: str, zh: str, en: str, allowed: tuple[str, ...] = ()) -> Column:
    return Column(name, "text", Text(zh, en), allowed)


def _counts(*triples: tuple[str, str, str]) -> tuple[Column, ...]:
    return tuple(Column(name, "integer", Text(zh, en)) for name, zh, en in triples)


REGISTER = Contract(
    "register",
    (
        _text("warning", "督办编号：指标、轮次、规则", "identifier: indicator, round, rule"),
        _text("indicator", "指标标识，专项检查可为空", "indicator; may be empty for an inspection"),
        _text("goals", "目标编号，以分号分隔", "goals, joined by ;"),
        _text("units", "责任单位，以分号分隔", "responsible units, joined by ;"),
        _text("rule", "触发的规则", "rule that fired"),
        _text("level", "立项时的预警颜色", "colour when opened"),
        Column(
            "figure",
            "number",
            Text("立项时的实际数", "figure when opened, in the unit of the rule"),
        ),
        Column("threshold", "number", Text("触发预警的界线", "line that was crossed, same unit")),
        _text("clears_when", "解除预警的条件", "what would clear it"),
        Column("clears_at", "number", Text("解除预警所需的数", "figure at which it clears")),
        _text("round", "立项轮次", "round in which it was opened"),
        _text("opened_on", "立项日期", "date of opening"),
        _text("wanted", "要求采取的措施", "wanted action"),
        _text("due", "回复期限", "day by which an answer is due"),
        _text(
            "level_now",
            "最近一轮的预警颜色",
            "colour in the last round looked at; empty = no longer warned",
        ),
        Column(
            "figure_now", "number", Text("最近一轮的实际数", "figure in the last round looked at")
        ),
        _text("recheck", "复核结果", "what the last round found", RECHECKS),
        _text("rechecked_on", "复核日期", "date of that round"),
        _text("answer", "责任单位回复", "answer of the unit"),
        _text("answered_on", "回复日期", "date of the answer"),
        _text("closed_on", "销号日期", "date of closing"),
        _text("closed_round", "销号轮次", "round in which it was closed"),
        _text("evidence", "销号佐证材料", "evidence it was closed on"),
        _text("state", "办理状态", "state", STATES),
        _text("note", "备注", "remark"),
    ),
)

REGISTER_CHANGES = Contract(
    "register_changes",
    (
        _text("warning", "督办编号", "identifier of the warning"),
        _text("indicator", "指标标识", "indicator"),
        _text("units", "责任单位，以分号分隔", "responsible units, joined by ;"),
        _text("change", "变化", "what happened", CHANGE_KINDS),
        _text("date", "日期", "date"),
    ),
)

LETTER_ITEMS = Contract(
    "letter_items",
    (
        _text("warning", "督办编号", "identifier of the warning"),
        _text("indicator", "指标标识", "indicator"),
        _text("name_zh", "指标名称（中文）", "indicator, Chinese"),
        _text("name_en", "指标名称（英文）", "indicator, English"),
        _text("finding_zh", "监测发现（中文）", "finding, Chinese"),
        _text("finding_en", "监测发现（英文）", "finding, English"),
        _text("figures_zh", "数据（中文）", "figures, Chinese"),
        _text("figures_en", "数据（英文）", "figures, English"),
        _text("wanted_zh", "办理要求（中文）", "wanted action, Chinese"),
        _text("wanted_en", "办理要求（英文）", "wanted action, English"),
        _text("due", "回复期限", "day by which an answer is due"),
        _text("state", "办理状态", "state", STATES),
    ),
)

RESPONSIBILITIES = Contract(
    "responsibilities",
    (
        _text("goal", "目标编号", "identifier of the goal"),
        _text("unit", "单位；空为待明确", "unit; empty = not known"),
        _text("role", "职责", "role", ("lead", "support")),
        _text(
            "origin",
            "来历",
            "confirmed by a document, suggested, or open",
            ("confirmed", "suggested", "open"),
        ),
        _text("confirmed_by", "确认依据", "by whom or what it was confirmed"),
        _text("confirmed_on", "确认日期", "date of the confirmation"),
    ),
)

UNIT_SCORES = Contract(
    "unit_scores",
    (
        _UNIT,
        *_counts(
            ("indicators", "牵头指标数", "indicators it leads"),
            ("judged", "其中计入达标的指标数", "of these counted for attainment"),
            ("attained", "已达标", "attained"),
            ("nearly", "基本达标", "nearly attained"),
            ("not_attained", "未达标", "not attained"),
            (
                "within_noise",
                "罕见事件，差异在偶然波动之内，不计",
                "rare events within noise, not counted",
            ),
            ("not_assessable", "无法判定，不计", "not assessable, not counted"),
        ),
        Column("attainment", "number", Text("达标率（0–1）", "attained / judged, 0-1")),
        *_counts(
            ("values_due", "应报数", "yearly values due"),
            ("values_on_time", "按时报送", "of these known in time"),
            ("values_late", "迟报", "late"),
            ("values_missing", "缺报", "missing"),
        ),
        Column("timeliness", "number", Text("报送及时率（0–1）", "on time / due, 0-1")),
        *_counts(
            ("rows_returned", "报送行数", "rows returned"),
            ("rows_faulty", "有数据质量问题的行数", "of these with a problem of quality"),
        ),
        Column(
            "quality", "number", Text("数据合格率（0–1）", "rows without a problem / rows, 0-1")
        ),
        *_counts(
            ("warnings_open", "未销号督办事项", "warnings not closed"),
            ("warnings_overdue", "其中逾期未回复", "of these overdue"),
        ),
    ),
)

DEADLINES = Contract(
    "deadlines",
    (
        _text("what", "事项", "what is due", ("return", "answer")),
        _text("subject", "指标或督办编号", "indicator or warning"),
        Column("year", "integer", Text("数据年份", "year of the value")),
        _text("due", "期限", "day by which it is due"),
        Column("overdue", "truth", Text("是否逾期", "is it overdue")),
    ),
)

SPOT_CHECKS = Contract(
    "spot_check_sample",
    (
        _text("check", "抽查编号", "identifier of the check"),
        _UNIT,
        _text("indicator", "指标标识", "indicator"),
        _text("area", "地区", "area"),
        Column("year", "integer", Text("数据年份", "year of the value")),
        _text("sex", "性别", "sex"),
        _text("age_group", "年龄组", "age group"),
        _text("residence", "城乡", "residence"),
        _text("return", "所在报表文件", "file of the return"),
        Column("reported", "number", Text("报送数", "value returned, in the indicator's unit")),
        _text("risk", "完成难度等级", "class of difficulty"),
        Column("probability", "number", Text("入样概率（0–1）", "probability of being drawn, 0-1")),
        Column("seed", "integer", Text("随机种子", "seed of the draw")),
    ),
)

ERROR_RATE = Contract(
    "error_rate",
    (
        *_counts(
            ("drawn", "抽查数", "values drawn"),
            ("checked", "已核对数", "of these checked"),
            ("wrong", "有误数", "wrong"),
        ),
        Column("population", "number", Text("估计总体个数", "size of the population, estimated")),
        Column("rate", "number", Text("差错率（0–1）", "error rate of the whole population, 0-1")),
        Column("lower", "number", Text("95% 区间下限", "lower end of the 95 % interval")),
        Column("upper", "number", Text("95% 区间上限", "upper end of the 95 % interval")),
        Column("effective", "number", Text("有效样本量", "effective sample size")),
    ),
)

FINDINGS = Contract(
    "return_findings",
    (
        _text("file", "文件", "file"),
        Column("row", "integer", Text("行", "row; missing = the whole file")),
        _text("column", "列", "column"),
        _text("rule", "规则", "rule"),
        _text("severity", "处理", "kept out or used with a warning", ("reject", "warn")),
        _text("message_zh", "说明（中文）", "message, Chinese"),
        _text("message_en", "说明（英文）", "message, English"),
    ),
)

DISAGREEMENTS = Contract(
    "disagreements",
    (
        _text("goal", "目标编号", "goal"),
        _text("measure", "策略措施编号；空为目标", "measure; empty = the goal"),
        _UNIT,
        _text("claimed", "自评结果", "verdict of the unit"),
        _text("computed", "监测判定", "computed verdict"),
        _text("difference", "差异", "difference", ("over_claim", "under_claim", "not_comparable")),
        _text("evidence", "自评佐证材料", "evidence of the unit"),
    ),
)

FILINGS = Contract(
    "filings",
    (
        _UNIT,
        _text("filing", "报送状态", "received, late or missing", ("received", "late", "missing")),
        _text("filed_on", "报送日期", "date of filing"),
        _text("version", "版本", "version"),
        _text("title", "文件名称", "title"),
        _text(
            "work_plan",
            "是否附下一年度工作计划",
            "is next year's work plan with it",
            ("yes", "no", ""),
        ),
    ),
)

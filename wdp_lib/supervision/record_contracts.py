"""Files of records that the supervision keeps in `data/records/<dataset>/`."""

from __future__ import annotations

from wdp_lib.core.errors import Text
from wdp_lib.data.records import RecordColumn, RecordContract


def _column(name: str, kind: str, zh: str, en: str, **more) -> RecordColumn:
    return RecordColumn(name, kind, Text(zh, en), (zh,), **more)


_NOTE = _column("note", "text", "备注", "remark")
_EVIDENCE = _column("evidence", "text", "佐证材料", "evidence: title or number of a document")
_DATE = _column("date", "date", "日期", "date", required=True)
_UNIT = _column("unit", "unit", "责任单位", "responsible unit", required=True)
_ROLE = _column("role", "text", "单位和职务", "unit and post of who wrote it", required=True)

OPENED = RecordContract(
    "warnings.csv",
    (
        _column("warning", "text", "督办编号", "identifier: indicator, round, rule", required=True),
        _column("indicator", "indicator", "指标", "indicator"),
        _column("goals", "goal", "目标编号", "goals, joined by ;", required=True, many=True),
        _column("units", "unit", "责任单位", "responsible units, joined by ;", many=True),
        _column("rule", "word", "规则", "rule that fired", required=True, topic="warning_rule"),
        _column("level", "word", "预警颜色", "colour when opened", topic="warning_level"),
        _column("figure", "number", "实际数", "figure when opened, in the unit of the rule"),
        _column("threshold", "number", "界线", "line that was crossed, same unit"),
        _column(
            "clears_when",
            "word",
            "解除条件",
            "what would clear it",
            required=True,
            topic="clears_when",
        ),
        _column("clears_at", "number", "解除所需的数", "figure at which it clears"),
        _column("round", "text", "立项轮次", "round in which it was opened", required=True),
        _column("opened_on", "date", "立项日期", "date of opening", required=True),
        _column(
            "wanted", "word", "办理要求", "wanted action", required=True, topic="wanted_action"
        ),
        _column("due", "date", "回复期限", "day by which an answer is due", required=True),
        _NOTE,
    ),
    key=("warning",),
)
ANSWERS = RecordContract(
    "answers.csv",
    (
        _column("warning", "text", "督办编号", "identifier of the warning", required=True),
        _column(
            "kind", "word", "类别", "an answer, or a closing", required=True, topic="answer_kind"
        ),
        _DATE,
        _column("round", "text", "轮次", "round in which it was written; a closing needs it"),
        _ROLE,
        _column("text", "text", "内容", "what was done or found"),
        _EVIDENCE,
    ),
)
RESPONSIBILITY_RECORD = RecordContract(
    "responsibilities.csv",
    (
        _column("goal", "goal", "目标编号", "goal", required=True),
        _UNIT,
        _column("role", "word", "职责", "role", required=True, topic="responsibility"),
        _column("confirmed_by", "text", "确认依据", "document or body that confirmed it"),
        _column("date", "date", "日期", "date of the confirmation"),
        _NOTE,
    ),
    key=("goal", "unit"),
)
SPOT_CHECK_RECORD = RecordContract(
    "spot_checks.csv",
    (
        _column("check", "text", "抽查编号", "identifier of the check", required=True),
        _UNIT,
        _column("indicator", "indicator", "指标", "indicator", required=True),
        _column("area", "area", "地区", "area", required=True),
        _column("year", "year", "年份", "year of the value", required=True),
        _column("sex", "word", "性别", "sex", required=True, topic="sex"),
        _column("age_group", "text", "年龄组", "age group", required=True),
        _column("residence", "word", "城乡", "residence", required=True, topic="residence"),
        _column("return", "text", "报表文件", "file of the return", required=True),
        _column("reported", "number", "报送数", "value returned", required=True),
        _column(
            "probability", "number", "入样概率", "probability of being drawn, 0-1", required=True
        ),
        _column("seed", "number", "随机种子", "seed of the draw", required=True),
        _column(
            "found_value", "number", "核对数", "value found on the spot; empty = not checked yet"
        ),
        _column("checked_on", "date", "核对日期", "date of the check"),
        _column("checked_by", "text", "核对人", "who checked it: unit and post"),
        _column("why", "text", "差异原因", "reason of a difference"),
    ),
    key=("check",),
)
SELF_EVALUATION = RecordContract(
    "self_evaluation.csv",
    (
        _UNIT,
        _column("goal", "goal", "目标编号", "goal", required=True),
        _column("measure", "measure", "策略措施编号", "measure; empty = the goal itself"),
        _column("claimed", "word", "自评结果", "verdict of the unit", required=True, topic="state"),
        _EVIDENCE,
        _ROLE,
        _DATE,
    ),
    key=("unit", "goal", "measure"),
)
APPROVALS = RecordContract(
    "approvals.csv",
    (
        _column("report", "text", "报告", "report", required=True),
        _column("state", "word", "审批状态", "state", required=True, topic="approval_state"),
        _column(
            "body", "word", "审批主体", "body that gave it", required=True, topic="approval_body"
        ),
        _DATE,
        _column(
            "tables_hash",
            "text",
            "数据表校验值",
            "hash of the tables it was given for",
            required=True,
        ),
        _NOTE,
    ),
)
SCHEMES = RecordContract(
    "schemes.csv",
    (
        _UNIT,
        _column("title", "text", "方案名称", "title of the implementation scheme", required=True),
        _column("version", "text", "版本", "version", required=True),
        _DATE,
        _NOTE,
    ),
    key=("unit", "version"),
)
UNIT_REPORTS = RecordContract(
    "unit_reports.csv",
    (
        _UNIT,
        _column("year", "year", "年份", "year reported on", required=True),
        _DATE,
        _column("title", "text", "报告名称", "title", required=True),
        _column(
            "work_plan",
            "word",
            "附下年度工作计划",
            "is next year's work plan with it",
            required=True,
            topic="yes_no",
        ),
        _NOTE,
    ),
)

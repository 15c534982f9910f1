"""Records that people keep for the evaluation: ratings of goals, progress of commitments, proposals."""

from __future__ import annotations

from wdp_lib.core.errors import Text
from wdp_lib.data.records import RecordColumn, RecordContract

_GOAL = RecordColumn(
    "goal", "goal", Text("目标编号", "identifier of the goal"), ("目标",), required=True
)
_DATE = RecordColumn(
    "date", "date", Text("日期（年-月-日）", "date, year-month-day"), ("日期",), required=True
)
_NOTE = RecordColumn("note", "text", Text("备注", "remark"), ("备注",))
# not required of the reader: a row without it must be seen by the judge, who then leaves the goal not assessable
_EVIDENCE = RecordColumn(
    "evidence",
    "text",
    Text("佐证材料（名称、文号）", "evidence: title or number of a document"),
    ("佐证材料",),
)
_ROLE = RecordColumn(
    "assessor_role", "text", Text("评定人单位和职务", "unit and post of the assessor"), ("评定人",)
)

RUBRICS = RecordContract(
    "rubrics.csv",
    (
        _GOAL,
        RecordColumn(
            "item", "text", Text("评定事项", "what is rated"), ("评定事项",), required=True
        ),
        RecordColumn(
            "level",
            "word",
            Text("评定结果", "rating"),
            ("评定结果",),
            required=True,
            topic="rubric_level",
        ),
        _EVIDENCE,
        _ROLE,
        _DATE,
        _NOTE,
    ),
    key=("goal", "item", "date"),
)

COMMITMENT_RECORD = RecordContract(
    "commitments.csv",
    (
        RecordColumn(
            "commitment",
            "commitment",
            Text("承诺编号", "identifier of the commitment"),
            ("承诺",),
            required=True,
        ),
        RecordColumn(
            "milestone", "text", Text("节点任务", "milestone"), ("节点任务",), required=True
        ),
        RecordColumn(
            "status",
            "word",
            Text("进展", "progress"),
            ("进展",),
            required=True,
            topic="milestone_status",
        ),
        _EVIDENCE,
        _ROLE,
        _DATE,
        _NOTE,
    ),
    key=("commitment", "milestone", "date"),
)

PROPOSALS = RecordContract(
    "proposals.csv",
    (
        _GOAL,
        RecordColumn(
            "round",
            "text",
            Text("提出建议的监测评估轮次", "round in which it was made"),
            ("轮次",),
            required=True,
        ),
        RecordColumn(
            "proposal", "text", Text("对策建议", "proposal"), ("对策建议",), required=True
        ),
        RecordColumn("proposed_by", "text", Text("提出单位", "unit that made it"), ("提出单位",)),
        _DATE,
        _NOTE,
    ),
)

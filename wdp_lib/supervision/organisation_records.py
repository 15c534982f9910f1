"""Records and tables of the bodies of monitoring and evaluation, of the sending of reports, and of comments on them."""

from __future__ import annotations

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text
from wdp_lib.data.records import RecordColumn, RecordContract


def _column(name: str, kind: str, zh: str, en: str, **more) -> RecordColumn:
    return RecordColumn(name, kind, Text(zh, en), (zh,), **more)


def _text(name: str, zh: str, en: str, allowed: tuple[str, ...] = ()) -> Column:
    return Column(name, "text", Text(zh, en), allowed)


GROUP_RECORD = RecordContract(
    "groups.csv",
    (
        _column("body", "word", "机构", "body", required=True, topic="approval_body"),
        _column("unit", "unit", "单位", "unit; empty = not a unit of the plan"),
        _column("holder", "text", "人员职务", "post of who represents it"),
        _column(
            "role", "word", "分工", "leads or belongs to it", required=True, topic="group_role"
        ),
        _column("duties", "text", "职责", "duties"),
        _column("basis", "text", "依据", "clause or document"),
        _column("note", "text", "备注", "remark"),
    ),
    key=("body", "unit", "holder"),
)
GROUPS = Contract(
    "group_roles",
    (
        _text("body", "机构", "body"),
        _text("role", "分工", "leads or belongs to it", ("lead", "member", "")),
        _text("unit", "单位", "unit"),
        _text("holder", "人员职务", "post"),
        _text("duties", "职责", "duties"),
        _text(
            "may_give",
            "可作出的报告状态，以分号分隔",
            "states of a report it may give, joined by ;",
        ),
        _text("basis", "依据", "clause or document"),
        _text("origin", "来历", "how it is known", ("recorded", "plan", "vacant")),
    ),
)
DISPATCH_RECORD = RecordContract(
    "dispatches.csv",
    (
        _column("report", "text", "报告", "report", required=True),
        _column("edition", "word", "版本", "edition", required=True, topic="edition"),
        _column("receiver", "text", "接收单位", "who receives it", required=True),
        _column("date", "date", "送出日期", "day it was sent; empty = not yet"),
        _column("form", "text", "方式", "on paper, by mail, published where"),
        _column("note", "text", "备注", "remark"),
    ),
    key=("report", "edition", "receiver"),
)
DISPATCHES = Contract(
    "dispatches",
    (
        _text("report", "报告", "report"),
        _text("edition", "版本", "edition"),
        _text("receiver", "接收单位", "who receives it"),
        _text("sending", "发送情况", "was it sent", ("sent", "pending")),
        _text("date", "送出日期", "day it was sent"),
        _text("form", "方式", "how"),
    ),
)
COMMENT_RECORD = RecordContract(
    "comments.csv",
    (
        _column("comment", "text", "意见编号", "identifier of the comment", required=True),
        _column("report", "text", "报告", "report", required=True),
        _column("unit", "unit", "责任单位", "unit that made it", required=True),
        _column("date", "date", "提出日期", "day it was made", required=True),
        _column("text", "text", "意见", "the comment", required=True),
        _column("answer", "text", "答复", "the answer"),
        _column("answered_on", "date", "答复日期", "day of the answer"),
        _column("answered_by", "text", "答复人", "unit and post of who answered"),
    ),
    key=("comment",),
)
COMMENTS = Contract(
    "comments",
    (
        _text("comment", "意见编号", "identifier of the comment"),
        _text("report", "报告", "report"),
        _text("unit", "责任单位", "unit that made it"),
        _text("date", "提出日期", "day it was made"),
        _text("text", "意见", "the comment"),
        _text("answer", "答复", "the answer"),
        _text("answered_on", "答复日期", "day of the answer"),
        _text("answered_by", "答复人", "who answered"),
        _text("state", "办理情况", "state", ("answered", "open")),
    ),
)

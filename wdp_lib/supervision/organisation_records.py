"""Records and tables of bodies, of the sending of reports, and of comments on them."""

from __future__ import annotations

from wdp_lib.core.columns import Contract
from wdp_lib.data.record_contracts import record_contract

GROUP_RECORD = record_contract("groups.csv")
GROUPS = Contract("group_roles", "body role unit holder duties may_give basis origin")
DISPATCH_RECORD = record_contract("dispatches.csv")
DISPATCHES = Contract("dispatches", "report edition receiver sending date form")
COMMENT_RECORD = record_contract("comments.csv")
COMMENTS = Contract(
    "comments",
    """
    comment report unit date text answer answered_on answered_by state
    """,
)

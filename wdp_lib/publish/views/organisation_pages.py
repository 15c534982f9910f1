"""What a report shows of its own making: bodies and their powers, state of the report, receivers, comments, periods of the year."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.evaluation.rounds.period_tables import PERIODS
from wdp_lib.plan import Plan
from wdp_lib.publish.views.contract_table import contract_table
from wdp_lib.publish.views.show import Prose, Table
from wdp_lib.supervision.approvals import Approval
from wdp_lib.supervision.organisation_records import COMMENTS, DISPATCHES, GROUPS

STATE = Text("报告状态：{state}", "State of the report: {state}")
BY = Text("（{body}，{date}）", " ({body}, {date})")
WHY = Text("（{reason}）", " ({reason})")


def group_table(groups: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the bodies of monitoring and evaluation: who leads, who belongs to them, and which states of a report they may give.

    Parameters
    ----------
    groups : pandas.DataFrame
        From `wdp_lib.group_roles`.
    """
    cells = {
        "body": "word:approval_body",
        "role": "word:group_role",
        "unit": "units",
        "holder": "text",
        "duties": "text",
        "may_give": "word:approval_state",
        "basis": "text",
        "origin": "word:group_origin",
    }
    caption = Text("监测评估组织机构与分工", "Bodies of monitoring and evaluation")
    return contract_table(groups, GROUPS, plan, cells, caption=caption, language=language)


def approval_text(approval: Approval, *, language: str = "zh") -> str:
    """Return the state of a report in one line: the state, who gave it and when, or why it is a draft."""
    said = STATE.in_language(language).format(
        state=word("approval_state", approval.state, language)
    )
    if approval.reason:
        return said + WHY.in_language(language).format(
            reason=word("approval_reason", approval.reason, language)
        )
    body = word("approval_body", approval.body, language)
    return said + (
        BY.in_language(language).format(body=body, date=approval.date) if approval.body else ""
    )


def approval_prose(approval: Approval, *, language: str = "zh") -> Prose:
    """Return the state of a report as a paragraph; see `approval_text`."""
    return Prose(f"**{approval_text(approval, language=language)}**")


def dispatch_table(dispatches: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show who was sent which edition of which report, and who is still to be.

    Parameters
    ----------
    dispatches : pandas.DataFrame
        From `wdp_lib.dispatched`.
    """
    cells = {
        "report": "text",
        "edition": "word:edition",
        "receiver": "text",
        "sending": "word:sending",
        "date": "text",
        "form": "text",
    }
    return contract_table(
        dispatches,
        DISPATCHES,
        plan,
        cells,
        caption=Text("报告分送登记", "Reports sent"),
        language=language,
    )


def comment_table(comments: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the comments of units and their answers; what has none is open.

    Parameters
    ----------
    comments : pandas.DataFrame
        From `wdp_lib.comment_file`.
    """
    text = dict.fromkeys(("date", "text", "answer", "answered_on", "answered_by"), "text")
    cells = {
        "comment": "text",
        "report": "text",
        "unit": "units",
        **text,
        "state": "word:comment_state",
    }
    return contract_table(
        comments,
        COMMENTS,
        plan,
        cells,
        caption=Text("反馈意见及答复", "Comments and answers"),
        language=language,
    )


def period_table(periods: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show key indicators by their periods beside the value of the year, and where the two do not agree.

    Parameters
    ----------
    periods : pandas.DataFrame
        From `wdp_lib.reconcile_periods`.
    """
    cells = {
        "indicator": "indicator",
        "year": "text",
        "last_period": "word:period",
        "n_periods": "whole",
        "n_expected": "whole",
        "value": "value",
        "reported_value": "value",
        "difference": "value",
        "reason": "word:reason",
    }
    caption = Text("重点指标年内数与年度数核对", "Key indicators: within the year and for the year")
    return contract_table(periods, PERIODS, plan, cells, caption=caption, language=language)

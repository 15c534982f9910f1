"""Bodies of monitoring and evaluation, who was sent which report, and comments of units."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.plan import Plan
from wdp_lib.supervision.approvals import BODIES
from wdp_lib.supervision.tables import (
    COMMENT_RECORD,
    COMMENTS,
    DISPATCH_RECORD,
    DISPATCHES,
    GROUP_RECORD,
    GROUPS,
)

GROUP_ORDER = (
    "leading_group",
    "monitoring_group",
    "evaluation_group",
    "committee_office",
    "member_unit",
    "experts",
)
_ANSWER = ["answer", "answered_on", "answered_by"]


def group_roles(groups: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return who leads and who belongs to each body, and which states of a report it may give.

    Returns
    -------
    pandas.DataFrame
        At least one row a body, in the order of ``GROUP_ORDER``, leaders first (contract
        ``GROUPS``). A body nobody was recorded for has one row with ``origin`` = ``vacant``.
    """
    table = conform(groups, GROUP_RECORD.table).assign(origin="recorded")
    tasks = {unit for indicator in plan.indicators for unit in indicator.lead_units}
    parts = []
    for body in GROUP_ORDER:
        own = table[table["body"] == body]
        if body == "member_unit" and own.empty:
            units = [unit.id for unit in plan.units if unit.id in tasks]
            own = pd.DataFrame({"unit": units, "role": "member", "origin": "plan"})
        elif own.empty:
            own = pd.DataFrame({"unit": [""], "role": "", "origin": "vacant"})
        states = ";".join(state for state, bodies in BODIES.items() if body in bodies)
        # lead comes before member
        parts.append(own.sort_values("role", kind="stable").assign(body=body, may_give=states))
    table = pd.concat(parts, ignore_index=True).reindex(columns=GROUPS.names)
    return conform(table, GROUPS)


def dispatched(dispatches: pd.DataFrame, *, as_of: str, report: str = "") -> pd.DataFrame:
    """Return the distribution list of reports: who was sent which edition when, and who not yet.

    Parameters
    ----------
    as_of : str
        Day (``YYYY-MM-DD``): what was sent later is still to be sent.

    Returns
    -------
    pandas.DataFrame
        One row a report and receiver, in the order recorded (contract ``DISPATCHES``).
    """
    table = conform(dispatches, DISPATCH_RECORD.table)
    table = table[(table["report"] == report) | (report == "")]
    sent = (table["date"] != "") & (table["date"] <= as_of)
    return conform(table.assign(sending=sent.map({True: "sent", False: "pending"})), DISPATCHES)


def comment_file(comments: pd.DataFrame, *, as_of: str, unit: str = "") -> pd.DataFrame:
    """Return the comments of units on reports; each has an answer or stays open.

    Parameters
    ----------
    as_of : str
        Day (``YYYY-MM-DD``): later comments are left out, later answers not there yet.

    Returns
    -------
    pandas.DataFrame
        One row a comment, in the order recorded (contract ``COMMENTS``). An answer counts with its
        text, its date and who gave it.
    """
    table = conform(comments, COMMENT_RECORD.table)
    table = table[(table["date"] <= as_of) & ((table["unit"] == unit) | (unit == ""))]
    answered = (table[_ANSWER] != "").all(axis=1) & (table["answered_on"] <= as_of)
    state = answered.map({True: "answered", False: "open"})
    return conform(table.assign(**table[_ANSWER].where(answered, ""), state=state), COMMENTS)

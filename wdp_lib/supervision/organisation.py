"""Who does what in monitoring and evaluation; who was sent which report; what units remarked and what they were answered."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.plan import Plan
from wdp_lib.supervision.approvals import BODIES
from wdp_lib.supervision.organisation_records import (
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


def group_roles(groups: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return who leads and who belongs to each body, and which states of a report that body may give.

    Parameters
    ----------
    groups : pandas.DataFrame
        The record `groups.csv`.
    plan : Plan
        Units with tasks: where no member units are recorded, these are listed as suggested.

    Returns
    -------
    pandas.DataFrame
        At least one row a body, in the order of ``GROUP_ORDER``, leaders first (contract ``GROUPS``). A body nobody was recorded for has one
        row with ``origin`` = ``vacant``.

    Raises
    ------
    WdpError
        When the table does not obey its contract.
    """
    table = conform(groups, GROUP_RECORD.table).assign(origin="recorded")
    parts = []
    for body in GROUP_ORDER:
        own = table[table["body"] == body].sort_values(
            "role", kind="stable"
        )  # lead comes before member
        own = own if len(own) else _nobody(body, plan)
        states = ";".join(state for state, bodies in BODIES.items() if body in bodies)
        parts.append(own.assign(may_give=states))
    return conform(pd.concat(parts, ignore_index=True), GROUPS)


def _nobody(body: str, plan: Plan) -> pd.DataFrame:
    tasks = {unit for indicator in plan.indicators for unit in indicator.lead_units}
    units = [unit.id for unit in plan.units if unit.id in tasks] if body == "member_unit" else [""]
    rows = [
        {"body": body, "unit": unit, "role": "member" if unit else "", "origin": "plan"}
        for unit in units
    ]
    frame = pd.DataFrame(rows).reindex(columns=GROUPS.names)
    return frame if body == "member_unit" else frame.assign(origin="vacant")


def dispatched(dispatches: pd.DataFrame, *, as_of: str, report: str = "") -> pd.DataFrame:
    """Return the distribution list of reports: who was sent which edition when, and who is still to be.

    Parameters
    ----------
    dispatches : pandas.DataFrame
        The record `dispatches.csv`; a row without a date stands on the list and was not sent.
    as_of : str
        Day (``YYYY-MM-DD``): what was sent later is still to be sent.
    report : str
        Name of a report; ``""``: all.

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
    comments : pandas.DataFrame
        The record `comments.csv`.
    as_of : str
        Day (``YYYY-MM-DD``): later comments are left out, later answers not there yet.
    unit : str
        The file of one unit; ``""``: all.

    Returns
    -------
    pandas.DataFrame
        One row a comment, in the order recorded (contract ``COMMENTS``). An answer counts with its text, its date and who gave it.
    """
    table = conform(comments, COMMENT_RECORD.table)
    table = table[(table["date"] <= as_of) & ((table["unit"] == unit) | (unit == ""))]
    whole = (table[["answer", "answered_on", "answered_by"]] != "").all(axis=1)
    answered = whole & (table["answered_on"] <= as_of)
    kept = table[["answer", "answered_on", "answered_by"]].where(answered, "")
    return conform(
        table.assign(**kept, state=answered.map({True: "answered", False: "open"})), COMMENTS
    )

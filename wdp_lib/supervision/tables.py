"""Records kept for the supervision in `data/records/<dataset>/`, and the tables made of them."""

from __future__ import annotations

from wdp_lib.core.columns import Contract
from wdp_lib.data.record_contracts import record_contract

OPENED = record_contract("warnings.csv")
ANSWERS = record_contract("answers.csv")
RESPONSIBILITY_RECORD = record_contract("responsibilities.csv")
SPOT_CHECK_RECORD = record_contract("spot_checks.csv")
SELF_EVALUATION = record_contract("self_evaluation.csv")
APPROVALS = record_contract("approvals.csv")
SCHEMES = record_contract("schemes.csv")
UNIT_REPORTS = record_contract("unit_reports.csv")

REGISTER = Contract(
    "register",
    """
    warning indicator goals units rule level figure threshold clears_when clears_at round opened_on
    wanted due level_now figure_now recheck rechecked_on answer answered_on closed_on closed_round
    evidence state note
    """,
)

LETTER_ITEMS = Contract(
    "letter_items",
    """
    warning indicator name_zh name_en figures_zh figures_en target_zh target_en missing_zh
    missing_en finding_zh finding_en wanted_zh wanted_en due
    """,
)

RESPONSIBILITIES = Contract("responsibilities", "goal unit role origin confirmed_by confirmed_on")

UNIT_SCORES = Contract(
    "unit_scores",
    """
    unit indicators judged attained nearly not_attained within_noise not_assessable attainment
    values_due values_on_time values_late values_missing timeliness rows_returned rows_faulty
    quality warnings_open warnings_overdue
    """,
)

DEADLINES = Contract("deadlines", "what subject year due overdue")

SPOT_CHECKS = Contract(
    "spot_check_sample",
    """
    check unit indicator area year sex age_group residence return reported risk probability seed
    """,
)

ERROR_RATE = Contract("error_rate", "drawn checked wrong population rate lower upper effective")

FINDINGS = Contract("return_findings", "file row column rule severity message_zh message_en")

DISAGREEMENTS = Contract("disagreements", "goal measure unit claimed computed difference evidence")

FILINGS = Contract("filings", "unit filing filed_on version title work_plan")

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

ASKED = Contract(
    "asked",
    """
    unit indicator area sex age_group residence year last_value last_numerator last_denominator
    """,
)

CALENDAR = Contract("calendar", "unit indicator year due known revised delivery")

REMINDERS = Contract("reminders", "unit year due delivery days_over n indicators")

"""Supervision: the register, marks of units, checks, approvals and filings."""

from wdp_lib.supervision.approvals import Approval, approval_state, tables_hash
from wdp_lib.supervision.filings import filed_reports, filed_schemes
from wdp_lib.supervision.letters import Letter, supervision_letters
from wdp_lib.supervision.register import (
    new_warnings,
    open_items,
    refused_answers,
    register_items,
    update_register,
)
from wdp_lib.supervision.responsibilities import responsibility_matrix, second_leads
from wdp_lib.supervision.scores import UnitView, unit_scores, unit_view
from wdp_lib.supervision.self_checks import (
    claims_without_evidence,
    findings_of,
    self_check,
    self_evaluation_gaps,
)
from wdp_lib.supervision.spot_checks import draw_spot_checks, error_rate, proposed_corrections

__all__ = [
    "Approval",
    "Letter",
    "UnitView",
    "approval_state",
    "claims_without_evidence",
    "draw_spot_checks",
    "error_rate",
    "filed_reports",
    "filed_schemes",
    "findings_of",
    "new_warnings",
    "open_items",
    "proposed_corrections",
    "refused_answers",
    "register_items",
    "responsibility_matrix",
    "second_leads",
    "self_check",
    "self_evaluation_gaps",
    "supervision_letters",
    "tables_hash",
    "unit_scores",
    "unit_view",
    "update_register",
]

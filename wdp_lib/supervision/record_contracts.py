"""Files of records that the supervision keeps in `data/records/<dataset>/`."""

from __future__ import annotations

from wdp_lib.data.record_contracts import record_contract

OPENED = record_contract("warnings.csv")
ANSWERS = record_contract("answers.csv")
RESPONSIBILITY_RECORD = record_contract("responsibilities.csv")
SPOT_CHECK_RECORD = record_contract("spot_checks.csv")
SELF_EVALUATION = record_contract("self_evaluation.csv")
APPROVALS = record_contract("approvals.csv")
SCHEMES = record_contract("schemes.csv")
UNIT_REPORTS = record_contract("unit_reports.csv")

"""Records kept for the evaluation: ratings of goals, progress of commitments, proposals."""

from __future__ import annotations

from wdp_lib.data.record_contracts import record_contract

# not required of the reader: a row without it must be seen by the judge, who then leaves the goal
# not assessable

RUBRICS = record_contract("rubrics.csv")

COMMITMENT_RECORD = record_contract("commitments.csv")

PROPOSALS = record_contract("proposals.csv")

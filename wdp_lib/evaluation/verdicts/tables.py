"""Records kept for the evaluation, and the tables that it makes beside the verdicts."""

from __future__ import annotations

from wdp_lib.core.columns import Contract
from wdp_lib.data.record_contracts import record_contract

# of a rating the reader requires little: a row without evidence must be seen by the judge, who then
# leaves the goal not assessable
RUBRICS = record_contract("rubrics.csv")
COMMITMENT_RECORD = record_contract("commitments.csv")
PROPOSALS = record_contract("proposals.csv")

DOMAINS = Contract(
    "domain_summary",
    """
    domain goals attained nearly not_attained not_assessable quantified directional qualitative
    indicators monitor_only red orange yellow blue clear not_graded volatile failed_goals
    failed_indicators
    """,
)

KEY_INDICATORS = Contract(
    "key_indicators",
    """
    indicator goals why target_kind target_value units frequency
    """,
)

COMMITMENTS = Contract(
    "project_status",
    """
    commitment project kind indicators goals value goal_value same_number milestones milestones_done
    evidence status status_reason
    """,
)

PROJECTS = Contract(
    "project_summary",
    """
    project commitments done under_way not_started missed not_assessable complete missed_commitments
    """,
)

NEEDS = Contract(
    "needs",
    """
    goal indicator problem risk units measures last_year last_value line numerator denominator
    needed change years change_per_year assumption reason simulated
    """,
)

RATES = Contract(
    "rates",
    """
    domain attained nearly not_attained not_assessable judged quantified attained_quantified
    assessable of_judged of_quantified of_assessable to_confirm
    """,
)

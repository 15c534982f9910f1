"""From assessed indicators to verdicts on goals, domains and the whole plan."""

from wdp_lib.evaluation.archive import (
    ArchivedRound,
    archive_report,
    archived_rounds,
    read_round,
    verdict_history,
    write_round,
)
from wdp_lib.evaluation.next_stage import NextStage, brief, next_stage
from wdp_lib.evaluation.outcomes import (
    compare_outcomes,
    final_verdicts,
    interval_coverage,
    load_outcomes,
    look_back,
    reliability,
    warned_and_met,
)
from wdp_lib.evaluation.problems import PROPOSALS, WARNED, carry_proposals, needs, rank_problems
from wdp_lib.evaluation.rounds import (
    freeze,
    in_area,
    scheme_changes,
    select,
    selected,
)
from wdp_lib.evaluation.summaries import (
    COMMITMENT_RECORD,
    annual_table,
    attainment_rates,
    domain_summary,
    key_indicators,
    project_status,
    project_summary,
)
from wdp_lib.evaluation.verdicts import RUBRICS, check_rubrics, evaluate

__all__ = [
    "ArchivedRound",
    "COMMITMENT_RECORD",
    "NextStage",
    "PROPOSALS",
    "RUBRICS",
    "WARNED",
    "annual_table",
    "archive_report",
    "archived_rounds",
    "attainment_rates",
    "brief",
    "carry_proposals",
    "check_rubrics",
    "compare_outcomes",
    "domain_summary",
    "evaluate",
    "final_verdicts",
    "freeze",
    "in_area",
    "interval_coverage",
    "key_indicators",
    "load_outcomes",
    "look_back",
    "needs",
    "next_stage",
    "project_status",
    "project_summary",
    "rank_problems",
    "read_round",
    "reliability",
    "scheme_changes",
    "select",
    "selected",
    "verdict_history",
    "warned_and_met",
    "write_round",
]

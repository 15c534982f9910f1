"""From assessed indicators to verdicts on goals, domains and the whole plan."""

from wdp_lib.evaluation.archive.archiving import archive_report
from wdp_lib.evaluation.archive.hindcast import compare_outcomes, load_outcomes, reliability
from wdp_lib.evaluation.archive.lookback import interval_coverage, look_back, warned_and_met
from wdp_lib.evaluation.archive.store import (
    ArchivedRound,
    archived_rounds,
    read_round,
    verdict_history,
    write_round,
)
from wdp_lib.evaluation.rounds.next_stage import NextStage, brief, next_stage
from wdp_lib.evaluation.rounds.rounds import (
    ROUNDS,
    check_round,
    freeze,
    in_area,
    scheme_changes,
    select,
    selected,
)
from wdp_lib.evaluation.verdicts.annual import annual_table
from wdp_lib.evaluation.verdicts.domains import attainment_rates, domain_summary, key_indicators
from wdp_lib.evaluation.verdicts.finals import final_verdicts
from wdp_lib.evaluation.verdicts.goals import evaluate
from wdp_lib.evaluation.verdicts.needs import carry_proposals, needs
from wdp_lib.evaluation.verdicts.problems import WARNED, rank_problems
from wdp_lib.evaluation.verdicts.projects import project_status, project_summary
from wdp_lib.evaluation.verdicts.rubrics import check_rubrics
from wdp_lib.evaluation.verdicts.tables import COMMITMENT_RECORD, PROPOSALS, RUBRICS

__all__ = [
    "ArchivedRound",
    "COMMITMENT_RECORD",
    "NextStage",
    "PROPOSALS",
    "ROUNDS",
    "RUBRICS",
    "WARNED",
    "annual_table",
    "archive_report",
    "archived_rounds",
    "attainment_rates",
    "brief",
    "carry_proposals",
    "check_round",
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

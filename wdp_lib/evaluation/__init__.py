"""From assessed indicators to verdicts on goals, domains and the whole plan."""

from wdp_lib.evaluation.annual import annual_table
from wdp_lib.evaluation.archive import ArchivedRound, archived_rounds, read_round, verdict_history, write_round
from wdp_lib.evaluation.archiving import archive_report
from wdp_lib.evaluation.domains import domain_summary, key_indicators
from wdp_lib.evaluation.finals import final_verdicts
from wdp_lib.evaluation.hindcast import compare_outcomes, load_outcomes, reliability
from wdp_lib.evaluation.lookback import interval_coverage, look_back, warned_and_met
from wdp_lib.evaluation.needs import carry_proposals, needs
from wdp_lib.evaluation.next_stage import NextStage, brief, next_stage
from wdp_lib.evaluation.problems import WARNED, rank_problems
from wdp_lib.evaluation.projects import project_status, project_summary
from wdp_lib.evaluation.rates import attainment_rates
from wdp_lib.evaluation.record_tables import COMMITMENT_RECORD, PROPOSALS, RUBRICS
from wdp_lib.evaluation.rounds import ROUNDS, check_round, freeze, in_area, scheme_changes, select, selected
from wdp_lib.evaluation.rubrics import check_rubrics
from wdp_lib.evaluation.verdicts import evaluate

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

"""From assessed indicators to verdicts on goals, domains and the whole plan."""

from wdp_lib.evaluation.hindcast import compare_outcomes, load_outcomes, reliability
from wdp_lib.evaluation.problems import WARNED, rank_problems
from wdp_lib.evaluation.rates import attainment_rates
from wdp_lib.evaluation.verdicts import evaluate

__all__ = [
    "WARNED",
    "attainment_rates",
    "compare_outcomes",
    "evaluate",
    "load_outcomes",
    "rank_problems",
    "reliability",
]

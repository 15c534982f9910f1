"""From assessed indicators to verdicts on goals, domains and the whole plan."""

from wdp_lib.evaluate.hindcast import compare_outcomes, load_outcomes, reliability
from wdp_lib.evaluate.problems import WARNED, rank_problems
from wdp_lib.evaluate.rates import attainment_rates
from wdp_lib.evaluate.verdicts import evaluate

__all__ = ["WARNED", "attainment_rates", "compare_outcomes", "evaluate", "load_outcomes", "rank_problems", "reliability"]

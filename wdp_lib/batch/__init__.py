"""Runs: a parameter file becomes a report folder. Plan of the work, execution, record."""

from wdp_lib.batch.check import check_parameters, check_run
from wdp_lib.batch.params import Run, override, read_run
from wdp_lib.batch.refresh import refresh_notebooks
from wdp_lib.batch.run import RunResult, plan_work, run_batch

__all__ = [
    "Run",
    "RunResult",
    "check_parameters",
    "check_run",
    "override",
    "plan_work",
    "read_run",
    "refresh_notebooks",
    "run_batch",
]

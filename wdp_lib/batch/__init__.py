"""Runs: a parameter file becomes a report folder. Plan of the work, execution, record."""

from wdp_lib.batch.check import check_parameters, check_run
from wdp_lib.batch.many import Order, RunEnd, run_all, usual_jobs
from wdp_lib.batch.matrix import PlannedRun, expand, plan_runs
from wdp_lib.batch.params import Run, override, read_run
from wdp_lib.batch.record import read_record, run_of
from wdp_lib.batch.refresh import refresh_catalogues, refresh_notebooks
from wdp_lib.batch.run import RunResult, run_batch, run_planned
from wdp_lib.batch.verify import Verification, verify_report
from wdp_lib.batch.work import notebook_task, plan_work, report_folder, work_list

__all__ = [
    "Order",
    "PlannedRun",
    "Run",
    "RunEnd",
    "RunResult",
    "Verification",
    "check_parameters",
    "check_run",
    "expand",
    "notebook_task",
    "override",
    "plan_runs",
    "plan_work",
    "read_record",
    "read_run",
    "refresh_catalogues",
    "refresh_notebooks",
    "report_folder",
    "run_all",
    "run_batch",
    "run_of",
    "run_planned",
    "usual_jobs",
    "verify_report",
    "work_list",
]

"""Forecasts, risks and evaluations of a women's development plan, from data to report.

The public names are resolved when first used, so that ``import wdp_lib`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "load_plan": "wdp_lib.plan",
    "Plan": "wdp_lib.plan",
    "Target": "wdp_lib.plan",
    "Range": "wdp_lib.plan",
    "load_observations": "wdp_lib.data",
    "read_dataset": "wdp_lib.data",
    "coverage": "wdp_lib.data",
    "simulate_county": "wdp_lib.simulate",
    "write_simulation": "wdp_lib.simulate",
    "forecast": "wdp_lib.forecasting",
    "forecast_frame": "wdp_lib.forecasting",
    "forecast_counts": "wdp_lib.forecasting",
    "borrowed_prior": "wdp_lib.forecasting",
    "directions": "wdp_lib.forecasting",
    "terms": "wdp_lib.forecasting",
    "attainment_probability": "wdp_lib.forecasting",
    "backtest": "wdp_lib.forecasting",
    "backtest_frame": "wdp_lib.forecasting",
    "forecast_paths": "wdp_lib.forecasting.paths",
    "explain": "wdp_lib.forecasting.explanation",
    "gap_paths": "wdp_lib.forecasting.gap_paths",
    "load_scheme": "wdp_lib.assessment",
    "assess": "wdp_lib.assessment",
    "composite": "wdp_lib.assessment.composite",
    "progress_panel": "wdp_lib.assessment.progress",
    "progress_summary": "wdp_lib.assessment.progress",
    "warnings": "wdp_lib.assessment",
    "class_changes": "wdp_lib.assessment",
    "xmr_limits": "wdp_lib.assessment",
    "evaluate": "wdp_lib.evaluation",
    "check_rubrics": "wdp_lib.evaluation",
    "domain_summary": "wdp_lib.evaluation",
    "key_indicators": "wdp_lib.evaluation",
    "project_status": "wdp_lib.evaluation",
    "project_summary": "wdp_lib.evaluation",
    "needs": "wdp_lib.evaluation",
    "carry_proposals": "wdp_lib.evaluation",
    "attainment_rates": "wdp_lib.evaluation",
    "rank_problems": "wdp_lib.evaluation",
    "compare_outcomes": "wdp_lib.evaluation",
    "load_outcomes": "wdp_lib.evaluation",
    "reliability": "wdp_lib.evaluation",
    "open_page": "wdp_lib.publish",
    "plot_coverage": "wdp_lib.publish",
    "plot_interval_coverage": "wdp_lib.publish",
    "plot_outlook": "wdp_lib.publish",
    "plot_reliability": "wdp_lib.publish",
    "plot_small_multiples": "wdp_lib.publish",
    "plot_probabilities": "wdp_lib.publish",
    "backtest_facts": "wdp_lib.publish",
    "backtest_horizon_table": "wdp_lib.publish",
    "backtest_reliability_table": "wdp_lib.publish",
    "backtest_table": "wdp_lib.publish",
    "break_table": "wdp_lib.publish",
    "choice_table": "wdp_lib.publish",
    "coverage_table": "wdp_lib.publish",
    "data_facts": "wdp_lib.publish",
    "forecast_facts": "wdp_lib.publish",
    "goal_chapters": "wdp_lib.publish",
    "hardest": "wdp_lib.publish",
    "held_every_year": "wdp_lib.publish",
    "hindcast_facts": "wdp_lib.publish",
    "hindcast_table": "wdp_lib.publish",
    "indicator_facts": "wdp_lib.publish",
    "is_direction": "wdp_lib.publish",
    "is_numbered": "wdp_lib.publish",
    "method_facts": "wdp_lib.publish",
    "missing_table": "wdp_lib.publish",
    "problem_frame": "wdp_lib.publish",
    "problem_table": "wdp_lib.publish",
    "on_track_table": "wdp_lib.publish",
    "promised": "wdp_lib.publish",
    "rate_facts": "wdp_lib.publish",
    "rate_table": "wdp_lib.publish",
    "rejected_table": "wdp_lib.publish",
    "reliability_table": "wdp_lib.publish",
    "require": "wdp_lib.publish",
    "risk_facts": "wdp_lib.publish",
    "risk_table": "wdp_lib.publish",
    "scheme_facts": "wdp_lib.publish",
    "source_table": "wdp_lib.publish",
    "trend_table": "wdp_lib.publish",
    "verdict_facts": "wdp_lib.publish",
    "verifiability_facts": "wdp_lib.publish",
    "warning_table": "wdp_lib.publish",
    "direction_table": "wdp_lib.publish",
    "explanation_table": "wdp_lib.publish",
    "term_table": "wdp_lib.publish",
    "verifiability_prose": "wdp_lib.publish",
    "run_batch": "wdp_lib.batch",
}

__all__ = sorted([*_PUBLIC, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'wdp_lib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

"""Forecasts, risks and evaluations of a development plan, from data to report.

The public names are resolved when first used, so that ``import wdp_lib`` stays light. Everything
else is reached by the room it lives in, e.g. ``wdp_lib.forecasting.counts``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# by task: what one does, and the names for it with the room each is in
TASKS = {
    "a study": {
        "open_study": "study.study",
        "study_from_frame": "study.frames",
        "read_table": "data.exchange",
        "Study": "study.study",
        "require": "study.study",
    },
    "plans": {
        "load_plan": "plan.load",
        "Plan": "plan.model",
        "Target": "plan.target",
    },
    "data": {
        "read_dataset": "data.dataset",
        "load_observations": "data.dataset",
        "Dataset": "data.dataset",
        "coverage": "data.coverage",
        "read_records": "data.records",
        "append_records": "data.records",
    },
    "forecasts": {
        "forecast": "forecasting.observations",
        "forecast_frame": "forecasting.frame",
        "register_model": "forecasting.models.registry",
        "forecast_counts": "forecasting.counts.events",
        "forecast_paths": "forecasting.paths",
        "gap_paths": "forecasting.gap_paths",
        "explain": "forecasting.learned.explanation",
        "terms": "forecasting.terms",
        "directions": "forecasting.trends.directions",
        "attainment_probability": "forecasting.attainment",
    },
    "back-tests": {
        "backtest": "backtesting.run",
        "backtest_frame": "backtesting.run",
    },
    "risks and warnings": {
        "load_scheme": "assessment.scheme",
        "assess": "assessment.risks",
        "assess_many": "assessment.risks",
        "warnings": "assessment.warning",
        "progress_panel": "assessment.progress",
    },
    "groups and areas": {
        "group_gaps": "comparison.groups",
        "gap_outlook": "comparison.groups",
        "group_completeness": "comparison.completeness",
        "compare_areas": "comparison.areas",
        "compare_all_areas": "comparison.areas",
        "compare_parents": "comparison.areas",
        "roll_up": "comparison.sums",
        "drill_down": "comparison.sums",
        "lowest_area": "comparison.sums",
        "largest_contributions": "comparison.sums",
        "standardised_rate": "comparison.standardisation",
        "age_standardised": "comparison.standardisation",
    },
    "effects of measures": {
        "measure_effects": "effects.measures",
        "better_than_expected": "effects.better",
        "counterfactual_forecasts": "effects.designs",
        "interrupted_series": "effects.designs",
        "interrupted_counts": "effects.designs",
        "difference_in_differences": "effects.designs_of_areas",
        "synthetic_control": "effects.designs_of_areas",
    },
    "evaluation": {
        "evaluate": "evaluation.verdicts",
        "attainment_rates": "evaluation.summaries",
        "domain_summary": "evaluation.summaries",
        "rank_problems": "evaluation.problems",
        "needs": "evaluation.problems",
        "project_status": "evaluation.summaries",
        "annual_table": "evaluation.summaries",
        "final_verdicts": "evaluation.outcomes",
        "next_stage": "evaluation.next_stage",
        "compare_outcomes": "evaluation.outcomes",
    },
    "rounds and the archive": {
        "freeze": "evaluation.rounds",
        "scheme_changes": "evaluation.rounds",
        "archive_report": "evaluation.archive",
        "read_round": "evaluation.archive",
        "look_back": "evaluation.outcomes",
    },
    "supervision": {
        "update_register": "supervision.register",
        "supervision_letters": "supervision.letters",
        "unit_scores": "supervision.scores",
        "draw_spot_checks": "supervision.checks",
        "error_rate": "supervision.checks",
        "self_check": "supervision.checks",
    },
    "charts": {
        "plot_outlook": "publish.charts.outlook",
        "plot_small_multiples": "publish.charts.outlook",
        "plot_probabilities": "publish.charts.outlook",
        "plot_coverage": "publish.charts.outlook",
        "plot_gaps": "publish.charts.comparisons",
        "plot_funnel": "publish.charts.comparisons",
        "plot_reliability": "publish.charts.comparisons",
        "plot_interval_coverage": "publish.charts.comparisons",
    },
    "simulated data": {
        "simulate_county": "simulate.county",
    },
}
_ROOMS = {name: room for names in TASKS.values() for name, room in names.items()}

__all__ = sorted([*_ROOMS, "TASKS", "__version__"])


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return getattr(import_module(f"wdp_lib.{_ROOMS[name]}"), name)
    raise AttributeError(f"module 'wdp_lib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

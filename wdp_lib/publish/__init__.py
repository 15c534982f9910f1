"""Charts, tables and text for people, in Chinese and English."""

from wdp_lib.publish.backtest_pages import (
    backtest_facts,
    backtest_horizon_table,
    backtest_reliability_table,
    backtest_table,
    on_track_table,
    plot_interval_coverage,
    plot_reliability,
)
from wdp_lib.publish.charts import plot_coverage, plot_outlook, plot_probabilities, plot_small_multiples
from wdp_lib.publish.choose import hardest, held_every_year, is_direction, is_numbered, promised, require
from wdp_lib.publish.count_facts import verifiability_facts
from wdp_lib.publish.data_tables import (
    break_table,
    choice_table,
    coverage_table,
    missing_table,
    problem_frame,
    rejected_table,
    warning_table,
)
from wdp_lib.publish.facts import (
    data_facts,
    forecast_facts,
    hindcast_facts,
    indicator_facts,
    rate_facts,
    risk_facts,
    scheme_facts,
    verdict_facts,
)
from wdp_lib.publish.forecast_tables import hindcast_table, method_facts, reliability_table, trend_table
from wdp_lib.publish.page import Page, open_page
from wdp_lib.publish.report_tables import goal_chapters, problem_table, rate_table, risk_table, source_table
from wdp_lib.publish.series_tables import direction_table, explanation_table, term_table, verifiability_prose

__all__ = [
    "Page",
    "backtest_facts",
    "backtest_horizon_table",
    "backtest_reliability_table",
    "backtest_table",
    "break_table",
    "choice_table",
    "coverage_table",
    "direction_table",
    "explanation_table",
    "data_facts",
    "forecast_facts",
    "goal_chapters",
    "hardest",
    "held_every_year",
    "hindcast_facts",
    "hindcast_table",
    "indicator_facts",
    "is_direction",
    "is_numbered",
    "method_facts",
    "missing_table",
    "on_track_table",
    "open_page",
    "plot_coverage",
    "plot_interval_coverage",
    "plot_outlook",
    "plot_probabilities",
    "plot_reliability",
    "plot_small_multiples",
    "problem_frame",
    "problem_table",
    "promised",
    "rate_facts",
    "rate_table",
    "rejected_table",
    "reliability_table",
    "require",
    "risk_facts",
    "risk_table",
    "scheme_facts",
    "source_table",
    "term_table",
    "trend_table",
    "verdict_facts",
    "verifiability_facts",
    "verifiability_prose",
    "warning_table",
]

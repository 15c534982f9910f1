"""Charts, tables and text for people, in Chinese and English."""

from wdp_lib.publish.charts.outlook import (
    plot_coverage,
    plot_outlook,
    plot_probabilities,
    plot_small_multiples,
)
from wdp_lib.publish.page import Page, open_page
from wdp_lib.publish.text.choose import (
    hardest,
    held_every_year,
    is_direction,
    is_numbered,
    promised,
    require,
)
from wdp_lib.publish.text.count_facts import verifiability_facts
from wdp_lib.publish.text.facts import (
    data_facts,
    forecast_facts,
    hindcast_facts,
    indicator_facts,
    rate_facts,
    risk_facts,
    scheme_facts,
    verdict_facts,
)
from wdp_lib.publish.views.backtest_pages import (
    backtest_facts,
    backtest_horizon_table,
    backtest_reliability_table,
    backtest_table,
    on_track_table,
    plot_interval_coverage,
    plot_reliability,
)
from wdp_lib.publish.views.data_tables import (
    break_table,
    choice_table,
    coverage_table,
    missing_table,
    problem_frame,
    rejected_table,
    warning_table,
)
from wdp_lib.publish.views.evaluation_pages import (
    commitment_table,
    domain_table,
    key_indicator_table,
    need_table,
    project_table,
    proposal_table,
)
from wdp_lib.publish.views.forecast_tables import (
    hindcast_table,
    method_facts,
    reliability_table,
    trend_table,
)
from wdp_lib.publish.views.progress_pages import (
    disagreement_table,
    progress_table,
    trace_table,
)
from wdp_lib.publish.views.report_tables import (
    goal_chapters,
    problem_table,
    rate_table,
    risk_table,
    source_table,
)
from wdp_lib.publish.views.series_tables import (
    direction_table,
    explanation_table,
    term_table,
    verifiability_prose,
)
from wdp_lib.publish.views.warning_pages import (
    change_table,
    warning_counts,
    warning_facts,
    warning_list,
)

__all__ = [
    "Page",
    "backtest_facts",
    "backtest_horizon_table",
    "backtest_reliability_table",
    "backtest_table",
    "break_table",
    "change_table",
    "choice_table",
    "commitment_table",
    "coverage_table",
    "data_facts",
    "direction_table",
    "disagreement_table",
    "domain_table",
    "explanation_table",
    "forecast_facts",
    "goal_chapters",
    "hardest",
    "held_every_year",
    "hindcast_facts",
    "hindcast_table",
    "indicator_facts",
    "is_direction",
    "is_numbered",
    "key_indicator_table",
    "method_facts",
    "missing_table",
    "need_table",
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
    "progress_table",
    "project_table",
    "promised",
    "proposal_table",
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
    "trace_table",
    "trend_table",
    "verdict_facts",
    "verifiability_facts",
    "verifiability_prose",
    "warning_counts",
    "warning_facts",
    "warning_list",
    "warning_table",
]

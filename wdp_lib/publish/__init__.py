"""Tables, sentences and charts for people, in Chinese and English."""

from wdp_lib.publish.charts.backtest_charts import plot_interval_coverage, plot_reliability
from wdp_lib.publish.charts.gap_charts import plot_funnel, plot_gaps
from wdp_lib.publish.charts.outlook import (
    plot_coverage,
    plot_outlook,
    plot_probabilities,
    plot_small_multiples,
)
from wdp_lib.publish.context import Context, context_of
from wdp_lib.publish.text.choose import (
    hardest,
    held_every_year,
    is_direction,
    is_numbered,
    promised,
    require,
)
from wdp_lib.publish.text.say import fill, say
from wdp_lib.publish.views import show, views
from wdp_lib.publish.views.rows import problem_frame

__all__ = [
    "Context",
    "context_of",
    "fill",
    "hardest",
    "held_every_year",
    "is_direction",
    "is_numbered",
    "plot_coverage",
    "plot_funnel",
    "plot_gaps",
    "plot_interval_coverage",
    "plot_outlook",
    "plot_probabilities",
    "plot_reliability",
    "plot_small_multiples",
    "problem_frame",
    "promised",
    "require",
    "say",
    "show",
    "views",
]

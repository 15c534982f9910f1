"""The tables of the descriptive panel: what each column means."""

from __future__ import annotations

from wdp_lib.core.columns import Contract

MEASURES = (
    "path_share",
    "time_share",
    "pace_ratio",
    "required_change",
    "achieved_change",
    "best_pace",
    "open_sdg",
    "open_sdg_score",
    "un_chart",
    "escap_status",
    "escap_anticipated",
    "reduction_achieved",
    "reduction_trend",
    "reduction_required",
)
FORECAST = "forecast"


PROGRESS = Contract(
    "progress",
    """
    indicator measure value unit class side first_year last_year baseline_origin trace reason
    methods_disagree simulated
    """,
)

PROGRESS_SUMMARY = Contract(
    "progress_summary",
    """
    indicator on_track off_track methods_disagree first_year last_year reason simulated
    """,
)

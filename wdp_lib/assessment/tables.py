"""Columns of the descriptive panel, of the warning list, and of its changes since the last run."""

from __future__ import annotations

from wdp_lib.core.columns import Contract

FORECAST = "forecast"  # a measure of the panel beside those of others

PROGRESS = Contract(
    "progress",
    """
    indicator measure value unit class side first_year last_year baseline_origin trace reason
    methods_disagree simulated
    """,
)
PROGRESS_SUMMARY = Contract(
    "progress_summary",
    "indicator on_track off_track methods_disagree first_year last_year reason simulated",
)
WARNINGS = Contract(
    "warnings",
    """
    indicator area axis rule level level_zh level_en figure threshold clears_when clears_at
    needed_next last_year last_value grade units source simulated
    """,
)
CHANGES = Contract(
    "class_changes",
    """
    indicator change risk_before risk p_before p_meet state_before state last_year_before last_year
    """,
)

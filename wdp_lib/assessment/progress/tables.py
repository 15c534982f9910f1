"""The tables of the descriptive panel: what each column means."""

from __future__ import annotations

from wdp_lib.core.columns import Contract

FORECAST = "forecast"  # a measure beside those of others

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

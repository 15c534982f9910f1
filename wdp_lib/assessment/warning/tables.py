"""Columns of the warning list and of the list of changes since the last run."""

from __future__ import annotations

from wdp_lib.core.columns import Contract

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

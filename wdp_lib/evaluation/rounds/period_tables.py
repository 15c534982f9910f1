"""Values within a year: their record, and the table that sets them beside the year's."""

from __future__ import annotations

from wdp_lib.core.columns import Contract
from wdp_lib.data.record_contracts import record_contract

REASONS = (
    "",
    "periods_missing",
    "mixed_periods",
    "no_period_value",
    "year_not_reported",
    "year_differs",
)


PERIOD_RECORD = record_contract("periods.csv")

PERIODS = Contract(
    "periods_and_year",
    """
    indicator area year length kind n_periods n_expected last_period value numerator denominator
    reported_value difference reason simulated
    """,
)

"""Columns of the table of rates standardised for age."""

from __future__ import annotations

from wdp_lib.core.columns import Contract

REASONS = (
    "",
    "no_age_values",
    "counts_missing",
    "ages_overlap",
    "ages_differ",
    "zero_denominator",
    "no_events",
)

AGE_STANDARDISED = Contract(
    "age_standardised",
    """
    indicator area sex residence year ages standard_year crude rate lower upper method reason
    simulated
    """,
)

"""Columns of the tables of gaps between groups."""

from __future__ import annotations

from wdp_lib.core.columns import Contract

DIMENSIONS = ("sex", "residence", "age_group")
REASONS = (
    "",
    "no_data",
    "other_group_missing",
    "not_by_sex",
    "counts_missing",
    "full_count",
    "no_baseline",
    "both_zero",
)


GROUP_GAPS = Contract(
    "group_gaps",
    """
    indicator area dimension sex age_group residence year first first_value first_numerator
    first_denominator second second_value second_numerator second_denominator difference
    difference_lower difference_upper ratio ratio_lower ratio_upper parity method baseline_year
    baseline_difference change p_narrowed p_narrowing n status reason simulated
    """,
)

GROUP_SPREAD = Contract(
    "group_spread",
    """
    indicator dimension year measure value value_lower value_upper by_chance p_chance n_groups
    reason simulated
    """,
)

GAP_OUTLOOK = Contract(
    "gap_outlook",
    """
    indicator dimension year last_year difference lower median upper p_smaller correlation simulated
    """,
)

"""Columns of the tables that compare groups and areas."""

from __future__ import annotations

from wdp_lib.core.columns import Contract

DIMENSIONS = ("sex", "residence", "age_group")
WANTED_BY = ("sex", "age_group")

AREA_COMPARISON = Contract(
    "area_comparison",
    """
    indicator area sex age_group residence year value numerator denominator lower upper
    interval_method common_value limit_95_lower limit_95_upper limit_998_lower limit_998_upper
    outside side dispersion p_dispersion inflation shrunken shrunken_lower shrunken_upper shrinkage
    rank rank_lower rank_upper line_lower line_upper keeps share_below contribution
    contribution_share reason simulated
    """,
)
AREA_OVERVIEW = Contract(
    "area_overview",
    """
    indicator year n_areas common_value worst_area worst_value worst_lower worst_upper
    worst_shrunken worse_areas better_areas apart_areas left_out_areas inflation n_below
    reason simulated
    """,
)
ROLL_UP = Contract(
    "roll_up",
    """
    indicator area sex age_group residence year n_areas n_expected value numerator denominator
    reported_value reported_numerator reported_denominator reason simulated
    """,
)
DRILL_DOWN = Contract(
    "drill_down",
    """
    indicator dimension part year value numerator denominator gap contribution contribution_share
    rank_gap rank_contribution reason simulated
    """,
)
LOWEST_AREA = Contract(
    "lowest_area",
    """
    indicator year area lowest_value county_value line n_areas n_below share_keeping state
    state_reason simulated
    """,
)
PARENT_COMPARISON = Contract(
    "parent_comparison",
    """
    indicator area sex age_group residence year value parent_area level parent_value difference side
    use reason simulated
    """,
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
GAP_OUTLOOK = Contract(
    "gap_outlook",
    "indicator dimension year last_year difference lower median upper p_smaller correlation"
    " simulated",
)
GROUP_COMPLETENESS = Contract(
    "group_completeness", "indicator unit dimension wanted given share last_year reason"
)
UNIT_COMPLETENESS = Contract(
    "unit_completeness", "unit dimension indicators indicators_given wanted given share"
)
AGE_STANDARDISED = Contract(
    "age_standardised",
    """
    indicator area sex residence year ages standard_year crude rate lower upper method reason
    simulated
    """,
)
DATA_GAPS = Contract(
    "data_gaps",
    """
    rank indicator dimension need years first_year given wanted last_year judged numbered goals
    availability frequency unit
    """,
)
SURVEYS = Contract(
    "surveys",
    """
    indicator area sex age_group residence year value low high asked design_effect date source note
    """,
)

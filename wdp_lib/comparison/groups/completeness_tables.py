"""Columns of the tables that say how regularly values come by sex and by age."""

from __future__ import annotations

from wdp_lib.core.columns import Contract

WANTED_BY = ("sex", "age_group")

GROUP_COMPLETENESS = Contract(
    "group_completeness",
    """
    indicator unit dimension wanted given share last_year reason
    """,
)

UNIT_COMPLETENESS = Contract(
    "unit_completeness",
    """
    unit dimension indicators indicators_given wanted given share
    """,
)

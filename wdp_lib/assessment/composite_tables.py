"""The table of composite scores: what each column means."""

from __future__ import annotations

from wdp_lib.core.columns import Contract

TIMES = ("now", "target_year")

COMPOSITE = Contract(
    "composite",
    """
    domain time score lower upper geometric change change_holds rank rank_holds n_indicators
    n_scored not_scored n_red red draws seed reason simulated
    """,
)

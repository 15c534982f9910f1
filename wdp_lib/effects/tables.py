"""The tables of effects: starts of measures, estimates, areas better than expected."""

from __future__ import annotations

from wdp_lib.core.columns import Contract
from wdp_lib.data.record_contracts import record_contract

DESIGNS = (
    "description",
    "counterfactual",
    "interrupted",
    "interrupted_counts",
    "differences",
    "synthetic",
)
LEVELS = ("L0", "L1", "L2", "L3", "L4")

STARTS = record_contract("measure_starts.csv")

EFFECTS = Contract(
    "effects",
    """
    measure indicator areas start_year design estimate lower upper unit p_value p_adjusted p_method
    n_before n_after n_treated n_controls placebo placebo_p dose_slope dose_p concurrent level
    reason cautions words simulated
    """,
)

BETTER = Contract(
    "better_than_expected",
    """
    area n_indicators score p_adjusted listed best_indicators reason caution simulated
    """,
)

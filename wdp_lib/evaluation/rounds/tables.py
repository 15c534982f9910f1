"""Columns of the tables that rounds make."""

from __future__ import annotations

from wdp_lib.core.columns import Contract
from wdp_lib.data.record_contracts import record_contract

FINALS = Contract(
    "final_verdicts",
    """
    indicator target_kind target_lower target_upper baseline_year baseline_value last_year
    last_value state state_reason direction direction_by outcome_year outcome_value official
    official_basis agreement difference simulated
    """,
)

HISTORY = Contract(
    "verdict_history",
    """
    indicator round stage as_of state state_reason risk p_meet last_year last_value simulated
    """,
)

LOOK_BACK = Contract(
    "look_back",
    """
    indicator target_kind risk warned p_meet forecast_lower forecast_median forecast_upper observed
    within_80 outcome outcome_reason brier simulated
    """,
)

INTERVALS = Contract("interval_coverage", "years_ahead n within_80 within_95")

WARNED = Contract("warned_and_met", "risk warned met not_met unknown brier")

ANNUAL = Contract(
    "annual_table",
    """
    domain goal indicator year value previous_year previous_value change distance state state_reason
    risk data_status as_of simulated
    """,
)

CHANGES = Contract("scheme_changes", "setting frozen now")

NEEDED = Contract(
    "needed_change",
    """
    indicator goals problem last_year last_value line target_year years needed_per_year
    change_per_year units reason simulated
    """,
)

DRAFT = Contract(
    "draft_indicators",
    """
    indicator goals last_year last_value state proposal simulated
    """,
)

BRIEF = Contract("brief", "kind item indicator before now last_year due units")

PERIOD_RECORD = record_contract("periods.csv")

PERIODS = Contract(
    "periods_and_year",
    """
    indicator area year length kind n_periods n_expected last_period value numerator denominator
    reported_value difference reason simulated
    """,
)

"""The tables of a back-test: what each column means."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from wdp_lib.core.columns import Contract

ALL_HORIZONS = 0


CASES = Contract(
    "backtest_cases",
    """
    model series_id group kind origin horizon n value median usual_change wis crps error
    reference_wis reference_error inside_50 inside_80 inside_95 width_80 width_95
    """,
)

SCORES = Contract(
    "backtest_scores",
    """
    model horizon n_cases n_series n_groups wis crps mae wis_ratio wis_ratio_lower wis_ratio_upper
    mae_ratio mae_ratio_lower mae_ratio_upper coverage_50 coverage_80 coverage_80_lower
    coverage_80_upper coverage_95 coverage_95_lower coverage_95_upper width_80 width_95 reason
    """,
)

PIT = Contract("backtest_pit", "model lower upper expected share n_cases")

TARGET_CASES = Contract(
    "backtest_target_cases",
    """
    model series_id group kind origin horizon direction aim steps target probability met climatology
    official
    """,
)

TARGETS = Contract(
    "backtest_targets",
    """
    model horizon n_cases n_series n_groups met brier brier_climatology skill skill_lower
    skill_upper reason
    """,
)

RELIABILITY = Contract(
    "backtest_reliability",
    """
    model horizon lower upper n met n_series n_groups mean_probability share share_lower share_upper
    share_equal share_equal_lower share_equal_upper
    """,
)

ON_TRACK = Contract(
    "backtest_on_track",
    """
    rule horizon n_cases n_series n_groups called called_met error error_lower error_upper reason
    """,
)

LEFT_OUT = Contract("backtest_left_out", "reason n_series")


@dataclass(frozen=True)
class BackTest:
    """What forecasts of the past were worth; each table under its contract above.

    Indicators count equally, whatever number of series each has.
    """

    cases: pd.DataFrame
    scores: pd.DataFrame
    pit: pd.DataFrame
    target_cases: pd.DataFrame
    targets: pd.DataFrame
    reliability: pd.DataFrame
    on_track: pd.DataFrame
    left_out: pd.DataFrame
    model: str  # the one that reports use: the first of those tested
    sampled: dict[str, int]  # windows that each slow model was fitted to, where these are not all
    simulated: bool
    reason: str  # not_enough_data when there are too few cases to say anything, else ""

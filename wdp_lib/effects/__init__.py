"""Effects of measures: design, estimate and level of each claim."""

from wdp_lib.effects.better import better_than_expected
from wdp_lib.effects.counterfactual import counterfactual_forecast
from wdp_lib.effects.differences import difference_in_differences
from wdp_lib.effects.estimate import Estimate, Guards
from wdp_lib.effects.interrupted import interrupted_counts, interrupted_series
from wdp_lib.effects.measures import measure_effects
from wdp_lib.effects.synthetic import synthetic_control

__all__ = [
    "Estimate",
    "Guards",
    "better_than_expected",
    "counterfactual_forecast",
    "difference_in_differences",
    "interrupted_counts",
    "interrupted_series",
    "measure_effects",
    "synthetic_control",
]

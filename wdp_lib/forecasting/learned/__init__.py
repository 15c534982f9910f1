"""The default forecast: a prior learned from many real annual series.

And a small correction of its quantiles.
"""

from wdp_lib.forecasting.learned.forecaster import Forecaster
from wdp_lib.forecasting.learned.paths import explain, joint_futures

__all__ = ["Forecaster", "explain", "joint_futures"]

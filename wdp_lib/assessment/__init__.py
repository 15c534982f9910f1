"""From forecasts and promises to states, probabilities and risk classes."""

from wdp_lib.assessment.risk.risks import assess
from wdp_lib.assessment.risk.volatility import volatility
from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.assessment.warning.limits import Limits, xmr_limits
from wdp_lib.assessment.warning.warnings import class_changes, warned_level, warnings
from wdp_lib.forecasting.probability import probability_inside

__all__ = [
    "Limits",
    "Scheme",
    "assess",
    "class_changes",
    "load_scheme",
    "probability_inside",
    "volatility",
    "warned_level",
    "warnings",
    "xmr_limits",
]

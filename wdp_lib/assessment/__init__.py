"""From forecasts and promises to states, probabilities and risk classes."""

from wdp_lib.assessment.risks import assess
from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.assessment.volatility import volatility
from wdp_lib.forecasting.probability import probability_inside

__all__ = ["Scheme", "assess", "load_scheme", "probability_inside", "volatility"]

"""From forecasts and promises to states, probabilities and risk classes."""

from wdp_lib.assess.assessment import assess
from wdp_lib.assess.probability import probability_inside
from wdp_lib.assess.scheme import Scheme, load_scheme
from wdp_lib.assess.volatility import volatility

__all__ = ["Scheme", "assess", "load_scheme", "probability_inside", "volatility"]

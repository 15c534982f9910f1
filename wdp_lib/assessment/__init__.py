"""From forecasts and targets to states, probabilities and risk classes."""

from wdp_lib.assessment.risks import assess
from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.assessment.volatility import xmr_limits
from wdp_lib.assessment.warning import class_changes, warnings

__all__ = ["Scheme", "assess", "class_changes", "load_scheme", "warnings", "xmr_limits"]

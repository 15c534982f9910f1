"""What may leave the house: the figures an edition hides, and the proof that none can be found."""

from wdp_lib.disclosure.edition import INTERNAL, PUBLIC, Edition, edited, masked, reader
from wdp_lib.disclosure.pattern import AUDIT, audit, hidden_figures
from wdp_lib.disclosure.rule import Rule, load_rule

__all__ = [
    "AUDIT",
    "INTERNAL",
    "PUBLIC",
    "Edition",
    "Rule",
    "audit",
    "edited",
    "hidden_figures",
    "load_rule",
    "masked",
    "reader",
]

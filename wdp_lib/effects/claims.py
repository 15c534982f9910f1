"""How much may be said: levels of a claim, what lowers them, and the sentence that follows."""

from __future__ import annotations

import numpy as np

from wdp_lib.effects.estimate import GUARDS, NAN, Estimate, Guards
from wdp_lib.effects.tables import DESIGNS

HIGHEST = dict(zip(DESIGNS, (0, 1, 2, 2, 3, 4), strict=True))
COMPARED = ("differences", "synthetic")
_SHOWN = ("", "beyond_usual", "consistent", "estimated", "estimated")
_NOT_SHOWN = ("", "within_usual", "not_consistent", "not_shown", "not_shown")


def claim(
    design: str,
    made: Estimate,
    *,
    concurrent: bool,
    broken: bool,
    disturbed: bool,
    placebo_p: float = NAN,
    guards: Guards = GUARDS,
) -> tuple[str, str, list[str]]:
    """Return level, reason and cautions of one estimate; a refused one has L0 and its own reason.

    Parameters
    ----------
    concurrent : bool
        Another measure on the same indicator began at the same time: the two cannot be told apart.
    broken : bool
        The definition of the indicator changed within one year of the start.
    disturbed : bool
        The start lies within one year of a year in which everything changed; costs one level where
        there are no areas to compare with, since these saw the same year.
    placebo_p : float
        NaN where no placebo was possible.
    """
    blocks = {
        "concurrent_measures": concurrent,
        "break_near_start": broken,
        "placebo_failed": placebo_p <= guards.significance,
    }
    reason = made.reason or next((code for code, holds in blocks.items() if holds), "")
    level, cautions = HIGHEST[design], []
    if disturbed and design not in COMPARED:
        cautions.append("disturbed_year")
        level = max(level - 1, 0)
    if design == "synthetic" and not made.reason and np.isnan(made.lower):
        cautions.append("too_few_donors_for_interval")
    return f"L{0 if reason else level}", reason, cautions


def words(
    level: str,
    reason: str,
    made: Estimate,
    *,
    better: int,
    no_effect: float = 0.0,
    guards: Guards = GUARDS,
) -> str:
    """Return the code of the sentence that may be written of a `claim`.

    Parameters
    ----------
    better : {1, -1, 0}
        Side on which values are better; 0: neither.
    no_effect : float
        Estimate that means no effect: 0, or 1 for a ratio.
    """
    if reason:
        return "cannot_tell"
    if level == "L0":
        return "same_period"
    if not made.p_value <= guards.significance:
        return _NOT_SHOWN[int(level[1:])]
    return "opposite" if better * (made.estimate - no_effect) < 0 else _SHOWN[int(level[1:])]

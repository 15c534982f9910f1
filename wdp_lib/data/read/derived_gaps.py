"""Gaps between groups, computed where only the two groups themselves were reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wdp_lib.core.columns import OBSERVATIONS, conform

if TYPE_CHECKING:
    from wdp_lib.plan import Indicator, Plan

# The minuend comes first: rural less urban, female less male.
GROUPS = {"residence": ("rural", "urban"), "sex": ("female", "male")}
_CELL = ["area", "year"]


def derive_gaps(observations: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the gaps that follow from the two groups of their reference indicator.

    Of indicators of the data kind ``gap`` with a reference indicator and, first among their
    disaggregations, ``residence`` (rural less urban) or ``sex`` (female less male). Only the
    derived rows, under the contract ``OBSERVATIONS``, by indicator (in the plan's order), area and
    year: no row for an area that reports the gap itself, nor for a year in which one of the groups
    is missing. ``origin`` is ``derived`` (``modelled`` if a group's value is), ``as_of`` is the
    later date, and the row is provisional, estimated, simulated or partly matching if one of the
    two is.
    """
    wanted = [indicator for indicator in plan.indicators if _is_derivable(indicator)]
    named = {indicator.id for indicator in wanted} | {one.target.reference for one in wanted}
    rows = observations[observations["indicator"].isin(named)]
    rows = rows[rows["used"] & rows["value"].notna()]
    made = [part for indicator in wanted if len(part := _gap(rows, plan, indicator))]
    return conform(pd.concat(made), OBSERVATIONS) if made else rows.iloc[:0]


def _is_derivable(indicator: Indicator) -> bool:
    # with no death or one a year the gap between two halves of a county is noise: the plan's
    # table says so
    if indicator.availability == "not_estimable":
        return False
    groups = indicator.disaggregations[:1]
    return (
        indicator.data_kind == "gap"
        and bool(indicator.target.reference)
        and groups[:1] != ()
        and groups[0] in GROUPS
    )


def _gap(rows: pd.DataFrame, plan: Plan, indicator: Indicator) -> pd.DataFrame:
    by = indicator.disaggregations[0]
    reference = plan.indicator(indicator.target.reference)
    own = rows.loc[rows["indicator"] == indicator.id, "area"]
    wanted = (rows["indicator"] == reference.id) & ~rows["area"].isin(own)
    for name, value in reference.stratum.items():
        wanted &= (rows[name] == value) | (name == by)
    part = rows[wanted]
    one, other = (part[part[by] == group] for group in GROUPS[by])
    places = [side[_CELL].assign(**{by: range(len(side))}) for side in (one, other)]
    cells = places[0].merge(places[1], on=_CELL).sort_values(_CELL)
    one, other = one.iloc[cells[f"{by}_x"]], other.iloc[cells[f"{by}_y"]]
    return _difference(one, other).assign(indicator=indicator.id, **indicator.stratum)


def _difference(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    def pairs(column: str) -> zip:
        return zip(one[column], other[column], strict=True)

    def worse(column: str, *order: str) -> list[str]:
        ranks = {word: rank for rank, word in enumerate(order)}
        return [order[max(ranks.get(a, 0), ranks.get(b, 0))] for a, b in pairs(column)]

    def both(column: str) -> list[str]:
        return [(a if a == b else f"{a}；{b}").strip("；") for a, b in pairs(column)]

    return pd.DataFrame(
        {
            **{name: one[name].array for name in _CELL},
            "value": one["value"].to_numpy() - other["value"].to_numpy(),
            "numerator": np.nan,
            "denominator": np.nan,
            "status": worse("status", "final", "provisional", "estimated"),
            "origin": worse("origin", "derived", "modelled"),
            "as_of": [max(days) for days in pairs("as_of")],
            "definition_match": worse("definition_match", "same", "partial"),
            **{name: both(name) for name in ("source", "source_address", "series_break", "file")},
            "used": True,
            "unused_reason": "",
            "link_factor": np.nan,
            "note": "",
            "row": pd.NA,
            "simulated": one["simulated"].to_numpy() | other["simulated"].to_numpy(),
        }
    )

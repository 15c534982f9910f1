"""Which rates of a plan can be compared for the same age mix, and what the others lack."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from wdp_lib.assessment.series import Rows, grouped
from wdp_lib.comparison.known import COUNTED, as_known
from wdp_lib.comparison.standardisation.rates import standardised_rate
from wdp_lib.comparison.standardisation.tables import AGE_STANDARDISED
from wdp_lib.core.columns import conform
from wdp_lib.plan import Indicator, Plan

_SLICE = ("area", "sex", "residence", "year")
_NAMES = ("age_group", "numerator", "denominator", "simulated")


def age_standardised(
    observations: pd.DataFrame, plan: Plan, *, as_of: str | None = None
) -> pd.DataFrame:
    """Standardise, for the age mix of the plan's area, every proportion and rate by age.

    The standard is the denominators of the plan's own area, in the stratum of the target, in the
    last year with age groups. Areas, sexes, town and country, and years can then be compared
    although some are older than others. Direct standardisation, interval of Dobson; for a
    proportion near 100 % it is wider than need be.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    plan : Plan
        Its proportions and rates wanted by age (``disaggregations``), or reported so.
    as_of : str, optional
        Cut-off date, as for :func:`wdp_lib.group_gaps`.

    Returns
    -------
    pandas.DataFrame
        Contract ``AGE_STANDARDISED``, in the plan's order: one row for each area, sex, residence
        and year with age groups; an indicator without any (``no_age_values``), without a standard
        (``counts_missing``) or whose standard has overlapping age groups has a single row with the
        reason.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    known = as_known(observations, as_of)
    known = known[known["age_group"] != "all"]
    slices: dict[str, dict[tuple, Rows]] = {}
    by_slice = grouped(known, ["indicator", *_SLICE], _NAMES, rising="age_group")
    for (name, *where), rows in by_slice.items():
        if len(rows["age_group"]) > 1:
            slices.setdefault(name, {})[tuple(where)] = rows
    rows = [
        row
        for i in plan.indicators
        if i.data_kind in COUNTED
        for row in _rows(i, slices.get(i.id, {}), plan)
    ]
    return conform(pd.DataFrame(rows, columns=AGE_STANDARDISED.names), AGE_STANDARDISED)


def _rows(indicator: Indicator, slices: dict[tuple, Rows], plan: Plan) -> Iterator[dict]:
    own = (plan.area, indicator.sex, indicator.residence)
    hole = dict(zip(("area", "sex", "residence"), own, strict=True))
    hole |= {"indicator": indicator.id, "simulated": False}
    if not slices:
        if "age_group" in indicator.disaggregations:
            yield {**hole, "reason": "no_age_values"}
        return
    years = [where[3] for where in slices if where[:3] == own]
    standard = slices[(*own, max(years))] if years else None
    if standard is None or not (standard["denominator"] > 0).all():
        yield {**hole, "reason": "counts_missing"}
    elif overlapping(list(standard["age_group"])):
        yield {**hole, "reason": "ages_overlap"}
    else:
        for where in sorted(slices):
            row = {"indicator": indicator.id, "standard_year": max(years)}
            row |= dict(zip(_SLICE, where, strict=True))
            yield row | _standardised(slices[where], standard, indicator)


def _standardised(part: Rows, standard: Rows, indicator: Indicator) -> dict:
    row = {"ages": ";".join(part["age_group"]), "simulated": bool(part["simulated"].any())}
    events, people = part["numerator"], part["denominator"]
    if list(part["age_group"]) != list(standard["age_group"]):
        return {**row, "reason": "ages_differ"}
    if np.isnan(events).any() or np.isnan(people).any():
        return {**row, "reason": "counts_missing"}
    if not (people > 0).all():
        return {**row, "reason": "zero_denominator"}
    found = standardised_rate(
        events, people, standard["denominator"], multiplier=indicator.multiplier or 1.0
    )
    names = ("crude", "rate", "lower", "upper", "method", "reason")
    return row | {name: getattr(found, name) for name in names}


def overlapping(ages: list[str]) -> bool:
    """Say whether two age groups, such as ``35-64``, ``65+`` or ``0``, overlap.

    Those written otherwise are taken to be apart.
    """
    found = [re.fullmatch(r"(\d+)(?:-(\d+)|(\+))?", age) for age in ages]
    spans = sorted((int(m[1]), np.inf if m[3] else int(m[2] or m[1])) for m in found if m)
    return any(after[0] <= before[1] for before, after in zip(spans, spans[1:], strict=False))

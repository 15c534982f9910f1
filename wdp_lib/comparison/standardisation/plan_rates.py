"""Which rates of a plan can be compared for the same age mix, and what the others lack."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from wdp_lib.comparison.areas.cases import own_stratum
from wdp_lib.comparison.groups.known import as_known
from wdp_lib.comparison.standardisation.rates import standardised_rate
from wdp_lib.comparison.standardisation.tables import AGE_STANDARDISED
from wdp_lib.core.columns import conform
from wdp_lib.plan import Indicator, Plan

_SLICE = ["area", "sex", "residence", "year"]
_COUNTED = ("proportion", "rare_rate")


def age_standardised(
    observations: pd.DataFrame, plan: Plan, *, as_of: str | None = None
) -> pd.DataFrame:
    """Standardise, for the age mix of the plan's area, every proportion and rate that comes by age with its counts.

    The standard is the denominators of the plan's own area, in the stratum of the promise, in the last year with age groups. Areas, sexes,
    town and country, and years can then be compared although some are older than others. Direct standardisation, interval of Dobson; for
    a proportion near 100 % it is wider than need be.

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
        Contract ``AGE_STANDARDISED``, in the plan's order: one row for each area, sex, residence and year with age groups; an indicator
        without any (``no_age_values``), without a standard (``counts_missing``) or whose standard has overlapping age groups has a single row with the reason.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    known = as_known(observations, as_of)
    known = known[known["age_group"] != "all"]
    rows = [
        row
        for i in plan.indicators
        if i.data_kind in _COUNTED
        for row in _indicator_rows(i, known, plan)
    ]
    return conform(pd.DataFrame(rows, columns=AGE_STANDARDISED.names), AGE_STANDARDISED)


def _indicator_rows(indicator: Indicator, known: pd.DataFrame, plan: Plan) -> list[dict]:
    rows = known[known["indicator"] == indicator.id]
    several = rows.groupby(_SLICE)["age_group"].transform("nunique") > 1
    rows = rows[several.to_numpy(bool)]
    hole = {
        "indicator": indicator.id,
        "area": plan.area,
        **{name: indicator.stratum[name] for name in ("sex", "residence")},
        "simulated": False,
    }
    if rows.empty:
        return (
            [{**hole, "reason": "no_age_values"}]
            if "age_group" in indicator.disaggregations
            else []
        )
    own = own_stratum(rows[rows["area"] == plan.area], indicator, but="age_group")
    own = own[own["year"] == own["year"].max()].set_index("age_group").sort_index()
    if own.empty or not (own["denominator"] > 0).all():
        return [{**hole, "reason": "counts_missing"}]
    if overlapping(list(own.index)):
        return [{**hole, "reason": "ages_overlap"}]
    standard = {"indicator": indicator.id, "standard_year": int(own["year"].iloc[0])}
    return [
        standard
        | dict(zip(_SLICE, names, strict=True))
        | _standardised(part.set_index("age_group").sort_index(), own["denominator"], indicator)
        for names, part in rows.groupby(_SLICE)
    ]


def _standardised(part: pd.DataFrame, standard: pd.Series, indicator: Indicator) -> dict:
    row = {"ages": ";".join(part.index), "simulated": bool(part["simulated"].any())}
    counts = part[["numerator", "denominator"]]
    if list(part.index) != list(standard.index):
        return {**row, "reason": "ages_differ"}
    if counts.isna().any(axis=None):
        return {**row, "reason": "counts_missing"}
    if not (counts["denominator"] > 0).all():
        return {**row, "reason": "zero_denominator"}
    scale = indicator.multiplier or 1.0
    found = standardised_rate(
        counts["numerator"], counts["denominator"], standard, multiplier=scale
    )
    return row | {
        name: getattr(found, name)
        for name in ("crude", "rate", "lower", "upper", "method", "reason")
    }


def overlapping(ages: list[str]) -> bool:
    """Say whether two age groups, written ``35-64``, ``65+`` or ``0``, have a year of age in common.

    Parameters
    ----------
    ages : list of str
        Age groups; those written otherwise are taken to be apart.
    """
    found = [re.fullmatch(r"(\d+)(?:-(\d+)|(\+))?", age) for age in ages]
    spans = sorted((int(m[1]), np.inf if m[3] else int(m[2] or m[1])) for m in found if m)
    return any(after[0] <= before[1] for before, after in zip(spans, spans[1:], strict=False))

"""Which part, area, sex, town or country, age, adds most to what is missing to the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from wdp_lib.assessment.series import Rows, pick
from wdp_lib.comparison.areas.lines import cases_until, line_of, shortfall
from wdp_lib.comparison.areas.tables import DRILL_DOWN
from wdp_lib.comparison.known import Known
from wdp_lib.core.columns import conform
from wdp_lib.plan import Indicator, Plan

HALF = 0.5  # a part that is short by less than half a person or case lacks nobody


def drill_down(
    observations: pd.DataFrame, plan: Plan, *, indicator: str, year: int, as_of: str | None = None
) -> pd.DataFrame:
    """Say which area, sex, residence and age contributes most to what is short of the line.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    as_of : str, optional
        Cut-off date, as for :func:`wdp_lib.group_gaps`.

    Returns
    -------
    pandas.DataFrame
        Contract ``DRILL_DOWN``: one row a part, by dimension (areas, then sex, residence, age), the
        largest contribution first; where there are no counts the largest gap. Contribution =
        persons or cases the part is short of the line. Only dimensions in which the target itself
        speaks of all. Without a line that holds for a level (monitored only, growth, gap, no
        baseline) gap and contribution are NaN.

    Raises
    ------
    ParameterError
        When the plan has no such indicator or ``as_of`` is no date.
    """
    plan.indicator(indicator)
    return _contributions(Known(observations, as_of), plan, {indicator: year})


def largest_contributions(
    observations: pd.DataFrame, plan: Plan, indicators: Sequence[str], *, as_of: str | None = None
) -> pd.DataFrame:
    """Return, by indicator and dimension, the part that adds most to what is missing.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``.
    indicators : sequence of str
        E.g. those that do not meet their target; each in the last year of the plan's area.
    as_of : str, optional
        Cut-off date, as for :func:`wdp_lib.group_gaps`.

    Returns
    -------
    pandas.DataFrame
        Contract ``DRILL_DOWN``: at most one row an indicator and dimension (equal parts: the first
        by name); none where no part is short of the line by half a person or case, or the dimension
        is not reported.

    Raises
    ------
    ParameterError
        When the plan has no such indicator or ``as_of`` is no date.
    """
    known, years = Known(observations, as_of), {}
    for name in indicators:
        rows = known.stratum(plan.indicator(name))
        own = rows["year"][rows["area"] == plan.area]
        if len(own):
            years[name] = int(own.max())
    table = _contributions(known, plan, years)
    large = table[table["contribution"] >= HALF]
    return large.drop_duplicates(["indicator", "dimension"]).reset_index(drop=True)


def _contributions(known: Known, plan: Plan, years: Mapping[str, int]) -> pd.DataFrame:
    """Return the parts of some indicators, each in a year of its own."""
    cases, parts = cases_until(known.table, plan, years), []
    for name, year in years.items():
        indicator, line = plan.indicator(name), line_of(cases[name])
        for dimension, rows in _parts(known, plan, indicator, year):
            more = {"indicator": name, "dimension": dimension, "part": rows[dimension]}
            short = shortfall(rows, line, indicator)
            parts.append(pd.DataFrame({**rows, **short, **more}))
    if not parts:
        return conform(pd.DataFrame(columns=DRILL_DOWN.names), DRILL_DOWN)
    table = pd.concat(parts, keys=range(len(parts)), names=["block"])
    for name in ("gap", "contribution"):
        table[f"rank_{name}"] = table.groupby("block")[name].rank(method="min", ascending=False)
    order = ["block", "rank_contribution", "rank_gap", "part"]
    table = table.assign(reason=np.where(table["denominator"].isna(), "counts_missing", ""))
    return conform(table.sort_values(order, na_position="last"), DRILL_DOWN)


def _parts(known: Known, plan: Plan, indicator: Indicator, year: int) -> list[tuple[str, Rows]]:
    rows = known.stratum(indicator)
    parts = [("area", pick(rows, (rows["area"] != plan.area) & (rows["year"] == year)))]
    for name in ("sex", "residence", "age_group"):
        if indicator.stratum[name] == "all":
            rows = known.stratum(indicator, but=name)
            own = (rows["area"] == plan.area) & (rows["year"] == year) & (rows[name] != "all")
            parts.append((name, pick(rows, own)))
    return [(name, rows) for name, rows in parts if len(rows["year"])]

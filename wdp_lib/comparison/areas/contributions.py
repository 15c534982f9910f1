"""Which part, area, sex, town or country, age, adds most to what is missing to the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from wdp_lib.assessment.case import Case, Collected
from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.assessment.series import Rows, pick
from wdp_lib.comparison.known import Known
from wdp_lib.comparison.tables import DIMENSIONS, DRILL_DOWN
from wdp_lib.core.columns import conform
from wdp_lib.plan import Indicator, Plan, Range

HALF = 0.5  # a part that is short by less than half a person or case lacks nobody
OF_LEVEL = ("level", "lowest_area")  # statistics whose line holds for the value of one area


def drill_down(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    indicator: str,
    year: int,
    areas: pd.DataFrame | None = None,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Say which area, sex, residence and age contributes most to what is short of the line.

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
    return _contributions(Known(observations, plan, as_of, areas), plan, {indicator: year})


def largest_contributions(
    observations: pd.DataFrame,
    plan: Plan,
    indicators: Sequence[str],
    *,
    areas: pd.DataFrame | None = None,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Return, by indicator and dimension, the part that adds most to what is missing.

    Each indicator is taken in the last year of the plan's area. At most one row of `drill_down` an
    indicator and dimension (equal parts: the first by name); none where no part is short of the
    line by half a person or case, or the dimension is not reported.
    """
    known = Known(observations, plan, as_of, areas)
    seen = {name: known.own(plan.indicator(name))["year"] for name in indicators}
    years = {name: int(found.max()) for name, found in seen.items() if len(found)}
    table = _contributions(known, plan, years)
    large = table[table["contribution"] >= HALF]
    return large.drop_duplicates(["indicator", "dimension"]).reset_index(drop=True)


def _contributions(known: Known, plan: Plan, years: Mapping[str, int]) -> pd.DataFrame:
    """Return the parts of some indicators, each in a year of its own."""
    cases, parts = cases_until(known.table, plan, years), []
    for name, year in years.items():
        indicator, line = plan.indicator(name), line_of(cases[name])
        for dimension, rows in _parts(known, indicator, year):
            more = {"indicator": name, "dimension": dimension, "part": rows[dimension]}
            parts.append(pd.DataFrame({**rows, **shortfall(rows, line, indicator), **more}))
    if not parts:
        return conform(pd.DataFrame(columns=DRILL_DOWN.names), DRILL_DOWN)
    table = pd.concat(parts, keys=range(len(parts)), names=["block"])
    for name in ("gap", "contribution"):
        table[f"rank_{name}"] = table.groupby("block")[name].rank(method="min", ascending=False)
    order = ["block", "rank_contribution", "rank_gap", "part"]
    table = table.assign(reason=np.where(table["denominator"].isna(), "counts_missing", ""))
    return conform(table.sort_values(order, na_position="last"), DRILL_DOWN)


def _parts(known: Known, indicator: Indicator, year: int) -> list[tuple[str, Rows]]:
    parts = [("area", known.below(indicator, year))]
    for name in DIMENSIONS:
        if indicator.stratum[name] == "all":
            rows = known.own(indicator, but=name)
            parts.append((name, pick(rows, (rows["year"] == year) & (rows[name] != "all"))))
    return [(name, rows) for name, rows in parts if len(rows["year"])]


def cases_until(
    rows: pd.DataFrame,
    plan: Plan,
    years: Mapping[str, int],
    scheme: Scheme | None = None,
    below: Sequence[str] | None = None,
) -> dict[str, Case]:
    """Return the cases of some indicators as they stood in a year each; nothing is forecast."""
    collected, scheme = Collected(rows, plan, until=years), scheme or load_scheme()
    return {
        name: collected.case(plan.indicator(name), plan, year, scheme, below)
        for name, year in years.items()
    }


def line_of(case: Case) -> Range | None:
    """Return the range that the value of a part can be held against, or ``None``.

    There is none where the target is not about a level, nor for a plain number of persons or cases:
    the number of the whole says nothing of what a part owes.
    """
    per_head = case.indicator.data_kind != "count"
    return case.target_range if per_head and case.indicator.target.statistic in OF_LEVEL else None


def shortfall(rows: Rows, line: Range | None, indicator: Indicator) -> Rows:
    """Return how far each row is from the line: in the unit, in persons or cases, as a share.

    Positive is short of the line; NaN without a line or a denominator. ``contribution_share`` is of
    all that the rows which are short lack, 0-1; NaN where none is short.
    """
    unknown = np.full(len(rows["value"]), np.nan)
    gap = -line.margin(rows["value"]) if line else unknown
    cases = gap * rows["denominator"] / (indicator.multiplier or np.nan)
    short = np.clip(np.nan_to_num(cases), 0.0, None)
    share = short / short.sum() if short.sum() > 0 else unknown
    return {"gap": gap, "contribution": cases, "contribution_share": share}

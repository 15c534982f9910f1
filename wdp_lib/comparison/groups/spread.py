"""The spread of one indicator between groups or areas, and what chance would bring."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wdp_lib.assessment.series import Rows, pick
from wdp_lib.comparison.areas.measures import underlying
from wdp_lib.comparison.groups.measures import concentration, slope_index, spread
from wdp_lib.comparison.known import COUNTED, Known, is_proportion, worst_side
from wdp_lib.comparison.tables import DIMENSIONS, GROUP_SPREAD
from wdp_lib.core.columns import conform
from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.plan import Indicator, Plan

FEWEST_GROUPS, FEWEST_ORDERED = 3, 5
DRAWS = 1000


def group_spread(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    indicator: str,
    year: int,
    dimension: str = "area",
    order: Sequence[str] | None = None,
    as_of: str | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure how far apart groups, or the areas below, are in one indicator and year.

    Parameters
    ----------
    dimension : {"area", "sex", "residence", "age_group"}
        What tells the groups apart.
    order : sequence of str, optional
        The groups from worst off to best off; only then, with five groups or more, concentration
        and slope are measured.

    Returns
    -------
    pandas.DataFrame
        Contract ``GROUP_SPREAD``, one row a measure. Intervals hold the middle 95 % of the measure
        over draws of the groups' underlying values (Jeffreys prior). A spread is never below zero,
        so groups that are alike have one too: ``by_chance`` is its mean and ``p_chance`` the
        probability of one as large, were all groups alike. With fewer than three groups, or without
        counts of proportions and rates, a single row with a ``reason``.

    Raises
    ------
    ParameterError
        When there is no such indicator or dimension, ``order`` does not name the groups, or
        ``as_of`` is no date.
    """
    wanted = plan.indicator(indicator)
    rows = _groups(Known(observations, plan, as_of), wanted, year, dimension)
    if order is not None:
        rows = _in_order(rows, dimension, list(order))
    reason = _hole(rows, wanted)
    if reason:
        found = pd.DataFrame([{"measure": "", "reason": reason}])
    else:
        found = _measured(rows, wanted, order is not None, seed).assign(reason="")
    table = found.reindex(columns=GROUP_SPREAD.names).assign(
        indicator=indicator,
        dimension=dimension,
        year=year,
        n_groups=len(rows["year"]),
        simulated=bool(rows["simulated"].any()),
    )
    return conform(table, GROUP_SPREAD)


def _groups(known: Known, indicator: Indicator, year: int, dimension: str) -> Rows:
    if dimension not in ("area", *DIMENSIONS):
        advice = suggestion(str(dimension), ["area", *DIMENSIONS])
        raise ParameterError(
            Text(
                f"没有分组“{dimension}”。{advice.zh}",
                f"There is no dimension '{dimension}'. {advice.en}",
            )
        )
    if dimension == "area":
        return known.below(indicator, year)
    rows = known.own(indicator, but=dimension)
    return pick(rows, (rows[dimension] != "all") & (rows["year"] == year))


def _in_order(rows: Rows, dimension: str, order: list[str]) -> Rows:
    have = sorted(rows[dimension])
    if sorted(order) != have:
        named = ", ".join(have)
        raise ParameterError(
            Text(
                f"order 须恰好列出各组：{named}。",
                f"order must name exactly these groups: {named}.",
            )
        )
    return pick(rows, np.array([list(rows[dimension]).index(group) for group in order]))


def _hole(rows: Rows, indicator: Indicator) -> str:
    events, exposure = rows["numerator"], rows["denominator"]
    if len(events) < FEWEST_GROUPS:
        return "too_few_groups"
    if indicator.data_kind == "share":
        return "full_count"
    if np.isnan(events).any() or not (exposure > 0).all() or indicator.data_kind not in COUNTED:
        return "counts_missing"
    impossible = is_proportion(indicator) and (events > exposure).any()
    return "not_a_proportion" if impossible else ""


def _measured(rows: Rows, indicator: Indicator, ordered: bool, seed: int) -> pd.DataFrame:
    events, exposure = rows["numerator"], rows["denominator"]
    trials, scale = is_proportion(indicator), indicator.multiplier or 1.0
    ordered = ordered and len(events) >= FEWEST_ORDERED
    higher_is_better = worst_side(indicator) <= 0

    def measure(shares: np.ndarray) -> dict[str, float]:
        found = spread(shares * scale, exposure, higher_is_better=higher_is_better)
        if ordered:
            found |= concentration(shares * scale, exposure)
        if ordered and trials:
            slope = slope_index(shares * exposure, exposure)
            found |= {**slope, "slope_index": slope["slope_index"] * scale}
        return found

    rng, size = np.random.default_rng(seed), (DRAWS, len(events))
    common = events.sum() / exposure.sum()
    own = underlying(events, exposure, DRAWS, rng, trials=trials)
    if trials:
        alike = rng.binomial(exposure.astype(int), common, size) / exposure
    else:
        alike = rng.poisson(exposure * common, size) / exposure
    value = pd.Series(measure(events / exposure))
    own, alike = (pd.DataFrame([measure(draw) for draw in part]) for part in (own, alike))
    ends = own.quantile([0.025, 0.975])
    table = pd.DataFrame({"value": value, "value_lower": ends.iloc[0], "value_upper": ends.iloc[1]})
    table = table.assign(by_chance=alike.mean(), p_chance=(alike.abs() >= value.abs()).mean())
    table.loc["mean", ["by_chance", "p_chance"]] = np.nan
    return table.rename_axis("measure").reset_index()

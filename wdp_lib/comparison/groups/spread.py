"""The spread of one indicator between several groups or areas, with what chance alone would bring."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wdp_lib.comparison.areas.cases import is_proportion, own_stratum
from wdp_lib.comparison.groups.known import as_known
from wdp_lib.comparison.groups.measures import concentration, slope_index, spread
from wdp_lib.comparison.groups.tables import DIMENSIONS, GROUP_SPREAD
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
    """Measure how far apart more than two groups, or the areas below the plan's area, are in one indicator and year.

    Parameters
    ----------
    observations, plan, as_of
        As for :func:`wdp_lib.compare_areas`.
    indicator : str
        Identifier.
    year : int
        Year of the values.
    dimension : {"area", "sex", "residence", "age_group"}
        What tells the groups apart.
    order : sequence of str, optional
        The groups from worst off to best off; only then, with five groups or more, concentration and slope are measured.
    seed : int
        Seed of the draws.

    Returns
    -------
    pandas.DataFrame
        Contract ``GROUP_SPREAD``, one row a measure. Intervals hold the middle 95 % of the measure over draws of the groups' underlying values (Jeffreys
        prior). A spread is never below zero, so groups that are alike have one too: ``by_chance`` is its mean and ``p_chance`` the
        probability of one as large, were all groups alike. With fewer than three groups, or without counts of proportions and
        rates, a single row with a ``reason``.

    Raises
    ------
    ParameterError
        When there is no such indicator or dimension, ``order`` does not name the groups, or ``as_of`` is no date.
    """
    wanted = plan.indicator(indicator)
    rows = _groups(as_known(observations, as_of), plan, wanted, year, dimension)
    if order is not None:
        rows = _in_order(rows, dimension, list(order))
    reason = _hole(rows, wanted)
    found = (
        [{"measure": "", "reason": reason}]
        if reason
        else _measured(rows, wanted, order is not None, seed)
    )
    table = pd.DataFrame(found).reindex(columns=GROUP_SPREAD.names)
    simulated = bool(rows["simulated"].any())
    table = table.assign(
        indicator=indicator, dimension=dimension, year=year, n_groups=len(rows), simulated=simulated
    )
    return conform(table, GROUP_SPREAD)


def _groups(
    rows: pd.DataFrame, plan: Plan, indicator: Indicator, year: int, dimension: str
) -> pd.DataFrame:
    if dimension not in ("area", *DIMENSIONS):
        advice = suggestion(str(dimension), ["area", *DIMENSIONS])
        raise ParameterError(
            Text(
                f"没有分组“{dimension}”。{advice.zh}",
                f"There is no dimension '{dimension}'. {advice.en}",
            )
        )
    rows = rows[rows["year"] == year]
    if dimension == "area":
        return own_stratum(rows[rows["area"] != plan.area], indicator)
    rows = own_stratum(rows[rows["area"] == plan.area], indicator, but=dimension)
    return rows[rows[dimension] != "all"]


def _in_order(rows: pd.DataFrame, dimension: str, order: list[str]) -> pd.DataFrame:
    if sorted(order) != sorted(rows[dimension]):
        have = ", ".join(sorted(rows[dimension]))
        raise ParameterError(
            Text(
                f"order 须恰好列出各组：{have}。", f"order must name exactly these groups: {have}."
            )
        )
    return rows.set_index(dimension, drop=False).loc[order]


def _hole(rows: pd.DataFrame, indicator: Indicator) -> str:
    if len(rows) < FEWEST_GROUPS:
        return "too_few_groups"
    if indicator.data_kind == "share":
        return "full_count"
    counted = rows["numerator"].notna() & (rows["denominator"] > 0)
    if not counted.all() or indicator.data_kind not in ("proportion", "rare_rate"):
        return "counts_missing"
    return (
        "not_a_proportion"
        if is_proportion(indicator) and (rows["numerator"] > rows["denominator"]).any()
        else ""
    )


def _measured(rows: pd.DataFrame, indicator: Indicator, ordered: bool, seed: int) -> list[dict]:
    events, exposure = rows["numerator"].to_numpy(float), rows["denominator"].to_numpy(float)
    trials, scale = is_proportion(indicator), indicator.multiplier or 1.0
    ordered = ordered and len(rows) >= FEWEST_ORDERED
    rng = np.random.default_rng(seed)
    common, size = events.sum() / exposure.sum(), (DRAWS, len(events))

    def measure(shares: np.ndarray) -> dict[str, float]:
        found = spread(
            shares * scale, exposure, higher_is_better=indicator.direction != "lower_better"
        )
        if not ordered:
            return found
        found |= concentration(shares * scale, exposure)
        slope = slope_index(shares * exposure, exposure) if trials else {}
        return found | {
            name: x * (scale if name == "slope_index" else 1.0) for name, x in slope.items()
        }

    own = (
        rng.beta(events + 0.5, exposure - events + 0.5, size)
        if trials
        else rng.gamma(events + 0.5, 1.0, size) / exposure
    )
    alike = (
        rng.binomial(exposure.astype(int), common, size)
        if trials
        else rng.poisson(exposure * common, size)
    ) / exposure
    return _summary(
        measure(events / exposure),
        *(pd.DataFrame([measure(draw) for draw in part]) for part in (own, alike)),
    )


def _summary(found: dict[str, float], own: pd.DataFrame, alike: pd.DataFrame) -> list[dict]:
    ends = own.quantile([0.025, 0.975])
    return [
        {
            "measure": name,
            "value": value,
            "value_lower": ends[name].iloc[0],
            "value_upper": ends[name].iloc[1],
            "by_chance": alike[name].mean() if name != "mean" else np.nan,
            "p_chance": float((alike[name].abs() >= abs(value)).mean())
            if name != "mean"
            else np.nan,
            "reason": "",
        }
        for name, value in found.items()
    ]

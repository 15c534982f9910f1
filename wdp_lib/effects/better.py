"""Areas that did better than expected of where they started."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.comparison.known import better_side
from wdp_lib.core.columns import Contract, conform
from wdp_lib.effects.cases import level_of, usable_points
from wdp_lib.plan import Plan

BETTER = Contract(
    "better_than_expected",
    "area n_indicators score p_adjusted listed best_indicators reason caution simulated",
)
WINDOW = 3  # years averaged at either end; one year alone is mostly chance
FEWEST_AREAS = 5
FEWEST_INDICATORS = 3  # shuffling one indicator leaves its best area as good as it was
SHUFFLES = 1999
BY_CHANCE = 0.05  # how often the list may be non-empty when no area is better
NAMED = 3  # indicators named for each area


def better_than_expected(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    as_of: str,
    areas: pd.DataFrame | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """List the areas whose indicators developed better than those of areas that began alike.

    Of each indicator the mean of its last three years is expected from that of its first three
    years (the plan's baseline year and the two before) by a straight line over the areas: an area
    that began low by chance is expected to recover, so its recovery is not counted (regression to
    the mean). What lies above the line, in standard deviations and on the better side, is averaged
    over the indicators. An area is listed when its mean is larger than the largest mean of any area
    in 95 % of the shuffles that give the residuals of each indicator to the areas
    at random.

    Parameters
    ----------
    areas : pandas.DataFrame, optional
        ``area, level``; areas of another level than the plan's own are compared.

    Returns
    -------
    pandas.DataFrame
        Contract ``BETTER``: one row an area, best first; with fewer than five areas or three usable
        indicators each row has a reason (too_few_areas, too_few_indicators). Each listed row
        carries the caution ``regression_to_mean``: a place at the top today is partly luck.
    """
    sides = {i.id: better_side(i) for i in plan.indicators if better_side(i)}
    level = level_of(plan, areas)
    below = [area for area in observations["area"].unique() if level(area) != level(plan.area)]
    below = observations[observations["area"].isin(below)]
    points, _ = usable_points(below, plan, as_of, list(sides))
    residuals = _residuals(points, plan.baseline_year, sides)
    if len(residuals) < FEWEST_AREAS or residuals.shape[1] < FEWEST_INDICATORS:
        reason = "too_few_areas" if len(residuals) < FEWEST_AREAS else "too_few_indicators"
        return _table(pd.DataFrame({"area": residuals.index}), reason=reason)
    return _table(_scored(residuals, seed).assign(simulated=bool(points["simulated"].any())))


def excess(before: np.ndarray, recent: np.ndarray) -> np.ndarray:
    """Return how far each area lies above what its beginning lets expect, in standard deviations.

    From the means of the first and of the last years, shape (areas,): residuals of the
    least-squares line divided by their own standard errors (internally studentised); NaN when all
    areas began alike or lie on the line exactly.
    """
    n, centred, tiny = len(before), before - before.mean(), np.finfo(float).eps
    spread = centred @ centred
    if n < FEWEST_AREAS or spread <= tiny * max(before @ before, 1.0):
        return np.full(n, np.nan)
    rest = recent - recent.mean() - centred * (centred @ recent) / spread
    scale = np.sqrt(rest @ rest / (n - 2) * np.maximum(1 - 1 / n - centred**2 / spread, tiny))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(scale > 1e-9 * np.abs(recent).max(), rest / scale, np.nan)


def best_of_all(
    scores: np.ndarray, *, shuffles: int = SHUFFLES, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean score and p-value of each area, the latter against the best of all areas.

    ``scores`` has shape (areas, indicators); each indicator is shuffled by itself (indicators taken
    as independent).
    """
    rng = np.random.default_rng(seed)
    means = scores.mean(axis=1)
    shuffled = rng.permuted(np.broadcast_to(scores, (shuffles, *scores.shape)), axis=1)
    best = shuffled.mean(axis=2).max(axis=1)
    return means, (1 + (best >= means[:, None]).sum(axis=1)) / (1 + shuffles)


def _residuals(points: pd.DataFrame, baseline: int, sides: dict[str, int]) -> pd.DataFrame:
    """Return the excess on the better side; indicators that some area lacks are left out."""
    year, names = points["year"], pd.Index(sorted(points["area"].unique()), name="area")
    last = points.groupby("indicator")["year"].transform("max")
    ends = (
        year.between(baseline - WINDOW + 1, baseline),
        (year > baseline) & (year > last - WINDOW),
    )
    early, late = (
        points[end].groupby(["indicator", "area"])["value"].mean().unstack().reindex(columns=names)
        for end in ends
    )
    found = {
        name: sides[name] * excess(early.loc[name].to_numpy(), late.loc[name].to_numpy())
        for name in early.dropna().index.intersection(late.dropna().index)
    }
    return pd.DataFrame(found, index=names).dropna(axis=1)


def _scored(residuals: pd.DataFrame, seed: int) -> pd.DataFrame:
    means, p_values = best_of_all(residuals.to_numpy(float), seed=seed)
    top = [";".join(row.nlargest(NAMED).index) for _, row in residuals.iterrows()]
    table = pd.DataFrame(
        {"area": residuals.index, "score": means, "p_adjusted": p_values, "best_indicators": top}
    )
    table = table.assign(n_indicators=residuals.shape[1], listed=p_values <= BY_CHANCE)
    return table.sort_values(["score", "area"], ascending=[False, True], ignore_index=True)


def _table(rows: pd.DataFrame, reason: str = "") -> pd.DataFrame:
    empty = {"n_indicators": 0, "score": np.nan, "p_adjusted": np.nan, "best_indicators": ""}
    empty |= {"listed": False, "simulated": False, "reason": reason}
    rows = pd.DataFrame(empty, index=rows.index).assign(**rows)
    caution = np.where(rows["listed"].astype(bool), "regression_to_mean", "")
    return conform(rows.assign(caution=caution), BETTER)

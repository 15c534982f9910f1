"""Joint paths of two groups (women and men, town and country): their gap and its interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wdp_lib.core.errors import ParameterError
from wdp_lib.forecasting.counts.series import law_of
from wdp_lib.forecasting.frame import panel_of
from wdp_lib.forecasting.models.registry import DEFAULT, FEWEST_POINTS, MODELS
from wdp_lib.forecasting.observations import usable_series
from wdp_lib.forecasting.panel import Panel, yearly_changes
from wdp_lib.forecasting.paths import joint_paths
from wdp_lib.plan import Plan

COLUMNS = ("draw", "year", "first", "second", "gap", "correlation")
# Fisher's z of the yearly changes of girls and boys in 253 national series (decision 035): mean,
# and variance between series
USUAL_Z, VARIANCE_OF_Z = 1.385, 0.388
FEWEST_PAIRS = 4


def gap_paths(
    observations: pd.DataFrame,
    plan: Plan,
    indicator: str,
    *,
    first: Mapping[str, str],
    second: Mapping[str, str],
    through: int,
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Draw joint futures of one indicator in two groups, and their gap.

    Both groups share good and bad years: their shocks are correlated as their yearly changes were,
    drawn towards what is usual (decision 035). In every year the quantiles of each group are those
    of its own forecast. ``first`` and ``second`` tell the groups apart by sex, residence, age_group
    or area: ``{"sex": "female"}`` and ``{"sex": "male"}``.

    Returns
    -------
    pandas.DataFrame
        ``draw, year, first, second, gap`` (first less second, in the unit of the indicator) and
        ``correlation`` (of the shocks; 0 where the groups end in different years, which makes the
        interval wider than need be). Empty when one of them cannot be forecast, or is forecast from
        its counts.

    Raises
    ------
    ParameterError
        When the groups are the same, or not told apart by the same items.
    """
    if dict(first) == dict(second) or set(first) != set(second):
        raise ParameterError.of(
            f"两个组别须用相同的项目区分且不相同，现为 {dict(first)}、{dict(second)}。",
            "The two groups must be told apart by the same items and differ, "
            f"not {dict(first)} and {dict(second)}.",
        )
    strata = pd.DataFrame([{"indicator": indicator, **group} for group in (first, second)])
    wanted, rows = usable_series(observations, plan, strata, through)
    panel = panel_of(rows)
    if len(wanted) < 2 or len(panel) < 2 or (law_of(panel) != "").any():
        return pd.DataFrame(columns=COLUMNS)
    panel = panel.recent(MODELS[DEFAULT].memory, FEWEST_POINTS)
    rho = shared_shocks(panel) if panel.last_year[0] == panel.last_year[1] else 0.0
    matrix = np.array([[1.0, rho], [rho, 1.0]])
    horizon = through - int(panel.last_year.min())
    paths = joint_paths(panel, horizon, draws=draws, seed=seed, correlation=matrix)
    years = np.arange(int(panel.last_year.max()) + 1, through + 1)
    one, other = (paths[k][:, years - panel.last_year[k] - 1] for k in (0, 1))
    return pd.DataFrame(
        {
            "draw": np.repeat(np.arange(draws), len(years)),
            "year": np.tile(years, draws),
            "first": one.ravel(),
            "second": other.ravel(),
            "gap": (one - other).ravel(),
            "correlation": rho,
        }
    )


def shared_shocks(panel: Panel) -> float:
    """Return the correlation of the yearly changes of two series, drawn towards the usual one."""
    changes, spans = yearly_changes(panel)
    common = np.isfinite(changes).all(axis=0) & (spans == 1).all(axis=0)
    pairs = changes[:, common]
    enough = common.sum() >= FEWEST_PAIRS and (np.ptp(pairs, axis=1) > 0).all()
    known = common.sum() - 3 if enough else 0
    own = np.arctanh(np.clip(np.corrcoef(pairs)[0, 1], -0.99, 0.99)) if known else 0.0
    return float(np.tanh((known * own + USUAL_Z / VARIANCE_OF_Z) / (known + 1 / VARIANCE_OF_Z)))

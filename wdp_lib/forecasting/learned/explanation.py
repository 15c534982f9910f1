"""Why the default forecast of a series is what it is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from wdp_lib.core.columns import KEY
from wdp_lib.forecasting.learned.prior import Posterior
from wdp_lib.forecasting.models.default import forecaster, kind_index
from wdp_lib.forecasting.paths import shown_series
from wdp_lib.plan import Plan

POSTERIOR = ("trend", "reversion", "neither", "noise", "step", "drift")
CHANGES = ("prior_median", "median", "prior_width", "width")
COLUMNS = (*KEY, "n", "first_year", "last_year", "last_value", "year", *POSTERIOR, *CHANGES)


def explain(
    observations: pd.DataFrame, plan: Plan, indicators: Iterable[str] | None = None, *, through: int
) -> pd.DataFrame:
    """Say how much trend, noise and return to its mean the posterior of each series sees.

    And what the correction changed in the forecast of the year ``through``; of all indicators
    unless given, in the plan's area and their own stratum.

    Returns
    -------
    pandas.DataFrame
        One row a series that the default model forecasts: the key columns; ``n, first_year,
        last_year`` of the points it is shown, ``last_value``; ``year`` explained; ``trend,
        reversion, neither`` (posterior shares, together 1: it keeps a trend, it returns to its own
        mean, it just moves on from where it is); ``noise`` (share of a usual yearly change that is
        gone a year later); ``step`` (usual yearly change) and ``drift`` (change a year expected to
        go on), in the unit of the indicator; ``prior_median, median`` and ``prior_width, width``
        (of the 80 % interval) without and with the learned correction. Series forecast from their
        counts, or not at all, have no row.
    """
    names = [entry.id for entry in plan.indicators] if indicators is None else indicators
    wanted, panel = shown_series(observations, plan, names, through)
    if not len(panel):
        return pd.DataFrame(columns=COLUMNS)
    limits, kind = {"lower": panel.lower, "upper": panel.upper}, kind_index(panel.kind)
    rows, ahead = np.arange(len(panel)), through - panel.last_year - 1
    medians = {}
    for name, correct in (("prior_", False), ("", True)):
        model = forecaster(correct=correct)
        made = model.forecast(panel.values, kind, int(ahead.max()) + 1, **limits)[rows, ahead]
        medians |= {f"{name}median": made[:, 3], f"{name}width": made[:, 5] - made[:, 1]}
    said = [_said(one) for one in forecaster().each(panel.values, kind, **limits)]
    table = pd.DataFrame(said).assign(**medians, n=panel.n, first_year=panel.first_year)
    table = table.assign(last_year=panel.last_year, last_value=panel.values[:, -1], year=through)
    table = table.assign(series=panel.names).sort_values("series", kind="stable")
    table = table.merge(wanted[list(KEY)], left_on="series", right_index=True)
    return table.reset_index(drop=True)[list(COLUMNS)]


def _said(posterior: Posterior) -> dict[str, float]:
    """Shares of the families, noise, yearly step and drift of one series, in its unit."""
    components, weight, measured = posterior.components, posterior.weight[0], posterior.measure
    families = components.table["family"].to_numpy()
    names = {"trend": "trend", "reversion": "reversion", "neither": "none"}
    shares = {name: weight[families == family].sum() for name, family in names.items()}
    drift, step = posterior.plain_state()[1][0], components.table["step"].to_numpy(float)
    if measured.sign:
        # a step of the second scale, as it is where the series stands
        step = step / np.where(components.bent, measured.slope(np.zeros((1, 1)))[0, 0], 1.0)
    return shares | {
        "noise": weight @ components.table["noise"].to_numpy(),
        "step": weight @ step * measured.scale[0],
        "drift": (weight * drift * components.trend).sum() * measured.scale[0],
    }

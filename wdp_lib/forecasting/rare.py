"""Rare events: a forecast of the underlying rate from counts, never of a single year's rate."""

from __future__ import annotations

import numpy as np

from wdp_lib.forecasting.counts import ENOUGH_EVENTS, JEFFREYS
from wdp_lib.forecasting.panel import Panel

MEMORY = 0.9
FEWEST_YEARS = 3


def is_rare(panel: Panel) -> np.ndarray:
    """Return which series are to be forecast from their counts, shape (series,).

    A series of kind ``rare_rate`` with counts for at least 3 years, a known unit, and on average fewer than 10 events
    a year. With more events a year the trend says more than the counting error hides.
    """
    counted = _counted(panel)
    years = counted.sum(axis=1)
    events = np.where(counted, panel.events, 0.0).sum(axis=1)
    return (
        (panel.kind == "rare_rate")
        & (years >= FEWEST_YEARS)
        & np.isfinite(panel.multiplier)
        & (events < ENOUGH_EVENTS * np.maximum(years, 1))
    )


def total_events(panel: Panel) -> np.ndarray:
    """Return the events of all years with counts, shape (series,)."""
    return np.where(_counted(panel), panel.events, 0.0).sum(axis=1)


def rate_quantiles(
    panel: Panel, horizon: int, quantiles: np.ndarray, prior: tuple[float, float] = JEFFREYS
) -> np.ndarray:
    """Return quantiles of the underlying rate, shape (series, horizon, quantiles), in the unit of the rate.

    Parameters
    ----------
    panel : Panel
        Series for which `is_rare` holds.
    horizon : int
        Years after each series' last year.
    quantiles : numpy.ndarray, shape (quantiles,)
        Levels between 0 and 1.
    prior : (float, float)
        Events and exposure the prior is worth; Jeffreys unless the upper area's rate is borrowed.

    Notes
    -----
    Gamma-Poisson with a slowly discounted past (Harvey & Fernandes 1989): events and exposure of each year count
    0.9 times as much with every year that passes, up to the forecast year; so the centre stays and the interval widens.
    """
    from scipy.special import gammaincinv

    age = np.arange(panel.values.shape[1])[::-1]
    weights = np.where(_counted(panel), MEMORY**age, 0.0)
    ahead = MEMORY ** np.arange(1, horizon + 1)
    events = (weights * np.nan_to_num(panel.events)).sum(axis=1)[:, None] * ahead + prior[0]
    exposure = (weights * np.nan_to_num(panel.exposure)).sum(axis=1)[:, None] * ahead + prior[1]
    share = gammaincinv(events[:, :, None], np.asarray(quantiles))
    return share / exposure[:, :, None] * panel.multiplier[:, None, None]


def _counted(panel: Panel) -> np.ndarray:
    return np.isfinite(panel.events) & (panel.exposure > 0)

"""State-space and ARIMA models of statsmodels, by name; both know missing years."""

from __future__ import annotations

import numpy as np

from wdp_lib.forecasting.models.classic import from_fits
from wdp_lib.forecasting.panel import Panel

FEWEST_FOR_STATE_SPACE = 6
MOST_STEPS = 500
DIFFUSE = 2
ARIMA_ORDERS = (((0, 1, 0), "n"), ((0, 1, 1), "n"), ((0, 1, 0), "c"), ((0, 1, 1), "c"))


def local_linear_quantiles(
    panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0
) -> np.ndarray:
    """Return statsmodels' local linear trend, shape (series, horizon, quantiles).

    Assumes a level and a slope that both wander, seen through independent normal noise. NaN for a series whose fit does
    not converge.

    Notes
    -----
    `UnobservedComponents` with diffuse start and maximum likelihood; it has no damped slope (``ets`` has). t quantiles
    with n - 2 degrees of freedom stand for the unknown overall variance (2 points start level and slope); that the
    ratios of the variances are estimated, too, is left out.
    """
    return from_fits(panel, horizon, quantiles, _local_linear)


def arima_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the best of four ARIMA models by AICc, shape (series, horizon, quantiles).

    Assumes yearly changes that are independent or remember one shock, with or without drift: (0,1,0) and (0,1,1). NaN
    for a series for which no candidate converges.

    Notes
    -----
    Exact likelihood (`SARIMAX`). t quantiles with n - 1 less the number of estimated coefficients as degrees of freedom;
    the choice among the four is taken as known.
    """
    return from_fits(panel, horizon, quantiles, _arima)


def _local_linear(values: np.ndarray, horizon: int):
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    fit = _fit(UnobservedComponents(values, level="lltrend", use_exact_diffuse=True))
    return None if fit is None else _ahead(fit, horizon, np.isfinite(values).sum() - DIFFUSE)


def _arima(values: np.ndarray, horizon: int):
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    fits = [_fit(SARIMAX(values, order=order, trend=trend)) for order, trend in ARIMA_ORDERS]
    fits = [fit for fit in fits if fit is not None]
    if not fits:
        return None
    n, count = np.isfinite(values).sum() - 1, [len(fit.params) for fit in fits]
    scores = [fit.aic + 2 * k * (k + 1) / (n - k - 1) for fit, k in zip(fits, count, strict=True)]
    best = int(np.argmin(scores))
    return _ahead(fits[best], horizon, n - (count[best] - 1))


def _fit(model):
    """Return the fit, or None when it did not converge."""
    import warnings

    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # Starting values outside the allowed region are replaced by zeros, and a failed search is looked at below.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            fit = model.fit(disp=False, maxiter=MOST_STEPS, cov_type="none")
        except np.linalg.LinAlgError:
            return None
    return fit if fit.mle_retvals["converged"] and np.isfinite(fit.llf) else None


def _ahead(fit, horizon: int, freedom: int):
    ahead = fit.get_forecast(horizon)
    return np.asarray(ahead.predicted_mean), np.asarray(ahead.se_mean), freedom

"""Models that are fitted by maximum likelihood: ETS, local linear trend, ARIMA.

Level, slope, drift and overall variance have closed forms; what is left, one to three shares
between 0 and 1, is searched on a grid that narrows. So a fit neither fails nor depends on the last
bit of an optimiser, and processors agree.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wdp_lib.forecasting.models.classic import from_fits
from wdp_lib.forecasting.panel import Panel

FEWEST_FOR_LIKELIHOOD = 6
POINTS, ROUNDS, EQUAL = 11, 7, 1e-9
STRAIGHT = 1e-9  # of the range: a line with no error to fit
SMALLEST_VARIANCE = 1e-12
LEVEL_RATE, SLOPE_RATE, DAMPING = (1e-4, 0.9999), (1e-4, 1.0), (0.8, 0.98)


def ets_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return ETS(A,Ad,N) with normal quantiles.

    Assumes a level and a slope that fades out, moved by one shock a year. It knows no missing
    years: series must be unbroken.

    Hyndman et al. (2008): first level and slope are estimated; level rate 0.0001-0.9999, slope rate
    up to the level rate, damping 0.8-0.98. Variance: ``s² (1 + sum c_j²)``, s² the mean squared
    one-step error.
    """
    return from_fits(panel, horizon, quantiles, _damped_trend)


def local_linear_quantiles(
    panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0
) -> np.ndarray:
    """Return the local linear trend: level and slope wander, seen through normal noise.

    Exact diffuse likelihood (Durbin & Koopman 2012). t quantiles with n - 2 degrees of freedom
    stand for the unknown overall variance (2 points start level and slope); that the ratios of the
    variances are estimated is left out.
    """
    return from_fits(panel, horizon, quantiles, _local_linear)


def arima_quantiles(panel: Panel, horizon: int, quantiles: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the best of four ARIMA models by AICc.

    Assumes yearly changes that are independent or remember one shock, with or without drift:
    (0,1,0) and (0,1,1).

    Exact likelihood given the first value. t quantiles with n - 1 less the number of estimated
    coefficients as degrees of freedom; the choice among the four is taken as known.
    """
    return from_fits(panel, horizon, quantiles, _arima)


def _narrowed(loss: Callable[[np.ndarray], np.ndarray], dimensions: int) -> np.ndarray:
    """The (first) point of the unit cube with the smallest loss of points (cells, dimensions).

    The grid narrows seven times, to steps below 0.0001.
    """
    low, high = np.zeros(dimensions), np.ones(dimensions)
    for _ in range(ROUNDS):
        axes = np.linspace(low, high, POINTS).T
        cells = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, dimensions)
        found = loss(cells)
        best = cells[np.argmax(found <= found.min() + EQUAL)]
        reach = 1.5 * (high - low) / (POINTS - 1)
        low, high = np.maximum(best - reach, 0), np.minimum(best + reach, 1)
    return best


def _straight(values: np.ndarray, horizon: int):
    """Return the continued line of a series that lies on one, else None."""
    years = np.flatnonzero(np.isfinite(values))
    slope = (values[years[-1]] - values[years[0]]) / (years[-1] - years[0])
    if np.abs(values[years] - values[years[0]] - slope * (years - years[0])).max() > STRAIGHT:
        return None
    return values[-1] + slope * np.arange(1, horizon + 1), np.zeros(horizon), np.inf


def _damped_trend(values: np.ndarray, horizon: int):
    def rates(cells: np.ndarray) -> tuple[np.ndarray, ...]:
        alpha, share, phi = (
            low + (high - low) * cells[:, k]
            for k, (low, high) in enumerate((LEVEL_RATE, SLOPE_RATE, DAMPING))
        )
        return alpha, alpha * share, phi

    def run(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Errors (3, cells, years), last level and slope of the values, of a level, of a slope."""
        alpha, beta, phi = rates(cells)
        level, slope = (np.zeros((3, len(cells))) for _ in range(2))
        level[1], slope[2] = 1.0, 1.0
        errors = np.empty((3, len(cells), len(values)))
        for year, value in enumerate(values):
            expected = level + phi * slope
            error = -expected
            error[0] += value
            level, slope = expected + alpha * error, phi * slope + beta * error
            errors[:, :, year] = error
        return errors, level, slope

    def start(errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """First level and slope with the least squared errors, one each cell."""
        of_value, of_level, of_slope = errors
        size = (of_level**2).sum(1)
        turned = of_slope - ((of_slope * of_level).sum(1) / size)[:, None] * of_level
        slope = -(turned * of_value).sum(1) / np.maximum((turned**2).sum(1), SMALLEST_VARIANCE)
        return -((of_value + slope[:, None] * of_slope) * of_level).sum(1) / size, slope

    def total(parts: np.ndarray, level: np.ndarray, slope: np.ndarray) -> np.ndarray:
        return parts[0] + (parts[1].T * level).T + (parts[2].T * slope).T

    def variance(cells: np.ndarray) -> np.ndarray:
        errors = run(cells)[0]
        return np.maximum((total(errors, *start(errors)) ** 2).mean(1), SMALLEST_VARIANCE)

    best = _narrowed(lambda cells: np.log(variance(cells)), 3)[None]
    errors, level, slope = run(best)
    level, slope = (total(part, *start(errors)) for part in (level, slope))
    alpha, beta, phi = rates(best)
    faded = np.cumsum(phi ** np.arange(1, horizon + 1))
    grown = np.concatenate([[0.0], np.cumsum((alpha + beta * faded[:-1]) ** 2)])
    return level + slope * faded, np.sqrt(variance(best) * (1 + grown)), np.inf


def _local_linear(values: np.ndarray, horizon: int):
    if (line := _straight(values, horizon)) is not None:
        return line
    years = np.arange(len(values) + horizon)
    level = np.minimum.outer(years, years) * 1.0
    step = np.maximum(years[:, None] - years - 1.0, 0.0)
    found = _Gaussian(values, horizon, [np.eye(len(years)), level, step @ step.T], anchors=2)

    def shares(cells: np.ndarray) -> np.ndarray:
        noise, slope = 1 - cells[:, 0], cells[:, 0] * cells[:, 1]
        return np.stack([noise, cells[:, 0] - slope, slope], axis=1) / found.size

    best = shares(_narrowed(lambda cells: found.loss(shares(cells))[0], 2)[None])
    return *found.ahead(best), np.isfinite(values).sum() - 2


def _arima(values: np.ndarray, horizon: int):
    if (line := _straight(values, horizon)) is not None:
        return line
    years = np.arange(len(values) + horizon)
    walk = np.minimum.outer(years, years) * 1.0
    # covariance of the sums of a shock times the one before
    echo = 2 * walk - 1 - np.eye(len(years))
    scores, made = [], []
    for drift in (False, True):
        found = _Gaussian(values, horizon, [walk, echo], anchors=1, drift=drift)
        for moving in (0, 1):

            def powers(cells: np.ndarray, moving: int = moving) -> np.ndarray:
                theta = moving * (2 * cells[:, 0] - 1)
                return np.stack([1 + theta**2, theta], axis=1)

            best = powers(_narrowed(lambda cells: found.loss(powers(cells))[0], 1)[None])  # noqa: B023
            n, k = found.count, 1 + moving + drift
            scores.append(found.loss(best)[0][0] + 2 * k + 2 * k * (k + 1) / (n - k - 1))
            made.append((*found.ahead(best), n - (k - 1)))
    return made[int(np.argmin(np.round(scores, 9)))]


class _Gaussian:
    """A line through one or two values (a diffuse start) plus correlated normal deviations.

    `parts` (parts, years, years): covariances that weights add up; `drift`: a mean yearly change,
    estimated.
    """

    def __init__(self, values, horizon: int, parts, anchors: int, drift: bool = False):
        seen, years = np.flatnonzero(np.isfinite(values)), np.arange(len(values) + horizon)
        fixed = seen[[0, -1]][:anchors]
        basis = years[:, None] ** np.arange(anchors, dtype="float64")
        through = basis @ np.linalg.inv(basis[fixed])
        away = np.eye(len(years))
        away[:, fixed] -= through
        self.known, self.future = np.setdiff1d(seen, fixed), years[len(values) :]
        self.line = through @ values[fixed]
        self.rest = values[self.known] - self.line[self.known]
        self.parts = np.stack([away @ part @ away.T for part in parts])
        self.size = self.parts[:, self.known, self.known].mean(axis=1)
        self.count, self.drift = len(self.known), (years - fixed[0]) * float(drift)

    def loss(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return -2 log likelihood, variance and drift of weights (cells, parts), one each cell."""
        covariance = self._between(weights, self.known, self.known)
        drift = self.drift[self.known]
        rest, moved = np.moveaxis(
            np.linalg.solve(covariance, np.stack([self.rest, drift], axis=1)[None]), 2, 0
        )
        slope = (moved @ self.rest) / np.maximum(moved @ drift, SMALLEST_VARIANCE)
        square = rest @ self.rest - slope * (rest @ drift)
        variance = np.maximum(square / self.count, SMALLEST_VARIANCE)
        determinant = np.linalg.slogdet(covariance)[1]
        return self.count * np.log(variance) + determinant, variance, slope

    def ahead(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of the coming years for weights (1, parts)."""
        _, (variance,), (slope,) = self.loss(weights)
        known, cross = (
            self._between(weights, self.known, to)[0] for to in (self.known, self.future)
        )
        own = np.diagonal(self._between(weights, self.future, self.future)[0])
        pull = np.linalg.solve(known, cross)
        mean = self.line[self.future] + slope * self.drift[self.future]
        left = np.maximum(own - (pull * cross).sum(axis=0), 0.0)
        rest = self.rest - slope * self.drift[self.known]
        return mean + rest @ pull, np.sqrt(variance * left)

    def _between(self, weights: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        return np.tensordot(weights, self.parts[:, rows[:, None], columns], axes=1)

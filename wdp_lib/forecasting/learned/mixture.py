"""Quantiles of mixtures of normal distributions on two scales, and the normal distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wdp_lib.forecasting.learned.prior import Measure

QUANTILES = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
_STEP = 1 / 1024
_NORMAL_Z = np.arange(-8, 8 + _STEP / 2, _STEP)
# Shape of the points at which a mixture's distribution is read: dense in the middle, wide outside.
_KNOTS = 0.17 * np.sinh(np.linspace(-4.0, 4.0, 17))


def _normal_table() -> np.ndarray:
    density = np.exp(-0.5 * _NORMAL_Z**2) / np.sqrt(2 * np.pi)
    area = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2) * _STEP])
    return (area / area[-1]).astype(np.float64)


_NORMAL = _normal_table()
_MIDDLE = (8 + _STEP / 2) / _STEP  # place of 0 in it


def normal_cdf(z: np.ndarray) -> np.ndarray:
    """Standard normal distribution function, from a table; absolute error below 0.0002."""
    return _NORMAL.take((z * (1 / _STEP) + _MIDDLE).astype(np.int32), mode="clip")


def normal_quantile(p: np.ndarray) -> np.ndarray:
    """Inverse of `normal_cdf`, from the same table."""
    return np.interp(p, _NORMAL, _NORMAL_Z)


def mixture_quantiles(
    weight, mean, sd, measured: Measure | None = None, plain: int | None = None
) -> np.ndarray:
    """Return the `QUANTILES` (series, horizon, 7) of a mixture, to about 0.3 %, in plain units.

    The first ``plain`` components are normal on the plain scale, the others on the second one. The
    distribution function is read at points spread by the middle and width of the mixture, on the
    scale that holds most of it, and inverted on the normal scale, where it is close to a straight
    line; each quantile is then read again and corrected between its two neighbours.
    """
    mean, sd, weight = (np.asarray(part, float) for part in (mean, sd, weight))
    plain = mean.shape[-1] if plain is None else plain
    # a view with a new axis would be multiplied element by element, three times slower
    column = weight[:, :, None].copy()
    bent = plain < mean.shape[-1]
    main = weight[:, plain:].sum(axis=1) > 0.5
    middle, width = _in_plain_units(mean, sd, measured, plain) if bent else (mean, sd)
    centre, spread = _middle_and_width(middle, width, column)
    if main.any():
        own = column[:, plain:] / np.maximum(column[:, plain:].sum(axis=1, keepdims=True), 1e-12)
        other = _middle_and_width(mean[..., plain:], sd[..., plain:], own)

    def value_of(points):
        value = centre + spread * points
        if not main.any():
            return value
        return np.where(main[:, None, None], measured.straight(other[0] + other[1] * points), value)

    # in steps of the table of the normal distribution, so that each point costs one product, one
    # difference, one look-up; in half the bytes, as this is most of the work; the same arrays for
    # every point: giving large ones back and asking for them again costs more than the arithmetic
    rate = 1 / (sd * _STEP)
    low, rate = (mean * rate - _MIDDLE).astype(np.float32), rate.astype(np.float32)
    place, step, density = np.empty_like(rate), np.empty(rate.shape, np.intp), np.empty(rate.shape)

    def reached(value, out):  # the mixture's distribution function at values
        np.multiply(value.astype(np.float32), rate[..., :plain], out=place[..., :plain])
        if bent:
            other_scale = measured.bent(value).astype(np.float32)
            np.multiply(other_scale, rate[..., plain:], out=place[..., plain:])
        np.subtract(place, low, out=place)
        np.copyto(step, place, casting="unsafe")
        out[...] = (np.take(_NORMAL, step, mode="clip", out=density) @ column)[..., 0]

    area = np.empty((*mean.shape[:2], len(_KNOTS)))
    for k, knot in enumerate(_KNOTS):
        reached(value_of(knot), area[..., k])
    z = _on_normal_scale(area)
    wanted = normal_quantile(QUANTILES)
    j = np.stack([(z < target).sum(axis=-1) for target in wanted], axis=-1)
    j = np.clip(j, 1, len(_KNOTS) - 1)
    z0, z1 = np.take_along_axis(z, j - 1, -1), np.take_along_axis(z, j, -1)
    x0, x1 = _KNOTS[j - 1], _KNOTS[j]
    guess = _between(wanted, z0, z1, x0, x1)
    area = np.empty(guess.shape)
    for k in range(len(wanted)):
        reached(value_of(guess[..., k, None]), area[..., k])
    found = _on_normal_scale(area)
    above = found < wanted
    return value_of(
        _between(wanted, *np.where(above, (found, z1, guess, x1), (z0, found, x0, guess)))
    )


def _middle_and_width(mean, sd, column) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (series, horizon, 1) of mixtures."""
    centre = mean @ column
    return centre, np.sqrt(((mean - centre) ** 2 + sd**2) @ column)


def _in_plain_units(mean, sd, measured: Measure, plain: int) -> tuple[np.ndarray, np.ndarray]:
    """Middle and about the width of each component in plain units, inside the natural limits."""
    low, high = (measured.plain(side)[:, None, None] for side in (measured.low, measured.high))
    ratio, stretch = measured.ratio[:, None, None], measured.stretch[:, None, None]
    middle = np.clip(measured.straight(mean[..., plain:]), low, high)
    away = np.maximum(1 + measured.sign * ratio * middle, 0) / ratio
    width = away * np.sinh(np.minimum(stretch * sd[..., plain:], 2.0))
    joined = np.concatenate([mean[..., :plain], middle], axis=-1)
    return joined, np.concatenate([sd[..., :plain], width], axis=-1)


def _on_normal_scale(area: np.ndarray) -> np.ndarray:
    return _probit(np.clip(area, 1e-6, 1 - 1e-6))


def _between(target, z0, z1, x0, x1):
    return x0 + (x1 - x0) * np.clip((target - z0) / np.maximum(z1 - z0, 1e-6), 0, 1)


def _probit(p: np.ndarray) -> np.ndarray:
    """Inverse of the normal distribution function (Odeh and Evans 1974; error below 2e-4)."""
    tail = np.minimum(p, 1 - p)
    y = np.sqrt(-2 * np.log(tail))
    top = (
        (((y * -0.453642210148e-4 - 0.204231210245e-1) * y - 0.342242088547) * y - 1) * y
    ) - 0.322232431088
    low = (
        (((y * 0.38560700634e-2 + 0.103537752850) * y + 0.531103462366) * y + 0.588581570495) * y
    ) + 0.993484626060e-1
    z = y + top / low
    return np.where(p < 0.5, -z, z)

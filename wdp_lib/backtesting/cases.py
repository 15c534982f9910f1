"""One row for each forecast of the past.

How far off it was, and what it said of made-up targets.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.backtesting.tables import CASES, TARGET_CASES
from wdp_lib.backtesting.windows import MEDIAN, Windows, growth_rate
from wdp_lib.core.columns import QUANTILES, conform
from wdp_lib.forecasting.probability import CAP, FLOOR, level_at_limit
from wdp_lib.forecasting.scores import pinball_loss

LEVELS = np.array(QUANTILES)
INTERVALS = {"50": (2, 4), "80": (1, 5), "95": (0, 6)}
STEPS = (-6, -3, -1, 1, 3, 6)
ON_TRACK = 0.95
_WINDOW = ["series_id", "group", "kind", "origin"]


def score_cases(
    windows: Windows, predicted: dict[str, np.ndarray], reference: np.ndarray
) -> pd.DataFrame:
    """Return `CASES` of every model.

    Errors and widths divided by the usual yearly change of the history.
    """
    compared = _errors(windows, reference)
    parts = [_cases(windows, name, values, compared) for name, values in predicted.items()]
    return conform(pd.concat(parts, ignore_index=True), CASES)


def _cases(
    windows: Windows, model: str, values: np.ndarray, compared: dict[str, np.ndarray]
) -> pd.DataFrame:
    row, step = np.nonzero(np.isfinite(windows.future) & np.isfinite(values[:, :, MEDIAN]))
    given, came = values[row, step], windows.future[row, step]
    unit = windows.info["usual_change"].to_numpy()[row]
    cells = {name: array[row, step] for name, array in _errors(windows, values).items()}
    for name, (low, high) in INTERVALS.items():
        lower, upper = given[:, low], given[:, high]
        known = np.isfinite(lower) & np.isfinite(upper)
        cells[f"inside_{name}"] = np.where(known, (lower <= came) & (came <= upper), np.nan)
        cells[f"width_{name}"] = (upper - lower) / unit
    return _of_windows(windows, row, step).assign(
        model=model,
        n=windows.info["n"].to_numpy()[row],
        value=came,
        median=given[:, MEDIAN],
        usual_change=unit,
        reference_wis=compared["wis"][row, step],
        reference_error=compared["error"][row, step],
        **cells,
    )


def _of_windows(windows: Windows, row: np.ndarray, step: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame({name: windows.info[name].to_numpy()[row] for name in _WINDOW})
    return table.assign(horizon=np.array(windows.horizons)[step])


def _errors(windows: Windows, values: np.ndarray) -> dict[str, np.ndarray]:
    """Return WIS, CRPS and absolute error, each of shape (windows, horizons)."""
    unit = windows.info["usual_change"].to_numpy()[:, None]
    loss = pinball_loss(windows.future, values, LEVELS)
    middle = np.concatenate([[0.0], (LEVELS[1:] + LEVELS[:-1]) / 2, [1.0]])
    return {
        "wis": 2 * loss.mean(axis=-1) / unit,
        "crps": 2 * (loss * np.diff(middle)).sum(axis=-1) / unit,
        "error": np.abs(windows.future - values[:, :, MEDIAN]) / unit,
    }


def share_between(came: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return, for each case, how much of it lies between which neighbouring quantiles.

    Shape (cases, quantiles + 1).

    A value equal to one quantile is shared by its two sides; a value equal to several (a forecast
    clipped at a natural limit) is spread over all they span, as the non-randomised PIT of Czado,
    Gneiting & Held (2009) does.
    """
    below, upto = (values < came[:, None]).sum(axis=1), (values <= came[:, None]).sum(axis=1)
    count = values.shape[1]
    first, last = below.copy(), upto.copy()
    several = upto - below > 1
    first[several & (below > 0)] += 1
    last[several & (upto < count)] -= 1
    bins = np.arange(count + 1)
    touched = (bins >= first[:, None]) & (bins <= last[:, None])
    weight = (
        np.where(several[:, None], np.diff(np.concatenate([[0.0], LEVELS, [1.0]])), 1.0) * touched
    )
    return weight / weight.sum(axis=1, keepdims=True)


def between_cases(windows: Windows, model: str, values: np.ndarray) -> pd.DataFrame:
    """Return ``group`` and the result of `share_between`, one row a case with an interval."""
    row, step = np.nonzero(np.isfinite(windows.future) & np.isfinite(values).all(axis=2))
    shares = pd.DataFrame(share_between(windows.future[row, step], values[row, step]))
    return shares.assign(model=model, group=windows.info["group"].to_numpy()[row])


def chance_met(values: np.ndarray, target: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Return the probability of at least (``up``) or at most the target.

    Never below 0.02 or above 0.98.

    The same as `probability_inside` says of one case, for many at once.
    """
    at_least = 1 - _below(LEVELS, values, target)
    at_most = 1 - _below(1 - LEVELS[::-1], -values[:, ::-1], -target)
    return np.clip(np.where(up, at_least, at_most), FLOOR, CAP)


def _below(levels: np.ndarray, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """P(Y < x): straight lines between quantiles, half of what is left outside.

    Nothing beyond a point mass.
    """
    if not len(values):
        return np.empty(0)
    count, rows, grid = len(levels), np.arange(len(values)), _grid(levels, values)
    place = (values < x[:, None]).sum(axis=1)
    upper = np.clip(place, 1, count - 1)
    low, high = values[rows, upper - 1], values[rows, upper]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(high > low, (x - low) / (high - low), 0.0)
    inner = grid[rows, upper - 1] + part * (grid[rows, upper] - grid[rows, upper - 1])
    mass_first, mass_last = values[:, 0] == values[:, 1], values[:, -1] == values[:, -2]
    before = np.where(mass_first, 0.0, np.where(x == values[:, 0], levels[0], levels[0] / 2))
    after = np.where(mass_last, 1.0, 1 - (1 - levels[-1]) / 2)
    return np.select([place == 0, place == count], [before, after], inner)


def _grid(levels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Level of each quantile; where a forecast is clipped.

    The level at which it meets its limit stands in for it.
    """
    grid = np.tile(levels, (len(values), 1))
    rows = np.flatnonzero(values[:, -1] == values[:, -2])
    first = (values[rows] == values[rows, -1:]).argmax(axis=1)
    grid[rows, first] = level_at_limit(levels, values[rows])
    rows = np.flatnonzero(values[:, 0] == values[:, 1])
    last = (values[rows] == values[rows, :1]).sum(axis=1) - 1
    grid[rows, last] = 1 - level_at_limit(1 - levels[::-1], -values[rows, ::-1])
    return grid


def target_cases(windows: Windows, predicted: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return `TARGET_CASES` of every model.

    Targets 1, 3 and 6 usual yearly changes on either side of the last value.

    A target on the better side is to be reached, one on the worse side to be kept; each is asked
    once, in the direction that is better. Left out are targets outside the natural limits, and
    histories that never changed.
    """
    row, step, side = _possible(windows)
    info = windows.info.iloc[row]
    up = (info["direction"] == "up").to_numpy()
    better = np.array(STEPS)[side]
    moved = np.where(up, better, -better) * info["usual_change"].to_numpy()
    asked = _of_windows(windows, row, step).assign(
        direction=np.where(up, "up", "down"),
        aim=np.where(better > 0, "reach", "keep"),
        steps=np.abs(better),
        target=info["last"].to_numpy() + moved,
    )
    target, came = asked["target"].to_numpy(), windows.future[row, step]
    asked["met"] = np.where(up, came >= target, came <= target).astype(float)
    asked["climatology"] = _climatology(asked)
    asked["official"] = _official(windows, row, step, target, up, better)
    parts = []
    for name, values in predicted.items():
        given = values[row, step]
        known = np.isfinite(given).all(axis=1)
        chance = chance_met(given[known], target[known], up[known])
        parts.append(asked[known].assign(model=name, probability=chance))
    return conform(pd.concat(parts, ignore_index=True), TARGET_CASES)


def _possible(windows: Windows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    info = windows.info
    sign = np.where(info["direction"] == "up", 1, -1)[:, None] * np.array(STEPS)
    target = info["last"].to_numpy()[:, None] + sign * info["usual_change"].to_numpy()[:, None]
    inside = (target >= info["lower"].to_numpy()[:, None]) & (
        target <= info["upper"].to_numpy()[:, None]
    )
    inside &= info["changed"].to_numpy(bool)[:, None]
    return np.nonzero(np.isfinite(windows.future)[:, :, None] & inside[:, None, :])


def _climatology(asked: pd.DataFrame) -> np.ndarray:
    """Share of targets of the same aim, distance and horizon that the *other* indicators met.

    Indicators equal.
    """
    kind = ["aim", "steps", "horizon"]
    by_group = asked.groupby([*kind, "group"])["met"].mean().rename("own").reset_index()
    total = by_group.groupby(kind)["own"].agg(["sum", "size"]).reset_index()
    table = by_group.merge(total, on=kind)
    others = (table["size"] - 1).where(table["size"] > 1)
    table["climatology"] = (table["sum"] - table["own"]) / others
    return (
        asked[[*kind, "group"]]
        .merge(table, on=[*kind, "group"], how="left")["climatology"]
        .to_numpy()
    )


def _official(windows, row, step, target, up, better) -> np.ndarray:
    """Return 1 where the Open SDG rule says on track (growth at least 0.95 of the growth.

    Required), else 0.
    """
    first = windows.info["first"].to_numpy()[row]
    years = (windows.info["origin"] - windows.info["first_year"]).to_numpy()[row] + np.array(
        windows.horizons
    )[step]
    with np.errstate(invalid="ignore", divide="ignore"):
        required = np.expm1(np.log(target / first) / years)
        achieved = np.expm1(growth_rate(windows))[row] * np.where(up, 1, -1)
    asked = (better > 0) & (first > 0) & (target > 0) & np.isfinite(achieved)
    return np.where(asked, achieved >= ON_TRACK * np.abs(required), np.nan)

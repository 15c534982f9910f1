"""One row for each forecast of the past: how far off it was, what it said of made-up targets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.backtesting.tables import CASES, TARGET_CASES
from wdp_lib.backtesting.windows import MEDIAN, Windows
from wdp_lib.core.columns import QUANTILES, conform
from wdp_lib.forecasting.attainment import PERCENTAGES, stated
from wdp_lib.forecasting.models.registry import DEFAULT
from wdp_lib.forecasting.probability import below, bounded
from wdp_lib.forecasting.scores import pinball_loss

LEVELS = np.array(QUANTILES)
INTERVALS = {"50": (2, 4), "80": (1, 5), "95": (0, 6)}
STEPS = (-6, -3, -1, 1, 3, 6)
ON_TRACK = 0.95
BEFORE = "uncalibrated"  # the default model before its probabilities were recalibrated
_WINDOW = ["series_id", "group", "kind", "origin"]


def score_cases(
    windows: Windows, predicted: dict[str, np.ndarray], reference: np.ndarray
) -> pd.DataFrame:
    """Return `CASES` of every model, in usual yearly changes of the history."""
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
    """WIS, CRPS and absolute error, each of shape (windows, horizons)."""
    unit = windows.info["usual_change"].to_numpy()[:, None]
    loss = pinball_loss(windows.future, values, LEVELS)
    middle = np.concatenate([[0.0], (LEVELS[1:] + LEVELS[:-1]) / 2, [1.0]])
    return {
        "wis": 2 * loss.mean(axis=-1) / unit,
        "crps": 2 * (loss * np.diff(middle)).sum(axis=-1) / unit,
        "error": np.abs(windows.future - values[:, :, MEDIAN]) / unit,
    }


def share_between(came: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return how much of each case lies between which neighbours, (cases, quantiles + 1).

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
    spread = np.diff(np.concatenate([[0.0], LEVELS, [1.0]]))
    weight = np.where(several[:, None], spread, 1.0) * touched
    return weight / weight.sum(axis=1, keepdims=True)


def between_cases(windows: Windows, model: str, values: np.ndarray) -> pd.DataFrame:
    """Return ``group`` and the result of `share_between`, one row a case with an interval."""
    row, step = np.nonzero(np.isfinite(windows.future) & np.isfinite(values).all(axis=2))
    shares = pd.DataFrame(share_between(windows.future[row, step], values[row, step]))
    return shares.assign(model=model, group=windows.info["group"].to_numpy()[row])


def chance_met(values: np.ndarray, target: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Return what forecasts say of at least (``up``) or at most the target."""
    chance, down = np.empty(len(values)), ~up
    chance[up] = 1 - below(LEVELS, values[up], target[up])
    chance[down] = 1 - below(1 - LEVELS[::-1], -values[down, ::-1], -target[down])
    return chance


def target_cases(windows: Windows, predicted: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return `TARGET_CASES`: targets 1, 3 and 6 usual changes on either side of the last value.

    A target on the better side is to be reached, one on the worse side to be kept; each is asked
    once, in the direction that is better. Left out are targets outside the natural limits, and
    histories that never changed. What the default model said before it was recalibrated stands
    there under a name of its own.
    """
    info = windows.info
    rising = (info["direction"] == "up").to_numpy()
    moves = np.where(rising, 1, -1)[:, None] * np.array(STEPS) * info[["usual_change"]].to_numpy()
    targets = info[["last"]].to_numpy() + moves
    allowed = (targets >= info[["lower"]].to_numpy()) & (targets <= info[["upper"]].to_numpy())
    allowed &= info[["changed"]].to_numpy(bool)
    row, step, side = np.nonzero(np.isfinite(windows.future)[:, :, None] & allowed[:, None, :])
    up, better, target = rising[row], np.array(STEPS)[side], targets[row, side]
    came = windows.future[row, step]
    asked = _of_windows(windows, row, step).assign(
        direction=np.where(up, "up", "down"),
        aim=np.where(better > 0, "reach", "keep"),
        steps=np.abs(better),
        target=target,
        met=np.where(up, came >= target, came <= target).astype(float),
    )
    asked["climatology"] = _climatology(asked)
    asked["official"] = _official(windows, row, step, target, up, better)
    edges = {"lower": np.where(up, target, -np.inf), "upper": np.where(up, np.inf, target)}
    percent, parts = np.isin(asked["kind"], PERCENTAGES), []
    for name, values in predicted.items():
        given = values[row, step]
        known = np.isfinite(given).all(axis=1)
        chance = chance_met(given[known], target[known], up[known])
        some = {key: edge[known] for key, edge in edges.items()}
        said = bounded(stated(chance, name, percent=percent[known], **some))
        parts.append(asked[known].assign(model=name, probability=said))
        if name == DEFAULT:
            parts.append(asked[known].assign(model=BEFORE, probability=bounded(chance)))
    return conform(pd.concat(parts, ignore_index=True), TARGET_CASES)


def _climatology(asked: pd.DataFrame) -> np.ndarray:
    """Share of such targets that the *other* indicators met, these counting equally."""
    kind = ["aim", "steps", "horizon"]
    own = asked.groupby([*kind, "group"])["met"].mean()
    by_kind = own.groupby(level=kind)
    others = by_kind.transform("size") - 1
    rest = ((by_kind.transform("sum") - own) / others.where(others > 0)).rename("climatology")
    return asked[[*kind, "group"]].join(rest, on=[*kind, "group"])["climatology"].to_numpy()


def _official(windows, row, step, target, up, better) -> np.ndarray:
    """1 where the Open SDG rule says on track: growth of at least 0.95 of that required; else 0."""
    first, last = (windows.info[name].to_numpy()[row] for name in ("first", "last"))
    shown = (windows.info["origin"] - windows.info["first_year"]).to_numpy()[row]
    years = shown + np.array(windows.horizons)[step]
    with np.errstate(invalid="ignore", divide="ignore"):
        required = np.expm1(np.log(target / first) / years)
        growth = np.where((first > 0) & (last > 0), np.log(last / first) / shown, np.nan)
        achieved = np.expm1(growth) * np.where(up, 1, -1)
    asked = (better > 0) & (first > 0) & (target > 0) & np.isfinite(achieved)
    return np.where(asked, achieved >= ON_TRACK * np.abs(required), np.nan)

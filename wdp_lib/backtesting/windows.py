"""Rolling origins: the years of a series from which its later, known years can be forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wdp_lib.core.columns import QUANTILES
from wdp_lib.core.errors import DataError, ParameterError, Problem, Text
from wdp_lib.forecasting.frame import clean_frame, forecast_frame
from wdp_lib.forecasting.models.pooled import usual_change
from wdp_lib.forecasting.models.registry import FEWEST_POINTS, find_model
from wdp_lib.forecasting.panel import build_panel

CHUNK = 10_000
MEDIAN = QUANTILES.index(0.5)
DIRECTIONS = ("up", "down")


@dataclass(frozen=True)
class Windows:
    """Histories that end in an origin, and what came after."""

    history: pd.DataFrame  # for `forecast_frame`; `series_id` is the number of the window, 0, 1, …
    # one row a window: series_id, group, direction, kind, origin, n, first_year, first, last,
    # usual_change, changed (did the history ever change), lower, upper (natural limits)
    info: pd.DataFrame
    future: np.ndarray  # observed values (windows, horizons); NaN where the year has none
    horizons: tuple[int, ...]  # years after the origin

    def __len__(self) -> int:
        return len(self.info)

    def take(self, rows: np.ndarray) -> Windows:
        """Return the windows at rising positions ``rows``, numbered anew."""
        number = np.full(len(self), -1)
        number[rows] = np.arange(len(rows))
        kept = number[self.history["series_id"].to_numpy("int64")]
        history = self.history.assign(series_id=kept)[kept >= 0].reset_index(drop=True)
        return Windows(
            history, self.info.iloc[rows].reset_index(drop=True), self.future[rows], self.horizons
        )


def clean_series(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the usable rows of a table with ``group, direction``, and the series refused.

    Without a ``group`` each series is its own; without a ``direction`` higher (``up``) is better.
    """
    rows, refused = clean_frame(frame)
    one = frame.drop_duplicates("series_id").set_index("series_id")
    for name, default in (("group", one.index.to_series()), ("direction", "up")):
        said = one[name] if name in one.columns else pd.Series(np.nan, one.index, dtype="object")
        rows[name] = rows["series_id"].map(said.where(said.notna(), default))
    unknown = sorted(set(rows["direction"].astype(str)) - set(DIRECTIONS))
    if unknown:
        expected, advice = Text("up 或 down", "up or down"), Text("请改正。", "Correct it.")
        place = ("backtest_frame", None, "direction")
        raise DataError.of(
            "序列表不合要求",
            "The table of series is not as it must be",
            [Problem("bad_direction", *place, name, expected, advice) for name in unknown],
        )
    return rows, refused


def rolling_windows(
    rows: pd.DataFrame,
    *,
    shortest: int,
    longest: int | None,
    horizons: Sequence[int],
    origins: str | Sequence[int],
) -> Windows:
    """Cut every series at each observed year with enough years before it and a known one after.

    Settings as for `backtest_frame`; ``rows`` is the first result of `clean_series`.
    """
    horizons = _settings(shortest, longest, horizons)
    code, names = pd.factorize(rows["series_id"], sort=False)
    if not len(names):
        return _assemble([], rows, np.empty((0, len(horizons))), horizons)
    start, stop = int(rows["year"].min()), int(rows["year"].max())
    grid = np.full((len(names), stop - start + 1 + max(horizons)), np.nan)
    grid[code, rows["year"].to_numpy() - start] = rows["value"].to_numpy()
    counted = np.isfinite(grid).cumsum(axis=1)
    number = rows.groupby("series_id", sort=False).cumcount().to_numpy() + 1
    parts, futures, made = [], [], 0
    for year in _origins(origins, start, stop):
        place = year - start
        later = grid[:, place + np.array(horizons)]
        able = np.isfinite(grid[:, place]) & (counted[:, place] >= shortest)
        able &= np.isfinite(later).any(axis=1)
        window = np.full(len(names), -1)
        window[able] = made + np.arange(able.sum())
        shown = able[code] & (rows["year"].to_numpy() <= year)
        if longest is not None:
            shown &= number > (counted[:, place] - longest)[code]
        parts.append(rows[shown].assign(window=window[code[shown]], origin=year))
        futures.append(later[able])
        made += int(able.sum())
    future = np.concatenate(futures) if futures else np.empty((0, len(horizons)))
    return _assemble(parts, rows, future, horizons)


def _origins(origins: str | Sequence[int], start: int, stop: int) -> list[int]:
    if isinstance(origins, str):
        if origins != "rolling":
            raise ParameterError.of(
                f"origins 须为 rolling 或若干年份，现为 {origins!r}。",
                f"origins must be 'rolling' or years, not {origins!r}.",
            )
        return list(range(start, stop + 1))
    return [year for year in sorted({int(year) for year in origins}) if start <= year <= stop]


def _settings(shortest: int, longest: int | None, horizons: Sequence[int]) -> tuple[int, ...]:
    steps = tuple(sorted({int(h) for h in horizons}))
    if not steps or steps[0] < 1 or steps[-1] > 30:
        raise ParameterError.of(
            f"horizons 须为 1 至 30 的年数，现为 {list(horizons)}。",
            f"horizons must be 1 to 30 years, not {list(horizons)}.",
        )
    if shortest < FEWEST_POINTS or (longest is not None and longest < shortest):
        raise ParameterError.of(
            f"shortest 至少为 {FEWEST_POINTS}，且不大于 longest，现为 {shortest}、{longest}。",
            f"shortest must be at least {FEWEST_POINTS} and no more than longest, "
            f"not {shortest} and {longest}.",
        )
    return steps


def _assemble(
    parts: list[pd.DataFrame], rows: pd.DataFrame, future: np.ndarray, horizons: tuple[int, ...]
) -> Windows:
    history = pd.concat(parts) if parts else rows.iloc[:0].assign(window=0, origin=0)
    history = history.sort_values(["window", "year"], kind="stable", ignore_index=True)
    by_window = history.groupby("window")
    names = ["series_id", "group", "direction", "kind", "origin", "lower", "upper"]
    info = by_window[names].first()
    info["n"] = by_window.size()
    info["first_year"] = by_window["year"].first()
    info["first"], info["last"] = by_window["value"].first(), by_window["value"].last()
    history = history.drop(columns=["series_id", "group", "direction", "origin"])
    history = history.rename(columns={"window": "series_id"})
    panel = build_panel(history)
    limits = {"usual_change": usual_change(panel), "lower": panel.lower, "upper": panel.upper}
    most = np.nanmax(panel.values, axis=1, initial=-np.inf)
    info = info.assign(**limits, changed=most > np.nanmin(panel.values, axis=1, initial=np.inf))
    return Windows(history, info.reset_index(drop=True), future, horizons)


def predict(
    windows: Windows, model: str, *, seed: int, sample: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return a model's quantiles of every window, and of which it says nothing observable."""
    values = np.full((len(windows), len(windows.horizons), len(QUANTILES)), np.nan)
    latent = np.zeros(len(windows), dtype=bool)
    wanted = np.arange(len(windows))
    if find_model(model).fitted and len(windows) > sample:
        wanted = np.sort(np.random.default_rng(seed).choice(len(windows), sample, replace=False))
    for begin in range(0, len(wanted), CHUNK):
        part = wanted[begin : begin + CHUNK]
        rows = windows.history
        if len(part) < len(windows):
            rows = rows[rows["series_id"].isin(part)]
        made = forecast_frame(rows, horizon=max(windows.horizons), model=model, seed=seed)
        made = made[made["value"].notna()]
        shape = (-1, max(windows.horizons), len(QUANTILES))
        which = made["series_id"].to_numpy("int64").reshape(shape)[:, 0, 0]
        steps = np.array(windows.horizons) - 1
        values[which] = made["value"].to_numpy("float64").reshape(shape)[:, steps]
        latent[which] = made["quantity"].to_numpy().reshape(shape)[:, 0, 0] == "underlying_rate"
    return values, latent

"""Rolling origins: every year of a series from which its later years can be forecast and are.

Known by now.
"""

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
    """Histories that end in an origin, and what came after.

    Parameters
    ----------
    history : pandas.DataFrame
        Rows for `forecast_frame`; ``series_id`` is the number of the window, 0, 1, …
    info : pandas.DataFrame
        One row a window: ``series_id, group, direction, kind, origin, n, first_year, first, last``
        (year and value of the first point shown, value of the last), ``usual_change, changed`` (did
        the history ever change), ``lower, upper`` (natural limits).
    future : numpy.ndarray, shape (windows, horizons)
        Observed values; NaN where the year has none.
    horizons : tuple of int
        Years after the origin.
    """

    history: pd.DataFrame
    info: pd.DataFrame
    future: np.ndarray
    horizons: tuple[int, ...]

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
    """Return the usable rows of a table of series with ``group, direction``.

    And series refused with a reason.

    Parameters
    ----------
    frame : pandas.DataFrame
        As for `forecast_frame`; optional ``group`` (series of one indicator share it; its own
        unless given) and ``direction`` (``up``: higher is better, as when not given; ``down``:
        lower is better).
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
        raise DataError(
            Text("序列表不合要求", "The table of series is not as it must be"),
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
    """Cut every series at each of its own observed years that has enough years before it and.

    A known one after it.

    Parameters
    ----------
    rows : pandas.DataFrame
        First result of `clean_series`.
    shortest, longest : int
        Points of a history: at least, and the latest at most (``None``: all).
    horizons : sequence of int
        Years after the origin.
    origins : "rolling" or sequence of int
        Every year, or only these.
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
        able = (
            np.isfinite(grid[:, place])
            & (counted[:, place] >= shortest)
            & np.isfinite(later).any(axis=1)
        )
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
            raise ParameterError(
                Text(
                    f"origins 须为 rolling 或若干年份，现为 {origins!r}。",
                    f"origins must be 'rolling' or years, not {origins!r}.",
                )
            )
        return list(range(start, stop + 1))
    return [year for year in sorted({int(year) for year in origins}) if start <= year <= stop]


def _settings(shortest: int, longest: int | None, horizons: Sequence[int]) -> tuple[int, ...]:
    steps = tuple(sorted({int(h) for h in horizons}))
    if not steps or steps[0] < 1 or steps[-1] > 30:
        raise ParameterError(
            Text(
                f"horizons 须为 1 至 30 的年数，现为 {list(horizons)}。",
                f"horizons must be 1 to 30 years, not {list(horizons)}.",
            )
        )
    if shortest < FEWEST_POINTS or (longest is not None and longest < shortest):
        raise ParameterError(
            Text(
                f"shortest 至少为 {FEWEST_POINTS}，且不大于 longest，现为 {shortest}、{longest}。",
                f"shortest must be at least {FEWEST_POINTS} and no more than longest, "
                f"not {shortest} and {longest}.",
            )
        )
    return steps


def _assemble(
    parts: list[pd.DataFrame], rows: pd.DataFrame, future: np.ndarray, horizons: tuple[int, ...]
) -> Windows:
    history = pd.concat(parts) if parts else rows.iloc[:0].assign(window=0, origin=0)
    history = history.sort_values(["window", "year"], kind="stable", ignore_index=True)
    by_window = history.groupby("window")
    info = by_window[
        ["series_id", "group", "direction", "kind", "origin", "lower", "upper"]
    ].first()
    info["n"] = by_window.size()
    info["first_year"] = by_window["year"].first()
    info["first"], info["last"] = by_window["value"].first(), by_window["value"].last()
    history = history.drop(columns=["series_id", "group", "direction", "origin"]).rename(
        columns={"window": "series_id"}
    )
    if len(info):
        panel = build_panel(history)
        info["usual_change"], info["lower"], info["upper"] = (
            usual_change(panel),
            panel.lower,
            panel.upper,
        )
        info["changed"] = np.nanmax(panel.values, axis=1) > np.nanmin(panel.values, axis=1)
    else:
        info = info.assign(usual_change=np.nan, changed=False)
    return Windows(history, info.reset_index(drop=True), future, horizons)


def predict(
    windows: Windows, model: str, *, seed: int, sample: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the quantiles that a model gives for every window.

    And which windows it says nothing observable of.
    """
    values = np.full((len(windows), len(windows.horizons), len(QUANTILES)), np.nan)
    latent = np.zeros(len(windows), dtype=bool)
    wanted = np.arange(len(windows))
    if find_model(model).fitted and len(windows) > sample:
        wanted = np.sort(np.random.default_rng(seed).choice(len(windows), sample, replace=False))
    for begin in range(0, len(wanted), CHUNK):
        part = wanted[begin : begin + CHUNK]
        made = forecast_frame(
            _rows(windows, part), horizon=max(windows.horizons), model=model, seed=seed
        )
        made = made[made["value"].notna()]
        shape = (-1, max(windows.horizons), len(QUANTILES))
        which = made["series_id"].to_numpy("int64").reshape(shape)[:, 0, 0]
        steps = np.array(windows.horizons) - 1
        values[which] = made["value"].to_numpy("float64").reshape(shape)[:, steps]
        latent[which] = made["quantity"].to_numpy().reshape(shape)[:, 0, 0] == "underlying_rate"
    return values, latent


def _rows(windows: Windows, part: np.ndarray) -> pd.DataFrame:
    if len(part) == len(windows):
        return windows.history
    return windows.history[windows.history["series_id"].isin(part)]


def growth_rate(windows: Windows) -> np.ndarray:
    """Return ``ln(1 + compound annual growth rate)`` from the first point to the last.

    Shape (windows,); NaN if none.
    """
    first, last = windows.info["first"].to_numpy(), windows.info["last"].to_numpy()
    years = (windows.info["origin"] - windows.info["first_year"]).to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((first > 0) & (last > 0), np.log(last / first) / years, np.nan)

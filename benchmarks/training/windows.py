"""Windows of the development series: histories of 3-40 points and up to 15 later years.

Used for training and for the bench only. Areas and indicators are divided together: a window is
in the test fold when its area or its indicator is, and each learning fold leaves out a sixth of
the remaining areas and a sixth of the remaining indicators.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from wdp_lib.forecasting.learned.correction import KINDS
from wdp_lib.forecasting.learned.forecaster import alike, known
from wdp_lib.forecasting.learned.limits import natural_limits
from wdp_lib.forecasting.learned.prior import (
    LONGEST,
    Components,
    Posterior,
    mean_change,
    second_scale,
)

HORIZONS = 15
FOLDS = 6
MOST_PER_SERIES = 120  # windows, on average, before indicators are made to weigh alike
# Indicators that measure the same thing in two ways stay on the same side of every split.
_FAMILIES = {
    "n31807 n31816 u31804": "social assistance",
    "n03920 n03926": "unemployment",
    "n00209 n00206": "full-time",
    "n15428 n15419 n15508 n17528": "year nine",
    "n07549 n07541 n07537 n07402": "police records",
    "n00713 n00914": "employment",
    "n01724 n01984": "education level",
    "n15034 n15031": "teachers",
    "n11800 n11102": "preschool",
    "n00090 n00938": "sickness",
    "n01804 births": "live births",
}


# where series come from; Brazil's two sources and county murders of a textbook are one
_SOURCES = {
    "open-numbers/ddf--gapminder--systema_globalis": "gapminder",
    "open-numbers/ddf--unesco--education": "unesco",
    "open-numbers/ddf--unstats--sdg_indicators": "un_sdg",
    "open-numbers/ddf--kolada--dump": "kolada",
}
SOURCES = (*_SOURCES.values(), "brazil")


def read_series(national: str, subnational: str, *, further: bool = False) -> pd.DataFrame:
    """Observed (not modelled), annual (not rolling) series without the election-step ones.

    `further=True` gives instead the official series whose way of measurement is not stated.
    """
    frames = []
    keep = ["series_id", "country", "area_code", "indicator_code", "unit_kind", "source_repo"]
    for path in (national, subnational):
        frame = pd.read_parquet(path)
        if "overlap_window" in frame:
            frame = frame[frame["overlap_window"] == 1]
        else:
            frame["area_code"] = frame["country"]
        if further:
            frame = frame[
                (frame["modelled"] == "unknown") & (frame["obs_type"] == "official (open-sdg)")
            ]
        else:
            frame = frame[
                (frame["modelled"] == "no") & (frame["obs_type"] != "election roll, 4-yr step")
            ]
        frames.append(frame[[*keep, "year", "value"]].astype(dict.fromkeys(keep, str)))
    out = pd.concat(frames, ignore_index=True).dropna(subset=["value"])
    out["source"] = out.pop("source_repo").map(_SOURCES).fillna("brazil")
    whole = out["country"] == out["area_code"]
    out["area"] = np.where(
        whole,
        out["country"].str.lower(),
        out["country"].str[:3].str.lower() + ":" + out["area_code"],
    )
    out["family"] = out["indicator_code"].map(
        {c: _family(c) for c in out["indicator_code"].unique()}
    )
    return out.sort_values(["series_id", "year"], ignore_index=True)


def _family(code: str) -> str:
    stem = code.split(":")[1]
    for members, family in _FAMILIES.items():
        if stem in members.split():
            return family
    return (
        stem.replace("_gpia", "").removesuffix("_cp").removesuffix("_f").replace("_psrcn", "_psrc")
    )


def _bucket(name: str, buckets: int) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % buckets


def split_series(series: pd.DataFrame, seed: int = 2026) -> pd.DataFrame:
    """One row a series: area_fold and family_fold, -1 = test, else 0..5.

    Areas fall by the hash of their name (15 % test). Families of indicators are dealt out within
    their kind, so that every fold has some of every kind that has enough of them.
    """
    one = series.drop_duplicates("series_id").set_index("series_id")[
        ["area", "family", "indicator_code", "unit_kind", "source"]
    ]
    area = {a: _bucket(f"{seed}{a}", 20) for a in one["area"].unique()}
    one["area_fold"] = [-1 if area[a] < 3 else (area[a] - 3) % FOLDS for a in one["area"]]
    families = one.drop_duplicates("family")[["family", "unit_kind"]]
    families = families.assign(
        rank=[_bucket(f"{seed}{f}", 10**8) for f in families["family"]]
    ).sort_values(["unit_kind", "rank"])
    place = (np.arange(len(families)) + seed) % 7
    fold = dict(zip(families["family"], np.where(place == 0, -1, place - 1), strict=True))
    one["family_fold"] = one["family"].map(fold)
    return one


@dataclass(frozen=True)
class Windows:
    """history (w, 40) aligned at the last observed year, future (w, 15), NaN where unknown."""

    history: np.ndarray
    future: np.ndarray
    # series_id, source, kind, indicator_code, family, area_fold, family_fold, n, weight
    info: pd.DataFrame

    @cached_property
    def kind(self) -> np.ndarray:
        """Kind of each window as a place in `KINDS`."""
        return np.array([KINDS.index(k) for k in self.info["kind"]])

    def posteriors(self, components: Components) -> Iterator[tuple[np.ndarray, Posterior]]:
        """Yield rows and what their histories say of the components, a chunk at a time."""
        low, high = natural_limits(self.history, self.kind)
        second = second_scale(self.history, low, high)
        for rows in alike(self.history, second):
            part = self.history[rows], components, low[rows], high[rows], second[rows[0]]
            yield rows, known(*part)

    def __getitem__(self, rows) -> Windows:
        return Windows(
            self.history[rows], self.future[rows], self.info.loc[rows].reset_index(drop=True)
        )


def bench_windows(
    series: pd.DataFrame, split: pd.DataFrame, length: int, per_series: int = 2
) -> Windows:
    """Runs of `length` consecutive years followed by six observed ones, first and last origin."""

    def cuts(years, _rng):
        dense = set(years)
        ends = [
            t
            for t in years
            if all(t - k in dense for k in range(length))
            and all(t + h in dense for h in range(1, 7))
        ]
        picked = (
            ends
            if len(ends) <= per_series
            else [ends[i] for i in np.linspace(0, len(ends) - 1, per_series).round().astype(int)]
        )
        return [(t - length + 1, t) for t in picked]

    return _collect(series, split, cuts, seed=0)


def learning_windows(series: pd.DataFrame, split: pd.DataFrame, total: int, seed: int) -> Windows:
    """Windows of random length and origin, about `total`, spread over indicators, then series.

    Indicators of few series give up to `MOST_PER_SERIES` overlapping windows of each, so that all
    indicators weigh alike with weights as equal as may be.
    """
    sizes = series.drop_duplicates("series_id").groupby("indicator_code").size()
    code = series.drop_duplicates("series_id").set_index("series_id")["indicator_code"]
    share = np.clip(total / len(sizes) / sizes, None, MOST_PER_SERIES)
    share *= total / (share * sizes).sum()

    def cuts(years, rng, series_id):
        out = []
        for _ in range(rng.poisson(min(share[code[series_id]], 1.4 * MOST_PER_SERIES))):
            n = int(np.clip(round(np.exp(rng.normal(2.15, 0.42))), 3, 30))
            n = min(n, len(years) - 1)
            if n < 3:
                continue
            last = rng.integers(n - 1, len(years) - 1)
            out.append((years[last - n + 1], years[last]))
        return out

    return _collect(series, split, cuts, seed)


def _collect(series, split, cuts, seed) -> Windows:
    rng = np.random.default_rng(seed)
    histories, futures, ids = [], [], []
    for series_id, part in series.groupby("series_id", sort=True):
        years, values = part["year"].to_numpy(), part["value"].to_numpy()
        chosen = (
            cuts(years, rng, series_id)
            if cuts.__code__.co_argcount == 3
            else cuts(list(years), rng)
        )
        for first, last in chosen:
            history, future = np.full(LONGEST, np.nan), np.full(HORIZONS, np.nan)
            past = (years >= max(first, last - LONGEST + 1)) & (years <= last)
            later = (years > last) & (years <= last + HORIZONS)
            history[years[past] - last + LONGEST - 1] = values[past]
            future[years[later] - last - 1] = values[later]
            if np.ptp(values[past]) > 0 and past.sum() >= 3:
                histories.append(history), futures.append(future), ids.append(series_id)
    info = split.loc[ids].reset_index().rename(columns={"unit_kind": "kind"})
    history = np.array(histories)
    info["n"] = (~np.isnan(history)).sum(axis=1)
    info["weight"] = equal_weight(info)
    return Windows(history, np.array(futures), info)


def equal_weight(info: pd.DataFrame) -> np.ndarray:
    """Weights that give every indicator the same total, with mean 1."""
    weight = 1 / info.groupby("indicator_code")["indicator_code"].transform("size")
    return (weight / weight.mean()).to_numpy()


def joined(*parts: Windows) -> Windows:
    """Several sets of windows as one."""
    arrays = [np.concatenate([getattr(p, name) for p in parts]) for name in ("history", "future")]
    return Windows(*arrays, pd.concat([p.info for p in parts], ignore_index=True))


def with_holes(windows: Windows, seed: int) -> Windows:
    """A fifth of the histories lose 10-50 % of their years (never the last, never below three)."""
    rng = np.random.default_rng(seed)
    lost = rng.random(windows.history.shape) < rng.uniform(0.1, 0.5, (len(windows.history), 1))
    lost &= rng.random((len(windows.history), 1)) < 0.2
    lost[:, -1] = False
    history = np.where(lost, np.nan, windows.history)
    history = np.where(((~np.isnan(history)).sum(1) >= 3)[:, None], history, windows.history)
    return Windows(history, windows.future, windows.info.assign(n=(~np.isnan(history)).sum(1)))


def reflected(windows: Windows, seed: int) -> Windows:
    """Half of the percentages as their complement, at half weight.

    A share is as good as its rest.
    """
    rows = np.flatnonzero(windows.info["kind"] == "percent")
    rows = np.sort(np.random.default_rng(seed + 1).permutation(rows)[: len(rows) // 2])
    info = windows.info.loc[rows].reset_index(drop=True)
    return Windows(
        100 - windows.history[rows],
        100 - windows.future[rows],
        info.assign(weight=info["weight"] / 2),
    )


def invented(windows: Windows, seed: int) -> Windows:
    """Series of indicators that do not exist, made of real ones, so that new kinds are no surprise.

    Mixtures of two series of one kind, ratios and products, reflections, powers.
    """
    rng = np.random.default_rng(seed + 2)
    chance = windows.info["weight"].to_numpy() / windows.info["weight"].sum()

    def draw(total):
        return rng.choice(len(chance), total, p=chance)

    kind, code = windows.info["kind"].to_numpy(), windows.info["indicator_code"].to_numpy()
    past, later = windows.history, windows.future
    made = []
    i, j = draw(48_000), draw(48_000)
    i, j = (x[(kind[i] == kind[j]) & (code[i] != code[j])][:15_000] for x in (i, j))
    share = rng.uniform(0.2, 0.8, (len(i), 1))
    percent = (kind[i] == "percent")[:, None]
    a = share / np.where(percent, 1, mean_change(past[i])[:, None])
    b = (1 - share) / np.where(percent, 1, mean_change(past[j])[:, None])
    made.append((a * past[i] + b * past[j], a * later[i] + b * later[j], kind[i]))

    i, j = draw(9_000), draw(9_000)
    i, j = (x[(np.nanmin(past[i], 1) > 0) & (np.nanmin(past[j], 1) > 0)] for x in (i, j))
    power = rng.choice([-1, 1], (len(i), 1)) * rng.uniform(0.5, 1, (len(i), 1))
    middle = np.nanmean(past[j], 1)[:, None]
    divisor = np.where(later[j] > 0, later[j], np.nan)
    other = [past[i] * (past[j] / middle) ** power, later[i] * (divisor / middle) ** power]
    made.append((*other, rng.choice(["ratio", "rate"], len(i))))

    i = draw(8_000)
    made.append((-past[i], -later[i], np.full(len(i), "unknown")))

    i = draw(9_000)
    i = i[(np.nanmin(past[i], 1) > 0) & ~(later[i] <= 0).any(1)]
    power, middle = np.exp(rng.uniform(-1, 1, (len(i), 1))), np.nanmean(past[i], 1)[:, None]
    powers = [(part[i] / middle) ** power for part in (past, later)]
    made.append((*powers, np.full(len(i), "ratio")))
    return _made(made)


def _made(parts) -> Windows:
    """Windows that a forecaster can take, at half the weight of real ones."""
    history, future, kind = (np.concatenate(part) for part in zip(*parts, strict=True))
    usable = (~np.isnan(history)).sum(1) >= 3
    usable &= np.isfinite(future).any(1) & np.isfinite(history[:, -1])
    usable &= np.fmax.reduce(history, axis=1) > np.fmin.reduce(history, axis=1)
    # a ratio with a divisor near nothing would move a hundred usual changes in six years
    far = np.fmax.reduce(np.abs(future[:, :6] - history[:, -1:]), axis=1)
    usable &= far < 100 * mean_change(history)
    info = pd.DataFrame({"kind": kind[usable], "weight": 0.5})
    return Windows(history[usable], future[usable], info)


def borrowed(national: str, subnational: str, seed: int) -> Windows:
    """Windows of further official series: for learning only, none from a test area."""
    series = read_series(national, subnational, further=True)
    split = split_series(series).assign(family_fold=FOLDS)  # every network may see them
    windows = learning_windows(series, split, 30_000, seed + 3)
    return windows[(windows.info["area_fold"] >= 0).to_numpy()]


def adoption(total: int, seed: int) -> Windows:
    """Simulated spread of something new, from its first users to saturation (or its reverse).

    S-curves of every pace, ceiling and skewness; shocks in proportion to the current speed, a
    little noise, rounding. Real series of such kinds are few, but plans are full of them.
    """
    rng = np.random.default_rng(seed + 4)
    time = np.arange(1 - LONGEST, HORIZONS + 1)[None]

    def draw(low, high):
        return rng.uniform(low, high, (total, 1))

    top = np.where(draw(0, 1) < 0.6, draw(60, 100), draw(5, 60))
    low = np.where(draw(0, 1) < 0.5, 0, draw(0, 0.4) * top)
    pace, skew = np.exp(draw(np.log(0.08), np.log(0.9))), np.exp(draw(-0.7, 0.7))
    curve = low + (top - low) / (1 + np.exp(-pace * (time - draw(-20, 14)))) ** skew
    shaken = np.exp(draw(np.log(0.03), np.log(1.5)))
    walk = np.cumsum(
        rng.standard_normal(curve.shape) * np.abs(np.gradient(curve, axis=1)) * shaken, axis=1
    )
    speed = np.abs(np.diff(curve, axis=1)).mean(axis=1, keepdims=True)
    noise = rng.standard_normal(curve.shape) * speed * shaken * draw(0, 0.5)
    digits = 10.0 ** rng.integers(1, 4, (total, 1))
    value = (
        np.round(np.clip(curve + walk - walk[:, LONGEST - 1 : LONGEST] + noise, 0, 100) * digits)
        / digits
    )
    value = np.where(draw(0, 1) < 0.3, 100 - value, value)
    points = np.clip(np.round(np.exp(rng.normal(2.15, 0.42, (total, 1)))), 3, 30)
    history = np.where(np.arange(LONGEST)[None] < LONGEST - points, np.nan, value[:, :LONGEST])
    kind = np.where(draw(0, 1)[:, 0] < 0.8, "percent", "unknown")
    return _made([(history, value[:, LONGEST:], kind)])


def test_rows(windows: Windows) -> np.ndarray:
    """True for windows of the test fold: an area or an indicator that no fit ever saw."""
    return (windows.info["area_fold"].eq(-1) | windows.info["family_fold"].eq(-1)).to_numpy()

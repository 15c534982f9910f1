"""From true levels to counted numbers, part by part, and to the cells of the returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

import numpy as np
import pandas as pd

from wdp_lib.simulate.specification import YEARS, Denominator, Series

_FULL = 0.9995  # from here on a coverage is truly complete: a logit alone would never reach it
_RATIOS = ("binomial", "poisson", "stock", "mean")
_CELL_NUMBERS = ["numerator", "denominator", "value", "true_level", "linked_level"]


@dataclass(frozen=True)
class Parts:
    """A count in its smallest parts."""

    table: pd.DataFrame  # area, sex, residence of each part; "" where the count is not split
    counts: np.ndarray  # (parts, years)


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return random numbers of one series alone, which no other series can shift."""
    return np.random.default_rng([seed, crc32("|".join(names).encode())])


def count_parts(denominator: Denominator, towns: pd.DataFrame, county: str, seed: int) -> Parts:
    """Return the counts of a denominator in each part and year.

    A flow is at least 1 in each part, so that no rate is without a denominator.
    """
    rows = list(_shares(denominator, towns, county))
    table = pd.DataFrame([row[:3] for row in rows], columns=["area", "sex", "residence"])
    expected = np.array([row[3] for row in rows])[:, None] * denominator.sizes
    if denominator.kind == "stock":
        return Parts(table, np.rint(expected).astype("int64"))
    drawn = [
        stream(seed, "denominator", denominator.id, *part).poisson(mean)
        for part, mean in zip(table.itertuples(index=False), expected, strict=True)
    ]
    return Parts(table, np.maximum(np.array(drawn), 1))


def _shares(
    denominator: Denominator, towns: pd.DataFrame, county: str
) -> Iterator[tuple[str, str, str, float]]:
    sexes = {"": 1.0}
    if denominator.female_share is not None:
        sexes = {"female": denominator.female_share, "male": 1 - denominator.female_share}
    for area, residence, share in _places(denominator, towns, county):
        for sex, part in sexes.items():
            yield area, sex, residence, share * part


def _places(
    denominator: Denominator, towns: pd.DataFrame, county: str
) -> Iterator[tuple[str, str, float]]:
    settlements = towns["villages"] + towns["communities"]
    weights = {
        "people": towns["people_share"],
        "settlements": settlements,
        "towns": towns["people_share"] ** 0,
    }
    weight = weights.get(denominator.spread, towns.get(denominator.spread))
    urban = (
        towns["communities"] / settlements
        if denominator.spread == "settlements"
        else towns["urban_share"]
    )
    if denominator.spread == "county":
        urban = pd.Series({county: np.average(urban, weights=towns["people_share"])})
        weight = pd.Series({county: 1.0})
    for area, share in (weight / weight.sum()).items():
        if denominator.residence == "own":
            yield area, "", share
        else:
            yield area, "urban", share * urban[area]
            yield area, "rural", share * (1 - urban[area])


@dataclass(frozen=True)
class Drawn:
    """One indicator in its smallest parts, each array of shape (parts, years)."""

    table: pd.DataFrame  # area, sex, residence of each part
    truth: np.ndarray  # level per unit of the denominator; for counts the expected number
    linked: np.ndarray  # the same under the last definition in all years
    numerators: np.ndarray  # for series without counts the value
    denominators: np.ndarray  # for series without counts ones


def path_share(path: str) -> np.ndarray:
    """Return how much of the way from the first to the last level is done in each year, 0-1."""
    name, _, year = path.partition(":")[0].partition("_")
    t = (YEARS - YEARS[0]) / (YEARS[-1] - YEARS[0])
    if name == "early":
        return (1 - np.exp(-3 * t)) / (1 - np.exp(-3))
    if name == "step":
        return np.where(int(year) > YEARS, 0.15 * t, 0.75 + 0.25 * t)
    if name == "turn":
        turn = (int(year) - YEARS[0]) / (YEARS[-1] - YEARS[0])
        return np.where(t <= turn, t / turn, 1 - 0.8 * (t - turn) / (1 - turn))
    return t


def fixed_values(path: str) -> np.ndarray:
    """Return the value of each year from ``2015:0;2019:1``: each value holds until the next."""
    steps = pd.Series(dict(pair.split(":") for pair in path.split(";"))).astype("float64")
    return steps.set_axis(steps.index.astype(int)).reindex(YEARS, method="ffill").to_numpy()


class Wander(NamedTuple):
    """How the true level leaves its planned path, in planned yearly changes on the link scale."""

    persist: float  # share of last year's departure from the planned pace that stays
    turn: float  # standard deviation of what is new in it each year
    jump: float  # standard deviation of the lasting jump of a year
    least: float  # yearly change counted where less, or none, is planned
    most: float = np.inf  # yearly change counted where more is planned
    own: float = 1.0  # a county's planned change is so much, at most, of the plan's more or less

    def added(self, planned: float, rng: np.random.Generator) -> np.ndarray:
        """Return what is added to a path over all `YEARS`; nothing in the first of them."""
        unit, count = np.clip(abs(planned), self.least, self.most), len(YEARS)
        pace = np.zeros(count)
        new, jumps = rng.standard_normal((2, count))
        pace[0] = self.turn * new[0] / np.sqrt(1 - self.persist**2)
        for year in range(1, count):
            pace[year] = self.persist * pace[year - 1] + self.turn * new[year]
        walk = np.cumsum(pace + self.jump * jumps) * unit
        own = rng.uniform(-self.own, self.own) * planned * np.arange(count)
        return walk - walk[0] + own


# so that trial counties have the moments of real series (`benchmarks/dynamics.py`, decision 084)
WANDER = {"percent": Wander(0.7, 1.0, 1.0, 0.01), "other": Wander(0.7, 0.5, 4.0, 0.01, 0.06)}


def draw(
    series: Series,
    counts: Parts | None,
    towns: pd.DataFrame,
    county: str,
    seed: int,
    wander: Wander | None = None,
) -> Drawn:
    """Return the numbers of one indicator in its smallest parts.

    Its true level keeps to the planned path unless it is said how it wanders.
    """
    table, sizes = _parts(series, counts, county)
    if series.family == "denominator":
        mean = np.broadcast_to(
            np.interp(YEARS, [2015, 2030], [series.level_2015, series.level_2030]), sizes.shape
        )
        return Drawn(table, mean, mean, sizes, np.ones_like(sizes))
    if series.family == "fixed":
        values = fixed_values(series.path)[None, :]
        return Drawn(table, values, values, values, np.ones_like(values))
    first, last = _link(series, series.level_2015), _link(series, series.level_2030)
    middle = first + (last - first) * path_share(series.path)
    if wander:
        planned = (last - first) / (len(YEARS) - 1)
        middle = middle + wander.added(planned, stream(seed, series.indicator.id, "wander"))
    shift = np.zeros(len(YEARS))
    if series.path.startswith("break"):
        year, size = series.path.removeprefix("break_").split(":")
        shift = np.where(int(year) <= YEARS, float(size), 0.0)
    effects = _effects(series, table, towns, seed)[:, None]
    shock = series.shock * stream(seed, series.indicator.id, "shock").standard_normal(len(YEARS))
    scale = _scale(series, table, sizes)
    truth, linked, now = (
        _level(series, z) * scale
        for z in (middle + effects + s for s in (shift, shift[-1], shift + shock))
    )
    numerators = np.array(
        [
            _numbers(series, stream(seed, series.indicator.id, *part), now[k], sizes[k])
            for k, part in enumerate(table.itertuples(index=False, name=None))
        ]
    )
    denominators = sizes if series.family in _RATIOS else np.ones_like(sizes)
    return Drawn(table, truth, linked, numerators, denominators)


def _parts(series: Series, counts: Parts | None, county: str) -> tuple[pd.DataFrame, np.ndarray]:
    own = series.indicator
    if counts is None:
        residences = (
            ["all", "urban", "rural"] if "residence" in own.disaggregations else [own.residence]
        )
        table = pd.DataFrame({"area": county, "sex": own.sex, "residence": residences})
        return table, np.ones((len(table), len(YEARS)), dtype="int64")
    columns = {name: counts.table[name].to_numpy(object) for name in counts.table}
    for name, word in (("sex", own.sex), ("residence", own.residence)):
        columns[name] = np.where(columns[name] == "", word, columns[name])
    return pd.DataFrame(columns), counts.counts


def _link(series: Series, level: float) -> float:
    if series.link == "plain":
        return level
    if series.link == "log":
        return float(np.log(level))
    share = min(level / 100, 0.9999)
    return float(np.log(share / (1 - share)))


def _level(series: Series, z: np.ndarray) -> np.ndarray:
    if series.link == "plain":
        return z
    if series.link == "log":
        per = series.indicator.multiplier or 1.0
        return np.exp(z) / per
    share = 1 / (1 + np.exp(-z))
    return np.where(share >= _FULL, 1.0, share)


def _effects(series: Series, table: pd.DataFrame, towns: pd.DataFrame, seed: int) -> np.ndarray:
    sex, residence, area = (table[name].to_numpy(object) for name in ("sex", "residence", "area"))
    effect = np.where(sex == "male", series.male_effect, 0.0)
    split = series.rural_effect if len(set(residence)) > 1 else 0.0
    effect += np.select([residence == "rural", residence == "urban"], [0.5, -0.5], 0) * split
    scores = {
        name: score + 0.4 * stream(seed, series.indicator.id, name, "town").standard_normal()
        for name, score in towns["score"].items()
    }
    return effect + series.town_effect * np.array([scores.get(name, 0.0) for name in area])


def _scale(series: Series, table: pd.DataFrame, sizes: np.ndarray) -> np.ndarray:
    """Return the share of each part in the indicator's own stratum for counts, else ones."""
    if series.family != "count":
        return np.ones(sizes.shape)
    own = _members(table, series.indicator.sex, series.indicator.residence)
    return sizes / sizes[own].sum(axis=0)


def _numbers(
    series: Series, rng: np.random.Generator, level: np.ndarray, sizes: np.ndarray
) -> np.ndarray:
    if series.family == "binomial":
        return rng.binomial(sizes, level)
    if series.family == "poisson":
        return rng.poisson(level * sizes)
    if series.family == "count":
        return rng.poisson(level)
    if series.family == "value":
        return level
    if series.family == "mean":
        return np.rint(level * sizes * np.exp(0.01 * rng.standard_normal(len(sizes)))).astype(
            "int64"
        )
    # a stock moves little by chance: rounded up or down so that it is right on average
    whole = np.floor(level * sizes + rng.random(len(sizes))).astype("int64")
    return np.minimum(whole, sizes) if series.link == "logit" else whole


def _members(table: pd.DataFrame, sex: str, residence: str, area: str = "") -> np.ndarray:
    chosen = np.ones(len(table), dtype=bool)
    for column, wanted in (("sex", sex), ("residence", residence)):
        chosen &= (wanted == "all") | (table[column].to_numpy(object) == wanted)
    return chosen & (table["area"].to_numpy(object) == area) if area else chosen


def strata(
    series: Series, drawn: Drawn, towns: pd.DataFrame, county: str
) -> Iterator[tuple[str, str, str]]:
    """Yield area, sex and residence of each row a year of the returns holds, in their order."""
    own = series.indicator
    by_sex = (
        ["all", "female", "male"]
        if own.sex_scope == "both_by_sex" and drawn.table["sex"].nunique() > 1
        else []
    )
    by_residence = (
        ["urban", "rural"] if "residence" in own.disaggregations and own.residence == "all" else []
    )
    yield from ((county, sex, own.residence) for sex in by_sex or [own.sex])
    if drawn.table["residence"].nunique() > 1:
        yield from ((county, own.sex, residence) for residence in by_residence)
    if series.townships:
        yield from (
            (town, sex, own.residence) for town in towns.index for sex in by_sex or [own.sex]
        )


def cells(
    series: Series, drawn: Drawn, county: str, chosen: Iterable[tuple[str, str, str]]
) -> list[dict[str, str | np.ndarray]]:
    """Return the numbers of one indicator in the strata chosen, all years of the simulation."""
    fixed = {"indicator": series.indicator.id, "age_group": series.indicator.age_group}
    return [
        fixed | _cell(series, drawn, area, sex, residence, county)
        for area, sex, residence in chosen
    ]


def table_of(cells: list[dict[str, str | np.ndarray]]) -> pd.DataFrame:
    """Return one row for each cell and year."""
    texts = ("indicator", "area", "sex", "age_group", "residence")
    columns = {
        name: np.repeat(np.array([cell[name] for cell in cells], object), len(YEARS))
        for name in texts
    }
    columns["year"] = np.tile(YEARS, len(cells))
    return pd.DataFrame(
        columns | {name: np.concatenate([cell[name] for cell in cells]) for name in _CELL_NUMBERS}
    )


def _cell(
    series: Series, drawn: Drawn, area: str, sex: str, residence: str, county: str
) -> dict[str, str | np.ndarray]:
    if series.family == "value":
        chosen = (drawn.table["residence"] == residence).to_numpy()
    else:
        chosen = _members(drawn.table, sex, residence, "" if area == county else area)
    n, d = drawn.numerators[chosen].sum(axis=0), drawn.denominators[chosen].sum(axis=0)
    ratio = series.family in _RATIOS
    per = (series.indicator.multiplier or 1.0) if ratio else 1.0
    weights = drawn.denominators[chosen]
    total = weights.sum(axis=0) if ratio else 1.0
    none = np.full(len(YEARS), np.nan)
    return {
        "area": area,
        "sex": sex,
        "residence": residence,
        "numerator": n if ratio or series.family in ("count", "denominator") else none,
        "denominator": d if ratio else none,
        "value": n / d * per if ratio else n,
        "true_level": (drawn.truth[chosen] * weights).sum(axis=0) / total * per,
        "linked_level": (drawn.linked[chosen] * weights).sum(axis=0) / total * per,
    }

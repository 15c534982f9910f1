"""The people and things that are counted, split into towns, sexes and urban or rural."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import pandas as pd

from wdp_lib.simulate.specification import Denominator


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

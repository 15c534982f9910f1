"""Whether simulated series move as real ones do: the moments by which trial counties wander.

``python -m benchmarks.dynamics --data NATIONAL SUBNATIONAL`` takes the last 16 years without a gap,
up to 2019, of every real series and the 16 years of the simulated county's yearly figures, with paths
straight as planned and wandering (`wdp_lib.simulate.draws.WANDER`), and prints for both, indicators
counting equally: how often a move of five years goes on in the next five (any; one of at least half
the usual change a year) and how much of it, the autocorrelation of yearly changes, what a straight
line explains, and how direct the way is (distance between ends over the sum of changes).
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

import wdp_lib as wdp
from benchmarks.training.windows import read_series
from wdp_lib.simulate.draws import WANDER, cells, count_parts, draw
from wdp_lib.simulate.specification import read_specification

YEARS, LAST, COUNTIES, STRONG = 16, 2019, 20, 2.5
NEAR = (1.0, 97.0)  # percentages beyond, after ten years, have no room to move
SORTS = ("percentages with room", "other")


def main() -> None:
    """Print the table of moments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs=2, metavar="PARQUET", required=True)
    windows = {
        "real": real(read_series(*parser.parse_args().data)),
        "simulated, straight": simulated(None),
        "simulated, wandering": simulated(WANDER),
    }
    rows = {
        (sort, name): moments(values[chosen], indicator[chosen])
        for name, (values, indicator, percent) in windows.items()
        for sort, chosen in zip(SORTS, _sorts(values, percent), strict=True)
    }
    print(pd.DataFrame(rows).T.sort_index(kind="stable").round(2).to_string())


def _sorts(values: np.ndarray, percent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    middle = values[:, 10]
    return percent & (middle >= NEAR[0]) & (middle <= NEAR[1]), ~percent


def real(series: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values (series, 16), indicator, and whether it is a percentage."""
    found = []
    for _, one in series[series["year"] <= LAST].groupby("series_id"):
        year, value = one["year"].to_numpy(), one["value"].to_numpy()
        ends = np.flatnonzero(year[YEARS - 1 :] - year[: 1 - YEARS] == YEARS - 1)
        if len(ends):
            own = one.iloc[0]
            window = value[ends[-1] : ends[-1] + YEARS]
            found.append((window, own["indicator_code"], own["unit_kind"] == "percent"))
    return tuple(np.array(part) for part in zip(*found, strict=True))


def simulated(wander: dict | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the same of the yearly figures of trial counties, rare events left out."""
    plan = wdp.load_plan("ruyuan-2021-2030")
    specification = read_specification(plan)
    towns, found = specification.towns, []
    for seed in range(COUNTIES):
        counts = {
            id: count_parts(d, towns, plan.area, seed)
            for id, d in specification.denominators.items()
        }
        for series in specification.series:
            one = series.indicator
            odd = one.data_kind == "rare_rate" or series.family in ("fixed", "denominator")
            if odd or series.years != "annual" or not one.target.line_from:
                continue
            percent = one.unit == "percent"
            own = wander and wander["percent" if percent else "other"]
            drawn = draw(series, counts.get(series.denominator), towns, plan.area, seed, own)
            [made] = cells(series, drawn, plan.area, [(plan.area, one.sex, one.residence)])
            found.append((made["value"].round(2), one.id, percent))
    return tuple(np.array(part) for part in zip(*found, strict=True))


def moments(values: np.ndarray, indicator: np.ndarray) -> dict[str, float]:
    """Return the moments of series (n, 16) in their usual yearly change, indicators equal."""
    usual = np.abs(np.diff(values, axis=1)).mean(axis=1)
    values, indicator = values[usual > 0] / usual[usual > 0, None], indicator[usual > 0]
    weight = 1 / pd.Series(indicator).groupby(indicator).transform("size").to_numpy()
    change = np.diff(values, axis=1)
    fives = values[:, [5, 10, 15]] - values[:, [0, 5, 10]]
    past, later = fives[:, :2].T.ravel(), fives[:, 1:].T.ravel()
    twice, on = np.tile(weight, 2), np.sign(past) * later
    moved, strong = np.abs(past) > 1e-9, np.abs(past) > STRONG
    away = change - change.mean(axis=1, keepdims=True)
    echo = (away[:, 1:] * away[:, :-1]).sum(1) / np.maximum((away**2).sum(1), 1e-12)
    time = np.arange(YEARS) - (YEARS - 1) / 2
    line = (values @ time) ** 2 / (time @ time)
    spread = ((values - values.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    direct = np.abs(values[:, -1] - values[:, 0]) / np.abs(change).sum(axis=1)
    return {
        "series": len(values),
        "indicators": len(set(indicator)),
        "goes on": np.average(on[moved] > 0, weights=twice[moved]),
        "strong goes on": np.average(on[strong] > 0, weights=twice[strong]),
        "of strong": (twice * on)[strong].sum() / (twice * np.abs(past))[strong].sum(),
        "autocorrelation": np.average(echo * 15 / 14, weights=weight),
        "line explains": np.average(line / np.maximum(spread, 1e-12), weights=weight),
        "direct": np.average(direct, weights=weight),
    }


if __name__ == "__main__":
    main()

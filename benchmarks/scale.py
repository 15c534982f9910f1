"""Forecasts and the full assessment of all counties of a country on this machine, in pieces.

``python benchmarks/scale.py [--counties 60 120] [--indicators 100] [--processes 2]`` prints a table
and the seconds that the country would take. Values are those of the example county, moved a little
for each county.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pandas as pd

import wdp_lib as wdp

PLAN, DATASET, AS_OF, THROUGH = "ruyuan-2021-2030", "ruyuan-demo", "2026-06-30", 2030
COUNTRY, AT_A_TIME = 2850, 20


def main() -> None:
    """Assess so many counties, print seconds and memory, and what that means for the country."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", nargs="+", type=int, default=[60, 120])
    parser.add_argument("--indicators", type=int, default=100)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    print("| counties | risks | seconds | counties a second | peak memory of a process (GB) |")
    print("| --- | --- | --- | --- | --- |")
    with ProcessPoolExecutor(options.processes) as pool:
        assess = partial(assess_piece, indicators=options.indicators)
        list(pool.map(assess, [range(1)] * options.processes))  # warmed up
        for count in options.counties:
            begun = time.perf_counter()
            found = list(pool.map(assess, pieces(count)))
            taken = time.perf_counter() - begun
            risks, peak = sum(rows for rows, _ in found), max(peak for _, peak in found)
            print(f"| {count} | {risks} | {taken:.1f} | {count / taken:.1f} | {peak:.2f} |")
    print(f"\n{COUNTRY} counties: about {COUNTRY * taken / count / 60:.1f} minutes")


def pieces(count: int) -> Iterator[range]:
    """Yield the numbers of some counties at a time."""
    for start in range(0, count, AT_A_TIME):
        yield range(start, min(start + AT_A_TIME, count))


def assess_piece(counties: range, indicators: int) -> tuple[int, float]:
    """Return the number of risks and the peak memory (GB) after assessing some counties."""
    whole, rows = example()
    names = {i.id for i in whole.indicators[:indicators]}
    names |= {i.target.reference for i in whole.indicators[:indicators]}
    plan = replace(whole, indicators=tuple(i for i in whole.indicators if i.id in names))
    observations = simulated(rows[rows["indicator"].isin(names)], counties)
    areas = [f"county-{number}" for number in counties]
    risks = wdp.assess_many(observations, plan, areas, as_of=AS_OF, through=THROUGH)
    return len(risks), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


@cache
def example() -> tuple[wdp.Plan, pd.DataFrame]:
    """Return the plan and the used rows of its area."""
    plan = wdp.load_plan(PLAN)
    rows = wdp.load_observations(DATASET, plan, as_of=AS_OF)
    return plan, rows[rows["used"] & (rows["area"] == plan.area)]


def simulated(rows: pd.DataFrame, counties: range) -> pd.DataFrame:
    """Return the example county's rows for each county, values moved by about one per cent."""
    parts = []
    for number in counties:
        noise = np.random.default_rng([20260630, number]).normal(1.0, 0.01, len(rows))
        parts.append(rows.assign(area=f"county-{number}", value=(rows["value"] * noise).round(2)))
    return pd.concat(parts, ignore_index=True)


if __name__ == "__main__":
    main()

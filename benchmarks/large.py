"""Seconds and memory of checking a million observations, and cells with thousands of values.

``python benchmarks/large.py [--areas 500] [--years 12]`` makes the data (176 indicators of the
example plan, so 1,056,000 rows), runs ``wdp check`` on each case in a process of its own, and
prints processor seconds and peak memory. Aims: 30 s and 1 GiB for the million.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

import wdp_lib as wdp

PLAN, LAST_YEAR = "ruyuan-2021-2030", 2025


def main() -> None:
    """Print a line for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, default=500)
    parser.add_argument("--years", type=int, default=12)
    parser.add_argument("--only", nargs="*", default=list(CASES), choices=list(CASES))
    options = parser.parse_args()
    print("| case | rows | processor seconds | peak memory (MiB) | printed (kB) | last line |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as work:
        for name in options.only:
            folder = Path(work) / name
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:  # this one stays small
                pool.submit(write, folder, name, options.areas, options.years).result()
            print(f"| {name} |", *measured(folder), sep=" ", flush=True)


def million(areas: int, years: int) -> pd.DataFrame:
    """Return a value of every indicator, area and year that no rule minds."""
    plan, draw = wdp.load_plan(PLAN), np.random.default_rng(20260630)
    parts = []
    for one in plan.indicators:
        low = 0.0 if np.isinf(one.lower_bound) else one.lower_bound
        high = low + 1000.0 if np.isinf(one.upper_bound) else one.upper_bound
        level = draw.uniform(0.4, 0.6, (areas, 1))
        share = level + draw.normal(0, 0.002, (areas, years)).cumsum(axis=1)
        value = np.round(low + (high - low) * share, 0 if one.data_kind == "count" else 2)
        part = _cells(areas, years).assign(indicator=one.id, value=value.ravel(), unit=one.unit)
        if one.multiplier and one.data_kind not in ("gap", "index", "count", "mean"):
            whole = draw.integers(20_000, 90_000, areas * years)
            part = part.assign(
                numerator=np.round(value.ravel() / one.multiplier * whole), denominator=whole
            )
            part["value"] = np.round(part["numerator"] / whole * one.multiplier, 4)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def faulty(areas: int, years: int) -> pd.DataFrame:
    """Return a fifth of them, of which every value is impossible."""
    rows = million(max(areas // 5, 1), years)
    return rows.assign(value="-1e9", numerator="", denominator="")


def conflicting(areas: int, years: int) -> pd.DataFrame:
    """Return 5,000 different values of one cell."""
    return _one_cell([f"{value:.2f}" for value in np.linspace(10, 60, 5_000)])


def agreeing(areas: int, years: int) -> pd.DataFrame:
    """Return one value of one cell from 20,000 sources."""
    return _one_cell(["50.0"] * 20_000)


CASES: dict[str, Callable[[int, int], pd.DataFrame]] = {
    "million": million,
    "faulty": faulty,
    "conflicting": conflicting,
    "agreeing": agreeing,
}


def _cells(areas: int, years: int) -> pd.DataFrame:
    year = np.tile(np.arange(LAST_YEAR - years + 1, LAST_YEAR + 1), areas)
    return pd.DataFrame(
        {"area": np.repeat([f"part-{n}" for n in range(areas)], years), "year": year}
    )


def _one_cell(values: list[str]) -> pd.DataFrame:
    one = next(i for i in wdp.load_plan(PLAN).indicators if i.unit == "percent")
    sources = [f"source {n}" for n in range(len(values))]
    cell = {"area": "part-0", "year": LAST_YEAR, "indicator": one.id, "unit": one.unit}
    return pd.DataFrame({"value": values, "source": sources}).assign(**cell)


def write(folder: Path, case: str, areas: int, years: int) -> None:
    """Write the data set of a case, of one return."""
    folder.mkdir()
    rows = CASES[case](areas, years)
    day = (rows["year"] + 1).astype(str) + "-03-01"
    rows = pd.DataFrame({"source": "report"}, index=rows.index).assign(**rows)
    rows.assign(status="final", as_of=day).to_csv(folder / "return.csv", index=False)
    listed = pd.DataFrame({"area": [f"part-{n}" for n in range(areas)]})
    listed = listed.assign(name_zh=listed["area"], name_en="", level="county", parent="")
    listed.to_csv(folder / "areas.csv", index=False)
    head = "id: large\ntitle: large\nkind: simulated\nmark: simulated\nfiles: [return.csv]\n"
    (folder / "dataset.yaml").write_text(head, encoding="utf-8")


def measured(folder: Path) -> list[str]:
    """Return rows, processor seconds, peak memory, size of the output and its last line."""
    command = [sys.executable, "-m", "wdp_lib.cli", "check", "--plan", PLAN, "--data", str(folder)]
    environment = {**os.environ, "WDP_LANGUAGE": "en"}
    with (folder / "told.txt").open("w+") as told:
        started = subprocess.Popen(command, stdout=told, stderr=told, env=environment)
        _, _, used = os.wait4(started.pid, 0)
        told.seek(0)
        out = told.read()
    with (folder / "return.csv").open("rb") as stream:
        rows = sum(1 for _ in stream) - 1
    seconds, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    numbers = [f"{rows:,}", f"{seconds:.1f}", f"{memory:.0f}", f"{len(out) / 1e3:.1f}"]
    return [" | ".join([*numbers, (out.splitlines() or [""])[-1]]), "|"]


if __name__ == "__main__":
    main()

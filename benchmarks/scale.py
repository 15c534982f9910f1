"""A province and a country: forecasts and risk tables of all counties on one machine, and the growth with their number.

``python benchmarks/scale.py [--counties 120 500 2850] [--indicators 100]`` prints a table; the series are simulated.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import wdp_lib as wdp

YEARS, TARGET_YEAR, AT_A_TIME = np.arange(2014, 2024), 2030, 200


def main() -> None:
    """Time each number of counties in a process of its own and print the table."""
    options = _arguments()
    if options.one:
        seconds, peak, size = measure(options.one, options.indicators)
        print(seconds, peak, size)
        return
    print(
        "| counties | series | seconds | counties a second | peak memory (GB) | kB a county on disk |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for count in options.counties:
        command = [
            sys.executable,
            __file__,
            "--one",
            str(count),
            "--indicators",
            str(options.indicators),
        ]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        seconds, peak, size = map(float, said.split())
        rate = count / seconds
        print(
            f"| {count} | {count * options.indicators} | {seconds:.1f} | {rate:.1f} | {peak:.2f} | {size:.0f} |"
        )


def measure(counties: int, indicators: int) -> tuple[float, float, float]:
    """Return seconds, peak memory (GB) and disk a county (kB) of forecasting and assessing so many counties."""
    taken, written = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        for begin in range(0, counties, AT_A_TIME):
            frame, targets = simulated(range(begin, min(begin + AT_A_TIME, counties)), indicators)
            began = time.perf_counter()
            forecasts = wdp.forecast_frame(frame, horizon=TARGET_YEAR - YEARS[-1])
            risks = wdp.screen(frame, targets)
            path = Path(folder) / f"risks-{begin}.csv"
            risks.to_csv(path, index=False)
            taken += time.perf_counter() - began
            written += path.stat().st_size
            assert len(forecasts) == len(targets) * 7 * (TARGET_YEAR - YEARS[-1]) and len(
                risks
            ) == len(targets)
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, written / counties / 1e3


def simulated(counties: range, indicators: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return series and targets of some counties; one county's series do not depend on which others there are."""
    walks = np.stack([_walks(county, indicators) for county in counties])
    names = np.array(
        [f"c{county:04d}-i{number:03d}" for county in counties for number in range(indicators)]
    )
    values = walks.reshape(len(names), len(YEARS))
    frame = pd.DataFrame(
        {
            "series_id": np.repeat(names, len(YEARS)),
            "year": np.tile(YEARS, len(names)),
            "value": values.ravel(),
            "kind": "percent",
        }
    )
    lines = np.round(values[:, -1] + 3, 1).clip(0, 100)
    return frame, pd.DataFrame(
        {"series_id": names, "operator": ">=", "value": lines, "year": TARGET_YEAR}
    )


def _walks(county: int, indicators: int) -> np.ndarray:
    steps = np.random.default_rng([20260630, county]).normal(0.3, 1.0, (indicators, len(YEARS)))
    return np.round(np.clip(steps.cumsum(axis=1) + 75, 0, 100), 2)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", nargs="+", type=int, default=[120, 500, 2850])
    parser.add_argument("--indicators", type=int, default=100)
    parser.add_argument("--one", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()

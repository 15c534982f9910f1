"""The notebooks of the mid-term evaluation for a sample of counties, and what that means for a province and the country.

``python benchmarks/counties.py [--counties 1 2 4]`` makes so many simulated counties, each with its own seed, runs the eight
notebooks of ``params/ruyuan-midterm-2025.yaml`` for all of them by one ``wdp run``, and prints time, memory and disk. From the
seconds that one county more takes the total for 120 and 2,850 counties on this machine is extrapolated.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

HOME = Path(__file__).resolve().parents[1]
PARAMETERS, PROVINCE, COUNTRY = HOME / "params" / "ruyuan-midterm-2025.yaml", 120, 2850


def main() -> None:
    """Run the samples, print a table and the extrapolated totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", nargs="+", type=int, default=[1, 2, 4])
    counts = sorted(parser.parse_args().counties)
    print(
        "| counties | notebooks | seconds | notebooks a minute | peak memory (GB) | MB a county on disk |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    seconds = []
    with tempfile.TemporaryDirectory(prefix="wdp-bench-") as place:
        home = make_home(Path(place), counts[-1])
        for count in counts:
            taken, peak, size, notebooks = measure(home, count)
            seconds.append(taken)
            rate = notebooks / taken * 60
            print(
                f"| {count} | {notebooks} | {taken:.0f} | {rate:.0f} | {peak:.2f} | {size / count:.1f} |",
                flush=True,
            )
    if len(counts) > 1:
        more = (seconds[-1] - seconds[0]) / (counts[-1] - counts[0])
        for name, count in (("province", PROVINCE), ("country", COUNTRY)):
            hours = (seconds[0] + more * (count - counts[0])) / 3600
            print(
                f"\n{name}, {count} counties, on {os.cpu_count()} processors: about {hours:.1f} hours",
                end="",
            )
        print(f" ({more:.1f} s a county)")


def make_home(folder: Path, count: int) -> Path:
    """Write a project with the notebooks and plans of this one and so many simulated counties."""
    from wdp_lib.cli import main as wdp

    shutil.copytree(HOME / "notebooks", folder / "notebooks")
    for part in ("plans", "schemes"):
        shutil.copytree(HOME / "data" / part, folder / "data" / part)
    (folder / "data" / "observations").mkdir()
    (folder / "params").mkdir()
    axis = ["matrix:", "  area:"]
    for number in range(count):
        target = folder / "data" / "observations" / f"county-{number}"
        if wdp(
            ["simulate", "--folder", str(target), "--seed", str(number + 1), "--last-year", "2025"]
        ):
            raise RuntimeError(f"{target} was not made")
        axis.append(f"    county-{number}: {{dataset: county-{number}}}")
    kept = [line for line in PARAMETERS.read_text("utf-8").splitlines() if "dataset:" not in line]
    (folder / "params" / "counties.yaml").write_text("\n".join([*kept, *axis, ""]), "utf-8")
    return folder


def measure(home: Path, count: int) -> tuple[float, float, float, int]:
    """Return seconds, peak memory of all processes (GB), disk (MB) and notebooks of a run for the first counties."""
    shutil.rmtree(home / "reports", ignore_errors=True)
    areas = [word for number in range(count) for word in ("--area", f"county-{number}")]
    command = [
        sys.executable,
        "-m",
        "wdp_lib.cli",
        "run",
        str(home / "params" / "counties.yaml"),
        "--quiet",
        *areas,
    ]
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=home, env={**os.environ, "WDP_HOME": str(home)})
    peak = _Peak(process.pid)
    code, taken = process.wait(), time.perf_counter() - begun
    if code:
        raise RuntimeError(f"wdp run ended with {code}")
    files = [path for path in (home / "reports").rglob("*") if path.is_file()]
    notebooks = sum(path.suffix == ".ipynb" for path in files)
    return taken, peak.reached(), sum(path.stat().st_size for path in files) / 1e6, notebooks


class _Peak:
    """Watches the memory of a process and its children; what they share is counted once."""

    def __init__(self, pid: int) -> None:
        self.process, self.most, self.over = psutil.Process(pid), 0.0, threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def reached(self) -> float:
        """End watching and return the peak in GB."""
        self.over.set()
        self.thread.join()
        return self.most / 1e9

    def _watch(self) -> None:
        while not self.over.wait(0.5):
            held = 0
            try:
                for one in (self.process, *self.process.children(recursive=True)):
                    held += one.memory_full_info().pss
            except psutil.NoSuchProcess:
                continue  # it ended while we counted; the next count is soon
            self.most = max(self.most, held)


if __name__ == "__main__":
    main()

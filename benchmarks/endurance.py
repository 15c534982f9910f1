"""A thousand notebooks in a row in one runner: ``python benchmarks/endurance.py [--notebooks 1000]``.

A hundred runs of ten small notebooks each, two notebooks at a time. After each tenth of them is printed what the runner and its
warm process hold: memory, threads, open files, other processes, temporary folders. Ends with 1 when the second half of the way
needed more than the first: 20 MB more in a process, or any more files, processes or folders.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import psutil
from batches import TOGETHER, make_home

CELLS = [
    "import numpy as np, pandas as pd, matplotlib.pyplot as plt",
    "frame = pd.DataFrame(np.random.default_rng(seed).normal(size=(200, 3)), columns=list('abc'))\nframe.describe()",
    "frame.plot(figsize=(4, 2)); plt.show()",
]
MORE_MEMORY = 20.0


@dataclass(frozen=True)
class Held:
    """What is held at one moment: memory in MB, the rest as numbers of things."""

    runner: float
    threads: int
    runner_files: int
    warm: float
    warm_files: int
    processes: int
    folders: int

    def leaks_beside(self, earlier: Held) -> bool:
        """Whether this is more than it was earlier."""
        more = [now - then for now, then in zip(astuple(self), astuple(earlier), strict=True)]
        return any(
            grown > (MORE_MEMORY if field.name in ("runner", "warm") else 0)
            for field, grown in zip(fields(self), more, strict=True)
        )


def main() -> int:
    """Run the notebooks, print what is held on the way, and say whether anything grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notebooks", type=int, default=1000)
    count = parser.parse_args().notebooks
    with tempfile.TemporaryDirectory(prefix="wdp-bench-") as place:
        home = make_home(Path(place), TOGETHER, CELLS)
        os.environ["WDP_HOME"] = str(home)
        seen = _endure(home, count // TOGETHER)
    leaks = seen[-1].leaks_beside(seen[len(seen) // 2])
    print("grows" if leaks else "nothing grows")
    return int(leaks)


def _endure(home: Path, runs: int) -> list[Held]:
    from wdp_lib.batch import Order, plan_runs, run_all

    (path,) = (home / "params").glob("*.yaml")
    path.write_text(
        path.read_text("utf-8")[:-1] + f', "matrix": {{"seed": {list(range(runs))}}}}}', "utf-8"
    )
    orders = [Order(one, home, {}, quiet=True) for one in plan_runs([path])]
    begun, seen, failed = time.monotonic(), [], []
    print(
        f"| notebooks | seconds | {' | '.join(field.name.replace('_', ' ') for field in fields(Held))} |"
    )
    print(f"| {'--- | ' * (2 + len(fields(Held)))}")
    tenth = max(1, runs // 10)
    for first in range(0, runs, tenth):
        ends = run_all(orders[first : first + tenth], jobs=2, ended=lambda *told: None)
        failed += [end.run for end in ends if end.error or end.failed]
        seen.append(_held())
        notebooks, seconds = (first + len(ends)) * TOGETHER, time.monotonic() - begun
        print(
            f"| {notebooks} | {seconds:.0f} | {' | '.join(f'{value:.0f}' for value in astuple(seen[-1]))} |",
            flush=True,
        )
    if failed:
        raise RuntimeError(f"runs that failed: {failed}")
    return seen


def _held() -> Held:
    time.sleep(1.0)  # the last kernel is on its way out
    runner = psutil.Process()
    children = runner.children(recursive=True)
    warm = next(
        child for child in children if any("warm/__main__" in word for word in child.cmdline())
    )
    folders = [
        path
        for path in Path(tempfile.gettempdir()).glob("wdp-*")
        if path.stat().st_uid == os.getuid()
    ]
    inside = [path for folder in folders for path in folder.iterdir()]
    return Held(
        _memory(runner), runner.num_threads(), runner.num_fds(), _memory(warm), warm.num_fds(), len(children),
        len(folders) + sum(path.is_dir() for path in inside if path.parent.name.startswith("wdp-warm")),
    )  # fmt: skip


def _memory(process: psutil.Process) -> float:
    return process.memory_full_info().pss / 1e6


if __name__ == "__main__":
    sys.exit(main())

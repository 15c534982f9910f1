"""Notebooks a minute: ``wdp run`` beside papermill, on the same notebooks, in one go.

``python benchmarks/batches.py [--notebooks 40] [--rounds 3]`` prints medians and ratios. Each notebook fits exponential
smoothing to ten simulated series and shows four charts and two tables. Ways compared: the papermill command one notebook after
another; papermill in a pool of two processes; ``wdp run`` of runs of ten notebooks each, two notebooks at a time, from the start of
the command to its end, with pages, tables and record; the bare cells one after another in one process that has imported
everything, which no way with notebooks and one processor can beat.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

CELLS = [
    """import numpy as np
import pandas as pd
import seaborn as sns
import matplotlib.pyplot as plt
from statsmodels.tsa.holtwinters import ExponentialSmoothing
rng = np.random.default_rng(seed)
years = np.arange(2005, 2025)
frame = pd.DataFrame(rng.normal(0.4, 1.0, (20, 10)).cumsum(axis=0) + 70, index=years, columns=[f"s{i}" for i in range(10)])
frame.describe().round(3)""",
    """fits = {c: ExponentialSmoothing(frame[c].to_numpy(), trend="add", damped_trend=True).fit() for c in frame}
ahead = pd.DataFrame({c: fit.forecast(6) for c, fit in fits.items()}, index=np.arange(2025, 2031))
ahead.round(3)""",
    *[
        f"""fig, axes = plt.subplots(figsize=(6, 3))
for c in frame.columns[{first}:{first + 5}]:
    sns.lineplot(x=frame.index, y=frame[c], ax=axes)
    axes.plot(ahead.index, ahead[c], linestyle="--")
axes.set_title("seed {{}}".format(seed))
plt.show()"""
        for first in (0, 5, 2, 3)
    ],
]
PARAMETERS = """plan = "tiny"
dataset = "tiny"
as_of = "2026-06-30"
through = 2030
stage = "midterm"
language = "zh"
seed = 1
report_folder = \"\""""
TOGETHER = 10  # notebooks of a run
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


def main() -> None:
    """Time every way in turn, round after round, and print medians and ratios."""
    options = _arguments()
    ways = {
        "papermill command, one after another": papermill_commands,
        "papermill in a pool of two processes": papermill_pool,
        "wdp run, two notebooks at a time": wdp_run,
        "bare cells, one process": bare_cells,
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory(prefix="wdp-bench-") as place:
        home = make_home(Path(place), options.notebooks)
        for _ in range(options.rounds):
            for name, way in ways.items():
                taken[name].append(way(home))
    print(
        f"\n{options.notebooks} notebooks, {options.rounds} rounds, {os.cpu_count()} processors\n"
    )
    print("| way | seconds (median) | from | to | notebooks a minute | wdp is … times as fast |")
    print("| --- | --- | --- | --- | --- | --- |")
    ours = statistics.median(taken["wdp run, two notebooks at a time"])
    for name, seconds in taken.items():
        middle = statistics.median(seconds)
        rate = options.notebooks / middle * 60
        print(
            f"| {name} | {middle:.1f} | {min(seconds):.1f} | {max(seconds):.1f} | {rate:.0f} | {middle / ours:.2f} |"
        )


def make_home(folder: Path, count: int, sources: Sequence[str] = CELLS) -> Path:
    """Write a project with so many notebooks of the given cells and a parameter file for every ten of them."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    for path in ("data/plans/tiny", "data/observations/tiny", "notebooks", "params"):
        (folder / path).mkdir(parents=True)
    (folder / "data/plans/tiny/plan.yaml").write_text(
        "id: tiny\ntitle: {zh: 小县规划, en: Tiny plan}\n", "utf-8"
    )
    (folder / "data/observations/tiny/dataset.yaml").write_text(
        "id: tiny\nkind: simulated\ntitle: {zh: 模拟, en: Simulated}\nfiles: [a.csv]\nmark: {zh: 模拟数据, en: Simulated}\n",
        "utf-8",
    )
    names = [f"{number:03d}-bench" for number in range(count)]
    for number, name in enumerate(names):
        cells = [
            new_code_cell(
                PARAMETERS.replace("seed = 1", f"seed = {number}"),
                metadata={"tags": ["parameters"]},
            )
        ]
        cells += [new_code_cell(source) for source in sources]
        for place, cell in enumerate(cells):
            cell["id"] = f"cell-{place}"
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        node = new_notebook(
            cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
        )
        nbformat.write(node, folder / "notebooks" / f"{name}.ipynb")
    for begin in range(0, count, TOGETHER):
        parameters = {"plan": "tiny", "dataset": "tiny", "as_of": "2026-06-30", "stage": "midterm"}
        part = names[begin : begin + TOGETHER]
        content = {
            "run": f"run-{begin:03d}",
            "title": "Bench",
            "notebooks": part,
            "parameters": parameters,
        }
        (folder / "params" / f"run-{begin:03d}.yaml").write_text(json.dumps(content), "utf-8")
    return folder


def papermill_commands(home: Path) -> float:
    """Return the seconds of one papermill command a notebook."""
    began = time.perf_counter()
    for path in sorted((home / "notebooks").glob("*.ipynb")):
        _run(
            [
                sys.executable,
                "-m",
                "papermill",
                "--no-progress-bar",
                str(path),
                str(home / f"out-{path.name}"),
            ],
            home,
        )
    return time.perf_counter() - began


def papermill_pool(home: Path) -> float:
    """Return the seconds of ``papermill.execute_notebook`` in two processes."""
    paths = sorted((home / "notebooks").glob("*.ipynb"))
    began = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_execute, paths, [home / f"out-{path.name}" for path in paths]))
    return time.perf_counter() - began


def _execute(path: Path, out: Path) -> None:
    import papermill

    os.environ.update(ONE_THREAD)
    papermill.execute_notebook(str(path), str(out), progress_bar=False)


def wdp_run(home: Path) -> float:
    """Return the seconds of the whole command, everything anew."""
    shutil.rmtree(home / "reports", ignore_errors=True)
    began = time.perf_counter()
    params = [str(path) for path in sorted((home / "params").glob("*.yaml"))]
    _run([sys.executable, "-m", "wdp_lib.cli", "run", *params, "--quiet", "--jobs", "2"], home)
    return time.perf_counter() - began


def bare_cells(home: Path) -> float:
    """Return the seconds of the cells alone; the process and its imports are not counted."""
    code = f"""
import sys, time, json, pathlib, io
sys.path.insert(0, {str(Path(__file__).parent)!r})
import matplotlib; matplotlib.use("Agg")
import matplotlib.pyplot as plt
from batches import CELLS, PARAMETERS
import pandas, seaborn, statsmodels.tsa.holtwinters
plt.show = lambda: (plt.gcf().savefig(io.BytesIO(), format="png"), plt.close("all"))
def run(number):
    space = {{}}
    for cell in [PARAMETERS, f"seed = {{number}}", *CELLS]:
        exec(cell, space)
run(0)
began = time.perf_counter()
for number in range({len(list((home / "notebooks").glob("*.ipynb")))}):
    run(number)
print(time.perf_counter() - began)
"""
    return float(_run([sys.executable, "-W", "ignore", "-c", code], home).splitlines()[-1])


def _run(command: list[str], home: Path) -> str:
    environment = {**os.environ, **ONE_THREAD, "WDP_HOME": str(home)}
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr[-2000:]}")
    return done.stdout


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notebooks", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()

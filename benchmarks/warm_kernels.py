"""What a warm kernel saves: ``python benchmarks/warm_kernels.py [--rounds 7]``.

Printed: seconds until the libraries of a notebook are there, and seconds that running one small notebook takes beyond
its cells; medians, plain and warm in turn. The first warm start of a process, which also starts the warm process, is
shown by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import papermill
from nbformat.v4 import new_code_cell, new_notebook

from wdp_lib.batch.execute import PLAIN, WARM, kernel_environment, kernel_manager

IMPORTS = "import pandas, numpy, seaborn, statsmodels.api, matplotlib.pyplot, wdp_lib.publish, wdp_lib.evaluation"
CELLS = (
    f"import time; begun = time.perf_counter(); {IMPORTS}",
    "frame = pandas.DataFrame({'a': range(50)}); frame.describe()",
    "axes = frame.plot()",
    "print(time.perf_counter() - begun)",
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    print(f"first warm start of a process: {asyncio.run(start_up(WARM)):.2f} s\n")
    for title, measure in (
        ("start-up with imports", lambda kernel: asyncio.run(start_up(kernel))),
        ("a notebook beyond its cells", beyond_cells),
        ("a notebook, imports and cells", whole_notebook),
    ):
        plain, warm = medians(measure, rounds)
        print(f"{title:31} plain {plain:.2f} s   warm {warm:.2f} s   {plain / warm:.1f} x")


def medians(measure: Callable[[str], float], rounds: int) -> tuple[float, float]:
    """Return the median seconds of plain and warm kernels, measured in turn."""
    taken = [(measure(PLAIN), measure(WARM)) for _ in range(rounds)]
    return tuple(statistics.median(column) for column in zip(*taken, strict=True))


async def start_up(kernel: str) -> float:
    """Return the seconds until a new kernel has imported the libraries of a notebook."""
    with tempfile.TemporaryDirectory() as private, open(os.devnull, "wb") as log:
        begun = time.perf_counter()
        manager = _manager(Path(private), log)(kernel_name=kernel)
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        await client.execute_interactive(IMPORTS, output_hook=lambda message: None)
        taken = time.perf_counter() - begun
        await manager.shutdown_kernel()
        client.stop_channels()
    return taken


def beyond_cells(kernel: str) -> float:
    """Return the seconds that papermill and the kernel take beyond the cells, which time themselves."""
    seconds, cells = _notebook(kernel)
    return seconds - cells


def whole_notebook(kernel: str) -> float:
    """Return the seconds of one notebook."""
    return _notebook(kernel)[0]


def _notebook(kernel: str) -> tuple[float, float]:
    node = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    node.metadata["kernelspec"] = {"name": kernel, "language": "python", "display_name": kernel}
    with tempfile.TemporaryDirectory() as private, open(os.devnull, "wb") as log:
        begun = time.perf_counter()
        made = papermill.execute_notebook(
            nbformat.from_dict(node), None, kernel_name=kernel, language="python", progress_bar=False,
            request_save_on_cell_execute=False, kernel_manager_class=_manager(Path(private), log),
        )  # fmt: skip
        seconds = time.perf_counter() - begun
    return seconds, float(made.cells[-1].outputs[0].text)


def _manager(private: Path, log) -> type:
    environment = kernel_environment(home=Path.cwd(), language="en", private=private, report=None)
    return kernel_manager(environment=environment, folder=Path.cwd(), log=log)


if __name__ == "__main__":
    main()

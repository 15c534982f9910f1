"""Whether a report still comes out as it stands: computed anew, compared number by number."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.batch.record import altered, input_hashes, read_record, run_of, versions
from wdp_lib.batch.run import run_planned
from wdp_lib.core.errors import Text

DIFFERENCES = ["file", "row", "column", "recorded", "now"]
MOST_CELLS = 20  # differences listed of one file


@dataclass(frozen=True)
class Verification:
    """What became of a report that was computed anew."""

    run: str
    altered: tuple[str, ...]  # files of the report that are not as the run left them
    inputs: Mapping[str, str]  # inputs that are not as they were: ``changed``, ``gone``, ``added``
    versions: Mapping[str, tuple[str, str]]  # packages in another version: then and now
    # ``file, row, column, recorded, now``: what would come out differently, at most 20 cells a file
    differences: pd.DataFrame

    @property
    def holds(self) -> bool:
        """Whether the report is untouched and comes out the same."""
        return not self.altered and self.differences.empty


def verify_report(
    folder: Path | str, *, home: Path, progress: Callable[[Text], None] | None = None
) -> Verification:
    """Compute a report anew from its own record, elsewhere, and compare.

    The report may come from anybody: only notebooks of this project are run, and nothing is written
    but in a temporary folder. Raises `ParameterError` when the folder is no report, its record is
    wrong, or its run can no longer be started.
    """
    folder = Path(folder).resolve()
    record = read_record(folder)
    run = run_of(record)
    with tempfile.TemporaryDirectory(prefix="wdp-verify-") as place:
        again = run_planned(run, home=home, out=place, progress=progress).folder
        found = pd.DataFrame(_differences(folder, again, record), columns=DIFFERENCES)
    inputs = changed_inputs(record["inputs"], input_hashes(run, home))
    then, now = record["versions"], versions()
    both = {name: (then.get(name, ""), now.get(name, "")) for name in sorted({*then, *now})}
    changed = {name: pair for name, pair in both.items() if pair[0] != pair[1]}
    return Verification(run.run, altered(folder, record), inputs, changed, found)


def changed_inputs(then: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Return how each input differs now: ``changed``, ``gone``, ``added``.

    All but the parameter file: the record itself says with what the run was made.
    """
    names = (name for name in {*then, *now} if name.startswith(("data/", "notebooks/", "wdp_lib")))
    return {
        name: "gone" if name not in now else "changed" if name in then else "added"
        for name in sorted(names)
        if then.get(name) != now.get(name)
    }


def _differences(recorded: Path, now: Path, record: Mapping[str, Any]) -> Iterator[tuple]:
    tables = {path.relative_to(now).as_posix() for path in now.rglob("*.csv")}
    ends = {"failed": "failed.ipynb", "done": "ipynb"}
    notebooks = [f"{one['notebook']}.{ends[one['state']]}" for one in record["notebooks"]]
    for name in [*sorted({*record["tables"], *tables}), *notebooks]:
        compare = _table_differences if name.endswith(".csv") else _notebook_differences
        pair = (recorded / name, now / name)
        if not all(path.is_file() for path in pair):
            yield (name, "", "", *("there" if path.is_file() else "missing" for path in pair))
        elif pair[0].read_bytes() != pair[1].read_bytes():
            yield from ((name, *found) for found in compare(*pair))


def _table_differences(recorded: Path, now: Path) -> list[tuple]:
    then, today = (pd.read_csv(path, dtype=str, keep_default_na=False) for path in (recorded, now))
    if list(then.columns) != list(today.columns):
        return [("", "columns", " ".join(then.columns), " ".join(today.columns))]
    found = [] if len(then) == len(today) else [("", "rows", str(len(then)), str(len(today)))]
    common = min(len(then), len(today))
    differs = (then[:common].to_numpy() != today[:common].to_numpy()).nonzero()
    cells = list(zip(*differs, strict=True))[:MOST_CELLS]
    # the first row of a sheet is its heading
    found += [(str(i + 2), then.columns[j], then.iat[i, j], today.iat[i, j]) for i, j in cells]
    return found or [("", "", "layout", "layout")]


def _notebook_differences(recorded: Path, now: Path) -> list[tuple]:
    import nbformat

    then, today = (nbformat.read(str(path), as_version=4).cells for path in (recorded, now))
    if len(then) != len(today):
        return [("", "cells", str(len(then)), str(len(today)))]
    pairs = [(_shown(a), _shown(b)) for a, b in zip(then, today, strict=True)]
    different = [(number, *pair) for number, pair in enumerate(pairs, 1) if pair[0] != pair[1]]
    return [(str(number), "cell", *_first(a, b)) for number, a, b in different[:MOST_CELLS]]


def _shown(cell: Any) -> list[str]:
    """What a cell shows as text; pictures carry their figures as text beside them."""
    texts = [cell.source]
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        texts += [output.get("text", "")]
        texts += [str(data.get(f"text/{kind}", "")) for kind in ("plain", "html", "markdown")]
    return [line for text in texts for line in text.splitlines()]


def _first(then: list[str], now: list[str]) -> tuple[str, str]:
    different = ((a[:80], b[:80]) for a, b in zip(then, now, strict=False) if a != b)
    return next(different, (f"{len(then)} lines", f"{len(now)} lines"))

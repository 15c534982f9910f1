"""The store of a province: seconds, memory, and what it survives: ``python benchmarks/store.py``.

``--parts`` names some of: ingest, counties, crashes, malformed. Each prints a line a figure. The plan
is that of the example county; values are made up by number, so that every run has the same ones.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

HOME = Path(__file__).parents[1]
sys.path.insert(0, str(HOME))
PLAN, AS_OF = "ruyuan-2021-2030", "2026-06-30"
YEARS = range(2016, 2026)


def main() -> int:
    """Measure the parts that are asked for, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=sorted(PARTS), default=list(PARTS))
    parser.add_argument("--folder", type=Path, help="where the stores are made")
    parser.add_argument("--rows", type=int, default=1_000_000, help="observations of one document")
    parser.add_argument("--counties", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument(
        "--malformed", type=int, nargs=2, default=(0, 10_000), metavar=("FROM", "TO")
    )
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            options.folder = Path(folder)
            return PARTS[options.parts[0]](options)
    codes = [
        subprocess.run(
            [sys.executable, __file__, *sys.argv[1:], "--parts", part, "--alone"]
        ).returncode
        for part in options.parts
    ]
    return max(codes)


def told(name: str, value: float, unit: str, aim: float | None = None) -> bool:
    """Print a figure beside its aim; whether it is reached."""
    reached = aim is None or value <= aim
    beside = "" if aim is None else f"  aim {aim:g}: {'reached' if reached else 'MISSED'}"
    print(f"{name}: {value:.4g} {unit}{beside}", flush=True)
    return reached


@contextmanager
def timed() -> Iterator[SimpleNamespace]:
    """Measure seconds by the clock and of the processor."""
    taken = SimpleNamespace(clock=-time.perf_counter(), cpu=-time.process_time())
    yield taken
    taken.clock += time.perf_counter()
    taken.cpu += time.process_time()


def _plan():
    from wdp_lib.plan import load_plan

    return load_plan(PLAN, HOME)


def _store(folder: Path, counties: int):
    from wdp_lib.store import open_store

    folder.mkdir(parents=True)
    areas = [
        ["area", "name_zh", "name_en", "level", "parent"],
        ["province", "某省", "Province", "province", ""],
    ]
    areas += [[f"c{n}", f"某县{n}", f"County {n}", "county", "province"] for n in range(counties)]
    _write(folder / "areas.csv", areas)
    head = "id: big\ntitle: {zh: 大, en: Big}\nkind: simulated\nmark: {zh: 模拟, en: Made up}\n"
    (folder / "dataset.yaml").write_text(
        f"{head}plan: {PLAN}\nstore: store.sqlite\n", encoding="utf-8"
    )
    return open_store(folder, _plan())


def _write(path: Path, rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)


def _series(plan, counties: range) -> Iterator[list]:
    """Ten years of every indicator of some counties."""
    yield ["indicator", "area", "year", "value", "status", "as_of", "source"]
    for county in counties:
        draw = random.Random(county)
        for one in plan.indicators:
            low = max(one.lower_bound or 0, 0)
            high = min(one.upper_bound or 200, 200)
            value = low + (high - low) * draw.uniform(0.3, 0.6)
            for year in YEARS:
                value += (high - low) * draw.uniform(-0.004, 0.006)
                shown = f"{value:.{0 if one.data_kind == 'count' else 2 if high > 1 else 3}f}"
                yield [one.id, f"c{county}", year, shown, "final", f"{year + 1}-03-15", "年报"]


def ingest(options) -> int:
    """One document of a million observations: taken in, checked, one figure looked up."""
    from wdp_lib.data import read_dataset
    from wdp_lib.store import ingest, statements

    plan = _plan()
    counties = round(options.rows / len(plan.indicators) / len(YEARS))
    store, document = _store(options.folder / "one", counties), options.folder / "all.csv"
    _write(document, _series(plan, range(counties)))
    with timed() as taken:
        receipt = ingest(store, document, unit="统计局", received=AS_OF)
    print(receipt.summary().en)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    good = told("ingest, processor", taken.cpu, "s", 60)
    told("ingest, clock", taken.clock, "s")
    good &= told("ingest, peak memory", peak, "GiB", 1)
    size = sum(path.stat().st_size for path in store.folder.glob("store.sqlite*")) / 1024**2
    told("size of the store", size, "MiB")
    name, area = plan.indicators[3].id, f"c{counties // 2}"
    statements(store, name, area)
    times = []
    for _ in range(50):
        with timed() as one:
            assert len(statements(store, name, area)) == len(YEARS)
        times.append(one.cpu)
    good &= told("one indicator of one area, median, processor", sorted(times)[25] * 1000, "ms", 5)
    with timed() as taken:
        data = read_dataset(store.folder, plan, as_of=AS_OF)
    print(data.counts)
    good &= told("wdp check reads and checks it, processor", taken.cpu, "s", 30)
    told("the same, clock", taken.clock, "s")
    return int(not good)


def counties(options) -> int:
    """All counties of a country, one document each hundred: the study of one county opened."""
    from dataclasses import replace

    from wdp_lib.store import ingest
    from wdp_lib.study import open_study

    plan = _plan()
    store = _store(options.folder / "country", options.counties)
    with timed() as taken:
        for first in range(0, options.counties, 100):
            document = options.folder / "part.csv"
            _write(document, _series(plan, range(first, min(first + 100, options.counties))))
            ingest(store, document, unit=f"u{first}", received=AS_OF)
    told("all counties taken in, processor", taken.cpu, "s")
    county = f"c{options.counties // 2}"
    times = []
    for _ in range(7):
        with timed() as one:
            study = open_study(replace(plan, area=county), store.folder, as_of=AS_OF, home=HOME)
        times.append(one.cpu)
    print(study.data.counts)
    return int(not told("study of one county opened, median", sorted(times)[3], "s", 0.5))


def crashes(options) -> int:
    """Senders killed at random moments; the store is whole after each."""
    import sqlite3

    from tests.store_kit import killed, new_store, whole

    store, draw = new_store(options.folder / "demo"), random.Random(1)
    for _ in range(options.kills):
        killed(store, draw.uniform(0.02, 1.5))
        if (store.folder / "store.sqlite").is_file():
            with sqlite3.connect(store.folder / "store.sqlite") as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    head = whole(store, options.folder)
    print(f"{options.kills} senders killed: the store is whole, fingerprint {head[:12]}")
    return 0


def malformed(options) -> int:
    """Made-up malformed submissions: no crash, no false value, the counts add up."""
    from tests.malformed import faults

    wrong, states = [], Counter()
    with timed() as taken:
        for number in range(*options.malformed):
            found, counts = faults(number, options.folder)
            states.update(counts)
            wrong += found
            for fault in found:
                print(fault, flush=True)
    first, last = options.malformed
    print(f"{last - first} submissions, {len(wrong)} faults; {dict(states)}")
    told("processor", taken.cpu, "s")
    return int(bool(wrong))


PARTS: dict[str, Callable] = {
    "ingest": ingest,
    "counties": counties,
    "crashes": crashes,
    "malformed": malformed,
}

if __name__ == "__main__":
    sys.exit(main())

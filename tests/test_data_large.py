"""Large data: time and memory grow with the rows, whatever stands in them (``benchmarks/large.py``)."""

import time
import tracemalloc

from data_kit import AREAS, PLAN, make_dataset, returned, row

import wdp_lib.data
from wdp_lib import cli
from wdp_lib.data import read_dataset

PLACES = [f"place{n}" for n in range(100)]


def test_a_row_of_a_large_return_takes_little_more_than_its_text(tmp_path):
    rows = [
        row(2001 + y, f"{60 + n % 9 + y / 2 + (n + y) % 3 / 10:.1f}", indicator=one, area=place)
        for n, place in enumerate(PLACES)
        for y in range(20)
        for one in ("delegates", "screening", "enrolment")
    ]
    areas = AREAS + "".join(f"{place},地{place},,county,\n" for place in PLACES)
    folder = make_dataset(tmp_path, areas=areas, large=returned(*rows))
    tracemalloc.start()
    try:
        dataset = read_dataset(folder, PLAN, as_of="2026-06-30")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert dataset.counts["used"] == len(rows) == 6000
    assert most / len(rows) < 1400  # bytes; 2080 when each rule had a table of its own


def test_thousands_of_conflicting_values_are_settled_in_seconds(tmp_path):
    many = returned(*(row(2022, f"{50 + n / 1000:.3f}") for n in range(3000)))
    started = time.process_time()
    dataset = read_dataset(make_dataset(tmp_path, returns=many), PLAN, as_of="2026-06-30")
    assert dataset.counts["rejected"] == 3000
    assert time.process_time() - started < 15  # a minute and more when every row meets every other
    assert len(dataset.problems[0].message("en")) < 700


def test_thousands_of_agreeing_sources_are_one_value_in_seconds(tmp_path):
    many = returned(*(row(2022, "50.0", source=f"source{n}") for n in range(6000)))
    started = time.process_time()
    dataset = read_dataset(make_dataset(tmp_path, returns=many), PLAN, as_of="2026-06-30")
    assert dataset.counts["used"] == 1 and dataset.counts["unused"] == 5999
    assert time.process_time() - started < 10


def test_checking_without_a_cut_off_reads_once_and_as_of_the_newest_day(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(
        wdp_lib.data,
        "read_dataset",
        lambda *given, **settings: read.append(read_dataset(*given, **settings)) or read[-1],
    )
    assert cli.main(["check", "--plan", "ruyuan-2021-2030", "--data", "ruyuan-demo"]) == 2
    (once,) = read
    again = read_dataset("ruyuan-demo", wdp_lib.load_plan("ruyuan-2021-2030"), as_of=once.newest)
    assert once.problems == again.problems and once.counts == again.counts

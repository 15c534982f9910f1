"""A store stays whole whatever happens to those who write it, and is the same on a server."""

import os
import random
import sqlite3

import pytest

from tests.data_kit import PLAN
from tests.malformed import faults
from tests.store_kit import has_postgres, killed, new_store, sender, sent, server, whole
from wdp_lib.data import read_dataset
from wdp_lib.store import export_store, load_store, submissions


@pytest.fixture
def store(tmp_path):
    return new_store(tmp_path / "demo")


def test_two_processes_send_at_once_and_nothing_is_lost(store, tmp_path):
    both = [sender(store, name, count=4) for name in ("甲", "乙")]
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    kept = submissions(store)
    assert kept["number"].tolist() == list(range(1, 9))
    assert sorted(kept["unit"]) == ["乙"] * 4 + ["甲"] * 4
    assert whole(store, tmp_path) == kept["head"].iloc[-1]


def test_a_killed_sender_leaves_the_store_whole(store, tmp_path):
    draw = random.Random(20260630)
    for _ in range(4):
        killed(store, draw.uniform(0.1, 0.6))
    sent(store, ["毛入学率", "某县", 2020, 95, "2021-03-01"])
    whole(store, tmp_path)


def test_a_full_disk_is_told_and_the_store_is_as_it_was(store, tmp_path, capfd):
    sent(store, ["毛入学率", "某县", 2020, 95, "2021-03-01"])
    size = (store.folder / "store.sqlite").stat().st_size
    process = sender(store, "甲", count=1000, limit=size + 40_000)
    process.join()
    assert process.exitcode == 3
    assert "磁盘" in capfd.readouterr().out
    with sqlite3.connect(store.folder / "store.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    sent(store, ["毛入学率", "某县", 2021, 95, "2022-03-01"])
    whole(store, tmp_path)


@pytest.fixture(scope="module")
def address():
    if not has_postgres() and not os.environ.get("REQUIRE_POSTGRES"):
        pytest.skip("no PostgreSQL on this machine")
    with server() as address:
        yield address


def test_a_server_holds_the_same_store_as_a_file(store, tmp_path, address):
    for value, received in ((95, "2021-03-01"), (96, "2021-03-01"), (97, "2021-05-01")):
        row = ["毛入学率", "某县", 2020, value, "2021-03-01"]
        sent(store, row, ["=1+1", "某县", 2020, "约5", ""], received=received)
    head = export_store(store, tmp_path / "file")
    on_server = new_store(tmp_path / "server", address)
    assert load_store(on_server, tmp_path / "file") == head
    assert export_store(on_server, tmp_path / "dumped") == head
    back = new_store(tmp_path / "back")
    assert load_store(back, tmp_path / "dumped") == head
    data = [read_dataset(one.folder, PLAN, as_of="2021-12-31") for one in (store, on_server, back)]
    assert data[0].observations.equals(data[1].observations)
    assert data[0].problems == data[1].problems == data[2].problems
    more = ["毛入学率", "某县", 2021, 98, "2022-03-01"]
    assert sent(store, more).head == sent(on_server, more).head


def test_two_processes_send_to_a_server_at_once(tmp_path, address):
    on_server = new_store(tmp_path / "server", address)
    before = len(submissions(on_server))
    both = [sender(on_server, name, count=3) for name in ("丙", "丁")]
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    kept = submissions(on_server)
    assert len(kept) == before + 6 and kept["number"].is_monotonic_increasing
    whole(on_server, tmp_path)


@pytest.mark.parametrize("first", (0, 15))
def test_of_malformed_submissions_nothing_false_is_used_and_the_counts_add_up(tmp_path, first):
    """The long form is ``python benchmarks/store.py --parts malformed``."""
    wrong = [fault for number in range(first, first + 15) for fault in faults(number, tmp_path)[0]]
    assert not wrong

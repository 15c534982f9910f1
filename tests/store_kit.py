"""Stores of the small plan for tests and benchmarks: documents, processes that die, a server."""

import contextlib
import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.data_kit import AREAS, PLAN
from wdp_lib.core.errors import WdpError
from wdp_lib.store import export_store, ingest, load_store, open_store

YAML = """\
id: demo
title: {zh: 示例, en: Demo}
kind: real
licence: CC0-1.0
source: {zh: 示例, en: Demo}
store: store.sqlite
"""
HEADINGS = ["指标", "地区", "年份", "数值", "可知日期"]


def new_store(folder, store="store.sqlite"):
    folder.mkdir(parents=True)
    (folder / "dataset.yaml").write_text(YAML.replace("store.sqlite", store), encoding="utf-8")
    (folder / "areas.csv").write_text(AREAS, encoding="utf-8")
    return open_store(folder, PLAN)


def document(folder, *rows, name="return.csv", headings=HEADINGS):
    path = folder / name
    lines = [",".join(map(str, row)) for row in (headings, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def sent(store, *rows, unit="卫健局", received="2024-03-20", name="return.csv"):
    path = document(store.folder.parent, *rows, name=name)
    return ingest(store, path, unit=unit, received=received)


def whole(store, folder):
    """Prove a store whole: written as text and loaded into another, it has the same fingerprint."""
    head = export_store(store, folder / "whole")
    again = new_store(folder / "loaded")
    assert load_store(again, folder / "whole") == head
    return head


def _sends(folder, name, count, limit):
    if limit:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    store = open_store(folder, PLAN)
    for number in range(count):
        rows = [
            ["毛入学率", "某县", year, 90 + number % 9, f"{year + 1}-03-01"]
            for year in range(2000, 2020)
        ]
        path = document(
            folder.parent, *rows, [name, "某县", number, "", ""], name=f"{name}{number}.csv"
        )
        try:
            ingest(store, path, unit=name, received="2024-03-20")
        except WdpError as error:
            print(error, flush=True)
            os._exit(3)


def sender(store, name, count=1000, limit=0):
    """A process that sends documents to a store one after another."""
    fork = multiprocessing.get_context("fork")
    process = fork.Process(target=_sends, args=(store.folder, name, count, limit))
    process.start()
    return process


def killed(store, after):
    """Send documents, and kill the sender after so many seconds."""
    process = sender(store, f"k{time.monotonic_ns()}")
    time.sleep(after)
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def _program(name):
    found = [
        shutil.which(name),
        *map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))),
    ]
    return next(filter(None, reversed(found)), None)


def has_postgres():
    return bool(_program("initdb") and _program("postgres"))


@contextlib.contextmanager
def server():
    """Start a database server of our own on a socket; its address."""
    place = Path(tempfile.mkdtemp(prefix="wdp-"))
    who = {}
    if os.getuid() == 0:  # it refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(place, nobody.pw_uid, nobody.pw_gid)
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    run = {**who, "cwd": place, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    begin = [_program("initdb"), "-D", place / "data", "-U", "wdp", "-A", "trust", "--no-sync"]
    subprocess.run([*begin, "-E", "UTF8", "--locale=C"], check=True, **run)
    process = subprocess.Popen(
        [_program("postgres"), "-D", place / "data", "-k", place, "-c", "listen_addresses="], **run
    )
    try:
        address = f"postgresql://wdp@/postgres?host={place}"
        _wait(address)
        yield address
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(place)


def _wait(address):
    import psycopg

    for _ in range(300):
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(address).close()
            return
        time.sleep(0.1)
    raise TimeoutError(address)

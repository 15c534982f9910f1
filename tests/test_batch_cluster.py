"""Runs and forecasts on a Dask cluster: a small one on this machine, whose workers are processes that can be killed."""

import os
import random
import signal
import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from batch_home import WRITE, files, make_home, notebook, orders
from distributed import Client, LocalCluster
from kit import TIMES, observations

import wdp_lib as wdp
from wdp_lib.assessment import risks as bulk
from wdp_lib.batch import run_all
from wdp_lib.batch.cluster import assess_on_cluster
from wdp_lib.core.errors import ParameterError

SLOW = "import time; time.sleep(0.5)\n" + WRITE.replace("numbers.csv", "slow.csv")


@pytest.fixture(scope="module")
def small_cluster():
    # a worker that is killed is started again, as a cluster's manager would
    with LocalCluster(
        n_workers=min(TIMES, 2), threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster


def quiet(*told):
    """Nobody listens."""


def test_a_cluster_gives_the_reports_that_this_machine_gives(tmp_path, small_cluster):
    here, there = make_home(tmp_path / "here"), make_home(tmp_path / "there")
    names = ["one", "two"]
    assert all(not end.error for end in run_all(orders(here, names), ended=quiet))
    ends = run_all(orders(there, names), scheduler=small_cluster.scheduler_address, ended=quiet)
    assert [(end.run, end.error, end.failed) for end in ends] == [("one", "", ()), ("two", "", ())]
    for name in names:
        assert files(there / "reports" / name) == files(here / "reports" / name)


def test_a_cluster_runs_everything_anew_unless_told_to_resume(tmp_path, small_cluster):
    count = "import pathlib\nwith pathlib.Path('../count').open('a') as f: f.write('x')"
    home = make_home(tmp_path / "home", n30_risk=notebook(count))
    for resume, times in ((False, 1), (False, 2), (True, 2)):
        made = [replace(order, settings={"resume": resume}) for order in orders(home, ["one"])]
        run_all(made, scheduler=small_cluster.scheduler_address, ended=quiet)
        assert (home / "count").read_text() == "x" * times


@pytest.mark.skipif(TIMES == 1, reason="the long form: WDP_ATTACKS=2")
def test_workers_killed_at_random_moments_do_not_change_the_reports(tmp_path, small_cluster):
    nodes = {"n10_data": notebook(SLOW), "n30_risk": notebook(SLOW.replace("slow.csv", "more.csv"))}
    here, there = make_home(tmp_path / "here", **nodes), make_home(tmp_path / "there", **nodes)
    names = ["one", "two", "three"]
    run_all(orders(here, names), ended=quiet)
    over, moments = threading.Event(), random.Random(3)

    def kill():
        with Client(small_cluster.scheduler_address) as client:
            for _ in range(2 * TIMES):
                if over.wait(moments.uniform(1.0, 3.0)):
                    return
                pids = list(client.run(os.getpid).values())
                os.kill(moments.choice(pids), signal.SIGKILL)
                killed.append(True)

    killed: list[bool] = []
    killer = threading.Thread(target=kill)
    killer.start()
    ends = run_all(orders(there, names), scheduler=small_cluster.scheduler_address, ended=quiet)
    over.set()
    killer.join()
    assert killed and [(end.error, end.failed) for end in ends] == [("", ())] * 3
    for name in names:
        assert files(there / "reports" / name) == files(here / "reports" / name)


def test_areas_assessed_on_a_cluster_are_assessed_as_here(small_cluster, monkeypatch, tiny_plan):
    values = np.random.default_rng(1).normal(70, 3, (5, 8)).round(1)
    lines = ["indicator | area | year | value"]
    lines += [
        f"screening_coverage | place{place} | {2018 + year} | {value}"
        for place, series in enumerate(values)
        for year, value in enumerate(series)
    ]
    table, areas = observations("\n".join(lines)), [f"place{place}" for place in range(5)]
    settings = {"as_of": "2026-06-30", "through": 2030}
    here = wdp.assess_many(table, tiny_plan, areas, **settings)
    monkeypatch.setattr(bulk, "PIECE", 2)
    address = small_cluster.scheduler_address
    there = assess_on_cluster(table, tiny_plan, areas, address, **settings)
    pd.testing.assert_frame_equal(there, here)


def test_an_address_where_nobody_answers_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("wdp_lib.batch.cluster.PATIENCE", 1)
    with pytest.raises(ParameterError) as caught:
        run_all(
            orders(make_home(tmp_path / "home"), ["one"]),
            scheduler="tcp://127.0.0.1:9",
            ended=quiet,
        )
    assert "No scheduler answers at tcp://127.0.0.1:9" in caught.value.render("en")

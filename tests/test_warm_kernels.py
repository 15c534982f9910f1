"""Warm kernels: as good as ordinary ones, strangers to one another, and gone when their client is."""

import gc
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import fork_kit
import pytest
from batch_home import make_home, notebook
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from kernel_kit import Kernel

from wdp_lib.batch import execute as execution
from wdp_lib.batch.execute import PLAIN, WARM, kernel_environment
from wdp_lib.batch.warm import provisioner, server
from wdp_lib.batch.warm.client import Channel, ForkedKernel, Unavailable, own_pool
from wdp_lib.batch.warm.library import SETTINGS, library_digest, start_key

HOME = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere every kernel is an ordinary one"
)


@pytest.fixture
def start():
    kernels = []

    def started(name=WARM, **settings):
        kernels.append(Kernel(name, **settings))
        return kernels[-1]

    yield started
    for kernel in kernels:
        kernel.end()


def environment(tmp_path, **more):
    (tmp_path / "ipython").mkdir(exist_ok=True)
    made = kernel_environment(home=HOME, language="zh", private=tmp_path / "ipython", report=None)
    return {**made, **more}


def until(reached, seconds=10.0):
    end = time.monotonic() + seconds
    while not reached() and time.monotonic() < end:
        time.sleep(0.02)
    return reached()


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text("utf-8")


SURROUNDINGS = """
    import json, os, signal, sys, warnings
    import matplotlib, matplotlib.pyplot as plt, numpy as np, pandas as pd, seaborn
    import ruamel.yaml, scipy.stats, statsmodels.tsa.api, threadpoolctl
    figure = plt.figure(); plt.close(figure)
    options = [f"{o.key} {pd.get_option(o.key)}" for o in pd._config.config._registered_options.values()]
    print(json.dumps({
        "cwd": os.getcwd(), "path": sys.path, "program": sys.argv[0], "filters": sorted(map(str, warnings.filters)),
        "environment": {k: v for k, v in os.environ.items() if k not in ("JPY_PARENT_PID",)},
        "rc": {k: str(v) for k, v in matplotlib.rcParams.items()}, "interactive": plt.isinteractive(),
        "backend": plt.get_backend(), "options": options, "print": str(np.get_printoptions()),
        "hash": hash("乳源"), "signals": [str(signal.getsignal(n)) for n in (signal.SIGINT, signal.SIGTERM)],
        "hooks": [f.__name__ for f in get_ipython().events.callbacks["post_execute"]], "main": __name__,
        "session": os.getsid(0) == os.getpid(), "encoding": sys.stdout.encoding, "columns": pd.options.display.max_columns,
    }))
"""


def test_a_warm_kernel_wakes_in_the_surroundings_of_an_ordinary_one(start, tmp_path):
    settings = {"cwd": str(tmp_path), "env": environment(tmp_path)}
    warm, plain = (json.loads(start(name, **settings).run(SURROUNDINGS)) for name in (WARM, PLAIN))
    assert warm["columns"] == 20 and warm["session"] and warm["cwd"] == str(tmp_path)
    different = {name: (warm[name], plain[name]) for name in plain if warm[name] != plain[name]}
    assert different == {}  # the hook that shows charts among them


def test_two_kernels_at_once_share_neither_state_nor_random_numbers(start, tmp_path):
    first, second = start(), start(cwd=str(tmp_path))
    assert isinstance(first.manager.provisioner.process, ForkedKernel)
    first.run("""
        import os, matplotlib, pandas, wdp_lib.core.columns
        matplotlib.rcParams["font.size"] = 99
        pandas.options.display.max_columns = 1
        wdp_lib.core.columns.QUANTILES = ()
        os.environ["LEAK"] = "yes"; os.chdir("/"); left_over = 1
    """)
    third = start()
    look = """
        import os, matplotlib, pandas, wdp_lib.core.columns
        print(matplotlib.rcParams["font.size"], pandas.options.display.max_columns, len(wdp_lib.core.columns.QUANTILES) > 0,
              os.environ.get("LEAK"), os.getcwd() == "/", "left_over" in globals())
    """
    assert second.run(look) == third.run(look) == "10.0 20 True None False False"
    draw = "import random, numpy; print(random.random(), numpy.random.rand())"
    drawn = [number for kernel in (first, second, third) for number in kernel.run(draw).split()]
    assert len(set(drawn)) == 6


def test_a_notebook_says_the_same_in_a_warm_kernel(monkeypatch, tmp_path):
    outcomes = []
    for name in (PLAIN, WARM):
        monkeypatch.setattr(execution, "KERNEL", name)
        task = execution.Task("10-data", HOME / "notebooks" / "10-data.ipynb", {})
        outcomes.append(execution.execute(task, home=HOME, log=tmp_path / "log"))
    plain, warm = ([cell.get("outputs") for cell in outcome.node.cells] for outcome in outcomes)
    assert not outcomes[1].failed and sum(bool(outputs) for outputs in warm) > 5
    assert warm == plain
    assert "普通内核" not in (tmp_path / "log").read_text("utf-8")


def test_an_interrupt_stops_the_cell_and_not_the_kernel(start):
    kernel = start()
    timer = threading.Timer(0.5, kernel.manager.interrupt_kernel)
    timer.start()
    assert kernel.run("import time; time.sleep(30)").endswith("KeyboardInterrupt")
    timer.join()
    assert kernel.run("print(1)") == "1"


def test_a_killed_kernel_is_seen_dead_and_the_next_one_works(start):
    kernel = start()
    os.kill(kernel.manager.provisioner.pid, signal.SIGKILL)
    assert until(lambda: not kernel.manager.is_alive())
    assert kernel.manager.provisioner.process.returncode == -signal.SIGKILL
    assert start().run("print(1)") == "1"


def test_a_run_reports_a_kernel_that_died(monkeypatch, tmp_path):
    home = make_home(
        tmp_path / "home",
        n10_data=notebook("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"),
    )
    monkeypatch.setattr(execution, "KERNEL", WARM)
    task = execution.Task("10-data", home / "notebooks" / "10-data.ipynb", {})
    outcome = execution.execute(task, home=home, log=tmp_path / "log")
    assert (outcome.fault, outcome.cell) == ("kernel_died", 2)


def test_a_kernel_restarts_with_nothing_left_of_its_first_life(start):
    kernel = start()
    kernel.run("x = 1")
    kernel.manager.restart_kernel()
    kernel.client.wait_for_ready(timeout=60)
    assert kernel.run("print('x' in globals())") == "False"


def test_exit_functions_run_and_the_exit_status_arrives(start, tmp_path):
    kernel = start(cwd=str(tmp_path))
    kernel.run(
        "import atexit, pathlib; atexit.register(lambda: pathlib.Path('left').write_text('properly'))"
    )
    process = kernel.manager.provisioner.process
    kernel.end()
    assert process.wait(5) == 0
    assert (tmp_path / "left").read_text() == "properly"


def ports(pid):
    """Ports on which a process waits, from the system's table of sockets."""
    held = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    lines = [
        line.split()
        for kind in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{kind}").read_text().splitlines()[1:]
    ]
    return [line[1] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in held]


async def refused(*asked):
    raise Unavailable("不可用", "not available")


@pytest.mark.parametrize("warm", [True, False])
def test_no_kernel_waits_at_a_port_and_the_words_of_its_forks_arrive(start, monkeypatch, warm):
    if not warm:
        monkeypatch.setattr(provisioner, "fork_kernel", refused)
    kernel = start()
    assert isinstance(kernel.manager.provisioner.process, ForkedKernel) == warm
    assert kernel.manager.transport == "ipc"
    assert ports(kernel.manager.provisioner.pid) == []
    fork = """
        import os, time
        if not (child := os.fork()):
            print("said by a fork", flush=True); time.sleep(0.3); os._exit(0)
        os.waitpid(child, 0); time.sleep(0.2); print("and by the kernel")
    """
    assert kernel.run(fork) == "said by a fork\nand by the kernel"


def test_a_long_path_for_temporary_files_is_no_hindrance(tmp_path):
    long = tmp_path / ("x" * 120)
    long.mkdir()
    code = "import json, ipykernel; print(json.load(open(ipykernel.get_connection_file()))['transport'])"
    home = make_home(tmp_path / "home", n30_risk=notebook(code))
    command = ["run", "params/tiny.yaml", "--quiet"]
    done = fork_kit.start(
        command, folder=home, said=tmp_path / "said", environment={"TMPDIR": str(long)}
    )
    done.join()
    assert done.exitcode == 0, (tmp_path / "said").read_text("utf-8")
    report = home / "reports" / "tiny-midterm"
    assert '"ipc\\n"' in (report / "30-risk.ipynb").read_text("utf-8")
    assert "普通内核" not in (report / "logs" / "30-risk.log").read_text("utf-8")


def test_only_the_user_can_reach_a_kernel_and_no_port_is_used(start, tmp_path):
    manager = start(cwd=str(tmp_path)).manager
    assert manager.transport == "ipc"
    folder = own_pool().folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(door.stat().st_mode) for door in folder.glob("*.door")} == {0o600}
    assert stat.S_IMODE(manager.provisioner.folder.stat().st_mode) & 0o077 == 0
    assert not list(tmp_path.iterdir())


def test_ten_kernels_in_a_row_leave_nothing_behind():
    def counts():
        gc.collect()
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        warm = next(iter(own_pool().processes.values())).process.pid
        return (
            len(os.listdir("/proc/self/fd")),
            len(os.listdir(f"/proc/{warm}/fd")),
            len(children),
            len(list(own_pool().folder.iterdir())),
        )

    def one_kernel():
        manager = KernelManager(kernel_name=WARM)
        manager.start_kernel()
        assert isinstance(manager.provisioner.process, ForkedKernel)
        manager.shutdown_kernel()

    one_kernel()
    before = counts()
    for _ in range(10):
        one_kernel()
    assert until(lambda: counts() == before, 3), (before, counts())


def test_where_nothing_can_be_forked_an_ordinary_kernel_runs_and_one_line_says_so(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(provisioner, "forks", lambda: False)
    monkeypatch.setenv("WDP_LANGUAGE", "en")
    manager = KernelManager(kernel_name=WARM)
    with (tmp_path / "log").open("wb") as log:
        manager.start_kernel(stderr=log)
    assert isinstance(manager.provisioner.process, subprocess.Popen)
    manager.shutdown_kernel(now=True)
    told = "An ordinary kernel instead of a warm one: this system cannot fork them\n"
    assert (tmp_path / "log").read_text("utf-8").startswith(told)


def test_a_warm_process_that_is_not_ready_in_time_is_not_waited_for(monkeypatch, tmp_path):
    monkeypatch.setenv("WDP_LANGUAGE", "zh")
    monkeypatch.setattr(provisioner.WarmProvisioner, "limit", 0.0)
    manager = KernelManager(kernel_name=WARM)
    with (tmp_path / "log").open("wb") as log:
        manager.start_kernel(stderr=log, env=environment(tmp_path, MPLCONFIGDIR=str(tmp_path)))
    own_pool().processes.popitem()[1].end()  # which goes on preparing itself
    assert isinstance(manager.provisioner.process, subprocess.Popen)
    manager.shutdown_kernel(now=True)
    assert (
        (tmp_path / "log")
        .read_text("utf-8")
        .startswith("未用预热内核，改用普通内核：预热进程 0 秒内未就绪\n")
    )


def test_nothing_is_forked_from_a_process_with_two_threads(monkeypatch, tmp_path):
    stop = threading.Event()
    second = threading.Thread(target=stop.wait)
    second.start()
    client, warm = (Channel(end) for end in socket.socketpair())
    serving = server.Server(tmp_path, "door", os.getppid())
    client.send({"fork": {"arguments": [], "folder": "/", "environment": {}}})
    assert serving.hear(warm) is None
    (told,) = client.arrived()
    assert re.fullmatch(r"\d+ threads, where a fork allows one", told["refused"])
    stop.set()
    second.join()
    for end in (client, warm, serving.door):
        end.close()


def test_a_warm_process_serves_only_the_library_and_settings_it_was_started_from(tmp_path):
    (tmp_path / "a.py").write_text("x = 1", "utf-8")
    before = library_digest(tmp_path)
    assert library_digest(tmp_path) == before
    (tmp_path / "a.py").write_text("x = 2", "utf-8")
    assert library_digest(tmp_path) != before
    assert start_key({"IPYTHONDIR": "a"}, "1") == start_key({"IPYTHONDIR": "b"}, "1")
    others = [
        start_key({}, "1"),
        start_key({}, "2"),
        start_key({"PYTHONPATH": "a"}, "1"),
        start_key({"LANG": "C"}, "1"),
    ]
    assert len(set(others)) == 4


CLIENT = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from kernel_kit import Kernel
from wdp_lib.batch.warm.client import own_pool
import wdp_lib
first = Kernel()
old = next(iter(own_pool().processes.values()))
print(wdp_lib.__file__)
print(first.run("import wdp_lib; print(wdp_lib.__version__)"))
path = Path(wdp_lib.__file__)
path.write_text(path.read_text("utf-8").replace('__version__ = "', '__version__ = "edited-'), "utf-8")
second = Kernel()
print(second.run("import wdp_lib; print(wdp_lib.__version__)"))
new = next(iter(own_pool().processes.values()))
print(old.alive, new is not old)
first.end()
old.process.wait(5)
second.run("import subprocess; child = subprocess.Popen(['sleep', '300'])")
print(own_pool().folder)
print(new.process.pid, second.manager.provisioner.pid, second.run("print(child.pid)"), flush=True)
time.sleep(300)
"""


def test_an_edited_library_makes_a_new_warm_process_and_a_killed_client_leaves_nothing(tmp_path):
    shutil.copytree(HOME / "wdp_lib", tmp_path / "wdp_lib")
    # a library that has less to prepare is edited as well as ours
    own = tmp_path / "wdp_lib" / "batch" / "warm" / "server.py"
    less = own.read_text("utf-8").replace("        _exercise()\n", "        pass\n")
    less = re.sub(
        r'_LIBRARIES = """.*?"""', '_LIBRARIES = "ipykernel.kernelapp"', less, flags=re.DOTALL
    )
    less = re.sub(r"    own = \[.*\]\n", "    own = []\n", less)
    assert less.count("\n") < own.read_text("utf-8").count("\n")
    own.write_text(less, "utf-8")
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(HOME / "tests")], stdout=subprocess.PIPE, text=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    where, before, after, told, folder, pids = (client.stdout.readline().strip() for _ in range(6))
    assert Path(where).is_relative_to(tmp_path)
    assert after == f"edited-{before}"
    assert told == "True True"
    warm, kernel, grandchild = map(int, pids.split())
    assert Path(folder).is_dir() and not gone(kernel) and not gone(grandchild)
    client.send_signal(signal.SIGKILL)
    client.wait()
    client.stdout.close()
    assert until(lambda: all(map(gone, (warm, kernel, grandchild))))
    assert until(lambda: not Path(folder).exists())


def test_the_kernel_is_found_by_name_with_the_settings_it_is_forked_under():
    spec = KernelSpecManager().get_kernel_spec(WARM)
    assert spec.env == SETTINGS
    assert spec.metadata["kernel_provisioner"]["provisioner_name"] == "wdp-warm"
    own = HOME / "wdp_lib" / "batch" / "warm" / "kernels" / "wdp" / "kernel.json"
    assert (Path(spec.resource_dir) / "kernel.json").read_text("utf-8") == own.read_text("utf-8")


def test_the_comparison_of_notebooks_can_use_it():
    from nbval.kernel import start_new_kernel

    manager, client = start_new_kernel(kernel_name=WARM)
    client.stop_channels()
    assert isinstance(manager.provisioner.process, ForkedKernel)
    manager.shutdown_kernel()

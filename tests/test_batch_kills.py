"""Thirty kills at random moments: the old report stays whole, and the resumed one is the undisturbed one."""

import contextlib
import os
import random
import shutil
import signal
import threading
import time

from batch_home import RUN, WRITE, files, make_home, notebook, params, run
from fork_kit import start
from kit import TIMES

RUNS, KERNELS = 22 * TIMES, 8 * TIMES
SLOW = "import time; time.sleep(0.1)\n" + WRITE.replace("numbers.csv", "slow.csv")


def test_a_run_killed_at_any_moment_leaves_the_old_report_and_is_resumed_to_the_new_one(tmp_path):
    """Kills of the whole process group; the seed makes the moments the same shares of a run."""
    home = make_home(tmp_path / "home", n30_risk=notebook(SLOW))
    report = home / "reports" / "tiny-midterm"
    new = files(run(home, out=tmp_path / "new")[0].folder)
    old = run(home, out=tmp_path / "old", overrides={"seed": "8"})[0].folder
    old_files = files(old)
    assert new.keys() == old_files.keys() and new != old_files

    def attempt(limit=None):
        """Resume beside the old report, and kill it after so many seconds; whether it was killed."""
        if not report.exists():
            shutil.copytree(old, report)
        command = ["run", "params/tiny.yaml", "--resume", "--quiet"]
        process = start(command, folder=home, said=tmp_path / "said")
        process.join(limit)
        if process.exitcode is None:
            with contextlib.suppress(ProcessLookupError):  # it does not lead its group yet
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.join()
            assert files(report) in (old_files, new)
            return True
        assert process.exitcode == 0, (tmp_path / "said").read_text("utf-8")
        assert [path.name for path in report.parent.iterdir()] == [report.name]
        assert files(report) == new
        shutil.rmtree(report)
        return False

    moments, kills, length, killed = random.Random(5), 0, 0.0, False
    while kills < RUNS or killed:
        # an undisturbed run says how long one takes; the last is not killed
        begun, resumes = time.monotonic(), killed
        most = length * (0.6 if resumes else 1.2)  # what is resumed has less to do
        limit = moments.uniform(0, most) if length and kills < RUNS else None
        killed = attempt(limit)
        kills += killed
        if not killed and not resumes:
            length = time.monotonic() - begun


def test_kernels_killed_at_random_moments_do_not_change_the_report(tmp_path):
    """Kills of whatever kernel is at work; what they stopped is completed by resuming."""
    told = tmp_path / "kernel"
    say = f"import os, pathlib; _ = pathlib.Path({str(told)!r}).write_text(str(os.getpid()))\n"
    nodes = {
        f"n{k}0_part": notebook(say, SLOW.replace("slow.csv", f"part-{k}.csv")) for k in (1, 3)
    }
    home = make_home(tmp_path / "home", **nodes)
    params(home, RUN.replace("[10-data, 30-risk]", "[10-part, 30-part]"))
    undisturbed, _ = run(home, out=tmp_path / "undisturbed")
    moments, over, kills = random.Random(7), threading.Event(), []

    def kill():
        while len(kills) < KERNELS and not over.wait(moments.uniform(0.01, 0.15)):
            if told.exists():
                pid = told.read_text()
                told.unlink()
                with contextlib.suppress(ProcessLookupError, ValueError):
                    os.kill(int(pid), signal.SIGKILL)
                    kills.append(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        result, _ = run(home)
        while len(kills) < KERNELS:
            result, _ = run(home, resume=bool(result.failed))
    finally:
        over.set()
        killer.join()
    assert run(home, resume=True)[0].failed == ()
    assert files(home / "reports" / "tiny-midterm") == files(undisturbed.folder)

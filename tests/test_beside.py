"""A work in a process of its own: its result comes back, its error is told where it is waited for."""

import os
import sys

import pytest

from wdp_lib.core.beside import beside


def test_a_work_beside_gives_its_result_and_knows_what_was_read_before():
    before = {"read": "once"}
    work = beside(lambda name: (before[name], os.getpid()), "read")
    said, process = work()
    assert said == "once"
    assert process != os.getpid() or sys.platform != "linux"


def test_a_work_that_fails_beside_raises_where_it_is_waited_for():
    work = beside(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        work()


def test_a_process_that_dies_beside_is_replaced_by_the_work_done_here():
    here = os.getpid()
    assert beside(lambda: here if os.getpid() == here else os._exit(1))() == here

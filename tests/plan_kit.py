"""A plan that is spoilt, and what is said of it."""

import pytest

import wdp_lib as wdp
from wdp_lib.core.errors import PlanError


def replace_text(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def problems_of(folder):
    with pytest.raises(PlanError) as error:
        wdp.load_plan(folder)
    return error.value.problems


def only_problem(folder):
    problems = problems_of(folder)
    assert [problem.message("en") for problem in problems[1:]] == []
    return problems[0]

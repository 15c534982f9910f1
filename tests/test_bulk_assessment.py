"""Many areas at once: the same risks as one by one, whatever the pieces."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from kit import observations

import wdp_lib as wdp
from wdp_lib.assessment import risks as bulk

SETTINGS = {"as_of": "2026-06-30", "through": 2030}
AREAS = ["east", "west", "north"]


@pytest.fixture
def table():
    rng = np.random.default_rng(7)
    lines = ["indicator | area | year | value"]
    lines += [
        f"screening_coverage | {area} | {year} | {value:.1f}"
        for area in (*AREAS, "hamlet")
        for year, value in zip(range(2016, 2026), 60 + rng.normal(1, 2, 10).cumsum(), strict=True)
    ]
    return observations("\n".join(lines))


@pytest.fixture
def held_plan(tiny_plan):
    held = [
        replace(i, target=replace(i.target, kind="hold", every_year=True))
        if i.id == "screening_coverage"
        else i
        for i in tiny_plan.indicators
    ]
    return replace(tiny_plan, indicators=tuple(held))


@pytest.mark.parametrize("kind", ["level", "held"])
def test_each_area_is_assessed_as_if_it_were_alone(tiny_plan, held_plan, table, kind):
    plan = held_plan if kind == "held" else tiny_plan
    many = wdp.assess_many(table, plan, AREAS, **SETTINGS)
    for area in AREAS:
        own, alone = replace(plan, area=area), table[table["area"] == area]
        held = [i.id for i in plan.indicators if i.target.every_year]
        paths = wdp.forecast_paths(alone, own, held, through=2030) if kind == "held" else None
        made = wdp.forecast(alone, own, through=2030)
        one = wdp.assess(made, alone, own, as_of="2026-06-30", paths=paths)
        found = many[many["area"] == area].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, one)


@pytest.mark.parametrize("piece", [1, 2])
def test_the_pieces_do_not_show(tiny_plan, table, monkeypatch, piece):
    whole = wdp.assess_many(table, tiny_plan, AREAS, **SETTINGS)
    monkeypatch.setattr(bulk, "PIECE", piece)
    pd.testing.assert_frame_equal(wdp.assess_many(table, tiny_plan, AREAS, **SETTINGS), whole)


def test_only_the_smaller_areas_of_an_area_decide_on_it(tiny_plan, table):
    every = [
        replace(i, target=replace(i.target, kind="every_area", every_year=True))
        if i.id == "screening_coverage"
        else i
        for i in tiny_plan.indicators
    ]
    plan = replace(tiny_plan, indicators=tuple(every))
    found = wdp.assess_many(table, plan, AREAS, below={"east": ["hamlet"]}, **SETTINGS)
    found = found[found["indicator"] == "screening_coverage"].set_index("area")
    lowest = table.loc[(table["area"] == "hamlet") & (table["year"] == 2025), "value"].iloc[0]
    assert found.loc["east", "margin"] == pytest.approx(lowest - 70)
    assert found.loc["west", "state_reason"] == "no_area_values"


def test_a_stricter_scheme_gives_a_stricter_class(tiny_plan, table):
    strict = replace(wdp.load_scheme(), red=0.02, orange=0.015, yellow=0.01, blue=0.005)
    found = wdp.assess_many(table, tiny_plan, AREAS, scheme=strict, **SETTINGS)
    graded = found[found["indicator"] == "screening_coverage"]
    assert set(graded["risk"]) == {"red"}

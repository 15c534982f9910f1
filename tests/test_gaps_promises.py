"""A promise to narrow a gap is judged on the gap's own values and forecast, by size and not by sign."""

from dataclasses import replace

import pytest
from kit import forecasts, observations

import wdp_lib as wdp
from wdp_lib.plan import Target


def narrowing(plan):
    """The small plan with a gap that is to narrow in place of the screening."""
    gap = {
        "target": Target("narrow_gap", year=2030),
        "data_kind": "gap",
        "direction": "narrow_gap",
        "lower_bound": -100.0,
    }
    changed = [replace(i, **gap) if i.id == "screening_coverage" else i for i in plan.indicators]
    return replace(plan, indicators=tuple(changed))


def risk(plan, values, quantiles):
    observed = ["indicator | year | value"]
    observed += [f"screening_coverage | {2020 + k} | {value}" for k, value in enumerate(values)]
    ahead = ["indicator | year | quantile | value"]
    ahead += [
        f"screening_coverage | 2030 | {q} | {v}"
        for q, v in zip((0.1, 0.5, 0.9), quantiles, strict=True)
    ]
    table = wdp.assess(
        forecasts("\n".join(ahead)),
        observations("\n".join(observed)),
        narrowing(plan),
        as_of="2026-06-30",
    )
    return table.set_index("indicator").loc["screening_coverage"]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.requirement("B6")
def test_a_gap_that_closes_keeps_the_promise_on_either_side(tiny_plan, sign):
    found = risk(
        tiny_plan,
        [sign * v for v in (4.0, 3.6, 3.1, 2.7, 2.2, 1.9)],
        sorted(sign * v for v in (0.5, 1.5, 2.5)),
    )
    assert (found["state"], found["baseline_value"], found["target_upper"]) == (
        "attained",
        sign * 4.0,
        4.0,
    )
    assert found["margin"] == pytest.approx(4.0 - 1.9)
    assert found["p_meet"] == pytest.approx(
        0.9
    )  # all three quantiles inside, half of each tail left out


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.requirement("B6")
def test_a_gap_that_reverses_and_grows_beyond_its_old_size_breaks_the_promise(tiny_plan, sign):
    values = [sign * v for v in (4.0, 4.2, -4.4, -4.8, -5.5, -6.0)]
    found = risk(tiny_plan, values, sorted(sign * v for v in (-5.0, -6.0, -7.0)))
    assert found["state"] == "not_attained"
    assert found["margin"] == pytest.approx(-2.0)
    assert (found["p_meet"], found["risk"]) == (
        0.02,
        "red",
    )  # nothing between -4 and 4; 0 is never printed


@pytest.mark.requirement("B6")
def test_the_probability_counts_both_sides_of_parity(tiny_plan):
    # baseline 4; the forecast is even around 0: 0.4 of it lies between 0 and 6, so 0.4 * 4 / 6 on each side of parity
    found = risk(tiny_plan, [4.0, 3.5, 3.0, 2.4, 1.2, 0.0], [-6.0, 0.0, 6.0])
    assert found["p_meet"] == pytest.approx(2 * 0.4 * 4 / 6)


@pytest.mark.requirement("B6")
def test_exactly_the_old_gap_is_no_narrowing(tiny_plan):
    found = risk(tiny_plan, [4.0, 4.0, 4.0, 4.0, 4.0, -4.0], [-1.0, 0.0, 1.0])
    assert found["margin"] == 0
    assert found["state"] == "not_assessable"

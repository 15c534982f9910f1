"""How far apart two groups may be in a later year."""

import pytest
from kit import observations
from test_gaps import both_by_sex, yearly

import wdp_lib as wdp
from wdp_lib.comparison.groups import latest_gaps


def ahead(plan, text, **settings):
    rows = observations(text)
    return wdp.gap_outlook(
        rows, wdp.group_gaps(rows, plan), plan, through=2030, draws=400, seed=1, **settings
    )


@pytest.mark.requirement("B6")
def test_a_gap_that_closed_steadily_is_likely_smaller_later(tiny_plan):
    plan = both_by_sex(tiny_plan)
    women = [40, 43, 46, 49, 52, 55, 58, 61, 64, 67]
    row = ahead(plan, yearly(women, [70] * 10, first_year=2016)).iloc[0]
    assert (row["year"], row["last_year"], row["difference"]) == (2030, 2025, -3)
    assert row["lower"] < row["median"] < row["upper"]
    assert row["median"] > -3  # women went on catching up


@pytest.mark.requirement("B6")
def test_the_outlook_agrees_with_the_joint_paths_it_is_read_from(tiny_plan):
    plan = both_by_sex(tiny_plan)
    text = yearly(
        [60, 63, 61, 64, 62, 65, 63, 66], [70, 72, 70, 73, 71, 74, 72, 75], first_year=2018
    )
    row = ahead(plan, text).iloc[0]
    sides = {"first": {"sex": "female"}, "second": {"sex": "male"}}
    paths = wdp.gap_paths(
        observations(text), plan, "screening_coverage", **sides, through=2030, draws=400, seed=1
    )
    gap = paths.loc[paths["year"] == 2030, "gap"]
    assert row["median"] == pytest.approx(gap.median())
    assert row["p_smaller"] == pytest.approx((gap.abs() < 9).mean())


@pytest.mark.requirement("B6")
def test_shares_of_a_body_and_numbers_of_persons_are_not_looked_ahead_to(tiny_plan):
    text = yearly([60] * 8, [70] * 8, first_year=2018)
    assert ahead(both_by_sex(tiny_plan, data_kind="count", unit="persons"), text).empty


@pytest.mark.requirement("B6")
def test_the_last_year_with_both_groups_counts_not_the_last_of_one(tiny_plan):
    text = (
        yearly([60, 62], [70, 70], first_year=2023)
        + "\nscreening_coverage | female | 2025 | 90 | 90 | 100"
    )
    last = latest_gaps(wdp.group_gaps(observations(text), both_by_sex(tiny_plan)))
    assert last[["year", "difference"]].to_numpy().tolist() == [[2024, -8.0]]

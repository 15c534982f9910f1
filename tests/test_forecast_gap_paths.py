"""Gaps between two groups are statements about joint paths that agree with each group's own
forecast.
"""

import numpy as np
import pandas as pd
import pytest
from kit import observations

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError
from wdp_lib.forecasting.frame import panel_of
from wdp_lib.forecasting.gap_paths import shared_shocks

NAME = "girls_senior_secondary_gross_enrolment_ratio"
WOMEN, MEN = {"sex": "female"}, {"sex": "male"}
UP_DOWN = np.array([50.0, 52.0, 49.5, 53.0, 51.0, 54.0, 52.5, 55.0, 53.0, 56.0])


@pytest.fixture(scope="module")
def plan():
    return wdp.load_plan("ruyuan-2021-2030")


def two_groups(women, men):
    rows = [
        f"{NAME} | ruyuan | {sex} | {2026 - len(values) + k} | {value}"
        for sex, values in (("female", women), ("male", men))
        for k, value in enumerate(values)
    ]
    return observations("indicator | area | sex | year | value\n" + "\n".join(rows))


def series(values):
    frames = [
        pd.DataFrame(
            {
                "series_id": name,
                "year": range(2016, 2016 + len(row)),
                "value": row,
                "kind": "percent",
            }
        )
        for name, row in zip("ab", values, strict=True)
    ]
    return panel_of(pd.concat(frames))


def test_each_group_of_the_paths_has_the_quantiles_of_its_own_forecast(plan):
    table = two_groups(UP_DOWN, UP_DOWN + 8)
    paths = wdp.gap_paths(
        table, plan, NAME, first=WOMEN, second=MEN, through=2030, draws=4000, seed=1
    )
    strata = pd.DataFrame([{"indicator": NAME, **WOMEN}, {"indicator": NAME, **MEN}])
    own = wdp.forecast(table, plan, through=2030, strata=strata)
    for sex, column in (("female", "first"), ("male", "second")):
        wanted = own[(own["sex"] == sex) & (own["year"] == 2030)].set_index("quantile")["value"]
        for level in (0.1, 0.5, 0.9):
            found = paths.loc[paths["year"] == 2030, column].quantile(level)
            assert found == pytest.approx(wanted[level], abs=0.15)
    assert paths["gap"].to_numpy() == pytest.approx((paths["first"] - paths["second"]).to_numpy())


def test_groups_that_share_good_and_bad_years_have_a_narrower_gap_than_groups_that_do_not(plan):
    noise = np.random.default_rng(5).normal(0, 2, 10)
    together = two_groups(UP_DOWN, UP_DOWN + 8)
    apart = two_groups(UP_DOWN, 58 + noise)
    widths = []
    for table in (together, apart):
        paths = wdp.gap_paths(
            table, plan, NAME, first=WOMEN, second=MEN, through=2030, draws=4000, seed=1
        )
        gap = paths.loc[paths["year"] == 2030, "gap"]
        widths.append(gap.quantile(0.9) - gap.quantile(0.1))
    assert widths[0] < 0.75 * widths[1]


def test_the_correlation_of_few_years_is_drawn_towards_the_usual_one():
    unlike = [4.0, 2, 5, 1, 6], [1.0, 5, 2, 6, 1]
    short, long = series(unlike), series(tuple(list(row) * 4 for row in unlike))
    assert shared_shocks(series(([1.0, 2, 4], [2.0, 3, 9]))) == pytest.approx(np.tanh(1.385))
    assert -0.99 < shared_shocks(long) < shared_shocks(short) < np.tanh(1.385)


def test_groups_that_are_the_same_are_refused(plan):
    with pytest.raises(ParameterError):
        wdp.gap_paths(
            two_groups(UP_DOWN, UP_DOWN), plan, NAME, first=WOMEN, second=WOMEN, through=2030
        )


def test_a_group_without_data_gives_no_paths(plan):
    table = two_groups(UP_DOWN, UP_DOWN[:2])
    assert wdp.gap_paths(table, plan, NAME, first=WOMEN, second=MEN, through=2030).empty

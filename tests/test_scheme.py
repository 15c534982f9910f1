"""The monitoring scheme on one table, and how late figures became known."""

import pandas as pd
import pytest
from kit import observations

import wdp_lib as wdp
from tests.data_kit import PLAN
from wdp_lib.data.coverage import lags


@pytest.mark.requirement("B2")
def test_the_scheme_has_every_goal_and_indicator_with_its_target_in_the_words_of_the_plan():
    study = wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", as_of="2026-06-30")
    table, plan = study.show("scheme").frame, study.plan
    goal, name, wording, year = (table.iloc[:, place] for place in range(4))
    assert len(set(goal)) == len(plan.goals) == 80
    assert set(name) - {"—"} == {one.name.zh for one in plan.indicators}
    said = set(zip(name, wording, year, strict=True))
    for one in plan.indicators:
        assert (one.name.zh, one.target.wording.zh or "—", str(one.target.year or "—")) in said
    bare = {g.title.zh for g in plan.goals if not any(g.id in i.goals for i in plan.indicators)}
    assert set(goal[name == "—"]) == bare


@pytest.mark.requirement("C4")
def test_lags_are_days_after_the_end_of_the_year():
    rows = observations(
        """
        indicator | sex | year | value | as_of
        screening | all | 2022 | 60    | 2023-01-10
        screening | all | 2023 | 61    | 2024-03-31
        screening | all | 2024 | 62    | 2025-01-30 """
    )
    (row,) = lags(rows, PLAN).itertuples(index=False)
    assert (row.indicator, row.n, row.year) == ("screening", 3, 2024)
    assert (row.lag, row.median_lag, row.longest_lag) == (30, 30, 91)
    assert lags(rows.head(0), PLAN).empty and isinstance(rows, pd.DataFrame)

"""Published attainment rates against the one table that says numerator and denominators."""

import pandas as pd
import pytest

from wdp_lib.core.errors import Text
from wdp_lib.evaluation.summaries import attainment_rates
from wdp_lib.plan.model import Domain, Goal, Indicator, Plan, Source
from wdp_lib.plan.target import Target


def plan_of(n):
    return Plan(
        "ended",
        Text("已结束的规划", "A plan that has ended"),
        "county",
        Text("某县", "A county"),
        2001,
        2010,
        2000,
        "suggested",
        Source("规划"),
        domains=(Domain("health", "H", Text("健康", "Health")),),
        goals=(Goal("H01", "health", "一", Text("目标", "Goal"), "quantified"),),
        indicators=tuple(
            Indicator(f"i{k}", ("H01",), "一", Text("指标", "Indicator"), "percent", Target("at_least", 1), "higher_better")
            for k in range(n)
        ),
    )  # fmt: skip


def rates(*, attained, not_attained, not_assessable):
    states = (
        ["attained"] * attained
        + ["not_attained"] * not_attained
        + ["not_assessable"] * not_assessable
    )
    risks = pd.DataFrame({"indicator": [f"i{k}" for k in range(len(states))], "standing": states})
    risks = risks.assign(target_kind="at_least", evidence="confirmed")
    return attainment_rates(risks, plan_of(len(states))).set_index("domain").loc[""]


# 金川县, monitoring of the plan 2001-2010 (2011): 94 indicators, 4 not attained, 2 without data, "the other 90 all attained, rate 96 %"
def test_the_published_figures_of_jinchuan_contradict_each_other():
    total, not_attained, no_data, said_attained, said_rate = 94, 4, 2, 90, 0.96
    row = rates(
        attained=total - not_attained - no_data, not_attained=not_attained, not_assessable=no_data
    )
    assert row["attained"] == 88 != said_attained
    assert row["of_judged"] == pytest.approx(88 / 94)
    assert row["of_assessable"] == pytest.approx(88 / 92)
    assert [round(row[name], 4) for name in ("of_judged", "of_assessable")] == [0.9362, 0.9565]
    # one printed rate fits two countings that exclude each other: so the denominator must be said
    assert round(row["of_assessable"], 2) == round(said_attained / total, 2) == said_rate
    assert round(row["of_judged"], 2) != said_rate


def test_the_three_denominators_stand_beside_the_numerator():
    row = rates(attained=88, not_attained=4, not_assessable=2)
    assert row[["attained", "judged", "quantified", "assessable"]].tolist() == [88, 94, 94, 92]
    assert row["attained"] + row["nearly"] + row["not_attained"] == row["assessable"]


# National Bureau of Statistics, mid-term monitoring 2016 of the plan 2011-2020
def test_44_of_54_is_the_rate_published_for_the_national_plan():
    row = rates(attained=44, not_attained=10, not_assessable=0)
    assert round(100 * row["of_judged"], 2) == 81.48

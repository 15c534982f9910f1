"""Composite scores: formulas, refusals, and what stands beside a score."""

import numpy as np
import pandas as pd
import pytest
from conftest import drawn

import wdp_lib as wdp
from wdp_lib.assessment.composite_scores import (
    distance_to_target,
    efficacy,
    split_normal,
    weighted_mean,
)
from wdp_lib.core.columns import RISKS, conform
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.core.words import vocabulary
from wdp_lib.plan.model import Domain, Goal, Indicator, Plan, Source
from wdp_lib.plan.target import Target


def test_distance_to_target_as_coinr_computes_it():
    assert distance_to_target([0, 5, 11], worst=0, target=10, cap=False) == pytest.approx(
        [0, 0.5, 1.1]
    )
    assert distance_to_target([0, 5, 11], worst=0, target=10) == pytest.approx([0, 0.5, 1])
    assert distance_to_target([-1, 1, 10], worst=10, target=0, cap=False) == pytest.approx(
        [1.1, 0.9, 0]
    )
    assert distance_to_target(1, worst=0, target=10) == pytest.approx(0.1)
    assert distance_to_target(1, worst=10, target=0) == pytest.approx(0.9)


def test_the_efficacy_function_gives_60_to_what_is_not_allowed_and_100_to_what_satisfies():
    assert efficacy([30, 60, 90], not_allowed=30, satisfactory=90) == pytest.approx(
        [60, 77.459667, 100]
    )


def test_the_geometric_mean_punishes_the_weak_and_never_exceeds_the_arithmetic():
    assert weighted_mean([25, 100], [1, 1]) == 62.5
    assert weighted_mean([25, 100], [1, 1], geometric=True) == pytest.approx(50)
    assert weighted_mean([0, 100], [1, 1], geometric=True) == pytest.approx(
        10
    )  # a zero counts as one
    assert weighted_mean([25, 100], [3, 1]) == pytest.approx(43.75)


def test_each_half_of_a_skewed_interval_has_its_own_spread():
    z = np.array([[-1.96], [0.0], [1.96]])
    assert split_normal(z, [4], [5], [9], 1.96)[:, 0] == pytest.approx([4, 5, 9])
    assert split_normal(z, [np.nan], [5], [np.nan], 1.96)[:, 0].tolist() == [5, 5, 5]


def indicator(name, goal, target):
    return Indicator(
        name,
        (goal,),
        "一",
        Text(name, name),
        "percent",
        target,
        "higher_better",
        lower_bound=0,
        upper_bound=100,
    )


NAMES = ("h1", "h2", "h3", "h4", "e1", "e2", "e3")
PLAN = Plan(
    "tiny",
    Text("小规划", "Tiny plan"),
    "county",
    Text("某县", "A county"),
    2021,
    2030,
    2020,
    "suggested",
    Source("小规划"),
    domains=(
        Domain("health", "H", Text("健康", "Health")),
        Domain("education", "E", Text("教育", "Education")),
        Domain("law", "L", Text("法律", "Law")),
    ),
    goals=tuple(Goal(g, d, "一", Text(g, g), "quantified") for g, d in (("H", "health"), ("E", "education"), ("L", "law"))),
    indicators=(
        *(indicator(name, name[0].upper(), Target("at_least", 80, year=2030)) for name in NAMES),
        indicator("l1", "L", Target("rise", year=2030)),
    ),
)  # fmt: skip
# all rows: baseline 40, target 80, so that a tenth of the target below the baseline is 32
FIGURES = """
    indicator | last_value | risk
    h1        | 80         | clear
    h2        | 90         | clear
    h3        | 56         | red
    h4        | 68         | orange
    e1        | 32         | yellow
    e2        | 56         | yellow
    e3        | 80         | clear
    l1        | 50         | red
"""


def risks(figures=FIGURES, **more):
    given = pd.DataFrame(drawn(figures)).astype({"last_value": "float64"})
    texts = {c.name: (c.allowed or ("",))[0] for c in RISKS.columns if c.kind == "text"}
    numbers = {c.name: np.nan for c in RISKS.columns if c.kind in ("number", "integer")}
    truths = {c.name: False for c in RISKS.columns if c.kind == "truth"}
    filled = {
        **texts,
        **numbers,
        **truths,
        "state": "not_attained",
        "evidence": "confirmed",
        "baseline_value": 40.0,
    }
    frame = given.assign(
        **{k: v for k, v in {**filled, **more}.items() if k not in given or k in more}
    )
    return conform(frame.assign(forecast_median=frame["last_value"]), RISKS)


def scored(table=None, time="now", **settings):
    made = wdp.composite(
        risks() if table is None else table, PLAN, **{"seed": 7, "draws": 400, **settings}
    )
    return made[made["time"] == time].set_index("domain")


def test_the_score_is_the_share_of_the_way_from_a_tenth_below_the_baseline_to_the_target():
    table = scored()
    assert table.loc["health", "score"] == pytest.approx(
        (100 + 100 + 50 + 75) / 4
    )  # (56 - 32) / 48 = one half
    assert table.loc["education", "score"] == pytest.approx((0 + 50 + 100) / 3)
    assert table.loc["", "score"] == pytest.approx((81.25 + 50) / 2)
    assert table.loc["health", "change"] == pytest.approx(81.25 - 100 * 8 / 48)


def test_the_range_holds_the_score_and_the_order_of_domains_is_tested():
    table = scored()
    known = table[table["score"].notna()]
    assert ((known["lower"] < known["score"]) & (known["score"] < known["upper"])).all()
    assert table.loc[["health", "education"], "rank"].tolist() == [1, 2]
    assert 0.5 < table.loc["health", "rank_holds"] < 1
    assert (known["geometric"] <= known["score"]).all()


def test_a_red_indicator_stands_beside_every_score_even_one_that_has_no_number():
    table = scored()
    assert table.loc["health", ["n_red", "red"]].tolist() == [1, "h3"]
    assert table.loc["law", ["n_red", "red"]].tolist() == [1, "l1"]
    assert table.loc["", ["n_red", "red"]].tolist() == [2, "h3;l1"]


def test_a_domain_without_numbers_has_no_score_and_says_so():
    table = scored()
    assert np.isnan(table.loc["law", "score"])
    assert table.loc["law", "reason"] == "no_target"


@pytest.mark.parametrize(
    ("gone", "fewest", "reason"),
    [
        ((), 4, ""),
        (("h1",), 4, "too_few_indicators"),
        (("h1",), 3, ""),
        (("h1", "h2"), 2, "too_few_indicators"),
    ],
)
def test_a_score_of_too_few_indicators_is_refused(gone, fewest, reason):
    table = risks()
    table.loc[table["indicator"].isin(gone), "state"] = "not_assessable"
    row = scored(table, fewest=fewest).loc["health"]
    assert row["reason"] == reason
    assert np.isnan(row["score"]) == bool(reason)
    assert (row["n_indicators"], row["n_scored"], row["not_scored"]) == (
        4,
        4 - len(gone),
        ";".join(gone),
    )


def test_what_is_stale_unconfirmed_or_without_a_baseline_is_not_scored():
    table = risks()
    table.loc[0, "stale"] = True
    assert scored(table).loc["health", "not_scored"] == "h1"
    table = risks()
    table.loc[0, "baseline_value"] = np.nan
    assert scored(table).loc["health", "not_scored"] == "h1"
    table = risks()
    table.loc[0, "evidence"] = "to_confirm"
    assert scored(table).loc["health", "n_indicators"] == 3


def test_the_target_year_is_scored_by_the_forecast_and_not_by_what_was_not_graded():
    table = risks().assign(forecast_median=80.0)
    assert scored(table, "target_year").loc["education", "score"] == pytest.approx(100)
    table.loc[table["indicator"] == "e1", "risk"] = "not_graded"
    assert scored(table, "target_year").loc["education", "reason"] == "too_few_indicators"


def test_a_wider_interval_of_the_values_is_a_wider_range_of_the_score():
    sure = risks("indicator | last_value | risk\ne1 | 60 | blue\ne2 | 60 | blue\ne3 | 60 | blue")
    doubtful = sure.assign(last_lower=45.0, last_upper=75.0)
    widths = [
        (t := scored(table).loc["education"])["upper"] - t["lower"] for table in (sure, doubtful)
    ]
    assert widths[0] < widths[1]


def test_when_every_target_is_kept_no_method_and_no_weight_takes_a_point():
    kept = risks("indicator | last_value | risk\ne1 | 80 | clear\ne2 | 90 | clear\ne3 | 85 | clear")
    row = scored(kept).loc["education"]
    assert row[["score", "lower", "upper", "geometric"]].astype(float).tolist() == pytest.approx(
        [100] * 4
    )


def test_better_values_are_never_a_worse_score():
    def education(value):
        figures = (
            f"indicator | last_value | risk\ne1 | {value} | blue\ne2 | 50 | blue\ne3 | 60 | blue"
        )
        return scored(risks(figures)).loc["education", ["score", "lower", "upper"]].tolist()

    found = [education(value) for value in (20, 40, 60, 80, 95)]
    assert (np.diff(found, axis=0) > -1e-9).all()


def test_the_same_seed_gives_the_same_table_and_another_seed_another():
    first, again, other = (wdp.composite(risks(), PLAN, seed=s, draws=200) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first["lower"].equals(other["lower"])


@pytest.mark.parametrize("settings", [{"draws": 99}, {"draws": 200.0}, {"fewest": 0}])
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ParameterError):
        scored(**settings)


def test_every_reason_of_the_table_has_a_word():
    table = wdp.composite(risks(), PLAN, seed=1, draws=100, fewest=4)
    assert set(table["reason"]) == {"", "no_target", "too_few_indicators"}
    assert {("reason", code) for code in table["reason"] if code} <= set(vocabulary())
    assert {("composite_time", time) for time in table["time"]} <= set(vocabulary())

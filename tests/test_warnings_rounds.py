"""Warnings from round to round, their colours, and the limits behind them."""

import inspect
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from kit import observations
from warnings_kit import LINE, assessed, screening, warned

import wdp_lib as wdp
from wdp_lib.assessment import load_scheme, volatility, warning, xmr_limits
from wdp_lib.assessment.scheme import RULES
from wdp_lib.assessment.warning import class_changes
from wdp_lib.core.errors import ParameterError
from wdp_lib.forecasting.probability import probability_inside


def test_a_verdict_that_changes_twice_in_five_rounds_is_warned_of(tiny_plan):
    now = screening([71])
    above, below = assessed(tiny_plan, screening([72])), assessed(tiny_plan, screening([60]))
    rows = warned(tiny_plan, now, earlier=[above, below])
    assert (rows.loc["status_flips", "figure"], rows.loc["status_flips", "clears_at"]) == (2, 1)
    assert "status_flips" not in warned(tiny_plan, now, earlier=[below, below]).index
    assert "status_flips" not in warned(tiny_plan, now, earlier=[above, below, *[above] * 5]).index


@pytest.mark.requirement("D9")
def test_a_township_below_the_line_is_warned_of_with_its_value(tiny_plan):
    every = tuple(
        replace(i, target=replace(i.target, kind="every_area", every_year=True))
        if i.id == "screening_coverage"
        else i
        for i in tiny_plan.indicators
    )
    plan = replace(tiny_plan, indicators=every)
    table = observations("""
        indicator          | area   | year | value
        screening_coverage | county | 2025 | 75
        screening_coverage | east   | 2025 | 80
        screening_coverage | west   | 2025 | 66
    """)
    row = warned(plan, table).loc["area_below_line"]
    assert (row["figure"], row["threshold"]) == (66, 70)


@pytest.mark.requirement("D3")
def test_small_numbers_of_a_constant_rate_rarely_trigger_a_rule_of_fluctuation(tiny_plan):
    rare = tuple(
        replace(i, multiplier=100.0, data_kind="proportion") if i.id == "screening_coverage" else i
        for i in tiny_plan.indicators
    )
    plan = replace(tiny_plan, indicators=rare)
    rng = np.random.default_rng(3)
    alarms = 0
    for _ in range(60):
        screened = rng.binomial(40, 0.65, 10)
        table = screening(
            list(screened / 40 * 100), numerator=screened.astype(float), denominator=40.0
        )
        alarms += bool((warned(plan, table)["axis"] == "volatile").any())
    assert alarms <= 6  # one in twenty is three of sixty; seven or more have a chance below 4 %


def test_colours_and_their_words_come_from_the_scheme(tiny_plan):
    scheme = load_scheme()
    words = {**scheme.levels, "red": replace(scheme.levels["red"], zh="一级预警", en="level one")}
    row = warned(tiny_plan, screening(LINE), scheme=replace(scheme, levels=words)).loc[
        "probability_of_missing"
    ]
    assert (row["level_zh"], row["level_en"]) == ("一级预警", "level one")


def test_a_rule_with_an_unknown_colour_is_refused_with_its_place(tmp_path):
    from wdp_lib.core.home import find_home

    folder = tmp_path / "data" / "schemes"
    folder.mkdir(parents=True)
    text = (find_home() / "data" / "schemes" / "default.yaml").read_text(encoding="utf-8")
    (folder / "odd.yaml").write_text(
        text.replace("swings: yellow", "swings: green"), encoding="utf-8"
    )
    with pytest.raises(ParameterError) as caught:
        load_scheme("odd", tmp_path)
    assert [(p.column, p.found) for p in caught.value.problems] == [("rule_levels.swings", "green")]


@pytest.mark.requirement("D6")
def test_changes_of_class_since_the_last_run_are_listed_the_worse_first(tiny_plan):
    before = assessed(tiny_plan, screening(LINE), fan=(60, 69, 78))
    now = assessed(tiny_plan, screening(LINE), fan=(60, 65, 68))
    row = class_changes(now, before).iloc[0]
    assert (row["indicator"], row["change"], row["risk_before"], row["risk"]) == (
        "screening_coverage",
        "worse",
        "orange",
        "red",
    )
    assert class_changes(before, now)["change"].tolist() == ["better"]
    assert class_changes(now, now).empty


NORMAL = [
    *(
        -0.56047565,
        -0.23017749,
        1.55870831,
        0.07050839,
        0.12928774,
        1.71506499,
        0.46091621,
        -1.26506123,
        -0.68685285,
    ),
    *(
        -0.44566197,
        1.22408180,
        0.35981383,
        0.40077145,
        0.11068272,
        -0.55584113,
        1.78691314,
        0.49785048,
        -1.96661716,
    ),
    *(0.70135590, -0.47279141),
]


def test_limits_of_twenty_published_draws_are_those_of_the_published_chart():
    """Draws of R (seed 123); limits as tested by NHSRplotthedots."""
    limits = xmr_limits(NORMAL)
    assert limits.mean == pytest.approx(0.1416238, abs=1e-6)
    assert limits.lower == pytest.approx(-3.01138, abs=1e-5)
    assert limits.upper == pytest.approx(3.294627, abs=1e-5)


def test_limits_of_ten_values_are_the_mean_and_266_hundredths_of_the_mean_change():
    limits = xmr_limits([88, 90, 87, 91, 89, 92, 90, 93, 91, 94])
    assert limits.mean == 90.5
    assert (limits.lower, limits.upper) == (
        pytest.approx(83.40667, abs=1e-5),
        pytest.approx(97.59333, abs=1e-5),
    )


@pytest.mark.requirement("D2")
def test_about_as_many_simulated_promises_are_kept_as_their_probabilities_say():
    """Eighty random walks with drift, forecast from ten points to five years ahead; lines scattered around the expected end."""
    rng = np.random.default_rng(20260630)
    n, seen, ahead = 80, 10, 5
    paths = 50 + rng.normal(1.0, 1.5, (n, seen + ahead)).cumsum(axis=1)
    lines = paths[:, seen - 1] + ahead + rng.normal(0, 4, n)
    frame = pd.DataFrame(
        {
            "series_id": np.repeat([f"s{k:02d}" for k in range(n)], seen),
            "year": np.tile(np.arange(2016, 2016 + seen), n),
            "value": paths[:, :seen].ravel(),
        }
    )
    made = wdp.forecast_frame(frame, horizon=ahead, model="pooled")
    last = made[made["year"] == made["year"].max()].sort_values(["series_id", "quantile"])
    chances = np.array(
        [
            probability_inside(rows["quantile"].to_numpy(), rows["value"].to_numpy(), lower=line)
            for (_, rows), line in zip(last.groupby("series_id"), lines, strict=True)
        ]
    )
    kept = paths[:, -1] >= lines
    likely, unlikely = chances >= 0.6, chances <= 0.4
    assert min(likely.sum(), unlikely.sum()) >= 15
    for group in (likely, unlikely):
        # three standard errors of a share of about eighty per cent among so many
        assert abs(kept[group].mean() - chances[group].mean()) < 3 * 0.4 / np.sqrt(group.sum())


@pytest.mark.requirement("D2")
def test_an_attained_stable_series_is_never_hard_to_reach(tiny_plan):
    table = screening([80.1, 79.9, 80.0, 80.2, 79.8, 80.0, 80.1, 79.9])
    made = wdp.forecast(table, tiny_plan, through=2030, model="pooled")
    risk = (
        wdp.assess(made, table, tiny_plan, as_of="2026-06-30")
        .set_index("indicator")
        .loc["screening_coverage"]
    )
    assert (risk["state"], risk["risk"]) == ("attained", "clear")


@pytest.mark.parametrize(
    ("values", "warned_of"),
    [
        ([92, 91, 89, 87, 86, 84], True),  # falls every year, still above the line of 70
        ([92, 92.5, 91, 92, 91.5, 92], False),  # wanders
        ([84, 86, 87, 89, 91, 92], False),  # rises
        ([92, 88, 84], False),  # too few points to tell
        ([69, 68, 67, 66, 65, 64], False),  # below the line: the other rules speak
    ],
)
def test_high_but_falling_is_warned_of_though_the_target_is_met_and_safe(
    tiny_plan, values, warned_of
):
    rows = warned(tiny_plan, screening(values), fan=(78, 80, 82))
    assert ("getting_worse" in rows.index) == warned_of
    if warned_of:
        row = rows.loc["getting_worse"]
        assert (row["axis"], row["level"], row["clears_when"]) == (
            "hard_to_reach",
            "blue",
            "trend_turns",
        )
        assert (row["figure"], row["threshold"]) == (84, 70)


def test_every_rule_of_the_scheme_is_triggered_somewhere():
    source = inspect.getsource(warning) + inspect.getsource(volatility)
    assert {rule for rule in RULES if f'"{rule}"' not in source} == set()

"""Early warning: which rule is triggered, by how much, what clears it; and that chance alone rarely triggers one."""

import inspect
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from kit import forecasts, observations

import wdp_lib as wdp
from wdp_lib.assessment import load_scheme, volatility, warning, xmr_limits
from wdp_lib.assessment.clearing import clearing_values
from wdp_lib.assessment.scheme import RULES
from wdp_lib.assessment.warning import class_changes
from wdp_lib.core.errors import ParameterError
from wdp_lib.forecasting.probability import probability_inside

FAN = """
    indicator          | year | quantile | value
    screening_coverage | 2030 | 0.1      | {0}
    screening_coverage | 2030 | 0.5      | {1}
    screening_coverage | 2030 | 0.9      | {2}
"""


def screening(values, last=2025, **columns):
    years = range(last - len(values) + 1, last + 1)
    table = observations(
        "indicator | year | value\n"
        + "\n".join(f"screening_coverage | {y} | {v}" for y, v in zip(years, values, strict=True))
    )
    return table.assign(**columns)


def assessed(plan, table, fan=(60, 65, 68)):
    return wdp.assess(forecasts(FAN.format(*fan)), table, plan, as_of="2026-06-30")


def warned(plan, table, fan=(60, 65, 68), **settings):
    rows = wdp.warnings(assessed(plan, table, fan), table, plan, **settings)
    return rows[rows["indicator"] == "screening_coverage"].set_index("rule")


LINE = [58, 59, 60, 61, 62, 63, 64, 65]


def test_a_promise_hard_to_reach_says_by_how_much_and_what_would_clear_it(tiny_plan):
    row = warned(tiny_plan, screening(LINE)).loc["probability_of_missing"]
    assert (row["axis"], row["level"]) == ("hard_to_reach", "red")
    assert row["figure"] >= row["threshold"] == 0.7
    assert (row["clears_when"], row["clears_at"]) == ("probability_below", 0.2)
    assert row["needed_next"] == 66  # five points are missing, five years are left
    assert row["units"] == "health_bureau"
    assert row["level_zh"] == "红色预警（达标困难）"


def next_round(plan, table, year, value):
    """The warnings of a target once a value of the next year has come."""
    new = screening([value], last=year)
    seen = pd.concat([table, new.assign(as_of=f"{year + 1}-03-31")], ignore_index=True)
    risks = wdp.assess(
        wdp.forecast(seen, plan, through=2030), seen, plan, as_of=f"{year + 1}-06-30"
    )
    return wdp.warnings(risks, seen, plan)["rule"].tolist()


@pytest.mark.parametrize("values", [LINE, [72, 71, 70, 70, 69, 69, 68, 68]])
def test_the_value_said_to_clear_a_warning_clears_it_when_it_comes(tiny_plan, values):
    table = screening(values)
    made = wdp.forecast(table, tiny_plan, through=2030)
    risks = wdp.assess(made, table, tiny_plan, as_of="2026-06-30")
    solved = clearing_values(risks, table, tiny_plan, as_of="2026-06-30", through=2030)
    listed = wdp.warnings(risks, table, tiny_plan, clearing=solved)
    row = listed.set_index("rule").loc["probability_of_missing"]
    assert row["clears_next"] > row["needed_next"]
    assert "probability_of_missing" not in next_round(tiny_plan, table, 2026, row["clears_next"])
    # the value on schedule does not clear it, nor does one three points worse
    for value in (row["needed_next"], row["clears_next"] - 3):
        assert "probability_of_missing" in next_round(tiny_plan, table, 2026, value)


def test_where_no_value_of_one_year_clears_a_warning_none_is_said(tiny_plan):
    # forty points short: one year at 100 % is not believed
    table = screening([30, 29, 31, 30, 28, 30, 29, 30])
    made = wdp.forecast(table, tiny_plan, through=2030)
    risks = wdp.assess(made, table, tiny_plan, as_of="2026-06-30")
    solved = clearing_values(risks, table, tiny_plan, as_of="2026-06-30", through=2030)
    assert solved.set_index("indicator")["clears_next"].isna().loc["screening_coverage"]


def test_a_safe_and_steady_promise_is_not_warned_of(tiny_plan):
    assert warned(
        tiny_plan, screening([78, 78.5, 79, 79.5, 80, 80.5, 81, 81.5]), fan=(84, 86, 88)
    ).empty


@pytest.mark.requirement("D7")
def test_a_series_two_years_behind_is_stale_grey_and_never_graded(tiny_plan):
    table = pd.concat(
        [
            screening(LINE, last=2023),
            observations("indicator | year | value\nlife_expectancy | 2025 | 80"),
        ]
    )
    rows = warned(tiny_plan, table, fan=(84, 86, 88))
    assert list(rows.index) == ["stale"]
    assert (
        rows.loc["stale", "level"],
        rows.loc["stale", "figure"],
        rows.loc["stale", "clears_at"],
    ) == (
        "grey",
        2023,
        2025,
    )


@pytest.mark.parametrize(
    ("status", "rule"), [("provisional", "provisional"), ("estimated", "estimates_only")]
)
def test_provisional_values_and_estimates_are_warnings_of_their_own(tiny_plan, status, rule):
    rows = warned(tiny_plan, screening(LINE, status=status))
    assert (rows.loc[rule, "axis"], rows.loc[rule, "level"]) == ("data", "grey")


def test_estimates_alone_give_a_probability_but_no_class(tiny_plan):
    risk = assessed(tiny_plan, screening(LINE, status="estimated"), fan=(84, 86, 88)).set_index(
        "indicator"
    )
    row = risk.loc["screening_coverage"]
    assert (row["state"], row["risk"], row["reason"]) == (
        "not_assessable",
        "not_graded",
        "estimates_only",
    )
    assert row["p_meet"] > 0.9


def test_missing_data_is_a_warning_and_a_value_only_monitored_is_none(tiny_plan):
    monitored = tuple(
        replace(i, target=wdp.Target("monitor_only")) if i.id == "life_expectancy" else i
        for i in tiny_plan.indicators
    )
    plan = replace(tiny_plan, indicators=monitored)
    rows = wdp.warnings(assessed(plan, screening(LINE)), screening(LINE), plan).set_index(
        "indicator"
    )
    assert "life_expectancy" not in rows.index
    assert rows.loc["maternal_mortality_ratio", "rule"] == "no_data"


@pytest.fixture
def held_plan(tiny_plan):
    """The small plan whose screening coverage of 70 is to be held every year."""
    held = tuple(
        replace(i, target=replace(i.target, kind="hold", every_year=True))
        if i.id == "screening_coverage"
        else i
        for i in tiny_plan.indicators
    )
    return replace(tiny_plan, indicators=held)


@pytest.mark.parametrize(
    ("values", "rule", "level", "figure"),
    [
        ([72, 73, 72, 73, 69], "below_held_line", "orange", 69),
        ([72, 73, 68, 69, 73], "dipped_before", "blue", 68),
    ],
)
@pytest.mark.requirement("D8")
def test_a_dip_below_a_line_to_be_held_is_warned_of_in_its_year_and_stays_on_record(
    held_plan, values, rule, level, figure
):
    row = warned(held_plan, screening(values), fan=(74, 75, 76)).loc[rule]
    assert (row["level"], row["figure"], row["threshold"]) == (level, figure, 70)


@pytest.mark.requirement("D8")
def test_a_line_not_yet_reached_is_no_dip(held_plan):
    assert not {"below_held_line", "dipped_before"} & set(
        warned(held_plan, screening([60, 62, 64, 66, 68])).index
    )


@pytest.mark.requirement("D3")
def test_a_planted_jump_is_found_with_its_size_and_limit(tiny_plan):
    row = warned(tiny_plan, screening([60, 61, 62, 63, 90, 65, 66, 67])).loc["outside_limits"]
    assert row["axis"] == "volatile"
    assert row["figure"] > row["threshold"] == row["clears_at"]


def test_a_spread_larger_than_the_change_needed_each_year_is_warned_of(tiny_plan):
    row = warned(tiny_plan, screening([66, 70, 65, 69, 64, 70, 66, 69])).loc["residual_spread"]
    assert row["threshold"] == pytest.approx(0.2)  # one point in five years
    assert row["figure"] > 2


def test_a_line_inside_the_spread_with_even_chances_is_hit_or_miss(tiny_plan):
    values = [66, 70, 65, 69, 64, 70, 66, 69]
    assert "hit_or_miss" in warned(tiny_plan, screening(values), fan=(60, 70, 80)).index
    assert "hit_or_miss" not in warned(tiny_plan, screening(values), fan=(71, 78, 85)).index
    far = [v - 30 for v in values]
    assert "hit_or_miss" not in warned(tiny_plan, screening(far), fan=(60, 70, 80)).index


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
    assert limits.moving_range == pytest.approx(24 / 9)
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

"""Gaps between women and men, country and town: sizes, intervals, and whether they narrow."""

from dataclasses import replace

import numpy as np
import pytest
from kit import observations

import wdp_lib as wdp
from wdp_lib.comparison.measures import (
    difference_interval,
    group_interval,
    parity_index,
    probability_narrower,
    ratio_interval,
)
from wdp_lib.core.errors import ParameterError, WdpError


def both_by_sex(plan, **settings):
    """The small plan with the screening wanted of women and men, as per cent with counts."""
    defaults = {
        "sex_scope": "both_by_sex",
        "multiplier": 100.0,
        "unit": "percent",
        "data_kind": "proportion",
    }
    changed = [
        replace(i, **(defaults | settings)) if i.id == "screening_coverage" else i
        for i in plan.indicators
    ]
    return replace(plan, indicators=tuple(changed))


def gaps(plan, text, **settings):
    table = wdp.group_gaps(observations(text), plan, **settings)
    return table[table["indicator"] == "screening_coverage"].reset_index(drop=True)


TWO_SEXES = """
    indicator          | sex    | year | value | numerator | denominator
    screening_coverage | female | 2025 | 80    | 56        | 70
    screening_coverage | male   | 2025 | 60    | 48        | 80
"""


@pytest.mark.requirement("B6")
def test_difference_ratio_and_parity_of_women_and_men_with_published_intervals(tiny_plan):
    row = gaps(both_by_sex(tiny_plan), TWO_SEXES).iloc[0]
    assert (row["first"], row["second"], row["dimension"], row["reason"]) == (
        "female",
        "male",
        "sex",
        "no_baseline",
    )
    assert row["difference"] == 20
    assert row["ratio"] == pytest.approx(4 / 3)
    assert row["parity"] == pytest.approx(2 - 3 / 4)
    # Newcombe (1998), Statistics in Medicine 17, table II, method 10: 56/70 less 48/80
    assert (row["difference_lower"], row["difference_upper"]) == pytest.approx(
        (5.24, 33.39), abs=0.005
    )
    assert row["method"] == "newcombe"


@pytest.mark.parametrize(
    ("first", "second", "lower", "upper"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ]
    + [
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
@pytest.mark.requirement("B6")
def test_intervals_of_a_difference_are_those_published_by_newcombe(first, second, lower, upper):
    parts = [group_interval(*group, trials=True) for group in (first, second)]
    found = difference_interval(first[0] / first[1], second[0] / second[1], *parts)
    assert found == pytest.approx((lower, upper), abs=5e-5)


@pytest.mark.requirement("B6")
def test_women_alone_are_a_warning_of_completeness_and_never_a_gap(tiny_plan):
    text = """
        indicator          | sex    | year | value | numerator | denominator
        screening_coverage | female | 2024 | 80    | 56        | 70
        screening_coverage | all    | 2025 | 70    | 104       | 150
    """
    table = gaps(both_by_sex(tiny_plan), text)
    assert list(table["reason"]) == ["other_group_missing", "not_by_sex"]
    assert list(table["year"]) == [2024, 2025]
    assert table[["difference", "ratio", "parity", "change"]].isna().all(axis=None)


@pytest.mark.requirement("B6")
def test_an_indicator_wanted_by_sex_without_any_value_has_its_row(tiny_plan):
    text = """
        indicator       | sex    | year | value
        life_expectancy | female | 2025 | 80
    """
    table = gaps(both_by_sex(tiny_plan), text)
    assert list(table["reason"]) == ["no_data"]
    assert table["year"].isna().all()


@pytest.mark.requirement("B6")
def test_an_indicator_of_women_only_has_no_gap_and_no_warning(tiny_plan):
    text = """
        indicator          | sex    | year | value
        screening_coverage | female | 2025 | 80
    """
    assert gaps(both_by_sex(tiny_plan, sex_scope="female_only"), text).empty


@pytest.mark.requirement("B6")
def test_a_share_of_women_is_set_against_the_share_of_men_and_needs_both_counts(tiny_plan):
    text = """
        indicator          | sex    | year | value | numerator | denominator
        screening_coverage | female | 2024 | 30    |           |
        screening_coverage | female | 2025 | 25    | 5         | 20
    """
    table = gaps(both_by_sex(tiny_plan, sex_scope="share_female", data_kind="share"), text)
    assert list(table["reason"]) == ["counts_missing", "full_count"]
    assert np.isnan(table.loc[0, "difference"])
    assert (
        table.loc[1, "first_value"],
        table.loc[1, "second_value"],
        table.loc[1, "difference"],
    ) == (25, 75, -50)
    assert (table.loc[1, "first_numerator"], table.loc[1, "second_numerator"]) == (5, 15)
    assert table.loc[1, "ratio"] == pytest.approx(1 / 3)


@pytest.mark.requirement("B6")
def test_without_counts_there_is_a_gap_without_an_interval(tiny_plan):
    text = """
        indicator          | sex    | year | value
        screening_coverage | female | 2025 | 80
        screening_coverage | male   | 2025 | 60
    """
    row = gaps(both_by_sex(tiny_plan), text).iloc[0]
    assert (row["difference"], row["reason"], row["method"]) == (20, "counts_missing", "")
    assert np.isnan(row["difference_lower"])


@pytest.mark.requirement("B6")
def test_country_less_town_only_where_both_are_reported(tiny_plan):
    text = """
        indicator          | sex    | residence | year | value | numerator | denominator
        screening_coverage | female | rural     | 2024 | 40    | 40        | 100
        screening_coverage | female | rural     | 2025 | 50    | 50        | 100
        screening_coverage | female | urban     | 2025 | 70    | 70        | 100
    """
    table = gaps(both_by_sex(tiny_plan, sex_scope="female_only"), text)
    assert list(table["reason"]) == ["other_group_missing", "no_baseline"]
    assert (table.loc[1, "first"], table.loc[1, "difference"], table.loc[1, "sex"]) == (
        "rural",
        -20,
        "female",
    )


@pytest.mark.requirement("E8")
def test_another_area_is_context_and_changes_no_gap(tiny_plan):
    neighbour = TWO_SEXES + "    screening_coverage | male   | 2025 | 10    | 8         | 80\n"
    table = observations(neighbour).assign(area=["county", "county", "neighbour"])
    alone = wdp.group_gaps(observations(TWO_SEXES), both_by_sex(tiny_plan))
    assert wdp.group_gaps(table, both_by_sex(tiny_plan)).equals(alone)


def yearly(women, men, first_year=2020, size=1000):
    lines = ["indicator | sex | year | value | numerator | denominator"]
    for k, (w, m) in enumerate(zip(women, men, strict=True)):
        for sex, value in (("female", w), ("male", m)):
            lines.append(
                f"screening_coverage | {sex} | {first_year + k} | {value} | {value * size / 100:g} | {size}"
            )
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("women", "narrowed"),
    [
        ([60, 62, 64, 66, 68], True),  # 10 behind, then 2
        ([80, 78, 76, 74, 72], True),  # 10 ahead, then 2: the size counts, not the sign
        ([68, 66, 64, 62, 60], False),
        ([66, 72, 76, 80, 84], False),  # 4 behind turns into 14 ahead: reversed and larger
    ],
)
@pytest.mark.requirement("B6")
def test_a_gap_narrows_by_its_size_whatever_its_sign(tiny_plan, women, narrowed):
    last = gaps(both_by_sex(tiny_plan), yearly(women, [70] * 5)).iloc[-1]
    assert (last["baseline_year"], last["n"]) == (2020, 5)
    assert last["change"] == pytest.approx(abs(women[-1] - 70) - abs(women[0] - 70))
    assert (last["p_narrowed"] > 0.95) == (last["p_narrowing"] > 0.9) == narrowed


@pytest.mark.requirement("B6")
def test_the_baseline_itself_has_no_change_and_four_years_have_no_trend(tiny_plan):
    table = gaps(both_by_sex(tiny_plan), yearly([60, 62, 64, 66], [70] * 4))
    assert np.isnan(table.loc[0, "change"])
    assert table["p_narrowing"].isna().all()
    assert list(table["n"][1:]) == [2, 3, 4]


@pytest.mark.requirement("B6")
def test_no_baseline_within_reach_is_said(tiny_plan):
    table = gaps(both_by_sex(tiny_plan), yearly([60, 62], [70, 70], first_year=2024))
    assert set(table["reason"]) == {"no_baseline"}


@pytest.mark.requirement("B6")
def test_a_gap_is_never_compared_across_a_change_of_definition(tiny_plan):
    table = observations(yearly([60, 62, 64, 66, 68], [70] * 5))
    table.loc[table["year"] == 2023, "series_break"] = "口径变动"
    assert wdp.group_gaps(table, both_by_sex(tiny_plan))["baseline_year"].isna().all()


def test_a_value_known_later_is_left_aside_and_a_revised_one_counts_as_it_stood(tiny_plan):
    table = observations(
        TWO_SEXES + "    screening_coverage | female | 2025 | 90    | 63        | 70\n"
    )
    table["as_of"] = ["2026-03-31", "2026-03-31", "2026-09-30"]
    table.loc[0, ["used", "unused_reason"]] = [False, "revision"]
    plan = both_by_sex(tiny_plan)
    spring, autumn = (
        wdp.group_gaps(table, plan, as_of=day).loc[0] for day in ("2026-06-30", "2026-12-31")
    )
    assert (spring["difference"], autumn["difference"]) == (20, 30)
    with pytest.raises(ParameterError, match="30 June"):
        wdp.group_gaps(table, plan, as_of="30 June")


@pytest.mark.requirement("B6")
def test_the_gap_found_covers_the_gap_planted():
    found = []
    rng = np.random.default_rng(5)
    for first, second in zip(rng.binomial(300, 0.7, 400), rng.binomial(200, 0.6, 400), strict=True):
        parts = group_interval(first, 300, trials=True), group_interval(second, 200, trials=True)
        lower, upper = difference_interval(first / 300, second / 200, *parts)
        low_ratio, high_ratio = ratio_interval(first / 300, second / 200, *parts)
        found.append([lower <= 0.1 <= upper, low_ratio <= 7 / 6 <= high_ratio])
    assert np.mean(found, axis=0) == pytest.approx([0.95, 0.95], abs=0.03)


def test_a_ratio_holds_with_none_and_with_all():
    all_of_both = [group_interval(10, 10, trials=True)] * 2
    lower, upper = ratio_interval(1, 1, *all_of_both)
    assert lower == pytest.approx(1 / upper)
    none, half = group_interval(0, 10, trials=True), group_interval(5, 10, trials=True)
    assert ratio_interval(0, 0.5, none, half)[0] == 0
    assert ratio_interval(0.5, 0, half, none)[1] == np.inf
    assert np.isnan(ratio_interval(0, 0, none, none)).all()


def test_a_parity_index_of_twice_and_of_half_are_as_far_from_one():
    assert parity_index([0.5, 1, 2, np.inf]) == pytest.approx([0.5, 1, 1.5, 2])


def test_the_chance_of_a_narrower_gap_is_one_half_for_equal_gaps_of_either_sign():
    assert probability_narrower(2, 0.5, -2, 0.5) == pytest.approx(0.5)
    assert probability_narrower(1, 0, 3, 0) == 1
    assert np.isnan(probability_narrower(1, np.nan, 3, 1))


AGES = [107, 141, 60, 40, 39, 25], [230061, 329449, 114920, 39487, 14208, 3052]
STANDARD = [63986.6, 186263.6, 157302.2, 97647.0, 47572.6, 12262.6]


@pytest.mark.requirement("B7")
def test_a_standardised_rate_equals_the_published_example():
    # first births, Fleiss (1981), table 1 of Fay & Feuer (1997): crude 56.3, adjusted 92.3 per 100,000, variance 39.19
    found = wdp.standardised_rate(*AGES, STANDARD)
    assert (round(found.crude, 1), round(found.rate, 1)) == (56.3, 92.3)
    assert found.variance == pytest.approx(39.19, abs=0.005)
    assert found.method == "dobson_byar"
    # the gamma interval of Fay & Feuer is the wider one; Dobson's lies within 1.5 % of it
    assert (found.lower, found.upper) == pytest.approx((80.33, 105.19), abs=0.005)


@pytest.mark.requirement("B7")
def test_a_standardised_rate_in_the_head():
    found = wdp.standardised_rate([1, 4], [100, 200], [3, 1], multiplier=100)
    assert found.rate == pytest.approx(0.75 * 1 + 0.25 * 2)
    assert found.crude == pytest.approx(5 / 3)
    alike = wdp.standardised_rate([1, 4], [100, 200], [100, 200], multiplier=100)
    assert alike.rate == pytest.approx(alike.crude)
    # own age mix: Dobson's interval is the exact one of 5 events, 1.623 to 11.668 (Garwood)
    assert (alike.lower, alike.upper) == pytest.approx((1.6235 / 3, 11.6683 / 3), abs=1e-4)
    assert alike.method == "dobson_exact"


@pytest.mark.requirement("B7")
def test_without_an_event_there_is_no_interval():
    found = wdp.standardised_rate([0, 0], [100, 200], [1, 1])
    assert (found.rate, found.reason, found.method) == (0, "no_events", "")
    assert np.isnan(found.upper)


@pytest.mark.requirement("B7")
def test_incomplete_age_groups_are_all_named():
    with pytest.raises(WdpError) as caught:
        wdp.standardised_rate([1, np.nan], [0, 200], [1, 1])
    assert [(p.column, p.found) for p in caught.value.problems] == [
        ("counts", "nan"),
        ("populations", "0"),
    ]
    with pytest.raises(ParameterError):
        wdp.standardised_rate([1], [100, 200], [1, 1])


def test_a_number_of_persons_is_no_gap(tiny_plan):
    text = """
        indicator          | sex    | year | value
        screening_coverage | female | 2025 | 700
        screening_coverage | male   | 2025 | 300
    """
    counted = both_by_sex(tiny_plan, data_kind="count", unit="persons", multiplier=None)
    assert gaps(counted, text).empty


@pytest.mark.parametrize(("men", "compared"), [(1, False), (4, False), (5, True)])
def test_seven_of_seven_against_none_of_one_is_no_gap(tiny_plan, men, compared):
    text = f"""
        indicator          | sex    | year | value | numerator | denominator
        screening_coverage | female | 2025 | 100   | 7         | 7
        screening_coverage | male   | 2025 | 0     | 0         | {men}
    """
    row = gaps(both_by_sex(tiny_plan), text).iloc[0]
    assert np.isfinite(row["difference"]) == np.isfinite(row["difference_lower"]) == compared
    assert (row["reason"] == "few_people") != compared


@pytest.mark.parametrize(("deaths", "compared"), [(1, False), (4, False), (6, True)])
def test_one_death_here_and_none_there_is_no_gap_of_a_rare_rate(tiny_plan, deaths, compared):
    rows = [
        f"screening_coverage | {sex} | {year} | {100000 * n / 1000} | {n} | 1000"
        for year, women in ((2024, 0), (2025, deaths))
        for sex, n in (("female", women), ("male", women if deaths > 1 else 0))
    ]
    text = "indicator | sex | year | value | numerator | denominator\n" + "\n".join(rows)
    rate = {"data_kind": "rare_rate", "multiplier": 100000.0, "unit": "per_100k"}
    found = gaps(both_by_sex(tiny_plan, **rate), text).query("year == 2025").iloc[0]
    assert np.isfinite(found["difference"]) == compared
    assert (found["reason"] == "case_by_case") != compared

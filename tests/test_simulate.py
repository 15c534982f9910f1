"""The simulated county: the same every time, sound in itself, true on average, and every planted
fault is found.
"""

import shutil

import kit
import numpy as np
import pandas as pd
import pytest

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError
from wdp_lib.core.home import find_home
from wdp_lib.data.read.returns import RETURN
from wdp_lib.simulate.returns import content

HOME = find_home()
COMMITTED = HOME / "data" / "observations" / "ruyuan-demo"
DAY = "2026-06-30"
ABSENCES = ("missing_year", "missing_latest")


@pytest.fixture(scope="module")
def plan():
    return wdp.load_plan("ruyuan-2021-2030")


@pytest.fixture(scope="module")
def simulation(plan):
    return wdp.simulate_county(plan)


@pytest.fixture(scope="module")
def longer(plan):
    return wdp.simulate_county(plan, last_year=2030)


@pytest.fixture(scope="module")
def rows(simulation):
    """All rows as written, under the English headings."""
    known = RETURN.headings
    tables = [
        t.rename(columns=lambda heading: known[heading]).assign(file=f)
        for f, t in simulation.returns.items()
    ]
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def dataset(plan):
    return kit.county()[1]


@pytest.fixture(scope="module")
def clean(dataset, simulation):
    """Good rows of the indicators in which nothing was planted."""
    table = dataset.observations
    return table[table["used"] & ~table["indicator"].isin(set(simulation.planted["indicator"]))]


def test_committed_data_set_is_what_the_generator_makes_byte_for_byte(simulation):
    made = content(simulation, "ruyuan-demo")
    there = {
        path.relative_to(COMMITTED).as_posix() for path in COMMITTED.rglob("*") if path.is_file()
    }
    assert there == set(made)
    assert [
        name for name, text in made.items() if (COMMITTED / name).read_bytes() != text.encode()
    ] == []


def test_the_committed_data_set_to_2030_is_what_the_generator_makes_byte_for_byte(longer):
    made, folder = content(longer, "ruyuan-demo-2030"), COMMITTED.with_name("ruyuan-demo-2030")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == set(made)
    assert [
        name for name, text in made.items() if (folder / name).read_bytes() != text.encode()
    ] == []
    corrections = HOME / "data" / "corrections"
    assert (corrections / "ruyuan-demo-2030.csv").read_bytes() == (
        corrections / "ruyuan-demo.csv"
    ).read_bytes()


def test_committed_corrections_are_those_of_the_generator(simulation):
    committed = (HOME / "data" / "corrections" / "ruyuan-demo.csv").read_text(encoding="utf-8")
    assert committed == simulation.corrections.to_csv(index=False, lineterminator="\n")
    assert len(simulation.corrections) == 3


def test_a_longer_simulation_only_adds_rows_at_the_end_of_each_file(simulation, longer):
    assert list(simulation.returns) == list(longer.returns)
    shorter_text, longer_text = content(simulation, "x"), content(longer, "x")
    for file in simulation.returns:
        assert longer_text[file].startswith(shorter_text[file]), file
    assert (
        sum(map(len, longer.returns.values())) > sum(map(len, simulation.returns.values())) + 3000
    )


def test_a_longer_simulation_has_the_same_truth_breaks_and_earlier_faults(simulation, longer):
    pd.testing.assert_frame_equal(longer.truth, simulation.truth)
    pd.testing.assert_frame_equal(longer.breaks, simulation.breaks)
    earlier = longer.planted[longer.planted["year"].astype(int) <= 2025].reset_index(drop=True)
    pd.testing.assert_frame_equal(earlier, simulation.planted)


def test_only_a_simulation_to_the_end_of_the_plan_says_what_the_final_verdicts_must_be(
    simulation, longer, plan
):
    assert simulation.verdicts.empty
    assert list(longer.verdicts["indicator"]) == [
        i.id for i in plan.indicators if i.target.kind != "monitor_only"
    ]
    assert set(longer.verdicts["verdict"]) == {"met", "not_met", "not_assessable"}


def test_a_simulation_to_2030_says_so_in_its_title(longer):
    assert longer.metadata["title"]["zh"] == "乳源瑶族自治县各部门年报（模拟数据，至2030年）"


@pytest.mark.parametrize(("first", "last"), [(2014, 2025), (2015, 2031), (2026, 2025)])
def test_years_outside_2015_to_2030_are_refused(plan, first, last):
    with pytest.raises(ParameterError) as caught:
        wdp.simulate_county(plan, first_year=first, last_year=last)
    assert (
        caught.value.summary.en
        == f"Simulated years must lie in 2015-2030, first not after last: {first}-{last}."
    )


def test_a_plan_with_indicators_the_county_does_not_know_is_refused(tiny_plan):
    with pytest.raises(ParameterError) as caught:
        wdp.simulate_county(tiny_plan)
    assert "no indicator life_expectancy" in caught.value.render("en")


def test_only_indicators_with_routine_or_partial_data_have_rows(plan, simulation, dataset):
    available = {i.id for i in plan.indicators if i.availability in ("routine", "partial")}
    never = set(simulation.planted.query("kind == 'never_returned'")["indicator"])
    assert set(dataset.observations["indicator"]) == available - never
    assert len(never) == 5


def test_every_row_and_the_metadata_say_that_they_are_simulated(rows, simulation, dataset):
    assert rows["source"].str.startswith("模拟：").all()
    assert (rows["note"] == "模拟数据").all()
    assert simulation.metadata["mark"] == {"zh": "模拟数据", "en": "Simulated data"}
    assert "模拟数据" in simulation.metadata["title"]["zh"]
    assert dataset.observations["simulated"].all()


def test_the_whole_set_has_eight_to_fifteen_thousand_rows(rows):
    assert 8000 <= len(rows) <= 15000


def test_some_departments_write_in_chinese_and_some_in_english(simulation):
    chinese = [file for file, table in simulation.returns.items() if table.columns[0] == "指标"]
    assert "civil_affairs_bureau.csv" in chinese
    assert "health_bureau.csv" not in chinese


def test_county_women_and_men_town_and_country_add_up_where_nothing_was_planted(clean):
    key = ["indicator", "year"]
    whole = clean[(clean["area"] == "ruyuan")].set_index([*key, "sex", "residence"])
    towns = clean[clean["area"] != "ruyuan"].groupby([*key, "sex", "residence"])["numerator"].sum()
    common = towns.index.intersection(whole.index)
    assert len(common) > 300
    np.testing.assert_array_equal(whole.loc[common, "numerator"], towns[common])
    by_sex = clean[(clean["area"] == "ruyuan") & (clean["residence"] == "all")]
    by_sex = by_sex.pivot(index=key, columns="sex", values="numerator").dropna()
    assert len(by_sex) > 100
    np.testing.assert_array_equal(by_sex["female"] + by_sex["male"], by_sex["all"])


def test_every_rate_is_its_numerator_over_its_denominator_as_rounded(clean, plan):
    counted = clean[clean["denominator"].notna()]
    per = counted["indicator"].map({i.id: i.multiplier for i in plan.indicators})
    exact = counted["numerator"] / counted["denominator"] * per
    assert len(counted) > 4000
    assert (exact - counted["value"]).abs().max() <= 0.05 + 1e-9


def test_maternal_deaths_are_few_and_births_about_1800(dataset):
    table = dataset.observations.query(
        "indicator == 'maternal_mortality_ratio' and area == 'ruyuan'"
    )
    table = table[table["residence"] == "all"]
    assert len(table) == 11
    assert set(table["numerator"]) <= {0, 1, 2}
    assert table["denominator"].between(1600, 2000).all()


def test_towns_are_very_unequal(clean):
    births = clean.query(
        "indicator == 'maternal_mortality_ratio' and year == 2020 and area != 'ruyuan'"
    )
    assert len(births) == 9
    assert births["denominator"].max() > 8 * births["denominator"].min()


def test_truth_runs_to_2030_and_promises_are_both_kept_and_missed(simulation, plan):
    truth = simulation.truth
    assert set(truth["year"]) == set(range(2015, 2031))
    last = truth[(truth["year"] == 2030) & (truth["met_in_target_year"] != "")].set_index(
        "indicator"
    )
    assert last.index.is_unique
    assert (last["met_in_target_year"] == "no").sum() >= 20
    assert (last["met_in_target_year"] == "yes").sum() >= 60
    assert {
        "rising",
        "falling",
        "flat",
        "saturating",
        "ceiling",
        "break",
        "jump",
        "turning",
        "volatile",
    } <= set(truth["trend"])
    assert float(last.loc["share_female_senior_professionals", "true_level"]) < 40
    assert last.loc["share_female_senior_professionals", "met_in_target_year"] == "no"
    watched = {i.id for i in plan.indicators if i.target.kind == "monitor_only"}
    assert not watched & set(last.index)


def test_a_definition_breaks_in_two_indicators(simulation):
    own = simulation.breaks[simulation.breaks["area"] == "ruyuan"].set_index("indicator")
    assert list(own["year"]) == ["2021", "2022"]
    truth = simulation.truth.query(
        "indicator == 'female_vocational_education_participation'"
    ).set_index("year")
    measured, linked = truth["true_level"].astype(float), truth["linked_level"].astype(float)
    assert linked[2021] / measured[2021] == pytest.approx(1.6, rel=0.01)
    assert linked[2022] == measured[2022]


def _found(dataset, rule):
    return [p for p in dataset.problems if p.rule == rule]


def _caught(dataset, plan, fault):
    if fault.rule == "no_data":
        return fault.indicator not in set(dataset.observations["indicator"])
    problems = [p for p in _found(dataset, fault.rule) if p.file == fault.file]
    if fault.rule in ABSENCES:
        name = plan.indicator(fault.indicator).name.en
        return any(name in p.found.en and str(fault.year) in p.found.en for p in problems)
    return any(str(p.row) == fault.row for p in problems)


def test_each_planted_fault_is_found_by_the_rule_it_is_planted_for(dataset, plan, simulation):
    known = simulation.planted[simulation.planted["known_from"] <= DAY]
    assert len(known["plant"].unique()) >= 55
    missed = []
    for plant, faults in known.groupby("plant"):
        caught = [_caught(dataset, plan, fault) for fault in faults.itertuples()]
        # a copied figure is reported once, in its last year
        enough = any(caught) if set(faults["kind"]) == {"copied"} else all(caught)
        if not enough:
            missed.append(plant)
    assert missed == []


def test_no_row_is_rejected_in_which_nothing_was_planted(dataset, simulation):
    planted = simulation.planted[simulation.planted["severity"] == "reject"]
    expected = set(zip(planted["file"], planted["row"].astype(int), strict=True))
    rejected = {(p.file, p.row) for p in dataset.problems if p.keeps_out}
    assert rejected == expected
    assert len(rejected) >= 15


def test_every_kind_of_fault_asked_for_is_planted(simulation):
    assert set(simulation.planted["rule"]) >= {
        *(
            "out_of_bounds",
            "unit_slip",
            "numerator_over_denominator",
            "value_not_ratio",
            "text_in_number",
        ),
        *(
            "full_width",
            "duplicate",
            "conflict",
            "unknown_indicator",
            "unknown_area",
            "bad_year",
            "year_after_as_of",
        ),
        *(
            "unit_mismatch",
            "copied",
            "parts_not_total",
            "jump",
            "missing_year",
            "missing_latest",
            "late",
            "revision",
        ),
        *("corrected", "no_data"),
    }


def test_without_its_corrections_the_corrected_rows_are_rejected(plan, tmp_path, simulation):
    folder = tmp_path / "uncorrected"
    shutil.copytree(COMMITTED, folder)
    bare = wdp.read_dataset(folder, plan, as_of=DAY)
    rejected = {(p.file, str(p.row)) for p in bare.problems if p.keeps_out}
    corrected = simulation.planted[simulation.planted["corrected"] != ""]
    assert set(zip(corrected["file"], corrected["row"], strict=True)) <= rejected


def test_rules_that_warn_seldom_fire_where_nothing_was_planted(dataset, simulation):
    planted = set(simulation.planted["indicator"])
    places = {(o.file, o.row): o.indicator for o in dataset.observations.itertuples()}
    false_alarms = [
        p.rule
        for p in dataset.problems
        if p.row and places.get((p.file, p.row), "") not in {*planted, ""}
    ]
    assert set(false_alarms) <= {"jump", "copied"}  # what chance alone can bring about
    assert len(false_alarms) <= 50  # of some 6 000 rows


def test_values_known_after_the_day_are_left_out(dataset):
    heads = dataset.observations.query("indicator == 'share_female_social_organisation_heads'")
    assert heads["year"].max() == 2024
    assert dataset.counts["later"] >= 5

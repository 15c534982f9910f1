"""The rounds of the simulated county, whose truth is known: mid-term, every year, and the end of the plan."""

import pandas as pd
import pytest

import wdp_lib as wdp
from wdp_lib.core.home import find_home
from wdp_lib.evaluation.outcomes import interval_coverage, warned_and_met
from wdp_lib.evaluation.rounds import select, selected

HOME = find_home()
FOLDER = HOME / "data" / "observations" / "ruyuan-demo-2030"
MIDTERM, FINAL = "2026-06-30", "2031-06-30"
SEED = 20260630
SAME = {
    "attained": "met",
    "nearly": "not_met",
    "not_attained": "not_met",
    "not_assessable": "not_assessable",
}


@pytest.fixture(scope="module")
def plan():
    return wdp.load_plan("ruyuan-2021-2030")


@pytest.fixture(scope="module")
def observed(plan):
    """Observations known at the end."""
    return wdp.load_observations("ruyuan-demo-2030", plan, as_of=FINAL)


@pytest.fixture(scope="module")
def final(plan, observed):
    """Risk table of the final round; one year is forecast beyond, for the underlying rates."""
    return wdp.assess(
        wdp.forecast(observed, plan, through=2031, seed=SEED), observed, plan, as_of=FINAL
    )


@pytest.fixture(scope="module")
def planted():
    return pd.read_csv(FOLDER / "truth" / "verdicts.csv").set_index("indicator")


@pytest.fixture(scope="module")
def midterm(plan):
    """Observations and risks at the mid-term, by data set."""

    def of(name):
        seen = wdp.load_observations(name, plan, as_of=MIDTERM)
        return seen, wdp.assess(
            wdp.forecast(seen, plan, through=2030, seed=SEED), seen, plan, as_of=MIDTERM
        )

    return {name: of(name) for name in ("ruyuan-demo", "ruyuan-demo-2030")}


@pytest.mark.requirement("A2")
def test_what_was_known_at_the_mid_term_is_the_same_whether_later_years_exist_or_not(midterm):
    short, long = midterm["ruyuan-demo"], midterm["ruyuan-demo-2030"]
    assert short[0]["year"].max() == 2025
    pd.testing.assert_frame_equal(short[0], long[0])
    pd.testing.assert_frame_equal(short[1], long[1])


@pytest.mark.requirement("A3")
def test_no_final_verdict_contradicts_the_planted_one_and_four_directions_rest_on_other_evidence(
    final, planted, plan
):
    promises = final[final["target_kind"] != "monitor_only"].set_index("indicator")
    assert list(promises.index) == list(planted.index)
    found = promises["state"].map(SAME)
    confusion = pd.crosstab(planted["verdict"], found)
    assert confusion.to_dict() == {
        "met": {"met": 69, "not_assessable": 2, "not_met": 0},
        "not_assessable": {"met": 1, "not_assessable": 50, "not_met": 1},
        "not_met": {"met": 0, "not_assessable": 0, "not_met": 25},
    }


@pytest.mark.requirement("A3")
def test_holes_and_rare_events_are_planted_as_not_assessable(planted):
    why = planted[planted["verdict"] == "not_assessable"]["why"]
    assert why.value_counts().to_dict() == {
        "no_return": 36,
        "few_events": 6,
        "not_shown": 5,
        "estimate": 3,
        "few_points": 1,
        "one_seat": 1,
    }
    assert why["maternal_mortality_ratio"] == "few_events"
    assert (
        why["female_life_expectancy"] == "no_return"
    )  # the census of 2030 is published after the cut-off


@pytest.mark.requirement("A3")
def test_every_goal_has_a_final_verdict_and_none_an_outlook(final, plan):
    verdicts = wdp.evaluate(final, plan, stage="final")
    assert len(verdicts) == 80
    assert set(verdicts["outlook"]) == {"not_graded"}


@pytest.mark.requirement("A3")
def test_the_look_back_repeats_the_archived_numbers_and_no_new_fit(final, observed, plan):
    archived = wdp.read_round("ruyuan-midterm-2025")
    then = archived.risks.set_index("indicator")
    changed = archived.risks.assign(p_meet=0.5)
    back = wdp.look_back(archived.forecasts, archived.risks, observed, plan, final=final).set_index(
        "indicator"
    )
    for name in ("risk", "p_meet", "forecast_lower", "forecast_median", "forecast_upper"):
        pd.testing.assert_series_equal(back[name], then.loc[back.index, name])
    other = wdp.look_back(archived.forecasts, changed, observed, plan, final=final)
    assert set(other["p_meet"]) == {0.5}


@pytest.mark.requirement("A3")
def test_most_of_what_was_warned_of_was_missed_and_most_of_the_rest_was_met(final, observed, plan):
    archived = wdp.read_round("ruyuan-midterm-2025")
    back = wdp.look_back(archived.forecasts, archived.risks, observed, plan, final=final)
    table = warned_and_met(back)
    whole = table.iloc[-1]
    assert whole[["met", "not_met", "unknown"]].sum() == len(back) == 148
    red, clear = table.set_index("risk").loc["red"], table.set_index("risk").loc["clear"]
    assert red["not_met"] > 4 * red["met"]
    assert clear["met"] > 10 * clear["not_met"]
    assert whole["brier"] < 0.15  # 0.25: one half each time


@pytest.mark.requirement("A3")
def test_the_archived_intervals_held_about_as_often_as_they_said(observed):
    coverage = interval_coverage(wdp.read_round("ruyuan-midterm-2025").forecasts, observed)
    whole = coverage.iloc[-1]
    assert list(coverage["years_ahead"].dropna())[:5] == [1, 2, 3, 4, 5]
    assert whole["n"] > 500
    assert 0.75 <= whole["within_80"] / whole["n"] <= 0.95
    assert whole["within_95"] / whole["n"] >= 0.92


@pytest.mark.parametrize("year", range(2021, 2031))
@pytest.mark.requirement("A1")
def test_all_80_goals_appear_every_year_and_a_second_run_is_identical(observed, final, plan, year):
    table = wdp.annual_table(observed, final, plan, year=year)
    assert table["goal"].drop_duplicates().tolist() == [goal.id for goal in plan.goals]
    assert (table["data_status"] == "missing").any()
    pd.testing.assert_frame_equal(table, wdp.annual_table(observed, final, plan, year=year))


@pytest.mark.requirement("A1")
def test_a_year_that_arrives_late_is_missing_first_and_there_afterwards(plan, midterm):
    name = "share_female_social_organisation_heads"
    seen, risks = midterm["ruyuan-demo"]
    before = wdp.annual_table(seen, risks, plan, year=2025).set_index("indicator").loc[name]
    later = wdp.load_observations("ruyuan-demo", plan, as_of="2026-12-31")
    after = wdp.annual_table(later, risks, plan, year=2025).set_index("indicator").loc[name]
    assert before["data_status"] == "missing"
    assert (after["data_status"], after["as_of"]) == ("final", "2026-09-10")


@pytest.mark.requirement("G3")
def test_yearly_and_key_monitoring_show_the_same_value(plan, midterm):
    seen, risks = midterm["ruyuan-demo"]
    yearly = (
        wdp.annual_table(seen, risks, plan, year=2025)
        .drop_duplicates("indicator")
        .set_index("indicator")["value"]
    )
    key = risks[(risks["last_year"] == 2025) & risks["target_lower"].notna()].set_index(
        "indicator"
    )["last_value"]
    assert len(key) > 60
    pd.testing.assert_series_equal(yearly[key.index], key, check_names=False)


@pytest.mark.requirement("B3")
def test_a_definition_changed_in_2026_leaves_the_round_of_2025_as_it_was(plan, midterm, tmp_path):
    import shutil

    folder = tmp_path / "observations" / "ruyuan-demo-2030"
    shutil.copytree(FOLDER, folder)
    (tmp_path / "corrections").mkdir()
    shutil.copy(HOME / "data" / "corrections" / "ruyuan-demo-2030.csv", tmp_path / "corrections")
    name = "premarital_medical_examination_rate"
    with (folder / "breaks.csv").open("a", encoding="utf-8") as file:
        file.write(f"{name},ruyuan,2026,definition,模拟：口径变动,Simulated,\n")
    seen, expected = wdp.load_observations(folder, plan, as_of=MIDTERM), midterm["ruyuan-demo"][0]
    pd.testing.assert_frame_equal(seen, expected)
    later = wdp.load_observations(folder, plan, as_of=FINAL).query(
        f"indicator == '{name}' and used"
    )
    own = later[(later["area"] == "ruyuan") & (later["sex"] == plan.indicator(name).sex)]
    marked = own[own["series_break"] != ""]
    assert set(marked["year"]) == {2026}
    fan = wdp.forecast(wdp.load_observations(folder, plan, as_of=FINAL), plan, through=2031)
    assert fan[fan["indicator"] == name]["first_year"].min() == 2026


@pytest.mark.requirement("G4")
def test_special_supervision_judges_a_domain_as_the_whole_evaluation_does(plan, midterm):
    risks = midterm["ruyuan-demo"][1]
    part = select(plan, domain="health")
    alone = wdp.evaluate(selected(risks, part), part, stage="annual")
    whole = selected(wdp.evaluate(risks, plan, stage="annual"), part)
    pd.testing.assert_frame_equal(alone, whole)


@pytest.mark.requirement("F4")
def test_the_archived_round_names_its_cut_off_and_the_thresholds_it_was_bound_to(plan):
    archived = wdp.read_round("ruyuan-midterm-2025")
    settings = archived.scheme["settings"]
    assert (settings["as_of"], settings["scheme.red"]) == (MIDTERM, "0.8")
    assert len(archived.scheme["sha256"]) == 64

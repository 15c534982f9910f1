"""What may be said of a measure: levels, reasons and sentences, from observations to the table."""

from dataclasses import replace

import kit
import numpy as np
import pandas as pd
import pytest
from kit import OBSERVED

import wdp_lib as wdp
from wdp_lib.core.columns import OBSERVATIONS, conform
from wdp_lib.core.errors import DataError
from wdp_lib.core.words import vocabulary
from wdp_lib.effects.better import BETTER
from wdp_lib.effects.cases import STARTS
from wdp_lib.effects.designs import Estimate
from wdp_lib.effects.measures import claim, words
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.evidence import effect_facts

AS_OF = "2026-06-30"
SEED = 1  # one seed in twenty makes the towns differ before the start
AREAS = [f"t{number}" for number in range(9)]
YEARS = range(2013, 2026)
CALM = {"concurrent": False, "broken": False, "disturbed": False}
SHOWN = Estimate(2.0, 1.0, 3.0, 0.01)
NOTHING = Estimate(0.1, -1.0, 1.2, 0.8)


def county(effect=0.0, treated=(), start=2022, seed=SEED, jump=0.0):
    """Screening coverage of a county and nine towns: one point more a year, noise of half one."""
    noise = np.random.default_rng(seed)
    rows = [
        {
            **OBSERVED,
            **{"indicator": "screening_coverage", "area": area, "year": year, "row": 2},
            "value": 40
            + year
            - 2013
            + noise.normal(0, 0.5)
            + (effect * (area in treated) + jump) * (year >= start),
        }
        for area in ["county", *AREAS]
        for year in YEARS
    ]
    return conform(pd.DataFrame(rows), OBSERVATIONS)


def starts(*areas, year=2022, measure="M-H01", **cells):
    rows = [{"measure": measure, "area": area, "start_year": year, **cells} for area in areas]
    return pd.DataFrame(rows).reindex(columns=STARTS.table.names)


def effects(plan, observations, begun, **settings):
    return wdp.measure_effects(observations, plan, begun, as_of=AS_OF, **settings).set_index(
        "design"
    )


@pytest.mark.requirement("E3")
def test_a_planted_effect_in_four_towns_is_estimated_at_the_level_of_the_comparison(tiny_plan):
    row = effects(tiny_plan, county(6, AREAS[:4]), starts(*AREAS[:4])).loc["differences"]
    assert row["lower"] <= 6 <= row["upper"]
    assert row["p_value"] == pytest.approx(1 / 126)
    assert (row["level"], row["reason"], row["words"]) == ("L3", "", "estimated")
    assert (row["n_treated"], row["n_controls"]) == (4, 5)
    assert row["unit"] == "percent"


@pytest.mark.requirement("E3")
def test_each_design_bounds_the_claim_of_one_county(tiny_plan):
    found = effects(tiny_plan, county(6, ["county"]), starts("county"))
    assert found["level"].to_dict() == {
        **{"description": "L0", "counterfactual": "L1", "interrupted": "L2"},
        **{"differences": "L0", "synthetic": "L0"},
    }
    assert found.loc["description", "words"] == "same_period"
    assert found.loc["interrupted", "words"] == "consistent"
    assert found.loc["interrupted", "lower"] <= 6 <= found.loc["interrupted", "upper"]
    assert found.loc["differences", "reason"] == "too_few_areas"


@pytest.mark.requirement("E3")
def test_a_jump_of_all_towns_is_not_credited_to_those_with_the_measure(tiny_plan):
    found = effects(tiny_plan, county(jump=6), starts(*AREAS[:4]))
    assert found.loc["interrupted", "p_value"] < 0.05
    assert found.loc["interrupted", ["level", "reason", "words"]].tolist() == [
        "L0",
        "same_elsewhere",
        "cannot_tell",
    ]
    assert found.loc["differences", "words"] == "not_shown"


@pytest.mark.requirement("E3")
def test_with_too_few_years_before_no_design_gives_a_figure_but_the_description(tiny_plan):
    found = effects(tiny_plan, county(6, ["county"], start=2017), starts("county", year=2017))
    assert found.loc["counterfactual", "reason"] == "too_few_before"
    assert found.loc["interrupted", "words"] == "cannot_tell"
    assert found["estimate"].notna().to_dict() == {
        name: name == "description" for name in found.index
    }


@pytest.mark.parametrize(("level", "reason"), [(1, "too_few_events"), (40, "")])
def test_no_interrupted_series_is_laid_through_the_count_of_one_institution(
    tiny_plan, level, reason
):
    counted = tuple(replace(i, unit="count", data_kind="count") for i in tiny_plan.indicators)
    plan = replace(tiny_plan, indicators=counted)
    table = county()
    own = (table["area"] == "county").to_numpy()
    noise = np.random.default_rng(2).integers(0, 3, own.sum())
    table.loc[own, "value"] = level + noise * (level > 1)
    row = effects(plan, table, starts("county")).loc["interrupted"]
    assert row["reason"] == reason and np.isnan(row["estimate"]) == bool(reason)


def test_an_effect_that_is_quoted_is_named(tiny_plan):
    made = wdp.measure_effects(county(6, AREAS[:4]), tiny_plan, starts(*AREAS[:4]), as_of=AS_OF)
    facts = effect_facts(
        made, better=pd.DataFrame(columns=BETTER.names), context=Context(tiny_plan)
    )
    measure, indicator = tiny_plan.measure("M-H01"), tiny_plan.indicator("screening_coverage")
    assert facts["n_shown"] > 0
    assert facts["shown"] == f"{measure.title.zh} → {indicator.name.zh}"


@pytest.mark.requirement("E3")
def test_a_measure_not_yet_begun_or_without_data_has_rows_with_a_reason(tiny_plan):
    later = effects(tiny_plan, county(), starts("county", year=2027))
    assert set(later.loc[["description", "counterfactual", "interrupted"], "reason"]) == {
        "too_few_after"
    }
    assert set(effects(tiny_plan, county(), starts("elsewhere"))["reason"]) == {"no_data"}


@pytest.mark.requirement("E3")
def test_measures_begun_together_cannot_be_told_apart(plan_folder):
    with (plan_folder / "measures.csv").open("a", encoding="utf-8") as file:
        file.write("M-H02,health,二(一)4,宣传,Campaign,H02,screening_coverage,,\n")
    text = (
        (plan_folder / "plan.yaml")
        .read_text(encoding="utf-8")
        .replace("measures: 1", "measures: 2")
    )
    (plan_folder / "plan.yaml").write_text(text, encoding="utf-8")
    plan = wdp.load_plan(plan_folder)
    both = pd.concat(
        [starts(*AREAS[:4]), starts("county", measure="M-H02", year=2023)], ignore_index=True
    )
    found = wdp.measure_effects(county(6, AREAS[:4]), plan, both, as_of=AS_OF).set_index(
        ["measure", "design"]
    )
    assert found.loc[("M-H01", "interrupted"), ["reason", "concurrent"]].tolist() == [
        "concurrent_measures",
        "M-H02",
    ]
    # what the whole county got at once does not disturb the comparison of its towns
    assert found.loc[("M-H01", "differences"), ["level", "concurrent"]].tolist() == ["L3", ""]


@pytest.mark.requirement("E3")
def test_a_new_definition_near_the_start_takes_the_claim_away(tiny_plan):
    rows = county(6, AREAS[:4])
    rows.loc[(rows["year"] == 2023), "series_break"] = "新口径"
    rows.loc[(rows["year"] == 2023), "link_factor"] = 1.0
    assert set(effects(tiny_plan, rows, starts(*AREAS[:4]))["level"]) == {"L0"}


@pytest.mark.requirement("E3")
def test_a_start_next_to_2020_costs_one_series_a_level_and_a_comparison_none(tiny_plan):
    found = effects(tiny_plan, county(6, AREAS[:4], start=2021), starts(*AREAS[:4], year=2021))
    assert found["level"].to_dict() == {
        **{"description": "L0", "counterfactual": "L0", "interrupted": "L1"},
        **{"differences": "L3", "synthetic": "L0"},
    }
    assert found.loc["interrupted", ["cautions", "words"]].tolist() == [
        "disturbed_year",
        "beyond_usual",
    ]


@pytest.mark.requirement("E3")
def test_values_known_only_later_change_nothing(tiny_plan):
    rows = county(6, AREAS[:4])
    later = rows.assign(as_of="2026-07-01", value=99.0, year=2026)
    begun = starts(*AREAS[:4])
    pd.testing.assert_frame_equal(
        effects(tiny_plan, rows, begun),
        effects(tiny_plan, pd.concat([rows, later], ignore_index=True), begun),
    )


@pytest.mark.requirement("E3")
def test_a_value_revised_later_counts_as_it_stood_on_the_day(tiny_plan):
    rows, begun = county(6, AREAS[:4]), starts(*AREAS[:4])
    late = (rows["area"] == AREAS[0]) & (rows["year"] == 2024)
    revised = rows[late].assign(as_of="2026-07-15", value=99.0)
    replaced = rows.assign(
        used=~late, unused_reason=np.where(late, "revision", rows["unused_reason"])
    )
    both = conform(pd.concat([replaced, revised], ignore_index=True), OBSERVATIONS)
    pd.testing.assert_frame_equal(effects(tiny_plan, both, begun), effects(tiny_plan, rows, begun))


@pytest.mark.requirement("E3")
def test_an_effect_that_grows_with_the_dose_supports_the_claim(tiny_plan):
    rows = county()
    doses = dict(zip(AREAS[:4], (1.0, 2.0, 3.0, 4.0), strict=True))
    rows["value"] += rows["area"].map(doses).fillna(0) * 2 * (rows["year"] >= 2022)
    begun = starts(*doses).assign(dose=list(doses.values()), dose_unit="万元")
    row = effects(tiny_plan, rows, begun).loc["differences"]
    assert row["dose_slope"] == pytest.approx(2, abs=0.5)
    assert row["dose_p"] == pytest.approx(2 / 24)


@pytest.mark.parametrize(
    ("design", "made", "circumstances", "level", "sentence"),
    [
        ("description", Estimate(2.0), {}, "L0", "same_period"),
        ("counterfactual", SHOWN, {}, "L1", "beyond_usual"),
        ("counterfactual", NOTHING, {}, "L1", "within_usual"),
        ("interrupted", SHOWN, {}, "L2", "consistent"),
        ("interrupted", NOTHING, {}, "L2", "not_consistent"),
        ("interrupted", SHOWN, {"disturbed": True}, "L1", "beyond_usual"),
        ("differences", SHOWN, {}, "L3", "estimated"),
        ("differences", NOTHING, {}, "L3", "not_shown"),
        ("differences", SHOWN, {"disturbed": True}, "L3", "estimated"),
        ("differences", SHOWN, {"placebo_p": 0.01}, "L0", "cannot_tell"),
        ("differences", SHOWN, {"concurrent": True}, "L0", "cannot_tell"),
        ("synthetic", SHOWN, {}, "L4", "estimated"),
        ("synthetic", Estimate(reason="poor_fit"), {}, "L0", "cannot_tell"),
    ],
)
@pytest.mark.requirement("E3")
def test_the_sentence_follows_the_level(design, made, circumstances, level, sentence):
    found, reason, _ = claim(design, made, **{**CALM, **circumstances})
    assert found == level
    assert words(found, reason, made, better=1) == sentence
    assert ("effect_words", sentence) in vocabulary()


@pytest.mark.requirement("E3")
def test_only_a_comparison_may_speak_of_an_estimated_effect():
    said = {
        code: text.zh for (topic, code), text in vocabulary().items() if topic == "effect_words"
    }
    assert "同期变化" in said["same_period"]
    assert "同期变化" in said["beyond_usual"]
    assert "相一致" in said["consistent"]
    assert [code for code, text in said.items() if "估计该措施产生了影响" in text] == ["estimated"]


@pytest.mark.requirement("E3")
def test_a_change_to_the_wrong_side_is_said_to_be_one():
    assert words("L3", "", SHOWN, better=-1) == "opposite"
    fewer = Estimate(0.8, 0.7, 0.9, 0.01)
    assert words("L2", "", fewer, better=-1, no_effect=1.0) == "consistent"


@pytest.mark.requirement("E3")
def test_an_end_before_its_start_is_a_problem_that_names_the_row(tiny_plan):
    with pytest.raises(DataError) as caught:
        wdp.measure_effects(county(), tiny_plan, starts("county", end_year=2020), as_of=AS_OF)
    assert caught.value.render("en") == (
        "The record of starts is wrong\n"
        "  1. measure_starts.csv, column end_year: found M-H01, county: 2022–2020; "
        "expected a year not before the start. Correct one of the two years."
    )


@pytest.mark.requirement("J15")
def test_family_policies_begun_in_one_year_are_reported_together_and_not_credited_apart():
    from wdp_lib.data.records import read_records

    plan, data = kit.county()
    begun = read_records("ruyuan-demo", STARTS, plan)
    assert not begun.problems
    assert begun.frame["note"].eq("模拟").all()
    family = begun.frame[begun.frame["measure"].isin(["M-C09", "M-F03"])]
    found = wdp.measure_effects(data.observations, plan, family, as_of=AS_OF, areas=data.areas)
    childcare = found[found["indicator"] == "childcare_places_per_1000_population"]
    assert set(childcare["measure"]) == {"M-C09", "M-F03"}
    assert set(childcare["words"]) == {"cannot_tell"}
    assert childcare["simulated"].all()


@pytest.mark.requirement("E4")
def test_a_planted_better_township_is_listed_with_caution_and_without_one_the_list_is_empty():
    plan, data = kit.county()
    as_it_is = wdp.better_than_expected(data.observations, plan, as_of=AS_OF, areas=data.areas)
    assert len(as_it_is) == 9
    assert not as_it_is["listed"].any()
    better = {
        i.id: {"higher_better": 1.1, "lower_better": 0.9}.get(i.direction, 1.0)
        for i in plan.indicators
    }
    planted = data.observations.copy()
    late = (planted["area"] == "bibei") & (planted["year"] >= 2023)
    planted.loc[late, "value"] *= planted.loc[late, "indicator"].map(better)
    found = wdp.better_than_expected(planted, plan, as_of=AS_OF, areas=data.areas)
    assert found.loc[found["listed"], ["area", "caution"]].to_numpy().tolist() == [
        ["bibei", "regression_to_mean"]
    ]


@pytest.mark.requirement("E4")
def test_one_indicator_is_not_enough_to_call_an_area_better(tiny_plan):
    found = wdp.better_than_expected(county(8, ["t3"], start=2021), tiny_plan, as_of=AS_OF)
    assert found["reason"].eq("too_few_indicators").all()
    assert not found["listed"].any()


@pytest.mark.requirement("E4")
def test_few_areas_are_not_compared(tiny_plan):
    rows = county()
    found = wdp.better_than_expected(
        rows[rows["area"].isin(["county", "t1", "t2"])], tiny_plan, as_of=AS_OF
    )
    assert found["reason"].eq("too_few_areas").all()
    assert not found["listed"].any()

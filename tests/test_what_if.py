"""What if: a target judged under an assumption, beside the official answer and never in it."""

import pytest
from documents_kit import opened
from explore_kit import COVERAGE, MMR

from wdp_lib.core.errors import ParameterError


@pytest.fixture(scope="module")
def county():
    return opened("county")


def both(made, name):
    return made.table.set_index("case")[name].to_dict()


def test_the_case_as_known_is_the_row_of_the_round(county):
    official = county.risks.set_index("indicator")
    for name in (COVERAGE, "share_female_urban_unit_employees", MMR):
        entry = county.plan.indicator(name)
        mine = county.what_if(name, target_year=2031).table.iloc[0]
        row = official.loc[entry.id]
        assert mine["case"] == "as_known" and mine["assumption"] == ""
        assert row[["p_meet", "risk", "state"]].equals(mine[["p_meet", "risk", "state"]])


@pytest.fixture(scope="module")
def raised(county):
    """A value of next year above the target."""
    return county.what_if(COVERAGE, value=75)


def test_a_value_of_next_year_above_the_target_raises_the_probability(raised):
    made = raised
    assert both(made, "last_year") == {"as_known": 2025, "assumed": 2026}
    assert both(made, "state") == {"as_known": "not_attained", "assumed": "attained"}
    assert both(made, "p_meet")["assumed"] > both(made, "p_meet")["as_known"]
    assert made.path.loc[made.path["case"] == "assumed", "year"].min() == 2027


def test_the_value_that_is_said_to_clear_a_warning_clears_it(county):
    known = county.what_if(COVERAGE, target_year=2031).warnings
    said = known.loc[known["case"] == "as_known", "clears_next"].dropna()
    assert len(said) == 1
    reached = county.what_if(COVERAGE, value=float(said.iloc[0]))
    assert both(reached, "risk")["assumed"] in ("blue", "clear")
    assert "probability_of_missing" not in set(
        reached.warnings.loc[reached.warnings["case"] == "assumed", "rule"]
    )


def test_a_moved_target_and_an_assumed_effect_change_only_what_they_say(county):
    later = county.what_if(COVERAGE, target_year=2035)
    assert both(later, "target_year") == {"as_known": 2030, "assumed": 2035}
    lower = county.what_if(COVERAGE, target=60)
    assert both(lower, "target_lower") == {"as_known": 70, "assumed": 60}
    shifted = county.what_if(COVERAGE, effect=2, starts=2028).path
    change = shifted.pivot(index=["year", "quantile"], columns="case", values="value")
    change = (change["assumed"] - change["as_known"]).groupby("year").mean()
    assert change.round(9).to_dict() == {2026: 0, 2027: 0, 2028: 2, 2029: 2, 2030: 2}


def test_fewer_births_change_the_rate_of_a_year_and_not_the_underlying_one(county):
    made = county.what_if(MMR, exposure=900)
    assert both(made, "p_meet")["assumed"] == both(made, "p_meet")["as_known"]
    assert both(made, "p_year")["assumed"] > both(made, "p_year")["as_known"]


@pytest.mark.parametrize(
    ("name", "assumed"),
    [
        (COVERAGE, {}),
        (COVERAGE, {"exposure": 900}),
        (MMR, {"value": 0}),
        (MMR, {"numerator": 1, "denominator": 0}),
        ("female_life_expectancy", {"target": 80}),
    ],
)
def test_an_assumption_that_does_not_fit_is_refused(county, name, assumed):
    with pytest.raises(ParameterError):
        county.what_if(name, **assumed)


def test_an_assumption_stands_beside_every_answer_and_in_no_verdict(county, raised):
    before, made = county.risks, raised
    said = "假设（不属于正式结论）：2026 年的值为 75"
    assert made.assumption == said and repr(made).startswith(said)
    for table in (made.table, made.path):
        assert set(table.loc[table["case"] == "assumed", "assumption"]) == {said}
    assert said in [text.get_text() for text in made.plot().figure.texts]
    assert county.risks.equals(before) and not hasattr(made, "keep")
    english = county.in_language("en").what_if(COVERAGE, value=75)
    assert "the value of 2026 is 75" in repr(english)

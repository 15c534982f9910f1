"""Spot checks with stated probabilities, self-checks by the county's own rules, self-evaluation, approval."""

import numpy as np
import pandas as pd
import pytest
from data_kit import PLAN as READING_PLAN
from data_kit import make_dataset, returned, row
from kit import observations

import wdp_lib as wdp
from wdp_lib.core.columns import RISKS, VERDICTS
from wdp_lib.core.errors import ParameterError
from wdp_lib.data.read.corrections import COLUMNS
from wdp_lib.supervision.bodies import approval_state, tables_hash
from wdp_lib.supervision.checks import (
    _systematic,
    claims_without_evidence,
    findings_of,
    inclusion_probabilities,
    proposed_corrections,
    self_evaluation_gaps,
)
from wdp_lib.supervision.tables import APPROVALS, SELF_EVALUATION, SPOT_CHECK_RECORD


@pytest.mark.requirement("G5")
def test_probabilities_follow_the_weights_and_add_up_to_the_size():
    np.testing.assert_allclose(
        inclusion_probabilities(np.array([4, 2, 1, 1]), 2), [1, 0.5, 0.25, 0.25]
    )
    # 8 of 11 parts of three would be more than one: it is taken for certain, the rest share two
    np.testing.assert_allclose(
        inclusion_probabilities(np.array([8, 1, 1, 1]), 3), [1, 2 / 3, 2 / 3, 2 / 3]
    )
    np.testing.assert_allclose(inclusion_probabilities(np.array([1, 5]), 9), [1, 1])


@pytest.mark.requirement("G5")
def test_every_draw_has_the_size_asked_for_and_the_frequencies_match_the_probabilities():
    probability = inclusion_probabilities(np.array([4, 3, 2, 2, 1, 1, 1, 1, 1, 1]), 4)
    rng = np.random.default_rng(1)
    draws = np.array([_systematic(probability, rng) for _ in range(4000)])
    assert set(draws.sum(axis=1)) == {4}
    # four standard errors of a frequency in 4000 draws are at most 0.032
    np.testing.assert_allclose(draws.mean(axis=0), probability, atol=0.032)


VALUES = """
    indicator          | area | year | value | file
    screening_coverage | a    | 2023 | 50    | health.csv
    screening_coverage | a    | 2024 | 60    | health.csv
    screening_coverage | b    | 2024 | 61    | health.csv
    screening_coverage | c    | 2024 | 62    | health.csv
    life_expectancy    | a    | 2024 | 80    | health.csv
"""


def risk_rows(**classes):
    fixed = {
        "sex": "female",
        "residence": "all",
        "age_group": "all",
        "area": "a",
        "evidence": "confirmed",
    }
    fixed |= {
        "state": "not_attained",
        "volatility": "stable",
        "grade": "B",
        "stale": False,
        "simulated": False,
    }
    rows = [{"indicator": name, "risk": risk, **fixed} for name, risk in classes.items()]
    return pd.DataFrame(rows).reindex(columns=RISKS.names)


def drawn_sample(plan, size=2, seed=7):
    return wdp.draw_spot_checks(
        risk_rows(screening_coverage="red"), observations(VALUES), plan, size=size, seed=seed
    )


@pytest.mark.requirement("G5")
def test_the_same_seed_gives_the_same_sample(tiny_plan):
    samples = [tuple(drawn_sample(tiny_plan, 1, seed)["area"]) for seed in range(20)]
    assert samples == [tuple(drawn_sample(tiny_plan, 1, seed)["area"]) for seed in range(20)]
    assert len(set(samples)) == 3


@pytest.mark.requirement("G5")
def test_drawn_is_the_latest_value_of_each_unit_indicator_and_township(tiny_plan):
    sample = drawn_sample(tiny_plan, size=9)
    assert list(sample["area"]) == ["a", "b", "c"] and set(sample["year"]) == {2024}
    assert set(sample["unit"]) == {"health_bureau"}  # nobody answers for life expectancy
    assert list(sample["probability"]) == [1, 1, 1] and set(sample["seed"]) == {7}


@pytest.mark.requirement("G5")
def test_a_sample_of_nothing_is_refused(tiny_plan):
    with pytest.raises(ParameterError):
        drawn_sample(tiny_plan, size=0)


def findings(probability, wrong, checked=None):
    n = len(probability)
    frame = pd.DataFrame(
        {"check": [str(k) for k in range(n)], "probability": probability, "reported": 10.0}
    )
    frame["found_value"] = np.where(wrong, 11.0, 10.0)
    if checked is not None:
        frame.loc[~np.asarray(checked), "found_value"] = np.nan
    fixed = {
        "sex": "all",
        "residence": "all",
        "age_group": "all",
        "year": 2024,
        "seed": 1,
        "return": "health.csv",
    }
    frame = frame.assign(
        **fixed, indicator="screening_coverage", area="a", checked_by="抽查组", why="重复计数"
    )
    return frame.reindex(columns=SPOT_CHECK_RECORD.table.names)


@pytest.mark.requirement("G5")
def test_each_value_counts_for_those_it_stands_for():
    found = wdp.error_rate(findings([0.5, 0.25, 0.25], [True, False, False])).iloc[0]
    assert (found["drawn"], found["checked"], found["wrong"]) == (3, 3, 1)
    assert found["rate"] == pytest.approx(2 / 10) and found["population"] == pytest.approx(10)


@pytest.mark.requirement("G5")
def test_no_error_found_is_not_a_proof_that_there_is_none():
    found = wdp.error_rate(findings([0.1] * 10, [False] * 10)).iloc[0]
    assert (found["rate"], found["lower"]) == (0, 0)
    assert found["upper"] == pytest.approx(
        1 - 0.025 ** (1 / 10)
    )  # 30.8 %: Clopper and Pearson for none of ten


@pytest.mark.requirement("G5")
def test_values_not_checked_yet_do_not_count_and_nothing_checked_has_no_rate():
    found = wdp.error_rate(findings([0.5, 0.5], [True, False], checked=[True, False])).iloc[0]
    assert (found["drawn"], found["checked"], found["rate"]) == (2, 1, 1)
    none = wdp.error_rate(findings([0.5], [True], checked=[False])).iloc[0]
    assert none[["rate", "lower", "upper"]].isna().all()


@pytest.mark.requirement("G5")
def test_the_interval_covers_the_planted_error_rate():
    rng = np.random.default_rng(3)
    weights = rng.choice([1.0, 2.0, 4.0], 200)
    wrong = rng.random(200) < 0.05 + 0.03 * weights  # more errors where more is drawn
    probability = inclusion_probabilities(weights, 40)
    covered = 0
    for _ in range(300):
        drawn = _systematic(probability, rng)
        found = wdp.error_rate(findings(probability[drawn], wrong[drawn])).iloc[0]
        covered += found["lower"] <= wrong.mean() <= found["upper"]
    assert covered >= 0.93 * 300


@pytest.mark.requirement("G5")
def test_values_found_wrong_become_rows_of_the_file_of_corrections():
    rows = proposed_corrections(findings([0.5, 0.5], [True, False]))
    assert tuple(rows) == COLUMNS
    assert rows.iloc[0].to_dict() == {
        **{
            "file": "health.csv",
            "indicator": "screening_coverage",
            "area": "a",
            "year": "2024",
            "sex": "all",
        },
        **{
            "age_group": "all",
            "residence": "all",
            "was": "10",
            "use": "11",
            "confirmed_by": "抽查组",
        },
        "why": "重复计数",
    }
    assert len(rows) == 1


FAULTY = returned(
    row(2022, "约60"),
    row(2023, 575),
    row(2024, 50, counts="30,100"),
    row(2024, 60, area="nowhere"),
    row(2021, 40, as_of="2023-01-01"),
)


@pytest.mark.requirement("G6")
def test_the_unit_s_run_and_the_county_s_run_give_the_same_findings(tmp_path):
    county = make_dataset(
        tmp_path / "county", health=FAULTY, school=returned(row(2024, 99, indicator="enrolment"))
    )
    desk = tmp_path / "desk" / "health.csv"
    desk.parent.mkdir()
    desk.write_text(FAULTY, encoding="utf-8")
    own = wdp.self_check(desk, READING_PLAN, dataset=county, as_of="2025-12-31")
    read = wdp.read_dataset(county, READING_PLAN, as_of="2025-12-31")
    pd.testing.assert_frame_equal(own, findings_of(read.problems, "health.csv"))
    assert {"text_in_number", "out_of_bounds", "value_not_ratio", "unknown_area", "late"} <= set(
        own["rule"]
    )


@pytest.mark.requirement("G6")
def test_a_return_without_a_fault_has_no_findings(tmp_path):
    rows = [
        row(year, value) for year, value in zip(range(2021, 2025), (60, 62, 63, 65), strict=True)
    ]
    county = make_dataset(tmp_path, health=returned(*rows))
    assert wdp.self_check(
        county / "health.csv", READING_PLAN, dataset=county, as_of="2025-12-31"
    ).empty


def claims(*rows):
    frame = pd.DataFrame(rows, columns=["unit", "goal", "measure", "claimed", "evidence"])
    return frame.reindex(columns=SELF_EVALUATION.table.names)


def verdicts(**goals):
    frame = pd.DataFrame([{"goal": goal, "verdict": verdict} for goal, verdict in goals.items()])
    fixed = {
        "kind": "quantified",
        "outlook": "not_graded",
        "evidence": "confirmed",
        "simulated": False,
    }
    return frame.reindex(columns=VERDICTS.names).assign(**fixed)


@pytest.mark.requirement("F5")
def test_a_planted_over_claim_is_listed():
    made = claims(
        ("health", "H01", "", "attained", "总结"),
        ("health", "H02", "", "nearly", "总结"),
        ("health", "H03", "", "attained", "总结"),
        ("health", "H04", "", "attained", "总结"),
        ("health", "H01", "M-H01", "attained", "总结"),
    )
    computed = verdicts(H01="not_attained", H02="attained", H03="attained", H04="not_assessable")
    table = self_evaluation_gaps(made, computed)
    assert [tuple(r) for r in table[["goal", "measure", "difference"]].itertuples(index=False)] == [
        ("H01", "", "over_claim"),
        ("H02", "", "under_claim"),
        ("H04", "", "not_comparable"),
        ("H01", "M-H01", "not_comparable"),
    ]
    assert not claims_without_evidence(made)


@pytest.mark.requirement("F5")
def test_a_claim_of_attainment_needs_evidence():
    problems = claims_without_evidence(claims(("health", "H01", "", "attained", "")))
    assert [(p.row, p.column, p.rule) for p in problems] == [
        (2, "evidence", "self_evaluation_without_evidence")
    ]


TABLES = {"risks": pd.DataFrame({"indicator": ["a"], "value": [0.5]})}
CHANGED = {"risks": pd.DataFrame({"indicator": ["a"], "value": [0.6]})}


def entries(*rows, tables=TABLES):
    frame = pd.DataFrame(rows, columns=["state", "body", "date"])
    frame = frame.assign(report="annual", tables_hash=tables_hash(tables))
    return frame.reindex(columns=APPROVALS.table.names)


REVIEW = ("reviewed", "monitoring_group", "2026-05-01")
APPROVAL = ("approved", "leading_group", "2026-05-20")


def state(record, tables=TABLES, as_of="2026-12-31"):
    found, problems = approval_state(record, "annual", tables, as_of=as_of)
    return (found.state, found.body, found.date, found.reason), [(p.row, p.rule) for p in problems]


@pytest.mark.requirement("F1")
def test_a_report_is_a_draft_until_it_is_reviewed_and_then_approved():
    assert state(entries()) == (("draft", "", "", "never_submitted"), [])
    assert state(entries(REVIEW)) == (("reviewed", "monitoring_group", "2026-05-01", ""), [])
    assert state(entries(REVIEW, APPROVAL)) == (("approved", "leading_group", "2026-05-20", ""), [])
    assert state(entries(REVIEW, APPROVAL), as_of="2026-05-10")[0][0] == "reviewed"


@pytest.mark.requirement("F1")
def test_a_report_cannot_be_approved_before_it_is_reviewed():
    assert state(entries(APPROVAL)) == (
        ("draft", "", "", "never_submitted"),
        [(2, "approved_before_reviewed")],
    )


@pytest.mark.requirement("F1")
def test_a_review_of_other_figures_is_no_review_of_these():
    record = pd.concat([entries(REVIEW, tables=CHANGED), entries(APPROVAL)], ignore_index=True)
    assert state(record)[1] == [(3, "approved_before_reviewed")]


@pytest.mark.requirement("F1")
def test_only_the_leading_group_approves():
    record = entries(REVIEW, ("approved", "monitoring_group", "2026-05-20"))
    assert state(record) == (
        ("reviewed", "monitoring_group", "2026-05-01", ""),
        [(3, "wrong_approval_body")],
    )


@pytest.mark.requirement("F1")
def test_a_changed_number_makes_the_report_a_draft_again():
    assert state(entries(REVIEW, APPROVAL), CHANGED) == (("draft", "", "", "numbers_changed"), [])


@pytest.mark.requirement("F1")
def test_the_hash_does_not_depend_on_the_order_of_the_tables():
    other = pd.DataFrame({"x": [1]})
    assert tables_hash({"a": other, **TABLES}) == tables_hash({**TABLES, "a": other})

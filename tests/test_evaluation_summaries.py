"""Goals by rating, domains, key indicators, projects, needs, proposals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import drawn
from evaluation_kit import risks, with_states

import wdp_lib as wdp
from wdp_lib.assessment.scheme import COUNTED as GROUPS_COUNTED
from wdp_lib.core.columns import conform
from wdp_lib.core.errors import DataError
from wdp_lib.evaluation.summaries import COMMITMENT_RECORD, key_indicators, project_summary
from wdp_lib.evaluation.verdicts import RUBRICS, check_rubrics


@pytest.fixture(scope="module")
def ruyuan():
    """The plan of the county."""
    return wdp.load_plan("ruyuan-2021-2030")


def verdict(plan, table, goal, **settings):
    return wdp.evaluate(table, plan, stage="midterm", **settings).set_index("goal").loc[goal]


@pytest.mark.requirement("E2")
def test_one_failed_of_six_or_more_fails_the_goal_of_H06(ruyuan):
    row = verdict(ruyuan, with_states(ruyuan, {"maternal_hiv_testing_rate": "not_attained"}), "H06")
    assert row["n_judged"] >= 6
    assert (row["n_not_attained"], row["n_attained"]) == (1, row["n_judged"] - 1)
    assert (row["verdict"], row["verdict_reason"], row["coverage"]) == (
        "not_attained",
        "one_failed",
        1.0,
    )


@pytest.mark.parametrize("column", ["p_meet", "margin", "denominator", "numerator"])
@pytest.mark.requirement("E2")
def test_no_weight_turns_a_failed_goal(ruyuan, column):
    table = with_states(ruyuan, {"maternal_hiv_testing_rate": "not_attained"})
    failed = table["indicator"] == "maternal_hiv_testing_rate"
    table[column] = np.where(failed, 1e-9, 1e9)
    assert verdict(ruyuan, table, "H06")["verdict"] == "not_attained"


@pytest.mark.requirement("E2")
def test_the_coverage_of_evidence_is_the_share_of_promises_judged(tiny_plan):
    table, _ = risks(tiny_plan, "indicator | year | value\nscreening_coverage | 2025 | 80")
    row = verdict(tiny_plan, table, "H02")
    assert (row["n_evidence"], row["coverage"]) == (1, 0.5)


@pytest.mark.requirement("B9")
def test_a_flat_noisy_direction_is_not_shown_and_says_so(ruyuan):
    one = next(i for i in ruyuan.indicators if i.target.kind == "rise" and i.data_kind == "mean")
    noisy = [50.0, 50.9, 49.8, 50.7, 49.9, 50.1]
    rows = [
        f"{one.id} | {2020 + k} | {v} | {one.sex} | {one.residence} | {one.age_group}"
        for k, v in enumerate(noisy)
    ]
    table, _ = risks(
        ruyuan, "indicator | year | value | sex | residence | age_group\n" + "\n".join(rows)
    )
    row = table.set_index("indicator").loc[one.id]
    assert (row["state"], row["state_reason"]) == ("not_assessable", "improved_not_shown")
    assert verdict(ruyuan, table, one.goals[0])["verdict"] == "improved_not_shown"


def rubrics(text):
    return conform(pd.DataFrame(drawn(text)), RUBRICS.table)


RATED = """
    goal | item | level   | evidence | assessor_role | date       | note
    F01  | 家教 | done    | 文件一   | 妇联主席      | 2025-11-01 |
    F01  | 家风 | {level} | 文件二   | 妇联主席      | 2025-11-02 |
"""


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("done", ("implemented", "rubric_done")),
        ("partly", ("under_way", "rubric_partly")),
        ("not_done", ("not_started", "rubric_not_done")),
    ],
)
@pytest.mark.requirement("B9")
def test_a_qualitative_goal_is_attained_only_when_every_rated_item_is_done(
    tiny_plan, level, expected
):
    row = verdict(
        tiny_plan, with_states(tiny_plan, {}), "F01", rubrics=rubrics(RATED.format(level=level))
    )
    assert (row["verdict"], row["verdict_reason"]) == expected
    assert (row["n_evidence"], row["coverage"]) == (2, 1.0)


@pytest.mark.parametrize(
    ("spoilt", "rule", "column"),
    [
        ("文件二", "rubric_without_evidence", "evidence"),
        ("妇联主席      | 2025-11-02", "rubric_without_role", "assessor_role"),
    ],
)
@pytest.mark.requirement("B9")
def test_a_rating_without_evidence_or_assessor_is_refused_and_the_goal_not_assessable(
    tiny_plan, spoilt, rule, column
):
    text = RATED.format(level="done").replace(
        spoilt, spoilt.replace("文件二", "").replace("妇联主席", "")
    )
    table = rubrics(text)
    good, problems = check_rubrics(table, tiny_plan)
    assert [(p.rule, p.file, p.row, p.column) for p in problems] == [
        (rule, "rubrics.csv", 3, column)
    ]
    assert good["item"].tolist() == ["家教"]
    row = verdict(tiny_plan, with_states(tiny_plan, {}), "F01", rubrics=table)
    assert (row["verdict"], row["verdict_reason"], row["coverage"]) == (
        "not_assessable",
        "rubric_refused",
        0.5,
    )


def test_a_rating_overrules_no_goal_that_figures_judge(tiny_plan):
    table = rubrics(RATED.format(level="done").replace("F01", "H02"))
    assert {p.rule for p in check_rubrics(table, tiny_plan)[1]} == {"goal_has_figures"}
    failed = with_states(tiny_plan, {"screening_coverage": "not_attained"})
    assert verdict(tiny_plan, failed, "H02", rubrics=table)["verdict"] == "not_attained"


def test_of_an_item_rated_twice_the_later_counts_and_nothing_after_the_cut_off(tiny_plan):
    again = (
        RATED.format(level="not_done")
        + "    F01 | 家风 | done | 文件三 | 妇联主席 | 2026-03-01 |\n"
    )
    table, states = rubrics(again), with_states(tiny_plan, {})
    assert verdict(tiny_plan, states, "F01", rubrics=table)["verdict"] == "implemented"
    assert (
        verdict(tiny_plan, states, "F01", rubrics=table, as_of="2025-12-31")["verdict"]
        == "not_started"
    )


@pytest.mark.requirement("E1")
def test_the_counts_of_the_domains_add_up_to_the_eighty_goals_and_name_every_failed_one(ruyuan):
    table = with_states(
        ruyuan,
        {"maternal_hiv_testing_rate": "not_attained", "share_female_employed": "not_attained"},
    )
    verdicts = wdp.evaluate(table, ruyuan, stage="midterm")
    summary = wdp.domain_summary(verdicts, table, ruyuan)
    parts, whole = summary[summary["domain"] != ""], summary.iloc[-1]
    numbers = summary.select_dtypes("number").columns
    assert (parts[numbers].sum() == whole[numbers]).all()
    assert (whole["goals"], whole["indicators"]) == (80, 176)
    assert whole[list(GROUPS_COUNTED)].sum() == 80
    assert (
        whole[["red", "orange", "yellow", "blue", "clear", "not_graded", "monitor_only"]].sum()
        == 176
    )
    assert whole["failed_goals"] == "H06;C02"
    assert (
        summary.set_index("domain").loc["health", "failed_indicators"]
        == "maternal_hiv_testing_rate"
    )


@pytest.mark.requirement("B8")
def test_key_indicators_are_the_numbers_coverages_and_relative_promises(tiny_plan):
    table = key_indicators(tiny_plan).set_index("indicator")
    assert table["why"].to_dict() == {
        "maternal_mortality_ratio": "number",
        "screening_coverage": "number",
        "share_female_employed": "number",
        "share_female_delegates": "relative",
    }


def record(text):
    return conform(pd.DataFrame(drawn(text)), COMMITMENT_RECORD.table)


@pytest.mark.requirement("G7")
def test_all_twenty_eight_commitments_appear_and_each_number_is_that_of_its_goal(ruyuan):
    status = wdp.project_status(None, with_states(ruyuan, {}), ruyuan)
    assert len(status) == 28
    numbers = status[status["kind"].isin(["number", "coverage_word"])]
    assert len(numbers) == 10
    assert (numbers["value"] == numbers["goal_value"]).all()
    assert status["same_number"].all()
    other = tuple(replace(c, value=75.0) if c.id == "P1-03" else c for c in ruyuan.commitments)
    changed = wdp.project_status(None, with_states(ruyuan, {}), replace(ruyuan, commitments=other))
    assert changed.loc[~changed["same_number"], "commitment"].tolist() == ["P1-03"]


SYSTEM = """
    commitment | milestone | status | evidence | assessor_role | date       | note
    P1-02      | 印发制度  | {0}    | {1}      | 股长          | 2025-01-01 |
"""


@pytest.mark.parametrize(
    ("status", "evidence", "expected"),
    [
        ("done", "文件", ("done", "")),
        ("done", "", ("under_way", "milestone_without_evidence")),
        ("under_way", "", ("under_way", "")),
        ("not_started", "", ("not_started", "")),
    ],
)
@pytest.mark.requirement("G7")
def test_an_activity_is_done_only_with_evidence(tiny_plan, status, evidence, expected):
    table = wdp.project_status(
        record(SYSTEM.format(status, evidence)), with_states(tiny_plan, {}), tiny_plan
    )
    row = table.set_index("commitment").loc["P1-02"]
    assert (row["status"], row["status_reason"]) == expected


@pytest.mark.requirement("G7")
def test_a_project_is_not_complete_while_one_number_is_missed(tiny_plan):
    plan = replace(
        tiny_plan,
        commitments=tuple(
            replace(c, indicators=("screening_coverage",)) if c.id == "P1-01" else c
            for c in tiny_plan.commitments
        ),
    )
    done = record(SYSTEM.format("done", "文件"))
    for state, complete, missed in (
        ("attained", True, ""),
        ("not_attained", False, "P1-01"),
        ("not_assessable", False, ""),
    ):
        status = wdp.project_status(done, with_states(plan, {"screening_coverage": state}), plan)
        row = project_summary(status, plan).iloc[0]
        assert (bool(row["complete"]), row["missed_commitments"]) == (complete, missed)


@pytest.mark.requirement("G7")
def test_five_systems_need_five_proven_milestones(ruyuan):
    rows = [f"P1-05 | 制度{k} | done | 文件 | 股长 | 2025-01-01 |" for k in range(5)]
    head = "commitment | milestone | status | evidence | assessor_role | date | note\n"
    states = with_states(ruyuan, {})
    for count, expected in ((4, "under_way"), (5, "done")):
        text = head + "\n".join(
            rows[:count] + [row.replace("done", "under_way") for row in rows[count:]]
        )
        status = wdp.project_status(record(text), states, ruyuan).set_index("commitment")
        assert status.loc["P1-05", "status"] == expected


def test_a_record_of_a_commitment_that_the_plan_does_not_have_is_refused_with_its_row(tiny_plan):
    with pytest.raises(DataError) as caught:
        wdp.project_status(
            record(SYSTEM.format("done", "文件").replace("P1-02", "P9-02")),
            with_states(tiny_plan, {}),
            tiny_plan,
        )
    assert [(p.row, p.column, p.found) for p in caught.value.problems] == [
        (2, "commitment", "P9-02")
    ]

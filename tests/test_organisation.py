"""Bodies, receivers of reports, comments; and the brief of a domain, whose figures are those of the round."""

import re

import pandas as pd
import pytest
from conftest import drawn

import wdp_lib as wdp
from wdp_lib.assessment.scheme import CLASSES
from wdp_lib.batch import read_run
from wdp_lib.batch.report import report_approval
from wdp_lib.core.errors import ParameterError
from wdp_lib.publish.context import Context
from wdp_lib.publish.html.index import index_page
from wdp_lib.publish.text.paragraphs import approval_text, domain_brief, domain_briefs
from wdp_lib.publish.text.words import probability, published
from wdp_lib.publish.views import show
from wdp_lib.supervision.bodies import Approval, comment_file, dispatched, group_roles
from wdp_lib.supervision.tables import COMMENT_RECORD, DISPATCH_RECORD, GROUP_RECORD

BODIES = [
    "leading_group",
    "monitoring_group",
    "evaluation_group",
    "committee_office",
    "member_unit",
    "experts",
]


def table(contract, text):
    return pd.DataFrame(drawn(text)).reindex(columns=contract.table.names, fill_value="")


@pytest.fixture(scope="module")
def plan():
    return wdp.load_plan("ruyuan-2021-2030")


@pytest.fixture(scope="module")
def county(plan):
    observations = wdp.load_observations("ruyuan-demo", plan, as_of="2026-06-30")
    forecasts = wdp.forecast(observations, plan, through=2030, seed=1)
    risks = wdp.assess(forecasts, observations, plan, as_of="2026-06-30")
    verdicts = wdp.evaluate(risks, plan, stage="midterm")
    return verdicts, wdp.rank_problems(risks, plan), risks


@pytest.mark.requirement("F1")
def test_every_body_has_a_row_its_leader_first_and_says_which_states_it_may_give(tiny_plan):
    record = """
        body             | unit          | role   | basis
        monitoring_group | health_bureau | member | 文件
        monitoring_group |               | lead   | 文件
    """
    found = group_roles(table(GROUP_RECORD, record), tiny_plan)
    assert list(dict.fromkeys(found["body"])) == BODIES
    own = found[found["body"] == "monitoring_group"]
    assert list(own["role"]) == ["lead", "member"]
    assert set(own["may_give"]) == {"draft;reviewed"}
    assert set(found.loc[found["body"] == "leading_group", "may_give"]) == {"draft;approved"}


@pytest.mark.requirement("F1")
def test_a_body_nobody_was_recorded_for_is_shown_as_vacant_and_member_units_as_suggested(
    tiny_plan,
):
    found = group_roles(table(GROUP_RECORD, "body | unit | role"), tiny_plan)
    origins = found.set_index("body")["origin"].to_dict()
    assert origins.pop("member_unit") == "plan"
    assert set(origins.values()) == {"vacant"}


@pytest.mark.requirement("F1")
def test_the_demonstration_records_every_body(plan):
    record = wdp.read_records("ruyuan-demo", GROUP_RECORD, plan)
    found = group_roles(record.frame, plan)
    assert record.problems == () and "vacant" not in set(found["origin"])
    leads = found[found["role"] == "lead"].set_index("body")["unit"]
    assert leads["monitoring_group"] == "statistics_bureau"
    shown = show(found, "bodies", Context(plan)).frame
    assert "草稿、已批准" in shown.iloc[0].to_list()


@pytest.mark.parametrize(
    ("approval", "line"),
    [
        (Approval("draft", "", "", "never_submitted", "x"), "报告状态：草稿（尚未送审）"),
        (
            Approval("reviewed", "monitoring_group", "2026-05-01", "", "x"),
            "报告状态：已审核（监测组，2026-05-01）",
        ),
        (
            Approval("draft", "", "", "numbers_changed", "x"),
            "报告状态：草稿（审核后数据有变，退回草稿）",
        ),
    ],
)
@pytest.mark.requirement("F1")
def test_the_state_of_a_report_is_printed_with_the_body_and_the_day(approval, line):
    assert approval_text(approval) == line
    settings = {
        "parameters": {},
        "entries": (),
        "tables": (),
        "rejected": None,
        "data_hash": "",
        "language": "zh",
    }
    assert line in index_page(title="报告", purpose="", approval=line, **settings)


HOME = """\
run: annual
title: {zh: 年度监测, en: Annual}
notebooks: [10-data]
parameters: {plan: tiny, dataset: tiny, as_of: "2026-06-30", through: 2030, stage: annual, language: zh, seed: 1}
"""


@pytest.mark.requirement("F1")
def test_a_report_folder_keeps_its_state_until_one_of_its_figures_changes(tmp_path):
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "annual.yaml").write_text(HOME, encoding="utf-8")
    records = tmp_path / "data" / "records" / "tiny"
    records.mkdir(parents=True)
    (records / "records.yaml").write_text(
        "title: {zh: 记录, en: Records}\nkind: simulated\nmark: {zh: 模拟数据, en: Simulated}\n",
        encoding="utf-8",
    )
    run, report = read_run(tmp_path / "params" / "annual.yaml"), tmp_path / "report"
    (report / "tables").mkdir(parents=True)
    figures = report / "tables" / "risks.csv"
    figures.write_text("indicator,value\na,-0.5\n", encoding="utf-8-sig")
    draft = report_approval(run, tmp_path, report)
    assert (draft.state, draft.reason) == ("draft", "never_submitted")
    line = f"annual,reviewed,monitoring_group,2026-05-01,{draft.tables_hash},\n"
    (records / "approvals.csv").write_text(
        f"report,state,body,date,tables_hash,note\n{line}", encoding="utf-8"
    )
    assert report_approval(run, tmp_path, report).state == "reviewed"
    figures.write_text("indicator,value\na,-0.6\n", encoding="utf-8-sig")
    changed = report_approval(run, tmp_path, report)
    assert (changed.state, changed.reason) == ("draft", "numbers_changed")


DISPATCHES = """
    report | edition  | receiver | date       | form
    annual | internal | 县政府   | 2026-04-01 | 纸质
    annual | public   | 网站     |            | 网上
    annual | exchange | 卫健局   | 2026-05-01 | 纸质
    final  | internal | 县政府   | 2031-04-01 | 纸质
"""


@pytest.mark.requirement("H1")
def test_the_distribution_list_says_who_was_sent_the_report_and_who_is_still_to_be(plan):
    found = dispatched(table(DISPATCH_RECORD, DISPATCHES), as_of="2026-04-15", report="annual")
    assert list(zip(found["receiver"], found["sending"], strict=True)) == [
        ("县政府", "sent"),
        ("网站", "pending"),
        ("卫健局", "pending"),
    ]
    assert list(show(found, "dispatches", Context(plan)).frame["版本"]) == [
        "内部版",
        "公开版",
        "交流版",
    ]


COMMENTS = """
    comment | report | unit           | date       | text | answer | answered_on | answered_by
    1       | annual | health_bureau  | 2026-05-01 | 甲   | 已改   | 2026-05-10  | 统计局
    2       | annual | housing_bureau | 2026-05-02 | 乙   |        |             |
    3       | annual | health_bureau  | 2026-05-03 | 丙   | 已改   | 2026-07-01  | 统计局
    4       | annual | health_bureau  | 2026-06-20 | 丁   | 已改   |             | 统计局
    5       | annual | health_bureau  | 2026-08-01 | 戊   |        |             |
"""


@pytest.mark.requirement("H2")
def test_each_comment_has_an_answer_or_stays_open(plan):
    found = comment_file(table(COMMENT_RECORD, COMMENTS), as_of="2026-06-30")
    assert dict(zip(found["comment"], found["state"], strict=True)) == {
        "1": "answered",
        "2": "open",
        "3": "open",  # answered later
        "4": "open",  # an answer without a date
    }
    assert found["answer"].to_list() == ["已改", "", "", ""]
    assert list(show(found, "comments", Context(plan)).frame["办理情况"]) == [
        "已答复",
        "待答复",
        "待答复",
        "待答复",
    ]


@pytest.mark.requirement("H2")
def test_the_file_of_a_unit_holds_its_own_comments_only():
    found = comment_file(table(COMMENT_RECORD, COMMENTS), as_of="2026-12-31", unit="housing_bureau")
    assert list(found["comment"]) == ["2"]


def numbers(text):
    return [int(found) for found in re.findall(r"\d+", text)]


@pytest.mark.parametrize("domain", ["health", "law"])
@pytest.mark.requirement("H1")
def test_brief_numbers_equal_the_round_tables(plan, county, domain):
    verdicts, _, risks = county
    text = domain_brief(domain, *county, Context(plan)).plain
    summary = wdp.domain_summary(verdicts, risks, plan).set_index("domain").loc[domain]
    goals, *standings = numbers(text.splitlines()[2].partition("。有目标要求")[0])
    assert goals == sum(standings) == summary["goals"]
    indicators, graded, *classes = numbers(text.splitlines()[2].partition("。有目标要求")[2])
    assert indicators == summary["indicators"] - summary["monitor_only"]
    shown = [summary[name] for name in CLASSES if name != "not_graded" and summary[name]]
    assert (graded, classes) == (sum(shown), shown)
    failed = next((line for line in text.splitlines() if "的目标。**" in line), "")
    missed = [goal for goal in summary["failed_goals"].split(";") if goal]
    assert bool(failed) == bool(missed) and all(plan.goal(g).title.zh in failed for g in missed)


@pytest.mark.requirement("H1")
def test_each_problem_of_a_brief_has_the_value_and_the_probability_of_its_row(plan, county):
    _, problems, _ = county
    lines = re.findall(
        r"^\d+\. (.*)$", domain_brief("health", *county, Context(plan)).plain, re.MULTILINE
    )
    own = problems[
        [plan.goal(plan.indicator(i).goals[0]).domain == "health" for i in problems["indicator"]]
    ]
    assert len(lines) == 6
    for line, row in zip(lines, own.itertuples(), strict=False):
        entry = plan.indicator(row.indicator)
        assert line.startswith(entry.name.zh)
        assert published(row.last_value, entry.unit) in line and f"（{row.last_year}" in line
        assert f"达标概率 {probability(row.p_meet, 'zh')}" in line
        assert all(plan.unit(unit).name.zh in line for unit in row.units.split(";"))


@pytest.mark.requirement("H1")
def test_briefs_stand_one_a_domain_and_say_that_data_are_simulated(plan, county):
    text = domain_briefs(*county, Context(plan, "en")).plain
    assert [name for name in re.findall(r"^### (.*): brief$", text, re.MULTILINE)] == [
        d.name.en for d in plan.domains
    ]
    assert text.count("simulated data") == len(plan.domains)


def test_a_brief_of_an_unknown_domain_is_refused(plan, county):
    with pytest.raises(ParameterError):
        domain_brief("helth", *county, Context(plan))

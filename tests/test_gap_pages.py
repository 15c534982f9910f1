"""The page of gaps: the counts of its text are those of its tables, and its charts show the tables' values."""

from dataclasses import replace

import kit
import numpy as np
import pandas as pd
import pytest
from kit import observations
from test_gaps import both_by_sex, yearly

import wdp_lib as wdp
from wdp_lib.comparison.areas import area_overview, most_unlike
from wdp_lib.comparison.completeness import unit_completeness
from wdp_lib.comparison.groups import latest_gaps
from wdp_lib.publish.charts.comparisons import plot_funnel, plot_gaps
from wdp_lib.publish.context import Context, context_of
from wdp_lib.publish.text.evidence import (
    area_facts,
    completeness_facts,
    gap_facts,
    outlook_facts,
    parent_facts,
)
from wdp_lib.publish.views import show
from wdp_lib.publish.views.cells import ends
from wdp_lib.publish.views.show import draw

SHOWN = (
    "breast_cancer_screening_coverage",
    "premarital_medical_examination_rate",
    "girls_regular_high_school_share",
    "women_new_employment",
    "share_female_senior_professionals",
    "women_basic_medical_insurance_coverage",
    "personal_safety_protection_order_issuance_rate",
    "female_graduate_employment_rate",
)


@pytest.fixture(scope="module")
def county():
    plan, data = kit.county()
    return replace(plan, indicators=tuple(i for i in plan.indicators if i.id in SHOWN)), data


@pytest.fixture(scope="module")
def gaps(county):
    return wdp.group_gaps(county[1].observations, county[0])


@pytest.fixture(scope="module")
def compared(county):
    return wdp.compare_all_areas(county[1].observations, county[0])


def words(county, language="zh"):
    return context_of(*county, language=language, as_of="2026-06-30")


@pytest.mark.requirement("B6")
def test_the_counts_of_the_finding_are_those_of_its_tables(county, gaps):
    plan, _ = county
    facts = gap_facts(gaps, words(county))
    sex, residence, shares = show(gaps, "group_gaps", words(county)).tables
    sizes = len(sex.frame), len(residence.frame), len(shares.frame)
    assert sizes == (facts["n_sex"], facts["n_residence"], facts["n_shares"])
    assert facts["n_gaps"] == sum(sizes)
    shown = pd.concat([t.texts["趋于缩小的概率"] for t in (sex, residence, shares)])
    assert (shown == "—").sum() == facts["n_untested"]
    told = facts["n_narrowing"] + facts["n_widening"] + facts["n_unclear"] + facts["n_untested"]
    assert told == facts["n_gaps"]
    assert facts["n_tested"] == told - facts["n_untested"]
    assert facts["n_by_chance"] == round(0.2 * facts["n_tested"])
    # of what is told one by one, only a part remains when it is judged as one of many
    assert 0 < facts["n_shown"] <= facts["n_narrowing"] + facts["n_widening"]


def test_of_many_tests_only_those_that_chance_hardly_gives_are_told_as_shown(county, gaps):
    # the fifteen p-values of Benjamini & Hochberg (1995): at one in ten, nine remain
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262]
    p += [0.5719, 0.6528, 0.7590, 1.0]
    last = latest_gaps(gaps)
    drawn = pd.concat([last] * 15).iloc[:15].assign(p_narrowing=1 - np.array(p) / 2)
    facts = gap_facts(drawn, words(county))
    assert (facts["n_tested"], facts["n_by_chance"], facts["n_shown"]) == (15, 3, 9)
    # of gaps that do not change hardly any is told so: once in ten such pages
    rng, told = np.random.default_rng(5), 0
    for _ in range(80):
        flat = gap_facts(drawn.assign(p_narrowing=rng.random(15)), words(county))
        told += flat["n_shown"] > 0
    assert told / 80 == pytest.approx(0.1, abs=0.07)


@pytest.mark.requirement("B6")
def test_a_gap_of_a_handful_of_cases_is_never_called_the_largest(county, gaps):
    facts = gap_facts(gaps, words(county))
    # all seven women but not the one man: two groups of a handful have no gap at all
    order = gaps[gaps["indicator"] == "personal_safety_protection_order_issuance_rate"]
    assert set(order["reason"]) <= {"few_people", "other_group_missing", "not_by_sex"}
    assert order["difference"].isna().all()
    assert facts["largest_sex"].startswith("女生接受普通高中教育的比例（2025 年女性比男性高 8.7")
    english = gap_facts(gaps, words(county, "en"))["largest_residence"]
    assert (
        "(country 11.1 percentage points below town, 95 % interval 10.2 to 12.0, 2025)" in english
    )


@pytest.mark.requirement("B6")
def test_numbers_of_persons_stand_in_no_table_of_gaps(county, gaps):
    rows = show(gaps, "group_gaps", words(county)).tables[0].texts.set_index("指标")
    assert "新增妇女就业人数" not in rows.index
    assert rows.loc["婚前医学检查率", "95% 区间"] == "-1.3 至 4.6"


@pytest.mark.requirement("B6")
def test_a_gap_about_zero_that_may_be_anything_is_not_said_to_widen(tiny_plan):
    outlook = pd.DataFrame(
        {
            "indicator": "screening_coverage", "dimension": "sex", "year": 2030, "last_year": 2025, "median": 0.0,
            "difference": [0.1, 2.0, -9.0], "lower": [-5.0, 4.0, -6.0], "upper": [5.0, 9.0, 1.0],
            "p_smaller": [0.02, 0.05, 0.95], "correlation": 0.9, "simulated": False,
        }
    )  # fmt: skip
    assert outlook_facts(outlook) == {
        "n_outlook": 3,
        "n_smaller": 1,
        "n_larger": 1,
        "n_open": 1,
    }
    table = show(outlook, "gap_outlook", Context(both_by_sex(tiny_plan), "en")).texts
    assert table["80 % interval"].tolist() == ["-5.0 to 5.0", "4.0 to 9.0", "-6.0 to 1.0"]


def test_an_interval_with_a_missing_end_is_a_dash():
    assert (ends(-6.6, -4.7, "percent", "zh"), ends(1.0, float("nan"), "percent", "en")) == (
        "-6.6 至 -4.7",
        "—",
    )


@pytest.mark.requirement("B6")
def test_the_chart_of_gaps_says_its_values_as_text_and_that_they_are_simulated(county, gaps):
    said = draw(plot_gaps(gaps, words(county))).description
    assert "模拟数据" in said
    women, men = (
        next(line for line in said.splitlines() if line.startswith(f"{word}: ")) for word in "女男"
    )
    assert "58.7 " in women and "50 " in men  # upper secondary school
    assert "农村: 34.25 0" in said and "城镇: 45.33 0" in said


@pytest.mark.requirement("B6")
def test_without_any_group_the_page_says_so_and_draws_nothing(tiny_plan):
    none = wdp.group_gaps(observations(yearly([60], [70])).iloc[:0], tiny_plan)
    assert "无可比较的分组数据" in draw(plot_gaps(none, Context(tiny_plan))).description
    facts = gap_facts(none, Context(tiny_plan))
    assert (facts["n_gaps"], facts["largest_sex"]) == (0, "")
    assert [len(t.frame) for t in show(none, "group_gaps", Context(tiny_plan)).tables] == [0, 0, 0]


@pytest.mark.requirement("G8")
def test_the_funnel_names_its_townships_and_the_facts_count_those_outside(county, compared):
    plan, data = county
    sums = wdp.roll_up(data.observations, plan)
    focus = most_unlike(compared)
    facts = area_facts(compared, sums, words(county), focus)
    table = show(area_overview(compared), "area_overview", words(county)).frame
    assert len(table) == facts["n_indicators"]
    listed = [n for cell in table["明显较差"] if cell != "—" for n in cell.split("、")]
    assert (focus, facts["n_worse"], listed) == (
        "premarital_medical_examination_rate",
        1,
        ["大桥镇"],
    )
    assert (facts["most_named"], facts["focus"]) == ("大桥镇", "婚前医学检查率")
    assert facts["n_chance"] == f"{0.002 * facts['n_compared']:.1f}"
    said = draw(plot_funnel(compared, words(county), focus)).description
    assert "大桥镇" in said and "乡镇: 54 85.19" in said and "99.8% 控制限: " in said
    assert "无可比较的分乡镇数据" in draw(plot_funnel(compared, words(county), "")).description


@pytest.mark.requirement("G8")
def test_the_table_of_one_indicator_stands_worst_first_with_the_lowest_township(county, compared):
    plan, data = county
    lowest = wdp.lowest_area(data.observations, plan, year=2025)
    focus = "premarital_medical_examination_rate"
    one, promised = show(
        (compared[compared["indicator"] == focus], lowest), "areas", words(county)
    ).tables
    assert one.texts.iloc[0][["乡镇", "数值", "位次区间"]].tolist() == ["大桥镇", "77.0", "1 (1–3)"]
    assert one.caption == "分乡镇比较：婚前医学检查率 2025"
    assert promised.frame.empty  # none of the indicators chosen here is promised for every township


@pytest.mark.requirement("D6")
def test_parts_are_named_in_words(county):
    plan, data = county
    parts = wdp.largest_contributions(data.observations, plan, ["breast_cancer_screening_coverage"])
    shown = show(parts, "largest_contributions", words(county)).frame
    assert shown[["分组", "组别或乡镇"]].to_numpy().tolist() == [["下级地区", "洛阳镇"]]


def test_the_sums_that_differ_are_shown_with_both_counts(tiny_plan):
    text = """
        indicator          | area   | year | value | numerator | denominator
        screening_coverage | county | 2025 | 60    | 121       | 200
        screening_coverage | east   | 2025 | 66    | 66        | 100
        screening_coverage | west   | 2025 | 54    | 54        | 100
    """
    plan = both_by_sex(tiny_plan)
    row = show(wdp.roll_up(observations(text), plan), "roll_up", Context(plan)).texts.iloc[0]
    assert row[["合计分子/分母", "上报分子/分母", "说明"]].tolist() == [
        "120/200",
        "121/200",
        "与各下级地区合计不符",
    ]


@pytest.mark.requirement("E8")
def test_upper_areas_are_shown_as_context_and_their_absence_is_said(county):
    plan, data = county
    none = wdp.compare_parents(data.observations, plan, data.areas)
    assert "没有上级地区的数据" in parent_facts(none, words(county))["upper_line"]
    assert show(none, "parent_comparison", words(county)).frame.empty
    own = data.observations.query(
        "area == 'ruyuan' and indicator == 'premarital_medical_examination_rate'"
    )
    above = own.assign(area="shaoguan", value=own["value"] - 5)
    areas = pd.DataFrame(
        {"area": ["shaoguan", "ruyuan"], "level": ["city", "county"], "parent": ["", "shaoguan"]}
    )
    found = wdp.compare_parents(pd.concat([data.observations, above]), plan, areas)
    row = show(found, "parent_comparison", Context(plan, areas={"shaoguan": "韶关市"})).frame.iloc[
        0
    ]
    assert row[["上级地区", "与上级相比", "用途"]].tolist() == ["韶关市", "好于上级", "仅供参照"]


@pytest.mark.requirement("B7")
def test_the_text_counts_what_the_tables_of_completeness_show(county, gaps):
    plan, data = county
    complete = wdp.group_completeness(data.observations, plan, year=2025)
    rates = wdp.age_standardised(data.observations, plan)
    facts = completeness_facts(complete, rates, words(county))
    units = unit_completeness(complete, plan)
    by_unit, lacking, by_age, standardised = show(
        (units, gaps, complete, rates), "completeness", words(county)
    ).tables
    of_sex = by_unit.frame[by_unit.frame["分组"] == "性别"]
    assert of_sex["应分组的指标数"].astype(int).sum() == facts["n_sex_wanted"]
    assert of_sex["有分组数据的指标数"].astype(int).sum() == facts["n_sex_given"]
    assert len(by_age.frame) == facts["n_age_wanted"]
    assert lacking.frame[["指标", "涉及年份"]].to_numpy().tolist() == [
        ["女大学毕业生就业率", "2021"]
    ]
    assert (facts["n_standardised"], facts["share_age"], facts["why_not"]) == (
        0,
        "0%",
        "无分年龄数据",
    )
    assert standardised.frame.empty
